//! The handshake after `hello`: where a device continues in the log.
//!
//! A device names the seq that it has. It is sent the events after it, or starts over (`resync`) when the log does not
//! have them any more. After an outage all devices of a user reconnect at once: one reads the log, the others wait for
//! its lock and are then served from the memory of the hub.
//!
//! The device is registered before the log is read, so that no event is committed unseen in between. Its session is
//! checked after it was registered, so that a revocation is either found by the check or reaches the registered device.

use super::{
    Hub,
    connection_limiter::UserPermit,
    hub::Registration,
    send_queue::SendQueue,
    wire::{Encoded, EncodedEvent, encode},
};
use std::{
    hash::{BuildHasher as _, RandomState},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tandem_auth::Caller;
use tandem_bus::Subscription;
use tandem_protocol::{
    SessionId, Timestamp, UserId,
    enums::{WelcomeMode, WireEnum as _},
    id::ConnectionId,
    limits::{Limits, PING_INTERVAL, PROTOCOL_VERSION},
    live::{
        CloseCode, Hello, ServerFrame,
        client::ResumePoint,
        server::{Live, PresentDevice, Welcome},
    },
};
use tandem_service::{ServiceError, Services, sync::Catchup};
use tokio::sync::Mutex;

/// Logs that can be read at the same time. Users who share a lock wait for each other, for the time of one read.
const RESUME_LOCKS: usize = 64;

/// The identity of a connection, known from its upgrade request.
#[derive(Debug)]
pub struct Identity {
    pub connection: ConnectionId,
    /// The user and the rights of the connection.
    pub caller: Caller,
    pub session: SessionId,
    /// When the access token expires.
    pub expires_at: Timestamp,
    /// Counts the socket until its `hello`.
    pub before_hello: Option<UserPermit>,
}

/// Registers devices and plans their resume.
#[derive(Debug)]
pub struct Handshake {
    pub services: Services,
    pub hub: Arc<Hub>,
    resume_locks: [Mutex<()>; RESUME_LOCKS],
    hasher: RandomState,
    /// Reads of a log for a resume.
    log_reads: AtomicU64,
}

/// What is sent to a device before it is live.
#[derive(Debug)]
pub struct HelloOutcome {
    /// The `welcome` frame, sent first.
    pub welcome: Encoded,
    /// The events that it missed, in order. `None` when the device has to start over: nothing follows the welcome.
    pub replay: Option<Vec<EncodedEvent>>,
    /// The seq that the device has after the replay. A replay that ends before it is continued with
    /// [`Handshake::more`].
    pub seq: i64,
    /// Receives the messages of other nodes, as long as the device is connected.
    pub subscription: Subscription,
}

struct ResumePlan {
    mode: WelcomeMode,
    head: i64,
    replay: Option<Vec<EncodedEvent>>,
}

impl ResumePlan {
    /// The plan of a device that missed these events. It starts over when one of them is larger than a socket takes.
    fn after(mode: WelcomeMode, head: i64, replay: Vec<EncodedEvent>) -> Self {
        if replay.iter().any(EncodedEvent::is_oversized) {
            return Self { mode: WelcomeMode::Resync, head, replay: None };
        }
        Self { mode, head, replay: Some(replay) }
    }
}

impl Handshake {
    pub fn new(services: Services, hub: Arc<Hub>) -> Self {
        Self {
            services,
            hub,
            resume_locks: std::array::from_fn(|_| Mutex::default()),
            hasher: RandomState::new(),
            log_reads: AtomicU64::new(0),
        }
    }

    /// How often a log was read for a resume, since the start.
    pub fn log_reads(&self) -> u64 {
        self.log_reads.load(Ordering::Relaxed)
    }

    /// Registers a device and plans where it continues.
    ///
    /// # Errors
    /// The code to close the device with: [`CloseCode::VersionUnsupported`] for another version of the protocol,
    /// [`CloseCode::SessionRevoked`] when its session has ended, [`CloseCode::Lagging`] when the log was shortened while
    /// it was read, and [`CloseCode::NodeError`] when it could not be read.
    pub async fn on_hello(
        &self,
        identity: &Identity,
        hello: &Hello,
        queue: &Arc<SendQueue>,
    ) -> Result<HelloOutcome, CloseCode> {
        if hello.version != PROTOCOL_VERSION {
            return Err(CloseCode::VersionUnsupported);
        }
        let Identity { connection, session, .. } = *identity;
        let user = identity.caller.owner.user();
        let now = self.services.env().now();
        // A second `hello` on the same socket replaces the registration of the first.
        self.hub.unregister(user, connection);
        let name = shown_name(&hello.device.name);
        let device = PresentDevice { id: hello.device.id.clone(), name, connected_at: now };
        self.hub.register(user, Registration { connection, session, device, queue: Arc::clone(queue) });
        let subscription = self.services.bus().subscribe(user);
        // Messages of other nodes have to come before the log is read, or an event could be in neither.
        subscription.established().await;
        let plan = self.plan(identity, hello.resume.as_ref()).await.map_err(|error| refused(&error, connection))?;
        // A device that starts over reads a snapshot and sends `hello` again. Until then its held events would pile up.
        if plan.replay.is_none() {
            self.hub.unregister(user, connection);
        }
        metrics::counter!("tandem_resumes_total", "mode" => plan.mode.as_str()).increment(1);
        let welcome = self.welcome(identity, plan.mode, plan.head, now);
        Ok(HelloOutcome { welcome, replay: plan.replay, seq: plan.head, subscription })
    }

    /// Reads the next page of a replay that ended at `seq`; empty at the end of the log.
    ///
    /// # Errors
    /// The code to close the device with, as for [`Handshake::on_hello`].
    pub async fn more(&self, identity: &Identity, seq: i64) -> Result<Vec<EncodedEvent>, CloseCode> {
        self.count_read();
        let events = self.services.events_for_session(identity.session, seq).await;
        let events = events.map_err(|error| refused(&error, identity.connection))?;
        Ok(events.iter().map(EncodedEvent::from).collect())
    }

    /// Plans where a registered device continues: from the memory of the hub, or else from the log.
    async fn plan(&self, identity: &Identity, from: Option<&ResumePoint>) -> Result<ResumePlan, ServiceError> {
        let user = identity.caller.owner.user();
        let mode = if from.is_some() { WelcomeMode::Resumed } else { WelcomeMode::Fresh };
        // Held until the head is set: a second device then finds it, and does not set an older one.
        let _resume = self.resume_lock(user).lock().await;
        if from.is_none_or(|from| from.epoch == self.services.epoch())
            // Without the bus the hub may be behind the log, without knowing it.
            && self.services.bus().healthy()
            && let Some((head, replay)) = self.hub.recent_since(user, from.map(|from| from.seq))
        {
            // Reading the log would check the session. The memory of the hub does not.
            self.services.recheck(&identity.caller).await?;
            return Ok(ResumePlan::after(mode, head, replay));
        }
        self.count_read();
        let resumption = self.services.resume(&identity.caller, from).await?;
        let head = resumption.head;
        let Catchup::Events(events) = resumption.catchup else {
            return Ok(ResumePlan { mode: WelcomeMode::Resync, head, replay: None });
        };
        let mut replay: Vec<EncodedEvent> = events.iter().map(EncodedEvent::from).collect();
        // Only events up to the head may enter the memory of the hub, which must not have gaps: the first page of a
        // long replay ends before it.
        let whole = replay.last().is_none_or(|newest| newest.seq == head);
        self.hub.set_head(user, head, if whole { &replay } else { &[] });
        // The read begins a little before the seq of the device, for other devices that come back with it.
        let seq = from.map_or(head, |from| from.seq);
        replay.retain(|event| event.seq > seq);
        Ok(ResumePlan::after(mode, head, replay))
    }

    fn count_read(&self) {
        self.log_reads.fetch_add(1, Ordering::Relaxed);
        metrics::counter!("tandem_resume_reads_total").increment(1);
    }

    fn resume_lock(&self, user: &UserId) -> &Mutex<()> {
        let at = self.hasher.hash_one(user) % RESUME_LOCKS as u64;
        &self.resume_locks[usize::try_from(at).unwrap_or_default()]
    }

    fn welcome(&self, identity: &Identity, mode: WelcomeMode, seq: i64, now: Timestamp) -> Encoded {
        encode(&ServerFrame::Welcome(Welcome {
            connection_id: identity.connection,
            epoch: self.services.epoch().to_owned(),
            seq,
            mode,
            ping_interval_ms: u64::try_from(PING_INTERVAL.as_millis()).unwrap_or(u64::MAX),
            token_expires_in: seconds_left(identity.expires_at, now),
            limits: Limits::default(),
        }))
    }
}

/// Encodes the `live` frame, which ends the replay.
pub fn live(seq: i64) -> Encoded {
    encode(&ServerFrame::Live(Live { seq }))
}

/// Whole seconds until a time, none below zero.
pub fn seconds_left(end: Timestamp, now: Timestamp) -> i64 {
    (end.millis_since(now) / 1000).max(0)
}

/// The code that closes a device whose log could not be read.
fn refused(error: &ServiceError, connection: ConnectionId) -> CloseCode {
    if matches!(error, ServiceError::SessionRevoked | ServiceError::InvalidToken) {
        return CloseCode::SessionRevoked;
    }
    // The log was shortened while it was read. The device reconnects and starts over.
    if matches!(error, ServiceError::Gone) {
        return CloseCode::Lagging;
    }
    // A database that does not answer now may do so later: the device is to reconnect, not to sign in again.
    tracing::error!(error = error as &dyn std::error::Error, %connection, "resume failed");
    CloseCode::NodeError
}

/// The name of a device as other devices are shown it: one line, bounded.
fn shown_name(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(tandem_protocol::limits::MAX_NAME_CHARS).collect()
}
