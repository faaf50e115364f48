//! The task editor without its drawing: the fields as text, which of them the person has changed, and the patch that
//! results. Pure.
//!
//! A field that the person has not changed follows the task, so that a change by another device is visible at once and
//! is not undone by saving. A field that they have changed keeps their text, with the value that they saw. If another
//! device then sets another value, the person decides between the two.

use super::{meta::recurrence_text, reminder_words};
use crate::components::format;
use crate::text::tasks as text;
use jiff::civil::{Date, DateTime, Time};
use std::ops::{Index, IndexMut};
use tandem_protocol::{
    enums::{Priority, WireEnum},
    json,
    limits::{MAX_DESCRIPTION_CHARS, MAX_LABEL_CHARS, MAX_LABELS, MAX_TITLE_CHARS},
    model::Task,
    reminder::ReminderInput,
    rest::{DueInput, RecurrenceInput, TaskPatch},
    time::{IsoDate, parse_clock, parse_date},
};

/// A control of the editor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Title,
    Notes,
    /// The value of a date input, `YYYY-MM-DD`; empty for none.
    Date,
    /// The value of a time input, `HH:MM`; empty for none.
    Time,
    /// A recurrence in words, such as `every weekday`.
    Repeats,
    /// The priority as on the wire.
    Priority,
    /// Label names, separated by commas.
    Labels,
    List,
    /// Reminders in words, separated by commas.
    Reminders,
}

impl Field {
    pub(super) const ALL: [Self; 9] = [
        Self::Title,
        Self::Notes,
        Self::Date,
        Self::Time,
        Self::Repeats,
        Self::Priority,
        Self::Labels,
        Self::List,
        Self::Reminders,
    ];

    /// The end of the id of the control.
    pub(super) fn id(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Notes => "notes",
            Self::Date => "date",
            Self::Time => "time",
            Self::Repeats => "repeats",
            Self::Priority => "priority",
            Self::Labels => "labels",
            Self::List => "list",
            Self::Reminders => "reminders",
        }
    }

    /// The text as it is compared: spaces at the ends are no change.
    fn same(self, one: &str, other: &str) -> bool {
        if self == Self::Notes { one == other } else { one.trim() == other.trim() }
    }
}

/// The fields of a task as text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct TaskForm([String; 9]);

impl Index<Field> for TaskForm {
    type Output = String;

    fn index(&self, field: Field) -> &String {
        &self.0[field as usize]
    }
}

impl IndexMut<Field> for TaskForm {
    fn index_mut(&mut self, field: Field) -> &mut String {
        &mut self.0[field as usize]
    }
}

impl TaskForm {
    /// `all_day`: the time from which reminders of a day without a time count.
    pub(super) fn of(task: &Task, all_day: Time) -> Self {
        let due = task.due.as_ref();
        let mut form = Self::default();
        form[Field::Title].clone_from(&task.title);
        form[Field::Notes].clone_from(&task.description);
        form[Field::Date] = due.map(|due| IsoDate(due.date).to_string()).unwrap_or_default();
        form[Field::Time] = due.and_then(|due| due.time).map(format::input_time).unwrap_or_default();
        form[Field::Repeats] = task.recurrence.as_ref().map(recurrence_text).unwrap_or_default();
        task.priority.as_str().clone_into(&mut form[Field::Priority]);
        form[Field::Labels] = task.labels.join(", ");
        form[Field::List] = task.list.clone().unwrap_or_default();
        form[Field::Reminders] = reminder_words::text_of(reminders(task), due.map(|due| (due.date, due.time)), all_day);
        form
    }
}

/// A field that the person has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Change {
    mine: String,
    /// The value of the task that the person saw when they began to change it, or last decided about it.
    seen: String,
}

/// An edit in progress. It is stored as a draft, so that it survives a reload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TaskEdit {
    /// The task when the editor was opened.
    opened: TaskForm,
    changes: [Option<Change>; 9],
}

/// How a field of the editor relates to the task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum FieldState {
    /// As when the editor was opened, or as this person has changed it.
    Quiet,
    /// Not changed here, but changed by another device while the editor was open.
    Followed,
    /// Changed here and, to this value, by another device.
    Conflict(String),
}

/// An invalid field, and why it is invalid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FieldError {
    pub(super) field: Field,
    pub(super) why: String,
}

impl TaskEdit {
    pub(super) fn of(task: &Task, all_day: Time) -> Self {
        Self { opened: TaskForm::of(task, all_day), changes: Default::default() }
    }

    /// Reads a stored edit; `None` if it is empty or unreadable.
    pub(super) fn restore(stored: &str) -> Option<Self> {
        let mut texts = json::read::<Vec<Option<String>>>(stored).ok()?.into_iter();
        let mut edit = Self { opened: TaskForm::default(), changes: Default::default() };
        for field in Field::ALL {
            edit.opened[field] = texts.next()??;
            let (mine, seen) = (texts.next()?, texts.next()?);
            edit.changes[field as usize] = mine.zip(seen).map(|(mine, seen)| Change { mine, seen });
        }
        Some(edit)
    }

    /// The stored form: for each field, its text when the editor was opened, and what it was changed to from what, or
    /// nulls. Empty while nothing is changed.
    pub(super) fn stored(&self) -> String {
        if self.changes.iter().all(Option::is_none) {
            return String::new();
        }
        let texts = Field::ALL.into_iter().flat_map(|field| {
            let change = self.changes[field as usize].as_ref();
            [Some(&self.opened[field]), change.map(|change| &change.mine), change.map(|change| &change.seen)]
        });
        serde_json::to_string(&texts.collect::<Vec<_>>()).unwrap_or_default()
    }

    /// The title of the task when the editor was opened.
    pub(super) fn title(&self) -> &str {
        &self.opened[Field::Title]
    }

    /// What the controls show. `current`: the task as it is now.
    pub(super) fn shown(&self, current: &TaskForm) -> TaskForm {
        let mut shown = current.clone();
        for field in Field::ALL {
            if let Some(change) = &self.changes[field as usize] {
                shown[field].clone_from(&change.mine);
            }
        }
        shown
    }

    /// The person has set a field to this text.
    pub(super) fn write(&mut self, field: Field, text: String, current: &TaskForm) {
        let change = &mut self.changes[field as usize];
        let seen = change.take().map_or_else(|| current[field].clone(), |change| change.seen);
        // A field that is set back follows the task again. Compared exactly: a space at the end is the start of a word.
        let is_back = text == current[field] && field.same(&seen, &current[field]);
        *change = (!is_back).then_some(Change { mine: text, seen });
    }

    pub(super) fn state(&self, field: Field, current: &TaskForm) -> FieldState {
        let now = &current[field];
        match &self.changes[field as usize] {
            Some(change) if field.same(now, &change.seen) || field.same(now, &change.mine) => FieldState::Quiet,
            Some(_) => FieldState::Conflict(now.clone()),
            None if *now == self.opened[field] => FieldState::Quiet,
            None => FieldState::Followed,
        }
    }

    /// The person prefers their own text to the present value of the task.
    pub(super) fn use_mine(&mut self, field: Field, current: &TaskForm) {
        if let Some(change) = &mut self.changes[field as usize] {
            change.seen.clone_from(&current[field]);
        }
    }

    /// The person prefers the present value of the task to their own text.
    pub(super) fn keep_theirs(&mut self, field: Field) {
        self.changes[field as usize] = None;
    }

    /// The changed fields as a patch; `None` if there are none. The patch contains the revision of the task: if the task
    /// changes before the patch arrives, the server refuses it, and the outbox merges it.
    ///
    /// # Errors
    ///
    /// All fields about which the person has to decide, or all that are invalid.
    pub(super) fn patch(
        &self,
        task: &Task,
        now: DateTime,
        all_day: Time,
    ) -> Result<Option<TaskPatch>, Vec<FieldError>> {
        let current = TaskForm::of(task, all_day);
        let undecided = |field: &Field| matches!(self.state(*field, &current), FieldState::Conflict(_));
        let mut wrong: Vec<FieldError> =
            Field::ALL.into_iter().filter(undecided).map(|field| refused(field, text::CHANGED_MEANWHILE)).collect();
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let form = self.shown(&current);
        let changed = |field: Field| !field.same(&form[field], &current[field]);
        let mut patch = TaskPatch::default();
        if changed(Field::Title) {
            patch.title = valid(title(&form[Field::Title]), &mut wrong);
        }
        if changed(Field::Notes) {
            patch.description = valid(within(&form[Field::Notes], MAX_DESCRIPTION_CHARS, Field::Notes), &mut wrong);
        }
        let mut due = valid(due(&form, task), &mut wrong).flatten();
        let mut due_changed = changed(Field::Date) || changed(Field::Time);
        if changed(Field::Repeats)
            && let Some((recurrence, first)) = valid(recurrence(&form, now), &mut wrong)
        {
            if recurrence.is_some() && due.is_none() {
                // A recurrence needs a due date to start from.
                due = Some(first.unwrap_or(DueInput::on(now.date())));
                due_changed = true;
            }
            patch.recurrence = Some(recurrence);
        }
        if due_changed {
            patch.due = Some(due);
        }
        if changed(Field::Priority) {
            patch.priority = Priority::from_wire(&form[Field::Priority]);
        }
        if changed(Field::Labels) {
            patch.labels = valid(labels(&form[Field::Labels]), &mut wrong);
        }
        if changed(Field::List) {
            let list = valid(within(form[Field::List].trim(), MAX_LABEL_CHARS, Field::List), &mut wrong);
            patch.list = list.map(|list| (!list.is_empty()).then_some(list));
        }
        if changed(Field::Reminders) {
            let known: Vec<ReminderInput> = reminders(task).collect();
            let around = reminder_words::Around {
                due: form_day(&form).map(|day| (day, parse_clock(&form[Field::Time]))),
                repeats: !form[Field::Repeats].trim().is_empty(),
                all_day,
                now,
            };
            let read = reminder_words::read(&form[Field::Reminders], &known, around);
            patch.reminders = valid(read.map_err(|why| FieldError { field: Field::Reminders, why }), &mut wrong);
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        if patch == TaskPatch::default() {
            return Ok(None);
        }
        patch.if_rev = Some(task.rev);
        Ok(Some(patch))
    }
}

/// The reminders of a task, in the form in which they are sent.
fn reminders(task: &Task) -> impl Iterator<Item = ReminderInput> {
    task.reminders.iter().cloned().map(ReminderInput::from)
}

/// The day that the form says, if it is one.
fn form_day(form: &TaskForm) -> Option<Date> {
    parse_date(&form[Field::Date])
}

fn due(form: &TaskForm, task: &Task) -> Result<Option<DueInput>, FieldError> {
    let time = match form[Field::Time].as_str() {
        "" => None,
        text => Some(parse_clock(text).ok_or_else(|| refused(Field::Time, text::USE_A_TIME))?),
    };
    if form[Field::Date].is_empty() {
        return match time {
            Some(_) => Err(refused(Field::Date, text::A_TIME_NEEDS_A_DAY)),
            None => Ok(None),
        };
    }
    let date = parse_date(&form[Field::Date]).ok_or_else(|| refused(Field::Date, text::USE_A_DATE))?;
    // Changing the date keeps the time zone of the task; a new date uses that of the person.
    let time_zone = task.due.as_ref().map(|due| due.time_zone.clone());
    Ok(Some(DueInput { date, time, time_zone }))
}

fn recurrence(form: &TaskForm, now: DateTime) -> Result<(Option<RecurrenceInput>, Option<DueInput>), FieldError> {
    let words = form[Field::Repeats].trim();
    if words.is_empty() {
        return Ok((None, None));
    }
    let not_understood = || refused(Field::Repeats, text::USE_A_RECURRENCE);
    let (read, first) = tandem_nl::parse_recurrence(words, now).ok_or_else(not_understood)?;
    Ok((Some(read), first))
}

/// The value of a field, or none and one more that is wrong.
fn valid<T>(read: Result<T, FieldError>, wrong: &mut Vec<FieldError>) -> Option<T> {
    read.map_err(|why| wrong.push(why)).ok()
}

fn refused(field: Field, why: &str) -> FieldError {
    FieldError { field, why: why.to_owned() }
}

fn title(text: &str) -> Result<String, FieldError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(refused(Field::Title, text::A_TASK_NEEDS_A_TITLE));
    }
    within(text, MAX_TITLE_CHARS, Field::Title)
}

fn within(text: &str, most: usize, field: Field) -> Result<String, FieldError> {
    if text.chars().count() > most {
        return Err(FieldError { field, why: text::at_most_characters(most) });
    }
    Ok(text.to_owned())
}

/// Splits labels, without `#` and duplicates.
fn labels(text: &str) -> Result<Vec<String>, FieldError> {
    let mut labels: Vec<String> = Vec::new();
    for label in text.split(',').map(|label| label.trim().trim_start_matches('#')).filter(|label| !label.is_empty()) {
        let label = within(label, MAX_LABEL_CHARS, Field::Labels)?;
        if !labels.contains(&label) {
            labels.push(label);
        }
    }
    if labels.len() > MAX_LABELS {
        return Err(FieldError { field: Field::Labels, why: text::at_most_labels(MAX_LABELS) });
    }
    Ok(labels)
}

#[cfg(test)]
mod tests;
