//! Where a device starts and how it catches up: snapshot and event log.

use super::{Result, ServiceError, Services, authenticate::session_caller};
use crate::{auth::Caller, domain::page::PageRequest, store::ReadTx};
use tandem_protocol::{
    SessionId, Timestamp,
    limits::{MAX_EVENTS, MAX_RESUME_EVENTS},
    live::{Event, client::ResumePoint},
    rest::{EventList, EventsQuery, Snapshot},
    vocab::StatusFilter,
};

/// How a device can go on.
#[derive(Clone, Debug, PartialEq)]
pub enum Catchup {
    /// Everything after its place, in order.
    Events(Vec<Event>),
    /// Its place is not in this log, or too far back: it starts over.
    Resync,
}

/// The head of the log, and how a device can go on from its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Resumption {
    /// Of the newest event.
    pub head: i64,
    /// How to go on.
    pub catchup: Catchup,
}

impl Services {
    /// Everything a device needs to start, of one moment.
    pub async fn snapshot(&self, caller: &Caller) -> Result<Snapshot> {
        let mut tx = self.store().read(&caller.owner).await?;
        let account = tx.account().await?;
        let page = PageRequest::first();
        let rows = tx.conversations(&page).await?;
        Ok(Snapshot {
            epoch: self.epoch().to_owned(),
            seq: account.seq,
            user: account.user,
            conversations: page.page(rows, super::chat::activity_key),
            tasks: tx.all_tasks(StatusFilter::Open).await?,
            active_messages: tx.active_messages().await?,
        })
    }

    /// A piece of the log.
    pub async fn events(&self, caller: &Caller, query: EventsQuery) -> Result<EventList> {
        if query.epoch.is_some_and(|epoch| epoch != self.epoch()) {
            return Err(ServiceError::Gone);
        }
        if query.since < 0 {
            return Err(ServiceError::invalid("since", "expected a seq, from 0"));
        }
        let mut tx = self.store().read(&caller.owner).await?;
        let seq = tx.account().await?.seq;
        if !reaches(tx.as_mut(), query.since, seq).await? {
            return Err(ServiceError::Gone);
        }
        let items = tx.events_after(query.since, MAX_EVENTS).await?;
        Ok(EventList { items, epoch: self.epoch().to_owned(), seq })
    }

    /// What a device that connects has missed.
    pub async fn resume(&self, caller: &Caller, from: Option<&ResumePoint>) -> Result<Resumption> {
        let mut tx = self.store().read(&caller.owner).await?;
        let head = tx.account().await?.seq;
        let catchup = match from {
            None => Catchup::Events(Vec::new()),
            Some(from) if from.epoch != self.epoch() => Catchup::Resync,
            // The seq is the client's word: any number at all.
            Some(from) if head.saturating_sub(from.seq) > MAX_RESUME_EVENTS => Catchup::Resync,
            Some(from) if !reaches(tx.as_mut(), from.seq, head).await? => Catchup::Resync,
            Some(from) => Catchup::Events(tx.events_after(from.seq, resume_limit()).await?),
        };
        Ok(Resumption { head, catchup })
    }

    /// Events after a seq, for a hub that saw a gap in the news of a connected session.
    pub async fn events_for_session(&self, session: SessionId, seq: i64) -> Result<Vec<Event>> {
        let record = self.store().session(session).await?.ok_or(ServiceError::SessionRevoked)?;
        let owner = session_caller(&record).owner;
        Ok(self.store().read(&owner).await?.events_after(seq, resume_limit()).await?)
    }

    /// Whether a caller's session is still alive: asked once more after a socket was registered, so that a revocation
    /// in between is not missed.
    pub async fn recheck(&self, caller: &Caller) -> Result<()> {
        let Some(session) = caller.session() else { return Err(ServiceError::InvalidToken) };
        let now = self.ambient().now();
        let alive = self.store().session(session).await?.is_some_and(|record| record.alive(now));
        if alive { Ok(()) } else { Err(ServiceError::SessionRevoked) }
    }

    /// Removes what is kept for a time only; `keep_events` events of each user stay however old they are.
    pub async fn prune(&self, keep_events: i64) -> Result<()> {
        Ok(self.store().prune(self.ambient().now(), keep_events).await?)
    }

    /// Sessions that were revoked since a time.
    pub async fn revoked_sessions_since(&self, since: Timestamp) -> Result<Vec<SessionId>> {
        Ok(self.store().revoked_since(since).await?)
    }
}

fn resume_limit() -> u32 {
    u32::try_from(MAX_RESUME_EVENTS).unwrap_or(u32::MAX)
}

/// Whether the log holds every event after `since`.
async fn reaches(tx: &mut dyn ReadTx, since: i64, head: i64) -> Result<bool> {
    if since < 0 || since > head {
        return Ok(false);
    }
    let oldest = tx.oldest_seq().await?;
    Ok(since == head || oldest.is_some_and(|oldest| oldest <= since + 1))
}
