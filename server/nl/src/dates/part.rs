//! Parts of the day: "in the morning", "tonight", "this evening", "late afternoon".

use super::{Confidence, DateInput, Parsed, Part, Piece, PieceKind};

/// The part of the day a word names.
pub(crate) fn named(word: &str) -> Option<Part> {
    Some(match word {
        "morning" | "mornings" => Part::Morning,
        "noon" | "lunchtime" => Part::Noon,
        "afternoon" | "afternoons" => Part::Afternoon,
        "evening" | "evenings" => Part::Evening,
        "night" | "nights" | "nighttime" | "bedtime" => Part::Night,
        _ => return None,
    })
}

/// The part of the day a meal is in.
fn meal(word: &str) -> Option<Part> {
    Some(match word {
        "breakfast" => Part::Morning,
        "lunch" | "lunchtime" => Part::Noon,
        "dinner" | "supper" | "dinnertime" => Part::Evening,
        _ => return None,
    })
}

/// "tonight", "this morning", "late tonight", "last night": the day and the part in one.
pub(crate) fn part_of_today(input: &DateInput<'_>, at: usize) -> Parsed<Vec<Piece>> {
    let start = input.skip(at, &["late", "early", "later"]);
    if input.word(start) == "tonight" {
        return Some((both(input.today(), Part::Night, false), start + 1));
    }
    let part = named(input.word(start + 1))?;
    match input.word(start) {
        "this" => Some((both(input.today(), part, false), start + 2)),
        "last" => Some((both(input.today().yesterday().ok()?, part, true), start + 2)),
        _ => None,
    }
}

fn both(day: jiff::civil::Date, part: Part, past: bool) -> Vec<Piece> {
    let day = if past { Piece::past(PieceKind::Date(day)) } else { Piece::new(PieceKind::Date(day), Confidence::Sure) };
    vec![day, Piece::new(PieceKind::Part(part), Confidence::Sure)]
}

/// A part of the day; weak without "in the" before it. A meal counts only after "at".
pub(crate) fn part(input: &DateInput<'_>, at: usize) -> Parsed<Piece> {
    if input.word(at) == "at"
        && let Some(part) = meal(input.word(at + 1))
    {
        return Some((Piece::new(PieceKind::Part(part), Confidence::Fair), at + 2));
    }
    if let Some(next) = input.eat(at, &["first", "thing"]) {
        let next = input.eat(next, &["in", "the", "morning"]).unwrap_or(next);
        return Some((Piece::new(PieceKind::Part(Part::Morning), Confidence::Fair), next));
    }
    if let Some(next) = input.eat(at, &["in", "the", "am"]).or_else(|| input.eat(at, &["in", "the", "pm"])) {
        let part = if input.word(next - 1) == "am" { Part::Morning } else { Part::Afternoon };
        return Some((Piece::new(PieceKind::Part(part), Confidence::Fair), next));
    }
    let (start, led) = match (input.word(at), input.word(at + 1)) {
        ("in" | "during" | "by", "the") => (at + 2, true),
        ("at", "night") => (at + 1, true),
        _ => (at, false),
    };
    let start = input.skip(input.skip(start, &["early", "late", "mid"]), &["-"]);
    let part = named(input.word(start))?;
    // "morning run" is a title; "in the morning" is not.
    let confidence = if led { Confidence::Fair } else { Confidence::Weak };
    Some((Piece::new(PieceKind::Part(part), confidence), start + 1))
}
