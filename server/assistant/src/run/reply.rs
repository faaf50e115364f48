//! The reply while it is written: its parts, the streamed text, and the checkpoints.
//!
//! Text is published before it is stored, because a commit for each token would hold it up. A checkpoint stores what
//! came in about a second, beside the stream, which does not wait for it. What is lost with a node is fetched from the
//! other nodes (`peer_text`).
//!
//! **Invariant:** at most one checkpoint of a reply is running, and no other change of the reply is written before it
//! has ended.

use super::{
    RunWorker,
    outcome::{RunEnd, RunResult},
    sizes::{TextCapacity, json_bytes},
};
use std::time::Duration;
use tandem_protocol::{enums::ReplyErrorCode, live::Delta, model::Part};
use tandem_runtime::tasks;
use tandem_service::{
    self,
    runs::{self, LeaseStatus},
};
use tokio::{task::JoinHandle, time::Instant};

/// New text is stored this long after the last checkpoint,
const CHECKPOINT_INTERVAL: Duration = Duration::from_secs(1);
/// or as soon as it has this many bytes.
const CHECKPOINT_BYTES: usize = 2048;
/// While a checkpoint is running, the stream looks at it no more often than this.
const CHECKPOINT_POLL: Duration = Duration::from_millis(50);

/// The parts of a reply, and what of them is stored.
#[derive(Debug)]
pub(super) struct ReplyBuffer {
    pub(super) parts: Vec<Part>,
    /// Whether more text is appended to the last part.
    open: bool,
    /// Bytes of text that no checkpoint contains.
    unsaved: usize,
    saved_at: Instant,
    /// The checkpoint that is running.
    checkpoint: Option<JoinHandle<tandem_service::Result<LeaseStatus>>>,
    capacity: TextCapacity,
    /// Prompt and completion tokens of the answer that is not yet a step.
    pub(super) usage: (u64, u64),
}

impl ReplyBuffer {
    pub(super) fn new(parts: Vec<Part>) -> Self {
        let (saved_at, capacity) = (Instant::now(), TextCapacity::default());
        let mut reply = Self { parts, open: false, unsaved: 0, saved_at, checkpoint: None, capacity, usage: (0, 0) };
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
        self.unsaved = 0;
        self.measure();
    }

    /// Appends text. Returns its part and its offset in bytes.
    fn push(&mut self, more: &str) -> (usize, usize) {
        self.unsaved += more.len();
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

    fn checkpoint_is_due(&self) -> bool {
        self.unsaved > 0 && (self.unsaved >= CHECKPOINT_BYTES || self.saved_at.elapsed() >= CHECKPOINT_INTERVAL)
    }

    /// When `checkpoint_if_due` has to be called, even if no more text comes.
    pub(super) fn next_checkpoint_at(&self) -> Option<Instant> {
        (self.unsaved > 0 || self.checkpoint.is_some())
            // While a checkpoint is running, `saved_at` may be long past: without the pause the stream would spin.
            .then(|| (self.saved_at + CHECKPOINT_INTERVAL).max(Instant::now() + CHECKPOINT_POLL))
    }

    /// Waits for a running checkpoint and ignores its result.
    pub(super) async fn discard_checkpoint(&mut self) {
        // It must have ended before the next write: it would overwrite that with older text.
        if let Some(checkpoint) = self.checkpoint.take() {
            let _ = checkpoint.await;
        }
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
        self.services.stream(&self.claimed, Delta { message_id, attempt, part, offset, text: text.to_owned() });
    }

    /// Evaluates a checkpoint that has ended, and starts the next when it is due.
    pub(super) async fn checkpoint_if_due(&mut self) -> RunResult<()> {
        if self.reply.checkpoint.as_ref().is_some_and(|checkpoint| !checkpoint.is_finished()) {
            return Ok(());
        }
        self.await_checkpoint().await?;
        if !self.reply.checkpoint_is_due() {
            return Ok(());
        }
        let (services, claimed, parts) = (self.services.clone(), self.claimed.clone(), self.reply.parts.clone());
        let checkpoint = async move { services.checkpoint(&claimed, parts).await };
        // On the tracker, so that a shutdown waits for it.
        self.reply.checkpoint = Some(tasks::spawn(self.services.tracker(), checkpoint));
        self.reply.unsaved = 0;
        self.reply.saved_at = Instant::now();
        Ok(())
    }

    /// Waits for the running checkpoint and evaluates it. After a failed one, the next is due a little later.
    pub(super) async fn await_checkpoint(&mut self) -> RunResult<()> {
        let Some(checkpoint) = self.reply.checkpoint.take() else { return Ok(()) };
        let failure = match checkpoint.await {
            Ok(Ok(LeaseStatus::Lost)) => return Err(RunEnd::Lost),
            Ok(Ok(LeaseStatus::CancelRequested)) => return Err(RunEnd::Cancelled),
            Ok(Ok(LeaseStatus::Ours)) => return Ok(()),
            Ok(Err(error)) => error.to_string(),
            Err(panic) => panic.to_string(),
        };
        tracing::warn!(error = failure, "a checkpoint failed");
        // The text of the failed checkpoint is not counted any more; one byte is enough to make another one due.
        self.reply.unsaved = self.reply.unsaved.max(1);
        Ok(())
    }

    /// Starts the reply over from the parts that stay, under a new attempt.
    pub(super) async fn restart(&mut self, kept: usize) -> RunResult<()> {
        self.await_checkpoint().await?;
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

    #[test]
    fn a_checkpoint_is_due_after_two_kibibytes() {
        let mut reply = ReplyBuffer::new(Vec::new());
        reply.push(&"x".repeat(CHECKPOINT_BYTES - 1));
        assert!(!reply.checkpoint_is_due());
        reply.push("x");
        assert!(reply.checkpoint_is_due());
    }
}
