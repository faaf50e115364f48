//! The task that keeps a device connected: `hello`, reading, pongs, renewal of the token, and reconnecting after a cut.
//!
//! It does what the protocol requires of a client, including the random pause before each reconnect, so that a storm of
//! reconnects has the shape that real clients give it.

use super::{
    api::{Api, ApiError},
    ledger::Ledger,
    observer::{Action, Observer},
    socket::{self, Route, Socket, send},
    target::Target,
};
use crate::{
    clock::Rng,
    measure::{CUT_OFF, Meter},
};
use futures_util::{SinkExt, StreamExt};
use serde_json::value::RawValue;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
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
    replica::Replica,
    rest::Snapshot,
};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::timeout,
};
use tokio_tungstenite::tungstenite::{self, Message as Text};

/// Everything that a device needs to connect.
#[derive(Clone, Debug)]
pub(super) struct DeviceSetup {
    pub(super) target: Target,
    /// REST with the session of the device.
    pub(super) api: Api,
    /// Number within its user, counted from 1.
    pub(super) number: usize,
    /// Seed of its random choices.
    pub(super) seed: u64,
    pub(super) replica: Arc<Mutex<Replica>>,
    pub(super) ledger: Arc<Ledger>,
    pub(super) route: Route,
}

/// The answer to a command.
pub(super) type Answer = Result<Box<RawValue>, ErrorFrame>;

/// A command that waits for its answer.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub(super) id: String,
    pub(super) text: String,
    pub(super) answer: oneshot::Sender<Answer>,
}

/// The state that the device is to reach.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct DesiredState {
    /// Close the socket and end the task.
    pub(super) closed: bool,
    /// Stay connected without reading.
    pub(super) paused: bool,
    /// How often to have cut the socket: raising it cuts the socket, and the device reconnects.
    pub(super) cuts: u32,
}

/// Why a socket ended.
#[derive(Debug, thiserror::Error)]
enum SocketEnd {
    #[error("closed by this device")]
    Stopped,
    #[error("cut by this device")]
    Requested,
    /// The replica has found a gap and recorded it.
    #[error("something is missing")]
    Gap,
    #[error("closed with {code}: {reason}")]
    Closed { code: u16, reason: String },
    #[error("cut: {0}")]
    Broken(String),
    #[error(transparent)]
    Rest(#[from] ApiError),
}

impl From<tungstenite::Error> for SocketEnd {
    fn from(error: tungstenite::Error) -> Self {
        Self::Broken(error.to_string())
    }
}

pub(super) struct Connection {
    setup: DeviceSetup,
    device: HelloDevice,
    observer: Observer,
    /// How often the socket went live; waiters are also woken after each durable change.
    live_count: watch::Sender<u64>,
    desired: watch::Receiver<DesiredState>,
    /// Commands without an answer.
    pending: HashMap<String, oneshot::Sender<Answer>>,
    /// The access token of this socket.
    token: String,
    /// Whether reading was paused since the connect: then a close by the server is expected.
    was_paused: bool,
    /// When the socket was cut on request; `None` once it is live again.
    cut_at: Option<u64>,
    rng: Rng,
}

impl Connection {
    pub(super) fn new(
        setup: DeviceSetup,
        live_count: watch::Sender<u64>,
        desired: watch::Receiver<DesiredState>,
    ) -> Self {
        let number = setup.number;
        let device = HelloDevice { id: format!("device-{number}").into(), name: format!("Device {number}") };
        let (replica, ledger) = (Arc::clone(&setup.replica), Arc::clone(&setup.ledger));
        let observer = Observer::new(number, replica, ledger, Arc::clone(&setup.target.meter));
        let rng = Rng::new(setup.target.meter.clock, setup.seed, number);
        let (pending, token) = (HashMap::new(), String::new());
        Self { setup, device, observer, live_count, desired, pending, token, was_paused: false, cut_at: None, rng }
    }

    /// Keeps the device connected until it is to close.
    pub(super) async fn run(mut self, mut commands: mpsc::Receiver<Outgoing>) {
        let mut attempt = 0;
        loop {
            let cut = match self.open(&mut attempt, &mut commands).await {
                Ok(never) => match never {},
                Err(SocketEnd::Stopped) => return,
                Err(cut) => cut,
            };
            self.note(&cut);
            // Drops the senders, which ends the waits for answers.
            self.pending.clear();
            let expired = matches!(&cut, SocketEnd::Closed { code, .. } if *code == CloseCode::TokenExpired.code());
            if expired && let Err(error) = self.setup.api.renew(&self.token).await {
                self.setup.target.meter.error("refresh", error.to_string());
            }
            // A random pause up to a growing ceiling, as the protocol requires of clients.
            let pause = self.rng.between(Duration::ZERO, reconnect_ceiling(attempt));
            attempt += 1;
            if timeout(pause, self.close_requested()).await.is_ok() {
                return;
            }
        }
    }

    /// Records the end of a socket as an error, unless it was requested or expected.
    fn note(&self, cut: &SocketEnd) {
        let meter = &self.setup.target.meter;
        match cut {
            SocketEnd::Requested => {}
            SocketEnd::Closed { code, .. } if self.was_paused => meter.closed(*code),
            SocketEnd::Broken(_) if self.was_paused => meter.closed(CUT_OFF),
            _ => meter.error("socket", cut.to_string()),
        }
    }

    fn note_live(&mut self, now: u64, began: u64) {
        let meter = &self.setup.target.meter;
        meter.connect.record(now, now - began);
        if let Some(cut_at) = self.cut_at.take() {
            meter.back.record(now, now - cut_at);
        }
    }

    /// Waits until the device is to close or was dropped.
    async fn close_requested(&mut self) {
        // An error means that the device was dropped.
        let _ = self.desired.wait_for(|desired| desired.closed).await;
    }

    async fn open(
        &mut self,
        attempt: &mut u32,
        commands: &mut mpsc::Receiver<Outgoing>,
    ) -> Result<std::convert::Infallible, SocketEnd> {
        let began = self.setup.target.meter.clock.now();
        // A cut that was requested while no socket was open has no further effect.
        let cuts = self.desired.borrow_and_update().cuts;
        self.was_paused = false;
        self.token = self.setup.api.access_token();
        let mut socket = socket::open(self.setup.target.address, &self.token, self.setup.route).await?;
        let _open = Open::count(&self.setup);
        self.hello(&mut socket).await?;
        let (renew, mut renewed) = mpsc::channel(1);
        loop {
            let reads = !self.desired.borrow().paused;
            self.was_paused |= !reads;
            tokio::select! {
                // While reading is paused, nothing takes bytes from the connection, so its buffers fill.
                message = socket.next(), if reads => {
                    let now = self.setup.target.meter.clock.now();
                    let message = message.ok_or_else(|| SocketEnd::Broken("the stream ended".into()))??;
                    for next in self.read(message, now)? {
                        if next == Action::Live {
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
                // The server closes the socket when it does not receive the new token in time.
                Some(()) = renewed.recv() => {
                    self.token = self.setup.api.access_token();
                    send(&mut socket, &ClientFrame::Auth { token: self.token.clone() }).await?;
                }
                changed = self.desired.changed() => {
                    let desired = *self.desired.borrow_and_update();
                    if desired.closed || changed.is_err() {
                        // On an error the server sees the end of the connection instead.
                        let _ = socket.close(None).await;
                        return Err(SocketEnd::Stopped);
                    }
                    if desired.cuts != cuts {
                        self.cut_at = Some(self.setup.target.meter.clock.now());
                        socket::cut(socket);
                        return Err(SocketEnd::Requested);
                    }
                }
            }
        }
    }

    async fn hello(&self, socket: &mut Socket) -> Result<(), SocketEnd> {
        let (resume, streams) = {
            let replica = self.setup.replica.lock().unwrap_or_else(PoisonError::into_inner);
            (replica.resume_point(), replica.streams())
        };
        let (version, device, caps) = (PROTOCOL_VERSION, self.device.clone(), vec!["batch".into()]);
        Ok(send(socket, &ClientFrame::Hello(Hello { version, device, resume, streams, caps })).await?)
    }

    /// Applies all frames of a message and returns the actions that follow from them.
    fn read(&mut self, message: Text, now: u64) -> Result<Vec<Action>, SocketEnd> {
        let text = match message {
            Text::Text(text) => text,
            Text::Ping(_) | Text::Pong(_) => return Ok(Vec::new()),
            Text::Close(frame) => {
                // A close frame without a code counts as 1005 (RFC 6455, section 7.1.5).
                let (code, reason) =
                    frame.map_or((1005, String::new()), |frame| (frame.code.into(), frame.reason.to_string()));
                return Err(SocketEnd::Closed { code, reason });
            }
            other => return Err(SocketEnd::Broken(format!("{} bytes that are no text", other.len()))),
        };
        let frames = ServerFrame::parse(&text).map_err(|error| SocketEnd::Broken(format!("not a frame: {error}")))?;
        let mut actions = Vec::new();
        for frame in frames {
            let next = self.observer.take(&frame, now);
            actions.push(next);
            let streamed = matches!(frame, ServerFrame::Delta(_));
            match frame {
                ServerFrame::Ack(Ack { id, result, .. }) => self.answer(&id.to_string(), Ok(result)),
                ServerFrame::Error(refused) => match refused.id.clone() {
                    Some(id) => self.answer(&id, Err(refused)),
                    None => {
                        self.setup.target.meter.error("error frame", format!("{}: {}", refused.code, refused.message));
                    }
                },
                _ => {}
            }
            // No wait depends on streamed text, and there are many more deltas than other frames.
            if !streamed {
                self.live_count.send_modify(|live_count| *live_count += u64::from(next == Action::Live));
            }
        }
        Ok(actions)
    }

    fn answer(&mut self, id: &str, answer: Answer) {
        match self.pending.remove(id) {
            // The receiver is gone when the wait has timed out.
            Some(waiting) => drop(waiting.send(answer)),
            None => self.setup.target.meter.error("command answered twice", id),
        }
    }

    async fn act(&mut self, next: Action, socket: &mut Socket, renew: &mpsc::Sender<()>) -> Result<(), SocketEnd> {
        match next {
            Action::Nothing | Action::Live => {}
            Action::Pong => {
                let seq = self.setup.replica.lock().unwrap_or_else(PoisonError::into_inner).seq();
                send(socket, &ClientFrame::Pong { seq }).await?;
            }
            Action::Renew => {
                let (api, meter, renew) = (self.setup.api.clone(), Arc::clone(&self.setup.target.meter), renew.clone());
                let known = self.token.clone();
                // In a task of its own: awaited here, it would delay reading and distort the latency of tokens.
                tokio::spawn(async move {
                    match api.renew(&known).await {
                        // The receiver is gone when the socket was cut; the next one starts with the new token.
                        Ok(()) => drop(renew.send(()).await),
                        Err(error) => meter.error("refresh", error.to_string()),
                    }
                });
            }
            Action::Reconnect => return Err(SocketEnd::Gap),
            Action::StartOver => {
                self.setup.target.meter.resyncs.increment();
                self.start_over().await?;
                self.hello(socket).await?;
            }
        }
        Ok(())
    }

    /// Loads the snapshot and the whole history, so that the device can be compared with the log.
    async fn start_over(&self) -> Result<(), ApiError> {
        let snapshot: Snapshot = self.setup.api.get("/snapshot", &[]).await?;
        let conversations: Vec<Conversation> = self.setup.api.list("/conversations", &[]).await?;
        let tasks: Vec<Task> = self.setup.api.list("/tasks", &[("status", "all")]).await?;
        let mut messages: Vec<Message> = Vec::new();
        for conversation in &conversations {
            messages.extend(self.setup.api.list(&format!("/conversations/{}/messages", conversation.id), &[]).await?);
        }
        // Locked after the last await, because reading the socket needs the same lock.
        let mut replica = self.setup.replica.lock().unwrap_or_else(PoisonError::into_inner);
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
    fn count(setup: &DeviceSetup) -> Self {
        setup.target.meter.sockets.increment();
        Self(Arc::clone(&setup.target.meter))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.sockets.decrement();
    }
}
