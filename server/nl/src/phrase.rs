//! One phrase that is a due date, or a recurrence, as a whole.
//!
//! Tools and the editor of a task take such phrases as text. A phrase with other words in it is refused, because a wrong
//! guess would be stored without anybody seeing it.

use jiff::{
    Timestamp, Zoned,
    civil::{self, Date, DateTime},
};
use tandem_protocol::calendar;
use tandem_protocol::recurrence::{End, Rule};
use tandem_protocol::rest::{DueInput, RecurrenceInput};

use crate::dates::{DateInput, DayOrder, Home, Resolved, amount_after, whole};
use crate::recurrence::Repeat;
use crate::text::Text;
use crate::work;

/// Text in words or ISO form ("tomorrow at 5pm", "2026-12-01T09:00", "every other Tuesday") as a date; `None` when the
/// text as a whole is not a date, or names two days as one ([`contradicting_days`]). Figures ("3/4") are in the order of day
/// and month of the user's zone.
pub fn parse_due(text: &str, now: &Zoned) -> Option<DueInput> {
    match text.trim().parse::<Timestamp>() {
        Ok(instant) => Some(in_zone_of(instant, now)),
        Err(_) if contradicting_days(text, now).is_some() => None,
        Err(_) => read(text, now.datetime(), DayOrder::of_zone(now), Home::of(now))?.due,
    }
}

/// The days of a text whose weekday and date are two days ("Monday the 8th", where the 8th is a Tuesday): that of the weekday,
/// and that of the date.
pub fn contradicting_days(text: &str, now: &Zoned) -> Option<(Date, Date)> {
    let text = Text::new(text);
    if text.is_endless() {
        return None;
    }
    let order = DayOrder::of_zone(now).unwrap_or_default();
    let input = DateInput { order, home: Home::of(now), ..DateInput::new(&text.tokens, now.datetime()) };
    work::within(|| whole(&input)?.contradiction(input.now))?
}

/// An instant with its own offset ("2026-12-01T09:00:00Z"), on the user's clock.
fn in_zone_of(instant: Timestamp, now: &Zoned) -> DueInput {
    let local = instant.to_zoned(now.time_zone().clone()).datetime();
    DueInput::at(local.date(), local.time().with().second(0).subsec_nanosecond(0).build().unwrap_or(local.time()))
}

/// Text in words, or an RRULE, as a recurrence with its first due date; no date for a rule that has ended.
pub fn parse_recurrence(text: &str, now: impl Into<DateTime>) -> Option<(RecurrenceInput, Option<DueInput>)> {
    let now = now.into();
    // A rule whose count is used up has no first date and is not worth a task.
    if let Ok(rule) = Rule::parse(text)
        && rule.end != End::Count(0)
    {
        let first = rule.first_start(now.date()).map(DueInput::on);
        return Some(((&Repeat::from(rule)).into(), first));
    }
    let Resolved { due, repeat } = read(text, now, None, None)?;
    Some(((&repeat?).into(), due))
}

/// An amount of time in words ("half an hour", "2 days") in minutes; `None` when the text as a whole is none. A month or a
/// year has the length of one that begins with January.
pub fn parse_duration(text: &str) -> Option<i64> {
    let text = Text::new(text);
    let (end, _) = amount_after(&DateInput::new(&text.tokens, START), START, 1)?;
    let of_day = i64::from(end.hour()) * 60 + i64::from(end.minute());
    Some(calendar::days_between(START.date(), end.date()) * 24 * 60 + of_day).filter(|minutes| *minutes > 0)
}

/// The moment from which an amount is counted, to measure it.
const START: DateTime = civil::datetime(2001, 1, 1, 0, 0, 0, 0);

fn read(text: &str, now: DateTime, order: Option<DayOrder>, home: Option<Home<'_>>) -> Option<Resolved> {
    let text = Text::new(text);
    if text.is_endless() {
        return None;
    }
    work::within(|| {
        whole(&DateInput { home, order: order.unwrap_or_default(), ..DateInput::new(&text.tokens, now) })?.resolve(now)
    })?
}
