//! The definition of a time zone (RFC 5545, 3.6.5): each change of its clocks as a component of its own.
//!
//! Rules for the changes of all years would be shorter, but governments change them; the database of zones knows the next
//! years, and programs that know the zone by its name go on from there.

use super::{Writer, local};
use jiff::{
    ToSpan as _,
    civil::Date,
    tz::{Offset, TimeZone},
};
use tandem_protocol::Timestamp;

/// Years after now for which changes are written.
const YEARS_AHEAD: i16 = 10;

/// Writes the zone of a name from the year before `first` on.
pub(super) fn write(out: &mut Writer, name: &str, first: Date, now: Timestamp) {
    let zone = crate::zone::stored_zone(name);
    let from = first.saturating_sub(1.year());
    let Ok(begin) = TimeZone::UTC.to_timestamp(from.at(0, 0, 0, 0)) else { return };
    let last = now.to_jiff().to_zoned(TimeZone::UTC).year() + YEARS_AHEAD;
    let mut offset = zone.to_offset(begin);
    out.line("BEGIN:VTIMEZONE");
    out.line(&format!("TZID:{name}"));
    let info = zone.to_offset_info(begin);
    observance(out, from.at(0, 0, 0, 0), (offset, offset), info.dst().is_dst(), info.abbreviation());
    for change in zone.following(begin) {
        let clock = offset.to_datetime(change.timestamp());
        if clock.year() > last {
            break;
        }
        observance(out, clock, (offset, change.offset()), change.dst().is_dst(), change.abbreviation());
        offset = change.offset();
    }
    out.line("END:VTIMEZONE");
}

/// A part of the time with one offset; it begins at a clock time of the offset before.
fn observance(out: &mut Writer, at: jiff::civil::DateTime, (from, to): (Offset, Offset), summer: bool, name: &str) {
    let kind = if summer { "DAYLIGHT" } else { "STANDARD" };
    out.line(&format!("BEGIN:{kind}"));
    out.line(&format!("DTSTART:{}", local(at)));
    out.line(&format!("TZOFFSETFROM:{}", written(from)));
    out.line(&format!("TZOFFSETTO:{}", written(to)));
    out.text("TZNAME", name);
    out.line(&format!("END:{kind}"));
}

/// An offset as `+0530`, with seconds where it has some.
fn written(offset: Offset) -> String {
    let seconds = offset.seconds();
    let (sign, seconds) = (if seconds < 0 { '-' } else { '+' }, seconds.abs());
    let (hours, minutes, rest) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if rest == 0 { format!("{sign}{hours:02}{minutes:02}") } else { format!("{sign}{hours:02}{minutes:02}{rest:02}") }
}
