//! The tool calls of an answer: persisted, run one by one, or put before the user.

use super::{
    Run, Step, StepCall,
    assembly::{Assembly, Call},
    end::{End, Flow},
    limits::{RUN, Tally, Verdict},
};
use crate::{
    assistant::{
        provider::Finish,
        tools::{self, ToolError},
    },
    service::{self, ServiceError, Unit, runs},
    store::{StoredCommand, UndoOrigin},
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tandem_protocol::{
    CommandId, MessageId,
    model::{Part, ToolCall},
    vocab::{ReplyErrorCode, ToolState},
};
use uuid::Builder;

impl Run {
    /// Ends the run when an answer asks for no tools; otherwise persists it as a step, with its calls shown.
    pub(super) async fn settle(&mut self, answer: Assembly) -> Flow<()> {
        match answer.finish {
            Some(Finish::Length) => return Err(End::Interrupted(ReplyErrorCode::Length)),
            Some(Finish::ContentFilter) => return Err(End::Failed(ReplyErrorCode::ContentFilter)),
            Some(Finish::Stop) | None => {}
        }
        let (prompt_tokens, completion_tokens) = answer.usage;
        let calls = answer.into_calls();
        if calls.is_empty() {
            return Err(End::Complete);
        }
        let plan = Tally::of(&self.steps, &self.reply.parts).judge(calls);
        self.reply.close_text();
        let shown = self.reply.parts.len();
        let calls = plan.calls.into_iter().map(|(call, verdict)| self.show(call, verdict)).collect();
        let provider = self.claimed.message.provider.clone();
        let step = Step {
            provider: provider.as_ref().map_or_else(String::new, |provider| provider.name.clone()),
            model: provider.map_or_else(String::new, |provider| provider.model),
            calls,
            parts: self.reply.parts.len(),
            prompt_tokens,
            completion_tokens,
            first_token_ms: self.first_token_ms,
            worked_ms: u64::try_from(self.worked().as_millis()).unwrap_or(u64::MAX),
            last: plan.last,
        };
        self.reply.usage = (0, 0);
        self.persist(step, shown).await
    }

    /// Adds a call to the reply.
    fn show(&mut self, call: Call, verdict: Verdict) -> StepCall {
        let part = self.reply.parts.len();
        let taken = |id: &str| self.reply.parts.iter().filter_map(Part::as_tool_call).any(|call| call.call_id == id);
        let call_id = if call.id.is_empty() || taken(&call.id) { format!("call_{part}") } else { call.id.clone() };
        let arguments = call.parsed().unwrap_or_else(|| Value::String(call.arguments.clone()));
        let (state, result) = match verdict {
            Verdict::Run => (ToolState::Running, Value::Null),
            Verdict::Ask => (ToolState::AwaitingApproval, Value::Null),
            Verdict::Refuse => (ToolState::Failed, json!(unreadable())),
        };
        let name = call.name.clone();
        self.reply.parts.push(Part::ToolCall(ToolCall { call_id, name, arguments, state, result, undo_token: None }));
        StepCall { part, name: call.name, arguments: call.arguments, extra: call.extra }
    }

    async fn persist(&mut self, step: Step, shown: usize) -> Flow<()> {
        self.saved().await?;
        let mut unit = self.begin(None).await?;
        let (mut message, index) = (self.message(), i64::try_from(self.steps.len()).unwrap_or(i64::MAX));
        let value = serde_json::to_value(&step).map_err(ServiceError::from)?;
        unit.tx.save_run_step(message.id, index, &value).await.map_err(ServiceError::from)?;
        let changed: Vec<usize> = (shown..message.parts.len()).collect();
        runs::keep(&mut unit, &mut message, &changed).await?;
        unit.commit().await?;
        self.stored(message.parts);
        self.steps.push(step);
        Ok(())
    }

    /// Runs the calls of the last step that are to be run. Leaves the run when some wait for the user.
    pub(super) async fn run_calls(&mut self) -> Flow<()> {
        loop {
            let step = self.steps.len() - 1;
            for at in 0..self.steps[step].calls.len() {
                let part = self.steps[step].calls[at].part;
                if self.call_at(part).is_some_and(|call| call.state == ToolState::Running) {
                    self.check_stop()?;
                    self.run_call(step, at, part).await?;
                }
            }
            if !self.waits() {
                return Ok(());
            }
            self.park().await?;
        }
    }

    fn check_stop(&self) -> Flow<()> {
        if self.stop.cancel.is_cancelled() {
            return Err(End::Cancelled);
        }
        if self.stop.release.is_cancelled() {
            return Err(End::Released);
        }
        if self.worked() >= RUN { Err(End::Interrupted(ReplyErrorCode::Limit)) } else { Ok(()) }
    }

    /// Runs one call. Its effect, its event and its result are one transaction; a call that was run before is not run
    /// again.
    async fn run_call(&mut self, step: usize, at: usize, part: usize) -> Flow<()> {
        let Some(call) = self.call_at(part).cloned() else { return Ok(()) };
        if tools::only_reads(&call.name) {
            return self.run_reading(&call, part).await;
        }
        let command = command_id(self.claimed.run.message_id, step, at);
        let mut unit = self.begin(Some(command)).await?;
        if let Some(done) = unit.done.take() {
            let result = serde_json::from_str(&done.body).map_err(ServiceError::from)?;
            return self.record(unit, part, ToolState::Done, result).await;
        }
        unit.origin = Some(UndoOrigin { message_id: self.claimed.run.message_id, part });
        match tools::call(&mut unit, &call.name, &call.arguments).await {
            Ok(result) => {
                remember(&mut unit, command, &call, &result).await?;
                self.record(unit, part, ToolState::Done, result).await
            }
            Err(error) => {
                drop(unit);
                let unit = self.begin(None).await?;
                self.record(unit, part, ToolState::Failed, json!(error)).await
            }
        }
    }

    /// Writes a call's outcome and commits.
    pub(super) async fn record(&mut self, mut unit: Unit, part: usize, state: ToolState, result: Value) -> Flow<()> {
        let mut message = self.message();
        if let Some(Part::ToolCall(call)) = message.parts.get_mut(part) {
            settle_call(call, state, result);
        }
        runs::keep(&mut unit, &mut message, &[part]).await?;
        unit.commit().await?;
        self.stored(message.parts);
        Ok(())
    }

    /// Leaves the run until the user has answered. Comes back when the answers were faster.
    async fn park(&mut self) -> Flow<()> {
        let mut unit = self.begin(None).await?;
        let mut message = self.message();
        runs::keep(&mut unit, &mut message, &[]).await?;
        self.stored(message.parts);
        let waits = self.waits();
        if waits {
            self.services.park_run(&mut unit, &self.claimed.run).await?;
        }
        unit.commit().await?;
        if waits { Err(End::Parked) } else { Ok(()) }
    }

    /// Takes over what the calls of the last step have done after all: a commit whose answer was lost may have happened.
    pub(super) async fn recall(&self, unit: &mut Unit, parts: &mut [Part]) -> service::Result<()> {
        let Some(step) = self.steps.len().checked_sub(1) else { return Ok(()) };
        for (at, call) in self.steps[step].calls.iter().enumerate() {
            let Some(Part::ToolCall(shown)) = parts.get_mut(call.part) else { continue };
            if shown.state != ToolState::Running {
                continue;
            }
            if let Some(done) = unit.tx.command(command_id(self.claimed.run.message_id, step, at)).await? {
                settle_call(shown, ToolState::Done, serde_json::from_str(&done.body)?);
            }
        }
        Ok(())
    }

    fn waits(&self) -> bool {
        let calls = self.reply.parts.iter().filter_map(Part::as_tool_call);
        calls.into_iter().any(|call| call.state == ToolState::AwaitingApproval)
    }

    fn call_at(&self, part: usize) -> Option<&ToolCall> {
        self.reply.parts.get(part).and_then(Part::as_tool_call)
    }

    pub(super) async fn begin(&self, command: Option<CommandId>) -> Flow<Unit> {
        self.services.begin_for_run(&self.claimed, command).await?.ok_or(End::Lost)
    }
}

/// Shows what came of a call.
fn settle_call(call: &mut ToolCall, state: ToolState, result: Value) {
    call.state = state;
    call.undo_token = result.get("undo_token").and_then(Value::as_str).map(str::to_owned);
    call.result = result;
}

fn unreadable() -> ToolError {
    ToolError::validation("The arguments are not a JSON object.").hint("Send the call again with valid JSON.")
}

/// Keeps what a call answered under its id, in the transaction of its effect.
async fn remember(unit: &mut Unit, id: CommandId, call: &ToolCall, result: &Value) -> Flow<()> {
    let fingerprint: [u8; 32] = Sha256::digest(format!("{} {}", call.name, call.arguments)).into();
    let done = StoredCommand { id, fingerprint, status: 200, seq: unit.seq(), body: result.to_string() };
    let now = unit.now;
    unit.tx.save_command(&done, now).await.map_err(ServiceError::from)?;
    Ok(())
}

/// The id of a call as a command: the same on every node that takes the run up.
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
