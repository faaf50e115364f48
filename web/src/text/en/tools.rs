//! The cards of what the assistant does.

use std::fmt::Display;

pub(crate) const NOTHING_HAPPENS_UNTIL_YOU_ANSWER: &str = "Nothing happens until you answer, on any device.";
pub(crate) const DENY: &str = "Deny";
pub(crate) const APPROVE: &str = "Approve";
pub(crate) const NO_DATE: &str = "no date";
pub(crate) const NEEDS_YOUR_APPROVAL: &str = "Needs your approval";
pub(crate) const FAILED: &str = "Failed";
pub(crate) const DENIED: &str = "Denied";
pub(crate) const YOU_DENIED_THIS: &str = "You denied this";
pub(crate) const UNDONE: &str = "Undone";
pub(crate) const DELETED_OR_DONE_SINCE: &str = "Deleted or done since";
pub(crate) const EDITED_SINCE: &str = "Edited since";
pub(crate) const APPROVED: &str = "Approved";
pub(crate) const UNDO: &str = "Undo";
pub(crate) const ON_ANOTHER_DEVICE: &str = "on another device";
pub(crate) const NONE: &str = "None";
pub(crate) const DUE: &str = "Due";
pub(crate) const REPEATS: &str = "Repeats";
pub(crate) const PRIORITY: &str = "Priority";
pub(crate) const LABEL: &str = "Label";
pub(crate) const LIST: &str = "List";
pub(crate) const NOTES: &str = "Notes";
pub(crate) const A_TASK: &str = "a task";
pub(crate) const CHOOSE_ALL: &str = "Choose all";
pub(crate) const CHOOSE_NONE: &str = "Choose none";
pub(crate) const CREATE: &str = "Create";
pub(crate) const CREATING: &str = "Creating";
pub(crate) const CREATED: &str = "Created";
pub(crate) const LISTING: &str = "Listing";
pub(crate) const LISTED: &str = "Listed";
pub(crate) const READ: &str = "Read";
pub(crate) const READING: &str = "Reading";
pub(crate) const CHANGE: &str = "Change";
pub(crate) const CHANGING: &str = "Changing";
pub(crate) const CHANGED: &str = "Changed";
pub(crate) const MOVE: &str = "Move";
pub(crate) const MOVING: &str = "Moving";
pub(crate) const MOVED: &str = "Moved";
pub(crate) const COMPLETE: &str = "Complete";
pub(crate) const COMPLETING: &str = "Completing";
pub(crate) const COMPLETED: &str = "Completed";
pub(crate) const SKIP: &str = "Skip";
pub(crate) const SKIPPING: &str = "Skipping";
pub(crate) const SKIPPED: &str = "Skipped";
pub(crate) const REOPEN: &str = "Reopen";
pub(crate) const REOPENING: &str = "Reopening";
pub(crate) const REOPENED: &str = "Reopened";
pub(crate) const DELETE: &str = "Delete";
pub(crate) const DELETING: &str = "Deleting";
pub(crate) const DELETED: &str = "Deleted";
pub(crate) const UNDOING: &str = "Undoing";
pub(crate) const UNDID: &str = "Undid";
pub(crate) const REVIEW: &str = "Review";
pub(crate) const REVIEWING: &str = "Reviewing";
pub(crate) const REVIEWED: &str = "Reviewed";
pub(crate) const USE: &str = "Use";
pub(crate) const USING: &str = "Using";
pub(crate) const USED: &str = "Used";
pub(crate) const DID: &str = "Did";
pub(crate) const YOUR_TASKS: &str = "your tasks";
pub(crate) const THE_LAST_CHANGE: &str = "the last change";
pub(crate) const DUE_THIS_WEEK: &str = " due this week";
pub(crate) const WITHOUT_A_DATE: &str = " without a date";
pub(crate) const TASKS: &str = "tasks";
pub(crate) const AND_FAILED: &str = ", failed";
pub(crate) const AND_DENIED: &str = ", denied";
pub(crate) const AND_OVERDUE: &str = ", overdue";
pub(crate) const HERE: &str = "here";

pub(crate) fn tasks_to(verb: impl Display) -> String {
    format!("Tasks to {verb}")
}

pub(crate) fn show_tasks(count: impl Display) -> String {
    format!("Show {count}")
}

pub(crate) fn in_the_list(list: impl Display) -> String {
    format!(" in the list {list}")
}

pub(crate) fn what_changed(card: impl Display) -> String {
    format!("What changed: {card}")
}

pub(crate) fn failed_because(why: impl Display) -> String {
    format!("Failed: {why}")
}

pub(crate) fn decided_at(decided: impl Display, at: impl Display) -> String {
    format!("{decided} at {at}")
}

pub(crate) fn task_number(number: impl Display) -> String {
    format!("task {number}")
}

pub(crate) fn chosen_of(chosen: impl Display, all: impl Display) -> String {
    format!("{chosen} of {all} chosen. ")
}

pub(crate) fn approve_some(count: impl Display) -> String {
    format!("Approve {count}")
}

pub(crate) fn make_changes(changes: impl Display) -> String {
    format!("Make {changes}")
}

pub(crate) fn moved_to(day: impl Display) -> String {
    format!(" to {day}")
}

pub(crate) fn listed_due(when: impl Display) -> String {
    format!(" due {when}")
}

pub(crate) fn from_the_list(list: impl Display) -> String {
    format!(" from the list {list}")
}

pub(crate) fn next_on(day: impl Display) -> String {
    format!(", next on {day}")
}
