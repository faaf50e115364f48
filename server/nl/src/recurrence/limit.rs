//! The end of a recurrence: "until December", "for 3 weeks", "5 times".

use crate::dates::lexicon;
use crate::dates::{Confidence, DateInput, Parsed, Phrase, Piece, PieceKind, phrase};

/// What ends a repetition: "until December", "for 3 weeks", "5 times".
pub(crate) fn limit(input: &DateInput<'_>, at: usize) -> Parsed<Piece> {
    let sure = |what, next| Some((Piece::new(what, Confidence::Sure), next));
    if input.any(at, &["until", "till", "til", "through", "thru", "ending", "ends", "up"]) {
        let start = if input.word(at) == "up" { input.eat(at, &["up", "to"])? } else { input.skip(at + 1, &["on"]) };
        let Phrase { draft, end, .. } = phrase(input, start)?;
        // "through December" includes it.
        let whole = input.any(at, &["through", "thru"]).then(|| draft.last_day()).flatten();
        return sure(PieceKind::Until(whole.or_else(|| draft.day(input.now))?), end);
    }
    let start = input.skip(at, &["for"]);
    if start > at
        && let Some((last, end)) = crate::dates::rest_of_period(input, start)
    {
        return sure(PieceKind::Until(last), end);
    }
    if let Some((n, next)) = lexicon::number(input, input.skip(start, &["the"])).filter(|(n, _)| *n > 0)
        && input.any(next, &["times", "occurrences"])
    {
        return sure(PieceKind::Times(n), next + 1);
    }
    if start > at { span(input, start) } else { None }
}

/// How long a repetition lasts: "3 weeks", "the next 30 days", "a year".
pub(crate) fn span(input: &DateInput<'_>, at: usize) -> Parsed<Piece> {
    let counted = input.skip(input.skip(at, &["the"]), &["next", "following", "coming"]);
    let (n, next) = match input.word(counted) {
        "a" | "an" => (1, counted + 1),
        _ => lexicon::number(input, counted).filter(|(n, _)| *n > 0)?,
    };
    let (unit, next) = lexicon::unit(input, next).filter(|(unit, _)| !unit.is_short())?;
    Some((Piece::new(PieceKind::For(n, unit), Confidence::Sure), next))
}
