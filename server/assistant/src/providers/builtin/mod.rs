//! The assistant in the binary: it parses the message with the grammar of `tandem_nl`, calls the same tools as a model,
//! and puts their results into sentences.
//!
//! It needs no key and no network, so a fresh installation works, and replies go on when every other provider fails.
//!
//! **Invariant:** it has no state between messages: which tasks were listed, changed or asked about is read from the
//! conversation. The same conversation with the same tasks gives the same answer.

pub(crate) mod approval;
mod context;
mod list;
mod markdown;
mod pacing;
mod phrases;
mod plan;
mod results;

use crate::{
    compute::{Busy, Compute},
    provider::{ChunkStream, LocalContext, Provider, ProviderError, Request},
};
use async_trait::async_trait;
use jiff::{Zoned, civil::Time};
use plan::AnswerPlan;
use tandem_domain::zone;
use tandem_protocol::{
    enums::Role,
    model::{Message, Part, Task},
    settings::DateStyle,
};
use tandem_service::{TaskCounts, candidates::Wanted};

/// The provider's name in replies and steps.
pub(crate) const NAME: &str = "builtin";

#[derive(Clone, Debug, Default)]
pub(super) struct Builtin {
    compute: Compute,
}

#[async_trait]
impl Provider for Builtin {
    fn name(&self) -> &'static str {
        NAME
    }

    fn model(&self) -> &'static str {
        "grammar"
    }

    fn is_deterministic(&self) -> bool {
        true
    }

    fn wanted_tasks(&self, history: &[Message]) -> Option<Wanted> {
        Some(context::wanted(history))
    }

    async fn stream(&self, request: Request<'_>) -> Result<ChunkStream, ProviderError> {
        let owned = OwnedContext::of(&request.local.ok_or(ProviderError::Request)?);
        // Without processor time in two seconds it counts as a provider that is late.
        let plan =
            self.compute.run(move || plan_answer(&owned.borrow())).await.map_err(|Busy| ProviderError::FirstToken)?;
        Ok(pacing::stream(plan))
    }
}

/// A [`LocalContext`] that can be sent to another thread.
struct OwnedContext {
    now: Zoned,
    all_day: Time,
    style: DateStyle,
    history: Vec<Message>,
    reply: Vec<Part>,
    rounds: usize,
    counts: TaskCounts,
    tasks: Vec<Task>,
    instead_of: Option<String>,
}

impl OwnedContext {
    fn of(local: &LocalContext<'_>) -> Self {
        let &LocalContext { now, all_day, style, history, reply, rounds, counts, tasks, instead_of } = local;
        let (now, history) = (now.clone(), history.to_vec());
        let tasks = tasks.iter().cloned().map(|task| on_clock_of(task, &now)).collect();
        let instead_of = instead_of.map(str::to_owned);
        Self { now, all_day, style, history, reply: reply.to_vec(), rounds, counts, tasks, instead_of }
    }

    fn borrow(&self) -> LocalContext<'_> {
        let Self { now, all_day, style, history, reply, rounds, counts, tasks, instead_of } = self;
        LocalContext {
            now,
            all_day: *all_day,
            style: *style,
            history,
            reply,
            rounds: *rounds,
            counts: *counts,
            tasks,
            instead_of: instead_of.as_deref(),
        }
    }
}

/// A task with its due time on the user's clock, which is the one that the user speaks of: "delete what is due today".
fn on_clock_of(task: Task, now: &Zoned) -> Task {
    let due = task.due.map(|due| zone::on_clock_of(due, now.time_zone()));
    Task { due, ..task }
}

fn plan_answer(local: &LocalContext<'_>) -> AnswerPlan {
    let mut plan = if local.rounds == 0 { read_message(local) } else { AnswerPlan::from_text(results::compose(local)) };
    // Each round of tools plans anew; the notice must not come twice.
    let announced = |part: &Part| part.as_text().is_some_and(|text| text.contains(phrases::INSTEAD));
    if let Some(why) = local.instead_of
        && !local.reply.iter().any(announced)
    {
        plan.text.insert_str(0, &phrases::instead_of(why));
    }
    plan
}

fn read_message(local: &LocalContext<'_>) -> AnswerPlan {
    let message = last_user_message(local);
    let state = context::ConversationState::of(local);
    plan::of(tandem_nl::read(&message, &state.context(local)), local)
}

fn last_user_message(local: &LocalContext<'_>) -> String {
    let message = local.history.iter().rev().find(|message| message.role == Role::User);
    message.map(Message::text).unwrap_or_default()
}

#[cfg(test)]
mod tests;
