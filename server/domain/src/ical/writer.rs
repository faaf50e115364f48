//! Lines of a calendar: escaped, folded, ended by CR LF.

use std::fmt::Write as _;

/// Octets of a line without its end (RFC 5545, 3.1).
const LINE_OCTETS: usize = 75;

#[derive(Debug, Default)]
pub(super) struct Writer(String);

impl Writer {
    /// A line whose content needs no escape.
    pub(super) fn line(&mut self, content: &str) {
        let mut room = LINE_OCTETS;
        for letter in content.chars() {
            // Between characters only: a reader may decode each line by itself.
            if letter.len_utf8() > room {
                self.0.push_str("\r\n ");
                // The space counts.
                room = LINE_OCTETS - 1;
            }
            room -= letter.len_utf8();
            self.0.push(letter);
        }
        self.0.push_str("\r\n");
    }

    /// A property of type TEXT.
    pub(super) fn text(&mut self, name: &str, value: &str) {
        self.line(&format!("{name}:{}", escaped(value)));
    }

    /// A property with several texts.
    pub(super) fn list(&mut self, name: &str, values: &[String]) {
        let values: Vec<_> = values.iter().map(|value| escaped(value)).collect();
        self.line(&format!("{name}:{}", values.join(",")));
    }

    pub(super) fn finish(self) -> String {
        self.0
    }
}

/// A text as RFC 5545 (3.3.11) writes it. Control characters, which it does not allow, are left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' | ';' | ',' => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\{letter}");
            }
            '\n' => out.push_str("\\n"),
            '\t' => out.push(letter),
            letter if letter.is_control() => {}
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_cannot_end_their_line() {
        assert_eq!(escaped("a;b,c\\d\r\nBEGIN:VEVENT\u{7}\u{85}"), "a\\;b\\,c\\\\d\\nBEGIN:VEVENT");
    }

    #[test]
    fn long_lines_are_folded_between_characters() {
        let mut out = Writer::default();
        out.text("SUMMARY", &"ä€🙂".repeat(60));
        let folded = out.finish();
        let lines: Vec<&str> = folded.strip_suffix("\r\n").unwrap().split("\r\n").collect();
        assert!(lines.len() > 6 && lines.iter().all(|line| line.len() <= LINE_OCTETS), "{lines:?}");
        assert!(lines[1..].iter().all(|line| line.starts_with(' ')));
        assert_eq!(folded.replace("\r\n ", ""), format!("SUMMARY:{}\r\n", "ä€🙂".repeat(60)));
    }
}
