//! Words, numbers and marks of a text with their places.
//!
//! Quoted text is one token with an empty word, so that no rule can match it: a title in quotes is never read as a date or
//! command. Digits and letters are separate tokens ("5pm" is two), and `glued` distinguishes them from separate words.

use super::lower_case;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Letters, with apostrophes inside ("don't"); a trailing `'s` is a token of its own.
    Word,
    /// Digits only. "5pm" is a number and a word.
    Number,
    /// One character of another kind.
    Mark,
    /// Quoted text, quotes included.
    Quoted,
}

#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    /// Lower case; empty for quoted text, so that no rule can match it.
    pub(crate) word: String,
    /// Where it starts in the text, in bytes.
    pub(crate) start: usize,
    /// Where it ends in the text, in bytes.
    pub(crate) end: usize,
    /// Whether no space stands before it.
    pub(crate) glued: bool,
    /// Whether its first letter is a capital.
    pub(crate) capital: bool,
}

impl Token {
    pub(crate) fn is(&self, word: &str) -> bool {
        self.word == word
    }

    pub(crate) fn is_any(&self, words: &[&str]) -> bool {
        words.contains(&self.word.as_str())
    }

    pub(crate) fn is_in(&self, words: &super::WordSet) -> bool {
        words.contains(self.word.as_str())
    }

    /// Whether it is a mark of punctuation.
    pub(crate) fn is_mark(&self) -> bool {
        self.kind == Kind::Mark
    }
}

/// Tokens of the longest text that is read.
const MAX_TOKENS: usize = 250;

/// A normalised text and its tokens.
#[derive(Debug, Clone)]
pub(crate) struct Text {
    pub(crate) source: String,
    pub(crate) tokens: Vec<Token>,
}

impl Text {
    /// Cuts a text into tokens.
    pub(crate) fn new(raw: &str) -> Self {
        let source = super::normalise(raw);
        let mut tokens: Vec<Token> = Vec::new();
        let mut at = 0;
        while let Some(c) = source[at..].chars().next() {
            if c == ' ' {
                at += 1;
                continue;
            }
            let (kind, end) = next_token(&source, at, c);
            let word = if kind == Kind::Quoted { String::new() } else { lower(&source[at..end]) };
            let glued = at > 0 && !source[..at].ends_with(' ');
            let mut token = Token { kind, word, start: at, end, glued, capital: c.is_uppercase() };
            if let Some(day) = day_of_possessive(&source[at..end], &source[end..]) {
                // "todays paper" is "today's paper".
                (token.word, token.end) = (lower(day), at + day.len());
                let possessive = Token { word: "'s".to_owned(), start: token.end, end, glued: true, ..token };
                tokens.extend([token, possessive]);
            } else {
                tokens.push(token);
            }
            at = end;
        }
        Self { source, tokens }
    }

    /// The tokens' text as it was written, from the first to before the last.
    pub(crate) fn slice(&self, from: usize, to: usize) -> &str {
        match (self.tokens.get(from), to.checked_sub(1).and_then(|last| self.tokens.get(last))) {
            (Some(first), Some(last)) if first.start <= last.end => &self.source[first.start..last.end],
            _ => "",
        }
    }

    /// Whether it has more words than any sentence about tasks: then no rule is tried, because some of them look at each pair of
    /// words.
    pub(crate) fn is_endless(&self) -> bool {
        self.tokens.len() > MAX_TOKENS
    }

    /// How many tokens there are.
    pub(crate) fn len(&self) -> usize {
        self.tokens.len()
    }
}

fn lower(word: &str) -> String {
    let lower = lower_case(word);
    match correct(&lower) {
        Some(right) => right.to_owned(),
        None => lower,
    }
}

/// The day of "todays" and "tomorrows" before a word.
fn day_of_possessive<'a>(word: &'a str, rest: &str) -> Option<&'a str> {
    let day = word.strip_suffix(['s', 'S'])?;
    let names = ["today", "tomorrow", "tonight", "yesterday"].iter().any(|name| day.eq_ignore_ascii_case(name));
    let before_a_word = rest.strip_prefix(' ').is_some_and(|rest| rest.starts_with(char::is_alphabetic));
    (names && before_a_word).then_some(day)
}

/// Common misspellings of words that carry meaning here.
fn correct(word: &str) -> Option<&'static str> {
    Some(match word {
        "tommorow" | "tommorrow" | "tomorow" | "tomorrw" | "tomorrrow" | "tmrw" | "tmr" | "tmw" | "2moro" | "2mrw"
        | "2morrow" | "tomorrows" | "tmorrow" | "tomorro" | "tmrow" | "tommorw" => "tomorrow",
        "todays" => "today",
        "tonite" | "2nite" | "2night" => "tonight",
        "b4" => "before",
        "nite" => "night",
        "taks" | "tsak" => "task",
        "shoping" | "shoppng" => "shopping",
        "evry" => "every",
        "til" => "till",
        "u" => "you",
        "wensday" | "wendsday" | "wedensday" | "wednsday" => "wednesday",
        "thrusday" | "thirsday" | "thursdy" => "thursday",
        "tueday" | "tuseday" | "teusday" => "tuesday",
        "saterday" | "satruday" => "saturday",
        "febuary" | "feburary" => "february",
        "calender" | "calander" => "calendar",
        "remaind" | "rimind" => "remind",
        "remeinder" | "reminer" | "remainder" => "reminder",
        "pls" | "plz" | "plese" => "please",
        "lsit" | "lisr" => "list",
        "prio" => "priority",
        "everday" => "everyday",
        "dont" => "don't",
        "cant" => "can't",
        "im" => "i'm",
        "whats" => "what's",
        _ => return None,
    })
}

fn next_token(source: &str, at: usize, c: char) -> (Kind, usize) {
    if let Some(end) = quoted(source, at, c) {
        return (Kind::Quoted, end);
    }
    // "2moro" and "b4" are words with a figure; "B4" is a room.
    let end = run(source, at, char::is_alphanumeric);
    let begins = !source[..at].ends_with(char::is_alphanumeric);
    if begins && matches!(&source[at..end], "2moro" | "2mrw" | "2morrow" | "2nite" | "2night" | "b4") {
        return (Kind::Word, end);
    }
    if c.is_ascii_digit() {
        return (Kind::Number, run(source, at, |c| c.is_ascii_digit()));
    }
    if c.is_alphanumeric() {
        return (Kind::Word, word_end(source, at));
    }
    if c == '\'' && is_possessive(&source[at..]) {
        return (Kind::Word, at + 2);
    }
    (Kind::Mark, at + c.len_utf8())
}

fn run(source: &str, at: usize, inside: impl Fn(char) -> bool) -> usize {
    at + source[at..].find(|c| !inside(c)).unwrap_or(source.len() - at)
}

/// `'s` and then no letter.
fn is_possessive(rest: &str) -> bool {
    let mut chars = rest.chars();
    matches!((chars.next(), chars.next()), (Some('\''), Some('s' | 'S')))
        && !chars.next().is_some_and(char::is_alphanumeric)
}

/// The end of a word: letters and apostrophes between letters, short of a trailing `'s`.
fn word_end(source: &str, at: usize) -> usize {
    let mut end = at;
    loop {
        end = run(source, end, |c| c.is_alphanumeric() && !c.is_ascii_digit());
        let rest = &source[end..];
        let inside = rest.starts_with('\'') && rest[1..].chars().next().is_some_and(char::is_alphabetic);
        // "what's" is one word, "Ann's" is a name and a possessive.
        let contraction = matches!(
            &lower_case(&source[at..end])[..],
            "what" | "let" | "who" | "where" | "when" | "how" | "it" | "that" | "there"
        );
        if !inside || (is_possessive(rest) && !contraction) {
            return end;
        }
        end += 1;
    }
}

/// The end of the quoted text that starts here, if one does: `"…"`, or `'…'` where the marks stand at word edges.
fn quoted(source: &str, at: usize, c: char) -> Option<usize> {
    let edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    let body = at + c.len_utf8();
    match c {
        // A double quote always opens; a single one only at the edge of a word, because it is also an apostrophe.
        '"' => source[body..].find('"').filter(|&len| len > 0).map(|len| body + len + 1),
        '\'' if edge(source[..at].chars().next_back()) && !source[body..].starts_with(' ') => source[body..]
            .match_indices('\'')
            .map(|(i, _)| body + i)
            .find(|&close| close > body && !source[..close].ends_with(' ') && edge(source[close + 1..].chars().next()))
            .map(|close| close + 1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, Text};

    fn words(text: &str) -> Vec<String> {
        Text::new(text).tokens.into_iter().map(|token| token.word).collect()
    }

    #[test]
    fn numbers_are_cut_from_letters() {
        assert_eq!(words("5pm 3rd 15h30"), ["5", "pm", "3", "rd", "15", "h", "30"]);
    }

    #[test]
    fn a_possessive_is_a_token_and_a_contraction_is_not() {
        assert_eq!(words("Ann's dog don't o'clock what's"), ["ann", "'s", "dog", "don't", "o'clock", "what's"]);
    }

    #[test]
    fn quoted_text_is_one_token_without_a_word() {
        let text = Text::new("rename it to 'Call mom tonight'");
        let last = text.tokens.last().expect("there are tokens");
        assert_eq!((last.kind, last.word.as_str()), (Kind::Quoted, ""));
        assert_eq!(text.slice(3, 4), "'Call mom tonight'");
    }

    #[test]
    fn an_apostrophe_inside_single_quotes_does_not_close_them() {
        let text = Text::new("add 'Ann's party'");
        assert_eq!(text.slice(1, 2), "'Ann's party'");
    }

    #[test]
    fn a_lone_quote_is_a_mark() {
        assert_eq!(words("6' tall"), ["6", "'", "tall"]);
    }
}
