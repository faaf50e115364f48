//! How a device catches up: the event log.
//!
//! A device knows the seq of its last event. It is sent everything after it, or starts over from a snapshot when the
//! log does not reach back that far, or the database was restored from a copy (another epoch).
//!
//! **Invariant:** events are sent without gaps. A log that was shortened in between is an error, not a shorter answer.

use super::{
    Admitted, Result, ServiceError, Services, SessionLifetimes, attempts::WINDOW, authenticate::session_caller,
};
use tandem_auth::Caller;
use tandem_protocol::{
    SessionId, Timestamp, UserId,
    limits::{MAX_EVENTS, MAX_RESUME_EVENTS},
    live::{Event, client::ResumePoint},
    rest::{EventList, EventsQuery},
};
pub use tandem_store::EndedSession;
use tandem_store::Furthest;

/// Events of one page for a device that catches up: a long replay is not held in memory as a whole.
const REPLAY_PAGE: u32 = 256;
/// Events before a device's seq that are read with those after it. Other devices of the same user reconnect at the same
/// moment, and were not all equally far: one read serves them, too.
const REPLAY_OVERLAP: i64 = 16;

/// How a device can continue.
#[derive(Clone, Debug, PartialEq)]
pub enum Catchup {
    /// The first page of everything after its seq, in order, preceded by a few events that it has already;
    /// [`Services::events_for_session`] has the next page.
    Events(Vec<Event>),
    /// Its seq is not in this log, or too far back: it starts over.
    Resync,
}

/// The head of the log, and how a device can continue from its seq.
#[derive(Clone, Debug, PartialEq)]
pub struct Resumption {
    /// Of the newest event.
    pub head: i64,
    /// How the device can continue.
    pub catchup: Catchup,
}

impl Services {
    /// Some events of the log.
    ///
    /// # Errors
    /// [`ServiceError::Gone`] when the log is another one, or was shortened beyond `since`; [`ServiceError::Invalid`]
    /// when `since` is negative.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn events(&self, caller: &Admitted, query: EventsQuery) -> Result<EventList> {
        if query.epoch.is_some_and(|epoch| epoch != self.epoch()) {
            return Err(ServiceError::Gone);
        }
        if query.since < 0 {
            return Err(ServiceError::invalid("since", "expected a seq, from 0"));
        }
        let mut tx = self.store().read(&caller.owner).await?;
        let seq = tx.account().await?.seq;
        if !reaches(tx.oldest_seq().await?, query.since, seq) {
            return Err(ServiceError::Gone);
        }
        let items = tx.events_after(query.since, MAX_EVENTS).await?;
        Ok(EventList { items, epoch: self.epoch().to_owned(), seq })
    }

    /// Whether the session of a device that connects is still alive, and what the device has missed, both of one
    /// moment. Called after the socket was registered, so that neither a revocation nor an event is missed in between.
    ///
    /// # Errors
    /// [`ServiceError::InvalidToken`] for a caller without a session, [`ServiceError::SessionRevoked`] when the session
    /// has ended.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn resume(&self, caller: &Caller, from: Option<&ResumePoint>) -> Result<Resumption> {
        let session = caller.session().ok_or(ServiceError::InvalidToken)?;
        let mut tx = self.store().read(&caller.owner).await?;
        // One statement: the session is alive at the moment of which the head is read.
        let log = tx.log_state(session, self.env().now()).await?;
        if !log.session_alive {
            return Err(ServiceError::SessionRevoked);
        }
        let catchup = match from {
            None => Catchup::Events(Vec::new()),
            Some(from) if from.epoch != self.epoch() => Catchup::Resync,
            Some(from) if !reaches(log.oldest, from.seq, log.head) => Catchup::Resync,
            Some(from) if log.head - from.seq > MAX_RESUME_EVENTS => Catchup::Resync,
            Some(from) => Catchup::Events(tx.events_after((from.seq - REPLAY_OVERLAP).max(0), REPLAY_PAGE).await?),
        };
        Ok(Resumption { head: log.head, catchup })
    }

    /// Whether the session of a device that connects is still alive, for one whose missed events the hub has.
    ///
    /// # Errors
    /// [`ServiceError::InvalidToken`] for a caller without a session, [`ServiceError::SessionRevoked`] when the session
    /// has ended.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn recheck(&self, caller: &Caller) -> Result<()> {
        let session = caller.session().ok_or(ServiceError::InvalidToken)?;
        let now = self.env().now();
        let alive = self.store().session(session).await?.is_some_and(|record| record.alive(now));
        if alive { Ok(()) } else { Err(ServiceError::SessionRevoked) }
    }

    /// The next page of events after a seq, for the devices of a session.
    ///
    /// # Errors
    /// [`ServiceError::Gone`] when the log was shortened beyond that seq: the devices have to start over.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn events_for_session(&self, session: SessionId, seq: i64) -> Result<Vec<Event>> {
        let record = self.store().session(session).await?.ok_or(ServiceError::SessionRevoked)?;
        let owner = session_caller(&record).owner;
        let events = self.store().read(&owner).await?.events_after(seq, REPLAY_PAGE).await?;
        if follows(&events, seq) { Ok(events) } else { Err(ServiceError::Gone) }
    }

    /// The seq of the newest event of each of these users.
    ///
    /// # Errors
    /// [`ServiceError::Unavailable`] or [`ServiceError::Overloaded`] when the database does not do it in time.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn log_heads(&self, users: &[UserId]) -> Result<Vec<(UserId, i64)>> {
        Ok(self.store().log_heads(users).await?)
    }

    /// Removes what is kept for a limited time, and corrects times that a clock that was ahead has written. The newest
    /// `keep_events` events of each user stay for longer.
    ///
    /// # Errors
    /// [`ServiceError::Unavailable`] or [`ServiceError::Overloaded`] when the database does not do it in time.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn prune(&self, keep_events: i64) -> Result<()> {
        let now = self.env().now();
        let SessionLifetimes { idle, max } = self.deps.lifetimes;
        // No session and no limit that a correct clock has written lasts longer.
        let furthest = Furthest { session: now.plus(idle.min(max)), rate_limit: now.plus(WINDOW) };
        self.store().set_back(now, furthest).await?;
        Ok(self.store().prune(now, keep_events).await?)
    }

    /// Sessions that have ended since a time, before their own end.
    ///
    /// # Errors
    /// [`ServiceError::Unavailable`] or [`ServiceError::Overloaded`] when the database does not do it in time.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn sessions_ended_since(&self, since: Timestamp) -> Result<Vec<EndedSession>> {
        Ok(self.store().ended_since(since).await?)
    }
}

/// Whether nothing is missing between a seq and these events.
fn follows(events: &[Event], seq: i64) -> bool {
    events.first().is_none_or(|first| first.seq <= seq + 1)
}

/// Whether a log from `oldest` to `head` holds every event after `since`.
fn reaches(oldest: Option<i64>, since: i64, head: i64) -> bool {
    (0..=head).contains(&since) && (since == head || oldest.is_some_and(|oldest| oldest <= since + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tandem_protocol::{enums::ActorKind, live::Actor};

    fn log(first: i64) -> Vec<Event> {
        let event = |seq| Event {
            seq,
            at: Timestamp::from_millis(0),
            name: "task.deleted".into(),
            data: serde_json::value::to_raw_value(&()).unwrap(),
            actor: Actor { kind: ActorKind::User, device_id: None },
            command_id: None,
        };
        (first..first + 3).map(event).collect()
    }

    #[test]
    fn a_replay_does_not_go_on_behind_a_hole() {
        assert!(follows(&log(6), 5));
        assert!(follows(&log(3), 5), "some that the devices have are no harm");
        assert!(follows(&[], 5), "nothing is missing at the end of the log");
        assert!(!follows(&log(7), 5), "the log was shortened in between");
    }

    #[test]
    fn a_log_reaches_back_to_its_oldest_event() {
        assert!(reaches(Some(6), 5, 9));
        assert!(!reaches(Some(7), 5, 9));
        assert!(reaches(None, 9, 9), "whoever has all needs none of it");
        assert!(!reaches(None, 8, 9));
        assert!(!reaches(Some(1), 10, 9) && !reaches(Some(1), -1, 9));
    }
}
