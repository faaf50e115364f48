//! The loop of one socket, over any sink and stream of messages: one task, two small buffers, no channel.

mod timers;

use super::{
    Hub,
    inbound::{self, Admission, CommandFrame, CommandLimit},
    outbox::{Closing, Outbox},
    resume::{self, Identity},
    wire::{Encoded, EncodedEvent, encode},
};
use crate::service::{ServiceError, Services};
use futures_util::{Sink, SinkExt as _, Stream, StreamExt as _, future::BoxFuture};
use std::{collections::VecDeque, sync::Arc, time::Duration};
use tandem_protocol::{
    limits::{MAX_FRAME_BYTES, STALL_TIMEOUT},
    live::{
        ClientFrame, CloseCode, Hello, ServerFrame,
        server::{AuthLife, Bye, Ping},
    },
};
use timers::{Due, Timers};
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::{
    Error, Message,
    error::CapacityError,
    protocol::{CloseFrame, frame::coding::CloseCode as WireCode},
};

/// `bye` and close of a device that does not read get this long to leave; then the connection is cut.
const FAREWELL: Duration = Duration::from_secs(10);
/// Commands that wait behind the one that runs; while there are more, the socket is not read.
const WAITING_COMMANDS: usize = 64;
/// Frames are gathered into one array up to this size, for devices that take arrays.
const BATCH_BYTES: usize = 64 * 1024;

/// How a connection ended.
enum End {
    /// The other side went away.
    Gone,
    /// We close it, with a `bye`.
    Close(Closing),
    /// It broke the WebSocket protocol: closed without `bye`.
    Violation(WireCode),
}

impl From<CloseCode> for End {
    fn from(code: CloseCode) -> Self {
        Self::Close(code.into())
    }
}

/// Serves a socket until it ends.
pub async fn serve<S>(socket: S, identity: Identity, services: Services, hub: Arc<Hub>)
where
    S: Stream<Item = Result<Message, Error>> + Sink<Message, Error = Error> + Unpin + Send,
{
    metrics::gauge!("tandem_sockets").increment(1.0);
    let user = identity.caller.owner.user().clone();
    let connection = identity.connection;
    let mut this = Connection::new(socket, identity, services, Arc::clone(&hub));
    let end = this.run().await;
    hub.unregister(&user, connection);
    this.farewell(end).await;
    metrics::gauge!("tandem_sockets").decrement(1.0);
}

/// Closes a socket that was let in only to be told why it cannot stay.
pub async fn turn_away<S>(mut socket: S, code: CloseCode)
where
    S: Sink<Message, Error = Error> + Unpin,
{
    send_farewell(&mut socket, code.into()).await;
}

struct Connection<S> {
    socket: S,
    identity: Identity,
    services: Services,
    hub: Arc<Hub>,
    outbox: Arc<Outbox>,
    timers: Timers,
    limit: CommandLimit,
    /// The seq that the device had when it became live.
    seq: i64,
    batches: bool,
    greeted: bool,
    waiting: VecDeque<CommandFrame>,
    running: Option<BoxFuture<'static, Encoded>>,
}

impl<S> Connection<S>
where
    S: Stream<Item = Result<Message, Error>> + Sink<Message, Error = Error> + Unpin + Send,
{
    fn new(socket: S, identity: Identity, services: Services, hub: Arc<Hub>) -> Self {
        let limit = CommandLimit::new(services.rate_limited(), std::time::Instant::now());
        let left = identity.expires_at.millis_since(services.ambient().now());
        Self {
            socket,
            identity,
            services,
            hub,
            outbox: Arc::default(),
            timers: Timers::new(Instant::now(), left),
            limit,
            seq: 0,
            batches: false,
            greeted: false,
            waiting: VecDeque::new(),
            running: None,
        }
    }

    async fn run(&mut self) -> End {
        loop {
            if let Err(end) = self.turn().await {
                return end;
            }
        }
    }

    /// Waits for one thing to happen and deals with it.
    async fn turn(&mut self) -> Result<(), End> {
        let reads = self.waiting.len() < WAITING_COMMANDS;
        tokio::select! {
            biased;
            () = self.outbox.filled() => self.drain().await,
            answer = next_answer(&mut self.running) => {
                self.running = None;
                self.outbox.push_durable(answer);
                self.start_next();
                Ok(())
            }
            message = self.socket.next(), if reads => self.receive(message).await,
            due = self.timers.wait() => self.on_time(due),
        }
    }

    /// Sends everything that waits, in as few writes as the socket takes, then flushes once.
    async fn drain(&mut self) -> Result<(), End> {
        let outbox = Arc::clone(&self.outbox);
        while let Some(frame) = outbox.pop() {
            let message = if self.batches { gather(frame, &outbox) } else { frame };
            self.guarded(Write::Feed(message)).await?;
        }
        if let Some(closing) = outbox.closing() {
            return Err(End::Close(closing));
        }
        self.guarded(Write::Flush).await?;
        self.timers.sent(Instant::now());
        Ok(())
    }

    /// A write that is given up when the device takes nothing for too long, or when it is to be closed meanwhile.
    async fn guarded(&mut self, write: Write) -> Result<(), End> {
        let writing = async {
            match write {
                Write::Feed(frame) => self.socket.feed(Message::Text(frame)).await,
                Write::Flush => self.socket.flush().await,
            }
        };
        tokio::select! {
            biased;
            written = timeout(STALL_TIMEOUT, writing) => match written {
                Ok(Ok(())) => Ok(()),
                Ok(Err(_)) => Err(End::Gone),
                Err(_) => Err(CloseCode::SlowConsumer.into()),
            },
            () = self.outbox.closed() => Err(End::Close(self.outbox.closing().unwrap_or(CloseCode::NodeError.into()))),
        }
    }

    async fn receive(&mut self, message: Option<Result<Message, Error>>) -> Result<(), End> {
        let text = match message {
            None | Some(Ok(Message::Close(_))) => return Err(End::Gone),
            Some(Err(error)) => return Err(ended_by(&error)),
            Some(Ok(Message::Text(text))) => text,
            Some(Ok(Message::Binary(_))) => return Err(CloseCode::BadFrame.into()),
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => return Ok(()),
        };
        if text.len() > MAX_FRAME_BYTES {
            return Err(CloseCode::TooBig.into());
        }
        let frame = ClientFrame::parse(&text).map_err(|_| End::from(CloseCode::BadFrame))?;
        match frame {
            ClientFrame::Hello(hello) => self.hello(hello).await,
            _ if !self.greeted => Err(CloseCode::BadFrame.into()),
            ClientFrame::Command { id, name, args } => self.command(CommandFrame { id, name, args }),
            ClientFrame::Auth { token } => self.renew(&token).await,
            ClientFrame::Pong { .. } => {
                self.timers.pong(Instant::now());
                Ok(())
            }
        }
    }

    /// Welcomes the device, replays what it missed, and lets it have the live news.
    async fn hello(&mut self, hello: Hello) -> Result<(), End> {
        self.greeted = true;
        self.batches = hello.batches();
        self.timers.greeted();
        self.identity.caller = self.identity.caller.clone().at_device(hello.device.id.clone());
        let greeting = resume::greet(&self.services, &self.hub, &self.identity, &hello, &self.outbox).await?;
        self.guarded(Write::Feed(greeting.welcome)).await?;
        let Some(replay) = greeting.replay else {
            self.seq = greeting.seq;
            return self.guarded(Write::Flush).await;
        };
        for event in &replay {
            // Straight to the socket: a long replay is no backlog.
            self.guarded(Write::Feed(EncodedEvent::from(event).frame)).await?;
        }
        let (user, connection) = (self.identity.caller.owner.user(), self.identity.connection);
        let released = self.hub.release(user, connection, greeting.seq, resume::live, &hello.streams);
        self.seq = released.unwrap_or(greeting.seq);
        self.drain().await
    }

    fn command(&mut self, frame: CommandFrame) -> Result<(), End> {
        match self.limit.admit(std::time::Instant::now()) {
            Admission::Admitted => {
                self.waiting.push_back(frame);
                self.start_next();
                Ok(())
            }
            Admission::Refused(wait) => {
                let refusal = inbound::error_frame(Some(frame.id), &ServiceError::RateLimited(wait));
                self.outbox.push_durable(encode(&refusal));
                Ok(())
            }
            Admission::Close => Err(CloseCode::RateLimited.into()),
        }
    }

    /// Commands of one device are done in the order in which they came.
    fn start_next(&mut self) {
        if self.running.is_none()
            && let Some(frame) = self.waiting.pop_front()
        {
            let answer = inbound::answer(self.services.clone(), self.identity.caller.clone(), frame);
            self.running = Some(Box::pin(answer));
        }
    }

    /// Takes a newer access token of the same session.
    async fn renew(&mut self, token: &str) -> Result<(), End> {
        let grant = match self.services.authenticate(token).await {
            Ok(grant) => grant,
            Err(ServiceError::TokenExpired) => return Err(CloseCode::TokenExpired.into()),
            Err(ServiceError::SessionRevoked) => return Err(CloseCode::SessionRevoked.into()),
            Err(ServiceError::Unavailable(_) | ServiceError::Internal(_)) => return Err(CloseCode::NodeError.into()),
            Err(_) => return Err(CloseCode::BadToken.into()),
        };
        let same = grant.caller.session() == Some(self.identity.session);
        let Some(expires_at) = grant.expires_at.filter(|_| same) else { return Err(CloseCode::BadToken.into()) };
        let now = self.services.ambient().now();
        self.identity.expires_at = expires_at;
        self.timers.renewed(Instant::now(), expires_at.millis_since(now));
        let expires_in = resume::seconds_left(expires_at, now);
        self.outbox.push_durable(encode(&ServerFrame::AuthOk(AuthLife { expires_in })));
        Ok(())
    }

    fn on_time(&mut self, due: Due) -> Result<(), End> {
        match due {
            Due::Hello => Err(CloseCode::NoHello.into()),
            Due::Pong => Err(CloseCode::NoPong.into()),
            Due::Expiry => Err(CloseCode::TokenExpired.into()),
            Due::Ping => {
                let seq = self.seq.max(self.outbox.newest_seq());
                self.outbox.push_durable(encode(&ServerFrame::Ping(Ping { seq })));
                Ok(())
            }
            Due::ExpiryNotice => {
                let expires_in = resume::seconds_left(self.identity.expires_at, self.services.ambient().now());
                self.outbox.push_durable(encode(&ServerFrame::AuthExpiring(AuthLife { expires_in })));
                Ok(())
            }
        }
    }

    async fn farewell(&mut self, end: End) {
        match end {
            End::Gone => {}
            End::Close(closing) => {
                metrics::counter!("tandem_socket_closes_total", "code" => closing.code.code().to_string()).increment(1);
                send_farewell(&mut self.socket, closing).await;
            }
            End::Violation(code) => {
                let frame = CloseFrame { code, reason: "".into() };
                // The connection ends in either case.
                let _ = timeout(FAREWELL, self.socket.send(Message::Close(Some(frame)))).await;
            }
        }
    }
}

enum Write {
    Feed(Encoded),
    Flush,
}

/// `bye`, then close, for as long as the device takes them. Whether it did makes no difference to us.
async fn send_farewell<S>(socket: &mut S, closing: Closing)
where
    S: Sink<Message, Error = Error> + Unpin,
{
    let Closing { code, reconnect_after_ms } = closing;
    let bye = Bye { code: code.code(), reason: code.reason().into(), reconnect_after_ms };
    let frame = CloseFrame { code: WireCode::from(code.code()), reason: code.reason().into() };
    let leaving = async {
        socket.feed(Message::Text(encode(&ServerFrame::Bye(bye)))).await?;
        socket.send(Message::Close(Some(frame))).await?;
        socket.close().await
    };
    let _ = timeout(FAREWELL, leaving).await;
}

/// The answer of the running command; waits for ever when none runs.
async fn next_answer(running: &mut Option<BoxFuture<'static, Encoded>>) -> Encoded {
    match running {
        Some(running) => running.await,
        None => std::future::pending().await,
    }
}

/// Makes an array of a frame and those that wait behind it.
fn gather(first: Encoded, outbox: &Outbox) -> Encoded {
    let Some(second) = outbox.pop() else { return first };
    let mut array = String::with_capacity(first.len() + second.len() + 3);
    array.push('[');
    array.push_str(&first);
    array.push(',');
    array.push_str(&second);
    while array.len() < BATCH_BYTES
        && let Some(frame) = outbox.pop()
    {
        array.push(',');
        array.push_str(&frame);
    }
    array.push(']');
    array.into()
}

/// What an error of the socket means.
fn ended_by(error: &Error) -> End {
    match error {
        Error::Capacity(CapacityError::MessageTooLong { .. }) => CloseCode::TooBig.into(),
        Error::Utf8(_) => End::Violation(WireCode::Invalid),
        Error::Protocol(_) => End::Violation(WireCode::Protocol),
        _ => End::Gone,
    }
}
