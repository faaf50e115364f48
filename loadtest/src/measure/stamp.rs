//! Time stamps in tokens: `<nanoseconds>` of the run's clock.
//!
//! The fake provider writes them, every device reads them. The stamp is part of the text, so it passes through the server
//! and the replica unchanged.

/// A stamp found in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// When the token was sent, in nanoseconds of the run's clock.
    pub sent: u64,
    /// The byte after the stamp.
    pub end: usize,
}

pub fn token(sent: u64) -> String {
    format!("<{sent}> ")
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
            // Other text in angle brackets is part of the reply.
            if let Ok(sent) = text[open + 1..close].parse() {
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
        let text = [token(1), token(22), token(u64::MAX)].concat();
        assert_eq!(sent(&text, 0), [1, 22, u64::MAX]);
    }

    #[test]
    fn a_stamp_that_is_cut_is_found_when_its_rest_came() {
        let whole = format!("{}{}", token(7), token(8));
        let cut = &whole[..whole.len() - 3];
        let first = scan(cut, 0).last().unwrap();
        assert_eq!((first.sent, sent(cut, first.end)), (7, vec![]));
        assert_eq!(sent(&whole, first.end), [8]);
    }

    #[test]
    fn other_text_is_passed_over() {
        assert_eq!(sent("é <b>bold</b> <12> <> 1 < 2", 0), [12]);
        assert_eq!(sent("", 0), [0_u64; 0]);
        assert_eq!(sent("é", 1), [0_u64; 0]);
    }
}
