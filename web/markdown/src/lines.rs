//! Classification of single lines: blank, indented, start of a block.
//!
//! **Invariant:** each function takes linear time, and [`Paragraph`] reads each line once.

use crate::tree::{AlertKind, MAX_DEPTH};
use std::borrow::Cow;

/// Splits a text into lines without their ends.
pub(crate) fn split(text: &str) -> Vec<&str> {
    // A line end at the end of the text starts no line.
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)).collect()
}

/// Expands the tabs of the indentation, and those after the markers of items and quotes, to the next column that is a
/// multiple of four.
pub(crate) fn untabbed(line: &str) -> Cow<'_, str> {
    let is_marker = |byte: &u8| matches!(byte, b' ' | b'\t' | b'>' | b'-' | b'+' | b'*' | b'.' | b')' | b'0'..=b'9');
    let start = line.bytes().take_while(is_marker).count();
    if !line[..start].contains('\t') {
        return Cow::Borrowed(line);
    }
    let mut out = String::new();
    for c in line[..start].chars() {
        if c == '\t' { out.push_str(&"    "[out.len() % 4..]) } else { out.push(c) }
    }
    Cow::Owned(out + &line[start..])
}

pub(crate) fn is_blank(line: &str) -> bool {
    line.trim().is_empty()
}

/// The number of spaces at the start of a line.
pub(crate) fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Removes up to `columns` spaces from the start of a line.
pub(crate) fn outdented(line: &str, columns: usize) -> &str {
    &line[indent(line).min(columns)..]
}

pub(crate) struct Fence<'a> {
    mark: char,
    length: usize,
    /// The info string after the fence.
    pub(crate) info: &'a str,
}

impl Fence<'_> {
    pub(crate) fn is_closed_by(&self, line: &str) -> bool {
        let text = line.trim();
        indent(line) < 4 && text.len() >= self.length && text.chars().all(|c| c == self.mark)
    }
}

/// The opening fence of a code block: three or more backticks or tildes.
pub(crate) fn fence(line: &str) -> Option<Fence<'_>> {
    let text = line.trim_start_matches(' ');
    let mark = text.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
    let info = text.trim_start_matches(mark);
    let length = text.len() - info.len();
    // Backticks in the info string would make inline code look like a fence.
    let fits = indent(line) < 4 && length >= 3 && !(mark == '`' && info.contains('`'));
    fits.then(|| Fence { mark, length, info: info.trim() })
}

/// An ATX heading such as `## Text ##`: its level and text.
pub(crate) fn heading(line: &str) -> Option<(u8, &str)> {
    let text = outdented(line, 3).trim_end();
    let words = text.trim_start_matches('#');
    let level = u8::try_from(text.len() - words.len()).ok().filter(|level| (1..=6).contains(level))?;
    if !(words.is_empty() || words.starts_with([' ', '\t'])) {
        return None;
    }
    // Trailing `#` are removed only if a space separates them from the text: `# C#` keeps its own.
    let closed = words.trim_end_matches('#');
    let words = if closed.is_empty() || closed.ends_with([' ', '\t']) { closed } else { words };
    Some((level, words.trim()))
}

/// What ends the formula that begins in lines of its own with this line: `$$` or `\]`. It may be the end of the line.
pub(crate) fn formula_end(line: &str) -> Option<&'static str> {
    let text = line.trim_end().trim_start_matches(' ');
    let (rest, end, early) = match text.strip_prefix("$$") {
        Some(rest) => (rest, "$$", "$$"),
        // A bracket before the end is more likely that of `\[1]` than that of a formula.
        None => (text.strip_prefix("\\[")?, "\\]", "]"),
    };
    let marks_only = !rest.is_empty() && rest.trim_matches('$').is_empty();
    let ends = rest.find(early).is_none_or(|at| at + early.len() == rest.len() && rest.ends_with(end));
    (indent(line) < 4 && ends && !marks_only).then_some(end)
}

/// The name at the start of a footnote `[^1]: words`, and its words.
pub(crate) fn footnote(line: &str) -> Option<(&str, &str)> {
    let text = line.trim_start_matches(' ');
    let name = footnote_name(text).filter(|_| indent(line) < 4)?;
    Some((name, text[name.len() + 3..].strip_prefix(':')?.trim()))
}

/// The name in the mark of a footnote, `[^1]`, at the start of a text. Other texts in brackets, such as `[^a-z]`, are no
/// marks.
pub(crate) fn footnote_name(text: &str) -> Option<&str> {
    let inner = text.strip_prefix("[^")?;
    let name = &inner[..inner.bytes().take_while(u8::is_ascii_alphanumeric).count()];
    let is_name = name.bytes().any(|byte| byte.is_ascii_digit()) || name.starts_with("note");
    (is_name && name.len() <= 32 && inner[name.len()..].starts_with(']')).then_some(name)
}

/// The mark of an alert, in the first line of a quote.
pub(crate) fn alert(line: &str) -> Option<AlertKind> {
    Some(match line.trim() {
        "[!NOTE]" => AlertKind::Note,
        "[!TIP]" => AlertKind::Tip,
        "[!IMPORTANT]" => AlertKind::Important,
        "[!WARNING]" => AlertKind::Warning,
        "[!CAUTION]" => AlertKind::Caution,
        _ => return None,
    })
}

/// The underline of a setext heading, `===` or `---`: its level.
pub(crate) fn underline(line: &str) -> Option<u8> {
    let text = line.trim_end().trim_start_matches(' ');
    if indent(line) >= 4 || text.is_empty() {
        return None;
    }
    if text.bytes().all(|byte| byte == b'=') { Some(1) } else { text.bytes().all(|byte| byte == b'-').then_some(2) }
}

/// A thematic break: three or more of `-`, `*` or `_`.
pub(crate) fn is_rule(line: &str) -> bool {
    let mut marks = line.chars().filter(|c| !matches!(c, ' ' | '\t'));
    let Some(mark) = marks.next().filter(|mark| matches!(mark, '-' | '*' | '_')) else { return false };
    let mut count = 1;
    marks.all(|c| {
        count += 1;
        c == mark
    }) && count >= 3
        && indent(line) < 4
}

/// The content of a line of a block quote.
pub(crate) fn quoted(line: &str) -> Option<&str> {
    let inner = line.trim_start_matches(' ').strip_prefix('>').filter(|_| indent(line) < 4)?;
    Some(inner.strip_prefix(' ').unwrap_or(inner))
}

/// The marker of a list item.
#[derive(Clone, Copy)]
pub(crate) struct Marker {
    /// One of `-`, `+`, `*`, `.` and `)`. Items with another character start another list.
    kind: u8,
    /// The number of an ordered item.
    pub(crate) number: Option<u64>,
    /// The column at which its content starts.
    pub(crate) content: usize,
    /// Whether the rest of the line is blank.
    empty: bool,
}

impl Marker {
    /// The content of a line after this marker.
    pub(crate) fn inside<'a>(&self, line: &'a str) -> &'a str {
        line.get(self.content..).unwrap_or("")
    }

    pub(crate) fn same_list(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

/// The list marker at the start of a line.
pub(crate) fn marker(line: &str) -> Option<Marker> {
    let start = indent(line);
    let text = &line[start..];
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let kind = *text.as_bytes().get(digits)?;
    let number = match (digits, kind) {
        (0, b'-' | b'+' | b'*') => None,
        (1..=9, b'.' | b')') => Some(text[..digits].parse().ok()?),
        _ => return None,
    };
    let rest = &text[digits + 1..];
    let (empty, spaces) = (is_blank(rest), indent(rest));
    // Deeper indentation is code; a marker needs a space after it, unless the item is empty.
    if start >= 4 || !(empty || spaces > 0) {
        return None;
    }
    // Five or more spaces are one, and the rest belongs to indented code.
    let gap = if empty || spaces > 4 { 1 } else { spaces };
    Some(Marker { kind, number, content: start + digits + 1 + gap, empty })
}

/// The box of a task list item: whether it is ticked, and the text after it.
pub(crate) fn tick(line: &str) -> Option<(bool, &str)> {
    let rest = line.strip_prefix('[')?;
    let ticked = match rest.as_bytes().first()? {
        b' ' => false,
        b'x' | b'X' => true,
        _ => return None,
    };
    let rest = rest[1..].strip_prefix(']')?;
    rest.starts_with(' ').then(|| (ticked, rest.trim_start()))
}

/// Whether a line interrupts the paragraph before it.
pub(crate) fn interrupts(line: &str) -> bool {
    if indent(line) >= 4 {
        return is_blank(line);
    }
    // A number in running text rarely starts a list; the specification requires 1.
    let list = marker(line).is_some_and(|marker| !marker.empty && marker.number.is_none_or(|number| number == 1));
    is_blank(line)
        || list
        || fence(line).is_some()
        || heading(line).is_some()
        || is_rule(line)
        || quoted(line).is_some()
        || formula_end(line).is_some()
        || footnote(line).is_some()
}

/// A line without markers that continues the paragraph of a container. White space that is no indentation keeps it from
/// starting a block in there, and from underlining the paragraph.
pub(crate) fn lazy(line: &str) -> Cow<'_, str> {
    let text = outdented(line, line.len());
    if indent(line) >= 4 || underline(line).is_some() {
        Cow::Owned(format!("\u{b}{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Tracks whether the content of a quote or item ends in a paragraph, which a line without markers may continue ("lazy
/// continuation" in the specification).
#[derive(Default)]
pub(crate) struct Paragraph {
    read: usize,
    /// The fence of a code block that is open.
    fence: Option<Fence<'static>>,
    words: bool,
    /// Whether the paragraph is inside of further quotes and items.
    nested: bool,
}

impl Paragraph {
    /// Whether a line continues the paragraph at the end of `inside`, although it lacks the markers or indentation of
    /// the container. `inside` must extend the lines of the last call.
    pub(crate) fn continues(&mut self, line: &str, inside: &[Cow<'_, str>]) -> bool {
        if interrupts(line) || marker(line).is_some() {
            return false;
        }
        for line in &inside[self.read..] {
            self.read(line);
        }
        self.read = inside.len();
        self.words
    }

    fn read(&mut self, whole: &str) {
        // In a paragraph an empty marker, or one with a number, is text.
        let continues = self.words && !self.nested && !interrupts(whole);
        let line = if continues { whole } else { inner(whole) };
        self.nested = line.len() < whole.len() || (self.nested && self.words);
        if let Some(fence) = &self.fence {
            if fence.is_closed_by(line) {
                self.fence = None;
            }
            return;
        }
        self.fence = fence(line).map(|Fence { mark, length, .. }| Fence { mark, length, info: "" });
        let underlined = continues && underline(line).is_some();
        let ends = is_blank(line) || heading(line).is_some() || is_rule(line) || underlined;
        // Indented lines continue a paragraph but do not start one, because alone they are code.
        self.words = self.fence.is_none() && !ends && (self.words || indent(line) < 4);
    }
}

/// Strips the markers of items and quotes from a line.
fn inner(mut line: &str) -> &str {
    for _ in 0..=MAX_DEPTH {
        line = match (quoted(line), marker(line)) {
            (Some(inner), _) => inner,
            (None, Some(marker)) if !is_rule(line) => marker.inside(line),
            _ => return line,
        };
    }
    line
}
