//! The text of a running reply, put together from the deltas that were received.
//!
//! Deltas may arrive twice, late or not at all, and those of several nodes may overlap. Each names its attempt, part
//! and offset, so that appending one again changes nothing and a missing one is detected. Text that was appended is
//! only replaced by a later attempt.

use super::StreamDelta;
use tandem_protocol::MessageId;

/// Text that is sent again is split into chunks of at most this many bytes.
const REPLAY_CHUNK_BYTES: usize = 16 * 1024;

/// The text so far of a reply that is being written.
#[derive(Debug, Default)]
pub struct StreamBuffer {
    pub attempt: i64,
    /// Text by part. Parts of other kinds stay empty.
    pub parts: Vec<String>,
}

/// What a delta did to the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appended {
    /// It was appended, after so many of its bytes that were known.
    Fits(usize),
    /// It is of an older attempt, or all of it was known.
    Known,
    /// Text before it is missing: nothing was appended.
    Gap,
}

impl StreamBuffer {
    /// Appends the bytes of a delta that are new.
    pub fn append(&mut self, delta: &StreamDelta) -> Appended {
        if delta.attempt < self.attempt {
            return Appended::Known;
        }
        if delta.attempt > self.attempt {
            self.attempt = delta.attempt;
            // An attempt keeps whole parts of the one before it, and starts with the part after them.
            self.parts.truncate(delta.part);
        }
        if self.parts.len() <= delta.part {
            self.parts.resize_with(delta.part + 1, String::new);
        }
        let part = &mut self.parts[delta.part];
        let Some(known) = part.len().checked_sub(delta.offset) else { return Appended::Gap };
        // `get` rather than an index: the offset comes from another node and may lie inside of a character.
        match delta.text.get(known..) {
            Some(new) if !new.is_empty() => {
                part.push_str(new);
                Appended::Fits(known)
            }
            _ => Appended::Known,
        }
    }

    /// All of the text as deltas of at most 16 KiB, for nodes that missed some of it.
    pub fn chunks(&self, message_id: MessageId) -> Vec<StreamDelta> {
        let mut chunks = Vec::new();
        for (part, text) in self.parts.iter().enumerate() {
            let mut offset = 0;
            while offset < text.len() {
                let end = text.floor_char_boundary(offset + REPLAY_CHUNK_BYTES);
                let chunk = text[offset..end].to_owned();
                chunks.push(StreamDelta { message_id, attempt: self.attempt, part, offset, text: chunk });
                offset = end;
            }
        }
        chunks
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const ID: MessageId = MessageId(Uuid::nil());

    fn delta(attempt: i64, part: usize, offset: usize, text: &str) -> StreamDelta {
        StreamDelta { message_id: ID, attempt, part, offset, text: text.into() }
    }

    #[test]
    fn offsets_count_bytes() {
        let mut text = StreamBuffer::default();
        assert_eq!(text.append(&delta(1, 0, 0, "wörd ")), Appended::Fits(0));
        assert_eq!(text.append(&delta(1, 0, 6, "two")), Appended::Fits(0));
        assert_eq!(text.append(&delta(1, 1, 0, "next")), Appended::Fits(0));
        assert_eq!(text.parts, ["wörd two", "next"]);
    }

    #[test]
    fn what_is_known_or_old_adds_nothing() {
        let mut text = StreamBuffer::default();
        text.append(&delta(2, 0, 0, "new"));
        assert_eq!(text.append(&delta(1, 0, 3, "old")), Appended::Known);
        assert_eq!(text.append(&delta(2, 0, 0, "new")), Appended::Known);
        assert_eq!(text.append(&delta(2, 0, 1, "e")), Appended::Known);
        assert_eq!(text.append(&delta(2, 0, 9, "far")), Appended::Gap);
        assert_eq!(text.parts, ["new"]);
    }

    #[test]
    fn of_a_delta_that_is_known_in_part_the_rest_is_appended() {
        let mut text = StreamBuffer::default();
        text.append(&delta(1, 0, 0, "wör"));
        assert_eq!(text.append(&delta(1, 0, 0, "wörd two")), Appended::Fits(4));
        assert_eq!(text.parts, ["wörd two"]);
    }

    #[test]
    fn a_later_attempt_keeps_the_parts_before_it() {
        let mut text = StreamBuffer::default();
        text.append(&delta(1, 0, 0, "stays"));
        text.append(&delta(1, 1, 0, "goes"));
        assert_eq!(text.append(&delta(2, 1, 0, "again")), Appended::Fits(0));
        assert_eq!(text.parts, ["stays", "again"]);
    }

    #[test]
    fn a_node_that_receives_all_chunks_has_the_text() {
        let mut sent =
            StreamBuffer { attempt: 3, parts: vec!["€".repeat(REPLAY_CHUNK_BYTES), String::new(), "end".into()] };
        let mut received = StreamBuffer::default();
        let chunks = sent.chunks(ID);
        assert!(chunks.len() == 5 && chunks.iter().all(|chunk| chunk.text.len() <= REPLAY_CHUNK_BYTES));
        for chunk in &chunks {
            assert_eq!(received.append(chunk), Appended::Fits(0));
            assert_eq!(sent.append(chunk), Appended::Known);
        }
        assert_eq!((received.attempt, received.parts), (sent.attempt, sent.parts));
    }
}
