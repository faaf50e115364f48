//! Bounds the frames of an answer.
//!
//! The parser of server-sent events buffers a frame until it ends. A provider that never ends one would fill memory, so
//! the bytes are counted before the parser receives them.

use crate::provider::ProviderError;

/// Longest frame in bytes, line ends included. Frames of real providers have some hundred.
const MAX_FRAME: usize = 1024 * 1024;

/// Counts the bytes of the current frame, which ends with an empty line.
#[derive(Debug, Default)]
pub(super) struct FrameLimit {
    frame: usize,
    line: usize,
    /// Whether the last byte was a carriage return: a line feed after it belongs to the same line end.
    returned: bool,
}

impl FrameLimit {
    /// Counts these bytes and returns them, or an error when a frame has become too long.
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
