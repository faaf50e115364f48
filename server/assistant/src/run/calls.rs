//! The tool calls of an answer: persisted, run one by one, or put before the user.

use super::{
    Run, Step, StepCall,
    assembly::{Assembly, Call},
    end::{RunEnd, RunResult},
    limits::{CallBudget, CallDecision, RUN},
    sizes,
};
use crate::{
    provider::Finish,
    tools::{self, Weight},
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

impl Run {
    /// Ends the run when an answer asks for no tools; otherwise persists it as a step, with its calls shown.
    pub(super) async fn settle(&mut self, answer: Assembly) -> RunResult<()> {
        match answer.finish {
            Some(Finish::Length) => return Err(RunEnd::Interrupted(ReplyErrorCode::Length)),
            Some(Finish::ContentFilter) => return Err(RunEnd::Failed(ReplyErrorCode::ContentFilter)),
            Some(Finish::Stop) | None => {}
        }
        let (prompt_tokens, completion_tokens) = answer.usage;
        let calls = answer.into_calls();
        if calls.is_empty() {
            return Err(RunEnd::Complete);
        }
        self.saved().await?;
        let mut unit = self.begin(None).await?;
        let calls = weighed(&mut unit, calls).await?;
        let plan = CallBudget::of(&self.steps, &self.reply.parts).classify(calls);
        self.reply.close_text();
        let shown = self.reply.parts.len();
        let calls = plan.calls.into_iter().map(|(call, weight, verdict)| self.show(call, weight, verdict)).collect();
        if !sizes::has_reserve(sizes::json_bytes(&self.reply.parts)) {
            self.reply.parts.truncate(shown);
            return Err(RunEnd::Interrupted(ReplyErrorCode::Limit));
        }
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
        self.persist(unit, step, shown).await
    }

    /// Adds a call to the reply.
    fn show(&mut self, call: Call, weight: Weight, verdict: CallDecision) -> StepCall {
        let part = self.reply.parts.len();
        let call_id = self.call_id(&call.id, part);
        let arguments = if call.oversized { json!({}) } else { call.shown_arguments() };
        let asked = verdict == CallDecision::Ask;
        let (state, result) = match verdict {
            CallDecision::Run => (ToolState::Running, Value::Null),
            CallDecision::Ask => (ToolState::AwaitingApproval, Value::Null),
            CallDecision::Refuse(error) => (ToolState::Failed, json!(error)),
        };
        let name = call.name.clone();
        self.reply.parts.push(Part::ToolCall(ToolCall { call_id, name, arguments, state, result, undo_token: None }));
        StepCall { part, name: call.name, arguments: call.arguments, extra: call.extra, weight: Some(weight), asked }
    }

    /// The id of a call. No other call of the reply has it, so that an answer of the user goes to one call alone.
    fn call_id(&self, given: &str, part: usize) -> String {
        let taken = |id: &str| self.reply.parts.iter().filter_map(Part::as_tool_call).any(|call| call.call_id == id);
        if !given.is_empty() && !taken(given) {
            return given.to_owned();
        }
        let mut id = format!("call_{part}");
        while taken(&id) {
            id.push('_');
        }
        id
    }

    async fn persist(&mut self, mut unit: UnitOfWork, step: Step, shown: usize) -> RunResult<()> {
        let mut message = self.message();
        save_step(&mut unit, message.id, self.steps.len(), &step).await?;
        let changed: Vec<usize> = (shown..message.parts.len()).collect();
        runs::save_progress(&mut unit, &mut message, &changed).await?;
        unit.commit().await?;
        self.stored(message.parts);
        self.steps.push(step);
        Ok(())
    }

    /// Runs the calls of the last step that are to be run. Leaves the run when some wait for the user.
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
            if !self.waits() {
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
        if self.worked() >= RUN { Err(RunEnd::Interrupted(ReplyErrorCode::Limit)) } else { Ok(()) }
    }

    /// Runs one call. Its effect, its event and its result are one transaction; a call that was run before is not run
    /// again.
    #[tracing::instrument(name = "tool", skip_all, fields(call = at, tool))]
    async fn run_call(&mut self, step: usize, at: usize, part: usize) -> RunResult<()> {
        let Some(call) = self.call_at(part).cloned() else { return Ok(()) };
        Span::current().record("tool", &call.name);
        if tools::only_reads(&call.name) {
            return self.run_reading(&call, part).await;
        }
        let command = command_key(self.claimed.run.message_id, step, at, &call);
        let mut unit = self.begin(Some(command)).await?;
        if let Some(done) = unit.earlier_answer().await? {
            let result = serde_json::from_str(done.body.get()).map_err(ServiceError::from)?;
            return self.record(unit, part, ToolState::Done, result).await;
        }
        if !self.steps[step].calls[at].asked {
            let weight = tools::weigh(&mut unit, &call.name, &call.arguments).await?;
            match CallBudget::around(&self.steps, &self.reply.parts, at).judge_again(&weight) {
                CallDecision::Run => self.reweigh(&mut unit, at, weight).await?,
                CallDecision::Ask => return self.put_before(unit, at, weight).await,
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
                drop(unit);
                let unit = self.begin(None).await?;
                self.record(unit, part, ToolState::Failed, sizes::clipped(json!(error))).await
            }
        }
    }

    /// Keeps what a call of the last step does by now, where that is something else than when it was made.
    async fn reweigh(&mut self, unit: &mut UnitOfWork, at: usize, weight: Weight) -> RunResult<()> {
        let index = self.steps.len() - 1;
        let known = &mut self.steps[index].calls[at].weight;
        if known.as_ref() == Some(&weight) {
            return Ok(());
        }
        *known = Some(weight);
        save_step(unit, self.claimed.run.message_id, index, &self.steps[index]).await
    }

    /// Puts a call of the last step before the user, which was not to be asked about when it was made.
    async fn put_before(&mut self, mut unit: UnitOfWork, at: usize, weight: Weight) -> RunResult<()> {
        let (mut message, index) = (self.message(), self.steps.len() - 1);
        let mut step = self.steps[index].clone();
        step.calls[at].weight = Some(weight);
        step.calls[at].asked = true;
        save_step(&mut unit, message.id, index, &step).await?;
        runs::request_approval(&mut unit, &mut message, step.calls[at].part).await?;
        unit.commit().await?;
        self.stored(message.parts);
        self.steps[index] = step;
        Ok(())
    }

    /// Writes a call's outcome and commits. When the message would become too large nothing has happened, and the run ends.
    pub(super) async fn record(
        &mut self,
        mut unit: UnitOfWork,
        part: usize,
        state: ToolState,
        result: Value,
    ) -> RunResult<()> {
        let mut message = self.message();
        if let Some(Part::ToolCall(call)) = message.parts.get_mut(part) {
            settle_call(call, state, result);
        }
        if sizes::json_bytes(&message.parts) > sizes::MAX_MESSAGE {
            return Err(RunEnd::Interrupted(ReplyErrorCode::Limit));
        }
        runs::save_progress(&mut unit, &mut message, &[part]).await?;
        unit.commit().await?;
        self.stored(message.parts);
        Ok(())
    }

    /// Leaves the run until the user has answered. Comes back when the answers were faster.
    async fn park(&mut self) -> RunResult<()> {
        let mut unit = self.begin(None).await?;
        let mut message = self.message();
        runs::save_progress(&mut unit, &mut message, &[]).await?;
        self.stored(message.parts);
        let waits = self.waits();
        if waits {
            self.services.park_run(&mut unit, &self.claimed.run).await?;
        }
        unit.commit().await?;
        if waits { Err(RunEnd::Parked) } else { Ok(()) }
    }

    /// Takes over what the calls of the last step have done after all: a commit whose answer was lost may have happened.
    pub(super) async fn recall(&self, unit: &mut UnitOfWork, parts: &mut [Part]) -> tandem_service::Result<()> {
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

    fn waits(&self) -> bool {
        let calls = self.reply.parts.iter().filter_map(Part::as_tool_call);
        calls.into_iter().any(|call| call.state == ToolState::AwaitingApproval)
    }

    fn call_at(&self, part: usize) -> Option<&ToolCall> {
        self.reply.parts.get(part).and_then(Part::as_tool_call)
    }

    pub(super) async fn begin(&self, command: Option<CommandKey>) -> RunResult<UnitOfWork> {
        self.services.begin_for_run(&self.claimed, command).await?.ok_or(RunEnd::Lost)
    }
}

/// Shows what came of a call.
fn settle_call(call: &mut ToolCall, state: ToolState, result: Value) {
    call.state = state;
    call.undo_token = result.get("undo_token").and_then(Value::as_str).map(str::to_owned);
    call.result = result;
}

/// Finds out what each call would do.
async fn weighed(unit: &mut UnitOfWork, calls: Vec<Call>) -> RunResult<Vec<(Call, Weight)>> {
    let mut weighed = Vec::with_capacity(calls.len());
    for call in calls {
        let weight = match call.fault() {
            None => tools::weigh(unit, &call.name, &call.shown_arguments()).await?,
            Some(_) => Weight::default(),
        };
        weighed.push((call, weight));
    }
    Ok(weighed)
}

async fn save_step(unit: &mut UnitOfWork, message: MessageId, index: usize, step: &Step) -> RunResult<()> {
    Ok(runs::save_step(unit, message, index, step).await?)
}

/// The arguments that a call is run with. An undo that the user approved takes back what it would have taken back when
/// they were asked, not what has become the last change since.
fn approved(made: &StepCall, call: &ToolCall) -> Value {
    match made.weight.as_ref().and_then(|weight| weight.undo_token.as_ref()) {
        Some(token) if made.asked => json!({ "undo_token": token }),
        _ => call.arguments.clone(),
    }
}

/// A call as a command, which is done once whoever runs it.
fn command_key(message: MessageId, step: usize, at: usize, call: &ToolCall) -> CommandKey {
    CommandKey::new(command_id(message, step, at), format!("{} {}", call.name, call.arguments))
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
