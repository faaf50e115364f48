//! Times of day: "5pm", "17:30", "half past six", "at 7", "noon".
//!
//! An hour is kept as it was given: whether it is in the morning is decided by [`Draft`](super::Draft), which
//! knows the day. A leading zero ("05:30") means the 24-hour form.

use super::lexicon::number;
use super::{Clock, Confidence, DateInput, Half, Parsed, Piece, PieceKind, zone};

/// A time of day, how certain it is, and the place after it.
type ClockRead = Option<(Clock, Confidence, usize)>;

/// A time of day. A bare hour counts only after "at" and the like.
pub(crate) fn clock(input: &DateInput<'_>, at: usize) -> Parsed<Piece> {
    if let Some((clock, next)) = same_time(input, at) {
        return Some((Piece::new(PieceKind::Clock(clock), Confidence::Sure), next));
    }
    let named = named(input, at);
    let spoken = past_the_hour(input, at).or_else(|| digits(input, at)).or_else(|| words(input, at));
    let (clock, confidence, next) = named.or(spoken)?;
    // "5ish" and "5 sharp" are times, whatever else a 5 may be.
    let rounded = input.any(next, &["ish", "sharp"]);
    let confidence = if rounded { confidence.max(Confidence::Fair) } else { confidence };
    let next = if rounded { next + 1 } else { next };
    let next = if input.word(next) == "-" && input.word(next + 1) == "ish" { next + 2 } else { next };
    Some((Piece::new(PieceKind::Clock(clock), confidence), next))
}

/// "this time tomorrow", "at the same time on Friday": as late as it is now.
fn same_time(input: &DateInput<'_>, at: usize) -> Parsed<Clock> {
    let start = input.skip(input.skip(at, &["at"]), &["the"]);
    let next = input.eat(start, &["this", "time"]).or_else(|| input.eat(start, &["same", "time"]))?;
    let day = input.skip(next, &["on"]);
    let dated = super::day(input, day).is_some() || input.any(day, &["next"]);
    let clock = Clock { hour: input.now.hour(), minute: input.now.minute(), half: Some(Half::Whole) };
    dated.then_some((clock, next))
}

/// "noon", "midnight", "12 noon".
fn named(input: &DateInput<'_>, at: usize) -> ClockRead {
    let noon = Clock { hour: 12, minute: 0, half: Some(Half::Pm) };
    let midnight = Clock { hour: 24, minute: 0, half: Some(Half::Whole) };
    match input.word(at) {
        "noon" | "midday" => Some((noon, Confidence::Weak, at + 1)),
        "noonish" => Some((noon, Confidence::Fair, at + 1)),
        "midnight" => Some((midnight, Confidence::Weak, at + 1)),
        "12" | "twelve" => {
            let mut next = at + 1;
            if input.word(next) == ":" && input.word(next + 1) == "00" {
                next += 2;
            }
            match input.word(next) {
                "noon" | "midday" => Some((noon, Confidence::Sure, next + 1)),
                "midnight" => Some((midnight, Confidence::Sure, next + 1)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// "half past 5", "quarter to six pm", "ten past 9", "30 minutes past 3 pm".
fn past_the_hour(input: &DateInput<'_>, at: usize) -> ClockRead {
    let start = input.skip(at, &["a"]);
    let (minutes, next) = match input.word(start) {
        "half" => (30, start + 1),
        "quarter" => (15, start + 1),
        _ => number(input, start).filter(|(n, _)| (1..60).contains(n))?,
    };
    let next = input.skip(next, &["minutes", "min", "mins", "minute"]);
    // "half eight" is half past it.
    if input.word(start) == "half"
        && next == start + 1
        && let Some((hour, end)) = number(input, next).filter(|(n, _)| (1..=12).contains(n))
    {
        return finish(input, i8::try_from(hour).ok()?, 30, end, Confidence::Weak);
    }
    let before =
        input.any(next, &["to", "till", "before"]) || (input.word(start) == "quarter" && input.word(next) == "of");
    if !before && !input.any(next, &["past", "after"]) {
        return None;
    }
    // "2 to 4" is a range and "5 minutes before 3" a shift; only quarters and fives are said this way.
    if before && (minutes % 5 != 0 || input.word(start).bytes().all(|b| b.is_ascii_digit())) {
        return None;
    }
    let (base, _, end) = named(input, next + 1).or_else(|| hour_of(input, next + 1))?;
    let minutes = if before { -1 } else { 1 } * i32::try_from(minutes).ok()?;
    Some((later(base, minutes)?, Confidence::Sure, end))
}

/// A clock so many minutes later, through zero in both directions: "quarter to midnight" and "ten to 1".
pub(super) fn later(base: Clock, minutes: i32) -> Option<Clock> {
    let total = i32::from(base.hour) * 60 + i32::from(base.minute) + minutes;
    let total = total.rem_euclid(24 * 60);
    let hour = i8::try_from(total / 60).ok()?;
    let half = base.half.or(if hour == 0 { Some(Half::Whole) } else { None });
    let hour = if hour == 0 && base.half.is_none() { 12 } else { hour };
    Some(Clock { hour, minute: i8::try_from(total % 60).ok()?, half })
}

/// An hour with what may follow it: "6", "six pm", "6 o'clock".
fn hour_of(input: &DateInput<'_>, at: usize) -> ClockRead {
    let (hour, next) = number(input, at).filter(|(n, _)| (1..=23).contains(n))?;
    finish(input, i8::try_from(hour).ok()?, 0, next, Confidence::Weak)
}

/// "5", "5:30", "5.30", "17h", "15h30", "1030", each with or without am or pm.
fn digits(input: &DateInput<'_>, at: usize) -> ClockRead {
    let word = input.word(at);
    if !word.bytes().all(|b| b.is_ascii_digit()) || word.is_empty() || word.len() > 4 {
        return None;
    }
    let before_is_number = at > 1 && input.glued(at) && input.any(at - 1, &[".", "/", "-", "$", "#"]);
    // "2.5" and "$20" are amounts, "9-11" is a range of hours.
    let after_date =
        |before: usize| input.any(before, &["-"]) || (input.any(before, &["."]) && input.word(at + 1) == ":");
    if before_is_number && !after_date(at - 1) {
        return None;
    }
    if word.len() > 2 {
        // "2027-02" is no time before 2 o'clock.
        let dashed = input.word(at + 1) == "-" && input.glued(at + 1) && input.glued(at + 2);
        return if dashed && word.starts_with("20") { None } else { packed(input, at, word) };
    }
    let hour: i8 = word.parse().ok()?;
    let minute_at = at + 2;
    let two_digits = input.word(minute_at).len() == 2 && input.word(minute_at).bytes().all(|b| b.is_ascii_digit());
    match input.word(at + 1) {
        ":" if two_digits => {
            let minute = input.word(minute_at).parse().ok()?;
            let next = seconds(input, minute_at + 1);
            finish_long(input, word, hour, minute, next)
        }
        "." if two_digits && input.glued(at + 1) && input.glued(minute_at) => {
            finish(input, hour, input.word(minute_at).parse().ok()?, minute_at + 1, Confidence::Weak)
        }
        // "1h30m" is a duration.
        "h" if input.glued(at + 1) && two_digits && input.glued(minute_at) && !input.glued(minute_at + 1) => {
            whole(hour, input.word(minute_at).parse().ok()?, minute_at + 1)
        }
        // "2h" is a duration, "17h" can only be a time of day.
        "h" if input.glued(at + 1) && hour > 11 => whole(hour, 0, at + 2),
        _ => finish(input, hour, 0, at + 1, Confidence::Weak),
    }
}

/// Seconds are read and dropped: ":10", ":10.250".
fn seconds(input: &DateInput<'_>, at: usize) -> usize {
    let is_number = |at: usize| input.word(at).bytes().all(|b| b.is_ascii_digit()) && input.has(at);
    if input.word(at) != ":" || !input.glued(at) || !is_number(at + 1) {
        return at;
    }
    if input.word(at + 2) == "." && input.glued(at + 2) && is_number(at + 3) { at + 4 } else { at + 2 }
}

fn finish_long(input: &DateInput<'_>, word: &str, hour: i8, minute: i8, next: usize) -> ClockRead {
    let (mut clock, _, end) = finish(input, hour, minute, next, Confidence::Sure)?;
    if word.starts_with('0') && clock.half.is_none() {
        clock.half = Some(Half::Whole);
    }
    Some((clock, Confidence::Sure, end))
}

/// "730", "1030": hours and minutes without a mark; sure only with am, pm or "hours".
fn packed(input: &DateInput<'_>, at: usize, word: &str) -> ClockRead {
    // From the end: "730" has one digit for the hour.
    let (hour, minute) = word.split_at(word.len() - 2);
    let (mut clock, mut confidence, next) =
        finish(input, hour.parse().ok()?, minute.parse().ok()?, at + 1, Confidence::Weak)?;
    // "0900 tomorrow".
    if word.len() == 4 && word.starts_with('0') && clock.half.is_none_or(|half| half == Half::Whole) {
        clock.half = Some(Half::Whole);
        let dated = super::day(input, input.skip(next, &["on"])).is_some();
        confidence = if dated { confidence.max(Confidence::Fair) } else { confidence };
    }
    Some((clock, confidence, next))
}

/// Hours as words: "five pm", "seven thirty", "twelve oh three", "eight o'clock".
fn words(input: &DateInput<'_>, at: usize) -> ClockRead {
    let (hour, mut next) = number(input, at).filter(|(n, _)| (1..=12).contains(n))?;
    let mut minute = 0;
    let dash = input.skip(next, &["-"]);
    if input.any(dash, &["oh", "o"]) {
        let (n, end) = number(input, input.skip(dash + 1, &["-"])).filter(|(n, _)| (1..=9).contains(n))?;
        (minute, next) = (n, end);
    } else if let Some((n, end)) = number(input, dash).filter(|(n, _)| (10..60).contains(n)) {
        (minute, next) = (n, end);
    }
    finish(input, i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, next, Confidence::Weak)
}

fn whole(hour: i8, minute: i8, next: usize) -> ClockRead {
    ((0..24).contains(&hour) && (0..60).contains(&minute)).then_some((
        Clock { hour, minute, half: Some(Half::Whole) },
        Confidence::Sure,
        next,
    ))
}

/// Adds what follows the figures: am, pm, o'clock; refuses what is no time of day.
fn finish(input: &DateInput<'_>, hour: i8, minute: i8, next: usize, confidence: Confidence) -> ClockRead {
    if !(0..60).contains(&minute) {
        return None;
    }
    let exact = confidence == Confidence::Sure;
    let (oclock, mut next) = o_clock(input, next);
    // A time in another zone would be wrong by hours, so it stays text where the user's zone is not known.
    let after = input.skip(meridiem(input, next).map_or(next, |(_, end)| end), &["("]);
    if zone::is_zone(input.word(after)) && zone::zone(input, after).is_none() {
        return None;
    }
    let half = meridiem(input, next).map(|(half, end)| {
        next = end;
        half
    });
    let confidence = if oclock || half.is_some() { Confidence::Sure } else { confidence };
    match half {
        Some(half) if (1..=12).contains(&hour) => Some((Clock { hour, minute, half: Some(half) }, confidence, next)),
        // "17:30 pm" repeats what the hour shows already.
        Some(_) if (13..24).contains(&hour) && exact => whole(hour, minute, next),
        None if (1..=12).contains(&hour) => Some((Clock { hour, minute, half: None }, confidence, next)),
        None if hour == 0 || (13..24).contains(&hour) => {
            Some((Clock { hour, minute, half: Some(Half::Whole) }, confidence, next))
        }
        _ => None,
    }
}

fn o_clock(input: &DateInput<'_>, at: usize) -> (bool, usize) {
    match input.word(at) {
        "o'clock" | "oclock" => (true, at + 1),
        "o" if input.word(at + 1) == "clock" => (true, at + 2),
        // Only after four digits ("1730 hours"): "2 hours" is an amount of time.
        "hours" if input.tokens.get(at.wrapping_sub(1)).is_some_and(|t| t.word.len() == 4) => (true, at + 1),
        _ => (false, at),
    }
}

/// "am", "p.m.", "a", "in the AM".
fn meridiem(input: &DateInput<'_>, at: usize) -> Option<(Half, usize)> {
    // "9.am".
    let at = if input.word(at) == "." && input.glued(at) && input.glued(at + 1) { at + 1 } else { at };
    let at = input.eat(at, &["in", "the"]).filter(|&end| input.any(end, &["am", "pm"])).unwrap_or(at);
    let half = |letter: &str| if letter.starts_with('a') { Half::Am } else { Half::Pm };
    match input.word(at) {
        word @ ("am" | "pm") => {
            let dotted = input.word(at + 1) == "." && input.glued(at + 1) && at > 0 && input.word(at - 1) == ".";
            Some((half(word), if dotted { at + 2 } else { at + 1 }))
        }
        letter @ ("a" | "p") if input.word(at + 1) == "." && input.word(at + 2) == "m" => {
            let dotted = input.word(at + 3) == "." && (input.glued(at + 3) || input.has(at + 4));
            Some((half(letter), if dotted { at + 4 } else { at + 3 }))
        }
        letter @ ("a" | "p") if input.glued(at) => Some((half(letter), at + 1)),
        _ => None,
    }
}
