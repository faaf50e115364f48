//! Updates of rows with many indexes.
//!
//! SQLite writes every index that has a column of the statement, also when its value stays, and each is a page more in the
//! log. So what is indexed is written apart, where it differs.

use super::{At, ClockTime, Day, Json, script::Script, sql::chat_rows::title_source, sql::task_rows::folded};
use crate::{ConversationRow, shared::Expects};
use tandem_domain::zone;
use tandem_protocol::{enums::WireEnum as _, model::Task};

/// Writes a task that is not new, and brings a deleted one back.
pub(super) fn task(script: &mut Script, owner: &str, task: &Task) {
    let (id, due) = (task.id.0, task.due.as_ref());
    script
        .add(
            "update tasks
                set title = $3,
                    description = $4,
                    folded = $5,
                    due_zone = $6,
                    recurrence_rule = $7,
                    recurrence_anchor = $8,
                    recurrence_start = $9,
                    occurrence = $10,
                    reminders = $11,
                    labels = $12,
                    rev = $13,
                    updated_at = $14
              where user_id = $1
                and id = $2",
            Expects::Present("a task to be changed is not there"),
        )
        .bind(owner)
        .bind(id)
        .bind(&task.title)
        .bind(&task.description)
        .bind(folded(task))
        .bind(due.map(|due| due.time_zone.as_str()))
        .bind(task.recurrence.as_ref().map(|recurrence| recurrence.rule.as_str()))
        .bind(task.recurrence.as_ref().map(|recurrence| recurrence.anchor.as_str()))
        .bind(task.recurrence.as_ref().and_then(|recurrence| recurrence.start).map(Day))
        .bind(task.occurrence.map(Day))
        .bind(Json(&task.reminders))
        .bind(Json(&task.labels))
        .bind(task.rev)
        .bind(At(task.updated_at));
    script
        .add(
            "update tasks
                set status = $3,
                    priority = $4,
                    completed_at = $5
              where user_id = $1
                and id = $2
                and (status, priority, completed_at) is not ($3, $4, $5)",
            Expects::Anything,
        )
        .bind(owner)
        .bind(id)
        .bind(task.status.as_str())
        .bind(task.priority.as_str())
        .bind(task.completed_at.map(At));
    script
        .add(
            "update tasks
                set due_date = $3,
                    due_time = $4,
                    due_at = $5
              where user_id = $1
                and id = $2
                and (due_date, due_time, due_at) is not ($3, $4, $5)",
            Expects::Anything,
        )
        .bind(owner)
        .bind(id)
        .bind(due.map(|due| Day(due.date)))
        .bind(due.and_then(|due| due.time).map(ClockTime))
        .bind(due.map(|due| At(zone::due_at(due))));
    script
        .add(
            "update tasks
                set position = $3,
                    list = $4,
                    parent_id = $5
              where user_id = $1
                and id = $2
                and (position, list, parent_id) is not ($3, $4, $5)",
            Expects::Anything,
        )
        .bind(owner)
        .bind(id)
        .bind(&task.position)
        .bind(&task.list)
        .bind(task.parent_id.map(|id| id.0));
    script
        .add(
            "update tasks set reminder_at = $3 where user_id = $1 and id = $2 and reminder_at is not $3",
            Expects::Anything,
        )
        .bind(owner)
        .bind(id)
        .bind(task.next_reminder().map(At));
    script
        .add(
            "update tasks set deleted_at = null where user_id = $1 and id = $2 and deleted_at is not null",
            Expects::Anything,
        )
        .bind(owner)
        .bind(id);
}

/// Writes a conversation that is not new.
pub(super) fn conversation(script: &mut Script, owner: &str, row: &ConversationRow) {
    let shown = &row.conversation;
    script
        .add(
            "update conversations
                set title = $3,
                    title_source = $4,
                    updated_at = $5,
                    last_message_at = $6,
                    unread = $7,
                    archived = $8,
                    provider = $9
              where user_id = $1
                and id = $2
                and deleted_at is null",
            Expects::Present("a conversation to be changed is not there"),
        )
        .bind(owner)
        .bind(shown.id.0)
        .bind(&shown.title)
        .bind(title_source(row.title_source))
        .bind(At(shown.updated_at))
        .bind(shown.last_message_at.map(At))
        .bind(shown.unread)
        .bind(shown.archived)
        .bind(&shown.provider);
    script
        .add(
            "update conversations
                set active_at = $3,
                    pinned = $4
              where user_id = $1
                and id = $2
                and (active_at, pinned) is not ($3, $4)",
            Expects::Anything,
        )
        .bind(owner)
        .bind(shown.id.0)
        .bind(At(shown.last_message_at.unwrap_or(shown.created_at)))
        .bind(shown.pinned);
}
