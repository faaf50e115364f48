//! The tool `snooze_reminder`.

use super::{Effect, ToolError, ToolSpec, args, dates, lookup, reminders};
use serde::Deserialize;
use serde_json::{Value, json};
use tandem_protocol::{
    duration::IsoDuration, enums::ReminderState, live::command::ReminderSnooze, model::Task, reminder::Reminder,
};
use tandem_service::{UnitOfWork, reminders as changes};

pub(super) const NAME: &str = "snooze_reminder";

pub(super) fn spec() -> ToolSpec {
    ToolSpec {
        name: NAME,
        description: "Lets the reminder of a task that has fired, or is next, fire again later. The due date stays.",
        schema: json!({
            "type": "object",
            "properties": {
                "task_id": lookup::schema(),
                "until": {
                    "type": "string",
                    "description": "How long (\"an hour\", PT10M) or until when (\"tomorrow at 9am\", 2026-12-01T09:00)."
                }
            },
            "required": ["task_id", "until"]
        }),
        effect: Effect::Writes,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Args {
    #[serde(deserialize_with = "args::task_name")]
    task_id: String,
    until: String,
}

pub(super) async fn call(unit: &mut UnitOfWork, arguments: &Value) -> Result<Value, ToolError> {
    let Args { task_id, until } = args::parse(NAME, arguments)?;
    let task = lookup::task(unit, &task_id).await?;
    let now = dates::now(unit);
    let reminder = meant(&task).ok_or_else(|| {
        ToolError::validation(format!("Task #{} has no reminder to snooze.", task.number))
            .hint("Set one with update_task and reminders.")
    })?;
    let duration = duration(&until);
    let until = if duration.is_some() {
        None
    } else {
        Some(reminders::time(&until, &now, unit.reminder_defaults().time_of_day())?)
    };
    let args = ReminderSnooze { task_id: task.id.into(), reminder_id: reminder.id, duration, until };
    let written = changes::snooze(unit, args).await?;
    let mut answer = lookup::written(&written)?;
    if let Some(snoozed) = written.task.reminders.iter().find(|known| known.id == reminder.id) {
        answer["reminds"] = json!(reminders::in_words(snoozed, &now));
    }
    Ok(answer)
}

/// How long, in words or ISO 8601.
fn duration(text: &str) -> Option<IsoDuration> {
    let text = text.trim();
    let words = || tandem_nl::parse_duration(text.strip_prefix("for ").unwrap_or(text)).map(IsoDuration::minutes);
    text.to_ascii_uppercase().parse().ok().or_else(words)
}

/// The reminder that the user means: the last one that has fired, else one that was snoozed, else the next.
fn meant(task: &Task) -> Option<&Reminder> {
    let of = |state| task.reminders.iter().filter(move |reminder| reminder.state == state);
    let fired = of(ReminderState::Fired).max_by_key(|reminder| reminder.fires_at);
    let snoozed = || of(ReminderState::Snoozed).min_by_key(|reminder| reminder.snoozed_until);
    let pending = || of(ReminderState::Pending).min_by_key(|reminder| reminder.fires_at);
    fired.or_else(snoozed).or_else(pending)
}
