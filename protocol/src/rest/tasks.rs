//! Task bodies, the undo body, and the answers that the socket's acks share.

use crate::{
    enums::{Anchor, DueFilter, ObjectKind, Priority, StatusFilter, TaskStatus, UndoAction},
    id::{ConversationId, TaskId, TaskRef},
    live::Actor,
    model::{Due, Task},
    reminder::ReminderInput,
    time::Timestamp,
};
use jiff::civil;
use serde::{Deserialize, Deserializer, Serialize};

/// A due date, as a client sends it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DueInput {
    /// The day it is due.
    #[serde(with = "crate::time::date")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
    pub date: civil::Date,
    /// The clock time; null for the whole day.
    #[serde(default, with = "crate::time::clock_time")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub time: Option<civil::Time>,
    /// The IANA zone of day and time; the user's when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

/// How a task recurs, as a client sends it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecurrenceInput {
    /// RFC 5545 recurrence rule, such as `FREQ=WEEKLY;BYDAY=MO`.
    pub rule: String,
    /// What the next date is counted from; `due` when absent.
    #[serde(default)]
    pub anchor: Anchor,
    /// The date from which the rule counts; that of the due date when absent or null.
    #[serde(default, with = "crate::time::maybe_date", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = Date))]
    pub start: Option<civil::Date>,
}

/// `POST /tasks` and `task.create`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewTask {
    /// Made by the client, or by the server when absent.
    // A client that makes the id can show the task at once, and a repeated request creates no second one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<TaskId>,
    /// 1 to 500 characters after trimming.
    pub title: String,
    /// Up to 10,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The priority; `none` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// When it is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<DueInput>,
    /// How the task recurs; without a due date it is due today.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recurrence: Option<RecurrenceInput>,
    /// Labels, each at most 100 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<Vec<String>>,
    /// Name of a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
    /// The task that it is part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<TaskRef>,
    /// When the user is reminded, ten times at most; of a due date without it as the user's settings say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reminders: Option<Vec<ReminderInput>>,
    /// Place in the list; at the end when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<String>,
}

/// `PATCH /tasks/{id}`: what is absent stays, null empties.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TaskPatch {
    /// The new title, 1 to 500 characters after trimming.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The new description, up to 10,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The new priority; `none` removes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// The new due date; null removes it, and the recurrence with it. Of a recurring task it moves this occurrence.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<DueInput>))]
    pub due: Option<Option<DueInput>>,
    /// The new recurrence, from its `start`; null ends it. Without `start`, the same rule continues as it was.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<RecurrenceInput>))]
    pub recurrence: Option<Option<RecurrenceInput>>,
    /// New labels, all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<Vec<String>>,
    /// The new list; null moves the task to the inbox.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub list: Option<Option<String>>,
    /// The new parent; null makes the task independent.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<TaskRef>))]
    pub parent_id: Option<Option<TaskRef>>,
    /// New reminders, all of them; one whose rule was there before stays the same reminder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reminders: Option<Vec<ReminderInput>>,
    /// The new place in its list; the server makes a long one shorter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<String>,
    /// Moves the task behind this one; null moves it to the first place. Not together with `position`.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<TaskRef>))]
    pub after: Option<Option<TaskRef>>,
    /// Only if the task still has this `rev`; else `conflict` with the current task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub if_rev: Option<i64>,
}

/// Reads null as `Some(None)`; an absent field is `None`.
// serde alone reads null as `None`, the same as an absent field; a patch needs all three cases.
#[expect(clippy::option_option, reason = "three cases, as JSON has them: absent, null, a value")]
pub(crate) fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Query of `GET /tasks`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct TaskQuery {
    /// Open ones when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<StatusFilter>,
    /// Only tasks due then, in the user's time zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<DueFilter>,
    /// Only tasks of this list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
    /// Only tasks with this label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Only tasks of this priority.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// Only subtasks, of tasks with this status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<StatusFilter>,
    /// Whose title or description holds each of these words, whatever their case and accents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// 1 to 200, 50 when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// The `next_cursor` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// Body of `POST /tasks/{id}/complete`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CompleteBody {
    /// The occurrence that the client shows. A recurring task that has gone on since is answered as it is.
    #[serde(default, with = "crate::time::maybe_date", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = Date))]
    pub occurrence: Option<civil::Date>,
}

/// Query of `GET /completions`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct CompletionsQuery {
    /// Only what was done at this time or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Only what was done before this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// 1 to 200, 50 when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// The `next_cursor` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// `GET /tasks/{id}/history`: what happened to a task, as far as the log of changes goes back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TaskHistory {
    /// Newest first, at most 50.
    pub changes: Vec<PastChange>,
    /// The conversation in which the assistant created the task.
    pub conversation_id: Option<ConversationId>,
}

/// A change of a task in the past.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PastChange {
    /// When it was committed.
    pub at: Timestamp,
    /// The user, or the program that acted for them.
    pub actor: Actor,
    /// The name of its event, such as `task.updated`.
    pub name: String,
    /// The fields of the task that it changed; empty for the creation, and where the version before is not
    /// known.
    pub fields: Vec<String>,
    /// Whether the task was open or done then.
    pub status: TaskStatus,
    /// When the task was due then.
    pub due: Option<Due>,
}

/// Answer of a change to a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TaskWritten {
    /// The task as it is now.
    pub task: Task,
    /// Of the last event of this change; the newest one when nothing changed.
    pub seq: i64,
    /// The token that undoes the change; null when nothing changed.
    pub undo_token: Option<String>,
}

/// Answer of a deletion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Deleted {
    /// Of the last event of this change.
    pub seq: i64,
    /// The token that undoes the deletion, where that is possible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo_token: Option<String>,
}

/// Body of `POST /undo`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UndoBody {
    /// The token of one change or of a reply; the newest request that can be undone when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo_token: Option<String>,
    /// The tokens of several changes that are undone as one, oldest first, at most 500; not together with `undo_token`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo_tokens: Option<Vec<String>>,
}

/// What an undo did to one object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UndoneItem {
    /// The kind of object that changed.
    pub kind: ObjectKind,
    /// The id of that object.
    pub id: String,
    /// What the undo did to it.
    pub action: UndoAction,
}

/// Answer of `POST /undo`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Undone {
    /// Every object that changed.
    pub undone: Vec<UndoneItem>,
    /// Of the last event of this change.
    pub seq: i64,
    /// The token that undoes the undo. Absent from older servers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo_token: Option<String>,
}
