//! Taking changes back: what a change did to a task, and whether it can still be undone.
//!
//! Only the fields that the change touched are put back, and only while they still have the value that it gave them:
//! an undo never overwrites what somebody did since.

use super::task::touched;
use serde::{Deserialize, Serialize};
use tandem_protocol::{Timestamp, model::Task, vocab::UndoAction};

/// One task before and after a change. Kept as JSON in the undo log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskChange {
    /// `None`: the change created it.
    pub before: Option<Task>,
    /// `None`: the change deleted it.
    pub after: Option<Task>,
}

/// How to take a change back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reversal {
    /// Delete the task that was created.
    Remove(Task),
    /// Bring the deleted task back.
    Restore(Task),
    /// Give the task these values.
    Revert(Task),
}

impl Reversal {
    /// As the answer names it.
    #[must_use]
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

impl TaskChange {
    /// How to take this back, given the task as it is now (`None`: deleted).
    pub fn reverse(&self, current: Option<&Task>, now: Timestamp) -> Result<Reversal, ChangedSince> {
        match (&self.before, &self.after, current) {
            (None, Some(after), Some(current)) if same_content(after, current) => Ok(Reversal::Remove(current.clone())),
            (Some(before), None, None) => {
                Ok(Reversal::Restore(Task { rev: before.rev + 1, updated_at: now, ..before.clone() }))
            }
            (Some(before), Some(after), Some(current)) => {
                put_back(before, after, current).map(|next| Reversal::Revert(touched(current, next, now)))
            }
            _ => Err(ChangedSince),
        }
    }
}

/// Whether two states of a task differ in nothing that a person sets.
fn same_content(a: &Task, b: &Task) -> bool {
    let plain = |task: &Task| Task { rev: 0, updated_at: task.created_at, ..task.clone() };
    plain(a) == plain(b)
}

/// `current` with the fields that differ between `before` and `after` as they were before.
fn put_back(before: &Task, after: &Task, current: &Task) -> Result<Task, ChangedSince> {
    let mut next = current.clone();
    macro_rules! fields {
        ($($field:ident),+) => {$(
            if before.$field != after.$field {
                if current.$field != after.$field {
                    return Err(ChangedSince);
                }
                next.$field = before.$field.clone();
            }
        )+};
    }
    fields!(title, description, status, priority, due, recurrence, labels, list, parent_id, position, completed_at);
    Ok(next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tandem_protocol::{TaskId, rest::NewTask, vocab::Priority};

    fn task(title: &str) -> Task {
        let around =
            super::super::task::Surroundings { now: Timestamp::from_millis(0), time_zone: "UTC", parent: None };
        let draft = NewTask { title: title.into(), ..NewTask::default() };
        super::super::task::create(draft, TaskId(uuid::Uuid::nil()), 1, around).unwrap()
    }

    fn renamed(from: &Task, title: &str) -> Task {
        Task { title: title.into(), rev: from.rev + 1, ..from.clone() }
    }

    #[test]
    fn only_the_touched_fields_are_put_back() {
        let old = task("Milk");
        let change = TaskChange { before: Some(old.clone()), after: Some(renamed(&old, "Bread")) };
        let since = Task { priority: Priority::High, rev: 3, ..renamed(&old, "Bread") };
        let Ok(Reversal::Revert(back)) = change.reverse(Some(&since), Timestamp::from_millis(9)) else {
            panic!("a change of another field stood in the way")
        };
        assert_eq!((back.title.as_str(), back.priority, back.rev), ("Milk", Priority::High, 4));
    }

    #[test]
    fn a_field_that_changed_again_is_left_alone() {
        let old = task("Milk");
        let change = TaskChange { before: Some(old.clone()), after: Some(renamed(&old, "Bread")) };
        assert_eq!(change.reverse(Some(&renamed(&old, "Butter")), Timestamp::from_millis(9)), Err(ChangedSince));
        assert_eq!(change.reverse(None, Timestamp::from_millis(9)), Err(ChangedSince));
    }

    #[test]
    fn a_creation_is_taken_back_only_untouched() {
        let new = task("Milk");
        let change = TaskChange { before: None, after: Some(new.clone()) };
        assert!(matches!(change.reverse(Some(&new), new.created_at), Ok(Reversal::Remove(_))));
        assert_eq!(change.reverse(Some(&renamed(&new, "Bread")), new.created_at), Err(ChangedSince));
    }

    #[test]
    fn a_deletion_is_taken_back_once() {
        let old = task("Milk");
        let change = TaskChange { before: Some(old.clone()), after: None };
        assert!(matches!(change.reverse(None, old.created_at), Ok(Reversal::Restore(_))));
        assert_eq!(change.reverse(Some(&old), old.created_at), Err(ChangedSince));
    }
}
