//! From `hello` to live: where a device goes on.
//!
//! The device is registered before the log is read, so that nothing is committed unseen in between; its session is
//! checked after that, so that a revocation cannot slip through either.

use super::{
    Hub,
    hub::Registration,
    outbox::Outbox,
    wire::{Encoded, encode},
};
use crate::{
    auth::Caller,
    service::{ServiceError, Services, sync::Catchup},
};
use std::sync::Arc;
use tandem_protocol::{
    SessionId, Timestamp,
    id::ConnectionId,
    limits::{Limits, PING_INTERVAL, PROTOCOL_VERSION},
    live::{
        CloseCode, Event, Hello, ServerFrame,
        server::{Live, PresentDevice, Welcome},
    },
    vocab::WelcomeMode,
};

/// What a connection knows of itself before `hello`.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Names the connection.
    pub connection: ConnectionId,
    /// Who it is.
    pub caller: Caller,
    /// By which session.
    pub session: SessionId,
    /// End of the access token.
    pub expires_at: Timestamp,
}

/// What to send before the device is live.
#[derive(Debug)]
pub struct Greeting {
    /// The first frame.
    pub welcome: Encoded,
    /// Missed events, in order; `None` after which nothing follows, because the device starts over.
    pub replay: Option<Vec<Event>>,
    /// The seq that the device has after the replay.
    pub seq: i64,
}

/// Registers the device and says how it goes on.
pub async fn greet(
    services: &Services,
    hub: &Hub,
    identity: &Identity,
    hello: &Hello,
    outbox: &Arc<Outbox>,
) -> Result<Greeting, CloseCode> {
    if hello.version != PROTOCOL_VERSION {
        return Err(CloseCode::VersionUnsupported);
    }
    let user = identity.caller.owner.user();
    let now = services.ambient().now();
    hub.unregister(user, identity.connection);
    let device = PresentDevice { id: hello.device.id.clone(), name: shown_name(&hello.device.name), connected_at: now };
    let outbox = Arc::clone(outbox);
    hub.register(user, Registration { connection: identity.connection, session: identity.session, device, outbox });
    let resumption = services.resume(&identity.caller, hello.resume.as_ref()).await.map_err(|error| match error {
        ServiceError::SessionRevoked | ServiceError::InvalidToken => CloseCode::SessionRevoked,
        error => {
            tracing::error!(error = &error as &dyn std::error::Error, connection = %identity.connection, "resume failed");
            CloseCode::Lagging
        }
    })?;
    let (mode, replay, seq) = match resumption.catchup {
        Catchup::Resync => (WelcomeMode::Resync, None, resumption.head),
        Catchup::Events(events) => {
            let mode = if hello.resume.is_some() { WelcomeMode::Resumed } else { WelcomeMode::Fresh };
            let seq = events.last().map_or(resumption.head, |event| event.seq);
            (mode, Some(events), seq)
        }
    };
    if replay.is_none() {
        hub.unregister(user, identity.connection);
    }
    metrics::counter!("tandem_resumes_total", "mode" => tandem_protocol::vocab::Word::as_str(mode)).increment(1);
    let welcome = welcome(services, identity, mode, resumption.head, now);
    Ok(Greeting { welcome, replay, seq })
}

fn welcome(services: &Services, identity: &Identity, mode: WelcomeMode, seq: i64, now: Timestamp) -> Encoded {
    encode(&ServerFrame::Welcome(Welcome {
        connection_id: identity.connection,
        epoch: services.epoch().to_owned(),
        seq,
        mode,
        ping_interval_ms: u64::try_from(PING_INTERVAL.as_millis()).unwrap_or(u64::MAX),
        token_expires_in: seconds_left(identity.expires_at, now),
        limits: Limits::default(),
    }))
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

/// A device's name as other devices see it: one line, bounded.
fn shown_name(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(tandem_protocol::limits::MAX_NAME_CHARS).collect()
}
