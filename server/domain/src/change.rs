//! Taking changes back: what a change did to a task, and whether it can still be undone.
//!
//! Only the fields that the change touched are put back, and only while they still have the value that it gave them. So
//! of an edit no more is stored than the old values of these fields, and a digest of each new one: the value itself
//! when it is short, else its hash. An edit of a long text would otherwise store it twice.
//!
//! **Invariant:** an undo never overwrites a later change. What earlier versions of the program stored can still be
//! undone.

use super::{series::CompletionRecord, task::touched};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use tandem_protocol::{
    TaskId, Timestamp,
    enums::{ReminderState, UndoAction, WireEnum as _},
    model::Task,
};
use uuid::Uuid;

/// Bytes of the longest JSON of a value that stands for itself; of a longer one the hash does.
const LONGEST_PLAIN: usize = 128;

/// Fields that every change touches, whatever it does.
const NO_CONTENT: [&str; 2] = ["rev", "updated_at"];

/// One task before and after a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskChange {
    /// `None`: the change created it.
    pub before: Option<Task>,
    /// `None`: the change deleted it.
    pub after: Option<Task>,
}

/// The stored form of a change to one task, or to its completions, as JSON in the undo log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", from = "Stored")]
pub enum KeptChange {
    /// The task was created.
    Created {
        id: TaskId,
        /// Digests of all its fields.
        after: Map<String, Value>,
    },
    /// The task was deleted.
    Deleted { before: Box<Task> },
    /// Fields of the task were changed.
    Edited {
        id: TaskId,
        /// Their values before the change.
        before: Map<String, Value>,
        /// Digests of their values after the change.
        after: Map<String, Value>,
    },
    /// A completion was recorded.
    Completed(CompletionRecord),
    /// The record of a completion was removed.
    Reopened(CompletionRecord),
}

/// The JSON in the undo log: the present form, or both whole states of the task, as earlier versions stored it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Stored {
    Current(Current),
    Whole { before: Option<Box<Task>>, after: Option<Box<Task>> },
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Current {
    Created { id: TaskId, after: Map<String, Value> },
    Deleted { before: Box<Task> },
    Edited { id: TaskId, before: Map<String, Value>, after: Map<String, Value> },
    Completed(CompletionRecord),
    Reopened(CompletionRecord),
}

impl From<Stored> for KeptChange {
    fn from(stored: Stored) -> Self {
        match stored {
            Stored::Current(Current::Created { id, after }) => Self::Created { id, after },
            Stored::Current(Current::Deleted { before }) => Self::Deleted { before },
            Stored::Current(Current::Edited { id, before, after }) => Self::Edited { id, before, after },
            Stored::Current(Current::Completed(record)) => Self::Completed(record),
            Stored::Current(Current::Reopened(record)) => Self::Reopened(record),
            Stored::Whole { before, after } => {
                TaskChange { before: before.map(|task| *task), after: after.map(|task| *task) }.into()
            }
        }
    }
}

impl From<TaskChange> for KeptChange {
    fn from(change: TaskChange) -> Self {
        match (change.before, change.after) {
            (Some(before), Some(after)) => Self::edited(&before, &after),
            (Some(before), None) => Self::Deleted { before: Box::new(before) },
            (None, Some(after)) => Self::Created { id: after.id, after: digests(content(&after)) },
            // No caller has neither state. What is stored then fits no task, so it cannot be undone.
            (None, None) => Self::Edited { id: TaskId(Uuid::nil()), before: Map::new(), after: Map::new() },
        }
    }
}

/// How to take a change back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reversal {
    /// Delete the task that was created.
    Remove(Task),
    /// Bring the deleted task back.
    Restore(Task),
    /// Write this state of the task.
    Revert(Task),
}

impl Reversal {
    pub fn action(&self) -> UndoAction {
        match self {
            Self::Remove(_) => UndoAction::Removed,
            Self::Restore(_) => UndoAction::Restored,
            Self::Revert(_) => UndoAction::Reverted,
        }
    }
}

/// What the change touched has been changed again since, or is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the task was changed since")]
pub struct ChangedSince;

impl KeptChange {
    fn edited(before: &Task, after: &Task) -> Self {
        let (mut old, mut new) = (content(before), content(after));
        // Compared as JSON and not field by field in code: a field that is added to tasks is covered without a change
        // here.
        old.retain(|field, value| new.get(field) != Some(value));
        new.retain(|field, _| old.contains_key(field));
        Self::Edited { id: after.id, before: old, after: digests(new) }
    }

    pub fn task_id(&self) -> TaskId {
        match self {
            Self::Created { id, .. } | Self::Edited { id, .. } => *id,
            Self::Deleted { before } => before.id,
            Self::Completed(record) | Self::Reopened(record) => record.completion.task_id,
        }
    }

    /// Whether this is a change of a task, which devices see; else it is about its completions.
    pub fn is_of_task(&self) -> bool {
        !matches!(self, Self::Completed(_) | Self::Reopened(_))
    }

    /// How to take a change of a task back, given the present task (`None`: deleted).
    ///
    /// # Errors
    /// [`ChangedSince`] when what the change touched has another value now, or the task is gone.
    pub fn reverse(&self, current: Option<&Task>, now: Timestamp) -> Result<Reversal, ChangedSince> {
        match (self, current) {
            (Self::Created { after, .. }, Some(current)) if unchanged(after, &content(current)) => {
                Ok(Reversal::Remove(current.clone()))
            }
            // With a `rev` of its own: a device may still know the task from before its deletion.
            (Self::Deleted { before }, None) => {
                Ok(Reversal::Restore(Task { rev: before.rev + 1, updated_at: now, ..(**before).clone() }))
            }
            (Self::Edited { before, after, .. }, Some(current)) => {
                if !unchanged(after, &content(current)) {
                    return Err(ChangedSince);
                }
                // On top of the present task: fields that later changes have touched keep their values.
                let next = put_back(before, current).ok_or(ChangedSince)?;
                Ok(Reversal::Revert(touched(current, next, now)))
            }
            _ => Err(ChangedSince),
        }
    }
}

/// The fields of a task with content, see [`NO_CONTENT`].
fn content(task: &Task) -> Map<String, Value> {
    let mut fields = match serde_json::to_value(task) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    // These change with every change, so they would never match.
    fields.retain(|field, _| !NO_CONTENT.contains(&field.as_str()));
    fields
}

fn digests(fields: Map<String, Value>) -> Map<String, Value> {
    fields.into_iter().map(|(field, value)| (field.clone(), digest(&field, value))).collect()
}

/// What stands for the value of a field.
fn digest(field: &str, value: Value) -> Value {
    let value = if field == "reminders" { as_set(value) } else { value };
    let text = value.to_string();
    if text.len() <= LONGEST_PLAIN { value } else { json!({ "sha256": URL_SAFE_NO_PAD.encode(Sha256::digest(text)) }) }
}

/// Reminders without what time alone changes: one that has fired since is still as the user has set it.
fn as_set(reminders: Value) -> Value {
    let Value::Array(reminders) = reminders else { return reminders };
    let rule = |reminder: &Value| {
        let done = reminder["state"] == ReminderState::Done.as_str();
        json!([reminder["id"], reminder["before"], reminder["at"], done])
    };
    reminders.iter().map(rule).collect()
}

/// Whether the fields still have the values with these digests.
fn unchanged(then: &Map<String, Value>, now: &Map<String, Value>) -> bool {
    then.iter()
        .all(|(field, then)| now.get(field).is_some_and(|now| digest(field, as_known(then, now.clone())) == *then))
}

/// The value without a member that the version which wrote `then` did not have.
fn as_known(then: &Value, mut now: Value) -> Value {
    if let (Some(then), Some(now)) = (then.as_object(), now.as_object_mut())
        && then.contains_key("rule")
        && !then.contains_key("start")
    {
        now.remove("start");
    }
    now
}

/// `current` with these values in place of its own.
fn put_back(values: &Map<String, Value>, current: &Task) -> Option<Task> {
    let Ok(Value::Object(mut fields)) = serde_json::to_value(current) else { return None };
    // Through JSON, as the values are stored; a stored value that is no valid field any more refuses the undo.
    fields.extend(values.clone());
    let mut task: Task = serde_json::from_value(Value::Object(fields)).ok()?;
    task.complete_series();
    Some(task)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tandem_protocol::{ReminderId, duration::IsoDuration, enums::Priority, reminder::Reminder, rest::NewTask};

    fn task(title: &str) -> Task {
        let context = crate::testing::without_reminders(Timestamp::from_millis(0), "UTC");
        let draft = NewTask { title: title.into(), ..NewTask::default() };
        super::super::task::create(draft, TaskId(Uuid::nil()), 1, context).unwrap()
    }

    fn renamed(from: &Task, title: &str) -> Task {
        Task { title: title.into(), rev: from.rev + 1, ..from.clone() }
    }

    fn kept(before: Option<Task>, after: Option<Task>) -> KeptChange {
        TaskChange { before, after }.into()
    }

    #[test]
    fn only_the_touched_fields_are_put_back() {
        let old = task("Milk");
        let change = kept(Some(old.clone()), Some(renamed(&old, "Bread")));
        let since = Task { priority: Priority::High, rev: 3, ..renamed(&old, "Bread") };
        let Ok(Reversal::Revert(back)) = change.reverse(Some(&since), Timestamp::from_millis(9)) else {
            panic!("a change of another field stood in the way")
        };
        assert_eq!((back.title.as_str(), back.priority, back.rev), ("Milk", Priority::High, 4));
    }

    #[test]
    fn a_field_that_changed_again_is_left_alone() {
        let old = task("Milk");
        let change = kept(Some(old.clone()), Some(renamed(&old, "Bread")));
        assert_eq!(change.reverse(Some(&renamed(&old, "Butter")), Timestamp::from_millis(9)), Err(ChangedSince));
        assert_eq!(change.reverse(None, Timestamp::from_millis(9)), Err(ChangedSince));
    }

    #[test]
    fn a_creation_is_taken_back_only_untouched() {
        let new = task("Milk");
        let change = kept(None, Some(new.clone()));
        assert!(matches!(change.reverse(Some(&new), new.created_at), Ok(Reversal::Remove(_))));
        assert_eq!(change.reverse(Some(&renamed(&new, "Bread")), new.created_at), Err(ChangedSince));
    }

    #[test]
    fn a_deletion_is_taken_back_once() {
        let old = task("Milk");
        let change = kept(Some(old.clone()), None);
        assert!(matches!(change.reverse(None, old.created_at), Ok(Reversal::Restore(_))));
        assert_eq!(change.reverse(Some(&old), old.created_at), Err(ChangedSince));
    }

    #[test]
    fn a_long_text_is_kept_once_and_known_again_by_its_hash() {
        let (old, new) = ("a".repeat(10_000), "b".repeat(10_000));
        let old = Task { description: old, ..task("Milk") };
        let new = Task { description: new, rev: 2, ..old.clone() };
        let change = kept(Some(old.clone()), Some(new.clone()));
        let text = serde_json::to_string(&change).unwrap();
        assert!(text.len() < 10_300, "{} bytes for 10,000 that changed", text.len());
        let change: KeptChange = serde_json::from_str(&text).unwrap();
        let Ok(Reversal::Revert(back)) = change.reverse(Some(&new), old.created_at) else { panic!("it is unchanged") };
        assert_eq!(back.description, old.description);
        let since = Task { description: "c".repeat(10_000), ..new };
        assert_eq!(change.reverse(Some(&since), old.created_at), Err(ChangedSince));
    }

    #[test]
    fn a_reminder_that_fires_changes_nothing_for_an_undo() {
        let reminder = |state| Reminder {
            id: ReminderId(Uuid::nil()),
            before: Some(IsoDuration::zero()),
            at: None,
            state,
            fires_at: Timestamp::from_millis(0),
            snoozed_until: None,
        };
        let with = |state, rev| Task { reminders: vec![reminder(state)], rev, ..task("Call Ann") };
        let (set, fired) = (with(ReminderState::Pending, 1), with(ReminderState::Fired, 2));
        assert!(matches!(kept(None, Some(set.clone())).reverse(Some(&fired), set.created_at), Ok(Reversal::Remove(_))));
        let change = kept(Some(task("Call Ann")), Some(set));
        let Ok(Reversal::Revert(back)) = change.reverse(Some(&fired), fired.created_at) else { panic!("it is as set") };
        assert_eq!(back.reminders, []);
        let answered = with(ReminderState::Done, 3);
        assert_eq!(change.reverse(Some(&answered), fired.created_at), Err(ChangedSince), "the user did that");
    }

    #[test]
    fn what_older_versions_kept_can_be_taken_back() {
        let old = Task { description: "long ".repeat(100), ..task("Milk") };
        let new = renamed(&old, "Bread");
        let states = [(None, Some(&new)), (Some(&old), None), (Some(&old), Some(&new))];
        for (before, after) in states {
            let text = json!({ "before": before, "after": after }).to_string();
            let change: KeptChange = serde_json::from_str(&text).unwrap();
            assert_eq!(change, kept(before.cloned(), after.cloned()));
            assert!(change.reverse(after, old.created_at).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_change_is_read_as_it_was_written() {
        let old = task("Milk");
        for (before, after) in [(None, Some(&old)), (Some(&old), None), (Some(&old), Some(&renamed(&old, "Bread")))] {
            let change = kept(before.cloned(), after.cloned());
            let text = serde_json::to_string(&change).unwrap();
            assert_eq!(serde_json::from_str::<KeptChange>(&text).unwrap(), change, "{text}");
        }
    }
}
