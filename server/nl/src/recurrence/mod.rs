//! Recurrence in words: a [`Rule`] and what it is counted from.
//!
//! The rule, its text and its dates are those of the protocol; here is what sentences add to it. A rule in words is built
//! in canonical order, so that its text equals the one that the server stores.

mod days;
mod limit;
mod phrases;

use jiff::civil::Weekday;
use tandem_protocol::enums::Anchor;
use tandem_protocol::recurrence::{Frequency, Rule};
use tandem_protocol::rest::RecurrenceInput;

pub(crate) use days::{exception, nth_weekday};
pub(crate) use limit::{limit, span};
pub(crate) use phrases::repeat;

pub(crate) const WORKING_DAYS: [Weekday; 5] =
    [Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday];

/// A recurrence as a sentence gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Repeat {
    pub(crate) rule: Rule,
    pub(crate) anchor: Anchor,
}

impl From<Rule> for Repeat {
    fn from(rule: Rule) -> Self {
        Self { rule, anchor: Anchor::Due }
    }
}

impl From<&Repeat> for RecurrenceInput {
    fn from(repeat: &Repeat) -> Self {
        Self { rule: repeat.rule.to_string(), anchor: repeat.anchor, start: None }
    }
}

/// Whether the rule lists days, besides how often it recurs.
pub(crate) fn names_days(rule: &Rule) -> bool {
    !rule.days.is_empty() || !rule.month_days.is_empty() || !rule.months.is_empty()
}

/// Whether the rule is weekly, on Monday to Friday.
pub(crate) fn is_weekdays(rule: &Rule) -> bool {
    rule.frequency == Frequency::Weekly
        && rule.days.len() == 5
        && WORKING_DAYS.iter().all(|day| rule.days.iter().any(|listed| listed.weekday == *day))
}
