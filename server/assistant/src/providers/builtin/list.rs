//! Lists of tasks in Markdown. They are numbered, so that a later message can refer to "the second one".

use super::{last_user_message, markdown};
use crate::provider::LocalContext;
use jiff::civil::Date;
use serde_json::Value;
use tandem_protocol::{
    TaskId,
    model::{Task, ToolCall},
    settings::DateStyle,
};

const MAX_NEXT: usize = 5;

pub(super) fn numbered(lines: impl IntoIterator<Item = String>) -> String {
    let lines = lines.into_iter().enumerate().map(|(at, line)| format!("{}. {line}", at + 1));
    lines.collect::<Vec<_>>().join("\n")
}

/// The array in this field of a result; empty when there is none.
pub(super) fn items<'a>(result: &'a Value, name: &str) -> &'a [Value] {
    result.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

pub(super) fn question(question: &str, choices: &[TaskId], local: &LocalContext<'_>) -> String {
    let task = |id: &TaskId| local.tasks.iter().find(|task| task.id == *id);
    let lines: Vec<String> = choices.iter().filter_map(task).map(|task| markdown::line(task, local)).collect();
    if lines.is_empty() { question.to_owned() } else { format!("{question}\n\n{}", numbered(lines)) }
}

/// The result of `list_tasks`, or only the number if that was the question.
pub(super) fn tasks(call: &ToolCall, only_count: bool, local: &LocalContext<'_>) -> String {
    let shown = items(&call.result, "tasks");
    let total =
        call.result.get("total").and_then(Value::as_u64).map_or(shown.len(), |n| usize::try_from(n).unwrap_or(0));
    let heading = format!("You have {}", describe_filter(&call.arguments, total, local));
    let others = if only_count { String::new() } else { other_reminders(call, shown, local) };
    if only_count || shown.is_empty() {
        return format!("{heading}.{others}");
    }
    let list = numbered(shown.iter().map(|summary| markdown::summary_line(summary, local.style)));
    let more = total.saturating_sub(shown.len());
    let rest = if more > 0 { format!("\n\n… and {more} more.") } else { String::new() };
    format!("{heading}:\n\n{list}{rest}{others}")
}

/// Who asks for the reminders of some days also gets those that ring then, of tasks that are due on other days.
fn other_reminders(call: &ToolCall, shown: &[Value], local: &LocalContext<'_>) -> String {
    let day = |name: &str| call.arguments.get(name)?.as_str()?.parse::<Date>().ok();
    let (Some(from), Some(to)) = (day("due_from"), day("due_to")) else { return String::new() };
    if !last_user_message(local).to_lowercase().contains("remind") {
        return String::new();
    }
    let listed = |task: &Task| shown.iter().any(|line| line.get("number").and_then(Value::as_i64) == Some(task.number));
    let rings = |task: &Task| {
        let at = task.next_reminder()?.to_jiff().to_zoned(local.now.time_zone().clone());
        (from..=to).contains(&at.date()).then_some(at)
    };
    let line = |task: &Task| {
        let at = rings(task).filter(|_| !listed(task))?;
        let words = tandem_nl::describe_due(at.date(), Some(at.time()), local.now, local.style);
        Some(format!("- {}, {words}", markdown::bold(&task.title)))
    };
    let lines: Vec<String> = local.tasks.iter().filter_map(line).collect();
    if lines.is_empty() { String::new() } else { format!("\n\nReminders of other tasks:\n\n{}", lines.join("\n")) }
}

/// What a list contains, from the arguments of the call: `3 overdue tasks on the list “Work”`.
fn describe_filter(arguments: &Value, total: usize, local: &LocalContext<'_>) -> String {
    let text = |name: &str| arguments.get(name).and_then(Value::as_str);
    let status = match (text("status"), text("due")) {
        (_, Some("overdue")) => "overdue ",
        (Some("pending"), _) => "open ",
        (Some("completed"), _) => "completed ",
        _ => "",
    };
    let priority = text("priority").map_or_else(String::new, |priority| format!("{priority}-priority "));
    let mut heading = markdown::count(total, &format!("{priority}{status}task"));
    let day = |name: &str| text(name)?.parse::<Date>().ok();
    let on = |date: Date| tandem_nl::describe_due(date, None, local.now, local.style);
    match (day("due_from"), day("due_to")) {
        (Some(from), Some(to)) if from == to => heading.extend([" due ", &on(from)]),
        // The end of the calendar is no date that anybody said.
        (Some(from), Some(to)) if to.year() == Date::MAX.year() => heading.extend([" due from ", &on(from), " on"]),
        (Some(from), Some(to)) => heading.extend([" due from ", &on(from), " to ", &on(to)]),
        _ if text("due") == Some("none") => heading.push_str(" without a date"),
        _ => {}
    }
    for (name, before) in [("list", " on the list "), ("label", " with the label "), ("query", " about ")] {
        if let Some(value) = text(name) {
            heading.push_str(before);
            heading.push_str(&markdown::quoted(value));
        }
    }
    heading
}

/// The result of `get_overview`: how many tasks are due, and in which order to do them.
pub(super) fn overview(result: &Value, style: DateStyle) -> String {
    let count = |name: &str| {
        let count =
            result.get("counts").and_then(|counts| counts.get(name)).and_then(Value::as_u64).unwrap_or_default();
        usize::try_from(count).unwrap_or(usize::MAX)
    };
    let next = items(result, "next");
    if next.is_empty() {
        return "You have no open tasks: nothing waits for you.".to_owned();
    }
    let mut facts = Vec::new();
    for (name, words) in
        [("overdue", "overdue"), ("due_today", "due today"), ("due_this_week", "due in the coming week")]
    {
        if count(name) > 0 {
            facts.push(format!("{} {words}", count(name)));
        }
    }
    let facts = if facts.is_empty() { String::new() } else { format!(", {}", facts.join(", ")) };
    let list = numbered(next.iter().take(MAX_NEXT).map(|summary| markdown::summary_line(summary, style)));
    format!("You have {}{facts}. I would do them in this order:\n\n{list}", markdown::count(count("open"), "open task"))
}
