//! Time stamps in tokens: `<microseconds>` of the run's clock, in base 36, beginning with a figure.
//!
//! The fake provider writes them, every device reads them. The stamp is part of the text, so it passes through the server
//! and the replica unchanged. A token with its stamp is as long as a word of English with its space, about: what a server
//! writes for a reply depends on the length of its text.

/// A stamp found in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// When the token was sent, in nanoseconds of the run's clock, to the microsecond.
    pub sent: u64,
    /// The byte after the stamp.
    pub end: usize,
}

const NANOS: u64 = 1_000;
const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// Writes stamps, each later than the one before.
#[derive(Debug, Default)]
pub struct Stamps {
    /// The last one, in microseconds.
    last: u64,
}

impl Stamps {
    /// The text of a token that is sent at this time, in nanoseconds of the run's clock.
    pub fn token(&mut self, sent: u64) -> String {
        // Tokens of one moment differ, because devices take a stamp that does not increase for a repetition.
        self.last = (self.last + 1).max(sent / NANOS);
        written(self.last)
    }
}

fn written(micros: u64) -> String {
    let (mut rest, mut backwards) = (micros, vec!['>']);
    while rest > 0 {
        backwards.push(usize::try_from(rest % 36).map_or('0', |digit| char::from(DIGITS[digit])));
        rest /= 36;
    }
    if !backwards.last().is_some_and(char::is_ascii_digit) {
        backwards.push('0');
    }
    backwards.push('<');
    backwards.iter().rev().collect()
}

/// The complete stamps in `text` from byte `from` on. A stamp whose end has not arrived is not returned.
pub fn scan(text: &str, from: usize) -> impl Iterator<Item = Stamp> {
    let mut at = from;
    std::iter::from_fn(move || {
        loop {
            let rest = text.get(at..)?;
            let open = at + rest.find('<')?;
            let close = open + text[open..].find('>')?;
            at = close + 1;
            let digits = &text[open + 1..close];
            // Other text in angle brackets is part of the reply: the tags of HTML begin with a letter.
            let micros =
                digits.starts_with(|first: char| first.is_ascii_digit()).then(|| u64::from_str_radix(digits, 36));
            if let Some(sent) = micros.and_then(|micros| micros.ok()?.checked_mul(NANOS)) {
                return Some(Stamp { sent, end: at });
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(text: &str, from: usize) -> Vec<u64> {
        scan(text, from).map(|stamp| stamp.sent).collect()
    }

    #[test]
    fn stamps_are_read_as_they_were_written() {
        let micros = [0, 1, 9, 10, 35, 36, 1_000, 59_999_999, u64::MAX / NANOS];
        let text: String = micros.iter().map(|micros| Stamps::default().token(micros * NANOS + 7)).collect();
        let read: Vec<_> = micros.iter().map(|micros| micros.max(&1) * NANOS).collect();
        assert_eq!(sent(&text, 0), read);
    }

    #[test]
    fn a_token_has_the_length_of_a_word() {
        assert_eq!(Stamps::default().token(59_999_999_000), "<0zq0an>");
        assert_eq!(Stamps::default().token(0), "<1>");
    }

    #[test]
    fn tokens_of_one_moment_have_increasing_stamps() {
        let mut stamps = Stamps::default();
        let text: String = [5_000, 5_000, 5_400, 9_000, 6_000].map(|at| stamps.token(at)).concat();
        assert_eq!(sent(&text, 0), [5_000, 6_000, 7_000, 9_000, 10_000]);
    }

    #[test]
    fn a_stamp_that_is_cut_is_found_when_its_rest_came() {
        let mut stamps = Stamps::default();
        let whole = format!("{}{}", stamps.token(7_000), stamps.token(8_000));
        let cut = &whole[..whole.len() - 2];
        let first = scan(cut, 0).last().unwrap();
        assert_eq!((first.sent, sent(cut, first.end)), (7_000, vec![]));
        assert_eq!(sent(&whole, first.end), [8_000]);
    }

    #[test]
    fn other_text_is_passed_over() {
        assert_eq!(sent("é <b>bold</b> <12> <> 1 < 2 <h1> <1!> <zzzzzzzzzzzzzz>", 0), [38_000]);
        assert_eq!(sent("", 0), [0_u64; 0]);
        assert_eq!(sent("é", 1), [0_u64; 0]);
        assert_eq!(sent(&format!("<0{}>", "z".repeat(13)), 0), [0_u64; 0]);
    }
}
