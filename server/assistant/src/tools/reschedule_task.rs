//! The tool `reschedule_task`, which moves one occurrence of a task or its series.
//!
//! The due date alone moves the occurrence. For the series, the rule gets a new start, and the day that it names (as in
//! `BYDAY=TU`) becomes that of the new date.

use super::{Effect, ToolError, ToolSpec, args, dates, lookup};
use jiff::civil;
use serde::Deserialize;
use serde_json::{Value, json};
use tandem_domain::series;
use tandem_protocol::{
    model::Task,
    recurrence::Rule,
    rest::{DueInput, RecurrenceInput, TaskPatch},
};
use tandem_service::{UnitOfWork, tasks};

pub(super) const NAME: &str = "reschedule_task";

pub(super) fn spec() -> ToolSpec {
    ToolSpec {
        name: NAME,
        description: "Moves a task to another date. Of a repeating task it moves this occurrence only, unless scope is \
                      series. With recurrence it changes how the task repeats.",
        schema: json!({
            "type": "object",
            "properties": {
                "task_id": lookup::schema(),
                "due": {
                    "type": "string",
                    "description": "The new date, in words or ISO 8601; \"none\" takes it away."
                },
                "recurrence": {
                    "type": "string",
                    "description": "How it repeats from now on, in words or as RRULE; \"none\" stops it."
                },
                "scope": {
                    "type": "string",
                    "enum": ["occurrence", "series"],
                    "description": "Of a repeating task: this occurrence (the default) or the whole series."
                }
            },
            "required": ["task_id"]
        }),
        effect: Effect::Writes,
    }
}

#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Scope {
    #[default]
    Occurrence,
    Series,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::option_option, reason = "three cases, as JSON has them: absent, null, a value")]
struct Args {
    #[serde(deserialize_with = "args::task_name")]
    task_id: String,
    #[serde(default, deserialize_with = "args::present")]
    due: Option<Option<String>>,
    #[serde(default, deserialize_with = "args::present")]
    recurrence: Option<Option<String>>,
    scope: Option<Scope>,
}

pub(super) async fn call(unit: &mut UnitOfWork, arguments: &Value) -> Result<Value, ToolError> {
    let args: Args = args::parse(NAME, arguments)?;
    let now = dates::now(unit);
    let due = dates::due_patch(args.due, &now)?;
    let rule = dates::recurrence_patch(args.recurrence, &now)?;
    if due.is_none() && rule.is_none() {
        return Err(ToolError::validation("Neither due nor recurrence was given."));
    }
    let before = lookup::task(unit, &args.task_id).await?;
    let patch = patch(&before, due, rule, args.scope.unwrap_or_default());
    lookup::written(&tasks::update(unit, before.id.into(), patch).await?)
}

#[expect(clippy::option_option, reason = "three cases, as JSON has them: absent, null, a value")]
fn patch(
    before: &Task,
    due: Option<Option<DueInput>>,
    rule: Option<Option<dates::Repetition>>,
    scope: Scope,
) -> TaskPatch {
    let kept_time = |mut new: DueInput| {
        // "Move it to Friday" keeps the time of day.
        new.time = new.time.or(before.due.as_ref().and_then(|old| old.time));
        new
    };
    let due = due.map(|due| due.map(kept_time));
    let Some(rule) = rule else {
        // Without a change of the recurrence only this occurrence moves.
        let series = due.iter().flatten().find_map(|new| moved(before, new.date).filter(|_| scope == Scope::Series));
        return TaskPatch { due, recurrence: series.map(Some), ..TaskPatch::default() };
    };
    let first = rule.as_ref().and_then(|(_, first)| first.clone()).map(kept_time);
    TaskPatch { due: due.or(first.map(Some)), recurrence: Some(rule.map(|(rule, _)| rule)), ..TaskPatch::default() }
}

/// The series that goes on from another date; `None` for a task that does not repeat.
fn moved(before: &Task, to: civil::Date) -> Option<RecurrenceInput> {
    let (due, recurrence) = (before.due.as_ref()?, before.recurrence.as_ref()?);
    let from = before.occurrence.unwrap_or(due.date);
    let rule = Rule::parse(&recurrence.rule).ok()?;
    let rule = series::moved(&rule, recurrence.start.unwrap_or(due.date), from, to);
    Some(RecurrenceInput { rule: rule.to_string(), anchor: recurrence.anchor, start: Some(to) })
}
