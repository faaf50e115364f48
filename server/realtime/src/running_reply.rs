//! The text of a running reply, as far as this node has received it.
//!
//! Streamed text is in no log until the reply ends. A device that joins in between, or has fallen behind, is sent the
//! text from its own offset. Text is only appended within an attempt, so that an offset stays valid until the next one
//! begins.

use super::sync::{Mutex, MutexGuard};
use std::sync::PoisonError;
use tandem_bus::{Appended, StreamBuffer, StreamDelta};
use tandem_protocol::{MessageId, live::server::Delta, model::Part};

/// A reply that is being written. The hub appends to it; the send queues read from the offset of their device.
#[derive(Debug)]
pub struct RunningReply {
    id: MessageId,
    text: Mutex<StreamBuffer>,
}

impl RunningReply {
    pub fn new(id: MessageId) -> Self {
        Self { id, text: Mutex::default() }
    }

    /// Appends the part of a delta that is new.
    pub fn append(&self, delta: &StreamDelta) -> Appended {
        self.lock().append(delta)
    }

    /// All text in chunks, for other nodes.
    pub fn chunks(&self) -> Vec<StreamDelta> {
        self.lock().chunks(self.id)
    }

    /// Starts an attempt with the parts that it keeps.
    pub fn restart(&self, attempt: i64, parts: &[Part]) {
        let mut text = self.lock();
        if attempt >= text.attempt {
            text.attempt = attempt;
            text.parts = parts.iter().map(|part| part.as_text().unwrap_or_default().to_owned()).collect();
        }
    }

    /// The attempt and the length in bytes of each part.
    pub fn lengths(&self) -> (i64, Vec<usize>) {
        let text = self.lock();
        (text.attempt, text.parts.iter().map(String::len).collect())
    }

    /// The text of a part from an offset to now; `None` if the attempt is over or nothing is new.
    pub fn since(&self, attempt: i64, part: usize, from: usize) -> Option<Delta> {
        let text = self.lock();
        // The offset comes from a device. `get` is `None` beyond the end, and inside of a character.
        let tail = text.parts.get(part).filter(|_| text.attempt == attempt)?.get(from..)?;
        let delta = || Delta { message_id: self.id, attempt, part, offset: from, text: tail.to_owned() };
        (!tail.is_empty()).then(delta)
    }

    fn lock(&self) -> MutexGuard<'_, StreamBuffer> {
        self.text.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delta(attempt: i64, part: usize, offset: usize, text: &str) -> StreamDelta {
        StreamDelta { message_id: MessageId(uuid::Uuid::nil()), attempt, part, offset, text: text.into() }
    }

    #[test]
    fn a_device_that_joins_late_gets_the_rest() {
        let reply = RunningReply::new(MessageId(uuid::Uuid::nil()));
        assert_eq!(reply.append(&delta(1, 0, 0, "wörd ")), Appended::Fits(0));
        assert_eq!(reply.append(&delta(1, 0, 6, "two")), Appended::Fits(0));
        assert_eq!(reply.since(1, 0, 6).unwrap().text, "two");
        assert_eq!(reply.since(1, 0, 9), None);
        assert_eq!(reply.since(1, 0, 2), None, "an offset inside of a character is no valid one");
    }

    #[test]
    fn a_restart_keeps_the_parts_that_stay() {
        let reply = RunningReply::new(MessageId(uuid::Uuid::nil()));
        reply.append(&delta(1, 0, 0, "stays"));
        reply.append(&delta(1, 1, 0, "goes"));
        reply.restart(2, &[Part::text("stays")]);
        assert_eq!(reply.lengths(), (2, vec![5]));
        assert_eq!(reply.append(&delta(2, 1, 0, "again")), Appended::Fits(0));
    }
}
