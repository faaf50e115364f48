//! The loop of one socket, over any sink and stream of messages.
//!
//! There are many idle sockets, so that each costs as little as possible: one task, two small buffers, one timer and no
//! channel. The loop waits for the send queue, and behind a [`WakeFilter`] for everything that happens seldom.
//!
//! Commands of a device run one after the other, in the order in which they came. No write waits for ever: a device
//! that takes nothing for [`STALL_TIMEOUT`] is closed.

mod close;
mod timers;
mod wake_filter;

use super::{
    inbound::{self, Admission, CommandFrame, SocketLimit},
    resume::{self, Handshake, Identity},
    send_queue::SendQueue,
    shared_socket::DirectSocket,
    wire::{Encoded, EncodedEvent, encode},
};
use close::CloseOutcome;
use futures_util::{
    Sink, SinkExt as _, Stream, StreamExt as _,
    future::{BoxFuture, poll_immediate},
};
use rand::RngExt as _;
use std::{collections::VecDeque, pin::pin, sync::Arc};
use tandem_bus::Subscription;
use tandem_protocol::{
    limits::{MAX_FRAME_BYTES, STALL_TIMEOUT},
    live::{
        ClientFrame, CloseCode, Hello, ServerFrame,
        server::{AuthLife, Ping},
    },
};
use tandem_service::ServiceError;
use timers::{Due, Timers};
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::{Error, Message};
use tracing::{Instrument as _, Span, field::Empty};
use wake_filter::WakeFilter;

/// Commands that may wait behind the one that runs. With more of them the socket is not read.
const WAITING_COMMANDS: usize = 64;

/// Serves a socket until it ends, and returns it, since the peer may still send something. With `direct`, frames are
/// written directly while the connection is idle.
pub async fn serve<S>(socket: S, direct: Option<Arc<DirectSocket>>, identity: Identity, handshake: Arc<Handshake>) -> S
where
    S: Stream<Item = Result<Message, Error>> + Sink<Message, Error = Error> + Unpin + Send,
{
    metrics::gauge!("tandem_sockets").increment(1.0);
    let user = identity.caller.owner.user().clone();
    let connection = identity.connection;
    let span = tracing::info_span!("socket", %connection, %user, device = Empty);
    let mut this = Connection::new(socket, direct, identity, Arc::clone(&handshake));
    let end = this.run().instrument(span).await;
    // The last frames must not be followed by a direct write of a fan-out that still has the queue.
    this.queue.disable_direct_writes();
    handshake.hub.unregister(&user, connection);
    let Connection { mut socket, .. } = this;
    end.send_last(&mut socket).await;
    metrics::gauge!("tandem_sockets").decrement(1.0);
    socket
}

/// Closes a socket that was accepted only to be sent the close code.
pub async fn reject<S>(mut socket: S, code: CloseCode) -> S
where
    S: Sink<Message, Error = Error> + Unpin,
{
    CloseOutcome::from(code).send_last(&mut socket).await;
    socket
}

struct Connection<S> {
    socket: S,
    identity: Identity,
    handshake: Arc<Handshake>,
    queue: Arc<SendQueue>,
    /// Between the task and everything it waits for but the send queue.
    wake_filter: Arc<WakeFilter>,
    timers: Timers,
    limit: SocketLimit,
    /// The seq that the device had when it became live.
    seq: i64,
    hello_received: bool,
    /// Receives the messages of other nodes while it is held.
    subscription: Subscription,
    waiting: VecDeque<CommandFrame>,
    running: Option<BoxFuture<'static, Encoded>>,
}

impl<S> Connection<S>
where
    S: Stream<Item = Result<Message, Error>> + Sink<Message, Error = Error> + Unpin + Send,
{
    fn new(socket: S, direct: Option<Arc<DirectSocket>>, identity: Identity, handshake: Arc<Handshake>) -> Self {
        let services = &handshake.services;
        let limit = SocketLimit::new(services.rate_limited(), std::time::Instant::now());
        let left = identity.expires_at.millis_since(services.env().now());
        Self {
            socket,
            identity,
            queue: Arc::new(SendQueue::new(direct)),
            wake_filter: WakeFilter::new(),
            timers: Timers::new(Instant::now(), left),
            limit,
            seq: 0,
            hello_received: false,
            subscription: Subscription::default(),
            waiting: VecDeque::new(),
            running: None,
            handshake,
        }
    }

    async fn run(&mut self) -> CloseOutcome {
        loop {
            if let Err(end) = self.step().await {
                return end;
            }
        }
    }

    /// Waits for one thing and handles it. The branches are polled in random order, so that the frames of a device are
    /// read also while much is sent to it.
    async fn step(&mut self) -> Result<(), CloseOutcome> {
        tokio::select! {
            () = self.queue.wait_ready() => self.drain().await,
            event = self.wake_filter.wait(next_event(
                &mut self.running,
                &mut self.socket,
                (&mut self.timers, &self.queue),
                self.waiting.len(),
            )) => match event {
                ConnEvent::Answer(answer) => {
                    self.running = None;
                    self.enqueue(answer);
                    self.start_next();
                    Ok(())
                }
                ConnEvent::Message(message) => self.on_frame(message).await,
                ConnEvent::Due(due) => self.on_deadline(due),
            }
        }
    }

    /// Sends everything that waits, then flushes once.
    async fn drain(&mut self) -> Result<(), CloseOutcome> {
        loop {
            let messages = self.queue.take();
            if messages.is_empty() {
                break;
            }
            for message in messages {
                self.guarded(Write::Feed(message)).await?;
            }
        }
        if let Some(closing) = self.queue.closing() {
            return Err(CloseOutcome::Close(closing));
        }
        self.guarded(Write::Flush).await?;
        // The timer is behind the filter and does not see that it was set to something earlier.
        if self.timers.on_sent(Instant::now()) {
            self.wake_filter.rearm();
        }
        Ok(())
    }

    /// Writes, unless the device takes nothing for too long or is to be closed in the meantime.
    async fn guarded(&mut self, write: Write) -> Result<(), CloseOutcome> {
        let Self { socket, queue, .. } = self;
        let mut writing = pin!(async {
            match write {
                Write::Feed(frame) => socket.feed(Message::Text(frame)).await,
                Write::Flush => socket.flush().await,
            }
        });
        // Nearly every write is over at once and needs no timer.
        if let Some(written) = poll_immediate(writing.as_mut()).await {
            return written.map_err(|error| CloseOutcome::of_write(&error));
        }
        tokio::select! {
            // A write that has ended comes first: a close at the same time must not hide its error.
            biased;
            written = timeout(STALL_TIMEOUT, writing) => match written {
                Ok(Ok(())) => Ok(()),
                Ok(Err(error)) => Err(CloseOutcome::of_write(&error)),
                Err(_) => Err(CloseCode::SlowConsumer.into()),
            },
            () = queue.wait_closing() => Err(CloseOutcome::Close(queue.closing().unwrap_or(CloseCode::NodeError.into()))),
        }
    }

    async fn on_frame(&mut self, message: Option<Result<Message, Error>>) -> Result<(), CloseOutcome> {
        let text = match message {
            None => return Err(CloseOutcome::Lost),
            Some(Ok(Message::Close(_))) => return Err(CloseOutcome::PeerClosed),
            Some(Err(error)) => return Err(CloseOutcome::from(&error)),
            Some(Ok(Message::Text(text))) => text,
            Some(Ok(Message::Binary(_))) => return Err(CloseCode::BadFrame.into()),
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => return self.admit_frame(),
        };
        if text.len() > MAX_FRAME_BYTES {
            return Err(CloseCode::TooBig.into());
        }
        match ClientFrame::parse(&text).map_err(|_| CloseOutcome::from(CloseCode::BadFrame))? {
            // Rare and large: boxed, so that the task of an idle socket does not keep memory for it.
            ClientFrame::Hello(hello) => Box::pin(self.on_hello(hello)).await,
            _ if !self.hello_received => Err(CloseCode::BadFrame.into()),
            ClientFrame::Command { id, name, args } => self.command(CommandFrame { id, name, args }),
            ClientFrame::Auth { token } => Box::pin(self.renew(&token)).await,
            ClientFrame::Pong { seq } => {
                self.timers.on_pong(Instant::now());
                if self.queue.is_asked(seq)
                    && let Some(device) = &self.identity.caller.actor.device_id
                {
                    self.handshake.hub.on_shown(self.identity.caller.owner.user(), device, seq);
                }
                self.admit_frame()
            }
        }
    }

    /// Sends the welcome and the events that the device missed, then makes it live.
    async fn on_hello(&mut self, hello: Hello) -> Result<(), CloseOutcome> {
        self.admit_frame()?;
        // The queue was idle when the step began. From here on this task writes, past the queue.
        self.queue.disable_direct_writes();
        self.hello_received = true;
        self.identity.before_hello = None;
        self.queue.set_batched(hello.batches());
        self.timers.on_hello(rand::rng().random_range(0.0..1.0));
        self.identity.caller = self.identity.caller.clone().at_device(hello.device.id.clone());
        Span::current().record("device", tracing::field::display(&hello.device.id));
        let outcome = self.handshake.on_hello(&self.identity, &hello, &self.queue).await?;
        self.seq = outcome.seq;
        self.subscription = outcome.subscription;
        self.guarded(Write::Feed(outcome.welcome)).await?;
        // Without a replay the device has to start over, and sends another `hello` afterwards.
        let Some(replay) = outcome.replay else { return self.drain().await };
        let from = hello.resume.as_ref().map_or(outcome.seq, |resume| resume.seq);
        self.replay(from, replay).await?;
        let (user, connection) = (self.identity.caller.owner.user(), self.identity.connection);
        let released = self.handshake.hub.release(user, connection, self.seq, resume::live, &hello.streams);
        self.seq = released.unwrap_or(self.seq);
        self.drain().await
    }

    /// Sends the events after `seq` page by page, past the queue: a long replay would exceed its bound.
    async fn replay(&mut self, mut seq: i64, mut page: Vec<EncodedEvent>) -> Result<(), CloseOutcome> {
        loop {
            for event in page {
                if event.is_oversized() {
                    // The device resumes from here, and is made to start over by the handshake.
                    return Err(CloseCode::Lagging.into());
                }
                seq = event.seq;
                self.guarded(Write::Feed(event.frame)).await?;
            }
            if seq >= self.seq {
                // The page was read later than the head and may go beyond it. Held events up to here are not sent
                // again.
                self.seq = seq;
                return Ok(());
            }
            page = self.handshake.more(&self.identity, seq).await?;
            if page.is_empty() {
                return Err(CloseCode::Lagging.into());
            }
        }
    }

    /// Queues a frame for this device alone. It is sent when the loop next waits.
    fn enqueue(&self, frame: Encoded) {
        let _ = self.queue.push_durable(frame);
    }

    /// Counts a frame that is no command.
    fn admit_frame(&mut self) -> Result<(), CloseOutcome> {
        let admitted = self.limit.admit_frame(std::time::Instant::now());
        if admitted { Ok(()) } else { Err(CloseCode::RateLimited.into()) }
    }

    fn command(&mut self, frame: CommandFrame) -> Result<(), CloseOutcome> {
        match self.limit.admit(std::time::Instant::now()) {
            Admission::Admitted => {
                self.waiting.push_back(frame);
                self.start_next();
                Ok(())
            }
            Admission::Refused(wait) => {
                let refusal = inbound::error_frame(Some(frame.id), &ServiceError::RateLimited(wait));
                self.enqueue(encode(&refusal));
                Ok(())
            }
            Admission::Close => Err(CloseCode::RateLimited.into()),
        }
    }

    /// Starts the next command unless one runs.
    fn start_next(&mut self) {
        if self.running.is_none()
            && let Some(frame) = self.waiting.pop_front()
        {
            let answer = inbound::answer(self.handshake.services.clone(), self.identity.caller.clone(), frame);
            self.running = Some(Box::pin(answer));
        }
    }

    /// Replaces the access token by a newer one of the same session.
    async fn renew(&mut self, token: &str) -> Result<(), CloseOutcome> {
        self.admit_frame()?;
        let grant = match self.handshake.services.authenticate(token).await {
            Ok(grant) => grant,
            Err(ServiceError::TokenExpired) => return Err(CloseCode::TokenExpired.into()),
            Err(ServiceError::SessionRevoked) => return Err(CloseCode::SessionRevoked.into()),
            Err(ServiceError::Unavailable(_) | ServiceError::Internal(_)) => return Err(CloseCode::NodeError.into()),
            Err(_) => return Err(CloseCode::BadToken.into()),
        };
        // A token of another session, even of the same user, would escape the revocation of this one.
        let same = grant.caller.session() == Some(self.identity.session);
        let Some(expires_at) = grant.expires_at.filter(|_| same) else { return Err(CloseCode::BadToken.into()) };
        let now = self.handshake.services.env().now();
        self.identity.expires_at = expires_at;
        self.timers.on_token_renewed(Instant::now(), expires_at.millis_since(now));
        let expires_in = resume::seconds_left(expires_at, now);
        self.enqueue(encode(&ServerFrame::AuthOk(AuthLife { expires_in })));
        Ok(())
    }

    fn on_deadline(&mut self, due: Due) -> Result<(), CloseOutcome> {
        match due {
            Due::Hello => Err(CloseCode::NoHello.into()),
            Due::Pong => Err(CloseCode::NoPong.into()),
            Due::Expiry => Err(CloseCode::TokenExpired.into()),
            Due::Ping => {
                // A device with a smaller seq of its own detects that it has missed events.
                let seq = self.seq.max(self.queue.newest_seq());
                self.enqueue(encode(&ServerFrame::Ping(Ping { seq })));
                Ok(())
            }
            Due::ExpiryNotice => {
                let expires_in = resume::seconds_left(self.identity.expires_at, self.handshake.services.env().now());
                self.enqueue(encode(&ServerFrame::AuthExpiring(AuthLife { expires_in })));
                Ok(())
            }
        }
    }
}

enum Write {
    Feed(Encoded),
    Flush,
}

/// What can happen to a connection, beside having something to send.
enum ConnEvent {
    Answer(Encoded),
    /// The device sent a message; `None` when the stream has ended.
    Message(Option<Result<Message, Error>>),
    Due(Due),
}

/// Waits for the next event. It is behind the wake filter: code that changes what is waited for, other than by handling
/// an event, has to call [`WakeFilter::rearm`].
async fn next_event<S>(
    running: &mut Option<BoxFuture<'static, Encoded>>,
    socket: &mut S,
    (timers, queue): (&mut Timers, &SendQueue),
    waiting: usize,
) -> ConnEvent
where
    S: Stream<Item = Result<Message, Error>> + Unpin,
{
    tokio::select! {
        answer = next_answer(running) => ConnEvent::Answer(answer),
        message = socket.next(), if waiting < WAITING_COMMANDS => ConnEvent::Message(message),
        due = timers.wait(|| queue.last_direct_write()) => ConnEvent::Due(due),
    }
}

/// Waits for the answer of the running command; for ever when none runs.
async fn next_answer(running: &mut Option<BoxFuture<'static, Encoded>>) -> Encoded {
    match running {
        Some(running) => running.await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
