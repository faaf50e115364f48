//! A phrase: pieces side by side ("Friday the 27th at 5pm"), with the small words before and between them.
//!
//! At each place all rules are tried and the one that reads furthest wins, of equal ones the first. The preposition before
//! a phrase belongs to it and is kept, because it decides whether a weak piece is a date.
//!
//! A phrase ends before the first piece that contradicts the ones before.

use super::{
    Confidence, DateInput, Draft, Parsed, Piece, PieceKind, calendar, clock, holiday, lexicon, part, period, range,
    rare, relative, weekday, zone,
};
use crate::recurrence::{limit, repeat};
use crate::text::listed;
use crate::work;

/// Pieces that were read together.
#[derive(Debug, Clone)]
pub(crate) struct Phrase {
    pub(crate) draft: Draft,
    /// The preposition before it, which belongs to the phrase.
    pub(crate) lead: Lead,
    /// The confidence of the first piece by itself.
    pub(crate) opening: Confidence,
    /// The place after its last word.
    pub(crate) end: usize,
}

/// The word before a phrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lead {
    Bare,
    /// "on", "by", "before", "for", "due": a date is to follow.
    Date,
    /// "at", "around", "after": a time is to follow.
    Time,
    /// "from", "of", "in": a date may follow.
    Loose,
}

fn lead(word: &str) -> Lead {
    match word {
        "on" | "by" | "before" | "due" | "for" | "starting" | "beginning" | "until" | "till" | "sometime"
        | "effective" | "during" | "throughout" | "anytime" => Lead::Date,
        "at" | "around" | "about" | "approximately" | "after" | "@" => Lead::Time,
        "from" | "of" | "in" => Lead::Loose,
        _ => Lead::Bare,
    }
}

/// Words after which a recurrence begins, however long the period is that follows.
const STARTS: &[&str] = &["starting", "beginning", "start", "from", "after", "since", "effective"];

/// Words and marks that may stand between two pieces of a phrase.
const GLUE: &str = ", at on by in the of around about approximately from for @ - t starting beginning before after \
     ( ) sometime exactly to due during throughout effective as";

/// Most pieces in one phrase; no date that people write has more.
const MAX_PIECES: usize = 10;

/// The pieces that begin here, read as far as they fit together.
pub(crate) fn phrase(input: &DateInput<'_>, at: usize) -> Option<Phrase> {
    let (pieces, first_lead, mut end) = opening(input, at)?;
    let opening = pieces.first().map_or(Confidence::Weak, |piece| piece.confidence);
    let mut draft = Draft::default();
    if (at..end).any(|at| input.any(at, STARTS)) {
        draft.begin();
    }
    for piece in pieces {
        draft.add(adjust_confidence(piece, first_lead), true);
    }
    for _ in 0..MAX_PIECES {
        let Some((found, next)) = following(input, end, &draft) else { break };
        // The pieces of one rule belong together: they are added on a copy, all or none.
        let mut larger = draft.clone();
        if !found.into_iter().all(|piece| larger.add(piece, true)) {
            break;
        }
        if (end..next).any(|at| input.any(at, STARTS)) {
            larger.begin();
        }
        (draft, end) = (larger, next);
    }
    // "from 6 December on", "starting Monday onwards".
    if draft.begins() && (input.any(end, &["onwards", "onward"]) || (input.word(end) == "on" && !input.has(end + 1))) {
        end += 1;
    }
    // Nobody is asked while a line is typed.
    if let Some(day) = input.settled.filter(|_| rare::READ) {
        draft.settle(day, input.now);
    }
    Some(Phrase { draft, lead: first_lead, opening, end })
}

/// The first piece, after up to two leading words.
fn opening(input: &DateInput<'_>, at: usize) -> Option<(Vec<Piece>, Lead, usize)> {
    let later = input.eat(at, &["no", "later", "than"]).or_else(|| input.eat(at, &["not", "later", "than"]));
    let later = later.or_else(|| input.eat(at, &["not", "before"]));
    let (at, mut before) = later.map_or((at, Lead::Bare), |next| (next, Lead::Date));
    for start in at..=at + 2 {
        if let Some((found, next)) = longest(input, start) {
            // A bare "morning" or "night" does not begin a phrase: "morning run" is a title.
            let starts =
                !matches!(found.first(), Some(Piece { what: PieceKind::Part(_), confidence: Confidence::Weak, .. }));
            if starts {
                return Some((found, before, next));
            }
        }
        let word = input.word(start);
        // "my bill is due on Friday": the title keeps "is due".
        if word == "due" && at > 0 && input.any(at - 1, &["is", "are", "'s"]) {
            return None;
        }
        // "it has to be in by Friday", "the train gets in at 4": the first word belongs to the sentence.
        let particle = input.any(start + 1, &["at", "every", "each", "daily", "today", "tomorrow", "tonight"])
            || lexicon::weekday(input.word(start + 1)).is_some();
        if word == "in" && (lead(input.word(start + 1)) == Lead::Date || particle) {
            return None;
        }
        before = match lead(word) {
            // "early tomorrow", "late on Friday".
            Lead::Bare if input.any(start, &["early", "late"]) && names_day_next(input, start + 1) => before,
            Lead::Bare => return None,
            lead => lead,
        };
    }
    None
}

fn names_day_next(input: &DateInput<'_>, at: usize) -> bool {
    let day = input.skip(at, &["on"]);
    input.any(day, &["tomorrow", "today"]) || lexicon::weekday(input.word(day)).is_some()
}

/// Raises the confidence of a piece by the preposition before it: a bare hour is weak, but not after "at".
fn adjust_confidence(piece: Piece, lead: Lead) -> Piece {
    let is_clock = matches!(piece.what, PieceKind::Clock(_));
    let led = matches!((is_clock, lead), (true, Lead::Time) | (false, Lead::Date));
    let confidence = if led { piece.confidence.max(Confidence::Fair) } else { piece.confidence };
    Piece { confidence, ..piece }
}

/// The next piece of a phrase, after up to two small words.
fn following(input: &DateInput<'_>, at: usize, draft: &Draft) -> Parsed<Vec<Piece>> {
    // Tried first, because "Monday 21" also reads as the hour 21.
    if draft.is_weekday()
        && longest(input, at).is_none_or(|(_, next)| next <= at + 1)
        && let Some(hit) = day_after_weekday(input, at, draft)
    {
        return Some(hit);
    }
    if draft.names_day()
        && let Some(hours) = range::between_hours(input, at)
    {
        return Some(hours);
    }
    if draft.names_time()
        && let Some((piece, next)) = zone::zone(input, at).or_else(|| rare::year_at_the_end(input, at, draft))
    {
        return Some((vec![piece], next));
    }
    let mut before = Lead::Bare;
    for start in at..=at + 2 {
        if draft.repeats()
            && let Some((piece, next)) = limit(input, start)
        {
            return Some((vec![piece], next));
        }
        if let Some((found, next)) = longest(input, start) {
            let found: Vec<Piece> = found.into_iter().map(|piece| adjust_confidence(piece, before)).collect();
            let comma = start > at && input.any(start - 1, &[",", "-"]);
            let bare_number =
                matches!(found.first(), Some(Piece { what: PieceKind::Clock(_), confidence: Confidence::Weak, .. }));
            let ends =
                !input.has(next) || input.tokens.get(next).is_some_and(|t| t.is_any(&[",", ".", ")", "to", "in"]));
            // "Friday, 2 apples" and "Friday 2 people": such a number counts something else.
            if bare_number && (comma || !ends) {
                return None;
            }
            return Some((found, next));
        }
        // "05/31/2024.14:15".
        let point =
            start == at && draft.names_day() && input.any(at, &[".", ":"]) && input.glued(at) && input.glued(at + 1);
        if !point && !listed(GLUE, input.word(start)) {
            return None;
        }
        before = match lead(input.word(start)) {
            Lead::Bare => before,
            lead => lead,
        };
    }
    None
}

/// "Monday 21": a number too large for an hour is the day of the month.
fn day_after_weekday(input: &DateInput<'_>, at: usize, draft: &Draft) -> Parsed<Vec<Piece>> {
    let day: i8 = input.word(at).parse().ok().filter(|day| (13..=31).contains(day))?;
    // "Thu 14": unless one of the next weeks has a Thursday the 14th, it is an hour; but not "on Thu 14".
    let on = at > 1 && input.word(at - 2) == "on";
    if day < 24 && !on && !draft.day_is_near(day, input.now) {
        return None;
    }
    let alone = !input.has(at + 1)
        || (!input.glued(at + 1) && !input.any(at + 1, &["am", "pm", "h"]))
        || input.any(at + 1, &["!", "?", ","]);
    alone.then(|| (vec![Piece::new(PieceKind::MonthDay(day), Confidence::Weak)], at + 1))
}

/// Steps of trying all rules at a place.
const RULES_COST: u32 = 20;

/// The rule that reads furthest.
fn longest(input: &DateInput<'_>, at: usize) -> Parsed<Vec<Piece>> {
    const RULES: [fn(&DateInput<'_>, usize) -> Parsed<Piece>; 9] = [
        relative::shift,
        relative::named_day,
        period::period,
        calendar::calendar,
        weekday::weekday,
        holiday::holiday,
        clock::clock,
        part::part,
        relative::now,
    ];
    if !input.has(at) || !work::spend(RULES_COST) {
        return None;
    }
    let mut best: Parsed<Vec<Piece>> = repeat(input, at);
    let mut offer = |found: Parsed<Vec<Piece>>| {
        if let Some((pieces, next)) = found
            && best.as_ref().is_none_or(|(_, furthest)| next > *furthest)
        {
            best = Some((pieces, next));
        }
    };
    offer(part::part_of_today(input, at));
    offer(range::range(input, at));
    offer(period::whole(input, at));
    for rule in RULES {
        offer(rule(input, at).map(|(piece, next)| (vec![piece], next)));
    }
    best
}

/// The whole text as one phrase; small words and marks at the edges do not matter.
pub(crate) fn whole(input: &DateInput<'_>) -> Option<Draft> {
    let start = (0..input.tokens.len()).find(|&i| !input.any(i, &["(", "\"", "the"])).unwrap_or(0);
    // Some rules need the article ("the day before Christmas"), so both starts are tried.
    if let Some(draft) = part_first(input, start) {
        return Some(draft);
    }
    let mut read = phrase(input, start).or_else(|| phrase(input, 0)).or_else(|| amount(input, start));
    if read.as_ref().is_none_or(|read| !only_marks(input, read.end)) {
        let lone = input.tokens.get(start).and_then(|token| part::named(&token.word));
        read = match lone {
            Some(part) => {
                let mut draft = Draft::default();
                draft.add(Piece::new(PieceKind::Part(part), Confidence::Sure), true);
                Some(Phrase { draft, lead: Lead::Bare, opening: Confidence::Sure, end: start + 1 })
            }
            None => amount(input, start),
        };
    }
    let read = read.filter(|read| only_marks(input, read.end))?;
    // A text that is only a number ("5") is more likely a count than an hour.
    let lone_figure = read.lead == Lead::Bare
        && read.draft.confidence() == Confidence::Weak
        && read.draft.names_time()
        && !read.draft.names_day()
        && !input.any(start, &["noon", "midday", "midnight"]);
    (!lone_figure).then_some(read.draft)
}

/// "lunchtime tomorrow": a part of the day, then the day.
fn part_first(input: &DateInput<'_>, start: usize) -> Option<Draft> {
    let part = part::named(input.word(start))?;
    let next = input.skip(start + 1, &["of", "on", ","]);
    let day = phrase(input, next).filter(|read| only_marks(input, read.end) && !read.draft.repeats())?;
    let mut draft = day.draft;
    (draft.names_day() && draft.add(Piece::new(PieceKind::Part(part), Confidence::Sure), true)).then_some(draft)
}

/// "20 minutes", "next 3 days": how long from now.
fn amount(input: &DateInput<'_>, at: usize) -> Option<Phrase> {
    let start = input.skip(input.skip(input.skip(at, &["for"]), &["the"]), relative::AHEAD);
    let (piece, end) = relative::bare_amount(input, start)?;
    let mut draft = Draft::default();
    draft.add(piece, true);
    Some(Phrase { draft, lead: Lead::Date, opening: Confidence::Sure, end })
}

fn only_marks(input: &DateInput<'_>, from: usize) -> bool {
    input.tokens.iter().skip(from).all(|token| token.is_any(&[".", "!", "?", ",", ")", ";", "please"]))
}
