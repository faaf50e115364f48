//! The socket of a device: connects, says `hello`, reads, answers pings, renews its token, and comes back after a cut.

use super::{
    Target,
    api::{Api, ApiError},
    ledger::Ledger,
    observer::{Next, Observer},
};
use futures_util::{SinkExt, StreamExt};
use serde_json::value::RawValue;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tandem_protocol::{
    limits::{PROTOCOL_VERSION, reconnect_ceiling},
    live::{
        ClientFrame, CloseCode, Hello, ServerFrame,
        client::HelloDevice,
        server::{Ack, ErrorFrame},
    },
    model::{Conversation, Message, Task},
    replica::Replica,
    rest::Snapshot,
};
use tokio::{
    net::TcpStream,
    sync::{mpsc, oneshot, watch},
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{
        self, Message as Text,
        client::IntoClientRequest,
        http::{HeaderValue, header::AUTHORIZATION},
        protocol::WebSocketConfig,
    },
};

/// Large enough for a token and small enough for thousands of sockets.
const BUFFER: usize = 4096;

type Socket = WebSocketStream<TcpStream>;

/// What a command is answered.
pub(super) type Answer = Result<Box<RawValue>, ErrorFrame>;

/// A command on its way.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub(super) id: String,
    pub(super) text: String,
    pub(super) answer: oneshot::Sender<Answer>,
}

/// Why a socket ended.
#[derive(Debug, thiserror::Error)]
enum Cut {
    /// The run is over.
    #[error("closed by this device")]
    Stopped,
    /// The replica missed something. It has noted what.
    #[error("something is missing")]
    Gap,
    #[error("closed with {code}: {reason}")]
    Closed { code: u16, reason: String },
    #[error("cut: {0}")]
    Broken(String),
    #[error(transparent)]
    Rest(#[from] ApiError),
}

impl From<tungstenite::Error> for Cut {
    fn from(error: tungstenite::Error) -> Self {
        Self::Broken(error.to_string())
    }
}

pub(super) struct Connection {
    target: Target,
    api: Api,
    device: HelloDevice,
    replica: Arc<Mutex<Replica>>,
    observer: Observer,
    changes: watch::Sender<u64>,
    /// Commands that were sent and are not answered.
    pending: HashMap<String, oneshot::Sender<Answer>>,
}

impl Connection {
    pub(super) fn new(
        target: Target,
        api: Api,
        number: usize,
        replica: Arc<Mutex<Replica>>,
        ledger: Arc<Ledger>,
        changes: watch::Sender<u64>,
    ) -> Self {
        let device = HelloDevice { id: format!("device-{number}").into(), name: format!("Device {number}") };
        let observer = Observer::new(number, Arc::clone(&replica), ledger, Arc::clone(&target.meter));
        Self { target, api, device, replica, observer, changes, pending: HashMap::new() }
    }

    /// Keeps the device connected until it is stopped.
    pub(super) async fn run(mut self, mut commands: mpsc::Receiver<Outgoing>, mut stop: watch::Receiver<bool>) {
        let mut attempt = 0;
        loop {
            let cut = match self.open(&mut attempt, &mut commands, &mut stop).await {
                Ok(never) => match never {},
                Err(Cut::Stopped) => return,
                Err(cut) => cut,
            };
            self.target.meter.error("socket", cut.to_string());
            // Whoever waits for an answer learns that none comes.
            self.pending.clear();
            let expired = matches!(&cut, Cut::Closed { code, .. } if *code == CloseCode::TokenExpired.code());
            if expired && let Err(error) = self.api.refresh().await {
                self.target.meter.error("refresh", error.to_string());
            }
            // Full jitter is for crowds; half of the ceiling is its mean.
            let pause = reconnect_ceiling(attempt) / 2;
            attempt += 1;
            if timeout(pause, stopped(&mut stop)).await.is_ok() {
                return;
            }
        }
    }

    async fn open(
        &mut self,
        attempt: &mut u32,
        commands: &mut mpsc::Receiver<Outgoing>,
        stop: &mut watch::Receiver<bool>,
    ) -> Result<std::convert::Infallible, Cut> {
        let began = self.target.meter.clock.now();
        let mut socket = self.connect().await?;
        self.target.meter.sockets.one();
        let _open = Open(self.target.clone());
        self.hello(&mut socket).await?;
        let (renew, mut renewed) = mpsc::channel(1);
        loop {
            tokio::select! {
                message = socket.next() => {
                    let now = self.target.meter.clock.now();
                    let message = message.ok_or_else(|| Cut::Broken("the stream ended".into()))??;
                    for next in self.read(message, now)? {
                        if next == Next::Live {
                            *attempt = 0;
                            self.target.meter.connect.record(now, now - began);
                        }
                        self.act(next, &mut socket, &renew).await?;
                    }
                }
                Some(command) = commands.recv() => {
                    self.pending.insert(command.id, command.answer);
                    socket.send(Text::text(command.text)).await?;
                }
                Some(()) = renewed.recv() => {
                    send(&mut socket, &ClientFrame::Auth { token: self.api.access_token() }).await?;
                }
                () = stopped(stop) => {
                    // The server learns of it either way.
                    let _ = socket.close(None).await;
                    return Err(Cut::Stopped);
                }
            }
        }
    }

    async fn connect(&self) -> Result<Socket, Cut> {
        let stream = TcpStream::connect(self.target.address).await.map_err(|error| Cut::Broken(error.to_string()))?;
        stream.set_nodelay(true).map_err(|error| Cut::Broken(error.to_string()))?;
        let mut request = format!("ws://{}/api/v1/ws", self.target.address).into_client_request()?;
        let token = HeaderValue::from_str(&format!("Bearer {}", self.api.access_token()));
        request.headers_mut().insert(AUTHORIZATION, token.map_err(|error| Cut::Broken(error.to_string()))?);
        let config = WebSocketConfig::default().read_buffer_size(BUFFER).write_buffer_size(0);
        let (socket, _) = client_async_with_config(request, stream, Some(config)).await?;
        Ok(socket)
    }

    async fn hello(&self, socket: &mut Socket) -> Result<(), Cut> {
        let (resume, streams) = {
            let replica = self.replica.lock().unwrap_or_else(PoisonError::into_inner);
            (replica.resume_point(), replica.streams())
        };
        let (version, device, caps) = (PROTOCOL_VERSION, self.device.clone(), vec!["batch".into()]);
        send(socket, &ClientFrame::Hello(Hello { version, device, resume, streams, caps })).await
    }

    /// Reads one message: all its frames are taken before anything is done about one of them.
    fn read(&mut self, message: Text, now: u64) -> Result<Vec<Next>, Cut> {
        let text = match message {
            Text::Text(text) => text,
            Text::Ping(_) | Text::Pong(_) => return Ok(Vec::new()),
            Text::Close(frame) => {
                let (code, reason) =
                    frame.map_or((1005, String::new()), |frame| (frame.code.into(), frame.reason.to_string()));
                return Err(Cut::Closed { code, reason });
            }
            other => return Err(Cut::Broken(format!("{} bytes that are no text", other.len()))),
        };
        let frames = ServerFrame::parse(&text).map_err(|error| Cut::Broken(format!("not a frame: {error}")))?;
        let mut nexts = Vec::new();
        for frame in frames {
            let next = self.observer.take(&frame, now);
            nexts.push(next);
            let streamed = matches!(frame, ServerFrame::Delta(_));
            match frame {
                ServerFrame::Ack(Ack { id, result, .. }) => self.answer(&id.to_string(), Ok(result)),
                ServerFrame::Error(refused) => match refused.id.clone() {
                    Some(id) => self.answer(&id, Err(refused)),
                    None => self.target.meter.error("error frame", format!("{}: {}", refused.code, refused.message)),
                },
                _ => {}
            }
            // The first change that is told is that the device is live.
            if next == Next::Live || (!streamed && *self.changes.borrow() > 0) {
                self.changes.send_modify(|changes| *changes += 1);
            }
        }
        Ok(nexts)
    }

    fn answer(&mut self, id: &str, answer: Answer) {
        match self.pending.remove(id) {
            // Whoever waited may have given up.
            Some(waiting) => drop(waiting.send(answer)),
            None => self.target.meter.error("command answered twice", id),
        }
    }

    async fn act(&mut self, next: Next, socket: &mut Socket, renew: &mpsc::Sender<()>) -> Result<(), Cut> {
        match next {
            Next::Nothing | Next::Live => {}
            Next::Pong => {
                let seq = self.replica.lock().unwrap_or_else(PoisonError::into_inner).seq();
                send(socket, &ClientFrame::Pong { seq }).await?;
            }
            Next::Renew => {
                let (api, meter, renew) = (self.api.clone(), Arc::clone(&self.target.meter), renew.clone());
                // Beside the socket, so that tokens are not read late meanwhile.
                tokio::spawn(async move {
                    match api.refresh().await {
                        // The socket may have been cut meanwhile; the next one starts with the new token.
                        Ok(()) => drop(renew.send(()).await),
                        Err(error) => meter.error("refresh", error.to_string()),
                    }
                });
            }
            Next::Reconnect => return Err(Cut::Gap),
            Next::StartOver => {
                self.start_over().await?;
                self.hello(socket).await?;
            }
        }
        Ok(())
    }

    /// Snapshot and whole history, so that the device can be compared with the log.
    async fn start_over(&self) -> Result<(), ApiError> {
        let snapshot: Snapshot = self.api.get("/snapshot", &[]).await?;
        let conversations: Vec<Conversation> = self.api.list("/conversations", &[]).await?;
        let tasks: Vec<Task> = self.api.list("/tasks", &[("status", "all")]).await?;
        let mut messages: Vec<Message> = Vec::new();
        for conversation in &conversations {
            messages.extend(self.api.list(&format!("/conversations/{}/messages", conversation.id), &[]).await?);
        }
        let mut replica = self.replica.lock().unwrap_or_else(PoisonError::into_inner);
        replica.load_snapshot(snapshot);
        replica.load_conversations(conversations);
        replica.load_tasks(tasks);
        replica.load_messages(messages);
        Ok(())
    }
}

/// Waits until the device is closed or dropped.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    // It fails only when the device was dropped.
    let _ = stop.wait_for(|stop| *stop).await;
}

async fn send(socket: &mut Socket, frame: &ClientFrame) -> Result<(), Cut> {
    let text = serde_json::to_string(frame).map_err(|error| Cut::Broken(error.to_string()))?;
    socket.send(Text::text(text)).await?;
    Ok(())
}

/// Counts a socket as open until it is dropped.
struct Open(Target);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.meter.sockets.less_one();
    }
}
