//! The line of the task panel: dates, recurrence, `#label`, `+list`, `!high` or `p1`.
//!
//! The web client shows what a line means while it is typed, and sends exactly that, so it reads the line with the grammar
//! of the assistant. Every word that is not understood stays in the title, in its order.

use jiff::civil::DateTime;
use tandem_protocol::enums::Priority;
use tandem_protocol::rest::NewTask;

use crate::dates::{DateInput, find};
use crate::text::{Kind, Text, Token};
use crate::title::title_without;

/// Reads a line of the task panel; `now` is the current time in the user's zone. Text in quotes is left as it is. The title
/// is what remains when everything understood is taken out, so it may be empty.
pub fn quick_add(text: &str, now: impl Into<DateTime>) -> NewTask {
    let text = Text::new(text);
    let mut found = NewTask::default();
    parse_task(&text, 0, text.len(), now.into(), &mut Vec::new(), &mut found);
    found
}

/// Reads the tokens from one place to another into a task. `cut` are places, counted from `from`, that were read already;
/// those that are read are added.
pub(crate) fn parse_task(
    text: &Text,
    from: usize,
    to: usize,
    now: DateTime,
    cut: &mut Vec<(usize, usize)>,
    found: &mut NewTask,
) {
    let tokens = &text.tokens[from..to];
    cut.extend(markers(text, tokens, found));
    let input = DateInput { tokens, now };
    let (draft, mentions) = find(&input);
    if let Some(resolved) = draft.resolve(now) {
        found.due = resolved.due;
        found.recurrence = resolved.repeat.as_ref().map(Into::into);
        cut.extend(mentions.iter().map(|mention| (mention.start, mention.end)));
    }
    found.title = title_without(text, from, to, cut);
}

/// Reads the marked words `#label`, `+list`, `!high` and `p1` into the task. Returns their places.
fn markers(text: &Text, tokens: &[Token], found: &mut NewTask) -> Vec<(usize, usize)> {
    let mut cut = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        // A mark inside of a word is no marker: "C#", "a+b".
        let opens = at == 0 || !tokens[at].glued;
        let end = if opens { marker(text, tokens, at, found) } else { None };
        if let Some(end) = end {
            cut.push((at, end));
        }
        at = end.unwrap_or(at + 1);
    }
    cut
}

/// One marked word and the place after it.
fn marker(text: &Text, tokens: &[Token], at: usize, found: &mut NewTask) -> Option<usize> {
    let next = tokens.get(at + 1).filter(|token| token.glued);
    match tokens[at].word.as_str() {
        mark @ ("#" | "+") => {
            let (name, end) = name(text, tokens, at + 1)?;
            if mark == "+" {
                found.list = Some(name);
            } else {
                let labels = found.labels.get_or_insert_default();
                if !labels.contains(&name) {
                    labels.push(name);
                }
            }
            Some(end)
        }
        "!" => {
            found.priority = Some(priority_word(&next?.word)?);
            Some(at + 2)
        }
        "p" => {
            let digit = next.filter(|_| !tokens.get(at + 2).is_some_and(|t| t.glued && t.kind != Kind::Mark))?;
            found.priority = Some(priority_digit(&digit.word)?);
            Some(at + 2)
        }
        _ => None,
    }
}

/// The name after a mark: a word with its dashes and digits, or quoted text. It begins with a letter, so that "#1" and
/// "+5" stay words.
fn name(text: &Text, tokens: &[Token], at: usize) -> Option<(String, usize)> {
    let first = tokens.get(at).filter(|token| token.glued)?;
    if first.kind == Kind::Quoted {
        let inner = text.source[first.start..first.end].trim_matches(['"', '\'']).trim();
        return (!inner.is_empty()).then(|| (inner.to_owned(), at + 1));
    }
    if first.kind != Kind::Word {
        return None;
    }
    let inside = |token: &Token| token.glued && (token.kind != Kind::Mark || token.is_any(&["-", "_", "/"]));
    let mut end = at + 1;
    while tokens.get(end).is_some_and(inside) {
        end += 1;
    }
    let last = tokens.get(end - 1)?;
    Some((text.source[first.start..last.end].trim_end_matches(['-', '/']).to_owned(), end))
}

/// The priority that a word names.
pub(crate) fn priority_word(word: &str) -> Option<Priority> {
    Some(match word {
        "urgent" | "critical" | "asap" => Priority::Urgent,
        "high" | "important" => Priority::High,
        "medium" | "med" | "normal" => Priority::Medium,
        "low" => Priority::Low,
        "none" => Priority::None,
        _ => return None,
    })
}

/// The priority of `p1` to `p4`.
pub(crate) fn priority_digit(digit: &str) -> Option<Priority> {
    Some(match digit {
        "1" => Priority::Urgent,
        "2" => Priority::High,
        "3" => Priority::Medium,
        "4" => Priority::Low,
        _ => return None,
    })
}
