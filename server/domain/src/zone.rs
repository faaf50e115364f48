//! Time zones and due dates: from a day and a clock time in a zone to a point in time.

use super::Invalid;
use jiff::{Zoned, civil, tz::TimeZone};
use tandem_protocol::{Timestamp, model::Due, rest::DueInput};

/// The zone of this IANA name, from the database in the binary.
///
/// # Errors
/// [`Invalid`] when the database has no zone of this name.
pub fn time_zone(field: &'static str, name: &str) -> Result<TimeZone, Invalid> {
    // Offsets and paths are not names of zones, whatever the look-up makes of them.
    let known = name.len() <= 64 && name.starts_with(|c: char| c.is_ascii_alphabetic());
    let zone = if known { TimeZone::get(name).ok() } else { None };
    zone.ok_or_else(|| Invalid::new(field, "expected an IANA time zone such as Europe/Berlin"))
}

/// The zone of a name that was checked when it was stored; UTC if the database has dropped it since.
pub fn stored_zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

/// `now` in the local time of a zone.
pub fn local(now: Timestamp, zone: &str) -> Zoned {
    now.to_jiff().to_zoned(stored_zone(zone))
}

/// Checks the zone of a due date from a client: without one it is meant in the user's.
///
/// # Errors
/// [`Invalid`] when the time zone database has no such zone.
pub fn check_due(input: DueInput, user_zone: &str) -> Result<DueInput, Invalid> {
    time_zone("due.time_zone", input.time_zone.as_deref().unwrap_or(user_zone))?;
    Ok(input)
}

/// The instant after which a task is overdue: its time, or the end of its day. A time that a clock change skips is
/// moved forward, as calendars do.
pub fn due_at(due: &Due) -> Timestamp {
    let civil = match due.time {
        Some(time) => due.date.to_datetime(time),
        None => due.date.tomorrow().unwrap_or(due.date).to_datetime(civil::Time::midnight()),
    };
    // A time beyond the range of instants is never overdue.
    instant(civil, &due.time_zone).unwrap_or(Timestamp::from_millis(i64::MAX))
}

/// The instant of a clock time in a zone that was checked when it was stored. A time that a clock change skips is moved
/// forward, and of one that comes twice the first is meant. `None` beyond the range of instants.
pub fn instant(civil: civil::DateTime, zone: &str) -> Option<Timestamp> {
    let at = stored_zone(zone).to_ambiguous_zoned(civil).compatible().ok()?;
    Some(at.timestamp().into())
}

/// The instant of a clock time that is before `limit`, a little in what a change of the clocks makes of it: of one that comes
/// twice, the last one that is not after the limit. One that is skipped is not moved forward beyond the limit.
pub(crate) fn instant_until(civil: civil::DateTime, zone: &str, limit: Timestamp) -> Option<Timestamp> {
    let at = stored_zone(zone).to_ambiguous_zoned(civil);
    let later: Timestamp = at.clone().later().ok()?.timestamp().into();
    if later <= limit { Some(later) } else { Some(at.earlier().ok()?.timestamp().into()) }
}

/// A due time as the clock of another zone shows it. A day without a time is the same day everywhere.
pub fn on_clock_of(due: Due, zone: &TimeZone) -> Due {
    let Some((time, name)) = due.time.zip(zone.iana_name()).filter(|(_, name)| *name != due.time_zone) else {
        return due;
    };
    let at = stored_zone(&due.time_zone).to_ambiguous_zoned(due.date.to_datetime(time)).compatible();
    // A time beyond the range of instants stays as it is written.
    let Ok(local) = at.map(|at| at.with_time_zone(zone.clone())) else { return due };
    Due { date: local.date(), time: Some(local.time()), time_zone: name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_due_time_moves_to_another_clock_and_a_day_does_not() {
        let berlin = stored_zone("Europe/Berlin");
        let due = |day, hour: Option<i8>, zone: &str| Due {
            date: civil::date(2026, 11, day),
            time: hour.map(|hour| civil::time(hour, 0, 0, 0)),
            time_zone: zone.to_owned(),
        };
        assert_eq!(on_clock_of(due(24, Some(7), "Asia/Tokyo"), &berlin), due(23, Some(23), "Europe/Berlin"));
        assert_eq!(on_clock_of(due(24, None, "Asia/Tokyo"), &berlin), due(24, None, "Asia/Tokyo"));
    }

    #[test]
    fn a_due_day_ends_at_midnight_of_its_zone() {
        let due = Due { date: civil::date(2026, 11, 23), time: None, time_zone: "Asia/Tokyo".into() };
        assert_eq!(due_at(&due).to_string(), "2026-11-23T15:00:00.000Z");
    }

    #[test]
    fn a_time_that_a_clock_change_skips_moves_forward() {
        let due = Due {
            date: civil::date(2027, 3, 28),
            time: Some(civil::time(2, 30, 0, 0)),
            time_zone: "Europe/Berlin".into(),
        };
        assert_eq!(due_at(&due).to_string(), "2027-03-28T01:30:00.000Z");
    }

    #[test]
    fn paths_and_offsets_are_no_zones() {
        for name in ["../etc/passwd", "Mars/Base", "", "+01:00"] {
            assert!(time_zone("time_zone", name).is_err(), "{name} was taken");
        }
    }
}
