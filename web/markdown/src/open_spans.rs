//! Completes open inline markup (emphasis, code, links) at the end of a text that is still being streamed.

use crate::spans::{closing_backticks, dollar_end};

/// The text with its open spans closed; `None` if none is open.
pub(crate) fn close_spans(text: &str) -> Option<String> {
    let mut scan = Scan { text, at: 0, open: Vec::new(), last: Default::default(), end: text.len(), code: 0 };
    scan.run();
    scan.closed()
}

#[derive(Debug, PartialEq, Eq)]
enum OpenSpan {
    /// A delimiter run: its character and length.
    DelimiterRun(u8, usize),
    /// The text of a link, which starts at this byte with `[` or `![`.
    Bracket(usize),
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
    open: Vec<OpenSpan>,
    /// The indices in `open` of the spans of each [`kind`], so that no search is necessary.
    last: [Vec<usize>; 4],
    /// The end of what is shown.
    end: usize,
    /// The number of backticks of an open code span, 0 for none.
    code: usize,
}

impl Scan<'_> {
    fn run(&mut self) {
        while let Some(&byte) = self.text.as_bytes().get(self.at) {
            match byte {
                b'$' => self.dollar(),
                b'\\' if self.text[self.at..].starts_with("\\(") => self.formula(2, "\\)"),
                b'\\' if self.text[self.at..].starts_with("\\[") => self.formula(2, "\\]"),
                // Skips the escaped character, whatever it is.
                b'\\' => self.at += 2,
                b'`' => self.backticks(),
                b'*' | b'_' | b'~' => self.mark(byte),
                b'[' => {
                    let image = self.at > 0 && self.text.as_bytes()[self.at - 1] == b'!';
                    self.push(OpenSpan::Bracket(self.at - usize::from(image)));
                    self.at += 1;
                }
                b']' => self.bracket_end(),
                _ => self.at += 1,
            }
        }
    }

    /// Skips a formula, which is shown as it is; without its end, that is the rest of the text.
    fn formula(&mut self, start: usize, end: &str) {
        let inner = &self.text[self.at + start..];
        self.at += start + inner.find(end).map_or(inner.len(), |length| length + end.len());
    }

    fn dollar(&mut self) {
        let rest = &self.text[self.at + 1..];
        if rest.starts_with('$') {
            return self.formula(2, "$$");
        }
        let before = self.text[..self.at].chars().next_back();
        let price = rest.starts_with(|c: char| c.is_whitespace() || c.is_ascii_digit());
        self.at += 1;
        if !price && !before.is_some_and(char::is_alphanumeric) {
            self.at += dollar_end(rest).map_or(rest.len(), |length| length + 1);
        }
    }

    fn push(&mut self, open: OpenSpan) {
        self.last[kind(&open)].push(self.open.len());
        self.open.push(open);
    }

    /// Removes the spans from an index on.
    fn truncate(&mut self, index: usize) {
        while self.open.len() > index {
            let Some(open) = self.open.pop() else { return };
            self.last[kind(&open)].pop();
        }
    }

    fn run_length(&self, byte: u8) -> usize {
        self.text.as_bytes()[self.at..].iter().take_while(|&&other| other == byte).count()
    }

    fn backticks(&mut self) {
        let length = self.run_length(b'`');
        let after = self.at + length;
        if let Some(close) = closing_backticks(&self.text[after..], length) {
            self.at = after + close + length;
        } else if after == self.text.len() {
            self.end = self.at;
            self.at = after;
        } else {
            self.code = length;
            // Backticks at the end of the text are the beginning of the closing ones.
            let content = self.text.trim_end_matches('`').len();
            self.end = content.max(after);
            self.at = self.text.len();
        }
    }

    fn mark(&mut self, byte: u8) {
        let length = self.run_length(byte);
        let before = self.text[..self.at].chars().next_back();
        let after = self.text[self.at + length..].chars().next();
        let opened = self.last[kind(&OpenSpan::DelimiterRun(byte, 0))].last().copied();
        // A run after white space can only open.
        let closes = before.is_some_and(|c| !c.is_whitespace()) && opened.is_some();
        let inside_word = byte == b'_' && before.is_some_and(char::is_alphanumeric);
        match (opened, after) {
            // Approximate: the exact flanking rules apply when the reply is complete.
            (Some(index), _) if closes => self.close_mark(index, byte, length, after.is_none()),
            (_, Some(next)) if !next.is_whitespace() && !inside_word && (byte != b'~' || length == 2) => {
                self.push(OpenSpan::DelimiterRun(byte, length));
            }
            // Whether the run opens or closes depends on the next character, so it is not shown yet.
            (_, None) => self.end = self.at,
            _ => {}
        }
        self.at += length;
    }

    fn close_mark(&mut self, index: usize, byte: u8, length: usize, at_end: bool) {
        let OpenSpan::DelimiterRun(_, opened) = self.open[index] else { return };
        if length >= opened {
            self.truncate(index);
        } else if at_end {
            self.end = self.at;
        } else {
            self.truncate(index);
            self.push(OpenSpan::DelimiterRun(byte, opened - length));
        }
    }

    fn bracket_end(&mut self) {
        let Some(index) = self.last[kind(&OpenSpan::Bracket(0))].last().copied() else {
            self.at += 1;
            return;
        };
        let rest = &self.text[self.at + 1..];
        if !rest.starts_with('(') {
            self.truncate(index);
            self.at += 1;
        } else if let Some(close) = rest.find(')') {
            self.truncate(index);
            self.at += 1 + close + 1;
        } else {
            // The rest of the text is an incomplete address: only the text of the link is shown. The bracket stays
            // open, so that `closed` leaves it out.
            self.end = self.at;
            self.at = self.text.len();
        }
    }

    fn closed(self) -> Option<String> {
        if self.open.is_empty() && self.code == 0 && self.end == self.text.len() {
            return None;
        }
        let mut shown = String::with_capacity(self.text.len() + 8);
        let mut from = 0;
        for open in &self.open {
            // Brackets of links that have no address yet are left out, whether `[` or `![`.
            if let OpenSpan::Bracket(start) = *open
                && start < self.end
            {
                shown.push_str(&self.text[from..start]);
                from = self.text[start..].find('[').map_or(start, |bracket| start + bracket + 1);
            }
        }
        shown.push_str(&self.text[from..self.end.max(from)]);
        // Delimiters after white space would not close, so the white space moves behind them.
        let space = shown.split_off(shown.trim_end().len());
        shown.extend(std::iter::repeat_n('`', self.code));
        for open in self.open.iter().rev() {
            if let OpenSpan::DelimiterRun(mark, length) = open {
                shown.extend(std::iter::repeat_n(char::from(*mark), *length));
            }
        }
        shown.push_str(&space);
        Some(shown)
    }
}

fn kind(open: &OpenSpan) -> usize {
    match open {
        OpenSpan::DelimiterRun(b'*', _) => 0,
        OpenSpan::DelimiterRun(b'_', _) => 1,
        OpenSpan::DelimiterRun(..) => 2,
        OpenSpan::Bracket(_) => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(text: &str) -> String {
        close_spans(text).unwrap_or_else(|| text.to_owned())
    }

    #[test]
    fn open_emphasis_is_closed_in_the_right_order() {
        for (typed, visible) in [
            ("a **b", "a **b**"),
            ("a **b *c", "a **b *c***"),
            ("a **b ", "a **b** "),
            ("***both", "***both***"),
            ("~~old", "~~old~~"),
            ("_so", "_so_"),
        ] {
            assert_eq!(shown(typed), visible);
        }
    }

    #[test]
    fn marks_at_the_end_wait_for_what_follows() {
        for (typed, visible) in [("a *", "a "), ("a **", "a "), ("**b*", "**b**"), ("a `", "a "), ("**b**", "**b**")] {
            assert_eq!(shown(typed), visible);
        }
    }

    #[test]
    fn open_code_is_closed_and_what_is_in_it_left_alone() {
        assert_eq!(shown("run `cargo **x"), "run `cargo **x`");
        assert_eq!(shown("``a ` b"), "``a ` b``");
        assert_eq!(shown("``a `"), "``a`` ");
        assert_eq!(shown("`a` and `b`"), "`a` and `b`");
    }

    #[test]
    fn a_link_shows_its_words_until_it_has_an_address() {
        assert_eq!(shown("see [the docs"), "see the docs");
        assert_eq!(shown("see [the docs](https://exa"), "see the docs");
        assert_eq!(shown("see [the docs](https://a.b)"), "see [the docs](https://a.b)");
        assert_eq!(shown("![a pict"), "a pict");
        assert_eq!(shown("**[a](b"), "**a**");
    }

    #[test]
    fn plain_text_is_left_alone() {
        for text in ["2 * 3 * 4", "snake_case_name", "a \\*b", "[x] done", "~5 minutes", "", "\\"] {
            assert_eq!(close_spans(text), None, "{text}");
        }
    }

    #[test]
    fn a_formula_is_left_alone() {
        for text in ["so $a_1 * b", "\\(a_1 * b", "$$\na_1 *", "cost $5 and *"] {
            assert!(!shown(text).contains("**") && !shown(text).ends_with('_'), "{text}");
        }
        assert_eq!(shown("$a_1$ **b"), "$a_1$ **b**");
        assert_eq!(shown("from $5 **b"), "from $5 **b**");
    }

    proptest! {
        #[test]
        fn nothing_makes_it_stumble(text in "[\\[\\]()*_~`!$\\\\a é\n]{0,40}") {
            let _ = close_spans(&text);
        }
    }
}
