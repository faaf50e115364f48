//! The bytes of an answer on their way to whoever splits them into events: a provider that never ends a frame would
//! otherwise fill memory with it.

use crate::provider::ProviderError;

/// Longest frame, in bytes with its line ends. Real ones have some hundred.
const MAX_FRAME: usize = 1024 * 1024;

/// Counts the bytes of the frame that is under way. A frame ends with an empty line.
#[derive(Debug, Default)]
pub(super) struct FrameLimit {
    frame: usize,
    line: usize,
    /// Whether the last byte was a carriage return: a line feed after it ends the same line.
    returned: bool,
}

impl FrameLimit {
    /// Lets bytes pass while their frames end in time.
    pub(super) fn check<B: AsRef<[u8]>>(&mut self, bytes: B) -> Result<B, ProviderError> {
        for &byte in bytes.as_ref() {
            self.frame += 1;
            match byte {
                b'\n' if self.returned => {}
                b'\n' | b'\r' => {
                    if self.line == 0 {
                        self.frame = 0;
                    }
                    self.line = 0;
                }
                _ => self.line += 1,
            }
            self.returned = byte == b'\r';
        }
        if self.frame > MAX_FRAME { Err(ProviderError::Unreadable) } else { Ok(bytes) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_that_end_pass_however_many_there_are() {
        for end in ["\n\n", "\r\n\r\n", "\r\r"] {
            let (mut limit, frame) = (FrameLimit::default(), format!("data: {}{end}", "x".repeat(1000)));
            assert!((0..3000).all(|_| limit.check(&frame).is_ok()), "{end:?}");
        }
    }

    #[test]
    fn a_frame_without_end_does_not_pass_in_one_line_or_in_many() {
        for end in ["", "\n", "\r\n"] {
            let (mut limit, line) = (FrameLimit::default(), format!("data: {}{end}", "x".repeat(1000)));
            assert!((0..3000).any(|_| limit.check(&line).is_err()), "{end:?}");
        }
    }
}
