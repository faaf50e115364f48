//! From `hello` to live: where a device goes on.
//!
//! The device is registered before the log is read, so that nothing is committed unseen in between; its session is
//! checked after that, so that a revocation cannot slip through either.
//!
//! Of several devices of a user that come at once, as after a cut, one reads the log; the others are told by the hub.

use super::{
    Hub,
    connection_limiter::UserPermit,
    hub::Registration,
    send_queue::SendQueue,
    wire::{Encoded, EncodedEvent, encode},
};
use crate::{
    auth::Caller,
    bus::Subscription,
    service::{ServiceError, Services, sync::Catchup},
};
use std::{
    hash::{BuildHasher as _, RandomState},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
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
use tokio::sync::Mutex;

/// Logs that are read at the same time; users who share a resume_lock wait for each other, for the time of one read.
const RESUME_LOCKS: usize = 64;

/// What a connection knows of itself before `hello`.
#[derive(Debug)]
pub struct Identity {
    /// Names the connection.
    pub connection: ConnectionId,
    /// Who it is.
    pub caller: Caller,
    /// By which session.
    pub session: SessionId,
    /// End of the access token.
    pub expires_at: Timestamp,
    /// Counts it while it has no `hello`.
    pub before_hello: Option<UserPermit>,
}

/// Lets devices in.
#[derive(Debug)]
pub struct Handshake {
    /// What they work with.
    pub services: Services,
    /// Where they hear the news.
    pub hub: Arc<Hub>,
    resume_locks: [Mutex<()>; RESUME_LOCKS],
    hasher: RandomState,
    /// How often a log was read to let a device in.
    log_reads: AtomicU64,
}

/// What to send before the device is live.
#[derive(Debug)]
pub struct HelloOutcome {
    /// The first frame.
    pub welcome: Encoded,
    /// Missed events, in order; `None` after which nothing follows, because the device starts over.
    pub replay: Option<Vec<EncodedEvent>>,
    /// The seq that the device has once it has all that it missed. A replay that ends before it goes on with
    /// [`Handshake::more`].
    pub seq: i64,
    /// Brings what other nodes tell, as long as the device is there.
    pub subscription: Subscription,
}

/// How a device goes on.
struct ResumePlan {
    mode: WelcomeMode,
    head: i64,
    replay: Option<Vec<EncodedEvent>>,
}

impl ResumePlan {
    /// The plan of a device that missed these events, and starts over when one of them is more than a socket takes.
    fn after(mode: WelcomeMode, head: i64, replay: Vec<EncodedEvent>) -> Self {
        if replay.iter().any(EncodedEvent::is_oversized) {
            return Self { mode: WelcomeMode::Resync, head, replay: None };
        }
        Self { mode, head, replay: Some(replay) }
    }
}

impl Handshake {
    /// A handshake that lets devices into this hub.
    #[must_use]
    pub fn new(services: Services, hub: Arc<Hub>) -> Self {
        Self {
            services,
            hub,
            resume_locks: std::array::from_fn(|_| Mutex::default()),
            hasher: RandomState::new(),
            log_reads: AtomicU64::new(0),
        }
    }

    /// How often a log was read to let a device in, since the start.
    pub fn log_reads(&self) -> u64 {
        self.log_reads.load(Ordering::Relaxed)
    }

    /// Registers the device and says how it goes on.
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
        self.hub.unregister(user, connection);
        let name = shown_name(&hello.device.name);
        let device = PresentDevice { id: hello.device.id.clone(), name, connected_at: now };
        self.hub.register(user, Registration { connection, session, device, queue: Arc::clone(queue) });
        let subscription = self.services.bus().subscribe(user);
        subscription.begun().await;
        let plan = self.plan(identity, hello.resume.as_ref()).await.map_err(|error| refused(&error, connection))?;
        if plan.replay.is_none() {
            self.hub.unregister(user, connection);
        }
        metrics::counter!("tandem_resumes_total", "mode" => plan.mode.as_str()).increment(1);
        let welcome = self.welcome(identity, plan.mode, plan.head, now);
        Ok(HelloOutcome { welcome, replay: plan.replay, seq: plan.head, subscription })
    }

    /// The next events of a replay that ended at `seq`.
    pub async fn more(&self, identity: &Identity, seq: i64) -> Result<Vec<EncodedEvent>, CloseCode> {
        self.count_read();
        let events = self.services.events_for_session(identity.session, seq).await;
        let events = events.map_err(|error| refused(&error, identity.connection))?;
        Ok(events.iter().map(EncodedEvent::from).collect())
    }

    /// Where a registered device is in the log, from what the hub has told or else from the log itself.
    async fn plan(&self, identity: &Identity, from: Option<&ResumePoint>) -> Result<ResumePlan, ServiceError> {
        let user = identity.caller.owner.user();
        let mode = if from.is_some() { WelcomeMode::Resumed } else { WelcomeMode::Fresh };
        let _resume = self.resume_lock(user).lock().await;
        if from.is_none_or(|from| from.epoch == self.services.epoch())
            && self.services.bus().healthy()
            && let Some((head, replay)) = self.hub.recent_since(user, from.map(|from| from.seq))
        {
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
        let whole = replay.last().is_none_or(|newest| newest.seq == head);
        self.hub.set_head(user, head, if whole { &replay } else { &[] });
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

/// The frame that ends the replay.
#[must_use]
pub fn live(seq: i64) -> Encoded {
    encode(&ServerFrame::Live(Live { seq }))
}

/// Whole seconds until a time, none below zero.
#[must_use]
pub fn seconds_left(end: Timestamp, now: Timestamp) -> i64 {
    (end.millis_since(now) / 1000).max(0)
}

/// How a device is sent away when its plan in the log could not be found.
fn refused(error: &ServiceError, connection: ConnectionId) -> CloseCode {
    if matches!(error, ServiceError::SessionRevoked | ServiceError::InvalidToken) {
        return CloseCode::SessionRevoked;
    }
    // The log was shortened while the device read it. It comes back and is asked to start over.
    if matches!(error, ServiceError::Gone) {
        return CloseCode::Lagging;
    }
    // A database that does not answer now will do so later: the device is to come back, not to sign in again.
    tracing::error!(error = error as &dyn std::error::Error, %connection, "resume failed");
    CloseCode::NodeError
}

/// A device's name as other devices see it: one line, bounded.
fn shown_name(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(tandem_protocol::limits::MAX_NAME_CHARS).collect()
}
