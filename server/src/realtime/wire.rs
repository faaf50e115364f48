//! Frames as they wait for sockets: encoded once, shared by all devices.

use tandem_protocol::{
    limits::MAX_BACKLOG_BYTES,
    live::{Event, ServerFrame},
};
use tokio_tungstenite::tungstenite::Utf8Bytes;

/// An encoded frame. Clones share the text.
pub type Encoded = Utf8Bytes;

/// Encodes a frame.
#[must_use]
pub fn encode(frame: &ServerFrame) -> Encoded {
    let mut json = frame.to_json();
    // Writing doubles the room as it goes; what waits for a slow device is counted by its length.
    json.shrink_to_fit();
    json.into()
}

/// An event with its frame.
#[derive(Clone, Debug)]
pub struct EncodedEvent {
    /// Its place in the log.
    pub seq: i64,
    /// The frame.
    pub frame: Encoded,
}

impl EncodedEvent {
    /// Whether it is more than a socket takes. None is made any more, but old ones stand in logs.
    #[must_use]
    pub fn is_oversized(&self) -> bool {
        self.frame.len() > MAX_BACKLOG_BYTES
    }
}

impl From<&Event> for EncodedEvent {
    fn from(event: &Event) -> Self {
        Self { seq: event.seq, frame: encode(&ServerFrame::Event(event.clone())) }
    }
}

/// Frames in one array, for devices that take arrays.
#[must_use]
pub fn array(frames: &[Encoded]) -> Encoded {
    let mut array = String::with_capacity(frames.iter().map(|frame| frame.len() + 1).sum::<usize>() + 1);
    for (n, frame) in frames.iter().enumerate() {
        array.push(if n == 0 { '[' } else { ',' });
        array.push_str(frame);
    }
    array.push(']');
    array.into()
}
