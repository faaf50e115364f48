//! The task panel, the details of a task, quick add.

use std::fmt::Display;

pub(crate) const SAVE_AS_NEW: &str = "Save as new";
pub(crate) const DISCARD: &str = "Discard";
pub(crate) const CHANGES_ARE_KEPT: &str = "Your changes of it are kept here.";
pub(crate) const USE_MINE: &str = "Use mine";
pub(crate) const KEEP_THEIRS: &str = "Keep theirs";
pub(crate) const IT: &str = "It";
pub(crate) const THE_TITLE: &str = "The title";
pub(crate) const THE_NOTE: &str = "The note";
pub(crate) const THE_DUE_DATE: &str = "The due date";
pub(crate) const THE_RECURRENCE: &str = "The recurrence";
pub(crate) const THE_PRIORITY: &str = "The priority";
pub(crate) const THE_SET_OF_LABELS: &str = "The set of labels";
pub(crate) const THE_LIST: &str = "The list";
pub(crate) const THE_SET_OF_REMINDERS: &str = "The set of reminders";
pub(crate) const DUE_DATE: &str = "Due date";
pub(crate) const NO_DATE: &str = "No date";
pub(crate) const ANOTHER_DAY: &str = "Another day";
pub(crate) const SET: &str = "Set";
pub(crate) const TODAY: &str = "Today";
pub(crate) const TOMORROW: &str = "Tomorrow";
pub(crate) const WEEKEND: &str = "Weekend";
pub(crate) const NEXT_WEEK: &str = "Next week";
pub(crate) const MARK_OPEN: &str = "Mark open";
pub(crate) const MARK_DONE: &str = "Mark done";
pub(crate) const TASK_DETAILS: &str = "Task details";
pub(crate) const CLOSE_DETAILS: &str = "Close details";
pub(crate) const EDIT_TASK: &str = "Edit task";
pub(crate) const DELETE_TASK: &str = "Delete task";
pub(crate) const PRIORITY: &str = "Priority";
pub(crate) const SUBTASKS: &str = "Subtasks";
pub(crate) const ADD_A_SUBTASK: &str = "Add a subtask";
pub(crate) const HISTORY: &str = "History";
pub(crate) const FROM_THE_CONVERSATION: &str = "From the conversation ";
pub(crate) const CHANGED_MEANWHILE: &str = "It was changed meanwhile. Use your text, or keep the other.";
pub(crate) const USE_A_TIME: &str = "Use a time such as 17:30.";
pub(crate) const A_TIME_NEEDS_A_DAY: &str = "A time needs a day.";
pub(crate) const USE_A_DATE: &str = "Use a date such as 2026-11-23.";
pub(crate) const USE_A_RECURRENCE: &str = "Try “every weekday”, “every 2 weeks”, “monthly”.";
pub(crate) const A_TASK_NEEDS_A_TITLE: &str = "A task needs a title.";
pub(crate) const CANCEL: &str = "Cancel";
pub(crate) const SAVE: &str = "Save";
pub(crate) const DELETED: &str = "Deleted";
pub(crate) const TEXT_IS_KEPT: &str = "What you have written is kept until you discard it.";
pub(crate) const TITLE: &str = "Title";
pub(crate) const DUE_TIME: &str = "Due time";
pub(crate) const REPEATS: &str = "Repeats";
pub(crate) const REMINDERS_WITH_COMMAS: &str = "Reminders, with commas";
pub(crate) const LABELS_WITH_COMMAS: &str = "Labels, with commas";
pub(crate) const ON_ANOTHER_DEVICE: &str = "on another device";
pub(crate) const CHANGED: &str = "Changed";
pub(crate) const NOTES: &str = "Notes";
pub(crate) const INBOX: &str = "Inbox";
pub(crate) const LIST: &str = "List";
pub(crate) const TASK_LIST: &str = "Task list";
pub(crate) const SUBTASK_OF_A_DELETED_TASK: &str = "Subtask of a deleted task";
pub(crate) const WAITING_TO_SYNC: &str = "Waiting to sync";
pub(crate) const HAS_NOTES: &str = "Has notes";
pub(crate) const OVERDUE_BEFORE: &str = "Overdue, ";
pub(crate) const TODAY_BEFORE: &str = "Today, ";
pub(crate) const RINGS_NOW: &str = "Rings now";
pub(crate) const REMINDER_BEFORE: &str = "Reminder, ";
pub(crate) const TASKS: &str = "Tasks";
pub(crate) const FILTER_TASKS: &str = "Filter tasks";
pub(crate) const CLOSE_TASKS: &str = "Close tasks";
pub(crate) const SHOW_OLDER: &str = "Show older";
pub(crate) const PLACE: &str = "Place";
pub(crate) const LISTS: &str = "Lists";
pub(crate) const LABELS: &str = "Labels";
pub(crate) const TASK_FILTER: &str = "Task filter";
pub(crate) const WORDS_IN_THE_TASK: &str = "Words in the task";
pub(crate) const NOTHING_FITS: &str = "Nothing fits";
pub(crate) const HOW_TO_FIND_MORE: &str = "Other words, or another place, may help.";
pub(crate) const NOTHING_DUE_TODAY: &str = "Nothing due today";
pub(crate) const HOW_TO_ADD_ONE: &str = "Add one above, or ask the assistant.";
pub(crate) const NOTHING_PLANNED: &str = "Nothing planned";
pub(crate) const WHAT_IS_UPCOMING: &str = "A task with a date later than today stands here.";
pub(crate) const NO_OPEN_TASKS: &str = "No open tasks";
pub(crate) const NOTHING_DONE_YET: &str = "Nothing done yet";
pub(crate) const WHAT_IS_DONE: &str = "What you complete stands here.";
pub(crate) const QUICK_ADD: &str = "Quick add";
pub(crate) const ADD: &str = "Add";
pub(crate) const ADD_A_TASK: &str = "Add a task";
pub(crate) const TITLE_TOO_LONG: &str =
    "A title has 500 characters at most. Shorten it, or put the rest into the description.";
pub(crate) const TITLE_THAT_REMAINS: &str = "Title: ";
pub(crate) const UNDERSTOOD: &str = "Understood: ";
pub(crate) const ENTER_ADDS: &str = "Enter adds";
pub(crate) const LEAVE_IT_IN_THE_TITLE: &str = "Leave it in the title";
pub(crate) const AT_THE_TIME: &str = "at the time";
pub(crate) const USE_A_REMINDER: &str = "Try “30 min before”, “at the time”, “at 9:00”, or “the day before at 18:00”.";
pub(crate) const REMINDER_NEEDS_A_DATE: &str = "A reminder before it needs a due date.";
pub(crate) const SELECTED: &str = "Selected";
pub(crate) const TICK_ME_OFF_PRESS_THE: &str = "Tick me off: press the circle";
pub(crate) const OPEN_ME_AND_WRITE_A: &str = "Open me, and write a note";
pub(crate) const ASK_THE_ASSISTANT_TO_MOVE: &str = "Ask the assistant to move me to Friday";
pub(crate) const ADD_THREE_SAMPLES: &str = "Add three samples";
pub(crate) const DELETE_SAMPLES: &str = "Delete samples";
pub(crate) const UPCOMING: &str = "Upcoming";
pub(crate) const ALL: &str = "All";
pub(crate) const DONE: &str = "Done";
pub(crate) const OVERDUE: &str = "Overdue";
pub(crate) const ADDED_TODAY: &str = "Added today";
pub(crate) const DONE_TODAY: &str = "Done today";
pub(crate) const SELECTED_TASKS: &str = "Selected tasks";
pub(crate) const DATE: &str = "Date";
pub(crate) const SET_DATE: &str = "Set date";
pub(crate) const SET_LIST: &str = "Set list";
pub(crate) const SET_PRIORITY: &str = "Set priority";
pub(crate) const COMPLETE_SELECTED: &str = "Complete selected";
pub(crate) const DELETE_SELECTED: &str = "Delete selected";
pub(crate) const CLEAR_SELECTION: &str = "Clear selection";
pub(crate) const WEEK: &str = "Week";
pub(crate) const CALENDAR: &str = "Calendar";
pub(crate) const PREVIOUS_MONTH: &str = "Previous month";
pub(crate) const NEXT_MONTH: &str = "Next month";
pub(crate) const COMPLETED: &str = "Completed";
pub(crate) const REOPENED: &str = "Reopened";
pub(crate) const MOVED: &str = "Moved";
pub(crate) const ANOTHER_DEVICE: &str = "another device";
pub(crate) const CREATED: &str = "Created";
pub(crate) const DATE_REMOVED: &str = "Date removed";
pub(crate) const RENAMED: &str = "Renamed";
pub(crate) const NESTED: &str = "Nested";
pub(crate) const MOVED_IN_ITS_LIST: &str = "Moved in its list";
pub(crate) const BY_ASSISTANT: &str = "by Assistant";
pub(crate) const BY_A_PROGRAM: &str = "by a program";
pub(crate) const BY_AN_MCP_CLIENT: &str = "by an MCP client";
pub(crate) const NO_SUCH_TASK: &str = "No such task";
pub(crate) const IT_WAS_DELETED_OR_THE: &str = "It was deleted, or the address is wrong.";
pub(crate) const GO_TO_TASKS: &str = "Go to tasks";
pub(crate) const NOTHING: &str = "nothing";

pub(crate) fn was_deleted(title: impl Display, by: impl Display) -> String {
    format!("“{title}” was deleted {by}")
}

pub(crate) fn was_not_changed(title: impl Display) -> String {
    format!("Your change of “{title}” was not saved")
}

pub(crate) fn field_was_changed(
    field: impl Display,
    theirs: impl Display,
    by: impl Display,
    mine: impl Display,
) -> String {
    format!("{field} was changed to {theirs} {by}. Yours said {mine}.")
}

pub(crate) fn due_date_of_tasks(count: impl Display) -> String {
    format!("Due date of {count} tasks")
}

pub(crate) fn at_most_characters(most: impl Display) -> String {
    format!("At most {most} characters.")
}

pub(crate) fn at_most_labels(max_labels: impl Display) -> String {
    format!("At most {max_labels} labels.")
}

pub(crate) fn details_of(title: impl Display) -> String {
    format!("Details of {title}")
}

pub(crate) fn changed_to(changed: impl Display, theirs: impl Display) -> String {
    format!("{changed} to {theirs}")
}

pub(crate) fn subtasks_of(title: impl Display) -> String {
    format!("Subtasks of {title}")
}

pub(crate) fn subtask_of(title: impl Display) -> String {
    format!("Subtask of {title}")
}

pub(crate) fn parts_done(done: impl Display, all: impl Display) -> String {
    format!("{done} of {all}")
}

pub(crate) fn reschedule_overdue(count: impl Display) -> String {
    format!("Reschedule {count} overdue")
}

pub(crate) fn everything_open(count: impl Display) -> String {
    format!("Everything ({count})")
}

pub(crate) fn leave_in_the_title(words: impl Display) -> String {
    format!("{words}: leave it in the title")
}

/// `10 min before`, `2 days before`; `is_many`: whether the unit has a plural and the number is above one.
pub(crate) fn time_before(count: impl Display, unit: impl Display, is_many: bool) -> String {
    let plural = if is_many { "s" } else { "" };
    format!("{count} {unit}{plural} before")
}

/// An amount as a time before the due date.
pub(crate) fn before(amount: impl Display) -> String {
    format!("{amount} before")
}

pub(crate) fn at_time(time: impl Display) -> String {
    format!("at {time}")
}

pub(crate) fn day_before_at(time: impl Display) -> String {
    format!("the day before at {time}")
}

pub(crate) fn days_before_at(days: impl Display, time: impl Display) -> String {
    format!("{days} days before at {time}")
}

pub(crate) fn date_at(day: impl Display, month: impl Display, year: impl Display, time: impl Display) -> String {
    format!("{day} {month} {year} at {time}")
}

pub(crate) fn at_most_reminders(max_reminders: impl Display) -> String {
    format!("At most {max_reminders} reminders.")
}

pub(crate) fn complete_task(title: impl Display) -> String {
    format!("Complete {title}")
}

pub(crate) fn tasks_selected(count: impl Display) -> String {
    format!("{count} selected")
}

pub(crate) fn moved_to_place(place: impl Display) -> String {
    format!("to {place}")
}

pub(crate) fn on_device_after(device: impl Display) -> String {
    format!(" on {device}")
}

pub(crate) fn moved_to(due: impl Display) -> String {
    format!("Moved to {due}")
}

pub(crate) fn on_device(device: impl Display) -> String {
    format!("on {device}")
}

pub(crate) fn add_subtask_to(title: impl Display) -> String {
    format!("Add subtask to {title}")
}

pub(crate) fn edit_task(title: impl Display) -> String {
    format!("Edit {title}")
}

pub(crate) fn delete_task(title: impl Display) -> String {
    format!("Delete {title}")
}
