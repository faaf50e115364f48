//! The tool `update_task`.

use super::{Effect, ToolError, ToolSpec, add_task, args, dates, lookup, reminders};
use jiff::{
    Zoned,
    civil::{Date, Time},
};
use serde::Deserialize;
use serde_json::{Value, json};
use tandem_domain::reminder;
use tandem_protocol::{enums::Priority, model::Task, reminder::ReminderInput, rest::TaskPatch};
use tandem_service::{UnitOfWork, tasks};

pub(super) const NAME: &str = "update_task";

pub(super) fn spec() -> ToolSpec {
    let mut properties = add_task::properties();
    properties["task_id"] = lookup::schema();
    properties["description"]["description"] = json!("New notes; \"none\" removes them.");
    properties["due"]["description"] = json!("New due date, in words or ISO 8601; \"none\" takes it away.");
    properties["recurrence"]["description"] = json!("How it repeats, in words or as RRULE; \"none\" stops it.");
    properties["labels"]["description"] = json!("All labels that it is to have; \"none\" takes all off.");
    properties["list"]["description"] = json!("List to move it to; \"none\" moves it to the inbox.");
    properties["reminders"]["description"] =
        json!(format!("All reminders that it is to have. {}", reminders::DESCRIPTION));
    properties["add_labels"] =
        json!({ "type": "array", "items": { "type": "string" }, "description": "Labels to put on." });
    properties["remove_labels"] =
        json!({ "type": "array", "items": { "type": "string" }, "description": "Labels to take off." });
    properties["add_reminders"] = json!({ "type": "array", "items": { "type": "string" }, "description": "Reminders to set besides those it has." });
    ToolSpec {
        name: NAME,
        description: "Changes a task: only the fields that are given. To move a date use reschedule_task.",
        schema: json!({ "type": "object", "properties": properties, "required": ["task_id"] }),
        effect: Effect::Writes,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::option_option, reason = "three cases, as JSON has them: absent, null, a value")]
struct Args {
    #[serde(deserialize_with = "args::task_name")]
    task_id: String,
    title: Option<String>,
    description: Option<String>,
    #[serde(default, deserialize_with = "args::present")]
    due: Option<Option<String>>,
    #[serde(default, deserialize_with = "args::present")]
    recurrence: Option<Option<String>>,
    reminders: Option<Vec<String>>,
    #[serde(default)]
    add_reminders: Vec<String>,
    priority: Option<Priority>,
    labels: Option<Vec<String>>,
    #[serde(default)]
    add_labels: Vec<String>,
    #[serde(default)]
    remove_labels: Vec<String>,
    #[serde(default, deserialize_with = "args::present")]
    list: Option<Option<String>>,
}

pub(super) async fn call(unit: &mut UnitOfWork, arguments: &Value) -> Result<Value, ToolError> {
    let args: Args = args::parse(NAME, arguments)?;
    let before = lookup::task(unit, &args.task_id).await?;
    let patch = patch(args, &before, &dates::now(unit), unit.reminder_defaults().time_of_day())?;
    if patch == TaskPatch::default() {
        return Err(
            ToolError::validation("Nothing to change was given.").hint("Give at least one field besides task_id.")
        );
    }
    lookup::written(&tasks::update(unit, before.id.into(), patch).await?)
}

/// `usual`: the user's time of day for reminders.
fn patch(args: Args, before: &Task, now: &Zoned, usual: Time) -> Result<TaskPatch, ToolError> {
    let labels = labels(&args, before);
    let recurrence = dates::recurrence_patch(args.recurrence, now)?;
    let first = recurrence.iter().flatten().find_map(|(_, first)| first.clone());
    let due = dates::due_patch(args.due, now)?.or(first.map(Some));
    let new_due = due.as_ref().map(|due| due.as_ref().map(|due| (due.date, due.time)));
    let after = After {
        moved: new_due.is_some_and(|due| due != before.due.as_ref().map(|due| (due.date, due.time))),
        due: new_due.unwrap_or_else(|| before.due.as_ref().map(|due| (due.date, due.time))),
        repeats: recurrence.as_ref().map_or(before.recurrence.is_some(), Option::is_some),
    };
    let reminders = match (args.reminders.as_deref(), &args.add_reminders[..]) {
        (None, []) => None,
        (all, added) => Some(new_reminders(all, added, before, &after, (now, usual))?),
    };
    Ok(TaskPatch {
        title: args.title,
        reminders,
        description: args.description.map(|notes| if args::means_none(&notes) { String::new() } else { notes }),
        priority: args.priority,
        due,
        recurrence: recurrence.map(|rule| rule.map(|(rule, _)| rule)),
        labels,
        list: args.list.map(|name| name.filter(|name| !args::means_none(name))),
        ..TaskPatch::default()
    })
}

/// What reminders count from, once the task is changed.
struct After {
    due: Option<(Date, Option<Time>)>,
    /// Whether that is another due date than before, with which reminders at its time move.
    moved: bool,
    repeats: bool,
}

/// All reminders that the task is to have.
fn new_reminders(
    all: Option<&[String]>,
    added: &[String],
    before: &Task,
    after: &After,
    (now, usual): (&Zoned, Time),
) -> Result<Vec<ReminderInput>, ToolError> {
    let read = |texts: &[String]| {
        let words = reminders::words(texts, now, usual)?;
        reminders::of_due(&words, after.due, after.repeats, now, usual)
    };
    let mut reminders = match all {
        Some(all) => read(all)?,
        None if after.moved => reminder::kept(before, before.due.as_ref(), after.due.is_some()),
        None => before.reminders.iter().cloned().map(ReminderInput::from).collect(),
    };
    reminders.extend(read(added)?);
    Ok(reminders)
}

/// The new labels; `None` when they stay.
fn labels(args: &Args, before: &Task) -> Option<Vec<String>> {
    if args.labels.is_none() && args.add_labels.is_empty() && args.remove_labels.is_empty() {
        return None;
    }
    let plain = |label: &String| label.trim_start_matches('#').to_lowercase();
    let removed: Vec<String> = args.remove_labels.iter().map(plain).collect();
    let mut labels = args.labels.clone().unwrap_or_else(|| before.labels.clone());
    labels.extend(args.add_labels.iter().cloned());
    labels.retain(|label| !removed.contains(&plain(label)));
    Some(labels)
}
