//! Separates thoughts that a server sends within the text, between tags at its beginning.
//!
//! Servers without a parser for the model's template send `<think>…</think>` as text, in several spellings. Thoughts are
//! neither a part of the reply nor of a title. Only tags at the beginning count: later ones are what a reply is about.
//!
//! Some templates put the opening tag into the prompt, so that only the closing one is sent. It ends thoughts if no other
//! tag came before it and it is not quoted. The text before it has been passed on by then, since holding all text back would
//! hide the replies of every other model; so the piece with the tag says that this text was thoughts
//! ([`Split::text_was_thoughts`]). Who shows the text shows it as thoughts from then on if the answer has had nothing else,
//! and leaves it where it is otherwise.

use std::mem;

/// Opening and closing tags of the models that have some, in lower case.
const TAGS: [(&str, &str); 11] = [
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"),
    ("<reasoning>", "</reasoning>"),
    ("<seed:think>", "</seed:think>"),
    ("<longcat_think>", "</longcat_think>"),
    ("[think]", "[/think]"),
    ("◁think▷", "◁/think▷"),
    ("<|start_thinking|>", "<|end_thinking|>"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
    ("<|channel|>analysis<|message|>", "<|end|><|start|>assistant<|channel|>final<|message|>"),
];
/// The first characters of the tags. Most pieces of text have none of them, and need no comparison with each tag.
const STARTS: [char; 3] = ['<', '[', '◁'];
/// A tag after one of these is quoted: the reply is about it.
const QUOTES: [char; 7] = [' ', '`', '"', '\'', '(', '“', '‘'];

/// Splits the text of one answer, piece by piece.
#[derive(Debug, Default)]
pub(crate) struct ThoughtFilter {
    state: State,
    /// Text that the next piece decides about: shorter than a tag, but for white space at the beginning.
    held: String,
    /// The last character of the text that was passed on.
    last: Option<char>,
}

#[derive(Clone, Copy, Debug, Default)]
enum State {
    /// No text has come.
    #[default]
    Start,
    Within(&'static str),
    /// Thoughts have ended; white space after them is dropped.
    After,
    /// Text without any tag: a closing one would make thoughts of it.
    Untagged,
    Text,
}

/// A piece of text, split in two.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Split {
    pub(crate) text: String,
    pub(crate) thoughts: String,
    /// Whether all text before this piece was thoughts.
    pub(crate) text_was_thoughts: bool,
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
            State::Start | State::After => self.begin(),
            State::Within(close) => self.think(close, split),
            State::Untagged => self.watch(split),
            State::Text => {
                split.text.push_str(&mem::take(&mut self.held));
                false
            }
        }
    }

    fn begin(&mut self) -> bool {
        let begun = self.held.trim_start();
        let lower = begun.to_ascii_lowercase();
        if let Some((open, close)) = TAGS.iter().find(|(open, _)| lower.starts_with(open)) {
            self.held = begun[open.len()..].to_owned();
            self.state = State::Within(close);
            return true;
        }
        let is_start = matches!(self.state, State::Start);
        // The thoughts have come in a field of their own.
        if let Some((_, close)) = TAGS.iter().find(|(_, close)| is_start && lower.starts_with(close)) {
            self.held = begun[close.len()..].to_owned();
            self.state = State::After;
            return true;
        }
        if TAGS.iter().any(|(open, close)| open.starts_with(&lower) || is_start && close.starts_with(&lower)) {
            return false;
        }
        if is_start {
            self.state = State::Untagged;
        } else {
            self.held = begun.to_owned();
            self.state = State::Text;
        }
        true
    }

    fn think(&mut self, close: &'static str, split: &mut Split) -> bool {
        let lower = self.held.to_ascii_lowercase();
        if let Some(end) = lower.find(close) {
            split.thoughts.push_str(&self.held[..end]);
            self.held.drain(..end + close.len());
            self.state = State::After;
            return true;
        }
        let thoughts = self.held.len() - begun_tag(&lower, &[close].into_iter());
        split.thoughts.extend(self.held.drain(..thoughts));
        false
    }

    /// Passes text on until a tag comes.
    fn watch(&mut self, split: &mut Split) -> bool {
        let lower = self.held.to_ascii_lowercase();
        let (open, close) = (find_tag(&lower, |(open, _)| open), find_tag(&lower, |(_, close)| close));
        let open = open.map(|(at, _)| at);
        if let Some((at, length)) = close.filter(|(at, _)| open.is_none_or(|open| *at < open)) {
            let before = self.held[..at].chars().next_back().or(self.last);
            if before.is_some_and(|before| QUOTES.contains(&before)) {
                self.state = State::Text;
                return true;
            }
            split.thoughts.push_str(&self.held[..at]);
            split.text_was_thoughts = true;
            self.held.drain(..at + length);
            self.state = State::After;
            return true;
        }
        if open.is_some() {
            self.state = State::Text;
            return true;
        }
        let text = self.held.len() - begun_tag(&lower, &TAGS.iter().flat_map(|(open, close)| [*open, *close]));
        split.text.extend(self.held.drain(..text));
        self.last = split.text.chars().next_back().or(self.last);
        false
    }
}

/// The first opening or closing tag of a text in lower case: where it is, and its bytes.
fn find_tag(text: &str, tag: fn(&'static (&'static str, &'static str)) -> &'static str) -> Option<(usize, usize)> {
    text.match_indices(STARTS).find_map(|(at, _)| {
        let found = TAGS.iter().map(tag).find(|tag| text[at..].starts_with(tag))?;
        Some((at, found.len()))
    })
}

/// Bytes at the end of a text that may be the beginning of one of these tags: it may be cut between two pieces.
fn begun_tag<'t>(text: &str, tags: &(impl Iterator<Item = &'t str> + Clone)) -> usize {
    let is_begun = |end: &&str| tags.clone().any(|tag| tag.len() > end.len() && tag.starts_with(end));
    text.match_indices(STARTS).map(|(at, _)| &text[at..]).find(is_begun).map_or(0, str::len)
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
            let (mut text, mut thoughts) = (String::new(), String::new());
            for piece in pieces {
                if piece.text_was_thoughts {
                    thoughts += &mem::take(&mut text);
                }
                thoughts += &piece.thoughts;
                text += &piece.text;
            }
            (text, thoughts)
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
    fn tags_are_recognized_in_every_spelling() {
        for (open, close) in TAGS {
            let (open, close) = (open.to_ascii_uppercase(), close.to_ascii_uppercase());
            assert_eq!(split(&format!("{open}Wörds{close}\n\nHello.")), pair("Hello.", "Wörds"), "{open}");
        }
    }

    #[test]
    fn a_closing_tag_alone_makes_thoughts_of_the_text_before_it() {
        assert_eq!(split("They want milk.\n</think>\n\nAdded."), pair("Added.", "They want milk.\n"));
        assert_eq!(split("Easy: 2 < 3.</THINK>Yes."), pair("Yes.", "Easy: 2 < 3."));
        assert_eq!(split("é◁/think▷ü"), pair("ü", "é"));
        assert_eq!(split("</think>\n\nThe thoughts had a field."), pair("The thoughts had a field.", ""));
    }

    #[test]
    fn a_closing_tag_that_the_reply_is_about_is_text() {
        for text in ["Write </think> at the end.", "The tag `</think>` ends it.", "Between <think> and</think>."] {
            assert_eq!(split(text), pair(text, ""));
        }
        assert_eq!(split("Hm.</think>After</think>it."), pair("After</think>it.", "Hm."));
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
