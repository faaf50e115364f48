//! The values that words are read into: a due date, a recurrence, a priority.

use std::fmt;

use jiff::civil::{Date, Time};

/// When a task is due, in the user's own zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Due {
    /// The day.
    pub date: Date,
    /// The minute of that day, or `None` for "some time that day".
    pub time: Option<Time>,
}

impl Due {
    /// A day without a time.
    pub fn on(date: Date) -> Self {
        Self { date, time: None }
    }

    /// A minute of a day.
    pub fn at(date: Date, time: Time) -> Self {
        Self { date, time: Some(time) }
    }
}

/// ISO 8601, as the tools take it: `2026-12-01` or `2026-12-01T09:00`.
impl fmt::Display for Due {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.time {
            Some(time) => write!(f, "{}T{:02}:{:02}", self.date, time.hour(), time.minute()),
            None => write!(f, "{}", self.date),
        }
    }
}

/// What the next occurrence of a repeating task is counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Anchor {
    /// The date it was due, however late it is done.
    Due,
    /// The date it was done ("every! 3 days", "3 days after I finish").
    Completion,
}

impl Anchor {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Completion => "completion",
        }
    }
}

/// How a task repeats.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Recurrence {
    /// The value of an RFC 5545 `RRULE`, for example `FREQ=WEEKLY;BYDAY=MO`.
    pub rule: String,
    /// What the next occurrence is counted from.
    pub anchor: Anchor,
}

/// How much a task matters; in rising order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Priority {
    /// Nothing was said about it.
    #[default]
    None,
    /// `p4`
    Low,
    /// `p3`
    Medium,
    /// `p2`
    High,
    /// `p1`
    Urgent,
}

impl Priority {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Urgent => "urgent",
        }
    }
}
