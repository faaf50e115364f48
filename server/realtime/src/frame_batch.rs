//! The frames that one device is sent in one write, as bytes of the socket.
//!
//! Devices of a user are mostly sent the same frames. A [`FrameBatch`] is kept from device to device and encodes its
//! bytes again only when the frames differ from those of the device before: a comparison of pointers, not of text.
//!
//! The bytes are always whole WebSocket messages.

use super::wire::{Encoded, array};
use tokio_tungstenite::tungstenite::protocol::frame::{
    Frame,
    coding::{Data, OpCode},
};

/// Bytes after which no further frame is added to a batch. The last frame may go beyond it.
pub(super) const MAX_BATCH_BYTES: usize = 64 * 1024;

/// Frames for one device, and their bytes.
#[derive(Debug, Default)]
pub struct FrameBatch {
    frames: Vec<Encoded>,
    batched: bool,
    bytes: Vec<u8>,
    /// The frames of the next device, until they have been compared with `frames`.
    next: Vec<Encoded>,
}

impl FrameBatch {
    /// Begins the batch of the next device: an empty list for its frames, which [`FrameBatch::fill`] encodes.
    pub(super) fn next_frames(&mut self) -> &mut Vec<Encoded> {
        self.next.clear();
        &mut self.next
    }

    /// Encodes the frames that were put into [`FrameBatch::next_frames`]; `batched` makes one array of several.
    pub(super) fn fill(&mut self, batched: bool) {
        // Clones of a frame share their text, so that equal pointers mean equal frames. The old frames are still held
        // here: their memory cannot have been given to other ones.
        let same = self.batched == batched
            && self.frames.len() == self.next.len()
            && self.frames.iter().zip(&self.next).all(|(a, b)| a.as_ptr() == b.as_ptr() && a.len() == b.len());
        if same {
            return;
        }
        std::mem::swap(&mut self.frames, &mut self.next);
        self.batched = batched;
        self.bytes.clear();
        for message in messages(&self.frames, batched) {
            let frame = Frame::message(message, OpCode::Data(Data::Text), true);
            // Writing to memory does not fail.
            let _ = frame.format(&mut self.bytes);
        }
    }

    /// The bytes of the batch, as they go over the socket.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// The messages that carry frames to a device: one array if it accepts arrays, else one message for each frame.
pub(super) fn messages(frames: &[Encoded], batched: bool) -> impl Iterator<Item = Encoded> {
    let together = (batched && frames.len() > 1).then(|| array(frames));
    let apart = if together.is_some() { &[] } else { frames };
    together.into_iter().chain(apart.iter().cloned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::slice::from_ref;

    fn fill(batch: &mut FrameBatch, batched: bool, frames: &[Encoded]) {
        batch.next_frames().extend_from_slice(frames);
        batch.fill(batched);
    }

    #[test]
    fn frames_become_messages_or_one_array() {
        let (a, b): (Encoded, Encoded) = (r#"{"a":1}"#.into(), r#"{"b":2}"#.into());
        let mut batch = FrameBatch::default();
        fill(&mut batch, true, &[]);
        assert_eq!(batch.bytes(), b"");
        fill(&mut batch, true, from_ref(&a));
        assert_eq!(batch.bytes(), b"\x81\x07{\"a\":1}");
        fill(&mut batch, true, &[a.clone(), b.clone()]);
        assert_eq!(batch.bytes(), b"\x81\x11[{\"a\":1},{\"b\":2}]");
        fill(&mut batch, false, &[a, b]);
        assert_eq!(batch.bytes(), b"\x81\x07{\"a\":1}\x81\x07{\"b\":2}");
    }

    #[test]
    fn frames_that_the_next_device_shares_are_not_encoded_again() {
        let (shared, other): (Encoded, Encoded) = ("one".into(), "two".into());
        let mut batch = FrameBatch::default();
        fill(&mut batch, false, from_ref(&shared));
        batch.bytes[2] = b'!';
        fill(&mut batch, false, from_ref(&shared));
        assert_eq!(batch.bytes(), b"\x81\x03!ne");
        fill(&mut batch, false, &[other]);
        assert_eq!(batch.bytes(), b"\x81\x03two");
        fill(&mut batch, false, &[shared]);
        assert_eq!(batch.bytes(), b"\x81\x03one", "only the frames of the last device are compared");
    }
}
