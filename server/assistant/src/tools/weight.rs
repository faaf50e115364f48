//! What a call would do to tasks, found before it is run: by that it is decided whether the user is asked.
//!
//! It is what happens that counts, not how it is spelled: a task is the same by number and by id, and taking back the
//! creation of 25 tasks is 25 deletions.

use super::{Effect, add_tasks, args, spec, undo};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tandem_domain::change::KeptChange;
use tandem_protocol::TaskId;
use tandem_service::{Moment as _, Result, UndoEntry, UnitOfWork, undo as changes};

/// What a call would do.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Weight {
    /// Changes of tasks, deletions included.
    pub writes: usize,
    pub deletes: usize,
    /// The tasks that it changes or deletes, as far as they are there by now.
    pub tasks: Vec<TaskId>,
    /// Of an undo: the change that it takes back. The newest one may be another by the time the user has answered.
    pub undo_token: Option<String>,
    /// Two calls with the same are the same call.
    pub same: String,
}

impl Weight {
    /// As far as the arguments alone say it.
    #[must_use]
    pub fn of_arguments(name: &str, arguments: &Value) -> Self {
        let effect = spec(name).map(|spec| spec.effect);
        let writes = match effect {
            None | Some(Effect::Reads) => 0,
            Some(_) if name == add_tasks::NAME => {
                arguments.get("tasks").and_then(Value::as_array).map_or(1, |tasks| tasks.len().max(1))
            }
            Some(_) => 1,
        };
        let deletes = usize::from(effect == Some(Effect::Deletes));
        Self { writes, deletes, same: format!("{name} {}", plain(arguments)), ..Self::default() }
    }
}

/// Finds out what a call would do now.
pub async fn weigh(unit: &mut UnitOfWork, name: &str, arguments: &Value) -> Result<Weight> {
    let weight = Weight::of_arguments(name, arguments);
    if weight.writes == 0 {
        return Ok(weight);
    }
    if name == undo::NAME {
        let token = arguments.get("undo_token").and_then(Value::as_str).filter(|token| !args::is_nothing(token));
        let entry = changes::find(unit, token).await?;
        return Ok(entry.map_or(weight, |entry| of_undo(&entry)));
    }
    let Some(named) = arguments.get("task_id") else { return Ok(weight) };
    let task = match args::named_task(named).as_deref().and_then(args::task_ref) {
        Some(task) => unit.tasks().task(task).await?,
        None => None,
    };
    // What is not there cannot be deleted; the call says so when it is run.
    let Some(task) = task else { return Ok(Weight { deletes: 0, ..weight }) };
    let mut resolved = arguments.clone();
    resolved["task_id"] = json!(task.id);
    Ok(Weight { tasks: vec![task.id], same: format!("{name} {}", plain(&resolved)), ..weight })
}

/// To take a creation back is to delete.
fn of_undo(entry: &UndoEntry) -> Weight {
    let creations = entry.changes.iter().filter(|change| matches!(change, KeptChange::Created { .. })).count();
    Weight {
        writes: entry.changes.len().max(1),
        deletes: creations,
        tasks: entry.changes.iter().map(KeptChange::task_id).collect(),
        undo_token: Some(entry.token.clone()),
        same: format!("{} {}", undo::NAME, entry.token),
    }
}

/// The same for every spelling that means the same: without nulls, with whole numbers and trimmed texts.
fn plain(value: &Value) -> Value {
    match value {
        Value::String(text) => json!(text.trim()),
        Value::Number(number) => match number.as_f64() {
            #[expect(clippy::cast_possible_truncation, reason = "a whole number that f64 holds exactly")]
            Some(float) if float.fract() == 0.0 && float.abs() < 9e15 => json!(float as i64),
            _ => value.clone(),
        },
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::Object(fields) => {
            let said = fields.iter().filter(|(_, field)| !field.is_null());
            Value::Object(said.map(|(name, field)| (name.clone(), plain(field))).collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_call_are_the_same() {
        let same = |arguments: Value| Weight::of_arguments("add_task", &arguments).same;
        let one = same(json!({ "title": "Milk", "priority": 1 }));
        assert_eq!(one, same(json!({ "priority": 1.0, "title": " Milk ", "due": null })));
        assert_ne!(one, same(json!({ "title": "Milk", "priority": 2 })));
    }

    #[test]
    fn tasks_of_one_call_are_counted_each() {
        let arguments = json!({ "tasks": [{ "title": "A" }, { "title": "B" }] });
        assert_eq!(Weight::of_arguments("add_tasks", &arguments).writes, 2);
        assert_eq!(Weight::of_arguments("list_tasks", &json!({})).writes, 0);
        let delete = Weight::of_arguments("delete_task", &json!({ "task_id": 3 }));
        assert_eq!((delete.writes, delete.deletes), (1, 1));
    }
}
