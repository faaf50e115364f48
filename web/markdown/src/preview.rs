//! Completes the end of a reply that is still being streamed, so that incomplete markup does not flicker.
//!
//! The complete reply is parsed without this. So this reading may be approximate, and leaves the text unchanged where
//! it is not sure.

use crate::{lines::formula_end, open_spans::close_spans};
use std::borrow::Cow;

/// The tail as it is shown while it grows.
pub(crate) fn preview(tail: &str) -> Cow<'_, str> {
    let last_line = tail.rfind('\n').map_or(0, |end| end + 1);
    if in_fence(tail) {
        // An incomplete closing fence is not code.
        let partial = tail[last_line..].trim();
        let is_fence = !partial.is_empty() && (all(partial, "`") || all(partial, "~"));
        return if is_fence { Cow::Borrowed(&tail[..last_line]) } else { Cow::Borrowed(tail) };
    }
    if in_formula(tail) {
        return Cow::Borrowed(tail);
    }
    if undecided(&tail[last_line..]) {
        return Cow::Borrowed(&tail[..last_line]);
    }
    let from = context_start(tail);
    if let Some(table) = table(tail, from) {
        return Cow::Owned(table);
    }
    match close_spans(&tail[from..]) {
        Some(closed) => Cow::Owned(format!("{}{closed}", &tail[..from])),
        None => Cow::Borrowed(tail),
    }
}

fn in_fence(text: &str) -> bool {
    let mut open: Option<&str> = None;
    for line in text.split_inclusive('\n') {
        let inner = after_markers(line);
        let fence = fence_of(inner);
        match (open, fence) {
            // An incomplete opening line may still get a longer fence or an info string.
            (None, Some(fence)) if line.ends_with('\n') => open = Some(fence),
            (Some(opened), Some(fence)) if fence.starts_with(opened) && inner.trim() == fence => open = None,
            _ => {}
        }
    }
    open.is_some()
}

/// Whether a text ends in a formula in lines of its own.
fn in_formula(text: &str) -> bool {
    let paragraph = text.rfind("\n\n").map_or(text, |end| &text[end + 2..]);
    let mut open = None;
    for line in paragraph.split_inclusive('\n') {
        let inner = after_markers(line);
        let end = open.or_else(|| formula_end(inner));
        // The end may be in the line of the start.
        let from = if open.is_some() { 0 } else { 2 };
        open = end.filter(|end| !inner.get(from..).unwrap_or("").trim_end().ends_with(end));
    }
    open.is_some()
}

/// The fence at the start of a line: three or more backticks or tildes.
fn fence_of(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let mark = line.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
    let fence = &line[..line.len() - line.trim_start_matches(mark).len()];
    (fence.len() >= 3).then_some(fence)
}

/// Strips the markers of lists and quotes from a line.
fn after_markers(line: &str) -> &str {
    let mut rest = line.trim_start_matches(' ');
    loop {
        let inner =
            rest.strip_prefix('>').or_else(|| rest.strip_prefix(['-', '*', '+'])?.strip_prefix(' ')).or_else(|| {
                let digits = rest.trim_start_matches(|c: char| c.is_ascii_digit());
                (digits.len() < rest.len()).then(|| digits.strip_prefix(['.', ')'])?.strip_prefix(' '))?
            });
        let Some(inner) = inner else { return rest };
        rest = inner.trim_start_matches(' ');
    }
}

/// Whether an incomplete line may still become markup: `-`, `2.`, `##`, a part of a fence.
fn undecided(line: &str) -> bool {
    let inner = after_markers(line);
    let text = inner.trim();
    if text.is_empty() {
        // Markers only: the item is shown when it has text.
        return !line.trim().is_empty();
    }
    // Up to nine digits may become the number of an item.
    let number = text.trim_end_matches(['.', ')']);
    ["-", "=", "*", "+", "_", "#", ">", "`", "~"].iter().any(|mark| all(text, mark))
        || number.len() <= 9 && number.bytes().all(|byte| byte.is_ascii_digit())
        || fence_of(inner).is_some()
}

fn all(text: &str, mark: &str) -> bool {
    text.trim_matches(|c: char| mark.contains(c)).is_empty()
}

/// The start of the paragraph, item, heading or row at the end of a text.
fn context_start(text: &str) -> usize {
    let mut start = text.len();
    for line in text.split_inclusive('\n').rev() {
        if line.trim().is_empty() {
            break;
        }
        start -= line.len();
        if after_markers(line).len() < line.trim_start_matches(' ').len() || line.trim_start().starts_with('#') {
            break;
        }
    }
    start
}

/// If the text ends in the heading of a table: the text with a complete delimiter row. Otherwise the heading would be
/// shown as a paragraph until that row has arrived.
fn table(tail: &str, from: usize) -> Option<String> {
    let (heading, rest) = tail[from..].split_once('\n').unwrap_or((&tail[from..], ""));
    let cells = heading.trim().strip_prefix('|')?;
    let second_is_ruler = rest.trim().bytes().all(|byte| matches!(byte, b'|' | b'-' | b':' | b' '));
    let ruler_is_open = rest.is_empty() || (!rest.contains('\n') && second_is_ruler);
    if !ruler_is_open || cells.trim().is_empty() {
        return None;
    }
    let columns = cells.trim_end_matches([' ', '|']).matches('|').count() + 1;
    let heading = heading.trim_end();
    let end = if heading.ends_with('|') { "" } else { " |" };
    Some(format!("{}{heading}{end}\n|{}", &tail[..from], "---|".repeat(columns)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(tail: &str) -> String {
        preview(tail).into_owned()
    }

    #[test]
    fn a_mark_that_is_not_decided_yet_is_not_shown() {
        for (typed, visible) in [
            ("Text\n-", "Text\n"),
            ("Text\n--", "Text\n"),
            ("Text\n==", "Text\n"),
            ("1. a\n2", "1. a\n"),
            ("1. a\n2.", "1. a\n"),
            ("- a\n- ", "- a\n"),
            ("Text\n##", "Text\n"),
            ("Text\n``", "Text\n"),
            ("Text\n```ru", "Text\n"),
        ] {
            assert_eq!(shown(typed), visible, "{typed:?}");
        }
    }

    #[test]
    fn words_are_shown_at_once() {
        for text in ["Text", "Text\n- a", "Text\n2 apples", "> quote", "# Head", "", "a\n\n"] {
            assert_eq!(shown(text), text);
        }
    }

    #[test]
    fn an_open_fence_shows_its_code_and_not_its_half_closed_end() {
        assert_eq!(shown("```rust\nlet a = **1;"), "```rust\nlet a = **1;");
        assert_eq!(shown("```rust\nlet a;\n``"), "```rust\nlet a;\n");
        assert_eq!(shown("- ```\n  code *"), "- ```\n  code *");
    }

    #[test]
    fn an_open_formula_is_shown_as_it_is() {
        for text in ["$$\na_1 * b", "So:\n\\[\n- c_2 *", "- $$\n  a *b"] {
            assert_eq!(shown(text), text);
        }
        assert_eq!(shown("$$\na\n$$\n**b"), "$$\na\n$$\n**b**");
    }

    #[test]
    fn half_open_emphasis_looks_closed() {
        assert_eq!(shown("some **bold"), "some **bold**");
        assert_eq!(shown("```\ncode\n```\nthen *so"), "```\ncode\n```\nthen *so*");
    }

    #[test]
    fn a_table_is_a_table_from_its_heading_on() {
        assert_eq!(shown("| ListItem | Wh"), "| ListItem | Wh |\n|---|---|");
        assert_eq!(shown("| a | b |\n|--"), "| a | b |\n|---|---|");
        assert_eq!(shown("Words.\n\n| a |\n"), "Words.\n\n| a |\n|---|");
        let rows = "| a | b |\n|---|---|\n| c";
        assert_eq!(shown(rows), rows);
    }
}
