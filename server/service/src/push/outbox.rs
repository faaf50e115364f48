//! The outbox: what is to be sent, and what became of it.
//!
//! A node begins an attempt in a short transaction right before it sends, and ends it right after. Between the two only
//! that node has the push. When it dies there, nobody knows whether the push has arrived: it is not sent again, since a
//! device gets each push at most once, and counts as `unknown`.

use crate::{Result, Services};
use std::time::Duration;
use tandem_auth::secret::Secret;
use tandem_protocol::{DeviceId, Timestamp, UserId, enums::PushKind};
use tandem_store::{DuePush, PushEnd, PushId, PushKeyPair};

/// How long an attempt may take. Longer than a push service is waited for.
pub const LEASE: Duration = Duration::from_secs(30);
/// How long a push is held back for a device that is connected, and may show it itself.
pub const HELD: Duration = Duration::from_secs(10);
/// Clocks of nodes differ by less. A push from further ahead was made by a clock that was ahead.
const SKEW: Duration = Duration::from_mins(1);

impl Services {
    /// Keeps a key for pushes, unless this database has one; returns the one that all nodes use.
    ///
    /// # Errors
    /// [`ServiceError::Unavailable`](crate::ServiceError::Unavailable) when the database does not answer.
    pub async fn adopt_push_key(&self, key: &PushKeyPair) -> Result<PushKeyPair> {
        let key = self.store().adopt_push_key(key).await?;
        // A second sender of the same services has the same key.
        let _ = self.push_key.set(key.public.clone());
        Ok(key)
    }

    /// Returns when a change of this node has added pushes.
    pub async fn push_waits(&self) {
        self.push_soon.notified().await;
    }

    /// Whether pushes may go to this machine, for tests.
    pub fn push_loopback(&self) -> bool {
        self.deps.push_loopback
    }

    /// Pushes that are due, the longest first.
    ///
    /// # Errors
    /// [`ServiceError::Unavailable`](crate::ServiceError::Unavailable) when the database does not answer.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn due_pushes(&self, limit: u32) -> Result<Vec<DuePush>> {
        Ok(self.store().due_pushes(self.env().now(), limit).await?)
    }

    /// Begins an attempt, with the token that the push carries. False when it is another node's, or gone.
    ///
    /// # Errors
    /// [`ServiceError::Unavailable`](crate::ServiceError::Unavailable) when the database does not answer.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn begin_push(&self, push: &DuePush, token: Option<&Secret>) -> Result<bool> {
        let now = self.env().now();
        let hash = token.map(Secret::hash);
        Ok(self.store().begin_push(push, now.plus(LEASE), now, hash.as_ref()).await?)
    }

    /// Ends the attempt of this number.
    ///
    /// # Errors
    /// [`ServiceError::Unavailable`](crate::ServiceError::Unavailable) when the database does not answer.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn end_push(&self, id: &PushId, attempts: i64, end: PushEnd) -> Result<()> {
        Ok(self.store().end_push(id, attempts, end).await?)
    }

    /// Until when a push is held back because one of these connected devices is about to show it; `None` when it is to be
    /// sent.
    pub fn held_until(&self, push: &DuePush, connected: &[DeviceId]) -> Option<Timestamp> {
        let now = self.env().now();
        let (until, ahead) = (push.created_at.plus(HELD), push.created_at > now.plus(SKEW));
        let shown = match push.subject.kind {
            PushKind::Reminder => connected.contains(&push.device),
            // Any of the user's devices shows these.
            PushKind::Reply | PushKind::Approval => !connected.is_empty(),
            PushKind::Test => false,
        };
        (shown && push.attempts == 0 && now < until && !ahead).then_some(until)
    }

    /// Holds pushes about the events from `first` to `last` back, which these devices are about to show.
    ///
    /// # Errors
    /// [`ServiceError::Unavailable`](crate::ServiceError::Unavailable) when the database does not answer.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn hold_pushes(&self, user: &UserId, events: (i64, i64), devices: &[DeviceId]) -> Result<()> {
        Ok(self.store().hold_pushes(user, events, devices, self.env().now().plus(HELD)).await?)
    }

    /// Lets what waits of a user wait for longer.
    ///
    /// # Errors
    /// [`ServiceError::Unavailable`](crate::ServiceError::Unavailable) when the database does not answer.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn defer_pushes(&self, user: &UserId, time: Duration) -> Result<()> {
        let now = self.env().now();
        Ok(self.store().defer_pushes(user, now, now.plus(time)).await?)
    }

    /// Removes pushes of reminders that a device has shown: it has the events up to `seq`.
    ///
    /// # Errors
    /// [`ServiceError::Unavailable`](crate::ServiceError::Unavailable) when the database does not answer.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn drop_shown_pushes(&self, user: &UserId, device: &DeviceId, seq: i64) -> Result<()> {
        Ok(self.store().drop_shown_pushes(user, device, seq).await?)
    }
}
