//! Runs the tool calls of the last step, one after the other, or asks the user to approve them.
//!
//! A call is a command with an id that every node computes alike. Its effect, its event and its result are one
//! transaction with the record of that command, so a call that was committed is never run again, even if the answer to
//! the commit was lost. Calls that only read use a snapshot and hold up no change; they have no record, and are
//! repeated instead.
//!
//! **Invariant:** the effect of a call is committed at most once.

use super::{
    RunWorker,
    call_budget::{CallBudget, CallDecision},
    outcome::{RunEnd, RunResult},
    sizes,
    step::StepCall,
};
use crate::{
    providers::BUILTIN,
    tools::{self, CallImpact, ToolError},
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tandem_protocol::{
    CommandId, MessageId,
    enums::{ReplyErrorCode, ToolState},
    model::{Part, ToolCall},
};
use tandem_service::{CommandKey, ServiceError, UndoOrigin, UnitOfWork, runs};
use tracing::Span;
use uuid::Builder;

impl RunWorker {
    /// Runs the calls of the last step that are in state `Running`. Parks the run while others wait for the user.
    pub(super) async fn run_calls(&mut self) -> RunResult<()> {
        loop {
            let step = self.steps.len() - 1;
            for at in 0..self.steps[step].calls.len() {
                let part = self.steps[step].calls[at].part;
                if self.call_at(part).is_some_and(|call| call.state == ToolState::Running) {
                    self.check_stop()?;
                    self.run_call(step, at, part).await?;
                }
            }
            if !self.awaits_approval() {
                return Ok(());
            }
            self.park().await?;
        }
    }

    fn check_stop(&self) -> RunResult<()> {
        if self.stop.cancel.is_cancelled() {
            return Err(RunEnd::Cancelled);
        }
        if self.stop.release.is_cancelled() {
            return Err(RunEnd::Released);
        }
        if self.worked() >= self.timeouts.reply { Err(RunEnd::Interrupted(ReplyErrorCode::Limit)) } else { Ok(()) }
    }

    /// Runs one call. A call that may change something is not run again when it was committed before.
    #[tracing::instrument(name = "tool", skip_all, fields(call = at, tool))]
    async fn run_call(&mut self, step: usize, at: usize, part: usize) -> RunResult<()> {
        let Some(call) = self.call_at(part).cloned() else { return Ok(()) };
        Span::current().record("tool", &call.name);
        if tools::only_reads(&call.name) {
            // To read again is harmless, so there is nothing to remember under a command id.
            return self.run_reading(&call, part).await;
        }
        let command = command_key(self.claimed.run.message_id, step, at, &call);
        let mut unit = self.begin(Some(command)).await?;
        // The command was committed before, here or on another node, but its result did not get into the message.
        if let Some(done) = unit.earlier_answer().await? {
            let result = serde_json::from_str(done.body.get()).map_err(ServiceError::from)?;
            return self.record(unit, part, ToolState::Done, result).await;
        }
        // An approved call is not classified again: it is run as the user saw it. Any other may do more by now than
        // when it was made, for example when the last change, which it undoes, is another one.
        if !self.steps[step].calls[at].approval_required {
            let impact = tools::assess(&mut unit, &call.name, &call.arguments).await?;
            let in_words = self.steps[step].provider == BUILTIN;
            let impact = if in_words { impact.of_words(&call.name) } else { impact };
            match CallBudget::around(&self.steps, &self.reply.parts, at).reclassify(&impact) {
                CallDecision::Run => self.update_impact(&mut unit, at, impact).await?,
                CallDecision::AwaitApproval => return self.ask_user(unit, at, impact).await,
                CallDecision::Refuse(error) => return self.record(unit, part, ToolState::Failed, json!(error)).await,
            }
        }
        unit.set_origin(UndoOrigin { message_id: self.claimed.run.message_id, part });
        let arguments = approved(&self.steps[step].calls[at], &call);
        match tools::call(&mut unit, &call.name, &arguments).await {
            Ok(result) => {
                let result = sizes::shortened(result);
                let outcome = unit.outcome(200, &result)?;
                unit.save_answer(&outcome).await?;
                self.record(unit, part, ToolState::Done, result).await
            }
            Err(error) => {
                // A tool that fails may have written a part of its work, so the result needs a unit of its own.
                drop(unit);
                let unit = self.begin(None).await?;
                self.record(unit, part, ToolState::Failed, sizes::clipped(json!(error))).await
            }
        }
    }

    /// Runs one call that only reads. Its result is recorded by a change of its own.
    async fn run_reading(&mut self, call: &ToolCall, part: usize) -> RunResult<()> {
        let (state, result) = match self.read(call).await {
            Ok(result) => (ToolState::Done, result),
            Err(error) => (ToolState::Failed, json!(error)),
        };
        let unit = self.begin(None).await?;
        self.record(unit, part, state, result).await
    }

    async fn read(&self, call: &ToolCall) -> Result<Value, ToolError> {
        let mut view = self.services.view(&self.claimed.caller).await?;
        tools::read(&mut view, &call.name, &call.arguments).await
    }

    /// Stores the impact that a call has by now, if it differs from the one at the time of the answer.
    async fn update_impact(&mut self, unit: &mut UnitOfWork, at: usize, impact: CallImpact) -> RunResult<()> {
        let index = self.steps.len() - 1;
        let known = &mut self.steps[index].calls[at].impact;
        if known.as_ref() == Some(&impact) {
            return Ok(());
        }
        *known = Some(impact);
        self.steps[index].save(unit, self.claimed.run.message_id, index).await
    }

    /// Asks the user about a call of the last step that needed no approval at the time of the answer.
    async fn ask_user(&mut self, mut unit: UnitOfWork, at: usize, impact: CallImpact) -> RunResult<()> {
        let (mut message, index) = (self.message(), self.steps.len() - 1);
        let mut step = self.steps[index].clone();
        step.calls[at].impact = Some(impact);
        step.calls[at].approval_required = true;
        step.save(&mut unit, message.id, index).await?;
        runs::request_approval(&mut unit, &mut message, step.calls[at].part).await?;
        unit.commit().await?;
        self.set_parts(message.parts);
        self.steps[index] = step;
        Ok(())
    }

    /// Writes the result of a call and commits. When the message would get too large nothing is committed, and the run
    /// ends.
    async fn record(&mut self, mut unit: UnitOfWork, part: usize, state: ToolState, result: Value) -> RunResult<()> {
        let mut message = self.message();
        if let Some(Part::ToolCall(call)) = message.parts.get_mut(part) {
            settle_call(call, state, result);
        }
        if sizes::json_bytes(&message.parts) > sizes::MAX_MESSAGE {
            return Err(RunEnd::Interrupted(ReplyErrorCode::Limit));
        }
        runs::save_progress(&mut unit, &mut message, &[part]).await?;
        unit.commit().await?;
        self.set_parts(message.parts);
        Ok(())
    }

    /// Gives up the lease until the user has answered. Returns when the answer has come in the meantime.
    async fn park(&mut self) -> RunResult<()> {
        let mut unit = self.begin(None).await?;
        let mut message = self.message();
        runs::save_progress(&mut unit, &mut message, &[]).await?;
        self.set_parts(message.parts);
        // The write has merged the answers of the user that came since the last one.
        let parked = self.awaits_approval();
        if parked && !self.services.park_run(&mut unit, self.claimed.run.message_id).await? {
            return Err(RunEnd::Cancelled);
        }
        unit.commit().await?;
        if parked { Err(RunEnd::Parked) } else { Ok(()) }
    }

    /// Adds the results of calls of the last step that were committed although the answer to the commit was lost.
    pub(super) async fn recover_results(
        &self,
        unit: &mut UnitOfWork,
        parts: &mut [Part],
    ) -> tandem_service::Result<()> {
        let Some(step) = self.steps.len().checked_sub(1) else { return Ok(()) };
        for (at, call) in self.steps[step].calls.iter().enumerate() {
            let Some(Part::ToolCall(shown)) = parts.get_mut(call.part) else { continue };
            if shown.state != ToolState::Running {
                continue;
            }
            let command = command_key(self.claimed.run.message_id, step, at, shown);
            if let Some(done) = unit.answer_to(command).await? {
                settle_call(shown, ToolState::Done, serde_json::from_str(done.body.get())?);
            }
        }
        Ok(())
    }

    fn awaits_approval(&self) -> bool {
        let calls = self.reply.parts.iter().filter_map(Part::as_tool_call);
        calls.into_iter().any(|call| call.state == ToolState::AwaitingApproval)
    }

    fn call_at(&self, part: usize) -> Option<&ToolCall> {
        self.reply.parts.get(part).and_then(Part::as_tool_call)
    }
}

fn settle_call(call: &mut ToolCall, state: ToolState, result: Value) {
    call.state = state;
    call.undo_token = result.get("undo_token").and_then(Value::as_str).map(str::to_owned);
    call.result = result;
}

fn approved(made: &StepCall, call: &ToolCall) -> Value {
    match made.impact.as_ref().and_then(|impact| impact.undo_token.as_ref()) {
        // The newest change may be another by now: the user approved to undo this one.
        Some(token) if made.approval_required => json!({ "undo_token": token }),
        _ => call.arguments.clone(),
    }
}

/// A call as a command, whose effect is committed at most once.
fn command_key(message: MessageId, step: usize, at: usize, call: &ToolCall) -> CommandKey {
    CommandKey::new(command_id(message, step, at), format!("{} {}", call.name, call.arguments))
}

/// The command id of a call, the same on every node.
fn command_id(message: MessageId, step: usize, call: usize) -> CommandId {
    let hash: [u8; 32] = Sha256::digest(format!("{message}:{step}:{call}")).into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    CommandId(Builder::from_custom_bytes(bytes).into_uuid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_has_the_same_command_id_on_every_node_and_no_other_has_it() {
        let message = MessageId(uuid::Uuid::from_u128(7));
        assert_eq!(command_id(message, 1, 2), command_id(message, 1, 2));
        assert_ne!(command_id(message, 1, 2), command_id(message, 2, 1));
        assert_ne!(command_id(message, 1, 2), command_id(MessageId(uuid::Uuid::from_u128(8)), 1, 2));
    }
}
