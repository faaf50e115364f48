//! Link reference definitions, such as `[name]: https://example.org`, and their use; the URLs and titles of links.

use crate::{entities::unescaped, lines::is_blank};
use litemap::LiteMap;
use std::cell::Cell;

/// URLs by normalised name.
pub(crate) type Definitions = LiteMap<String, String>;

/// The total length of URLs that references of a text may expand to, at least; longer texts may expand to their own
/// length. Otherwise a long URL with a short name could multiply the size of a text.
const NAMED_BYTES: usize = 64 * 1024;

/// The longest name in bytes, by the specification.
const MAX_NAME: usize = 1_000;

/// Nested parentheses in the URL of a link.
const MAX_PARENTHESES: usize = 32;

/// The longest title of a link in bytes. Titles are not shown.
const MAX_TITLE: usize = 1_000;

/// The references that a text can use: those of the text before it, and its own.
pub(crate) struct References<'a> {
    definitions: [&'a Definitions; 2],
    /// The bytes that may still be expanded.
    left: Cell<usize>,
}

impl<'a> References<'a> {
    pub(crate) fn new(definitions: [&'a Definitions; 2], text: &str) -> Self {
        Self { definitions, left: Cell::new(NAMED_BYTES.max(text.len())) }
    }

    /// The URL of a normalised name; `None` also when the limit is reached.
    pub(crate) fn address(&self, name: &str) -> Option<String> {
        let address = self.definitions.iter().find_map(|definitions| definitions.get(name))?;
        let left = self.left.get().checked_sub(address.len())?;
        self.left.set(left);
        Some(address.clone())
    }
}

/// Parses the definition at the start of a paragraph: its name, its URL, and its length with the line end.
pub(crate) fn definition(text: &str) -> Option<(String, String, usize)> {
    let inner = text.strip_prefix('[')?;
    let name = &inner[..name_end(inner)?];
    let rest = inner[name.len() + 1..].strip_prefix(':')?;
    let (address, length) = destination(rest)?;
    let tail = &rest[length..];
    let line_end = |tail: &str| {
        let line = tail.split('\n').next().unwrap_or("");
        is_blank(line).then(|| text.len() - tail.len() + (line.len() + 1).min(tail.len()))
    };
    // What is no title after all may still be the next line of the paragraph.
    let end = title(tail).and_then(|length| line_end(&tail[length..])).or_else(|| line_end(tail))?;
    (!is_blank(name) && !address.is_empty()).then(|| (folded(name), unescaped(address), end))
}

/// The end of a name, which contains no brackets that are not escaped.
pub(crate) fn name_end(text: &str) -> Option<usize> {
    let end = unescaped_end(text, MAX_NAME, |byte| matches!(byte, b'[' | b']'))?;
    text[end..].starts_with(']').then_some(end)
}

/// Parses the URL of a link or a definition. Returns it with its escapes, and the length with the white space before.
pub(crate) fn destination(text: &str) -> Option<(&str, usize)> {
    let rest = text.trim_start();
    let start = text.len() - rest.len();
    if let Some(inner) = rest.strip_prefix('<') {
        let close = unescaped_end(inner, usize::MAX, |byte| matches!(byte, b'>' | b'\n' | b'<'))?;
        return inner[close..].starts_with('>').then(|| (&inner[..close], start + close + 2));
    }
    let mut depth = 0;
    let end = unescaped_end(rest, usize::MAX, |byte| {
        depth += usize::from(byte == b'(');
        let closes = byte == b')' && depth > 0;
        depth -= usize::from(closes);
        depth > MAX_PARENTHESES || (byte == b')' && !closes) || byte.is_ascii_whitespace() || byte.is_ascii_control()
    });
    let end = end.unwrap_or(rest.len());
    (depth == 0).then(|| (&rest[..end], start + end))
}

/// The length of the title after a URL, with the white space that has to be before it.
pub(crate) fn title(tail: &str) -> Option<usize> {
    let title = tail.trim_start();
    let open = title.bytes().next().filter(|open| matches!(open, b'"' | b'\'' | b'('))?;
    let close = if open == b'(' { b')' } else { open };
    let end = unescaped_end(&title[1..], MAX_TITLE, |byte| byte == open || byte == close)? + 1;
    let closed = title.as_bytes()[end] == close && title.len() < tail.len();
    closed.then_some(tail.len() - title.len() + end + 1)
}

/// The position of the first byte that ends something and has no backslash before it, in the first bytes of a text.
fn unescaped_end(text: &str, within: usize, mut ends: impl FnMut(u8) -> bool) -> Option<usize> {
    let mut escaped = false;
    text.bytes().take(within).position(|byte| {
        let end = !(escaped && byte.is_ascii_punctuation()) && ends(byte);
        escaped = byte == b'\\' && !escaped;
        end
    })
}

/// Normalises a name: ASCII lower case, single spaces.
pub(crate) fn folded(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_ascii_lowercase()
}
