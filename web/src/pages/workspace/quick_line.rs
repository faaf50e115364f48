//! Parses the quick add field with the grammar of the assistant. The preview and the new task come from the same parse,
//! so they cannot differ. Pure.

use crate::components::{
    format,
    icon::Icon,
    tasks::{Chip, QuickPreview, recurrence_text, reminder_words},
};
use jiff::civil::{Date, DateTime, Time};
use tandem_nl::{DayOrder, QuickKind, QuickLine};
use tandem_protocol::{enums::Priority, model::Recurrence, reminder::ReminderInput, rest::NewTask};
use yew::AttrValue;

/// How a line is read: what time it is, the order of day and month, and the words that the person wants in the title.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reading {
    pub(super) now: DateTime,
    pub(super) order: DayOrder,
    /// From which reminders of a day without a time count.
    pub(super) all_day: Time,
    pub(super) kept: Vec<String>,
}

impl Reading {
    fn line(&self, line: &str) -> QuickLine {
        tandem_nl::read_line(line, self.now, self.order, self.all_day, &self.kept)
    }
}

/// The task of a line. A line that contains only dates and labels becomes the title itself.
pub(super) fn task_of(line: &str, reading: &Reading) -> NewTask {
    titled(line, reading.line(line).task)
}

fn titled(line: &str, read: NewTask) -> NewTask {
    if read.title.trim().is_empty() { NewTask { title: line.trim().to_owned(), ..read } } else { read }
}

/// What is shown of a line: the title that remains, and its recognised parts.
pub(super) fn preview_of(line: &str, reading: &Reading) -> QuickPreview {
    if line.trim().is_empty() {
        return QuickPreview::default();
    }
    let read = reading.line(line);
    let words =
        |kind: QuickKind| read.parts.iter().filter(move |part| part.kind == kind).map(|part| part.words.clone());
    let task = titled(line, read.task.clone());
    let chip = |icon: Icon, text: String, words: Vec<String>| Chip { icon, text: AttrValue::from(text), words };
    let mut chips = Vec::new();
    let day = task.due.as_ref().map(|due| (due.date, due.time));
    if let Some(due) = task.due {
        chips.push(chip(
            Icon::Calendar,
            format::due(&due.in_zone(""), reading.now.date()),
            words(QuickKind::When).collect(),
        ));
    }
    if let Some(recurrence) = task.recurrence {
        let text = recurrence_text(&Recurrence::from(recurrence));
        chips.push(chip(Icon::Repeat, text, words(QuickKind::When).collect()));
    }
    if let Some((priority, icon)) = task.priority.and_then(|priority| Some((priority, priority_icon(priority)?))) {
        chips.push(chip(icon, format::priority(priority).to_owned(), words(QuickKind::Priority).collect()));
    }
    let labels = task.labels.into_iter().flatten();
    chips.extend(labels.zip(words(QuickKind::Label)).map(|(label, words)| chip(Icon::Label, label, vec![words])));
    let rings = task.reminders.into_iter().flatten().zip(words(QuickKind::Reminder));
    chips.extend(rings.map(|(rule, words)| chip(Icon::Bell, ring(&rule, day, reading), vec![words])));
    chips.extend(task.list.map(|list| chip(Icon::List, list, words(QuickKind::List).collect())));
    QuickPreview { title: AttrValue::from(task.title), chips, too_long: read.too_long }
}

/// When a reminder rings, in words.
fn ring(rule: &ReminderInput, due: Option<(Date, Option<Time>)>, reading: &Reading) -> String {
    match &rule.at {
        Some(at) => format::with_time(format::day(at.date, reading.now.date()), Some(at.time.0)),
        None => reminder_words::one(rule, due, reading.all_day),
    }
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
    use jiff::civil::{date, time};

    fn reading(kept: &[&str]) -> Reading {
        let kept = kept.iter().map(|words| (*words).to_owned()).collect();
        let all_day = time(9, 0, 0, 0);
        Reading { now: date(2026, 11, 23).at(9, 30, 0, 0), order: DayOrder::MonthFirst, all_day, kept }
    }

    fn shown(line: &str, kept: &[&str]) -> (String, Vec<String>) {
        let preview = preview_of(line, &reading(kept));
        (preview.title.to_string(), preview.chips.iter().map(|chip| chip.text.to_string()).collect())
    }

    #[test]
    fn a_line_becomes_the_task_that_it_describes() {
        let task = task_of("Pay rent tomorrow 9:00 !high #home +Flat", &reading(&[]));
        assert_eq!(task.title, "Pay rent");
        assert_eq!(task.due.unwrap().date, date(2026, 11, 24));
        assert_eq!(task.priority, Some(Priority::High));
        assert_eq!(task.labels.unwrap(), ["home"]);
        assert_eq!(task.list.as_deref(), Some("Flat"));
    }

    #[test]
    fn what_is_shown_is_what_is_added() {
        let (title, chips) = shown("Pay rent tomorrow 9:00 #home", &[]);
        assert_eq!((title.as_str(), chips), ("Pay rent", vec!["Tue 24 Nov, 09:00".to_owned(), "home".to_owned()]));
        assert_eq!(preview_of("", &reading(&[])), QuickPreview::default());
        assert!(preview_of("Buy milk", &reading(&[])).chips.is_empty());
    }

    #[test]
    fn a_line_sets_reminders_before_its_date_at_a_time_or_from_now() {
        let chips = |line| shown(line, &[]);
        assert_eq!(chips("Call Ann tomorrow 17:00 !30m !1d").1[1..], ["30 min before", "1 day before"]);
        assert_eq!(
            chips("Call Ann tomorrow !at 9:00"),
            ("Call Ann".into(), vec!["Tue 24 Nov".into(), "Tue 24 Nov, 09:00".into()])
        );
        assert_eq!(chips("Call Ann !45m").1, ["Mon 23 Nov, 10:15"]);
        assert_eq!(chips("Call Ann !at 08:00").1, ["Tue 24 Nov, 08:00"]);
        assert_eq!(chips("pay !at 17"), ("pay".into(), vec!["Mon 23 Nov, 17:00".into()]));
        assert_eq!(chips("pay !at 9am tomorrow 15:00").1, ["Tue 24 Nov, 15:00", "Tue 24 Nov, 09:00"]);
        assert_eq!(chips("a tomorrow !30m"), ("a".into(), vec!["Tue 24 Nov".into(), "at 08:30".into()]));
        assert_eq!(chips("bins every tuesday !at 7:00").1, ["Tue 24 Nov", "Every Tuesday", "at 07:00"]);
        assert_eq!(chips("bins every tuesday !at 18:00").1, ["Tue 24 Nov, 18:00", "Every Tuesday", "at the time"]);
        assert_eq!(
            chips("Call Ann friday 15:00 !the day before at 6pm").1[1..],
            ["Thu 26 Nov, 18:00"],
            "as the assistant reads it"
        );
        assert_eq!(chips("rent every friday !the day before at 6pm").1[2..], ["the day before at 18:00"]);
        assert_eq!(
            chips("Call Ann friday 15:00 !an hour before and at noon"),
            ("Call Ann".into(), vec!["Fri 27 Nov, 15:00".into(), "1 hour before".into(), "Fri 27 Nov, 12:00".into()])
        );
        assert_eq!(chips("Call Ann !at work !soon").0, "Call Ann !at work !soon");
        assert_eq!(shown("Call Ann !45m", &["!45m"]), ("Call Ann !45m".into(), Vec::new()));
        assert_eq!(task_of("!45m", &reading(&[])).title, "!45m");
        assert_eq!(shown("pay !at 17", &["!at 17"]).0, "pay !at 17");
    }

    #[test]
    fn a_chip_that_is_clicked_leaves_its_words_in_the_title() {
        let line = "watch Friday the 13th #horror";
        let preview = preview_of(line, &reading(&[]));
        let words: Vec<&str> = preview.chips.iter().flat_map(|chip| &chip.words).map(String::as_str).collect();
        assert_eq!(words.last(), Some(&"#horror"));
        let (title, chips) = shown(line, &words[..1]);
        assert_eq!((title.as_str(), chips), ("watch Friday the 13th", vec!["horror".to_owned()]));
        assert_eq!(task_of(line, &reading(&words)).title, line);
    }

    #[test]
    fn a_title_that_is_too_long_is_not_cut_silently() {
        assert!(preview_of(&"a".repeat(501), &reading(&[])).too_long);
        assert!(!preview_of(&"a".repeat(500), &reading(&[])).too_long);
    }

    #[test]
    fn a_line_without_other_words_keeps_them_as_its_title() {
        assert!(!task_of("tomorrow", &reading(&[])).title.is_empty());
    }
}
