//! When quiet hours end.

use crate::zone;
use tandem_protocol::{Timestamp, settings::QuietHours};

/// When the quiet hours around a moment end, on the clock of a zone; `None` when it is in none. Where a clock change skips
/// their end they end at the change, and an end that comes twice is the first one.
pub fn end_of_quiet_hours(hours: QuietHours, zone: &str, now: Timestamp) -> Option<Timestamp> {
    let local = zone::local(now, zone);
    let (today, time) = (local.date(), local.time());
    let (from, to) = (hours.from.0, hours.to.0);
    let over_midnight = to < from;
    let inside = if over_midnight { time >= from || time < to } else { time >= from && time < to };
    let day = if over_midnight && time >= from { today.tomorrow().ok()? } else { today };
    let end = zone::instant(day.to_datetime(to), zone)?;
    (inside && end > now).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tandem_protocol::time::{ClockTime, parse_clock};

    fn end(from: &str, to: &str, zone: &str, now: &str) -> Option<String> {
        let clock = |text| ClockTime(parse_clock(text).unwrap());
        let hours = QuietHours { from: clock(from), to: clock(to) };
        end_of_quiet_hours(hours, zone, Timestamp::parse(now).unwrap()).map(|at| at.to_string())
    }

    #[test]
    fn they_last_over_midnight_on_the_clock_of_the_user() {
        let berlin = |now| end("22:00", "07:00", "Europe/Berlin", now);
        assert_eq!(berlin("2026-11-23T20:59:59.999Z"), None);
        let seven = Some("2026-11-24T06:00:00.000Z".to_owned());
        assert_eq!(berlin("2026-11-23T21:00:00.000Z"), seven);
        assert_eq!(berlin("2026-11-24T05:59:59.999Z"), seven);
        assert_eq!(berlin("2026-11-24T06:00:00.000Z"), None);
    }

    #[test]
    fn they_may_be_within_a_day() {
        let noon = |now| end("12:00", "13:30", "UTC", now);
        assert_eq!(noon("2026-11-23T11:59:00.000Z"), None);
        assert_eq!(noon("2026-11-23T12:00:00.000Z"), Some("2026-11-23T13:30:00.000Z".to_owned()));
        assert_eq!(noon("2026-11-23T13:30:00.000Z"), None);
    }

    #[test]
    fn clock_changes_neither_lengthen_nor_hide_them() {
        // Two o'clock is skipped on this night, and comes twice on that one.
        assert_eq!(
            end("22:00", "02:30", "Europe/Berlin", "2026-03-28T23:00:00.000Z"),
            Some("2026-03-29T01:30:00.000Z".to_owned())
        );
        assert_eq!(
            end("22:00", "02:30", "Europe/Berlin", "2026-10-24T23:00:00.000Z"),
            Some("2026-10-25T00:30:00.000Z".to_owned())
        );
        assert_eq!(end("22:00", "02:30", "Europe/Berlin", "2026-10-25T01:10:00.000Z"), None);
    }
}
