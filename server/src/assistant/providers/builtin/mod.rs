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

use crate::assistant::provider::{ChunkStream, Provider, ProviderError, Request, Scene};
use async_trait::async_trait;
use plan::Plan;
use tandem_protocol::{model::Part, vocab::Role};

/// The built-in assistant.
#[derive(Clone, Copy, Debug)]
pub(super) struct Builtin;

#[async_trait]
impl Provider for Builtin {
    fn name(&self) -> &'static str {
        "builtin"
    }

    fn model(&self) -> &'static str {
        "grammar"
    }

    fn repeats_itself(&self) -> bool {
        true
    }

    async fn stream(&self, request: Request<'_>) -> Result<ChunkStream, ProviderError> {
        let scene = request.scene.ok_or(ProviderError::Request)?;
        let mut plan = if scene.rounds == 0 { first(&scene) } else { Plan::say(result::compose(&scene)) };
        let told = |part: &Part| part.as_text().is_some_and(|text| text.starts_with(talk::STANDS_IN));
        if scene.stands_in && !scene.reply.iter().any(told) {
            plan.text.insert_str(0, talk::STANDS_IN);
        }
        Ok(pace::stream(plan))
    }
}

/// What to do about the message.
fn first(scene: &Scene<'_>) -> Plan {
    let message = message(scene);
    let known = context::Known::of(scene);
    plan::of(tandem_nl::read(&message, &known.context(scene)), scene)
}

/// What the user said.
fn message(scene: &Scene<'_>) -> String {
    let said = scene.history.iter().rev().find(|message| message.role == Role::User);
    said.map(tandem_protocol::model::Message::text).unwrap_or_default()
}
