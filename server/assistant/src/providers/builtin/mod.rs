//! The assistant in the binary: no key, no network, the same answer to the same words. It reads the message with the
//! grammar of `tandem_nl`, asks for the same tools as a model would, and puts their results into words.
//!
//! It keeps nothing between messages: what was shown, touched and asked is read from the conversation.

mod context;
mod list;
mod pace;
mod plan;
mod result;
mod talk;
mod words;

use crate::{
    compute::{Busy, Compute},
    provider::{ChunkStream, LocalContext, Provider, ProviderError, Request},
};
use async_trait::async_trait;
use jiff::Zoned;
use plan::Plan;
use tandem_protocol::{
    enums::Role,
    model::{Message, Part, Task},
};
use tandem_service::{TaskCounts, candidates::Wanted};

#[derive(Clone, Debug, Default)]
pub(super) struct Builtin {
    compute: Compute,
}

#[async_trait]
impl Provider for Builtin {
    fn name(&self) -> &'static str {
        "builtin"
    }

    fn model(&self) -> &'static str {
        "grammar"
    }

    fn is_deterministic(&self) -> bool {
        true
    }

    fn wants(&self, history: &[Message]) -> Option<Wanted> {
        Some(context::wanted(history))
    }

    async fn stream(&self, request: Request<'_>) -> Result<ChunkStream, ProviderError> {
        let scene = Kept::of(&request.scene.ok_or(ProviderError::Request)?);
        // To whoever waits, no time for a message is a provider that does not answer in time.
        let plan = self.compute.run(move || answer(&scene.scene())).await.map_err(|Busy| ProviderError::FirstToken)?;
        Ok(pace::stream(plan))
    }
}

/// A scene that can go to another thread.
struct Kept {
    now: Zoned,
    history: Vec<Message>,
    reply: Vec<Part>,
    rounds: usize,
    counts: TaskCounts,
    tasks: Vec<Task>,
    is_fallback: bool,
}

impl Kept {
    fn of(scene: &LocalContext<'_>) -> Self {
        let &LocalContext { now, history, reply, rounds, counts, tasks, is_fallback } = scene;
        let (now, history) = (now.clone(), history.to_vec());
        Self { now, history, reply: reply.to_vec(), rounds, counts, tasks: tasks.to_vec(), is_fallback }
    }

    fn scene(&self) -> LocalContext<'_> {
        let Self { now, history, reply, rounds, counts, tasks, is_fallback } = self;
        LocalContext { now, history, reply, rounds: *rounds, counts: *counts, tasks, is_fallback: *is_fallback }
    }
}

/// What to say and to do next.
fn answer(scene: &LocalContext<'_>) -> Plan {
    let mut plan = if scene.rounds == 0 { first(scene) } else { Plan::say(result::compose(scene)) };
    let announced = |part: &Part| part.as_text().is_some_and(|text| text.starts_with(talk::STANDS_IN));
    if scene.is_fallback && !scene.reply.iter().any(announced) {
        plan.text.insert_str(0, talk::STANDS_IN);
    }
    plan
}

/// What to do about the message.
fn first(scene: &LocalContext<'_>) -> Plan {
    let message = message(scene);
    let known = context::Known::of(scene);
    plan::of(tandem_nl::read(&message, &known.context(scene)), scene)
}

/// What the user said.
fn message(scene: &LocalContext<'_>) -> String {
    let said = scene.history.iter().rev().find(|message| message.role == Role::User);
    said.map(Message::text).unwrap_or_default()
}

#[cfg(test)]
mod tests;
