//! Encoded frames: made once, shared by all devices that are sent them.
//!
//! Encoding costs more than a send, and a user has several devices. A clone of [`Encoded`] shares its text; equal
//! pointers mean equal frames, on which [`FrameBatch`](super::frame_batch::FrameBatch) relies.

use tandem_protocol::{
    limits::MAX_BACKLOG_BYTES,
    live::{Event, ServerFrame},
};
use tokio_tungstenite::tungstenite::Utf8Bytes;

/// An encoded frame. Clones share the text.
pub type Encoded = Utf8Bytes;

/// Encodes a frame as JSON.
pub fn encode(frame: &ServerFrame) -> Encoded {
    let mut json = frame.to_json();
    // The buffer was doubled while it was written. A frame that waits is counted by its length, so that it must not
    // hold more than that.
    json.shrink_to_fit();
    json.into()
}

#[derive(Clone, Debug)]
pub struct EncodedEvent {
    pub seq: i64,
    pub frame: Encoded,
}

impl EncodedEvent {
    /// Whether the frame is larger than a socket takes. Old logs hold such events; none is made any more.
    pub fn is_oversized(&self) -> bool {
        self.frame.len() > MAX_BACKLOG_BYTES
    }
}

impl From<&Event> for EncodedEvent {
    fn from(event: &Event) -> Self {
        Self { seq: event.seq, frame: encode(&ServerFrame::Event(event.clone())) }
    }
}

/// Joins frames into one array, for devices that accept arrays.
pub fn array(frames: &[Encoded]) -> Encoded {
    let mut array = String::with_capacity(frames.iter().map(|frame| frame.len() + 1).sum::<usize>() + 1);
    for (n, frame) in frames.iter().enumerate() {
        array.push(if n == 0 { '[' } else { ',' });
        array.push_str(frame);
    }
    array.push(']');
    array.into()
}
