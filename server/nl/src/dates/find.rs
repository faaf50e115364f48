//! The dates inside a sentence.

use jiff::civil::Date;

use super::guard::{accepts, is_a_title};
use super::{DateInput, Draft, Part, Phrase, Piece, PieceKind, lexicon, phrase};
use crate::recurrence::{exception, limit, span};

/// A date phrase inside a sentence, by the places of its tokens.
#[derive(Debug, Clone)]
pub(crate) struct Mention {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) draft: Draft,
}

/// Every phrase that reads as a date where it stands, in order, past ones too.
pub(crate) fn find_all(input: &DateInput<'_>) -> Vec<Mention> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < input.tokens.len() {
        match phrase(input, at) {
            Some(read) if accepts(input, at, &read) || goes_on(input, at, &read, found.last()) => {
                let Phrase { draft, end, .. } = read;
                found.push(Mention { start: at, end, draft });
                at = end;
            }
            Some(read) if is_a_title(input, at, read.end) => at = read.end,
            // "Good Friday" that is no date where it stands is no Friday either.
            Some(read) if read.end == at + 2 && names_a_day_after_a_word(input, at) => at = read.end,
            _ => at += 1,
        }
    }
    found
}

/// The days of the first date whose weekday contradicts it.
pub(crate) fn contradiction(input: &DateInput<'_>) -> Option<(Date, Date)> {
    if !input.tokens.iter().any(|token| lexicon::weekday(&token.word).is_some()) {
        return None;
    }
    let mut at = 0;
    while at < input.tokens.len() {
        let Some(read) = phrase(input, at).filter(|read| accepts(input, at, read)) else {
            at += 1;
            continue;
        };
        // "not the 8th, Monday" has two days, of which one is right.
        let corrects = at > 0 && input.any(at - 1, &["not"]);
        let figures = (at..read.end).any(|at| lexicon::day_number(input, at).is_some());
        if let Some(found) = read.draft.contradiction(input.now).filter(|_| figures && !corrects) {
            return Some(found);
        }
        at = read.end;
    }
    None
}

/// "on the 1st, 10th and 20th": a day of the month after another.
fn goes_on(input: &DateInput<'_>, at: usize, read: &Phrase, before: Option<&Mention>) -> bool {
    let Some(before) = before else { return false };
    let joined = before.end < at && (before.end..at).all(|at| input.any(at, &["and", ",", "&"]));
    let ordinal = lexicon::ordinal(input, input.skip(at, &["the"])).is_some_and(|(_, end)| end == read.end);
    joined && ordinal && before.draft.is_month_day() && read.draft.is_month_day()
}

fn names_a_day_after_a_word(input: &DateInput<'_>, at: usize) -> bool {
    input.any(at, &["good", "black", "ash", "palm", "easter"]) && lexicon::weekday(input.word(at + 1)).is_some()
}

/// The words in no mention, with their places.
pub(crate) fn words_outside<'a>(input: &DateInput<'a>, mentions: &[Mention]) -> impl Iterator<Item = (usize, &'a str)> {
    let words = input.tokens.iter().map(|token| token.word.as_str()).enumerate();
    words.filter(|(at, _)| !mentions.iter().any(|mention| (mention.start..mention.end).contains(at)))
}

/// The phrases that give the due date of a task, joined. A phrase that contradicts an earlier one stays in the title.
///
/// `keeps` names places whose words stay where they are.
pub(crate) fn find(input: &DateInput<'_>, keeps: &dyn Fn(usize, usize) -> bool) -> (Draft, Vec<Mention>) {
    let mut draft = Draft::default();
    let mut kept: Vec<Mention> = Vec::new();
    let mut all = find_all(input);
    if let Some(day) = day_in_front(input, &all) {
        all.insert(0, day);
    }
    // "every day at 8 and 20" is more than a task can hold, so all of it stays text.
    if several_times(input, &all).is_some() {
        return (draft, kept);
    }
    let repeats = all.iter().any(|mention| mention.draft.repeats());
    for mention in all {
        // "remind me every day to stretch until 20 December": the end of the repetition, which is read below.
        if repeats && input.any(mention.start, &["until", "till", "through", "thru"]) {
            continue;
        }
        // "tomorrow's meeting" is due tomorrow; "snacks for Sunday's game" only names the game.
        if input.word(mention.end) == "'s" && mention.start > 0 {
            continue;
        }
        // "listen to Friday", "the 3:10 to Yuma": the words are a name.
        // "after Friday" is any day but that one.
        let start = mention.start;
        let later = input.any(start, &["after"]) || (start > 0 && input.any(start - 1, &["after"]));
        if later && !mention.draft.names_time() && !mention.draft.repeats() {
            continue;
        }
        let heard = mention.start > 1 && input.any(mention.start - 1, &["to"]) && input.any(mention.start - 2, TO);
        if heard || is_a_departure(input, &mention) {
            continue;
        }
        // "every Monday except 28 December": the date is none of the task's.
        let excepted =
            kept.last().is_some_and(|before| exception(input, before.end).is_some_and(|end| end >= mention.start));
        // "gym Mon Wed Fri" may be three times or every week, so it stays text.
        if excepted || keeps(mention.start, mention.end) || in_a_row_of_days(input, &mention) {
            continue;
        }
        // "review what was said yesterday" is not due yesterday.
        if !mention.draft.is_past() && mention.draft.resolve(input.now).is_some() && draft.join(&mention.draft) {
            kept.push(mention);
        }
    }
    if let Some(part) = words_outside(input, &kept).find_map(|(_, word)| part_of_event(word)) {
        draft.suppose(part);
    }
    if draft.repeats() && !draft.is_limited() {
        kept.extend(limit_elsewhere(input, &mut draft, &kept));
    }
    (draft, kept)
}

/// "Friday dentist 3pm", "12/15 dentist 3pm": a day before the title, which is one only where a time without a day follows.
fn day_in_front(input: &DateInput<'_>, all: &[Mention]) -> Option<Mention> {
    let [time] = all else { return None };
    let timed = time.draft.names_time() && !time.draft.names_day() && !time.draft.repeats() && time.start > 1;
    let read = phrase(input, 0).filter(|read| timed && read.end < time.start)?;
    let day = read.draft.names_day() && !read.draft.names_time() && !read.draft.repeats() && !read.draft.is_past();
    // "December meeting 3pm" and "half/day trip" have a noun that the words describe.
    let weekday = lexicon::weekday(input.word(0)).is_some() || input.any(0, &["today", "tomorrow"]);
    let certain = weekday || input.word(1) == "/";
    (day && certain && !is_a_title(input, 0, read.end)).then_some(Mention {
        start: 0,
        end: read.end,
        draft: read.draft,
    })
}

/// Verbs whose "to" leads to no date.
const TO: &[&str] = &["listen", "talk", "speak", "reply", "respond", "subscribe", "apologize", "apologise"];

/// "the 8:15 train": an article before a time of day, and what leaves then after it.
fn is_a_departure(input: &DateInput<'_>, mention: &Mention) -> bool {
    let article = mention.start > 0 && input.any(mention.start - 1, &["the", "a", "an", "his", "her", "their"]);
    let only_time = mention.draft.names_time() && !mention.draft.names_day() && !mention.draft.repeats();
    article && only_time && input.has(mention.end) && !input.any(mention.end, &[".", "!", "?", ","])
}

/// The part of the day in which an event is by its name.
fn part_of_event(word: &str) -> Option<Part> {
    Some(match word {
        "breakfast" | "wake" => Part::Morning,
        "dinner" | "supper" | "drinks" | "table" | "restaurant" | "cinema" | "movie" | "movies" | "concert"
        | "opera" | "theatre" | "theater" => Part::Evening,
        _ => return None,
    })
}

/// Whether another day is named right before a date or after it, with nothing or "and" between them.
fn in_a_row_of_days(input: &DateInput<'_>, mention: &Mention) -> bool {
    const JOINTS: &[&str] = &["and", ",", "&", "or", "/"];
    if mention.draft.repeats() || !mention.draft.names_day() {
        return false;
    }
    let names = |at: usize| lexicon::weekday(input.word(at)).is_some();
    let mut before = mention.start;
    while before > 0 && input.any(before - 1, JOINTS) {
        before -= 1;
    }
    let mut after = mention.end;
    while input.any(after, JOINTS) {
        after += 1;
    }
    let first = input.skip(mention.start, &["on", "by"]);
    (before > 0 && names(before - 1) && names(first)) || (names(after) && names(mention.end - 1))
}

/// The end of a recurrence apart from it: "for two weeks take the pills every day". In the middle of a sentence it belongs
/// to the words around it.
fn limit_elsewhere(input: &DateInput<'_>, draft: &mut Draft, kept: &[Mention]) -> Option<Mention> {
    let inside = |at: usize| kept.iter().any(|mention| (mention.start..mention.end).contains(&at));
    let ends = |piece: &Piece| matches!(piece.what, PieceKind::For(..) | PieceKind::Until(_));
    (0..input.tokens.len()).filter(|at| !inside(*at)).find_map(|start| {
        // At the beginning "for" may be a part of the command: "remind me for two weeks every day".
        let bare = if start == 0 { span(input, 0) } else { None };
        let led = bare.is_none();
        let (piece, end) = limit(input, start).filter(|(piece, _)| ends(piece)).or(bare)?;
        let beside = kept.iter().any(|mention| mention.start == end || mention.end == start);
        let last = input.tokens[end..].iter().all(|token| token.is_any(&[".", "!"]));
        (((start == 0 && led) || last || beside) && draft.add(piece, false)).then(|| Mention {
            start,
            end,
            draft: draft.clone(),
        })
    })
}

/// The times of day of a recurrence that has several, each with its place: "every day at 8 and at 20", "at 8am and 8pm every
/// day", "every morning and evening".
pub(crate) fn several_times(input: &DateInput<'_>, mentions: &[Mention]) -> Option<Vec<Mention>> {
    let after =
        |end: usize| Some(input.skip(input.skip(end, &[","]), &["and", "&", "or"])).filter(|joint| *joint > end);
    for (at, first) in mentions.iter().enumerate() {
        let mut times = vec![first.clone()];
        let mut rest = &mentions[at + 1..];
        while let Some(joint) = times.last().and_then(|last| after(last.end)) {
            if let Some((next, more)) = rest.split_first().filter(|(next, _)| next.start == joint) {
                times.push(next.clone());
                rest = more;
                continue;
            }
            let start = input.skip(joint, &["in", "the", "every", "each", "at"]);
            let start = input.skip(start, &["the"]);
            let Some(part) = super::part_named(input.word(start)) else { break };
            times.push(Mention { start: joint, end: start + 1, draft: Draft::of_part(part) });
        }
        let days = times.iter().filter(|time| time.draft.names_day()).count();
        let repeats = times.iter().any(|time| time.draft.repeats());
        if times.len() > 1 && repeats && days <= 1 && times.iter().all(|time| time.draft.names_time()) {
            return Some(times);
        }
    }
    None
}
