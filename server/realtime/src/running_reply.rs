//! The text of a running reply, as far as this node has received it.
//!
//! Streamed text is in no log until the reply ends. A device that joins in between, or has fallen behind, is sent the
//! text from its own offset. Text is only appended within an attempt, so that an offset stays valid until the next one
//! begins.

use super::sync::{Mutex, MutexGuard};
use std::sync::PoisonError;
use tandem_protocol::{
    MessageId,
    live::{Delta, ReplyText, text::Append},
    model::Part,
};

/// Text that is sent again travels in deltas of at most so many bytes.
const REPLAY_CHUNK_BYTES: usize = 16 * 1024;

/// A reply that is being written. The hub appends to it; the send queues read from the offset of their device.
#[derive(Debug)]
pub struct RunningReply {
    id: MessageId,
    text: Mutex<ReplyText>,
}

impl RunningReply {
    pub fn new(id: MessageId) -> Self {
        Self { id, text: Mutex::default() }
    }

    /// Appends the part of a delta that is new.
    pub fn append(&self, delta: &Delta) -> Append {
        self.lock().append(delta)
    }

    /// All text in chunks, for other nodes.
    #[must_use]
    pub fn chunks(&self) -> Vec<Delta> {
        self.lock().deltas(self.id, REPLAY_CHUNK_BYTES)
    }

    /// Starts an attempt with the parts that it keeps.
    pub fn restart(&self, attempt: i64, parts: &[Part]) {
        self.lock().restart(attempt, parts);
    }

    /// The attempt and the length in bytes of each part.
    pub fn lengths(&self) -> (i64, Vec<usize>) {
        let text = self.lock();
        (text.attempt(), text.parts().map(|(_, text)| text.len()).collect())
    }

    /// The text of a part from an offset to now; `None` if the attempt is over or nothing is new.
    pub fn since(&self, attempt: i64, part: usize, from: usize) -> Option<Delta> {
        let text = self.lock();
        let (kind, whole) = text.part(part).filter(|_| text.attempt() == attempt)?;
        let tail = whole.get(from..)?;
        let delta = || Delta { message_id: self.id, attempt, part, offset: from, text: tail.to_owned(), kind };
        (!tail.is_empty()).then(delta)
    }

    fn lock(&self) -> MutexGuard<'_, ReplyText> {
        self.text.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tandem_protocol::enums::TextKind;

    fn delta(attempt: i64, part: usize, offset: usize, text: &str) -> Delta {
        Delta {
            message_id: MessageId(uuid::Uuid::nil()),
            attempt,
            part,
            offset,
            text: text.into(),
            kind: TextKind::Text,
        }
    }

    #[test]
    fn a_device_that_joins_late_gets_the_rest() {
        let reply = RunningReply::new(MessageId(uuid::Uuid::nil()));
        assert_eq!(reply.append(&delta(1, 0, 0, "wörd ")), Append::Appended { from: 0 });
        assert_eq!(reply.append(&delta(1, 0, 6, "two")), Append::Appended { from: 6 });
        assert_eq!(reply.since(1, 0, 6).unwrap().text, "two");
        assert_eq!(reply.since(1, 0, 9), None);
        assert_eq!(reply.since(1, 0, 2), None, "an offset inside of a character is no valid one");
        reply.append(&Delta { kind: TextKind::Reasoning, ..delta(1, 1, 0, "Hm") });
        assert_eq!(reply.since(1, 1, 1).map(|delta| delta.kind), Some(TextKind::Reasoning));
    }

    #[test]
    fn a_restart_keeps_the_parts_that_stay() {
        let reply = RunningReply::new(MessageId(uuid::Uuid::nil()));
        reply.append(&delta(1, 0, 0, "stays"));
        reply.append(&delta(1, 1, 0, "goes"));
        reply.restart(2, &[Part::text("stays")]);
        assert_eq!(reply.lengths(), (2, vec![5]));
        assert_eq!(reply.append(&delta(2, 1, 0, "again")), Append::Appended { from: 0 });
    }
}
