//! The fields of the task editor as text, and the patch that results from them. Pure.

use super::meta::recurrence_text;
use crate::components::format;
use jiff::civil::DateTime;
use tandem_protocol::{
    enums::Priority,
    limits::{MAX_DESCRIPTION_CHARS, MAX_LABEL_CHARS, MAX_LABELS, MAX_TITLE_CHARS},
    model::Task,
    rest::{DueInput, RecurrenceInput, TaskPatch},
    time::{IsoDate, parse_clock, parse_date},
};

/// The fields as the person edits them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct TaskForm {
    pub(super) title: String,
    pub(super) notes: String,
    /// The value of a date input, `YYYY-MM-DD`; empty for none.
    pub(super) date: String,
    /// The value of a time input, `HH:MM`; empty for none.
    pub(super) time: String,
    /// A recurrence in words, such as `every weekday`.
    pub(super) repeats: String,
    pub(super) priority: Option<Priority>,
    /// Label names, separated by commas.
    pub(super) labels: String,
    pub(super) list: String,
}

/// An invalid field, and why it is invalid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FieldError {
    pub(super) field: &'static str,
    pub(super) why: String,
}

impl TaskForm {
    pub(super) fn of(task: &Task) -> Self {
        let due = task.due.as_ref();
        Self {
            title: task.title.clone(),
            notes: task.description.clone(),
            date: due.map(|due| IsoDate(due.date).to_string()).unwrap_or_default(),
            time: due.and_then(|due| due.time).map(format::clock_time).unwrap_or_default(),
            repeats: task.recurrence.as_ref().map(recurrence_text).unwrap_or_default(),
            priority: Some(task.priority),
            labels: task.labels.join(", "),
            list: task.list.clone().unwrap_or_default(),
        }
    }

    /// The difference to the task as a patch; `None` if there is none. The patch contains the revision of the task, so
    /// the server refuses it if the task has changed in the meantime.
    pub(super) fn patch(&self, task: &Task, now: DateTime) -> Result<Option<TaskPatch>, FieldError> {
        // Compared as text: a field that was not edited is not sent, even if its text would parse to another value.
        let before = Self::of(task);
        let mut patch = TaskPatch::default();
        if self.title.trim() != before.title {
            patch.title = Some(title(&self.title)?);
        }
        if self.notes != before.notes {
            patch.description = Some(within(&self.notes, MAX_DESCRIPTION_CHARS, "notes")?);
        }
        let mut due = self.due(task)?;
        let mut due_changed = (&self.date, &self.time) != (&before.date, &before.time);
        if self.repeats.trim() != before.repeats {
            let (recurrence, first) = self.recurrence(now)?;
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
        if self.priority != before.priority {
            patch.priority = self.priority;
        }
        if self.labels != before.labels {
            patch.labels = Some(labels(&self.labels)?);
        }
        if self.list.trim() != before.list {
            let list = within(self.list.trim(), MAX_LABEL_CHARS, "list")?;
            patch.list = Some((!list.is_empty()).then_some(list));
        }
        if patch == TaskPatch::default() {
            return Ok(None);
        }
        patch.if_rev = Some(task.rev);
        Ok(Some(patch))
    }

    fn due(&self, task: &Task) -> Result<Option<DueInput>, FieldError> {
        let time = match self.time.as_str() {
            "" => None,
            text => Some(parse_clock(text).ok_or_else(|| refused("time", "Use a time such as 17:30."))?),
        };
        if self.date.is_empty() {
            return match time {
                Some(_) => Err(refused("date", "A time needs a day.")),
                None => Ok(None),
            };
        }
        let date = parse_date(&self.date).ok_or_else(|| refused("date", "Use a date such as 2026-11-23."))?;
        // Changing the date keeps the time zone of the task; a new date uses that of the person.
        let time_zone = task.due.as_ref().map(|due| due.time_zone.clone());
        Ok(Some(DueInput { date, time, time_zone }))
    }

    fn recurrence(&self, now: DateTime) -> Result<(Option<RecurrenceInput>, Option<DueInput>), FieldError> {
        let words = self.repeats.trim();
        if words.is_empty() {
            return Ok((None, None));
        }
        let not_understood = || refused("repeats", "Try “every weekday”, “every 2 weeks”, “monthly”.");
        let (read, first) = tandem_nl::parse_recurrence(words, now).ok_or_else(not_understood)?;
        Ok((Some(read), first))
    }
}

fn refused(field: &'static str, why: &str) -> FieldError {
    FieldError { field, why: why.to_owned() }
}

fn title(text: &str) -> Result<String, FieldError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(refused("title", "A task needs a title."));
    }
    within(text, MAX_TITLE_CHARS, "title")
}

fn within(text: &str, most: usize, field: &'static str) -> Result<String, FieldError> {
    if text.chars().count() > most {
        return Err(FieldError { field, why: format!("At most {most} characters.") });
    }
    Ok(text.to_owned())
}

/// Splits labels, without `#` and duplicates.
fn labels(text: &str) -> Result<Vec<String>, FieldError> {
    let mut labels: Vec<String> = Vec::new();
    for label in text.split(',').map(|label| label.trim().trim_start_matches('#')).filter(|label| !label.is_empty()) {
        let label = within(label, MAX_LABEL_CHARS, "labels")?;
        if !labels.contains(&label) {
            labels.push(label);
        }
    }
    if labels.len() > MAX_LABELS {
        return Err(FieldError { field: "labels", why: format!("At most {MAX_LABELS} labels.") });
    }
    Ok(labels)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{clock, task};
    use jiff::civil::{date, time};
    use tandem_protocol::model::Due;

    fn patch(change: impl FnOnce(&mut TaskForm)) -> Result<Option<TaskPatch>, FieldError> {
        let mut milk = task(7, "Buy milk");
        milk.due = Some(Due { date: date(2026, 11, 24), time: None, time_zone: "Europe/Berlin".into() });
        let mut form = TaskForm::of(&milk);
        change(&mut form);
        form.patch(&milk, clock().local_now())
    }

    #[test]
    fn nothing_changed_is_no_patch() {
        assert_eq!(patch(|_| {}), Ok(None));
        assert_eq!(patch(|form| form.title.push(' ')), Ok(None));
    }

    #[test]
    fn only_what_changed_is_in_the_patch_with_the_rev_it_was_made_on() {
        let made = patch(|form| form.title = " Buy oat milk ".into());
        assert_eq!(
            made,
            Ok(Some(TaskPatch { title: Some("Buy oat milk".into()), if_rev: Some(1), ..TaskPatch::default() }))
        );
    }

    #[test]
    fn a_time_keeps_the_zone_of_the_task() {
        let made = patch(|form| form.time = "17:30".into()).expect("understood").expect("changed");
        let due = made.due.expect("changed").expect("set");
        assert_eq!((due.date, due.time), (date(2026, 11, 24), Some(time(17, 30, 0, 0))));
        assert_eq!(due.time_zone.as_deref(), Some("Europe/Berlin"));
    }

    #[test]
    fn emptied_fields_are_emptied() {
        let made = patch(|form| form.date.clear()).expect("understood").expect("changed");
        assert_eq!(made.due, Some(None));
    }

    #[test]
    fn labels_are_words_each_once() {
        let made = patch(|form| form.labels = "#home, shop,home, ".into()).expect("understood").expect("changed");
        assert_eq!(made.labels, Some(vec!["home".into(), "shop".into()]));
    }

    #[test]
    fn an_invalid_field_is_reported_with_the_reason() {
        let field = |change: fn(&mut TaskForm)| patch(change).expect_err("refused").field;
        assert_eq!(field(|form| form.title = " ".into()), "title");
        assert_eq!(field(|form| form.title = "é".repeat(501)), "title");
        assert_eq!(field(|form| (form.date, form.time) = (String::new(), "09:00".into())), "date");
        assert_eq!(field(|form| form.repeats = "now and then, perhaps".into()), "repeats");
        assert_eq!(field(|form| form.list = "x".repeat(101)), "list");
    }
}
