//! Times of day: "5pm", "17:30", "half past six", "at 7", "noon".

use super::lexicon::number;
use super::{Clock, Firm, Half, Hit, Piece, Scene, What};

/// A time of day. A bare hour counts only after "at" and the like.
pub(crate) fn clock(scene: &Scene<'_>, at: usize) -> Hit<Piece> {
    let named = named(scene, at);
    let spoken = past_the_hour(scene, at).or_else(|| digits(scene, at)).or_else(|| words(scene, at));
    let (clock, firm, next) = named.or(spoken)?;
    let rounded = scene.any(next, &["ish", "sharp"]);
    let firm = if rounded { firm.max(Firm::Fair) } else { firm };
    let next = if rounded { next + 1 } else { next };
    let next = if scene.word(next) == "-" && scene.word(next + 1) == "ish" { next + 2 } else { next };
    Some((Piece::new(What::Clock(clock), firm), next))
}

/// "noon", "midnight", "12 noon".
fn named(scene: &Scene<'_>, at: usize) -> Option<(Clock, Firm, usize)> {
    let noon = Clock { hour: 12, minute: 0, half: Some(Half::Pm) };
    let midnight = Clock { hour: 24, minute: 0, half: Some(Half::Whole) };
    match scene.word(at) {
        "noon" | "midday" => Some((noon, Firm::Weak, at + 1)),
        "noonish" => Some((noon, Firm::Fair, at + 1)),
        "midnight" => Some((midnight, Firm::Weak, at + 1)),
        "12" | "twelve" => {
            let mut next = at + 1;
            if scene.word(next) == ":" && scene.word(next + 1) == "00" {
                next += 2;
            }
            match scene.word(next) {
                "noon" | "midday" => Some((noon, Firm::Sure, next + 1)),
                "midnight" => Some((midnight, Firm::Sure, next + 1)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// "half past 5", "quarter to six pm", "ten past 9", "30 minutes past 3 pm".
fn past_the_hour(scene: &Scene<'_>, at: usize) -> Option<(Clock, Firm, usize)> {
    let start = scene.skip(at, &["a"]);
    let (minutes, next) = match scene.word(start) {
        "half" => (30, start + 1),
        "quarter" => (15, start + 1),
        _ => number(scene, start).filter(|(n, _)| (1..60).contains(n))?,
    };
    let next = scene.skip(next, &["minutes", "min", "mins", "minute"]);
    let before = scene.any(next, &["to", "till", "before"]);
    if !before && !scene.any(next, &["past", "after"]) {
        return None;
    }
    // "2 to 4" is a range and "5 minutes before 3" a shift; only quarters and fives are said this way.
    if before && (minutes % 5 != 0 || scene.word(start).bytes().all(|b| b.is_ascii_digit())) {
        return None;
    }
    let (base, _, end) = named(scene, next + 1).or_else(|| hour_of(scene, next + 1))?;
    let total = i32::from(base.hour) * 60 + if before { -1 } else { 1 } * i32::try_from(minutes).ok()?;
    let total = total.rem_euclid(24 * 60);
    let hour = i8::try_from(total / 60).ok()?;
    let half = base.half.or(if hour == 0 { Some(Half::Whole) } else { None });
    let hour = if hour == 0 && base.half.is_none() { 12 } else { hour };
    Some((Clock { hour, minute: i8::try_from(total % 60).ok()?, half }, Firm::Sure, end))
}

/// An hour with what may follow it: "6", "six pm", "6 o'clock".
fn hour_of(scene: &Scene<'_>, at: usize) -> Option<(Clock, Firm, usize)> {
    let (hour, next) = number(scene, at).filter(|(n, _)| (1..=23).contains(n))?;
    finish(scene, i8::try_from(hour).ok()?, 0, next, Firm::Weak)
}

/// "5", "5:30", "5.30", "17h", "15h30", "1030", each with or without am or pm.
fn digits(scene: &Scene<'_>, at: usize) -> Option<(Clock, Firm, usize)> {
    let word = scene.word(at);
    if !word.bytes().all(|b| b.is_ascii_digit()) || word.is_empty() || word.len() > 4 {
        return None;
    }
    let before_is_number = at > 1 && scene.glued(at) && scene.any(at - 1, &[".", "/", "-", "$", "#"]);
    if before_is_number && !scene.any(at - 1, &["-"]) {
        return None;
    }
    if word.len() > 2 {
        return packed(scene, at, word);
    }
    let hour: i8 = word.parse().ok()?;
    let minute_at = at + 2;
    let two_digits = scene.word(minute_at).len() == 2 && scene.word(minute_at).bytes().all(|b| b.is_ascii_digit());
    match scene.word(at + 1) {
        ":" if two_digits => {
            let minute = scene.word(minute_at).parse().ok()?;
            let next = seconds(scene, minute_at + 1);
            finish_long(scene, word, hour, minute, next)
        }
        "." if two_digits && scene.glued(at + 1) && scene.glued(minute_at) => {
            finish(scene, hour, scene.word(minute_at).parse().ok()?, minute_at + 1, Firm::Weak)
        }
        "h" if scene.glued(at + 1) && two_digits && scene.glued(minute_at) => {
            whole(hour, scene.word(minute_at).parse().ok()?, minute_at + 1)
        }
        "h" if scene.glued(at + 1) && hour > 11 => whole(hour, 0, at + 2),
        _ => finish(scene, hour, 0, at + 1, Firm::Weak),
    }
}

/// Seconds are read and dropped: ":10", ":10.250".
fn seconds(scene: &Scene<'_>, at: usize) -> usize {
    let is_number = |at: usize| scene.word(at).bytes().all(|b| b.is_ascii_digit()) && scene.has(at);
    if scene.word(at) != ":" || !scene.glued(at) || !is_number(at + 1) {
        return at;
    }
    if scene.word(at + 2) == "." && scene.glued(at + 2) && is_number(at + 3) { at + 4 } else { at + 2 }
}

fn finish_long(scene: &Scene<'_>, word: &str, hour: i8, minute: i8, next: usize) -> Option<(Clock, Firm, usize)> {
    let leading_zero = word.starts_with('0');
    let (mut clock, _, end) = finish(scene, hour, minute, next, Firm::Sure)?;
    if leading_zero && clock.half.is_none() {
        clock.half = Some(Half::Whole);
    }
    Some((clock, Firm::Sure, end))
}

/// "730", "1030": hours and minutes without a mark; sure only with am, pm or "hours".
fn packed(scene: &Scene<'_>, at: usize, word: &str) -> Option<(Clock, Firm, usize)> {
    let (hour, minute) = word.split_at(word.len() - 2);
    finish(scene, hour.parse().ok()?, minute.parse().ok()?, at + 1, Firm::Weak)
}

/// Hours as words: "five pm", "seven thirty", "twelve oh three", "eight o'clock".
fn words(scene: &Scene<'_>, at: usize) -> Option<(Clock, Firm, usize)> {
    let (hour, mut next) = number(scene, at).filter(|(n, _)| (1..=12).contains(n))?;
    let mut minute = 0;
    let dash = scene.skip(next, &["-"]);
    if scene.any(dash, &["oh", "o"]) {
        let (n, end) = number(scene, scene.skip(dash + 1, &["-"])).filter(|(n, _)| (1..=9).contains(n))?;
        (minute, next) = (n, end);
    } else if let Some((n, end)) = number(scene, dash).filter(|(n, _)| (10..60).contains(n)) {
        (minute, next) = (n, end);
    }
    finish(scene, i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, next, Firm::Weak)
}

fn whole(hour: i8, minute: i8, next: usize) -> Option<(Clock, Firm, usize)> {
    ((0..24).contains(&hour) && (0..60).contains(&minute)).then_some((
        Clock { hour, minute, half: Some(Half::Whole) },
        Firm::Sure,
        next,
    ))
}

/// Adds what follows the figures: am, pm, o'clock; refuses what is no time of day.
fn finish(scene: &Scene<'_>, hour: i8, minute: i8, next: usize, firm: Firm) -> Option<(Clock, Firm, usize)> {
    if !(0..60).contains(&minute) {
        return None;
    }
    let (oclock, mut next) = o_clock(scene, next);
    let half = meridiem(scene, next).map(|(half, end)| {
        next = end;
        half
    });
    let firm = if oclock || half.is_some() { Firm::Sure } else { firm };
    match half {
        Some(half) if (1..=12).contains(&hour) => Some((Clock { hour, minute, half: Some(half) }, firm, next)),
        Some(_) if (13..24).contains(&hour) => whole(hour, minute, next),
        None if (1..=12).contains(&hour) => Some((Clock { hour, minute, half: None }, firm, next)),
        None if hour == 0 || (13..24).contains(&hour) => {
            Some((Clock { hour, minute, half: Some(Half::Whole) }, firm, next))
        }
        _ => None,
    }
}

fn o_clock(scene: &Scene<'_>, at: usize) -> (bool, usize) {
    match scene.word(at) {
        "o'clock" | "oclock" => (true, at + 1),
        "o" if scene.word(at + 1) == "clock" => (true, at + 2),
        "hours" if scene.tokens.get(at.wrapping_sub(1)).is_some_and(|t| t.word.len() == 4) => (true, at + 1),
        _ => (false, at),
    }
}

/// "am", "p.m.", "a", "in the AM".
fn meridiem(scene: &Scene<'_>, at: usize) -> Option<(Half, usize)> {
    let at = scene.eat(at, &["in", "the"]).filter(|&end| scene.any(end, &["am", "pm"])).unwrap_or(at);
    let half = |letter: &str| if letter.starts_with('a') { Half::Am } else { Half::Pm };
    match scene.word(at) {
        word @ ("am" | "pm") => Some((half(word), at + 1)),
        letter @ ("a" | "p") if scene.word(at + 1) == "." && scene.word(at + 2) == "m" => {
            let dotted = scene.word(at + 3) == "." && (scene.glued(at + 3) || scene.has(at + 4));
            Some((half(letter), if dotted { at + 4 } else { at + 3 }))
        }
        letter @ ("a" | "p") if scene.glued(at) => Some((half(letter), at + 1)),
        _ => None,
    }
}
