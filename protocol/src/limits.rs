//! The numbers of the contract, in the units of their names: bytes, characters (Unicode scalar values), counts.
//!
//! Server and clients read them here. A client of another version cannot, so `welcome.limits` repeats the ones it needs.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Version of the socket protocol, the `version` of `hello`.
pub const PROTOCOL_VERSION: u32 = 1;
/// Largest REST body in bytes; more is `payload_too_large`.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;
/// Largest client message on the socket in bytes; more is closed with 4509.
// Twice a message of the greatest length in characters of four bytes, so that escapes in its JSON fit, too.
pub const MAX_FRAME_BYTES: usize = 256 * 1024;
/// Characters of a message's text, from 1.
pub const MAX_MESSAGE_CHARS: usize = 32_000;
/// Characters of a task's title after trimming, from 1.
pub const MAX_TITLE_CHARS: usize = 500;
/// Characters of a task's description.
pub const MAX_DESCRIPTION_CHARS: usize = 10_000;
/// Labels of one task.
pub const MAX_LABELS: usize = 50;
/// Calendar feeds of one user.
pub const MAX_FEEDS: usize = 20;
/// Devices of one user that receive pushes.
pub const MAX_SUBSCRIPTIONS: usize = 20;
/// Bytes of a push before it is encrypted.
pub const MAX_PUSH_BYTES: usize = 3_000;
/// Reminders of one task.
pub const MAX_REMINDERS: usize = 10;
/// Open tasks of one user.
pub const MAX_OPEN_TASKS: i64 = 10_000;
/// Labels of all tasks of one user.
pub const MAX_USER_LABELS: i64 = 500;
/// Lists of one user.
pub const MAX_USER_LISTS: i64 = 200;
/// Characters of a label or of a list's name, from 1.
pub const MAX_LABEL_CHARS: usize = 100;
/// Characters of a conversation's title, a person's name, a device's name or a token's name.
pub const MAX_NAME_CHARS: usize = 200;
/// Items of a page when no `limit` is given.
pub const DEFAULT_PAGE: u32 = 50;
/// Most items of a page.
pub const MAX_PAGE: u32 = 200;
/// Most events of one answer of `GET /events`.
pub const MAX_EVENTS: u32 = 500;
/// A device that lacks more events than this has to `resync`.
pub const MAX_RESUME_EVENTS: i64 = 2_000;
/// Devices named in one `presence` frame.
pub const MAX_PRESENCE: usize = 50;
/// A socket without `hello` for this long is closed with 4502.
pub const HELLO_TIMEOUT: Duration = Duration::from_secs(5);
/// Silence after which the server pings.
pub const PING_INTERVAL: Duration = Duration::from_secs(20);
/// A ping unanswered for this long closes with 4004.
pub const PONG_TIMEOUT: Duration = Duration::from_secs(10);
/// `auth.expiring` is sent this long before the access token ends.
pub const EXPIRY_NOTICE: Duration = Duration::from_mins(1);
/// Commands a second of one socket, sustained.
pub const COMMANDS_PER_SECOND: u32 = 20;
/// Commands of one socket at once.
pub const COMMAND_BURST: u32 = 60;
/// Durable backlog of a device in bytes above which it is closed with 4008.
pub const MAX_BACKLOG_BYTES: usize = 1024 * 1024;
/// A device that reads nothing for this long is closed with 4008.
pub const STALL_TIMEOUT: Duration = Duration::from_secs(15);
/// Longest pause between attempts to reconnect; see [`reconnect_ceiling`].
pub const RECONNECT_MAX: Duration = Duration::from_secs(20);
/// First pause between attempts to reconnect.
pub const RECONNECT_BASE: Duration = Duration::from_millis(500);

/// Upper end of the pause before attempt `attempt` (from 0): full jitter draws uniformly between zero and this.
pub fn reconnect_ceiling(attempt: u32) -> Duration {
    // The pause reaches its maximum long before 16 doublings; a shift by 32 or more would overflow.
    RECONNECT_BASE.saturating_mul(1 << attempt.min(16)).min(RECONNECT_MAX)
}

/// The limits of this server that a client needs, as sent in `welcome`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    pub frame_bytes: usize,
    pub message_chars: usize,
    pub commands_per_second: u32,
    pub command_burst: u32,
    pub resume_events: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            frame_bytes: MAX_FRAME_BYTES,
            message_chars: MAX_MESSAGE_CHARS,
            commands_per_second: COMMANDS_PER_SECOND,
            command_burst: COMMAND_BURST,
            resume_events: MAX_RESUME_EVENTS,
        }
    }
}
