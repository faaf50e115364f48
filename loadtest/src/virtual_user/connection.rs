//! The socket of a device: connects, says `hello`, reads, answers pings, renews its token, and comes back after a cut.

use super::{
    api::ApiError,
    device::Seat,
    observer::{Next, Observer},
    socket::{self, Socket, send},
};
use crate::{
    clock::Rng,
    measure::{CUT_OFF, Meter},
};
use futures_util::{SinkExt, StreamExt};
use serde_json::value::RawValue;
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError},
    time::Duration,
};
use tandem_protocol::{
    limits::{PROTOCOL_VERSION, reconnect_ceiling},
    live::{
        ClientFrame, CloseCode, Hello, ServerFrame,
        client::HelloDevice,
        server::{Ack, ErrorFrame},
    },
    model::{Conversation, Message, Task},
    rest::Snapshot,
};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::timeout,
};
use tokio_tungstenite::tungstenite::{self, Message as Text};

/// What a command is answered.
pub(super) type Answer = Result<Box<RawValue>, ErrorFrame>;

/// A command on its way.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub(super) id: String,
    pub(super) text: String,
    pub(super) answer: oneshot::Sender<Answer>,
}

/// What a device is wanted to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ClientCommand {
    /// Close the socket and end.
    pub(super) over: bool,
    /// Stay connected and read nothing.
    pub(super) still: bool,
    /// How often to have lost the network: when this is raised, the socket is cut, and the device comes back.
    pub(super) cuts: u32,
}

/// Why a socket ended.
#[derive(Debug, thiserror::Error)]
enum Cut {
    /// The run is over.
    #[error("closed by this device")]
    Stopped,
    #[error("cut by this device")]
    Wished,
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
    seat: Seat,
    device: HelloDevice,
    observer: Observer,
    /// Counts how often the socket went live; told again whenever something durable may have changed.
    lives: watch::Sender<u64>,
    wishes: watch::Receiver<ClientCommand>,
    /// Commands that were sent and are not answered.
    pending: HashMap<String, oneshot::Sender<Answer>>,
    /// The access token that the server knows of this socket.
    token: String,
    /// It has stopped to read since it connected: that the server closes it is no error.
    was_still: bool,
    /// When it was cut as wished; until it is live again.
    cut_at: Option<u64>,
    dice: Rng,
}

impl Connection {
    pub(super) fn new(seat: Seat, lives: watch::Sender<u64>, wishes: watch::Receiver<ClientCommand>) -> Self {
        let number = seat.number;
        let device = HelloDevice { id: format!("device-{number}").into(), name: format!("Device {number}") };
        let (replica, ledger) = (Arc::clone(&seat.replica), Arc::clone(&seat.ledger));
        let observer = Observer::new(number, replica, ledger, Arc::clone(&seat.target.meter));
        let dice = Rng::new(seat.target.meter.clock, seat.seed, number);
        let (pending, token) = (HashMap::new(), String::new());
        Self { seat, device, observer, lives, wishes, pending, token, was_still: false, cut_at: None, dice }
    }

    /// Keeps the device connected until it is stopped.
    pub(super) async fn run(mut self, mut commands: mpsc::Receiver<Outgoing>) {
        let mut attempt = 0;
        loop {
            let cut = match self.open(&mut attempt, &mut commands).await {
                Ok(never) => match never {},
                Err(Cut::Stopped) => return,
                Err(cut) => cut,
            };
            self.note(&cut);
            // Whoever waits for an answer learns that none comes.
            self.pending.clear();
            let expired = matches!(&cut, Cut::Closed { code, .. } if *code == CloseCode::TokenExpired.code());
            if expired && let Err(error) = self.seat.api.renew(&self.token).await {
                self.seat.target.meter.error("refresh", error.to_string());
            }
            let pause = self.dice.between(Duration::ZERO, reconnect_ceiling(attempt));
            attempt += 1;
            if timeout(pause, self.over()).await.is_ok() {
                return;
            }
        }
    }

    /// A socket that ended is an error unless that was wished for.
    fn note(&self, cut: &Cut) {
        let meter = &self.seat.target.meter;
        match cut {
            Cut::Wished => {}
            Cut::Closed { code, .. } if self.was_still => meter.closed(*code),
            Cut::Broken(_) if self.was_still => meter.closed(CUT_OFF),
            _ => meter.error("socket", cut.to_string()),
        }
    }

    fn note_live(&mut self, now: u64, began: u64) {
        let meter = &self.seat.target.meter;
        meter.connect.record(now, now - began);
        if let Some(cut_at) = self.cut_at.take() {
            meter.back.record(now, now - cut_at);
        }
    }

    /// Waits until the device is closed or dropped.
    async fn over(&mut self) {
        // It fails only when the device was dropped.
        let _ = self.wishes.wait_for(|wish| wish.over).await;
    }

    async fn open(
        &mut self,
        attempt: &mut u32,
        commands: &mut mpsc::Receiver<Outgoing>,
    ) -> Result<std::convert::Infallible, Cut> {
        let began = self.seat.target.meter.clock.now();
        let cuts = self.wishes.borrow_and_update().cuts;
        self.was_still = false;
        self.token = self.seat.api.access_token();
        let mut socket = socket::open(self.seat.target.address, &self.token, self.seat.route).await?;
        let _open = Open::count(&self.seat);
        self.hello(&mut socket).await?;
        let (renew, mut renewed) = mpsc::channel(1);
        loop {
            let reads = !self.wishes.borrow().still;
            self.was_still |= !reads;
            tokio::select! {
                message = socket.next(), if reads => {
                    let now = self.seat.target.meter.clock.now();
                    let message = message.ok_or_else(|| Cut::Broken("the stream ended".into()))??;
                    for next in self.read(message, now)? {
                        if next == Next::Live {
                            *attempt = 0;
                            self.note_live(now, began);
                        }
                        self.act(next, &mut socket, &renew).await?;
                    }
                }
                Some(command) = commands.recv() => {
                    self.pending.insert(command.id, command.answer);
                    socket.send(Text::text(command.text)).await?;
                }
                Some(()) = renewed.recv() => {
                    self.token = self.seat.api.access_token();
                    send(&mut socket, &ClientFrame::Auth { token: self.token.clone() }).await?;
                }
                wished = self.wishes.changed() => {
                    let wish = *self.wishes.borrow_and_update();
                    if wish.over || wished.is_err() {
                        // The server learns of it either way.
                        let _ = socket.close(None).await;
                        return Err(Cut::Stopped);
                    }
                    if wish.cuts != cuts {
                        self.cut_at = Some(self.seat.target.meter.clock.now());
                        socket::cut(socket);
                        return Err(Cut::Wished);
                    }
                }
            }
        }
    }

    async fn hello(&self, socket: &mut Socket) -> Result<(), Cut> {
        let (resume, streams) = {
            let replica = self.seat.replica.lock().unwrap_or_else(PoisonError::into_inner);
            (replica.resume_point(), replica.streams())
        };
        let (version, device, caps) = (PROTOCOL_VERSION, self.device.clone(), vec!["batch".into()]);
        Ok(send(socket, &ClientFrame::Hello(Hello { version, device, resume, streams, caps })).await?)
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
                    None => {
                        self.seat.target.meter.error("error frame", format!("{}: {}", refused.code, refused.message));
                    }
                },
                _ => {}
            }
            if !streamed {
                self.lives.send_modify(|lives| *lives += u64::from(next == Next::Live));
            }
        }
        Ok(nexts)
    }

    fn answer(&mut self, id: &str, answer: Answer) {
        match self.pending.remove(id) {
            // Whoever waited may have given up.
            Some(waiting) => drop(waiting.send(answer)),
            None => self.seat.target.meter.error("command answered twice", id),
        }
    }

    async fn act(&mut self, next: Next, socket: &mut Socket, renew: &mpsc::Sender<()>) -> Result<(), Cut> {
        match next {
            Next::Nothing | Next::Live => {}
            Next::Pong => {
                let seq = self.seat.replica.lock().unwrap_or_else(PoisonError::into_inner).seq();
                send(socket, &ClientFrame::Pong { seq }).await?;
            }
            Next::Renew => {
                let (api, meter, renew) = (self.seat.api.clone(), Arc::clone(&self.seat.target.meter), renew.clone());
                let known = self.token.clone();
                // Beside the socket, so that tokens are not read late meanwhile.
                tokio::spawn(async move {
                    match api.renew(&known).await {
                        // The socket may have been cut meanwhile; the next one starts with the new token.
                        Ok(()) => drop(renew.send(()).await),
                        Err(error) => meter.error("refresh", error.to_string()),
                    }
                });
            }
            Next::Reconnect => return Err(Cut::Gap),
            Next::StartOver => {
                self.seat.target.meter.resyncs.one();
                self.start_over().await?;
                self.hello(socket).await?;
            }
        }
        Ok(())
    }

    /// Snapshot and whole history, so that the device can be compared with the log.
    async fn start_over(&self) -> Result<(), ApiError> {
        let snapshot: Snapshot = self.seat.api.get("/snapshot", &[]).await?;
        let conversations: Vec<Conversation> = self.seat.api.list("/conversations", &[]).await?;
        let tasks: Vec<Task> = self.seat.api.list("/tasks", &[("status", "all")]).await?;
        let mut messages: Vec<Message> = Vec::new();
        for conversation in &conversations {
            messages.extend(self.seat.api.list(&format!("/conversations/{}/messages", conversation.id), &[]).await?);
        }
        let mut replica = self.seat.replica.lock().unwrap_or_else(PoisonError::into_inner);
        replica.load_snapshot(snapshot);
        replica.load_conversations(conversations);
        replica.load_tasks(tasks);
        replica.load_messages(messages);
        Ok(())
    }
}

/// Counts a socket as open until it is dropped.
struct Open(Arc<Meter>);

impl Open {
    fn count(seat: &Seat) -> Self {
        seat.target.meter.sockets.one();
        Self(Arc::clone(&seat.target.meter))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.sockets.less_one();
    }
}
