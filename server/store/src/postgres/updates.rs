//! Updates of rows with many indexes.
//!
//! One statement for each: PostgreSQL compares the values of indexed columns itself, and every statement is a round trip.

use super::{
    script::Script,
    sql::{chat_writes, task_writes},
};
use crate::{ConversationRow, shared::Expects};
use tandem_protocol::model::Task;

/// Writes a task that is not new, and brings a deleted one back.
pub(super) fn task(script: &mut Script, owner: &str, task: &Task) {
    let values = script.add(
        "update tasks
            set title = $3,
                description = $4,
                folded = $5,
                status = $6,
                priority = $7,
                due_date = $8,
                due_time = $9,
                due_zone = $10,
                due_at = $11,
                recurrence_rule = $12,
                recurrence_anchor = $13,
                recurrence_start = $14,
                occurrence = $15,
                reminders = $16,
                reminder_at = $17,
                labels = $18,
                list = $19,
                parent_id = $20,
                position = $21,
                rev = $22,
                updated_at = $23,
                completed_at = $24,
                deleted_at = null
          where user_id = $1
            and id = $2",
        Expects::Present("a task to be changed is not there"),
    );
    task_writes::columns(values, owner, task);
}

/// Writes a conversation that is not new.
pub(super) fn conversation(script: &mut Script, owner: &str, row: &ConversationRow) {
    let values = script.add(
        "update conversations
            set title = $3,
                title_source = $4,
                updated_at = $5,
                last_message_at = $6,
                active_at = $7,
                unread = $8,
                pinned = $9,
                archived = $10,
                provider = $11
          where user_id = $1
            and id = $2
            and deleted_at is null",
        Expects::Present("a conversation to be changed is not there"),
    );
    chat_writes::columns(values, owner, row);
}
