//! Parts of the day: "in the morning", "tonight", "this evening", "late afternoon".

use super::{Firm, Hit, Part, Piece, Scene, What};

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
pub(crate) fn part_of_today(scene: &Scene<'_>, at: usize) -> Hit<Vec<Piece>> {
    let start = scene.skip(at, &["late", "early", "later"]);
    if scene.word(start) == "tonight" {
        return Some((both(scene.today(), Part::Night, false), start + 1));
    }
    let part = named(scene.word(start + 1))?;
    match scene.word(start) {
        "this" => Some((both(scene.today(), part, false), start + 2)),
        "last" => Some((both(scene.today().yesterday().ok()?, part, true), start + 2)),
        _ => None,
    }
}

fn both(day: jiff::civil::Date, part: Part, past: bool) -> Vec<Piece> {
    let day = if past { Piece::past(What::Date(day)) } else { Piece::new(What::Date(day), Firm::Sure) };
    vec![day, Piece::new(What::Part(part), Firm::Sure)]
}

/// A part of the day; weak without "in the" before it. A meal counts only after "at".
pub(crate) fn part(scene: &Scene<'_>, at: usize) -> Hit<Piece> {
    if scene.word(at) == "at"
        && let Some(part) = meal(scene.word(at + 1))
    {
        return Some((Piece::new(What::Part(part), Firm::Fair), at + 2));
    }
    if let Some(next) = scene.eat(at, &["in", "the", "am"]).or_else(|| scene.eat(at, &["in", "the", "pm"])) {
        let part = if scene.word(next - 1) == "am" { Part::Morning } else { Part::Afternoon };
        return Some((Piece::new(What::Part(part), Firm::Fair), next));
    }
    let (start, led) = match (scene.word(at), scene.word(at + 1)) {
        ("in" | "during" | "by", "the") => (at + 2, true),
        ("at", "night") => (at + 1, true),
        _ => (at, false),
    };
    let start = scene.skip(scene.skip(start, &["early", "late", "mid"]), &["-"]);
    let part = named(scene.word(start))?;
    let firm = if led { Firm::Fair } else { Firm::Weak };
    Some((Piece::new(What::Part(part), firm), start + 1))
}
