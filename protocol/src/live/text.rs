//! The streamed text of a running reply, and the rule by which a delta is appended to it.
//!
//! Every place that holds such text uses this type: a device's replica, the hub of a node, the node that continues a run.
//! A delta has the offset of its text, in UTF-8 bytes from the start of its part. Deltas may be repeated and may overlap,
//! because text is sent again to a reader that may have missed some; the overlap has to be equal.
//!
//! Within an attempt text is only appended, so that an offset stays valid until the next attempt begins. A delta never
//! leaves a hole and never changes a byte that is there.

use crate::{MessageId, enums::TextKind, live::server::Delta, model::Part};
use litemap::LiteMap;

/// What a delta did to the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Append {
    /// The part has grown. Bytes of the delta's text before this offset were there already.
    Appended {
        /// Length of the part before, in bytes.
        from: usize,
    },
    /// The delta is of an older attempt, or all of its text is there.
    Duplicate,
    /// Text before the delta is missing; nothing was appended.
    Gap {
        /// Length of the part, in bytes.
        have: usize,
    },
    /// The delta differs from text that is there, or is of another kind; nothing was appended.
    Contradiction,
}

/// What was streamed of one reply.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReplyText {
    attempt: i64,
    /// The first part that is of this attempt. The parts before it are of earlier attempts and may stay: deltas and events
    /// travel separately, and only the event that announces an attempt lists the parts that it keeps.
    first_of_attempt: usize,
    /// By index into the message's parts. A part that was not streamed has no entry.
    parts: LiteMap<usize, Streamed>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Streamed {
    kind: TextKind,
    text: String,
}

impl ReplyText {
    /// Creates a text without parts. `first_of_attempt` is the first part that is of the attempt; 0 when all are.
    pub fn new(attempt: i64, first_of_attempt: usize) -> Self {
        Self { attempt, first_of_attempt, parts: LiteMap::new() }
    }

    /// Appends the text of a delta that is not there yet.
    pub fn append(&mut self, delta: &Delta) -> Append {
        self.append_after(delta, "")
    }

    /// As [`ReplyText::append`]; a part that has no streamed text yet begins with `durable`, what the reader has of that
    /// part from elsewhere.
    pub fn append_after(&mut self, delta: &Delta, durable: &str) -> Append {
        if delta.attempt < self.attempt {
            return Append::Duplicate;
        }
        if delta.attempt > self.attempt {
            self.attempt = delta.attempt;
            // No part is known to be of the new attempt until its first delta, which is this one.
            self.first_of_attempt = usize::MAX;
        }
        // Parts after this one are of the attempt before, up to those that have been confirmed as of this attempt.
        if delta.part < self.first_of_attempt {
            let of_this_attempt = self.first_of_attempt;
            self.parts.retain(|index, _| *index < delta.part || *index >= of_this_attempt);
            self.first_of_attempt = delta.part;
        }
        let begun = || Streamed { kind: delta.kind, text: durable.to_owned() };
        let known = self.parts.entry(delta.part).or_insert_with(begun);
        if known.kind == delta.kind {
            append(&mut known.text, delta.offset, &delta.text)
        } else {
            Append::Contradiction
        }
    }

    /// Starts an attempt with the text of the parts that it keeps; an older attempt than the current one is ignored.
    pub fn restart(&mut self, attempt: i64, kept: &[Part]) {
        if attempt >= self.attempt {
            // A tool call is kept as an empty text: no delta is for it.
            let streamed = |part: &Part| {
                let (kind, text) = part.as_streamed().unwrap_or_default();
                Streamed { kind, text: text.to_owned() }
            };
            *self = Self { attempt, first_of_attempt: 0, parts: kept.iter().map(streamed).enumerate().collect() };
        }
    }

    /// The newest attempt of which text is known.
    pub fn attempt(&self) -> i64 {
        self.attempt
    }

    /// The first part that is of the newest attempt.
    pub fn first_of_attempt(&self) -> usize {
        self.first_of_attempt
    }

    pub fn part(&self, index: usize) -> Option<(TextKind, &str)> {
        self.parts.get(&index).map(|part| (part.kind, part.text.as_str()))
    }

    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Kind and text of each part from the first to the last one that was streamed; an empty text for those between
    /// without any.
    pub fn parts(&self) -> impl Iterator<Item = (TextKind, &str)> {
        // The map is ordered by index, so its last entry is the last part.
        let count = self.parts.iter().next_back().map_or(0, |(index, _)| index + 1);
        (0..count).map(|index| self.part(index).unwrap_or_default())
    }

    /// All of it as deltas of at most `max_bytes` each, in order, for a reader that has missed something.
    pub fn deltas(&self, message_id: MessageId, max_bytes: usize) -> Vec<Delta> {
        let mut deltas = Vec::new();
        for (&part, Streamed { kind, text }) in &self.parts {
            let mut offset = 0;
            while offset < text.len() {
                // A character that is longer than a delta may be is sent whole: each step has to advance.
                let end = text.floor_char_boundary(offset + max_bytes);
                let end = if end > offset { end } else { text.ceil_char_boundary(offset + 1) };
                let piece = text[offset..end].to_owned();
                deltas.push(Delta { message_id, attempt: self.attempt, part, offset, text: piece, kind: *kind });
                offset = end;
            }
        }
        deltas
    }

    /// Puts text in the place of a part, unless the part has streamed text already.
    pub(crate) fn keep(&mut self, part: usize, kind: TextKind, text: &str) {
        self.parts.entry(part).or_insert_with(|| Streamed { kind, text: text.to_owned() });
    }

    /// Drops what was streamed in earlier attempts, and the parts that `keep` returns false for.
    pub(crate) fn settle(&mut self, mut keep: impl FnMut(usize, TextKind, &str) -> bool) {
        let from = std::mem::take(&mut self.first_of_attempt);
        self.parts.retain(|index, part| *index >= from && keep(*index, part.kind, &part.text));
    }
}

/// Appends a delta to the parts of its message. Text after the last part begins a new one; a part of another kind is left
/// alone.
pub fn append_to_parts(parts: &mut Vec<Part>, delta: &Delta) -> Append {
    if delta.part == parts.len() && delta.offset == 0 {
        parts.push(Part::streamed(delta.kind, delta.text.as_str()));
        return Append::Appended { from: 0 };
    }
    match (delta.kind, parts.get_mut(delta.part)) {
        (TextKind::Text, Some(Part::Text { text })) | (TextKind::Reasoning, Some(Part::Reasoning { text, .. })) => {
            append(text, delta.offset, &delta.text)
        }
        (_, Some(_)) => Append::Contradiction,
        (_, None) => Append::Gap { have: 0 },
    }
}

/// The append rule: the overlap of both texts has to be equal, and what is beyond it is appended.
fn append(known: &mut String, offset: usize, text: &str) -> Append {
    let have = known.len();
    if offset > have {
        return Append::Gap { have };
    }
    // As bytes: an offset of a faulty server may lie inside a character, where slicing text would panic.
    let overlap = text.len().min(have - offset);
    if known.as_bytes()[offset..offset + overlap] != text.as_bytes()[..overlap] {
        return Append::Contradiction;
    }
    if overlap == text.len() {
        return Append::Duplicate;
    }
    // The overlap equals text that ends at a character, so the cut is at a character, too.
    known.push_str(&text[overlap..]);
    Append::Appended { from: have }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const ID: MessageId = MessageId(Uuid::nil());
    const MAX_BYTES: usize = 16;

    fn delta(attempt: i64, part: usize, offset: usize, text: &str) -> Delta {
        Delta { message_id: ID, attempt, part, offset, text: text.into(), kind: TextKind::Text }
    }

    fn parts(text: &ReplyText) -> Vec<&str> {
        text.parts().map(|(_, text)| text).collect()
    }

    #[test]
    fn deltas_follow_each_other_by_bytes() {
        let mut text = ReplyText::default();
        assert_eq!(text.append(&delta(1, 0, 0, "wörd ")), Append::Appended { from: 0 });
        assert_eq!(text.append(&delta(1, 0, 6, "two")), Append::Appended { from: 6 });
        assert_eq!(text.append(&delta(1, 2, 0, "next")), Append::Appended { from: 0 });
        assert_eq!(parts(&text), ["wörd two", "", "next"]);
    }

    #[test]
    fn known_old_missing_and_different_text_is_not_appended() {
        let mut text = ReplyText::default();
        text.append(&delta(2, 0, 0, "new"));
        for (delta, expected) in [
            (delta(1, 0, 3, "old"), Append::Duplicate),
            (delta(2, 0, 0, "new"), Append::Duplicate),
            (delta(2, 0, 1, "e"), Append::Duplicate),
            (delta(2, 0, 3, ""), Append::Duplicate),
            (delta(2, 0, 9, "far"), Append::Gap { have: 3 }),
            (delta(2, 0, 1, "is not so"), Append::Contradiction),
        ] {
            assert_eq!(text.append(&delta), expected, "{delta:?}");
        }
        let thought = Delta { kind: TextKind::Reasoning, ..delta(2, 0, 3, "er") };
        assert_eq!(text.append(&thought), Append::Contradiction, "a part is of one kind");
        assert_eq!(parts(&text), ["new"]);
    }

    #[test]
    fn the_rest_of_an_overlapping_delta_is_appended() {
        let mut text = ReplyText::default();
        text.append(&delta(1, 0, 0, "wör"));
        assert_eq!(text.append(&delta(1, 0, 0, "wörd two")), Append::Appended { from: 4 });
        assert_eq!(parts(&text), ["wörd two"]);
    }

    #[test]
    fn a_part_begins_with_the_text_that_the_reader_has_of_it() {
        let mut text = ReplyText::default();
        assert_eq!(text.append_after(&delta(1, 0, 6, "two"), "wörd "), Append::Appended { from: 6 });
        assert_eq!(text.append_after(&delta(1, 0, 9, "!"), "ignored"), Append::Appended { from: 9 });
        assert_eq!(parts(&text), ["wörd two!"]);
    }

    #[test]
    fn a_later_attempt_keeps_the_parts_before_its_first_delta() {
        let mut text = ReplyText::default();
        text.append(&delta(1, 0, 0, "stays"));
        text.append(&delta(1, 1, 0, "goes"));
        text.append(&delta(1, 2, 0, "goes"));
        assert_eq!(text.append(&delta(2, 1, 0, "again")), Append::Appended { from: 0 });
        assert_eq!(parts(&text), ["stays", "again"]);
        assert_eq!(text.append(&delta(2, 0, 0, "from the start")), Append::Appended { from: 0 });
        assert_eq!(parts(&text), ["from the start", "again"]);
    }

    #[test]
    fn a_restart_keeps_the_parts_that_it_lists() {
        let mut text = ReplyText::default();
        text.append(&delta(1, 1, 0, "goes"));
        text.restart(2, &[Part::text("stays")]);
        text.restart(1, &[Part::text("too late")]);
        assert_eq!((text.attempt(), parts(&text)), (2, vec!["stays"]));
    }

    #[test]
    fn a_delta_is_appended_to_the_text_of_a_message() {
        let mut parts = vec![Part::text("wör")];
        assert_eq!(append_to_parts(&mut parts, &delta(1, 0, 0, "wörd")), Append::Appended { from: 4 });
        assert_eq!(append_to_parts(&mut parts, &delta(1, 1, 0, "next")), Append::Appended { from: 0 });
        assert_eq!(append_to_parts(&mut parts, &delta(1, 1, 9, "far")), Append::Gap { have: 4 });
        assert_eq!(append_to_parts(&mut parts, &delta(1, 2, 1, "far")), Append::Gap { have: 0 });
        assert_eq!(append_to_parts(&mut parts, &delta(1, 7, 0, "far")), Append::Gap { have: 0 });
        let thought = |part, offset| Delta { kind: TextKind::Reasoning, ..delta(1, part, offset, "so") };
        assert_eq!(append_to_parts(&mut parts, &thought(1, 4)), Append::Contradiction);
        assert_eq!(parts, [Part::text("wörd"), Part::text("next")]);
        let (mut thoughts, duration_ms) = (Vec::new(), 0);
        assert_eq!(append_to_parts(&mut thoughts, &thought(0, 0)), Append::Appended { from: 0 });
        assert_eq!(append_to_parts(&mut thoughts, &thought(0, 2)), Append::Appended { from: 2 });
        assert_eq!(thoughts, [Part::Reasoning { text: "soso".into(), duration_ms }]);
    }

    #[test]
    fn a_reader_of_all_deltas_has_the_text() {
        let mut sent = ReplyText::new(3, 0);
        let thought = Part::streamed(TextKind::Reasoning, "€".repeat(MAX_BYTES));
        sent.restart(3, &[thought, Part::text(""), Part::text("end")]);
        let mut received = ReplyText::default();
        let deltas = sent.deltas(ID, MAX_BYTES);
        assert!(deltas.len() == 5 && deltas.iter().all(|delta| delta.text.len() <= MAX_BYTES));
        for delta in &deltas {
            assert!(matches!(received.append(delta), Append::Appended { .. }));
            assert_eq!(sent.append(delta), Append::Duplicate);
        }
        assert_eq!(parts(&received), parts(&sent));
        assert_eq!(received.part(0).map(|(kind, _)| kind), Some(TextKind::Reasoning));
        assert!(sent.deltas(ID, 1).iter().all(|delta| delta.text.chars().count() == 1));
    }
}
