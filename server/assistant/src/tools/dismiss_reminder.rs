//! The tool `dismiss_reminder`.

use super::{Effect, ToolError, ToolSpec, args, lookup};
use serde::Deserialize;
use serde_json::{Value, json};
use tandem_protocol::{ReminderId, live::command::ReminderAck};
use tandem_service::{UnitOfWork, reminders as changes, undo};

pub(super) const NAME: &str = "dismiss_reminder";

pub(super) fn spec() -> ToolSpec {
    ToolSpec {
        name: NAME,
        description: "Answers the reminder of a task that has fired, so that no device shows it any more. The task stays \
                      open: to complete it use complete_task. Reminders that are still to come stay.",
        schema: json!({
            "type": "object",
            "properties": { "task_id": lookup::schema() },
            "required": ["task_id"]
        }),
        effect: Effect::Writes,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Args {
    #[serde(deserialize_with = "args::task_name")]
    task_id: String,
}

pub(super) async fn call(unit: &mut UnitOfWork, arguments: &Value) -> Result<Value, ToolError> {
    let Args { task_id } = args::parse(NAME, arguments)?;
    let task = lookup::task(unit, &task_id).await?;
    let ringing: Vec<ReminderId> = task.ringing().map(|reminder| reminder.id).collect();
    let (mut last, mut tokens) = (None, Vec::new());
    for reminder_id in ringing {
        let written = changes::ack(unit, ReminderAck { task_id: task.id.into(), reminder_id }).await?;
        tokens.extend(written.undo_token.clone());
        last = Some(written);
    }
    let mut written = last.ok_or_else(|| {
        ToolError::validation(format!("No reminder of task #{} has fired.", task.number))
            .hint("To take reminders away that are still to come use update_task.")
    })?;
    if tokens.len() > 1 {
        written.undo_token = Some(undo::join(unit, &tokens).await?);
    }
    lookup::written(&written)
}
