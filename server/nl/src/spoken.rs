//! Fields of a new task in words, in any order: "call Ann, high priority, label work, in the list Office".
//!
//! The same words are also parts of titles ("print label sheets"), so a field has to stand by itself: after a comma, "and",
//! "with" or another field, or at an end of the phrase. The line of the task panel has marks for fields and does not read
//! them in words.

use crate::dates::{DateInput, phrase as date_phrase};
use crate::grammar::Clause;
use crate::quick_add::{priority_digit, priority_word};
use crate::text::Kind;
use jiff::civil::DateTime;
use tandem_protocol::rest::NewTask;

/// Reads the fields of a phrase into the task. Returns their places, with the small words that join them.
pub(crate) fn fields(phrase: &Clause<'_>, found: &mut NewTask) -> Vec<(usize, usize)> {
    let mut cut: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    while at < phrase.tokens().len() {
        match field(phrase, at, &cut, found) {
            Some(end) => {
                cut.push((joined(phrase, at), end));
                at = end;
            }
            None => at += 1,
        }
    }
    cut
}

/// How many words a field has that a phrase begins with, with a mark after it: "urgent:", "high priority,".
pub(crate) fn opening(phrase: &Clause<'_>) -> usize {
    match field(phrase, 0, &[], &mut NewTask::default()) {
        Some(end) if end < phrase.tokens().len() && phrase.tokens()[end - 1].is_mark() => end,
        Some(end) if matches!(phrase.word(end), "," | ":" | "-") && end + 1 < phrase.tokens().len() => end + 1,
        _ => 0,
    }
}

/// The place where the words begin that join a field to what stands before it.
fn joined(phrase: &Clause<'_>, at: usize) -> usize {
    const JOINTS: &[&str] = &[",", "and", "with", "a", "the", "at", "as", "in", "on", "to", "under", "it", ";"];
    (0..at).rev().take_while(|&before| phrase.tokens()[before].is_any(JOINTS)).last().unwrap_or(at)
}

fn field(phrase: &Clause<'_>, at: usize, cut: &[(usize, usize)], found: &mut NewTask) -> Option<usize> {
    // "with a high priority" opens a field, "buy a label maker" does not.
    let start = if at > 0 && matches!(phrase.word(at - 1), "the" | "a") { at - 1 } else { at };
    let opens = at == 0
        || cut.last().is_some_and(|(_, end)| *end == start)
        || (start > 0 && matches!(phrase.word(start - 1), "," | "and" | "with" | "at" | "as" | ";"));
    let closes = |end: usize| {
        end == phrase.tokens().len()
            || matches!(
                phrase.word(end),
                "," | "and" | "with" | "in" | "on" | "label" | "list" | "priority" | "by" | "due" | "for" | "at" | ";"
            )
            || begins_field(phrase, end)
    };
    // "buy bread high priority label food": other fields, a date or the end show that it is one.
    let ends = |end: usize| end == phrase.tokens().len() || begins_field(phrase, end);
    match phrase.word(at) {
        word if at == 0 && phrase.word(1) == ":" && priority_word(word).is_some() => {
            found.priority = priority_word(word);
            Some(2)
        }
        "priority" => {
            let start = skip(phrase, at + 1, &["is", ":", "to", "of"]);
            let priority = priority_word(phrase.word(start)).filter(|_| closes(start + 1))?;
            found.priority = Some(priority);
            Some(start + 1)
        }
        "label" | "labels" | "tag" | "tags" | "labeled" | "labelled" | "tagged" => {
            let participle = phrase.word(at).ends_with("ed");
            let start = skip(phrase, skip(phrase, at + 1, &["is", ":", "as", "with", "it"]), &["#"]);
            let name = name(phrase, start).filter(|_| at > 0 && (opens || participle) && closes(start + 1))?;
            found.labels.get_or_insert_default().push(name);
            Some(start + 1)
        }
        "list" if phrase.word(at + 1) != "of" => {
            let article = if at > 0 && matches!(phrase.word(at - 1), "the" | "my" | "our") { at - 1 } else { at };
            let led = article > 0 && matches!(phrase.word(article - 1), "in" | "on" | "to" | "under" | "into" | ",");
            let start = skip(phrase, at + 1, &["is", ":", "called", "named"]);
            let name = name(phrase, start).filter(|_| at > 0 && (led || opens) && closes(start + 1))?;
            found.list = Some(name);
            Some(start + 1)
        }
        // "due: Friday".
        "due" | "when" | "date" | "deadline" | "time"
            if at > 0
                && phrase.word(at + 1) == ":"
                && date_phrase(&DateInput::new(phrase.tokens(), DateTime::default()), at + 2).is_some() =>
        {
            Some(at + 2)
        }
        // "… with a note: bring the receipt" takes all that follows.
        "note" | "notes" | "description" if at > 0 && opens => {
            let end = phrase.tokens().len();
            let text = phrase
                .part(at, end)
                .longest_start("note :|notes :|description :|note saying|note that says|notes saying")?;
            found.description = Some(phrase.part(at + text, end).source().to_owned());
            (at + text < end).then_some(end)
        }
        word if phrase.word(at + 1) == "priority" && (opens || (at > 0 && ends(at + 2))) => {
            let priority = priority_word(word).or_else(|| priority_digit(word))?;
            found.priority = Some(priority);
            Some(skip(phrase, at + 2, &[":"]))
        }
        _ => None,
    }
}

/// Whether another field or a date begins at a place.
fn begins_field(phrase: &Clause<'_>, at: usize) -> bool {
    let list = matches!(phrase.word(at), "in" | "on" | "to" | "under")
        && matches!(phrase.word(at + 1), "the" | "my" | "our")
        && (phrase.word(at + 2) == "list" || phrase.word(at + 3) == "list");
    let field = matches!(
        phrase.word(at),
        "," | ";" | "#" | "+" | "!" | "label" | "labels" | "tag" | "labeled" | "labelled" | "list" | "due"
    );
    list || field || date_phrase(&DateInput::new(phrase.tokens(), DateTime::default()), at).is_some()
}

fn skip(phrase: &Clause<'_>, at: usize, words: &[&str]) -> usize {
    if phrase.tokens().get(at).is_some_and(|token| token.is_any(words)) { at + 1 } else { at }
}

/// A name of one word as it was written, or in quotes.
fn name(phrase: &Clause<'_>, at: usize) -> Option<String> {
    let token = phrase.tokens().get(at)?;
    let name = phrase.part(at, at + 1).source();
    match token.kind {
        Kind::Word => Some(name.to_owned()),
        Kind::Quoted => Some(name.trim_matches(['"', '\'']).trim().to_owned()),
        _ => None,
    }
}
