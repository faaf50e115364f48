//! A device of a user: a socket whose frames update a [`Replica`].
//!
//! A task reads every frame, applies it to the replica and answers pings. A test waits for what the device should see
//! ([`Device::wait`]), and checks at the end that the server has broken no rule ([`Device::assert_faultless`]).
//!
//! The state of a device outlives its connections, as in the web client.

mod attempt;
mod fault_injector;
mod seen;
mod wire;

pub use attempt::Lost;
pub use fault_injector::FrameFaultInjector;
pub use seen::{Closed, Seen};
pub use wire::{Credentials, Refused};

use crate::{commands, eventually::PATIENCE, fresh, proxy::ChaosProxy, server::TestServer, user::TestUser};
use serde_json::Value;
use std::{
    fmt::Display,
    net::SocketAddr,
    sync::atomic::{AtomicBool, Ordering},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tandem_protocol::{
    CommandId, ConversationId, MessageId,
    enums::WelcomeMode,
    limits::PROTOCOL_VERSION,
    live::{
        ClientFrame, Command, Hello, ServerFrame, StreamPosition,
        client::{HelloDevice, ResumePoint},
        server::{Ack, ErrorFrame, Welcome},
    },
    model::Message,
    replica::{Digest, PartView, Replica},
    rest::MessageSent,
};
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::protocol::frame::{
    Frame,
    coding::{Data, OpCode},
};
use wire::{ConnectOptions, OpenError, Wire};

/// A device, which may be connected, cut and connected again.
#[derive(Debug)]
pub struct Device {
    user: TestUser,
    about: HelloDevice,
    caps: Vec<String>,
    /// The address of a proxy to connect through.
    by: Option<SocketAddr>,
    shared: Arc<Shared>,
    wire: Option<Wire>,
}

/// State of the reading task and the test.
#[derive(Debug)]
struct Shared {
    seen: Mutex<Seen>,
    /// Changes with every change of `seen`.
    changed: watch::Sender<()>,
    answers_pings: AtomicBool,
}

impl Shared {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Device {
    /// A device of a user, not connected yet.
    #[must_use]
    pub fn new(user: &TestUser, name: &str) -> Self {
        Self {
            user: user.clone(),
            about: HelloDevice { id: fresh::word("device-").into(), name: name.to_owned() },
            caps: Vec::new(),
            by: None,
            shared: Arc::new(Shared {
                seen: Mutex::default(),
                changed: watch::Sender::default(),
                answers_pings: AtomicBool::new(true),
            }),
            wire: None,
        }
    }

    /// A device that is connected and up to date.
    pub async fn connected(user: &TestUser, name: &str) -> Self {
        let mut device = Self::new(user, name);
        device.connect().await;
        device
    }

    /// Announces the capability to receive several frames as one array.
    #[must_use]
    pub fn batching(mut self) -> Self {
        self.caps.push("batch".to_owned());
        self
    }

    #[must_use]
    pub fn without_pongs(self) -> Self {
        self.shared.answers_pings.store(false, Ordering::Relaxed);
        self
    }

    /// Connects through a proxy.
    #[must_use]
    pub fn through(mut self, proxy: &ChaosProxy) -> Self {
        self.by = Some(proxy.address());
        self
    }

    /// Passes frames to the replica through a fault injector.
    #[must_use]
    pub fn with_frame_faults(self, seed: u64) -> Self {
        self.shared.seen().fault_injector = Some(FrameFaultInjector::new(seed));
        self
    }

    /// The device id in `presence` and in the actor of events.
    #[must_use]
    pub fn id(&self) -> &str {
        self.about.id.as_str()
    }

    #[must_use]
    pub fn user(&self) -> &TestUser {
        &self.user
    }

    /// Uses another node for the next connection. The state stays.
    pub fn switch_to(&mut self, server: &TestServer) {
        self.user = self.user.at(server);
    }

    /// Connects as the web client does: with a snapshot if there is no state or the server requires it, then `hello`, then all
    /// missed events. Returns the mode of the first `welcome`.
    pub async fn connect(&mut self) -> WelcomeMode {
        self.open(Credentials::Header(self.user.access_token())).await.unwrap_or_else(|error| panic!("{error:?}"));
        if self.look(|seen| seen.replica.resume_point().is_none()) {
            self.load_snapshot().await;
        }
        let welcome = self.hello().await;
        if welcome.mode == WelcomeMode::Resync {
            self.load_snapshot().await;
            let again = self.hello().await;
            assert_eq!(again.mode, WelcomeMode::Resumed, "a device with a new snapshot can resume");
        }
        self.wait("live", |seen| seen.live.then_some(())).await;
        welcome.mode
    }

    /// Connects without a snapshot and without a resume point.
    pub async fn connect_fresh(&mut self) -> Welcome {
        self.open(Credentials::Header(self.user.access_token())).await.unwrap_or_else(|error| panic!("{error:?}"));
        let welcome = self.hello_with(None).await;
        self.wait("live", |seen| seen.live.then_some(())).await;
        welcome
    }

    /// Performs the WebSocket upgrade only, without `hello`.
    ///
    /// # Errors
    /// When the server refuses the upgrade.
    pub async fn open(&mut self, credentials: Credentials) -> Result<(), Refused> {
        match self.try_open(credentials).await {
            Ok(()) => Ok(()),
            Err(OpenError::Refused(refused)) => Err(refused),
            Err(OpenError::Unreachable(error)) => panic!("the upgrade failed: {error}"),
        }
    }

    async fn try_open(&mut self, credentials: Credentials) -> Result<(), OpenError> {
        let user = &self.user;
        self.shared.seen().begin();
        let options =
            ConnectOptions { origin: user.origin(), by: self.by, address: user.network_address(), credentials };
        self.wire = Some(Wire::open(options, Arc::clone(&self.shared)).await?);
        Ok(())
    }

    /// Sends `hello` with the state of the device, and waits for `welcome`.
    pub async fn hello(&self) -> Welcome {
        let resume = self.look(|seen| seen.replica.resume_point());
        self.hello_with(resume).await
    }

    /// Sends `hello` with a given resume point.
    pub async fn hello_with(&self, resume: Option<ResumePoint>) -> Welcome {
        let streams = if resume.is_some() { self.look(|seen| seen.replica.streams()) } else { Vec::new() };
        self.hello_with_streams(resume, streams).await
    }

    /// Sends `hello` with a given resume point and given positions in running replies.
    pub async fn hello_with_streams(&self, resume: Option<ResumePoint>, streams: Vec<StreamPosition>) -> Welcome {
        self.send_hello(resume, streams).await;
        self.wait("welcome", |seen| seen.welcome.clone()).await
    }

    async fn send_hello(&self, resume: Option<ResumePoint>, streams: Vec<StreamPosition>) {
        self.look(|seen| {
            seen.welcome = None;
            seen.live = false;
        });
        let (device, caps) = (self.about.clone(), self.caps.clone());
        self.send(&ClientFrame::Hello(Hello { version: PROTOCOL_VERSION, device, resume, streams, caps })).await;
    }

    /// Replaces the state by a new snapshot, as after `resync`.
    pub async fn load_snapshot(&self) {
        let snapshot = self.user.snapshot().await;
        self.look(|seen| seen.load_snapshot(snapshot));
    }

    /// Loads the messages of a conversation that were sent before the snapshot.
    pub async fn load_history(&self, conversation: ConversationId) {
        let history = self.user.history(conversation).await;
        self.look(|seen| seen.replica.load_messages(history));
    }

    /// Drops the connection without a close frame.
    pub fn cut(&mut self) {
        self.wire = None;
    }

    pub async fn send(&self, frame: &ClientFrame) {
        self.send_text(serde_json::to_string(frame).expect("frames serialise")).await;
    }

    pub async fn send_text(&self, text: impl Into<String>) {
        self.wire().send(tokio_tungstenite::tungstenite::Message::text(text.into())).await;
    }

    /// Sends a binary message.
    pub async fn send_binary(&self, bytes: Vec<u8>) {
        self.wire().send(tokio_tungstenite::tungstenite::Message::binary(bytes)).await;
    }

    /// Sends bytes as a text message that are not UTF-8.
    pub async fn send_no_text(&self, bytes: &'static [u8]) {
        let frame = Frame::message(bytes, OpCode::Data(Data::Text), true);
        self.wire().send(tokio_tungstenite::tungstenite::Message::Frame(frame)).await;
    }

    /// Sends a command and waits for the answer.
    ///
    /// # Errors
    /// When the server refuses the command.
    pub async fn command(&self, command: &Command) -> Result<Ack, ErrorFrame> {
        self.command_as(CommandId(fresh::id()), command).await
    }

    /// Sends a command with a given id and waits for the answer.
    ///
    /// # Errors
    /// As [`Device::command`].
    pub async fn command_as(&self, id: CommandId, command: &Command) -> Result<Ack, ErrorFrame> {
        self.command_json(command_frame(id, command)).await
    }

    /// Sends a command as raw JSON, valid or not, and waits for the answer.
    ///
    /// # Errors
    /// As [`Device::command`].
    pub async fn command_json(&self, frame: Value) -> Result<Ack, ErrorFrame> {
        let id = frame["id"].as_str().expect("a command has an id").to_owned();
        let before = self.look(|seen| seen.answers(&id).count());
        self.send_text(frame.to_string()).await;
        let what = format!("the answer to {frame}");
        self.wait(what, |seen| seen.answers(&id).nth(before)).await
    }

    /// Sends a message and returns the body of the acknowledgement.
    pub async fn send_message(&self, conversation_id: ConversationId, text: &str) -> MessageSent {
        let ack = self.command(&commands::send_message(conversation_id, text)).await.expect("a message can be sent");
        serde_json::from_str(ack.result.get()).expect("the ack carries REST's body")
    }

    /// Reads or changes what the device has seen, under its lock.
    pub fn look<T>(&self, look: impl FnOnce(&mut Seen) -> T) -> T {
        look(&mut self.shared.seen())
    }

    /// Waits until `look` returns something, and returns it.
    pub async fn wait<T>(&self, what: impl Display, look: impl FnMut(&Seen) -> Option<T>) -> T {
        self.wait_within(PATIENCE, what, look).await
    }

    /// As [`Device::wait`], with another time limit.
    pub async fn wait_within<T>(
        &self,
        patience: Duration,
        what: impl Display,
        mut look: impl FnMut(&Seen) -> Option<T>,
    ) -> T {
        let mut changes = self.shared.changed.subscribe();
        let waited = tokio::time::timeout(patience, async {
            loop {
                changes.mark_unchanged();
                if let Some(found) = look(&self.shared.seen()) {
                    return found;
                }
                // The sender lives as long as the device.
                let _ = changes.changed().await;
            }
        });
        waited.await.unwrap_or_else(|_| {
            panic!("{}: gave up waiting for {what}; last seen: {}", self.about.name, self.look(|seen| seen.tail()))
        })
    }

    /// Waits for the end of a reply and returns the message.
    pub async fn ended(&self, reply: MessageId) -> Message {
        self.wait(format_args!("the end of {reply}"), |seen| {
            let message = seen.replica.message(reply)?;
            message.state.is_final().then(|| Message::clone(message))
        })
        .await
    }

    /// Waits until a reply shows at least `bytes` bytes of text, and returns the text.
    pub async fn text_of_at_least(&self, reply: MessageId, bytes: usize) -> String {
        self.wait(format_args!("{bytes} bytes of {reply}"), |seen| {
            Some(text_of(&seen.replica, reply)).filter(|text| text.len() >= bytes)
        })
        .await
    }

    /// Waits until a reply shows at least `bytes` bytes of thoughts, and returns them.
    pub async fn thoughts_of_at_least(&self, reply: MessageId, bytes: usize) -> String {
        self.wait(format_args!("{bytes} bytes of thoughts of {reply}"), |seen| {
            Some(thoughts_of(&seen.replica, reply)).filter(|text| text.len() >= bytes)
        })
        .await
    }

    /// The current text of a reply on this device.
    #[must_use]
    pub fn text_of(&self, reply: MessageId) -> String {
        self.look(|seen| text_of(&seen.replica, reply))
    }

    /// Waits until the device has applied this event.
    pub async fn reach(&self, seq: i64) {
        self.wait(format_args!("event {seq}"), |seen| (seen.replica.seq() >= seq).then_some(())).await;
    }

    /// Waits until the server has closed the socket.
    pub async fn closed(&self) -> Closed {
        self.wait("the end of the socket", |seen| seen.closed.clone()).await
    }

    /// A digest of the whole state.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.look(|seen| seen.replica.digest())
    }

    /// Asserts that the server has broken no rule that a device can detect.
    pub fn assert_faultless(&self) {
        self.look(|seen| {
            assert!(seen.violations.is_empty(), "{}: {:?}", self.about.name, seen.violations);
            let faults: Vec<String> = seen.replica.faults().iter().map(ToString::to_string).collect();
            assert!(faults.is_empty(), "{}: {faults:?}", self.about.name);
        });
    }

    fn wire(&self) -> &Wire {
        self.wire.as_ref().expect("the device is connected")
    }
}

/// Waits until two devices have applied the same events, then asserts that their states are equal and the server has broken no
/// rule.
pub async fn assert_equal(one: &Device, other: &Device) {
    let (left, right) = loop {
        let (left, right) = (one.digest(), other.digest());
        // A further event may arrive between the two digests, so only digests with the same seq are compared.
        if left.seq == right.seq {
            break (left, right);
        }
        let top = left.seq.max(right.seq);
        one.reach(top).await;
        other.reach(top).await;
    };
    if let Some(difference) = left.difference(&right) {
        panic!("two devices of one person differ:\n{difference}");
    }
    one.assert_faultless();
    other.assert_faultless();
}

fn command_frame(id: CommandId, command: &Command) -> Value {
    let mut frame = serde_json::to_value(command).expect("commands serialise");
    frame["type"] = "command".into();
    frame["id"] = id.to_string().into();
    frame
}

fn text_of(replica: &Replica, reply: MessageId) -> String {
    let texts = replica.parts(reply).filter_map(|part| match part {
        PartView::Text(text) => Some(text),
        PartView::Reasoning { .. } | PartView::ToolCall(_) => None,
    });
    texts.collect()
}

fn thoughts_of(replica: &Replica, reply: MessageId) -> String {
    let thoughts = replica.parts(reply).filter_map(|part| match part {
        PartView::Reasoning { text, .. } => Some(text),
        PartView::Text(_) | PartView::ToolCall(_) => None,
    });
    thoughts.collect()
}

/// Whether a frame is streamed text of this reply.
#[must_use]
pub fn is_delta_of(frame: &ServerFrame, reply: MessageId) -> bool {
    matches!(frame, ServerFrame::Delta(delta) if delta.message_id == reply)
}
