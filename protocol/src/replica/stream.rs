//! The text of running replies: how durable text of events and streamed text of deltas make one.
//!
//! Deltas and events travel separately. A delta may arrive before its message, and a delta of a new attempt before the
//! `message.restarted` that announces it; an event may repeat text that was streamed. How a delta is appended is the rule
//! of [`crate::live::text`].
//!
//! The text of one attempt never shrinks on a device while the reply runs, whatever order deltas and events come in.

use super::{Change, ContractBreach, Replica};
use crate::{
    live::{Delta, ReplyText, StreamPosition, text::Append},
    model::{Message, Part, ToolCall},
};
use std::sync::Arc;

/// A part of a message as it is shown now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PartView<'a> {
    /// Markdown, with everything streamed so far.
    Text(&'a str),
    /// A tool that the assistant used.
    ToolCall(&'a ToolCall),
}

/// The durable part at an index, unless a newer attempt has dropped it.
fn durable<'a>(text: &ReplyText, message: &'a Message, index: usize) -> Option<&'a Part> {
    let stays = text.attempt() <= message.attempt || index < text.first_of_attempt();
    message.parts.get(index).filter(|_| stays)
}

/// Appends a delta to what was streamed, or to the durable text of its part where nothing was.
fn append(text: &mut ReplyText, message: Option<&Message>, delta: &Delta) -> Append {
    let same_attempt = message.filter(|message| message.attempt == delta.attempt);
    match same_attempt.and_then(|message| message.parts.get(delta.part)) {
        Some(Part::ToolCall(_)) if text.part(delta.part).is_none() => Append::Contradiction,
        Some(Part::Text { text: durable }) => text.append_after(delta, durable),
        _ => text.append(delta),
    }
}

/// Keeps what `old` showed beyond `new`, a later state of the same attempt: text never shrinks while a reply runs.
fn keep_shown(text: &mut ReplyText, old: &Message, new: &Message) {
    for (index, part) in old.parts.iter().enumerate() {
        let Part::Text { text: shown } = part else { continue };
        let shorter = match new.parts.get(index) {
            None => !shown.is_empty(),
            Some(Part::Text { text: now }) => now.len() < shown.len() && shown.starts_with(now),
            Some(Part::ToolCall(_)) => false,
        };
        if shorter {
            text.keep(index, shown);
        }
    }
}

/// Drops the parts that the durable text of the attempt has caught up with, and those of an older attempt. Returns the
/// parts whose durable text differs.
fn settle(text: &mut ReplyText, message: &Message) -> Vec<usize> {
    let mut contradicted = Vec::new();
    text.settle(|index, streamed| match message.parts.get(index) {
        None => true,
        Some(Part::Text { text }) if streamed.starts_with(text.as_str()) => streamed.len() > text.len(),
        Some(Part::Text { text }) if text.starts_with(streamed) => false,
        Some(Part::ToolCall(_)) if streamed.is_empty() => false,
        Some(_) => {
            contradicted.push(index);
            false
        }
    });
    contradicted
}

/// The parts of a message as they are shown now, up to the first one that is not known yet.
pub(super) fn parts<'a>(
    message: Option<&'a Message>,
    stream: Option<&'a ReplyText>,
) -> impl Iterator<Item = PartView<'a>> + use<'a> {
    (0..).map_while(move |index| {
        // Streamed text begins with the durable text of its part, so it replaces the part.
        if let Some(streamed) = stream.and_then(|stream| stream.part(index)) {
            return Some(PartView::Text(streamed));
        }
        let part = match stream {
            Some(stream) => durable(stream, message?, index)?,
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
pub(super) fn positions(message: &Message, stream: Option<&ReplyText>) -> Vec<StreamPosition> {
    let attempt = stream.map_or(message.attempt, |stream| stream.attempt().max(message.attempt));
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
    /// Applies a delta, unless its reply has ended or it is of an older attempt.
    pub(super) fn apply_delta(&mut self, delta: &Delta) -> Change {
        let Delta { message_id, attempt, part, offset, .. } = *delta;
        let message = self.messages.get(&message_id).map(Arc::as_ref);
        if self.stale || message.is_some_and(|message| message.state.is_final() || attempt < message.attempt) {
            return Change::None;
        }
        // Before the attempt is announced nothing is known of the parts before this one; they stay as they were shown.
        let announced = message.is_some_and(|message| message.attempt == attempt);
        let from = if announced { 0 } else { part };
        let stream = self.streams.entry(message_id).or_insert_with(|| ReplyText::new(attempt, from));
        match append(stream, message, delta) {
            Append::Appended { from } => Change::Text { message_id, part, from },
            Append::Duplicate => Change::None,
            Append::Gap { have } => Change::DeltaGap { message_id, part, have },
            Append::Contradiction => {
                self.fault(ContractBreach::DeltaContradicts { message_id, part, offset });
                Change::None
            }
        }
    }

    /// Replaces a running reply by a later state of it, and keeps the text that was shown beyond it.
    pub(super) fn put_running(&mut self, message: Arc<Message>) {
        let id = message.id;
        if let Some(old) = self.messages.get(&id).filter(|old| old.attempt == message.attempt) {
            let stream = self.streams.entry(id).or_insert_with(|| ReplyText::new(message.attempt, 0));
            if stream.attempt() == message.attempt {
                keep_shown(stream, old, &message);
            }
        }
        let contradicted = match self.streams.get_mut(&id) {
            Some(stream) if stream.attempt() == message.attempt => settle(stream, &message),
            _ => Vec::new(),
        };
        // A stream of a later attempt stays: its `message.restarted` is still on its way.
        let behind = |stream: &ReplyText| stream.attempt() < message.attempt || stream.is_empty();
        if self.streams.get(&id).is_some_and(behind) {
            self.streams.remove(&id);
        }
        for part in contradicted {
            self.fault(ContractBreach::TextContradicts { message_id: id, part });
        }
        self.put_message(message);
    }

    /// Replaces a reply by its final state, whose text must continue the streamed text.
    pub(super) fn put_final(&mut self, message: Arc<Message>) {
        let id = message.id;
        let stream = self.streams.remove(&id);
        let shown_attempt = match (&stream, self.messages.get(&id)) {
            (Some(stream), _) => Some(stream.attempt()),
            (None, Some(old)) => Some(old.attempt),
            (None, None) => None,
        };
        // Another attempt may end with other text; within one, a reader must never see text vanish.
        if shown_attempt == Some(message.attempt) {
            let old = self.messages.get(&id).cloned();
            for (part, view) in parts(old.as_deref(), stream.as_ref()).enumerate() {
                let PartView::Text(had) = view else { continue };
                let got = message.parts.get(part).and_then(Part::as_text).unwrap_or_default();
                if got.starts_with(had) {
                    continue;
                }
                self.fault(if had.starts_with(got) {
                    ContractBreach::TextShrank { message_id: id, part, had: had.len(), got: got.len() }
                } else {
                    ContractBreach::TextContradicts { message_id: id, part }
                });
            }
        }
        self.put_message(message);
    }
}
