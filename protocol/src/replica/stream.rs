//! The text of running replies: how durable text of events and streamed text of deltas make one.
//!
//! Deltas and events travel separately. A delta may arrive before its message, and a delta of a new attempt before the
//! `message.restarted` that announces it; an event may repeat text that was streamed. How a delta is appended is the rule
//! of [`crate::live::text`].
//!
//! The text of one attempt never shrinks on a device while the reply runs, whatever order deltas and events come in.

use super::{Change, ContractBreach, Replica};
use crate::{
    enums::TextKind,
    live::{Delta, ReplyText, StreamPosition, text::Append},
    model::{Message, Part, ToolCall},
};
use std::sync::Arc;

/// A part of a message as it is shown now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PartView<'a> {
    /// Markdown, with everything streamed so far.
    Text(&'a str),
    /// What the model thought, with everything streamed so far.
    Reasoning {
        text: &'a str,
        /// Milliseconds as they are durable; 0 before that.
        duration_ms: u64,
    },
    /// A tool that the assistant used.
    ToolCall(&'a ToolCall),
}

impl<'a> PartView<'a> {
    /// What deltas append to, with its kind; `None` for a tool call.
    pub fn as_streamed(self) -> Option<(TextKind, &'a str)> {
        match self {
            Self::Text(text) => Some((TextKind::Text, text)),
            Self::Reasoning { text, .. } => Some((TextKind::Reasoning, text)),
            Self::ToolCall(_) => None,
        }
    }

    /// The part as a message holds it.
    pub fn to_part(self) -> Part {
        match self {
            Self::Text(text) => Part::text(text),
            Self::Reasoning { text, duration_ms } => Part::Reasoning { text: text.to_owned(), duration_ms },
            Self::ToolCall(call) => Part::ToolCall(call.clone()),
        }
    }
}

/// The durable part at an index, unless a newer attempt has dropped it.
fn durable<'a>(text: &ReplyText, message: &'a Message, index: usize) -> Option<&'a Part> {
    let stays = text.attempt() <= message.attempt || index < text.first_of_attempt();
    message.parts.get(index).filter(|_| stays)
}

/// Appends a delta to what was streamed, or to the durable text of its part where nothing was.
fn append(text: &mut ReplyText, message: Option<&Message>, delta: &Delta) -> Append {
    let same_attempt = message.filter(|message| message.attempt == delta.attempt);
    let Some(part) = same_attempt.and_then(|message| message.parts.get(delta.part)) else { return text.append(delta) };
    match part.as_streamed() {
        Some((kind, durable)) if kind == delta.kind => text.append_after(delta, durable),
        // An empty text may stand for a part that only deltas have described so far.
        Some((_, "")) => text.append(delta),
        _ if text.part(delta.part).is_none() => Append::Contradiction,
        _ => text.append(delta),
    }
}

/// Keeps what `old` showed beyond `new`, a later state of the same attempt: text never shrinks while a reply runs.
fn keep_shown(text: &mut ReplyText, old: &Message, new: &Message) {
    for (index, part) in old.parts.iter().enumerate() {
        let Some((kind, shown)) = part.as_streamed() else { continue };
        let shorter = match new.parts.get(index).map(Part::as_streamed) {
            None => !shown.is_empty(),
            Some(Some((of, now))) => {
                (of == kind || now.is_empty()) && now.len() < shown.len() && shown.starts_with(now)
            }
            Some(None) => false,
        };
        if shorter {
            text.keep(index, kind, shown);
        }
    }
}

/// Drops the parts that the durable text of the attempt has caught up with, and those of an older attempt. Returns the
/// parts whose durable text differs.
fn settle(text: &mut ReplyText, message: &Message) -> Vec<usize> {
    let mut contradicted = Vec::new();
    text.settle(|index, kind, streamed| match message.parts.get(index).map(Part::as_streamed) {
        None => true,
        Some(Some((of, text))) if (of == kind || text.is_empty()) && streamed.starts_with(text) => {
            streamed.len() > text.len()
        }
        Some(Some((of, text))) if (of == kind || streamed.is_empty()) && text.starts_with(streamed) => false,
        Some(None) if streamed.is_empty() => false,
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
        let durable = message.and_then(|message| match stream {
            Some(stream) => durable(stream, message, index),
            None => message.parts.get(index),
        });
        let known = match durable {
            Some(Part::Reasoning { duration_ms, .. }) => *duration_ms,
            _ => 0,
        };
        if let Some((kind, text)) = stream.and_then(|stream| stream.part(index)) {
            return Some(match kind {
                TextKind::Text => PartView::Text(text),
                TextKind::Reasoning => PartView::Reasoning { text, duration_ms: known },
            });
        }
        Some(match durable? {
            Part::Text { text } => PartView::Text(text),
            Part::Reasoning { text, duration_ms } => PartView::Reasoning { text, duration_ms: *duration_ms },
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
        match view.as_streamed() {
            Some((_, text)) => {
                known.push(at(part, text.len()));
                next = None;
            }
            None => next = Some(at(part + 1, 0)),
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
                let Some((kind, had)) = view.as_streamed() else { continue };
                let got = message.parts.get(part).and_then(Part::as_streamed);
                let got = got.filter(|(of, _)| *of == kind).map_or("", |(_, text)| text);
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
