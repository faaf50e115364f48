//! The words of a notification: when a task is due, and the beginning of a text.

use crate::zone;
use tandem_protocol::{Timestamp, model::Due, settings::DateStyle};
use unicode_segmentation::UnicodeSegmentation as _;

/// A text of at most so many characters, which are Unicode scalar values. A longer one ends with `…` after a whole word, or
/// within a long word between what people take for characters.
pub fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let end = text.char_indices().nth(most.saturating_sub(1)).map_or(0, |(at, _)| at);
    let whole = text.grapheme_indices(true).map(|(at, _)| at).take_while(|at| *at <= end).last();
    let cut = &text[..whole.filter(|at| *at > 0).unwrap_or(end)];
    let within_word = !text[cut.len()..].starts_with(char::is_whitespace);
    let words = cut.rsplit_once(char::is_whitespace).map(|(words, _)| words);
    let words = words.filter(|words| within_word && words.len() * 2 > cut.len()).unwrap_or(cut);
    format!("{}…", words.trim_end())
}

/// When a task is due, on the clock of the user: `Due today at 17:00`. Days more than six days away have their date.
pub fn due_words(due: &Due, time_zone: &str, now: Timestamp, style: DateStyle) -> String {
    let due = zone::on_clock_of(due.clone(), &zone::stored_zone(time_zone));
    let today = zone::local(now, time_zone).date();
    let days = today.until(due.date).map_or(i32::MAX, |span| span.get_days());
    let day = match days {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        -1 => "yesterday".to_owned(),
        2..=6 => due.date.strftime("on %A").to_string(),
        _ => due.date.strftime(if style.month_first { "on %A, %B %-d" } else { "on %A, %-d %B" }).to_string(),
    };
    match due.time {
        Some(time) => format!("Due {day} at {}", style.time(time)),
        None => format!("Due {day}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, time};

    #[test]
    fn a_long_text_ends_after_a_word() {
        assert_eq!(shortened("Call Ann tomorrow", 17), "Call Ann tomorrow");
        assert_eq!(shortened("Call Ann tomorrow", 16), "Call Ann…");
        assert_eq!(shortened("Call Ann tomorrow", 9), "Call Ann…");
        assert_eq!(shortened("Donaudampfschifffahrt", 8), "Donauda…", "a word that is too long is cut");
        assert_eq!(shortened("明日アンに電話する", 5), "明日アン…");
        // A family of four people in seven values, and a letter with its accent, stay whole.
        assert_eq!(shortened("ab👨‍👩‍👧‍👦cdefghijk", 6), "ab…");
        assert_eq!(shortened("abcde\u{301}fgh", 6), "abcd…");
        assert_eq!(
            shortened(&"\u{301}".repeat(9), 5).chars().count(),
            5,
            "what has no place to cut is cut all the same"
        );
    }

    #[test]
    fn days_are_those_of_the_user() {
        let now = Timestamp::parse("2026-11-23T22:30:00.000Z").unwrap();
        let due = |day, hour: Option<i8>| Due {
            date: date(2026, 11, day),
            time: hour.map(|hour| time(hour, 0, 0, 0)),
            time_zone: "UTC".to_owned(),
        };
        let words = |due: Due, zone| due_words(&due, zone, now, DateStyle::default());
        assert_eq!(words(due(23, Some(23)), "UTC"), "Due today at 23:00");
        assert_eq!(words(due(23, Some(23)), "Europe/Berlin"), "Due tomorrow at 00:00", "there it is the 24th");
        assert_eq!(words(due(24, None), "UTC"), "Due tomorrow");
        assert_eq!(words(due(22, None), "UTC"), "Due yesterday");
        assert_eq!(words(due(27, None), "UTC"), "Due on Friday");
        assert_eq!(words(due(30, Some(9)), "UTC"), "Due on Monday, 30 November at 09:00");
        let american = DateStyle { twelve_hours: true, month_first: true };
        assert_eq!(due_words(&due(30, Some(17)), "UTC", now, american), "Due on Monday, November 30 at 5:00 PM");
    }
}
