//! The text of running replies: the delta rule, and how durable text and streamed text make one.
//!
//! Text of one attempt only grows on a device. Deltas and events travel different ways, so a delta of a new attempt may
//! come before the `message.restarted` that announces it, and a delta may come before its message.

use super::{Change, Fault, Replica};
use crate::{
    live::{StreamPosition, server::Delta},
    model::{Message, Part, ToolCall},
};
use litemap::LiteMap;
use std::sync::Arc;

/// A piece of a message as it is to be shown now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PartView<'a> {
    /// Markdown, with everything streamed so far.
    Text(&'a str),
    /// A tool that the assistant used.
    ToolCall(&'a ToolCall),
}

/// What was streamed of one reply beyond what its message holds.
#[derive(Clone, Debug)]
pub(super) struct Stream {
    attempt: i64,
    /// The first part that is of this attempt. While no event has announced the attempt, the parts before are shown as
    /// they were: they may stay.
    from: usize,
    /// By part. Where there is one, it starts with the durable text of that part.
    tails: LiteMap<usize, String>,
}

enum Taken {
    Grown { from: usize },
    Known,
    Gap { have: usize },
    Contradiction,
}

/// Applies a delta to the text of its part.
fn extend(tail: &mut String, offset: usize, text: &str) -> Taken {
    let have = tail.len();
    if offset > have {
        return Taken::Gap { have };
    }
    let overlap = text.len().min(have - offset);
    if tail.as_bytes()[offset..offset + overlap] != text.as_bytes()[..overlap] {
        return Taken::Contradiction;
    }
    if overlap == text.len() {
        return Taken::Known;
    }
    // The overlap equals text that ends at a character, so the cut is at a character, too.
    tail.push_str(&text[overlap..]);
    Taken::Grown { from: have }
}

impl Stream {
    fn new(attempt: i64, from: usize) -> Self {
        Self { attempt, from, tails: LiteMap::new() }
    }

    /// The durable part at an index, unless a newer attempt has dropped it.
    fn durable<'a>(&self, message: &'a Message, index: usize) -> Option<&'a Part> {
        let stays = self.attempt <= message.attempt || index < self.from;
        message.parts.get(index).filter(|_| stays)
    }

    fn take(&mut self, message: Option<&Message>, delta: &Delta) -> Taken {
        if delta.attempt > self.attempt {
            self.attempt = delta.attempt;
            self.from = usize::MAX;
        }
        if delta.part < self.from {
            let of_this_attempt = self.from;
            self.tails.retain(|index, _| *index < delta.part || *index >= of_this_attempt);
            self.from = delta.part;
        }
        let same = message.filter(|message| message.attempt == self.attempt);
        let durable = same.and_then(|message| message.parts.get(delta.part));
        if !self.tails.contains_key(&delta.part) && matches!(durable, Some(Part::ToolCall(_))) {
            return Taken::Contradiction;
        }
        let tail = self.tails.entry(delta.part);
        let tail = tail.or_insert_with(|| durable.and_then(Part::as_text).unwrap_or_default().to_owned());
        extend(tail, delta.offset, &delta.text)
    }

    /// Keeps what `old` showed beyond `new`, a later state of the same attempt: text never shrinks while a reply runs.
    fn keep_shown(&mut self, old: &Message, new: &Message) {
        for (index, part) in old.parts.iter().enumerate() {
            let Part::Text { text } = part else { continue };
            let shorter = match new.parts.get(index) {
                None => !text.is_empty(),
                Some(Part::Text { text: now }) => now.len() < text.len() && text.starts_with(now),
                Some(Part::ToolCall(_)) => false,
            };
            if shorter {
                self.tails.entry(index).or_insert_with(|| text.clone());
            }
        }
    }

    /// Drops tails that the durable text of the attempt has caught up with, and those of an older attempt. Returns the
    /// parts whose durable text says something else.
    fn settle(&mut self, message: &Message) -> Vec<usize> {
        let from = std::mem::take(&mut self.from);
        self.tails.retain(|index, _| *index >= from);
        let mut contradicted = Vec::new();
        self.tails.retain(|index, tail| match message.parts.get(*index) {
            None => true,
            Some(Part::Text { text }) if tail.starts_with(text.as_str()) => tail.len() > text.len(),
            Some(Part::Text { text }) if text.starts_with(tail.as_str()) => false,
            Some(Part::ToolCall(_)) if tail.is_empty() => false,
            Some(_) => {
                contradicted.push(*index);
                false
            }
        });
        contradicted
    }
}

/// What a message says now, up to the first part that is not known yet.
pub(super) fn parts<'a>(
    message: Option<&'a Message>,
    stream: Option<&'a Stream>,
) -> impl Iterator<Item = PartView<'a>> + use<'a> {
    (0..).map_while(move |index| {
        if let Some(tail) = stream.and_then(|stream| stream.tails.get(&index)) {
            return Some(PartView::Text(tail));
        }
        let part = match stream {
            Some(stream) => stream.durable(message?, index)?,
            None => message?.parts.get(index)?,
        };
        Some(match part {
            Part::Text { text } => PartView::Text(text),
            Part::ToolCall(call) => PartView::ToolCall(call),
        })
    })
}

/// How much of a running reply the device has: of each text part, in order, and where the next one would start. All of
/// them, because a part that is followed by another may still lack its end. Nothing while nothing is known.
pub(super) fn positions(message: &Message, stream: Option<&Stream>) -> Vec<StreamPosition> {
    let attempt = stream.map_or(message.attempt, |stream| stream.attempt.max(message.attempt));
    let at = |part, have| StreamPosition { message_id: message.id, attempt, part, have };
    let mut known = Vec::new();
    let mut next = None;
    for (part, view) in parts(Some(message), stream).enumerate() {
        match view {
            PartView::Text(text) => {
                known.push(at(part, text.len()));
                next = None;
            }
            PartView::ToolCall(_) => next = Some(at(part + 1, 0)),
        }
    }
    known.extend(next);
    if known.iter().all(|position| position.part == 0 && position.have == 0) { Vec::new() } else { known }
}

impl Replica {
    /// The delta rule.
    pub(super) fn apply_delta(&mut self, delta: &Delta) -> Change {
        let Delta { message_id, attempt, part, offset, .. } = *delta;
        let message = self.messages.get(&message_id).map(Arc::as_ref);
        if self.stale || message.is_some_and(|message| message.state.is_final() || attempt < message.attempt) {
            return Change::None;
        }
        let announced = message.is_some_and(|message| message.attempt == attempt);
        let from = if announced { 0 } else { part };
        let stream = self.streams.entry(message_id).or_insert_with(|| Stream::new(attempt, from));
        if attempt < stream.attempt {
            return Change::None;
        }
        match stream.take(message, delta) {
            Taken::Grown { from } => Change::Text { message_id, part, from },
            Taken::Known => Change::None,
            Taken::Gap { have } => Change::DeltaGap { message_id, part, have },
            Taken::Contradiction => {
                self.fault(Fault::DeltaContradicts { message_id, part, offset });
                Change::None
            }
        }
    }

    /// Puts a later state of a running reply in place of what is known, and keeps the text that was shown beyond it.
    pub(super) fn put_running(&mut self, message: Arc<Message>) {
        let id = message.id;
        if let Some(old) = self.messages.get(&id).filter(|old| old.attempt == message.attempt) {
            let stream = self.streams.entry(id).or_insert_with(|| Stream::new(message.attempt, 0));
            if stream.attempt == message.attempt {
                stream.keep_shown(old, &message);
            }
        }
        let contradicted = match self.streams.get_mut(&id) {
            Some(stream) if stream.attempt == message.attempt => stream.settle(&message),
            _ => Vec::new(),
        };
        let behind = |stream: &Stream| stream.attempt < message.attempt || stream.tails.is_empty();
        if self.streams.get(&id).is_some_and(behind) {
            self.streams.remove(&id);
        }
        for part in contradicted {
            self.fault(Fault::TextContradicts { message_id: id, part });
        }
        self.put_message(message);
    }

    /// Puts a message that has ended in place of what is known; its text must go on where the streamed text was.
    pub(super) fn put_final(&mut self, message: Arc<Message>) {
        let id = message.id;
        let stream = self.streams.remove(&id);
        let shown_attempt = match (&stream, self.messages.get(&id)) {
            (Some(stream), _) => Some(stream.attempt),
            (None, Some(old)) => Some(old.attempt),
            (None, None) => None,
        };
        if shown_attempt == Some(message.attempt) {
            let old = self.messages.get(&id).cloned();
            for (part, view) in parts(old.as_deref(), stream.as_ref()).enumerate() {
                let PartView::Text(had) = view else { continue };
                let got = message.parts.get(part).and_then(Part::as_text).unwrap_or_default();
                if got.starts_with(had) {
                    continue;
                }
                self.fault(if had.starts_with(got) {
                    Fault::TextShrank { message_id: id, part, had: had.len(), got: got.len() }
                } else {
                    Fault::TextContradicts { message_id: id, part }
                });
            }
        }
        self.put_message(message);
    }
}
