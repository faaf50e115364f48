//! The event that says how long a model has thought, stored beside the stream.
//!
//! Devices show the time as soon as the text begins, also when the thought itself came before they joined. The stream does
//! not wait for the commit: while the database is away, a reply goes on.
//!
//! **Invariant:** no other change of the message is written before the one of this event has ended: it would be
//! overwritten with older parts.

use super::RunWorker;
use tandem_runtime::tasks;
use tokio::task::JoinHandle;

/// An event that is being stored.
#[derive(Debug)]
pub(super) struct ThoughtEvent {
    /// The part of thoughts that it is about.
    part: usize,
    work: JoinHandle<tandem_service::Result<()>>,
}

impl RunWorker {
    /// Begins to store the event of thoughts that have ended, if there are any.
    pub(super) fn store_thought_event(&mut self) {
        if self.thought_event.is_some() {
            return;
        }
        let Some(part) = self.reply.take_ended() else { return };
        let (services, claimed, parts) = (self.services.clone(), self.claimed.clone(), self.reply.parts.clone());
        let work = async move { services.store_part(&claimed, parts, part).await };
        // On the tracker, so that a shutdown waits for it.
        self.thought_event = Some(ThoughtEvent { part, work: tasks::spawn(self.services.tracker(), work) });
    }

    /// Waits for the event. If it was not stored, the next change of the message contains it.
    pub(super) async fn await_thought_event(&mut self) {
        let Some(ThoughtEvent { part, work }) = self.thought_event.take() else { return };
        let failure = match work.await {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error.to_string(),
            Err(panic) => panic.to_string(),
        };
        tracing::warn!(error = failure, "the time of a thought was not stored");
        self.reply.put_back_ended(part);
    }
}
