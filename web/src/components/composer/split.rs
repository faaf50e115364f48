//! Splits a text that is too long for one message. Pure.

use tandem_protocol::limits::MAX_MESSAGE_CHARS;

/// The parts of a text, each of which fits into a message: cut at an empty line, else at a line end, else at a space, else
/// anywhere. Nothing but white space at the cuts is lost.
pub(super) fn parts(text: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = text.trim();
    while let Some((limit, _)) = rest.char_indices().nth(MAX_MESSAGE_CHARS) {
        let head = &rest[..limit];
        // Far from the end a cut would make many small parts.
        let near = |at: &usize| *at > limit / 2;
        let cut = ["\n\n", "\n", " "].iter().find_map(|mark| head.rfind(mark).filter(near)).unwrap_or(limit);
        parts.push(rest[..cut].trim_end().to_owned());
        rest = rest[cut..].trim_start();
    }
    if !rest.is_empty() {
        parts.push(rest.to_owned());
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_between_paragraphs_and_nothing_is_lost() {
        let paragraph = format!("{}\n\n", "word ".repeat(2_000));
        let text = paragraph.repeat(5);
        let parts = parts(&text);
        assert_eq!(parts.len(), 2);
        assert!(parts.iter().all(|part| part.chars().count() <= MAX_MESSAGE_CHARS && part.ends_with("word")));
        let words = |text: &str| text.split_whitespace().count();
        assert_eq!(parts.iter().map(|part| words(part)).sum::<usize>(), words(&text));
    }

    #[test]
    fn a_text_without_spaces_is_cut_between_characters() {
        let text = "é".repeat(MAX_MESSAGE_CHARS + 1);
        assert_eq!(parts(&text).iter().map(|part| part.chars().count()).collect::<Vec<_>>(), [MAX_MESSAGE_CHARS, 1]);
        assert_eq!(parts(" short \n"), ["short"]);
        assert!(parts(" ").is_empty());
    }
}
