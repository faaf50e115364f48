//! Devices that receive pushes, and the outbox of pushes.
//!
//! A push is added by the transaction of the event that it is about. It is one row for one device and one event, so no
//! device gets two pushes about one event. Any node may send it: the node that begins an attempt ([`Pushes::begin_push`])
//! holds it until that attempt ends, or until its lease does.

use super::Result;
use async_trait::async_trait;
use tandem_protocol::{
    CommandId, DeviceId, ReminderId, SessionId, TaskId, Timestamp, UserId, enums::PushKind, id::SubscriptionId,
    push::Subscription,
};
use uuid::Uuid;

/// The key with which pushes are signed.
#[derive(Clone, PartialEq, Eq)]
pub struct PushKeyPair {
    /// PKCS #8.
    pub private: Vec<u8>,
    /// An uncompressed point of P-256.
    pub public: Vec<u8>,
}

impl std::fmt::Debug for PushKeyPair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PushKeyPair").finish_non_exhaustive()
    }
}

/// What a browser gave, with the sign-in that it ends with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubscriptionRow {
    pub subscription: Subscription,
    pub session: SessionId,
    /// SHA-256 of the endpoint.
    pub endpoint_hash: [u8; 32],
    pub public_key: Vec<u8>,
    pub auth_secret: Vec<u8>,
}

/// Names a push: a device, and the event that it is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PushId {
    pub user: UserId,
    pub subscription: SubscriptionId,
    /// The seq of the event; negative for a test.
    pub seq: i64,
}

/// What a push is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PushSubject {
    pub kind: PushKind,
    /// The id of the task or of the reply.
    pub id: Uuid,
    pub reminder: Option<ReminderId>,
}

/// A push that is added to the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPush {
    pub subscription: SubscriptionId,
    /// The seq of the event; negative for a test. There is one push to a device about one event.
    pub seq: i64,
    pub subject: PushSubject,
    pub command: CommandId,
    pub created_at: Timestamp,
    /// When it is sent; the epoch for at once, whatever the clocks of the nodes say.
    pub next_at: Timestamp,
    pub gives_up_at: Timestamp,
}

/// A push that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DuePush {
    pub key: PushId,
    pub subject: PushSubject,
    pub command: CommandId,
    pub created_at: Timestamp,
    pub gives_up_at: Timestamp,
    /// Attempts that have begun.
    pub attempts: i64,
    /// Whether the last of these has not ended, although its lease has: its node is gone.
    pub sending: bool,
    /// Whether its device is still signed in, to an account that is not disabled.
    pub signed_in: bool,
    pub device: DeviceId,
    pub endpoint: String,
    pub public_key: Vec<u8>,
    pub auth_secret: Vec<u8>,
}

/// What becomes of a push after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushEnd {
    /// It was sent. The row stays, so that its token works.
    Sent,
    /// Nothing is left to do, and nothing to answer.
    Dropped,
    Retry(Timestamp),
    /// The push service has ended the subscription.
    Unsubscribed,
}

/// The reminder that a token answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushAnswerable {
    pub user: UserId,
    /// The sign-in of the device that the push was sent to.
    pub session: SessionId,
    pub device: DeviceId,
    pub task: TaskId,
    pub reminder: ReminderId,
    pub command: CommandId,
}

/// The outbox of all users.
#[async_trait]
pub trait Pushes: Send + Sync {
    /// Keeps a key, unless there is one; returns the one that is kept.
    async fn adopt_push_key(&self, key: &PushKeyPair) -> Result<PushKeyPair>;
    /// Removes the subscription with this endpoint, unless it is of this user.
    async fn release_endpoint(&self, hash: &[u8; 32], user: &UserId) -> Result<()>;
    /// Pushes to send at a time, those first that wait the longest.
    async fn due_pushes(&self, now: Timestamp, limit: u32) -> Result<Vec<DuePush>>;
    /// Begins an attempt, which holds the push until `lease`, and keeps the hash of the token that it carries. False when
    /// another node was faster, or the push is gone.
    async fn begin_push(
        &self,
        push: &DuePush,
        lease: Timestamp,
        now: Timestamp,
        token: Option<&[u8; 32]>,
    ) -> Result<bool>;
    /// Ends the attempt with this number, or a push before its first one. Nothing happens after another attempt has begun.
    async fn end_push(&self, key: &PushId, attempts: i64, end: PushEnd) -> Result<()>;
    /// Holds pushes about the events from the first to the last back until a time: those to `devices`, or, of kinds that any
    /// device shows, all. Those that have been tried stay as they are.
    async fn hold_pushes(
        &self,
        user: &UserId,
        events: (i64, i64),
        devices: &[DeviceId],
        until: Timestamp,
    ) -> Result<()>;
    /// Lets the pushes of a user that are due wait until a time.
    async fn defer_pushes(&self, user: &UserId, now: Timestamp, until: Timestamp) -> Result<()>;
    /// Removes pushes of reminders to a device that has shown the events up to `seq`.
    async fn drop_shown_pushes(&self, user: &UserId, device: &DeviceId, seq: i64) -> Result<()>;
    /// What the token with this hash answers, unless it was too long ago.
    async fn push_answerable(&self, hash: &[u8; 32], now: Timestamp) -> Result<Option<PushAnswerable>>;
}

#[async_trait]
pub trait PushReads {
    /// The subscriptions of the owner, newest first.
    async fn push_subscriptions(&mut self) -> Result<Vec<Subscription>>;
    /// How many pushes of the owner are kept, up to a limit.
    async fn kept_pushes(&mut self, limit: i64) -> Result<i64>;
}

#[async_trait]
pub trait PushWrites: Send {
    /// Adds a subscription in place of others of the same device or endpoint; `Exists` when another user has its endpoint.
    async fn insert_subscription(&mut self, row: &SubscriptionRow) -> Result<()>;
    /// Changes all of a subscription but id, device and endpoint. What waits for it stays.
    async fn update_subscription(&mut self, row: &SubscriptionRow) -> Result<()>;
    /// Removes a subscription, and what waits for it; false when there is none of this id.
    async fn delete_subscription(&mut self, id: SubscriptionId) -> Result<bool>;
    /// Adds a push to the outbox.
    async fn add_push(&mut self, push: &NewPush) -> Result<()>;
    /// Removes pushes that were sent; their tokens work no more.
    async fn forget_sent_pushes(&mut self) -> Result<()>;
}
