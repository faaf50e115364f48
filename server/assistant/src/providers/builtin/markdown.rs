//! Tasks in Markdown, with the text of users escaped.

use crate::{provider::LocalContext, tools};
use jiff::Zoned;
use serde_json::Value;
use tandem_protocol::{
    enums::{Anchor, Priority, TaskStatus},
    model::Task,
    reminder::Reminder,
    settings::DateStyle,
};

pub(super) fn bold(title: &str) -> String {
    format!("**{}**", literal(title))
}

pub(super) fn quoted(words: &str) -> String {
    format!("“{}”", literal(words))
}

/// Text of a user with its markup escaped.
pub(super) fn literal(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        if "\\*_`[]<>~#|".contains(c) {
            plain.push('\\');
        }
        plain.push(c);
    }
    plain
}

/// The number of a task, as it stands after its title.
pub(super) fn number(number: i64) -> String {
    format!("(#{number})")
}

/// A number with its noun: `no tasks`, `one task`, `3 tasks`.
pub(super) fn count(count: usize, noun: &str) -> String {
    match count {
        0 => format!("no {noun}s"),
        1 => format!("one {noun}"),
        many => format!("{many} {noun}s"),
    }
}

/// The properties of a task besides its title: ", due Tue 24 Nov, 17:00, every Tuesday".
pub(super) fn details(task: &Task, local: &LocalContext<'_>) -> String {
    let (now, style) = (local.now, local.style);
    let mut details = String::new();
    let mut add = |detail: String| {
        details.push_str(", ");
        details.push_str(&detail);
    };
    if let Some(due) = &task.due {
        add(format!("due {}", tandem_nl::describe_due(due.date, due.time, now, style)));
    }
    if let Some(rule) = &task.recurrence {
        add(lower_first(&tandem_nl::describe_rule(&rule.rule, rule.anchor)));
    }
    if task.priority != Priority::None {
        add(format!("{} priority", task.priority));
    }
    if let Some(list) = &task.list {
        add(format!("on the list {}", quoted(list)));
    }
    if !task.labels.is_empty() {
        let labels: Vec<String> = task.labels.iter().map(|label| format!("\\#{}", literal(label))).collect();
        add(labels.join(" "));
    }
    if let Some(reminders) = reminders(task, now, style) {
        add(reminders);
    }
    details
}

/// The reminders that are still to come, but for one at the time at which the task is due: "reminder 09:00".
fn reminders(task: &Task, now: &Zoned, style: DateStyle) -> Option<String> {
    let due = task.due.as_ref().map(|due| tandem_nl::describe_due(due.date, due.time, now, style));
    let mut next: Vec<_> = task.reminders.iter().filter_map(Reminder::next).collect();
    next.sort_unstable();
    let open = task.status == TaskStatus::Open;
    let texts: Vec<String> = next
        .into_iter()
        .filter(|_| open)
        .map(|at| at.to_jiff().to_zoned(now.time_zone().clone()))
        .map(|at| tandem_nl::describe_due(at.date(), Some(at.time()), now, style))
        .filter(|at| due.as_ref() != Some(at))
        .collect();
    bells(&texts, due.as_deref())
}

/// Times of reminders in a sentence; only the times of day when all are on the day on which the task is due.
fn bells(times: &[String], due: Option<&str>) -> Option<String> {
    let day = |text: &str| text.split_once(", ").map_or_else(|| text.to_owned(), |(day, _)| day.to_owned());
    let then = times.iter().all(|text| due.is_some_and(|due| day(text) == day(due)));
    let short = |text: &String| match text.split_once(", ") {
        Some((_, time)) if then => time.to_owned(),
        _ => text.clone(),
    };
    let times: Vec<String> = times.iter().map(short).collect();
    match &times[..] {
        [] => None,
        [one] => Some(format!("reminder {one}")),
        [first @ .., last] => Some(format!("reminders {} and {last}", first.join(", "))),
    }
}

/// What a list says of the reminders of a task summary.
fn summary_bells(summary: &Value, style: DateStyle) -> Option<String> {
    let texts: Vec<&str> = summary.get("reminders")?.as_array()?.iter().filter_map(Value::as_str).collect();
    let due = summary.get("due").and_then(Value::as_str);
    if texts.iter().any(|text| text.ends_with(tools::HAS_FIRED)) {
        return Some("its reminder rings now".to_owned());
    }
    match texts[..] {
        [] => None,
        [only] if Some(only) == due => Some("with a reminder then".to_owned()),
        _ => {
            let texts: Vec<String> = texts.into_iter().map(|text| in_style(text, style)).collect();
            bells(&texts, due.map(|due| in_style(due, style)).as_deref())
        }
    }
}

/// A task as a line of a list, without the number of the line. It has no other number: two figures before and after a title
/// leave open which one "2" means.
pub(super) fn line(task: &Task, local: &LocalContext<'_>) -> String {
    let done = if task.status == TaskStatus::Done { ", done" } else { "" };
    format!("{}{}{done}", bold(&task.title), details(task, local))
}

/// The title at the beginning of such a line.
pub(super) fn title_of(line: &str) -> Option<String> {
    let mut title = String::new();
    let mut chars = line.strip_prefix("**")?.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => title.extend(chars.next()),
            // Stars of a title are escaped, so this is the end of it.
            '*' => return Some(title),
            c => title.push(c),
        }
    }
    None
}

/// A line for a task summary of a tool's result, whose dates are in words already.
pub(super) fn summary_line(summary: &Value, style: DateStyle) -> String {
    let text = |name: &str| summary.get(name).and_then(Value::as_str);
    let mut line = bold(text("title").unwrap_or_default());
    if let Some(due) = text("due") {
        line.push_str(", due ");
        line.push_str(&in_style(due, style));
    }
    if let Some(rule) = text("recurrence") {
        line.push_str(", ");
        line.push_str(&lower_first(&tandem_nl::describe_rule(rule, Anchor::Due)));
    }
    if let Some(priority) = text("priority") {
        line.push_str(", ");
        line.push_str(priority);
        line.push_str(" priority");
    }
    if let Some(bells) = summary_bells(summary, style) {
        line.push_str(", ");
        line.push_str(&bells);
    }
    if text("status") == Some("done") {
        line.push_str(", done");
    }
    line
}

/// A date of a tool's result, which is "Fri 27 Nov 2027, 17:00" for everybody, as the user has chosen.
pub(super) fn in_style(text: &str, style: DateStyle) -> String {
    let (date, time) = text.split_once(", ").unwrap_or((text, ""));
    let [weekday, day, month, year @ ..] = &date.split(' ').collect::<Vec<_>>()[..] else { return text.to_owned() };
    let Ok(day) = day.parse() else { return text.to_owned() };
    let mut written = format!("{weekday} {}", style.day(day, month));
    for year in year {
        written.extend([" ", year]);
    }
    if let Ok(time) = time.parse() {
        written.extend([", ", &style.time(time)]);
    }
    written
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_results_are_written_as_the_user_has_chosen() {
        let american = DateStyle { twelve_hours: true, month_first: true };
        for (text, written) in [
            ("Fri 27 Nov, 17:00", "Fri Nov 27, 5:00 PM"),
            ("Fri 27 Nov 2027, 09:05", "Fri Nov 27 2027, 9:05 AM"),
            ("Fri 27 Nov", "Fri Nov 27"),
        ] {
            assert_eq!(in_style(text, american), written);
            assert_eq!(in_style(text, DateStyle::default()), text);
        }
    }

    #[test]
    fn markup_in_titles_is_taken_literally() {
        assert_eq!(bold("a*b [c](d) <img>"), "**a\\*b \\[c\\](d) \\<img\\>**");
    }

    #[test]
    fn a_title_is_found_in_its_line() {
        for title in ["Buy milk", "a*b **c** [d](e) \\ f", "x"] {
            assert_eq!(title_of(&format!("{}, due today", bold(title))).as_deref(), Some(title));
        }
        assert_eq!(title_of("no title"), None);
    }

    #[test]
    fn nouns_are_counted() {
        assert_eq!([count(0, "task"), count(1, "task"), count(2, "task")], ["no tasks", "one task", "2 tasks"]);
    }

    #[test]
    fn reminders_on_other_days_name_the_day_of_each() {
        let all = |times: &[&str]| {
            bells(&times.iter().map(|&time| time.to_owned()).collect::<Vec<_>>(), Some("Sun 13 Dec, 10:00"))
        };
        assert_eq!(all(&["Sun 13 Dec, 08:00", "Sun 13 Dec, 09:00"]).as_deref(), Some("reminders 08:00 and 09:00"));
        assert_eq!(
            all(&["Fri 4 Dec, 09:00", "Sun 13 Dec, 09:00"]).as_deref(),
            Some("reminders Fri 4 Dec, 09:00 and Sun 13 Dec, 09:00")
        );
    }
}
