//! The hour of the day that was meant, when it was not said whether it is in the morning.

use jiff::civil::{Date, DateTime};

use crate::dates::{Clock, Half, Part};

/// When a part of the day begins for a task.
pub(super) fn default_hour(part: Part) -> i8 {
    match part {
        Part::Morning => 9,
        Part::Noon => 12,
        Part::Afternoon => 15,
        Part::Evening => 18,
        Part::Night => 20,
    }
}

/// The hour of 0 to 24 that was meant; `soon`: today it is the next one to come, which a repetition is not about.
pub(super) fn hour(clock: Clock, part: Option<Part>, day: Date, day_named: bool, soon: bool, now: DateTime) -> i8 {
    let (am, pm) = (clock.hour % 12, clock.hour % 12 + 12);
    // The half of the day that was said decides, then the part of the day, then what is likely.
    match (clock.half, part) {
        (Some(Half::Whole), _) => clock.hour,
        (Some(Half::Am), _) | (None, Some(Part::Morning)) => am,
        (None, Some(Part::Night)) if am == 0 => 24,
        (None, Some(Part::Night)) if am < 5 => am,
        (Some(Half::Pm), _) | (None, Some(_)) => pm,
        (None, None) if soon && day == now.date() => next_of(am, pm, clock.minute, day_named, now),
        // Nobody plans for six in the morning without saying so, nor for seven in the evening.
        (None, None) if (1..=6).contains(&am) => pm,
        (None, None) if am == 0 => 12,
        (None, None) => am,
    }
}

/// Today, an hour without its half is the next one to come.
fn next_of(am: i8, pm: i8, minute: i8, day_named: bool, now: DateTime) -> i8 {
    let ahead = |hour: i8| (hour, minute) > (now.hour(), now.minute());
    match (ahead(am), ahead(pm)) {
        (true, _) if am > 0 => am,
        (_, true) => pm,
        // Both are over. With the day named it is still today; otherwise it is tomorrow, where the likely half counts.
        _ if day_named || (1..=6).contains(&am) => pm,
        _ => am,
    }
}
