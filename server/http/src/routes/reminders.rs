//! Reminders of tasks that have fired: answer them, or let them fire again.

use super::{Commands, Id, Nothing, OptionalBody, Result};
use crate::extract::Body;
use axum::response::Response;
use tandem_protocol::{
    ReminderId, TaskRef,
    live::{
        Command,
        command::{ReminderAck, ReminderSnooze},
    },
    reminder::SnoozeBody,
    rest::TaskWritten,
};

/// Answers a reminder: no device shows it any more.
#[utoipa::path(post, path = "/api/v1/tasks/{id}/reminders/{reminder_id}/ack", tag = "tasks",
    params(("id" = TaskRef, Path), ("reminder_id" = ReminderId, Path)), request_body = Option<Nothing>,
    responses((status = 200, body = TaskWritten)))]
pub(crate) async fn ack(
    commands: Commands,
    Id((task_id, reminder_id)): Id<(TaskRef, ReminderId)>,
    OptionalBody(Nothing {}): OptionalBody<Nothing>,
) -> Result<Response> {
    commands.run(Command::ReminderAck(ReminderAck { task_id, reminder_id })).await
}

/// Lets a reminder fire again, after a time or at one.
#[utoipa::path(post, path = "/api/v1/tasks/{id}/reminders/{reminder_id}/snooze", tag = "tasks",
    params(("id" = TaskRef, Path), ("reminder_id" = ReminderId, Path)), request_body = SnoozeBody,
    responses((status = 200, body = TaskWritten)))]
pub(crate) async fn snooze(
    commands: Commands,
    Id((task_id, reminder_id)): Id<(TaskRef, ReminderId)>,
    Body(SnoozeBody { duration, until }): Body<SnoozeBody>,
) -> Result<Response> {
    commands.run(Command::ReminderSnooze(ReminderSnooze { task_id, reminder_id, duration, until })).await
}
