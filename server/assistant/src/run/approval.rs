//! A message that was sent while another reply of its conversation waits for approval: it is read as the user's answer.
//!
//! The reply to it is one sentence, made here without a provider, so that an answer in words works with every provider and
//! when none can be reached.
//!
//! **Invariant:** the decisions and the reply that repeats them are one transaction.

use super::{
    RunWorker,
    outcome::{RunEnd, RunResult},
};
use crate::{
    providers::{BUILTIN, approval},
    tools,
};
use tandem_protocol::{
    enums::{MessageState, Role},
    model::{Message, Part, ProviderRef},
};
use tandem_service::{
    UnitOfWork,
    runs::{self, Beside},
};

impl RunWorker {
    /// Ends the reply when its message was an answer to an approval, or came while one was open.
    pub(super) async fn answer_approval(&mut self) -> RunResult<()> {
        // A reply that has begun its own work is no answer.
        if !self.claimed.beside || !self.steps.is_empty() || !self.reply.parts.is_empty() {
            return Ok(());
        }
        let mut unit = self.begin(None).await?;
        match runs::beside(&mut unit, &self.claimed).await? {
            Beside::Nothing => Ok(()),
            // It was answered in the meantime, so this message stands for itself, in its turn.
            Beside::Running => {
                runs::queue_behind(&mut unit, &self.claimed).await?;
                unit.commit().await?;
                Err(RunEnd::Lost)
            }
            Beside::Waiting(waiting) => {
                self.settle_approval(unit, &waiting).await?;
                Err(RunEnd::Lost)
            }
        }
    }

    async fn settle_approval(&self, mut unit: UnitOfWork, waiting: &Message) -> RunResult<()> {
        let mut pending = Vec::new();
        for call in runs::awaiting(waiting).cloned() {
            let task = tools::named_task(&mut unit, &call.arguments).await?;
            pending.push(approval::Pending { call, task });
        }
        let before = self.history.iter().rev().find(|message| message.role == Role::Assistant);
        let said = self.history.last().map(Message::text).unwrap_or_default();
        let answer = approval::answer(&said, &pending, &self.now(), before);
        if !answer.decisions.is_empty() {
            runs::decide(&mut unit, waiting.id, &answer.decisions).await?;
        }
        let provider = ProviderRef { name: BUILTIN.into(), model: "grammar".into(), instead_of: None };
        let message = Message {
            state: MessageState::Complete,
            parts: vec![Part::text(answer.text)],
            provider: Some(provider),
            ..self.claimed.message.clone()
        };
        runs::finish(&mut unit, message).await?;
        unit.commit().await?;
        tracing::info!(waiting = %waiting.id, decided = answer.decisions.len(), "an answer to an approval was read");
        Ok(())
    }
}
