//! One form of every character, so that rules match one spelling: phones type curly quotes and long dashes.

use super::nfc;

/// Limit of the characters of a message that are read; the rest is cut off. No sentence about tasks is longer, and the time
/// to read stays bounded whatever is pasted.
const MAX_CHARS: usize = 2_000;

/// Composes characters (NFC), makes quotes and dashes plain, and every run of white space one space.
pub(crate) fn normalise(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in nfc(text).take(MAX_CHARS) {
        match plain(c) {
            Some(' ') if out.is_empty() || out.ends_with(' ') => {}
            Some(c) => out.push(c),
            None => {}
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// The plain form of one character; `None` for those that only control layout. Joiners stay: they are part of emoji and of
/// Persian and Indic words.
fn plain(c: char) -> Option<char> {
    Some(match c {
        '\u{2018}' | '\u{2019}' | '\u{201A}' | '\u{201B}' | '\u{2032}' | '\u{00B4}' => '\'',
        '\u{201C}' | '\u{201D}' | '\u{201E}' | '\u{201F}' | '\u{2033}' | '\u{00AB}' | '\u{00BB}' => '"',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' => {
            return None;
        }
        c if c.is_whitespace() => ' ',
        c if c.is_control() => return None,
        c => c,
    })
}

#[cfg(test)]
mod tests {
    use super::normalise;

    #[test]
    fn curly_quotes_and_long_dashes_become_plain() {
        assert_eq!(normalise("\u{201C}Ann\u{2019}s\u{201D} 3\u{2013}4"), "\"Ann's\" 3-4");
    }

    #[test]
    fn white_space_runs_become_one_space_and_layout_marks_go() {
        assert_eq!(normalise("  buy\n\tmilk\u{200B} \u{A0} "), "buy milk");
    }

    #[test]
    fn joiners_are_kept() {
        for text in ["\u{1F469}\u{200D}\u{1F467} day", "\u{645}\u{6CC}\u{200C}\u{62E}\u{648}\u{627}\u{647}\u{645}"] {
            assert_eq!(normalise(text), text);
        }
    }

    #[test]
    fn letters_are_composed() {
        assert_eq!(normalise("cafe\u{301}"), "caf\u{e9}");
    }
}
