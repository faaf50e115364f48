//! Turns an answer into a step: its tool calls are classified, added to the message and persisted before any of them is
//! run.
//!
//! A node that fails between two calls leaves the step behind, and the next node runs the rest. Without it, the
//! provider would be requested again and might choose other calls.
//!
//! **Invariant:** step, message and events of an answer are one transaction.

use super::{
    RunWorker, call_arguments,
    call_budget::{CallBudget, CallDecision},
    outcome::{RunEnd, RunResult},
    sizes,
    step::{Step, StepCall},
};
use crate::{
    ids,
    provider::Finish,
    providers::BUILTIN,
    tools::{self, CallImpact},
};
use serde_json::{Value, json};
use std::collections::HashSet;
use tandem_completions::{AnswerAssembly, Call};
use tandem_protocol::{
    enums::{ReplyErrorCode, ToolState},
    model::{Part, ToolCall},
};
use tandem_service::{UnitOfWork, runs};

impl RunWorker {
    /// Persists an answer with tool calls as a step, with its calls in the message. An answer without any ends the run.
    pub(super) async fn settle(&mut self, mut answer: AnswerAssembly) -> RunResult<()> {
        match answer.finish {
            Some(Finish::Length) => return Err(RunEnd::Interrupted(ReplyErrorCode::Length)),
            Some(Finish::ContentFilter) => return Err(RunEnd::Failed(ReplyErrorCode::ContentFilter)),
            Some(Finish::Stop | Finish::Broken) | None => {}
        }
        let (prompt_tokens, completion_tokens) = answer.usage;
        let echo = answer.take_echo();
        let calls = answer.into_calls();
        if calls.is_empty() {
            return Err(RunEnd::Complete);
        }
        self.await_thought_event().await;
        let mut unit = self.begin(None).await?;
        let provider = self.claimed.message.provider.clone();
        let in_words = provider.as_ref().is_some_and(|provider| provider.name == BUILTIN);
        let calls = assess_all(&mut unit, calls, in_words).await?;
        let classified = CallBudget::of(&self.steps, &self.reply.parts).classify(calls);
        self.reply.close_text();
        let shown = self.reply.parts.len();
        let calls =
            classified.calls.into_iter().map(|(call, impact, decision)| self.show(call, impact, decision)).collect();
        if !sizes::has_reserve(sizes::json_bytes(&self.reply.parts)) {
            // The message stays as it was: a part of the calls would be an answer that the provider did not give.
            self.reply.parts.truncate(shown);
            return Err(RunEnd::Interrupted(ReplyErrorCode::Limit));
        }
        let step = Step {
            provider: provider.as_ref().map_or_else(String::new, |provider| provider.name.clone()),
            model: provider.map_or_else(String::new, |provider| provider.model),
            calls,
            parts: self.reply.parts.len(),
            prompt_tokens,
            completion_tokens,
            first_token_ms: self.first_token_ms,
            worked_ms: self.worked_ms(),
            last: classified.last,
            echo,
        };
        self.reply.usage = (0, 0);
        self.persist(unit, step, shown).await
    }

    fn show(&mut self, call: Call, impact: CallImpact, decision: CallDecision) -> StepCall {
        let part = self.reply.parts.len();
        let call_id = self.call_id(&call.id, part);
        let arguments = call_arguments::shown(&call);
        let approval_required = decision == CallDecision::AwaitApproval;
        let (state, result) = match decision {
            CallDecision::Run => (ToolState::Running, Value::Null),
            CallDecision::AwaitApproval => (ToolState::AwaitingApproval, Value::Null),
            CallDecision::Refuse(error) => (ToolState::Failed, json!(error)),
        };
        let name = call.name.clone();
        let step = u32::try_from(self.steps.len()).unwrap_or(u32::MAX);
        let made = ToolCall { call_id, name, arguments, state, result, undo_token: None, step, decided: None };
        self.reply.parts.push(Part::ToolCall(made));
        StepCall {
            part,
            name: call.name,
            arguments: call.arguments,
            extra: call.extra,
            impact: Some(impact),
            approval_required,
        }
    }

    /// An id that no other call of the conversation has, so that the user's answer reaches one call, and that every
    /// provider accepts.
    fn call_id(&self, given: &str, part: usize) -> String {
        let earlier = self.history.iter().flat_map(|message| &message.parts);
        let taken: HashSet<&str> =
            earlier.chain(&self.reply.parts).filter_map(Part::as_tool_call).map(|call| call.call_id.as_str()).collect();
        if ids::is_usable(given) && !taken.contains(given) {
            return given.to_owned();
        }
        let mut from = format!("{}:{part}", self.claimed.run.message_id);
        loop {
            let id = ids::derived(&from);
            if !taken.contains(id.as_str()) {
                return id;
            }
            from.push('+');
        }
    }

    async fn persist(&mut self, mut unit: UnitOfWork, step: Step, shown: usize) -> RunResult<()> {
        let mut message = self.message();
        step.save(&mut unit, message.id, self.steps.len()).await?;
        let changed: Vec<usize> = self.reply.take_ended().into_iter().chain(shown..message.parts.len()).collect();
        runs::save_progress(&mut unit, &mut message, &changed).await?;
        unit.commit().await?;
        self.checkpoints.clear();
        self.set_parts(message.parts);
        self.steps.push(step);
        Ok(())
    }
}

/// `in_words`: whether the built-in assistant made the calls, out of what the user said.
async fn assess_all(unit: &mut UnitOfWork, calls: Vec<Call>, in_words: bool) -> RunResult<Vec<(Call, CallImpact)>> {
    let mut assessed = Vec::with_capacity(calls.len());
    for call in calls {
        let impact = match call_arguments::rejection(&call) {
            None => tools::assess(unit, &call.name, &call_arguments::shown(&call)).await?,
            Some(_) => CallImpact::default(),
        };
        let impact = if in_words { impact.of_words(&call.name) } else { impact };
        assessed.push((call, impact));
    }
    Ok(assessed)
}
