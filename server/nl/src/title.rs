//! The title of a task: the words that remain without dates, labels and the like.
//!
//! A date in the middle of a sentence leaves small words behind ("pay the rent on | by | tomorrow"). They are removed only
//! beside a cut, because elsewhere they are the user's own words.

use crate::text::{Kind, Text, characters};

/// Longest title, in characters (protocol: 1 to 500).
pub(crate) const MAX_TITLE: usize = 500;

/// Words that lose their meaning at the end of a title when the date after them is removed.
const DANGLING_END: &[&str] = &[
    "on", "at", "by", "for", "in", "from", "and", "to", "of", "the", "every", "please", "thanks", "with", "or", "is",
    "are", "a", "an",
];
/// Verbs to which "in" or "on" belongs: "mum's train gets in at 4".
const WITH_PARTICLE: &[&str] =
    &["get", "gets", "come", "comes", "hand", "check", "log", "sign", "clock", "drop", "pop", "plug", "turn", "switch"];
/// And at its beginning.
const DANGLING_START: &[&str] = &["to", "that", "and", "on", "at", "by", "please"];

/// The text of the tokens from one place to another, without some of them (places counted from `from`).
pub(crate) fn title_without(text: &Text, from: usize, to: usize, cut: &mut [(usize, usize)]) -> String {
    in_order(cut);
    let mut pieces = Vec::new();
    let mut at = from;
    for &(start, end) in cut.iter() {
        // "mow the lawn (Saturday)".
        let is = |at: usize, mark: &str| text.tokens.get(at).is_some_and(|token| token.is(mark));
        let brackets = usize::from(from + start > at && is(from + start - 1, "(") && is(from + end, ")"));
        pieces.push((at, (from + start - brackets).max(at)));
        at = (from + end + brackets).max(at);
    }
    pieces.push((at, to));
    // Without a cut the text is a title as it was written, down to its last preposition.
    let was_cut = !cut.is_empty();
    let mut title = String::new();
    for (start, end) in pieces {
        let piece = piece(text, start, end, was_cut, title.is_empty(), end == to);
        if !piece.is_empty() && !title.is_empty() {
            title.push(' ');
        }
        title.push_str(piece);
    }
    finish(&title)
}

/// Sorts a few places, by insertion: the standard library's sort would be larger than this file in the browser.
fn in_order(cut: &mut [(usize, usize)]) {
    for end in 1..cut.len() {
        let mut at = end;
        while at > 0 && cut[at] < cut[at - 1] {
            cut.swap(at, at - 1);
            at -= 1;
        }
    }
}

/// One stretch without the marks and small words that a cut leaves hanging.
fn piece(text: &Text, mut start: usize, mut end: usize, was_cut: bool, first: bool, last: bool) -> &str {
    let mark = |at: usize, marks: &[&str]| text.tokens.get(at).is_some_and(|token| token.is_any(marks));
    loop {
        let begin = start;
        // "!high" that was left in its place keeps its mark.
        let marker = mark(start, &["!"]) && start + 1 < end && text.tokens[start + 1].glued;
        let loose = mark(start, &[",", ";", ":", ".", "!", "?", "-"]) && !marker;
        if start < end && (loose || (was_cut && mark(start, &["'s"]))) {
            start += 1;
        }
        if start < end && first && was_cut && mark(start, DANGLING_START) {
            start += 1;
        }
        if start == begin {
            break;
        }
    }
    loop {
        let stop = end;
        if start < end
            && mark(end - 1, if last { &[",", ";", ".", "!"] } else { &[",", ";"] })
            && !abbreviation(text, end)
        {
            end -= 1;
        }
        if start < end
            && was_cut
            && text.tokens[end - 1].kind == Kind::Word
            && mark(end - 1, DANGLING_END)
            && !(last && end == stop && mark(end - 1, &["in", "on", "off", "up"]))
            && !(mark(end - 1, &["in", "on"]) && start + 1 < end && mark(end - 2, WITH_PARTICLE))
        {
            end -= 1;
        }
        if end == stop {
            break;
        }
    }
    text.slice(start, end)
}

/// "p.m." keeps its last point.
fn abbreviation(text: &Text, end: usize) -> bool {
    end >= 3 && text.tokens[end - 1].is(".") && text.tokens[end - 1].glued && text.tokens[end - 3].is(".")
}

/// Opens quotes around the whole, and keeps to the longest title.
pub(crate) fn finish(title: &str) -> String {
    let title = unquoted(title.trim());
    // The limit counts scalar values, as the server does, but the cut is between characters as people see them.
    match title.char_indices().nth(MAX_TITLE) {
        None => title.to_owned(),
        Some((limit, _)) => {
            let mut end = 0;
            for (start, grapheme) in characters(title) {
                if start + grapheme.len() > limit {
                    break;
                }
                end = start + grapheme.len();
            }
            title[..end].trim_end().to_owned()
        }
    }
}

/// Without the quotes, when they stand around everything.
fn unquoted(title: &str) -> &str {
    for mark in ['"', '\''] {
        if let Some(inner) = title.strip_prefix(mark).and_then(|rest| rest.strip_suffix(mark))
            && (!inner.trim().is_empty() && !inner.contains(mark)
                || mark == '\'' && !inner.is_empty() && !inner.contains("' '"))
        {
            return inner.trim();
        }
    }
    title
}
