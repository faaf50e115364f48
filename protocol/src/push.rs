//! Web Push: subscriptions of devices, what a push carries, and how it is answered.
//!
//! A browser gives a subscription: an address at its push service, and keys. The server encrypts each push with these keys,
//! so that the push service learns that there is one and not what it says. The script in the browser that shows it has no
//! access token; a push of a reminder therefore carries a token of its own, which answers that reminder and nothing else.

use crate::{
    Timestamp,
    enums::{PushAnswer, PushKind},
    id::{CommandId, DeviceId, ReminderId, SubscriptionId, TaskId},
};
use serde::{Deserialize, Serialize};

/// Answer of `GET /push/key`: the key with which this server signs pushes (RFC 8292), the same on all of its nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PushKey {
    /// The uncompressed P-256 point in base64url, as `applicationServerKey` of a subscription.
    pub public_key: String,
}

/// Body of `POST /push/subscriptions`: what the browser gives for a subscription, and what is to be pushed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewSubscription {
    /// The address of the push service for this browser; https.
    pub endpoint: String,
    /// The keys of the browser.
    pub keys: SubscriptionKeys,
    /// The device, as it names itself in `hello`. It has one subscription: another one replaces it.
    pub device_id: DeviceId,
    /// What is pushed to this device, of the kinds in the settings of the user; all of them when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kinds: Option<Vec<PushKind>>,
}

/// The keys of a browser for its pushes (RFC 8291), in base64url, with padding or without.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SubscriptionKeys {
    /// The public key, an uncompressed point of P-256: 65 bytes.
    pub p256dh: String,
    /// The authentication secret, 16 bytes.
    pub auth: String,
}

/// A device that receives pushes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Subscription {
    /// The subscription's id, by which it is removed.
    pub id: SubscriptionId,
    /// The device, as it names itself in `hello`.
    pub device_id: DeviceId,
    /// The address of the push service for this browser.
    pub endpoint: String,
    /// What is pushed to this device, of the kinds in the settings of the user.
    pub kinds: Vec<PushKind>,
    /// When the device subscribed.
    pub created_at: Timestamp,
}

/// What a push carries, encrypted for the browser; [`MAX_PUSH_BYTES`](crate::limits::MAX_PUSH_BYTES) at most.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PushPayload {
    /// What the push is about.
    pub kind: PushKind,
    /// The headline, such as the title of a task.
    pub title: String,
    /// One or two sentences; may be empty.
    pub body: String,
    /// The path of the page that shows what the push is about.
    pub path: String,
    /// Overdue tasks and unread replies together.
    pub badge: i64,
    /// A notification replaces another one with the same name. That of a reminder is its id, as in the page.
    pub tag: String,
    /// The reminder, in a push of this kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reminder: Option<PushedReminder>,
}

/// The reminder of a push, which can be answered without opening the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PushedReminder {
    /// The task that it belongs to.
    pub task_id: TaskId,
    /// The reminder's id in the task.
    pub reminder_id: ReminderId,
    /// The token for `POST /push/answers`; it works once, for a day, and for this reminder alone.
    pub token: String,
    /// The `Idempotency-Key` of the answer, whichever it is: a notification is answered once.
    pub command_id: CommandId,
}

/// Body of `POST /push/answers`, which needs no sign-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PushAnswerBody {
    /// The token of the push.
    pub token: String,
    /// What the user has pressed.
    pub answer: PushAnswer,
}

/// Answer of `POST /push/answers`. It shows nothing of the task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PushAnswered {
    /// What was done with the reminder.
    pub answer: PushAnswer,
    /// When the reminder fires again; null when it does not.
    pub snoozed_until: Option<Timestamp>,
}

/// Answer of `POST /push/subscriptions/{id}/test`: the push is on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PushTest {
    /// Always `accepted`: the push was added to the outbox.
    pub status: String,
}
