//! What a device is sent at once, as bytes of the socket.

use super::wire::{Encoded, array};
use tokio_tungstenite::tungstenite::protocol::frame::{
    Frame,
    coding::{Data, OpCode},
};

/// Frames that are sent together have up to this many bytes, and one frame more.
pub(super) const MAX_BATCH_BYTES: usize = 64 * 1024;

/// Frames for one device. A round keeps it from device to device: those that get the same share its bytes.
#[derive(Debug, Default)]
pub struct FrameBatch {
    frames: Vec<Encoded>,
    batched: bool,
    bytes: Vec<u8>,
    /// Where the next device's frames are laid until it is known whether they are the same.
    next: Vec<Encoded>,
}

impl FrameBatch {
    /// Takes frames instead of those that it has; `batched` makes an array of several. False when there are none.
    pub(super) fn fill(&mut self, batched: bool, fill: impl FnOnce(&mut Vec<Encoded>)) -> bool {
        self.next.clear();
        fill(&mut self.next);
        if self.next.is_empty() {
            return false;
        }
        let same = self.batched == batched
            && self.frames.len() == self.next.len()
            && self.frames.iter().zip(&self.next).all(|(a, b)| a.as_ptr() == b.as_ptr() && a.len() == b.len());
        if !same {
            std::mem::swap(&mut self.frames, &mut self.next);
            self.batched = batched;
            self.bytes.clear();
            for message in messages(&self.frames, batched) {
                let frame = Frame::message(message, OpCode::Data(Data::Text), true);
                // Writing to memory does not fail.
                let _ = frame.format(&mut self.bytes);
            }
        }
        true
    }

    /// As they go over the socket.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// The messages that bring frames to a device: an array for one that takes arrays, else one for each.
pub(super) fn messages(frames: &[Encoded], batched: bool) -> impl Iterator<Item = Encoded> {
    let together = (batched && frames.len() > 1).then(|| array(frames));
    let apart = if together.is_some() { &[] } else { frames };
    together.into_iter().chain(apart.iter().cloned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::slice::from_ref;

    fn fill(batch: &mut FrameBatch, batched: bool, frames: &[Encoded]) -> bool {
        batch.fill(batched, |next| next.extend_from_slice(frames))
    }

    #[test]
    fn frames_become_messages_or_one_array() {
        let (a, b): (Encoded, Encoded) = (r#"{"a":1}"#.into(), r#"{"b":2}"#.into());
        let mut batch = FrameBatch::default();
        assert!(!fill(&mut batch, true, &[]));
        assert!(fill(&mut batch, true, from_ref(&a)));
        assert_eq!(batch.bytes(), b"\x81\x07{\"a\":1}");
        assert!(fill(&mut batch, true, &[a.clone(), b.clone()]));
        assert_eq!(batch.bytes(), b"\x81\x11[{\"a\":1},{\"b\":2}]");
        assert!(fill(&mut batch, false, &[a, b]));
        assert_eq!(batch.bytes(), b"\x81\x07{\"a\":1}\x81\x07{\"b\":2}");
    }

    #[test]
    fn what_the_next_device_gets_too_is_not_made_again() {
        let (shared, other): (Encoded, Encoded) = ("one".into(), "two".into());
        let mut batch = FrameBatch::default();
        fill(&mut batch, false, from_ref(&shared));
        batch.bytes[2] = b'!';
        fill(&mut batch, false, from_ref(&shared));
        assert_eq!(batch.bytes(), b"\x81\x03!ne");
        fill(&mut batch, false, &[other]);
        assert_eq!(batch.bytes(), b"\x81\x03two");
        fill(&mut batch, false, &[shared]);
        assert_eq!(batch.bytes(), b"\x81\x03one", "equal only as long as it is the last");
    }
}
