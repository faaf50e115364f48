//! One phrase that is a date, or a recurrence, as a whole.

use jiff::{Timestamp, Zoned, civil::DateTime};

use crate::dates::{Resolved, Scene, whole};
use crate::recurrence::Rule;
use crate::text::Text;
use crate::{Anchor, Due, Recurrence};

/// Text in words or ISO form ("tomorrow at 5pm", "2026-12-01T09:00", "every other Tuesday") as a date; `None` when the
/// text as a whole is not a date.
pub fn parse_due(text: &str, now: &Zoned) -> Option<Due> {
    match text.trim().parse::<Timestamp>() {
        Ok(instant) => Some(in_zone_of(instant, now)),
        Err(_) => read(text, now.datetime())?.due,
    }
}

/// An instant with its own offset ("2026-12-01T09:00:00Z"), on the user's clock.
fn in_zone_of(instant: Timestamp, now: &Zoned) -> Due {
    let local = instant.to_zoned(now.time_zone().clone()).datetime();
    Due::at(local.date(), local.time().with().second(0).subsec_nanosecond(0).build().unwrap_or(local.time()))
}

/// Text in words, or an RRULE, as a recurrence and its first occurrence where one can be told.
pub fn parse_recurrence(text: &str, now: impl Into<DateTime>) -> Option<(Recurrence, Option<Due>)> {
    let now = now.into();
    if let Ok(rule) = text.parse::<Rule>() {
        let first = rule.first(now.date()).map(Due::on);
        return Some((recurrence(&rule), first));
    }
    let Resolved { due, rule } = read(text, now)?;
    Some((recurrence(&rule?), due))
}

/// The rule as the tools carry it.
pub(crate) fn recurrence(rule: &Rule) -> Recurrence {
    let anchor = if rule.from_completion { Anchor::Completion } else { Anchor::Due };
    Recurrence { rule: rule.to_string(), anchor }
}

fn read(text: &str, now: DateTime) -> Option<Resolved> {
    let text = Text::new(text);
    whole(&Scene { tokens: &text.tokens, now })?.resolve(now)
}
