//! What a call would do to tasks, which decides whether the user is asked.
//!
//! It is determined before the call is run, from the data and not only from the arguments: the same task may be named
//! by number or by id, and to undo the creation of 25 tasks deletes 25 tasks.

use super::{Effect, add_tasks, args, named_task, single_task, spec, undo};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tandem_domain::change::KeptChange;
use tandem_protocol::TaskId;
use tandem_service::{Moment as _, Result, UnitOfWork, undo as changes, undo::Undoable};

/// Parts of a task that are counted. Far fewer are enough for the user to be asked.
const MAX_COUNTED: usize = 100;

/// What a call would do. Stored with the steps of a run, so names of fields must stay.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CallImpact {
    /// Number of changes, deletions included.
    pub writes: usize,
    /// Tasks that go, and occurrences that are skipped.
    pub deletes: usize,
    /// The existing tasks that it changes or deletes.
    pub tasks: Vec<TaskId>,
    /// For `undo`, the change that it undoes. A later change may be the newest one when the user has answered.
    pub undo_token: Option<String>,
    #[serde(rename = "same")]
    pub identity: String,
}

impl CallImpact {
    /// The impact as far as it follows from the arguments.
    #[must_use]
    pub fn of_arguments(name: &str, arguments: &Value) -> Self {
        let effect = spec(name).map(|spec| spec.effect);
        let writes = match effect {
            None | Some(Effect::Reads) => 0,
            Some(_) if name == add_tasks::NAME => {
                // Each task counts. A call without any is refused by the tool, but counts as an attempt.
                arguments.get("tasks").and_then(Value::as_array).map_or(1, |tasks| tasks.len().max(1))
            }
            Some(_) => 1,
        };
        // "Cancel everything this week" skips what repeats: it is one question with the deletions beside it.
        let deletes = usize::from(effect == Some(Effect::Deletes) || name == single_task::SKIP);
        Self { writes, deletes, identity: format!("{name} {}", normalized(arguments)), ..Self::default() }
    }
}

impl CallImpact {
    /// The same for a call that the built-in assistant made. Its undo stands in the words of the user, who would be asked
    /// twice: it counts as no change, however many tasks go with it.
    #[must_use]
    pub fn of_words(self, name: &str) -> Self {
        if name == undo::NAME { Self { writes: 0, deletes: 0, ..self } } else { self }
    }
}

/// Determines what a call would do now.
///
/// # Errors
/// When the store fails.
pub async fn assess(unit: &mut UnitOfWork, name: &str, arguments: &Value) -> Result<CallImpact> {
    let impact = CallImpact::of_arguments(name, arguments);
    if impact.writes == 0 {
        return Ok(impact);
    }
    if name == undo::NAME {
        let token = arguments.get("undo_token").and_then(Value::as_str).filter(|token| !args::means_none(token));
        let found = changes::find(unit, token).await?;
        return Ok(found.map_or(impact, |found| of_undo(&found)));
    }
    if arguments.get("task_id").is_none() {
        return Ok(impact);
    }
    let task = named_task(unit, arguments).await?;
    // A task that does not exist cannot be deleted. The call is run all the same, and returns that error.
    let Some(task) = task else { return Ok(CallImpact { deletes: 0, ..impact }) };
    let mut resolved = arguments.clone();
    // By id, whichever way the call named it.
    resolved["task_id"] = json!(task.id);
    let mut tasks = vec![task.id];
    if name == single_task::DELETE || name == single_task::COMPLETE {
        // A refusal because of too many parts is that of the call itself.
        tasks.extend(unit.tasks().descendants(task.id, MAX_COUNTED).await?.iter().map(|part| part.id));
    }
    let (writes, deletes) = (tasks.len(), impact.deletes * tasks.len());
    Ok(CallImpact { writes, deletes, tasks, identity: format!("{name} {}", normalized(&resolved)), ..impact })
}

fn of_undo(found: &Undoable) -> CallImpact {
    let changes = found.changes().filter(|change| change.is_of_task());
    let creations = changes.clone().filter(|change| matches!(change, KeptChange::Created { .. })).count();
    CallImpact {
        writes: changes.clone().count().max(1),
        deletes: creations,
        tasks: changes.map(KeptChange::task_id).collect(),
        undo_token: Some(found.token.clone()),
        identity: format!("{} {}", undo::NAME, found.token),
    }
}

/// The same value for all spellings: without nulls, with whole numbers and trimmed texts.
fn normalized(value: &Value) -> Value {
    match value {
        Value::String(text) => json!(text.trim()),
        Value::Number(number) => match number.as_f64() {
            #[expect(clippy::cast_possible_truncation, reason = "a whole number that f64 holds exactly")]
            Some(float) if float.fract() == 0.0 && float.abs() < 9e15 => json!(float as i64),
            _ => value.clone(),
        },
        Value::Array(items) => items.iter().map(normalized).collect(),
        Value::Object(fields) => {
            let given = fields.iter().filter(|(_, field)| !field.is_null());
            Value::Object(given.map(|(name, field)| (name.clone(), normalized(field))).collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_call_are_the_same() {
        let same = |arguments: Value| CallImpact::of_arguments("add_task", &arguments).identity;
        let one = same(json!({ "title": "Milk", "priority": 1 }));
        assert_eq!(one, same(json!({ "priority": 1.0, "title": " Milk ", "due": null })));
        assert_ne!(one, same(json!({ "title": "Milk", "priority": 2 })));
    }

    #[test]
    fn tasks_of_one_call_are_counted_each() {
        let arguments = json!({ "tasks": [{ "title": "A" }, { "title": "B" }] });
        assert_eq!(CallImpact::of_arguments("add_tasks", &arguments).writes, 2);
        assert_eq!(CallImpact::of_arguments("list_tasks", &json!({})).writes, 0);
        let delete = CallImpact::of_arguments("delete_task", &json!({ "task_id": 3 }));
        assert_eq!((delete.writes, delete.deletes), (1, 1));
        let skip = CallImpact::of_arguments("skip_task", &json!({ "task_id": 3 }));
        assert_eq!((skip.writes, skip.deletes), (1, 1));
    }
}
