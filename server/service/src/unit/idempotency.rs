//! Doing a change once, however often it is tried.
//!
//! A client, or a node that takes a run over, cannot know whether an attempt without an answer took effect. So a
//! command of a client (REST: `Idempotency-Key`) and a tool call of a run carry an id; what they answered is written
//! under the id in the transaction of the change, and a repetition gets that answer and changes nothing.
//!
//! **Invariant:** an id stands for one content. The same id with another content is refused.

use super::{Result, ServiceError, UnitOfWork, answers};
use serde::Serialize;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};
use tandem_protocol::CommandId;
use tandem_store::StoredCommand;

/// Names a change that may be tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommandKey {
    id: CommandId,
    fingerprint: [u8; 32],
}

impl CommandKey {
    /// The key of a change with this content: its name and arguments, in a form that is the same at each attempt.
    pub fn new(id: CommandId, content: impl AsRef<[u8]>) -> Self {
        Self { id, fingerprint: Sha256::digest(content).into() }
    }

    pub(super) fn id(self) -> CommandId {
        self.id
    }

    /// # Errors
    /// [`ServiceError::IdempotencyConflict`] when this id was used for another content.
    fn check(self, done: &StoredCommand) -> Result<()> {
        if done.fingerprint == self.fingerprint { Ok(()) } else { Err(ServiceError::IdempotencyConflict) }
    }
}

/// The answer to a change.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The HTTP status of the answer.
    pub status: u16,
    /// The seq of the last event of the change; of the newest event when nothing changed.
    pub seq: i64,
    /// The body, over REST and in an `ack` alike.
    pub body: Box<RawValue>,
}

impl UnitOfWork {
    /// The answer to this unit's command when it was done before. With one, the caller must change nothing.
    ///
    /// # Errors
    /// [`ServiceError::IdempotencyConflict`] when the id of the command was used for another one.
    pub async fn earlier_answer(&mut self) -> Result<Option<Outcome>> {
        match (self.command, self.done.take()) {
            (Some(command), Some(done)) => {
                command.check(&done)?;
                self.outcome_of(done).await.map(Some)
            }
            _ => Ok(None),
        }
    }

    /// What another command answered, if it was done: for a commit whose confirmation was lost.
    ///
    /// # Errors
    /// [`ServiceError::IdempotencyConflict`] when the id of the command was used for another one.
    pub async fn answer_to(&mut self, command: CommandKey) -> Result<Option<Outcome>> {
        let Some(done) = self.tx.command(command.id).await? else { return Ok(None) };
        command.check(&done)?;
        self.outcome_of(done).await.map(Some)
    }

    /// The answer of a change that this unit has made.
    ///
    /// # Errors
    /// [`ServiceError::Internal`] when the body has no JSON form.
    pub fn outcome(&self, status: u16, body: &impl Serialize) -> Result<Outcome> {
        Ok(Outcome { status, seq: self.seq(), body: serde_json::value::to_raw_value(body)? })
    }

    /// Writes the answer under the id of this unit's command. Does nothing for a unit without one.
    ///
    /// # Errors
    /// A failure of the database, here or at the commit.
    pub async fn save_answer(&mut self, outcome: &Outcome) -> Result<()> {
        let Some(CommandKey { id, fingerprint }) = self.command else { return Ok(()) };
        let (body, event_refs) = answers::shortened(outcome.body.get(), &self.events);
        let done = StoredCommand { id, fingerprint, status: outcome.status, seq: outcome.seq, body, event_refs };
        Ok(self.tx.save_command(&done, self.now).await?)
    }

    async fn outcome_of(&mut self, done: StoredCommand) -> Result<Outcome> {
        let (status, seq) = (done.status, done.seq);
        let body = answers::whole(self.reads(), done).await?;
        Ok(Outcome { status, seq, body: RawValue::from_string(body)? })
    }
}
