//! Which reminders are due, of all owners.
//!
//! Each task has the time at which the next of its reminders fires, and a partial index has these times in order. A
//! reminder is fired in a transaction of its owner, which decides once more by the task itself.

use super::Result;
use async_trait::async_trait;
use tandem_protocol::{TaskId, Timestamp, UserId};

/// A task of which a reminder is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueReminder {
    pub user: UserId,
    pub task: TaskId,
    /// When the next of its reminders fires.
    pub at: Timestamp,
}

#[async_trait]
pub trait Reminders: Send + Sync {
    /// Tasks of which a reminder fires until a time, the longest ago first. Those of disabled accounts do not.
    async fn due_reminders(&self, until: Timestamp, limit: u32) -> Result<Vec<DueReminder>>;
}
