//! The tool `add_task`.

use super::{Effect, ToolError, ToolSpec, args, dates, lookup, reminders};
use jiff::{Zoned, civil::Time};
use serde::Deserialize;
use serde_json::{Value, json};
use tandem_protocol::{enums::Priority, rest::NewTask};
use tandem_service::{UnitOfWork, tasks};

pub(super) const NAME: &str = "add_task";

pub(super) fn spec() -> ToolSpec {
    ToolSpec {
        name: NAME,
        description: "Adds one task. Put dates and repetition into due and recurrence, not into the title. \
                      Answers the task, with its number.",
        schema: json!({ "type": "object", "properties": properties(), "required": ["title"] }),
        effect: Effect::Writes,
    }
}

pub(super) fn properties() -> Value {
    json!({
        "title": { "type": "string", "description": "What is to be done, 1 to 500 characters, in the user's words." },
        "description": { "type": "string", "description": "Notes, when the user gave any." },
        "due": {
            "type": "string",
            "description": "When it is due, in words (\"tomorrow at 5pm\") or ISO 8601 (2026-12-01, 2026-12-01T09:00), \
                            in the user's time zone."
        },
        "recurrence": {
            "type": "string",
            "description": "How it repeats, in words (\"every other Tuesday\") or as RRULE (FREQ=WEEKLY;BYDAY=TU)."
        },
        "reminders": { "type": "array", "items": { "type": "string" }, "description": reminders::DESCRIPTION },
        "priority": { "type": "string", "enum": ["none", "low", "medium", "high", "urgent"] },
        "labels": { "type": "array", "items": { "type": "string" }, "description": "Labels, without #." },
        "list": { "type": "string", "description": "Name of the list it belongs to; the inbox when left out." }
    })
}

/// A new task as a model describes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Draft {
    title: String,
    description: Option<String>,
    due: Option<String>,
    recurrence: Option<String>,
    reminders: Option<Vec<String>>,
    priority: Option<Priority>,
    labels: Option<Vec<String>>,
    list: Option<String>,
}

impl Draft {
    /// `usual`: the user's time of day for reminders.
    pub(super) fn read(self, now: &Zoned, usual: Time) -> Result<NewTask, ToolError> {
        let due = self.due.map(|text| dates::due(&text, now)).transpose()?.flatten();
        let repeats = self.recurrence.map(|text| dates::recurrence(&text, now)).transpose()?.flatten();
        let (recurrence, first) = repeats.map_or((None, None), |(rule, first)| (Some(rule), first));
        let mut task = NewTask {
            title: self.title,
            description: self.description,
            priority: self.priority,
            due: due.or(first),
            recurrence,
            labels: self.labels,
            list: self.list.filter(|name| !args::means_none(name)),
            ..NewTask::default()
        };
        if let Some(texts) = self.reminders {
            reminders::set(&mut task, &reminders::words(&texts, now, usual)?, now, usual)?;
        }
        Ok(task)
    }
}

pub(super) async fn call(unit: &mut UnitOfWork, arguments: &Value) -> Result<Value, ToolError> {
    let draft =
        args::parse::<Draft>(NAME, arguments)?.read(&dates::now(unit), unit.reminder_defaults().time_of_day())?;
    lookup::written(&tasks::create(unit, draft).await?)
}
