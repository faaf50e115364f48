//! When a task is due, in the words of a notification.

use crate::zone;
use tandem_protocol::{Timestamp, model::Due};

/// When a task is due, on the clock of the user: `Due today at 17:00`. Days more than six days away have their date.
pub fn due_words(due: &Due, time_zone: &str, now: Timestamp) -> String {
    let due = zone::on_clock_of(due.clone(), &zone::stored_zone(time_zone));
    let today = zone::local(now, time_zone).date();
    let days = today.until(due.date).map_or(i32::MAX, |span| span.get_days());
    let day = match days {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        -1 => "yesterday".to_owned(),
        2..=6 => due.date.strftime("on %A").to_string(),
        _ => due.date.strftime("on %A, %-d %B").to_string(),
    };
    match due.time {
        Some(time) => format!("Due {day} at {:02}:{:02}", time.hour(), time.minute()),
        None => format!("Due {day}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, time};

    #[test]
    fn days_are_those_of_the_user() {
        let now = Timestamp::parse("2026-11-23T22:30:00.000Z").unwrap();
        let due = |day, hour: Option<i8>| Due {
            date: date(2026, 11, day),
            time: hour.map(|hour| time(hour, 0, 0, 0)),
            time_zone: "UTC".to_owned(),
        };
        let words = |due: Due, zone| due_words(&due, zone, now);
        assert_eq!(words(due(23, Some(23)), "UTC"), "Due today at 23:00");
        assert_eq!(words(due(23, Some(23)), "Europe/Berlin"), "Due today at 00:00", "it is the 24th there");
        assert_eq!(words(due(24, None), "UTC"), "Due tomorrow");
        assert_eq!(words(due(22, None), "UTC"), "Due yesterday");
        assert_eq!(words(due(27, None), "UTC"), "Due on Friday");
        assert_eq!(words(due(30, Some(9)), "UTC"), "Due on Monday, 30 November at 09:00");
    }
}
