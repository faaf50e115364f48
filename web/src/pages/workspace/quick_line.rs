//! Parses the quick add field with the grammar of the assistant. The preview and the new task come from the same parse,
//! so they cannot differ. Pure.

use crate::components::{
    format,
    icon::Icon,
    tasks::{Chip, recurrence_text},
};
use jiff::civil::DateTime;
use tandem_protocol::{enums::Priority, model::Recurrence, rest::NewTask};
use yew::AttrValue;

/// The task of a line. A line that contains only dates and labels becomes the title itself.
pub(super) fn task_of(line: &str, now: DateTime) -> NewTask {
    let read = tandem_nl::quick_add(line, now);
    if read.title.trim().is_empty() { NewTask { title: line.trim().to_owned(), ..read } } else { read }
}

/// The recognised parts of a line.
pub(super) fn chips_of(line: &str, now: DateTime) -> Vec<Chip> {
    if line.trim().is_empty() {
        return Vec::new();
    }
    let task = task_of(line, now);
    let chip = |icon: Icon, text: String| Chip { icon, text: AttrValue::from(text) };
    let mut chips = Vec::new();
    if let Some(due) = task.due {
        chips.push(chip(Icon::Calendar, format::due(&due.in_zone(""), now.date())));
    }
    if let Some(recurrence) = task.recurrence {
        chips.push(chip(Icon::Repeat, recurrence_text(&Recurrence::from(recurrence))));
    }
    if let Some((priority, icon)) = task.priority.and_then(|priority| Some((priority, priority_icon(priority)?))) {
        chips.push(chip(icon, format::priority(priority).to_owned()));
    }
    chips.extend(task.labels.into_iter().flatten().map(|label| chip(Icon::Label, label)));
    chips.extend(task.list.map(|list| chip(Icon::List, list)));
    chips
}

fn priority_icon(priority: Priority) -> Option<Icon> {
    match priority {
        Priority::None => None,
        Priority::Low => Some(Icon::PriorityLow),
        Priority::Medium => Some(Icon::PriorityMedium),
        Priority::High => Some(Icon::PriorityHigh),
        Priority::Urgent => Some(Icon::PriorityUrgent),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn now() -> DateTime {
        date(2026, 11, 23).at(9, 30, 0, 0)
    }

    #[test]
    fn a_line_becomes_the_task_that_it_describes() {
        let task = task_of("Pay rent tomorrow 9:00 !high #home +Flat", now());
        assert_eq!(task.title, "Pay rent");
        assert_eq!(task.due.unwrap().date, date(2026, 11, 24));
        assert_eq!(task.priority, Some(Priority::High));
        assert_eq!(task.labels.unwrap(), ["home"]);
        assert_eq!(task.list.as_deref(), Some("Flat"));
    }

    #[test]
    fn what_is_shown_is_what_is_added() {
        let chips = chips_of("Pay rent tomorrow 9:00 #home", now());
        let texts: Vec<&str> = chips.iter().map(|chip| chip.text.as_str()).collect();
        assert_eq!(texts, ["Tue 24 Nov, 09:00", "home"]);
        assert!(chips_of("", now()).is_empty());
        assert!(chips_of("Buy milk", now()).is_empty());
    }

    #[test]
    fn a_line_without_other_words_keeps_them_as_its_title() {
        assert!(!task_of("tomorrow", now()).title.is_empty());
    }
}
