//! Separates thoughts that a server sends within the text, between tags at its beginning.
//!
//! Servers without a parser for the model's template send `<think>…</think>` as text. Thoughts are neither a part of the
//! reply nor of a title. Only tags at the beginning count: later ones are what a reply is about.

use std::mem;

/// Opening and closing tags of the models that have some.
const TAGS: [(&str, &str); 5] = [
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"),
    ("<reasoning>", "</reasoning>"),
    ("[THINK]", "[/THINK]"),
];

/// Splits the text of one answer, piece by piece.
#[derive(Debug, Default)]
pub(crate) struct ThoughtFilter {
    state: State,
    /// Text that the next piece decides about: shorter than a tag, but for white space at the beginning.
    held: String,
}

#[derive(Clone, Copy, Debug, Default)]
enum State {
    /// No text has come.
    #[default]
    Start,
    Within(&'static str),
    /// Thoughts have ended; white space after them is dropped.
    After,
    Text,
}

/// A piece of text, split in two.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Split {
    pub(crate) text: String,
    pub(crate) thoughts: String,
}

impl ThoughtFilter {
    pub(crate) fn push(&mut self, piece: &str) -> Split {
        let mut split = Split::default();
        if matches!(self.state, State::Text) {
            piece.clone_into(&mut split.text);
            return split;
        }
        self.held.push_str(piece);
        while self.step(&mut split) {}
        split
    }

    /// Returns what was held when the answer has ended.
    pub(crate) fn finish(&mut self) -> Split {
        let held = mem::take(&mut self.held);
        match self.state {
            State::Within(_) => Split { thoughts: held, ..Split::default() },
            State::After if held.trim().is_empty() => Split::default(),
            _ => Split { text: held, ..Split::default() },
        }
    }

    /// Goes one state further, if the held text suffices to decide.
    fn step(&mut self, split: &mut Split) -> bool {
        match self.state {
            State::Start | State::After => self.begin(split),
            State::Within(close) => self.think(close, split),
            State::Text => {
                split.text.push_str(&mem::take(&mut self.held));
                false
            }
        }
    }

    fn begin(&mut self, split: &mut Split) -> bool {
        let begun = self.held.trim_start();
        if let Some((open, close)) = TAGS.iter().find(|(open, _)| begun.starts_with(open)) {
            self.held = begun[open.len()..].to_owned();
            self.state = State::Within(close);
            return true;
        }
        if TAGS.iter().any(|(open, _)| open.starts_with(begun)) {
            return false;
        }
        if matches!(self.state, State::After) {
            self.held = begun.to_owned();
        }
        self.state = State::Text;
        self.step(split)
    }

    fn think(&mut self, close: &'static str, split: &mut Split) -> bool {
        if let Some(end) = self.held.find(close) {
            split.thoughts.push_str(&self.held[..end]);
            self.held.drain(..end + close.len());
            self.state = State::After;
            return true;
        }
        // A tag may be cut between two pieces.
        let cut = (1..close.len()).rev().find(|&length| self.held.ends_with(&close[..length])).unwrap_or_default();
        let thoughts = self.held.len() - cut;
        split.thoughts.extend(self.held.drain(..thoughts));
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> (String, String) {
        let read = |size: usize| {
            let mut filter = ThoughtFilter::default();
            let chars: Vec<char> = text.chars().collect();
            let mut pieces: Vec<Split> =
                chars.chunks(size).map(|c| filter.push(&c.iter().collect::<String>())).collect();
            pieces.push(filter.finish());
            let text: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
            (text, pieces.iter().map(|piece| piece.thoughts.as_str()).collect::<String>())
        };
        let whole = read(text.len().max(1));
        for size in [1, 2, 3, 5] {
            assert_eq!(read(size), whole, "{text:?} in pieces of {size}");
        }
        whole
    }

    fn pair(text: &str, thoughts: &str) -> (String, String) {
        (text.to_owned(), thoughts.to_owned())
    }

    #[test]
    fn thoughts_at_the_beginning_are_no_text() {
        assert_eq!(split("<think>Hm < 3.</think>\n\nHello."), pair("Hello.", "Hm < 3."));
        assert_eq!(split("\n<think>a</think> <think>b</think>c"), pair("c", "ab"));
        assert_eq!(split("[THINK]a[/THINK]b"), pair("b", "a"));
        assert_eq!(split("<thinking>a</think></thinking>b"), pair("b", "a</think>"));
    }

    #[test]
    fn thoughts_that_never_end_are_thoughts() {
        assert_eq!(split("<think>Name it. </thi"), pair("", "Name it. </thi"));
        assert_eq!(split("<think>a</think>\n"), pair("", "a"));
    }

    #[test]
    fn other_text_is_unchanged() {
        for text in ["", " ", "\n\nHello", "<", "<thin", "<thinker> is", "Use <think>tags</think>.", "wörd"] {
            assert_eq!(split(text), pair(text, ""));
        }
    }
}
