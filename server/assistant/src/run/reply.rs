//! The reply while it is written: its parts, and the text that is streamed into them.
//!
//! Text is published at once, and left to the checkpoints of the node (`checkpoints`) to be stored.
//!
//! **Invariant:** within an attempt the text of the parts is only appended, so an older checkpoint that is committed after
//! the message was written whole changes nothing.

use super::{
    RunWorker,
    outcome::{RunEnd, RunResult},
    sizes::{TextCapacity, json_bytes},
};
use tandem_protocol::{enums::ReplyErrorCode, live::Delta, model::Part};
use tandem_service::runs;

/// The parts of a reply.
#[derive(Debug)]
pub(super) struct ReplyBuffer {
    pub(super) parts: Vec<Part>,
    /// Whether more text is appended to the last part.
    open: bool,
    capacity: TextCapacity,
    /// Prompt and completion tokens of the answer that is not yet a step.
    pub(super) usage: (u64, u64),
}

impl ReplyBuffer {
    pub(super) fn new(parts: Vec<Part>) -> Self {
        let mut reply = Self { parts, open: false, capacity: TextCapacity::default(), usage: (0, 0) };
        reply.measure();
        reply
    }

    /// Computes the capacity again, after parts were added or removed.
    fn measure(&mut self) {
        // Only between answers: to serialise the reply for each delta would cost time in the square of its length.
        let text = self.parts.iter().filter_map(Part::as_text).map(str::len).sum();
        self.capacity = TextCapacity::remaining(text, json_bytes(&self.parts));
    }

    /// Characters of text in the parts from this index on.
    pub(super) fn text_chars(&self, from: usize) -> usize {
        self.parts.iter().skip(from).filter_map(Part::as_text).map(|text| text.chars().count()).sum()
    }

    /// Ends the last part: later text begins a new one.
    pub(super) fn close_text(&mut self) {
        self.open = false;
        self.measure();
    }

    /// Removes the parts from this index on.
    fn truncate(&mut self, kept: usize) {
        self.parts.truncate(kept);
        self.open = false;
        self.measure();
    }

    /// Appends text. Returns its part and its offset in bytes.
    fn push(&mut self, more: &str) -> (usize, usize) {
        if self.open
            && let Some(Part::Text { text }) = self.parts.last_mut()
        {
            // Devices place a delta by its offset, so it counts the bytes of this part alone.
            let offset = text.len();
            text.push_str(more);
            return (self.parts.len() - 1, offset);
        }
        self.parts.push(Part::text(more));
        self.open = true;
        (self.parts.len() - 1, 0)
    }
}

impl RunWorker {
    /// Publishes more text. Ends the run when the reply is full.
    pub(super) fn push_text(&mut self, text: &str) -> RunResult<()> {
        let taken = self.reply.capacity.take(text);
        if !taken.is_empty() {
            self.append_text(taken);
        }
        if taken.len() < text.len() { Err(RunEnd::Interrupted(ReplyErrorCode::Limit)) } else { Ok(()) }
    }

    fn append_text(&mut self, text: &str) {
        let (part, offset) = self.reply.push(text);
        self.first_token_ms = self.first_token_ms.or_else(|| Some(self.worked_ms()));
        let (message_id, attempt) = (self.claimed.run.message_id, self.claimed.run.attempt);
        let delta = Delta { message_id, attempt, part, offset, text: text.to_owned() };
        self.checkpoints.add(&delta);
        self.services.stream(&self.claimed, delta);
    }

    /// Starts the reply over from the parts that stay, under a new attempt.
    pub(super) async fn restart(&mut self, kept: usize) -> RunResult<()> {
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
mod tests {
    use super::*;

    #[test]
    fn text_of_an_answer_is_one_part_and_offsets_are_bytes() {
        let mut reply = ReplyBuffer::new(Vec::new());
        assert_eq!(reply.push("wörd "), (0, 0));
        assert_eq!(reply.push("🙂"), (0, 6));
        reply.close_text();
        assert_eq!(reply.push("next"), (1, 0));
        assert_eq!(reply.parts, [Part::text("wörd 🙂"), Part::text("next")]);
    }

    #[test]
    fn shown_text_is_counted_in_characters_from_a_part_on() {
        let reply = ReplyBuffer::new(vec![Part::text("before"), Part::text("🙂é")]);
        assert_eq!(reply.text_chars(1), 2);
        assert_eq!(reply.text_chars(2), 0);
    }
}
