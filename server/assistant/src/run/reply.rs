//! The reply while it is written: its parts, and the text and thoughts that are streamed into them.
//!
//! Both are published at once, and left to the checkpoints of the node (`checkpoints`) to be stored.
//!
//! **Invariant:** within an attempt the text of the parts is only appended, so an older checkpoint that is committed after
//! the message was written whole changes nothing.

use super::{
    RunWorker,
    outcome::{RunEnd, RunResult},
    sizes::{TextCapacity, json_bytes},
};
use tandem_protocol::{
    enums::{ReplyErrorCode, TextKind},
    live::Delta,
    model::Part,
};
use tandem_service::runs;
use tokio::time::Instant;

/// The parts of a reply.
#[derive(Debug)]
pub(super) struct ReplyBuffer {
    pub(super) parts: Vec<Part>,
    /// The parts that text and thoughts of this answer are appended to. An answer has one of each, so that a server which
    /// alternates between them does not make parts without end.
    text: Option<usize>,
    thoughts: Option<Thoughts>,
    /// A part of thoughts that has ended, as no event has said yet.
    ended: Option<usize>,
    capacity: TextCapacity,
    /// Prompt and completion tokens of the answer that is not yet a step.
    pub(super) usage: (u64, u64),
}

/// The thoughts of an answer.
#[derive(Clone, Copy, Debug)]
struct Thoughts {
    part: usize,
    /// Since when the model thinks, and what it had thought before that; `None` while it writes.
    since: Option<(Instant, u64)>,
}

impl ReplyBuffer {
    pub(super) fn new(parts: Vec<Part>) -> Self {
        let capacity = TextCapacity::default();
        let mut reply = Self { parts, text: None, thoughts: None, ended: None, capacity, usage: (0, 0) };
        reply.measure();
        reply
    }

    /// Computes the capacity again, after parts were added or removed.
    fn measure(&mut self) {
        // Only between answers: to serialise the reply for each delta would cost time in the square of its length.
        let text = self.parts.iter().filter_map(Part::as_text).map(str::len).sum();
        let is_thought = |part: &&Part| matches!(part, Part::Reasoning { .. });
        let thoughts = self.parts.iter().filter(is_thought).map(json_bytes).sum();
        self.capacity = TextCapacity::remaining(text, thoughts, json_bytes(&self.parts));
    }

    /// Characters of text in the parts from this index on.
    pub(super) fn text_chars(&self, from: usize) -> usize {
        self.parts.iter().skip(from).filter_map(Part::as_text).map(|text| text.chars().count()).sum()
    }

    /// Ends the parts of this answer: later text begins a new one.
    pub(super) fn close_text(&mut self) {
        self.end_thoughts();
        (self.text, self.thoughts) = (None, None);
        self.measure();
    }

    /// Counts the time of thoughts to now: the model writes, or has ended.
    pub(super) fn end_thoughts(&mut self) {
        if let Some(Thoughts { part, since }) = &mut self.thoughts
            && let Some(since) = since.take()
        {
            set_duration(&mut self.parts[*part], since);
            self.ended = Some(*part);
        }
    }

    /// Takes the part of thoughts that has ended and that no event was about.
    pub(super) fn take_ended(&mut self) -> Option<usize> {
        self.ended.take()
    }

    /// Puts it back: the event was not stored.
    pub(super) fn put_back_ended(&mut self, part: usize) {
        self.ended.get_or_insert(part);
    }

    /// Removes the parts from this index on.
    fn truncate(&mut self, kept: usize) {
        self.parts.truncate(kept);
        (self.text, self.thoughts, self.ended) = (None, None, None);
        self.measure();
    }

    /// The part with the text of this answer, if the answer has nothing else.
    fn only_text(&self) -> Option<usize> {
        self.text.filter(|part| self.thoughts.is_none() && part + 1 == self.parts.len())
    }

    /// Appends text or thoughts. Returns their part and their offset in bytes.
    fn push(&mut self, kind: TextKind, more: &str) -> (usize, usize) {
        let open = match kind {
            TextKind::Text => self.text,
            TextKind::Reasoning => self.thoughts.map(|thoughts| thoughts.part),
        };
        let part = open.unwrap_or_else(|| {
            self.parts.push(Part::streamed(kind, ""));
            self.parts.len() - 1
        });
        match kind {
            TextKind::Text => self.text = Some(part),
            TextKind::Reasoning => {
                let thoughts = self.thoughts.get_or_insert(Thoughts { part, since: None });
                let before = duration(&self.parts[part]);
                set_duration(&mut self.parts[part], *thoughts.since.get_or_insert_with(|| (Instant::now(), before)));
            }
        }
        let (Part::Text { text } | Part::Reasoning { text, .. }) = &mut self.parts[part] else { return (part, 0) };
        // Devices place a delta by its offset, so it counts the bytes of this part alone.
        let offset = text.len();
        text.push_str(more);
        (part, offset)
    }
}

fn duration(part: &Part) -> u64 {
    match part {
        Part::Reasoning { duration_ms, .. } => *duration_ms,
        _ => 0,
    }
}

fn set_duration(part: &mut Part, (since, before): (Instant, u64)) {
    if let Part::Reasoning { duration_ms, .. } = part {
        *duration_ms = before + u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
    }
}

impl RunWorker {
    /// Publishes more text. Ends the run when the reply is full.
    pub(super) fn push_text(&mut self, text: &str) -> RunResult<()> {
        let taken = self.reply.capacity.take(TextKind::Text, text);
        if !taken.is_empty() {
            self.first_token_ms = self.first_token_ms.or_else(|| Some(self.worked_ms()));
            self.append(TextKind::Text, taken);
        }
        if taken.len() < text.len() { Err(RunEnd::Interrupted(ReplyErrorCode::Limit)) } else { Ok(()) }
    }

    /// Publishes more thoughts. Those beyond the limit are not shown; the answer after them still is.
    pub(super) fn push_thoughts(&mut self, text: &str) {
        // Models without anything to think about send empty lines.
        let begins = self.reply.thoughts.is_none();
        let text = if begins { text.trim_start() } else { text };
        let taken = self.reply.capacity.take(TextKind::Reasoning, text);
        if !taken.is_empty() {
            self.append(TextKind::Reasoning, taken);
        }
    }

    fn append(&mut self, kind: TextKind, text: &str) {
        let (part, offset) = self.reply.push(kind, text);
        let (message_id, attempt) = (self.claimed.run.message_id, self.claimed.run.attempt);
        let delta = Delta { message_id, attempt, part, offset, text: text.to_owned(), kind };
        self.checkpoints.add(&delta);
        self.services.stream(&self.claimed, delta);
    }

    /// Makes thoughts of the text of this answer, if it has nothing else: a new attempt begins with them.
    pub(super) async fn retype_text(&mut self) -> RunResult<()> {
        let Some(part) = self.reply.only_text() else { return Ok(()) };
        let thoughts = self.reply.parts[part].as_text().unwrap_or_default().to_owned();
        self.restart(part).await?;
        self.push_thoughts(&thoughts);
        Ok(())
    }

    /// Starts the reply over from the parts that stay, under a new attempt.
    pub(super) async fn restart(&mut self, kept: usize) -> RunResult<()> {
        self.await_thought_event().await;
        let mut unit = self.begin(None).await?;
        let mut claimed = self.claimed.clone();
        if claimed.taken_over {
            // The claim has raised the attempt already; it only has to be published.
            claimed.taken_over = false;
        } else {
            claimed.run.attempt += 1;
            claimed.message.attempt = claimed.run.attempt;
        }
        self.reply.truncate(kept);
        let mut message = claimed.message.clone();
        message.parts.clone_from(&self.reply.parts);
        runs::restart(&mut unit, &claimed.run, &mut message).await?;
        unit.commit().await?;
        self.set_parts(message.parts);
        self.checkpoints.clear();
        // Only after the commit: until then the run is fenced by the old attempt.
        self.claimed = claimed;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
