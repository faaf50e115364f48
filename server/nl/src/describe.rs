//! Dates and rules put back into words.

use jiff::Zoned;

use crate::recurrence::{Rule, say};
use crate::{Anchor, Due};

/// A date as the assistant says it: "Fri 27 Nov, 17:00"; the year only when it is another than this one.
pub fn describe_due(due: &Due, now: &Zoned) -> String {
    let year = if due.date.year() == now.date().year() { "" } else { " %Y" };
    let day = due.date.strftime(&format!("%a %-d %b{year}")).to_string();
    match due.time {
        Some(time) => format!("{day}, {:02}:{:02}", time.hour(), time.minute()),
        None => day,
    }
}

/// A rule in words: "Every weekday", "Monthly", "Every 3 days after completion". A rule with parts that tasks do not
/// know is shown as it is.
pub fn describe_rule(rule: &str, anchor: Anchor) -> String {
    match rule.parse::<Rule>() {
        Ok(read) => say(&read, anchor == Anchor::Completion),
        Err(_) => rule.to_owned(),
    }
}
