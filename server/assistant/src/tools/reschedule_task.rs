//! The tool `reschedule_task`, which moves one occurrence of a task or its series.
//!
//! A rule either names its day (`BYDAY=TU`) or takes it from the due date. So a move of the date alone would also move
//! a series of the second kind, and would not move one of the first: the rule is changed where that contradicts the
//! scope.

use super::{Effect, ToolError, ToolSpec, args, dates, lookup};
use jiff::civil;
use serde::Deserialize;
use serde_json::{Value, json};
use tandem_protocol::{
    model::{Recurrence, Task},
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
    let args: Args = args::parse(arguments)?;
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
        let recurrence = match (&before.recurrence, &due) {
            (Some(_), Some(None)) => Some(None),
            (Some(old), Some(Some(new))) => moved(old, before, new.date, scope).map(Some),
            _ => None,
        };
        return TaskPatch { due, recurrence, ..TaskPatch::default() };
    };
    let first = rule.as_ref().and_then(|(_, first)| first.clone()).map(kept_time);
    TaskPatch { due: due.or(first.map(Some)), recurrence: Some(rule.map(|(rule, _)| rule)), ..TaskPatch::default() }
}

/// The changed rule after a move; `None` when it stays. A moved occurrence leaves the series on its day, a moved series
/// gets the new day.
fn moved(old: &Recurrence, before: &Task, to: civil::Date, scope: Scope) -> Option<RecurrenceInput> {
    let from = before.due.as_ref()?.date;
    let pinned = |rule: String| Some(RecurrenceInput { rule, anchor: old.anchor });
    let has = |key: &str| field(&old.rule, key).is_some();
    match (field(&old.rule, "FREQ")?, scope) {
        // The rule took its day from the due date, which now moves away: the old day is written into the rule.
        ("WEEKLY", Scope::Occurrence) if !has("BYDAY") => {
            pinned(format!("{};BYDAY={}", old.rule, code(from.weekday())))
        }
        ("MONTHLY", Scope::Occurrence) if !has("BYDAY") && !has("BYMONTHDAY") => {
            pinned(format!("{};BYMONTHDAY={}", old.rule, from.day()))
        }
        ("YEARLY", Scope::Occurrence) if !has("BYMONTH") && !has("BYMONTHDAY") && !has("BYDAY") => {
            pinned(format!("{};BYMONTH={};BYMONTHDAY={}", old.rule, from.month(), from.day()))
        }
        // Of several days it is not known which one moved, so such a rule stays.
        ("WEEKLY", Scope::Series) if field(&old.rule, "BYDAY").is_some_and(|days| !days.contains(',')) => {
            pinned(with(&old.rule, "BYDAY", code(to.weekday())))
        }
        ("MONTHLY" | "YEARLY", Scope::Series) if field(&old.rule, "BYMONTHDAY").is_some_and(|d| !d.contains(',')) => {
            let rule = with(&old.rule, "BYMONTHDAY", &to.day().to_string());
            pinned(if has("BYMONTH") { with(&rule, "BYMONTH", &to.month().to_string()) } else { rule })
        }
        _ => None,
    }
}

fn field<'a>(rule: &'a str, key: &str) -> Option<&'a str> {
    rule.split(';').find_map(|part| part.strip_prefix(key)?.strip_prefix('='))
}

/// The rule with another value of an existing field.
fn with(rule: &str, key: &str, value: &str) -> String {
    let parts = rule.split(';').map(|part| match part.split_once('=') {
        Some((name, _)) if name == key => format!("{key}={value}"),
        _ => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join(";")
}

fn code(day: civil::Weekday) -> &'static str {
    match day {
        civil::Weekday::Monday => "MO",
        civil::Weekday::Tuesday => "TU",
        civil::Weekday::Wednesday => "WE",
        civil::Weekday::Thursday => "TH",
        civil::Weekday::Friday => "FR",
        civil::Weekday::Saturday => "SA",
        civil::Weekday::Sunday => "SU",
    }
}
