//! Parses the inline structure of Markdown: code, links, emphasis, breaks, by the rules of `CommonMark`.
//!
//! **Invariant:** the time is linear in the length of the text. Every search for an end visits each byte a bounded
//! number of times: it stops at the next start of its kind or at a limit, or knows in advance that there is no end.

use crate::{
    emphasis::{self, DelimiterRun, MAX_SPAN_DEPTH, Node},
    entities::{entity_at, unescaped},
    lines::footnote_name,
    references::{References, destination, folded, name_end, title},
    tree::Inline,
    urls::safe_url,
};
use std::borrow::Cow;

/// Open brackets that are kept. With more, the outer ones become text.
const MAX_BRACKETS: usize = 32;

/// Parses a text without blank lines.
pub(crate) fn parse(text: &str, names: &References<'_>) -> Vec<Inline> {
    let (nodes, brackets) = (Vec::new(), Vec::new());
    let mut scan =
        InlineParser { text, at: 0, nodes, brackets, bracket_end: 0, backticks: None, formula_ends: None, names };
    while let Some(c) = text[scan.at..].chars().next() {
        scan.one(c);
    }
    emphasis::resolve(scan.nodes).0
}

/// A `[` or `![` that is not closed yet.
struct Bracket {
    /// The index of its node, which is text until it is closed.
    node: usize,
    /// The byte after it.
    after: usize,
    image: bool,
    /// False once a link was found inside: links do not nest.
    active: bool,
}

struct InlineParser<'a> {
    text: &'a str,
    at: usize,
    nodes: Vec<Node>,
    brackets: Vec<Bracket>,
    /// The byte after the last bracket of either kind.
    bracket_end: usize,
    /// The start of the last backtick run of each length, computed at the first backtick.
    backticks: Option<Vec<usize>>,
    /// Where the last `\)` or `\]` is, searched at the first formula; 0 where there is none.
    formula_ends: Option<usize>,
    names: &'a References<'a>,
}

impl<'a> InlineParser<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn one(&mut self, c: char) {
        match c {
            '$' => self.dollar(),
            '\\' if self.rest().starts_with("\\(") => self.formula("\\)"),
            '\\' if self.rest().starts_with("\\[") => self.formula("\\]"),
            '\\' => self.escape(),
            '`' => self.code(),
            '\n' => self.line_end(),
            '<' => self.angle(),
            '&' => self.entity(),
            '*' | '_' | '~' => self.mark(c),
            '!' if self.rest().starts_with("![") => self.open_bracket("!["),
            '[' => match footnote_name(self.rest()) {
                Some(name) => {
                    self.nodes.push(Node::Piece(Inline::FootnoteMark(name.to_owned()), 0));
                    self.at += name.len() + 3;
                }
                None => self.open_bracket("["),
            },
            ']' => self.close_bracket(),
            _ => {
                let plain = self.rest().find(['\\', '`', '\n', '<', '&', '*', '_', '~', '!', '[', ']', '$']);
                // Everything up to the next special character is one text.
                let end = match plain {
                    // A special character that has no meaning here.
                    Some(0) => c.len_utf8(),
                    Some(end) => end,
                    None => self.rest().len(),
                };
                self.take_text(end);
            }
        }
    }

    /// Consumes bytes as text.
    fn take_text(&mut self, length: usize) {
        let text = &self.text[self.at..self.at + length];
        self.at += length;
        self.push_text(text);
    }

    fn push_text(&mut self, text: &str) {
        // The bracket keeps its own node, because closing the link removes it.
        let bracket = self.brackets.last().is_some_and(|bracket| bracket.node + 1 == self.nodes.len());
        if let (Some(Node::Piece(Inline::Text(last), _)), false) = (self.nodes.last_mut(), bracket) {
            last.push_str(text);
        } else {
            self.nodes.push(Node::Piece(Inline::Text(text.to_owned()), 0));
        }
    }

    /// A formula in `\(…\)` or `\[…\]`, else the escaped bracket.
    fn formula(&mut self, end: &str) {
        // Without this check, brackets without an end would each search the rest of the text.
        let text = self.text;
        let last = *self.formula_ends.get_or_insert_with(|| text.rfind("\\)").max(text.rfind("\\]")).unwrap_or(0));
        let inner = if last > self.at { self.rest()[2..].find(end) } else { None };
        match inner {
            Some(length) => self.take_formula(length + 4),
            None => self.escape(),
        }
    }

    /// A formula in `$…$` or `$$…$$`. Prices are none: a formula has no space inside of its signs, and no letter or
    /// digit beside them.
    fn dollar(&mut self) {
        let rest = self.rest();
        if let Some(inner) = rest.strip_prefix("$$") {
            return match inner.find("$$") {
                Some(length) if length > 0 => self.take_formula(length + 4),
                _ => self.take_text(2),
            };
        }
        let inner = &rest[1..];
        let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let fits = |length: &usize| {
            let (inside, after) = (&inner[..*length], inner[length + 1..].chars().next());
            !inside.is_empty() && inside.trim() == inside && !word(after)
        };
        match dollar_end(inner).filter(|_| !word(self.text[..self.at].chars().next_back())).filter(fits) {
            Some(length) => self.take_formula(length + 2),
            None => self.take_text(1),
        }
    }

    fn take_formula(&mut self, length: usize) {
        self.nodes.push(Node::Piece(Inline::Math(self.rest()[..length].to_owned()), 0));
        self.at += length;
    }

    fn escape(&mut self) {
        self.at += 1;
        match self.rest().chars().next() {
            Some(c) if c.is_ascii_punctuation() => self.take_text(1),
            Some('\n') => {
                self.at += 1;
                self.nodes.push(Node::Piece(Inline::Break, 0));
            }
            _ => self.push_text("\\"),
        }
    }

    fn code(&mut self) {
        let rest = self.rest();
        let length = rest.len() - rest.trim_start_matches('`').len();
        let inner = &rest[length..];
        let last = self.backticks.get_or_insert_with(|| last_backticks(self.text)).get(length);
        // Without this check, unmatched runs of many lengths would each search the rest of the text.
        let may_close = last.is_some_and(|last| *last >= self.at + length);
        let end = if may_close { closing_backticks(inner, length) } else { None };
        match end {
            Some(end) => {
                self.nodes.push(Node::Piece(Inline::Code(code_text(&inner[..end])), 0));
                self.at += length + end + length;
            }
            None => self.take_text(length),
        }
    }

    /// Two or more spaces before a line end are a hard break, fewer are dropped.
    fn line_end(&mut self) {
        self.at += 1;
        let mut spaces = 0;
        if let Some(Node::Piece(Inline::Text(last), _)) = self.nodes.last_mut() {
            spaces = last.len() - last.trim_end_matches(' ').len();
            last.truncate(last.len() - spaces);
        }
        if spaces >= 2 { self.nodes.push(Node::Piece(Inline::Break, 0)) } else { self.push_text("\n") }
    }

    /// An autolink such as `<https://…>` or `<ann@example.org>`, or an HTML tag, which is text including its
    /// attributes.
    fn angle(&mut self) {
        let rest = &self.rest()[1..];
        // Neither an autolink nor a tag contains a second `<`.
        let Some(end) = rest.find(['<', '>']).filter(|end| rest[*end..].starts_with('>')) else {
            return self.take_text(1);
        };
        let inner = &rest[..end];
        let plain = !inner.is_empty() && !inner.contains(char::is_whitespace);
        // A simplified check; the full pattern of the specification would need a regular expression.
        let mail = plain
            && !inner.contains([':', '/', '\\'])
            && inner.split_once('@').is_some_and(|(to, at)| !to.is_empty() && !at.is_empty());
        let to = if mail { Cow::Owned(format!("mailto:{inner}")) } else { Cow::Borrowed(inner) };
        if plain && let Some(to) = safe_url(&to) {
            let text = vec![Inline::Text(inner.to_owned())];
            self.nodes.push(Node::Piece(Inline::Link { to: to.to_owned(), text }, 1));
            self.at += end + 2;
        } else if is_tag(inner) {
            self.take_text(end + 2);
        } else {
            self.take_text(1);
        }
    }

    fn entity(&mut self) {
        match entity_at(&self.rest()[1..]) {
            Some((c, length)) => {
                self.at += 1 + length;
                self.push_text(c.encode_utf8(&mut [0; 4]));
            }
            None => self.take_text(1),
        }
    }

    /// Reads a delimiter run. The characters on both sides decide whether it can open or close (the flanking rules of
    /// the specification).
    fn mark(&mut self, kind: char) {
        let rest = self.rest();
        let count = rest.len() - rest.trim_start_matches(kind).len();
        // One tilde is that of `~5` and `3~5`.
        if kind == '~' && count != 2 {
            return self.take_text(count);
        }
        let before = self.text[..self.at].chars().next_back();
        let after = rest[count..].chars().next();
        let space = |c: Option<char>| c.is_none_or(char::is_whitespace);
        let sign = |c: Option<char>| c.is_some_and(is_sign);
        // Between words without spaces punctuation says nothing about where emphasis begins and ends.
        let spaceless = |c: Option<char>| c.is_some_and(is_cjk);
        let free = spaceless(before) || spaceless(after);
        let left = !space(after) && (free || !sign(after) || space(before) || sign(before));
        let right = !space(before) && (free || !sign(before) || space(after) || sign(after));
        let (opens, closes) = match kind {
            // `_` does not work inside of words, as in `snake_case`.
            '_' => (left && (!right || sign(before)), right && (!left || sign(after))),
            _ => (left, right),
        };
        self.nodes.push(Node::DelimiterRun(DelimiterRun { kind, length: count, count, opens, closes }));
        self.at += count;
    }

    fn open_bracket(&mut self, mark: &str) {
        let node = self.nodes.len();
        self.nodes.push(Node::Piece(Inline::Text(mark.to_owned()), 0));
        self.at += mark.len();
        self.bracket_end = self.at;
        // Each closed link deactivates all open brackets, which is quadratic without a limit.
        if self.brackets.len() == MAX_BRACKETS {
            self.brackets.remove(0);
        }
        self.brackets.push(Bracket { node, after: self.at, image: mark.len() == 2, active: true });
    }

    /// Closes the text of a link if a destination or a reference follows.
    fn close_bracket(&mut self) {
        let inner_end = std::mem::replace(&mut self.bracket_end, self.at + 1);
        let Some(open) = self.brackets.pop() else { return self.take_text(1) };
        // Reference names contain no brackets.
        let words = if inner_end == open.after { &self.text[open.after..self.at] } else { "" };
        // Links do not contain links, but images in links are possible.
        let target = if open.active { self.target(words, &self.rest()[1..]) } else { None };
        let Some((to, length)) = target else { return self.take_text(1) };
        self.at += 1 + length;
        let inner = self.nodes.split_off(open.node + 1);
        // The opening bracket is no text any more.
        self.nodes.pop();
        // Emphasis inside of a link is matched before that around it.
        let (mut text, mut deepest) = emphasis::resolve(inner);
        if open.image {
            let mut words = String::new();
            plain(&text, &mut words);
            // An image without a description would be an invisible link.
            (text, deepest) = (vec![Inline::Text(if words.is_empty() { to.clone() } else { words })], 0);
        }
        match safe_url(&to).filter(|_| deepest < MAX_SPAN_DEPTH) {
            Some(to) => {
                let link = Inline::Link { to: to.to_owned(), text: without_links(text) };
                self.nodes.push(Node::Piece(link, deepest + 1));
            }
            None => self.nodes.extend(text.into_iter().map(|piece| Node::Piece(piece, deepest))),
        }
        if !open.image {
            self.brackets.iter_mut().filter(|bracket| !bracket.image).for_each(|bracket| bracket.active = false);
        }
    }

    /// The destination of a link and the length of its notation. `words` is the text of the link, empty if it cannot be
    /// a reference name.
    fn target(&self, words: &str, after: &str) -> Option<(String, usize)> {
        if let Some(found) = after.strip_prefix('(').and_then(address) {
            return Some((found.0, found.1 + 1));
        }
        let known = |name: &str| self.names.address(&folded(name));
        if let Some(inner) = after.strip_prefix('[')
            && let Some(end) = name_end(inner)
        {
            let name = &inner[..end];
            return known(if name.is_empty() { words } else { name }).map(|to| (to, name.len() + 2));
        }
        known(words).map(|to| (to, 0))
    }
}

/// Parses `destination "title")`. Returns the destination, and the length including the parenthesis.
fn address(text: &str) -> Option<(String, usize)> {
    let (address, end) = destination(text)?;
    let tail = &text[end..];
    let rest = tail[title(tail).unwrap_or(0)..].trim_start();
    rest.starts_with(')').then(|| (unescaped(address), text.len() - rest.len() + 1))
}

/// Collects the text of inlines, for the description of an image.
fn plain(pieces: &[Inline], into: &mut String) {
    for piece in pieces {
        match piece {
            Inline::Text(text) | Inline::Code(text) | Inline::Math(text) => into.push_str(text),
            Inline::Strong(inner) | Inline::Emphasis(inner) | Inline::Strike(inner) => plain(inner, into),
            Inline::Link { text, .. } => plain(text, into),
            Inline::FootnoteMark(_) => {}
            Inline::Break => into.push('\n'),
        }
    }
}

/// Replaces links by their text: those of images and autolinks inside of the text of a link.
fn without_links(pieces: Vec<Inline>) -> Vec<Inline> {
    let mut out = Vec::new();
    for piece in pieces {
        let piece = match piece {
            Inline::Link { text, .. } => {
                for piece in text {
                    emphasis::push(&mut out, piece);
                }
                continue;
            }
            Inline::Strong(inner) => Inline::Strong(without_links(inner)),
            Inline::Emphasis(inner) => Inline::Emphasis(without_links(inner)),
            Inline::Strike(inner) => Inline::Strike(without_links(inner)),
            piece => piece,
        };
        emphasis::push(&mut out, piece);
    }
    out
}

/// Whether the text between angle brackets looks like an HTML tag, or like an autolink that may not be followed.
fn is_tag(inner: &str) -> bool {
    let name = inner.strip_prefix('/').unwrap_or(inner);
    let rest = name.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '-');
    let named = name.starts_with(|c: char| c.is_ascii_alphabetic());
    named && (rest.is_empty() || rest.starts_with([' ', '\n', '/', ':'])) || inner.starts_with("!--")
}

/// The start of the last backtick run of each length, indexed by length.
fn last_backticks(text: &str) -> Vec<usize> {
    let mut last = Vec::new();
    let mut at = 0;
    while let Some(found) = text[at..].find('`') {
        let start = at + found;
        let run = text[start..].bytes().take_while(|byte| *byte == b'`').count();
        last.resize(last.len().max(run + 1), 0);
        last[run] = start;
        at = start + run;
    }
    last
}

/// The start of the next backtick run of exactly this length.
pub(crate) fn closing_backticks(text: &str, length: usize) -> Option<usize> {
    let mut at = 0;
    while let Some(found) = text[at..].find('`') {
        let start = at + found;
        let run = text[start..].bytes().take_while(|byte| *byte == b'`').count();
        if run == length {
            return Some(start);
        }
        at = start + run;
    }
    None
}

/// The content of a code span: line ends become spaces, and one space on both sides is stripped.
fn code_text(text: &str) -> String {
    let text = text.replace('\n', " ");
    let inner = text.strip_prefix(' ').and_then(|inner| inner.strip_suffix(' '));
    inner.filter(|inner| !inner.trim().is_empty()).map_or(text.clone(), str::to_owned)
}

/// The byte of the next `$` that is not escaped.
pub(crate) fn dollar_end(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes().position(|byte| {
        let found = byte == b'$' && !escaped;
        escaped = byte == b'\\' && !escaped;
        found
    })
}

/// Whether a character is of a script that is written without spaces: Chinese, Japanese, Korean, with their punctuation.
fn is_cjk(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe4f}'
        | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}')
}

/// Whether a character is punctuation for the flanking rules. Beyond ASCII that is everything but letters, digits and
/// white space; the Unicode tables would weigh too much.
fn is_sign(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_punctuation() } else { !c.is_alphanumeric() && !c.is_whitespace() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::references::Definitions;

    fn read(text: &str) -> Vec<Inline> {
        parse(text, &References::new([&Definitions::new(), &Definitions::new()], text))
    }

    fn words(text: &str) -> Inline {
        Inline::Text(text.to_owned())
    }

    fn math(text: &str) -> Inline {
        Inline::Math(text.to_owned())
    }

    #[test]
    fn a_formula_in_a_sentence_keeps_every_character() {
        assert_eq!(read("so $a_1*b_1$, and"), [words("so "), math("$a_1*b_1$"), words(", and")]);
        assert_eq!(read(r"\(x\,y\) or $$\$5$$"), [math(r"\(x\,y\)"), words(" or "), math(r"$$\$5$$")]);
        assert_eq!(read(r"\[a[1]\] z"), [math(r"\[a[1]\]"), words(" z")]);
    }

    #[test]
    fn prices_and_variables_are_no_formulas() {
        for text in ["$5 and $10", "$5-$10", "US$5, A$6", "$HOME/$USER", "a $ b $ c", "$5", "$$", "from $5/month"] {
            assert_eq!(read(text), [words(text)]);
        }
        assert_eq!(read(r"\(a and \[b"), [words("(a and [b")]);
    }

    #[test]
    fn one_tilde_is_no_mark() {
        assert_eq!(read("3~5 and ~6~"), [words("3~5 and ~6~")]);
    }

    #[test]
    fn emphasis_beside_the_punctuation_of_words_without_spaces() {
        let strong = |text: &str| Inline::Strong(vec![words(text)]);
        assert_eq!(read("これは**「強調」**です"), [words("これは"), strong("「強調」"), words("です")]);
        assert_eq!(read("**重要：**注意"), [strong("重要："), words("注意")]);
        assert_eq!(read("**注意。**See"), [strong("注意。"), words("See")]);
    }

    #[test]
    fn a_footnote_has_its_mark() {
        assert_eq!(read("a[^1] b"), [words("a"), Inline::FootnoteMark("1".into()), words(" b")]);
        assert_eq!(read("[^a-z] [^x]"), [words("[^a-z] [^x]")]);
    }
}
