//! Reminders: firing what is due, and answering or snoozing what has fired.
//!
//! A reminder is fired in a transaction of its owner that reads the task, changes the state of the reminder and writes
//! the event. The event is the claim: whoever comes second finds a reminder that has fired. So any number of nodes may
//! find the same reminder due, and a node that dies has either fired it or not touched it.
//!
//! What is due is found by the time in an index, and decided by the task itself. The two can differ when a node of an
//! earlier version has changed the task; then the index is corrected.

use super::{Result, ServiceError, Services, UnitOfWork, tasks};
use futures_util::{StreamExt as _, stream};
use std::{collections::HashMap, time::Duration};
use tandem_auth::{Authority, Caller, Owner};
use tandem_domain::{change::TaskChange, reminder};
use tandem_protocol::{
    TaskId, Timestamp, UserId,
    enums::{ActorKind, PushKind, Scope, TaskStatus},
    id::SubscriptionId,
    live::{
        Actor,
        command::{ReminderAck, ReminderSnooze},
    },
    model::Task,
    reminder::SnoozeBody,
    rest::TaskWritten,
};
use tandem_store::DueReminder;
use tokio_util::sync::CancellationToken;

/// How often each node looks for reminders that are due.
pub const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Reminders that are read at once, the longest due first.
const READ_AT_ONCE: u32 = 1_000;
/// Reminders of one user that are fired by one transaction. It holds the user's log for some milliseconds.
const FIRED_TOGETHER: usize = 64;
/// Users whose reminders are fired at the same time: their commits share a write to the disk.
const USERS_AT_ONCE: usize = 16;

/// What a look for due reminders found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Reminders that this node has fired.
    pub fired: usize,
    /// When the next one fires, if that is before the next look; now when more are due.
    pub next: Option<Timestamp>,
}

/// Fires reminders until it is stopped. It looks each second, and also at the time of the next one: what it waits for
/// is computed anew each time, so that a clock that jumps delays nothing by more than a second.
pub async fn run(services: Services, stop: CancellationToken) {
    loop {
        let wait = match services.fire_reminders().await {
            Ok(Look { next: Some(next), .. }) => {
                let millis = next.millis_since(services.env().now());
                Duration::from_millis(millis.max(0).unsigned_abs()).min(LOOK_EVERY)
            }
            Ok(_) => LOOK_EVERY,
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "due reminders could not be read");
                LOOK_EVERY
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
            () = services.reminder_soon.notified() => {}
        }
    }
}

impl Services {
    /// Fires the reminders whose time has come, the longest ago first. Some of those that are due may be left for the next
    /// look.
    ///
    /// # Errors
    /// [`ServiceError::Unavailable`] or [`ServiceError::Overloaded`] when the database does not do it in time.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn fire_reminders(&self) -> Result<Look> {
        let now = self.env().now();
        let found = self.store().due_reminders(now.plus(LOOK_EVERY), READ_AT_ONCE).await?;
        let next = found.iter().find(|found| found.at > now).map(|found| found.at);
        let due: Vec<_> = found.into_iter().take_while(|found| found.at <= now).collect();
        let more = due.len() >= READ_AT_ONCE as usize;
        let users = by_user(due).into_iter().map(|(user, tasks)| self.fire_of_user(user, tasks));
        let fired: usize = stream::iter(users).buffer_unordered(USERS_AT_ONCE).fold(0, async |sum, n| sum + n).await;
        // Without any that was fired the same ones would be found again at once.
        let next = if more && fired > 0 { Some(now) } else { next };
        Ok(Look { fired, next })
    }

    /// Fires what is due of these tasks of a user, in their order; returns how many reminders this node has fired.
    async fn fire_of_user(&self, user: UserId, due: Vec<TaskId>) -> usize {
        let mut fired = 0;
        for together in due.chunks(FIRED_TOGETHER) {
            match self.fire_together(&user, together).await {
                Ok(count) => fired += count,
                Err(error) => {
                    // The other users do not wait for this one; the next look finds these again.
                    tracing::warn!(error = &error as &dyn std::error::Error, "reminders of a user could not be fired");
                    break;
                }
            }
        }
        fired
    }

    async fn fire_together(&self, user: &UserId, due: &[TaskId]) -> Result<usize> {
        let services = self.clone();
        let (user, due) = (user.clone(), due.to_vec());
        // Detached, so that a drain never drops it between commit and publication.
        self.detached(async move {
            let mut unit = services.begin(&reminder_caller(&user), None).await?;
            let mut fired = Vec::new();
            let mut tasks = unit.reads().whole_tasks(&due).await?;
            let targets = unit.push_targets(PushKind::Reminder).await?;
            tasks.sort_by_key(Task::next_reminder);
            for task in tasks {
                fired.extend(fire(&mut unit, task, &targets).await?);
            }
            let now = unit.now;
            unit.commit().await?;
            for firing in &fired {
                record(firing, now);
            }
            Ok(fired.len())
        })
        .await
    }
}

/// The tasks by user, those first of which one is due the longest.
fn by_user(due: Vec<DueReminder>) -> Vec<(UserId, Vec<TaskId>)> {
    let mut users: Vec<(UserId, Vec<TaskId>)> = Vec::new();
    let mut places: HashMap<UserId, usize> = HashMap::new();
    for DueReminder { user, task, .. } in due {
        let place = *places.entry(user.clone()).or_insert(users.len());
        if place == users.len() {
            users.push((user, Vec::new()));
        }
        users[place].1.push(task);
    }
    users
}

/// Fires what is due of a task, and pushes it to these devices.
async fn fire(unit: &mut UnitOfWork, task: Task, targets: &[SubscriptionId]) -> Result<Vec<reminder::Firing>> {
    let (after, fired) = reminder::fire(&task, unit.now);
    if fired.is_empty() && after.next_reminder().is_some_and(|next| next > unit.now) {
        // Another node has fired it, or the user was faster. The time in the index is right.
        return Ok(fired);
    }
    unit.fire_reminders(&after, &fired, targets).await?;
    Ok(fired)
}

#[expect(clippy::cast_precision_loss, reason = "a delay in milliseconds is far below what a float holds")]
fn record(firing: &reminder::Firing, now: Timestamp) {
    metrics::counter!("tandem_reminders_due_total").increment(1);
    if firing.late {
        metrics::counter!("tandem_reminders_late_total").increment(1);
    }
    metrics::histogram!("tandem_reminder_delay_seconds").record(now.millis_since(firing.at).max(0) as f64 / 1_000.0);
}

/// Who fires: the user, who has asked for it. No session has to last until then.
#[expect(clippy::disallowed_methods, reason = "the user set the reminder by a command that was verified")]
fn reminder_caller(user: &UserId) -> Caller {
    Caller {
        owner: Owner::assume_verified(user.clone()),
        authority: Authority::Run,
        scopes: vec![Scope::Read, Scope::Write],
        actor: Actor { kind: ActorKind::User, device_id: None },
        address: None,
    }
}

/// Answers a reminder, so that no device shows it any more. Nothing happens when it was answered.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is no such task or reminder.
pub async fn ack(unit: &mut UnitOfWork, args: ReminderAck) -> Result<TaskWritten> {
    let before = tasks::find(unit, args.task_id).await?;
    let after = reminder::ack(&before, args.reminder_id, unit.now).ok_or(NO_SUCH)?;
    replace(unit, before, after).await
}

/// Lets a reminder fire again later.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is no such task or reminder, [`ServiceError::Conflict`] when the task is done,
/// [`ServiceError::Invalid`] when the request names no time that is still to come.
pub async fn snooze(unit: &mut UnitOfWork, args: ReminderSnooze) -> Result<TaskWritten> {
    let before = tasks::find(unit, args.task_id).await?;
    if before.status == TaskStatus::Done {
        return Err(ServiceError::conflict("This task is done, so it does not remind you any more."));
    }
    let body = SnoozeBody { duration: args.duration, until: args.until };
    let until = reminder::snoozed_until(body, unit.time_zone(), unit.now)?;
    let after = reminder::snooze(&before, args.reminder_id, until, unit.now).ok_or(NO_SUCH)?;
    replace(unit, before, after).await
}

const NO_SUCH: ServiceError = ServiceError::NotFound("reminder");

/// Writes a task of which only a reminder has changed.
async fn replace(unit: &mut UnitOfWork, before: Task, after: Task) -> Result<TaskWritten> {
    if before == after {
        return Ok(TaskWritten { task: after, seq: unit.seq(), undo_token: None });
    }
    unit.update_reminders(&after).await?;
    let undo_token = unit.save_undo(vec![TaskChange { before: Some(before), after: Some(after.clone()) }]).await?;
    Ok(TaskWritten { task: after, seq: unit.seq(), undo_token: Some(undo_token) })
}

#[cfg(test)]
mod tests;
