//! One phrase that is a date, or a recurrence, as a whole.

use jiff::Zoned;

use crate::{Due, Recurrence};

/// Text in words or ISO form ("tomorrow at 5pm", "2026-12-01T09:00", "every other Tuesday") as a date; `None` when the
/// text as a whole is not a date.
pub fn parse_due(_text: &str, _now: &Zoned) -> Option<Due> {
    None
}

/// Text in words, or an RRULE, as a recurrence and its first occurrence where one can be told.
pub fn parse_recurrence(_text: &str, _now: &Zoned) -> Option<(Recurrence, Option<Due>)> {
    None
}
