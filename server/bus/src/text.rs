//! The text of a reply, as it was received piece by piece.

use super::StreamDelta;
use tandem_protocol::MessageId;

/// Text that is sent again travels in pieces of at most so many bytes.
const REPLAY_CHUNK_BYTES: usize = 16 * 1024;

/// What was received of a reply that is being written.
#[derive(Debug, Default)]
pub struct StreamBuffer {
    pub attempt: i64,
    /// Text by part; parts that are no text stay empty.
    pub parts: Vec<String>,
}

/// What a piece did to the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appended {
    /// It continues what was there, after so many bytes that were known.
    Fits(usize),
    /// It is of an older attempt, or known already.
    Known,
    /// Something before it is missing.
    Gap,
}

impl StreamBuffer {
    pub fn append(&mut self, delta: &StreamDelta) -> Appended {
        if delta.attempt < self.attempt {
            return Appended::Known;
        }
        if delta.attempt > self.attempt {
            self.attempt = delta.attempt;
            self.parts.truncate(delta.part);
        }
        if self.parts.len() <= delta.part {
            self.parts.resize_with(delta.part + 1, String::new);
        }
        let part = &mut self.parts[delta.part];
        let Some(known) = part.len().checked_sub(delta.offset) else { return Appended::Gap };
        match delta.text.get(known..) {
            Some(new) if !new.is_empty() => {
                part.push_str(new);
                Appended::Fits(known)
            }
            _ => Appended::Known,
        }
    }

    /// All of it, in pieces, for those who missed something.
    pub fn pieces(&self, message_id: MessageId) -> Vec<StreamDelta> {
        let mut pieces = Vec::new();
        for (part, text) in self.parts.iter().enumerate() {
            let mut offset = 0;
            while offset < text.len() {
                let end = text.floor_char_boundary(offset + REPLAY_CHUNK_BYTES);
                let piece = text[offset..end].to_owned();
                pieces.push(StreamDelta { message_id, attempt: self.attempt, part, offset, text: piece });
                offset = end;
            }
        }
        pieces
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
    fn pieces_follow_each_other_by_bytes() {
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
    fn of_a_piece_that_is_known_in_part_the_rest_is_added() {
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
    fn who_hears_all_pieces_has_the_text() {
        let mut sent =
            StreamBuffer { attempt: 3, parts: vec!["€".repeat(REPLAY_CHUNK_BYTES), String::new(), "end".into()] };
        let mut received = StreamBuffer::default();
        let pieces = sent.pieces(ID);
        assert!(pieces.len() == 5 && pieces.iter().all(|piece| piece.text.len() <= REPLAY_CHUNK_BYTES));
        for piece in &pieces {
            assert_eq!(received.append(piece), Appended::Fits(0));
            assert_eq!(sent.append(piece), Appended::Known);
        }
        assert_eq!((received.attempt, received.parts), (sent.attempt, sent.parts));
    }
}
