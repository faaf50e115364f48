//! A server with a scripted provider, which most tests of replies use.

use crate::{
    device::Device,
    fresh,
    provider::{Reply, ScriptedProvider},
    server::{Setup, TestServer},
};
use tandem_protocol::{ConversationId, MessageId};

/// A server and its scripted provider.
#[derive(Debug)]
pub struct ScriptedServer {
    pub server: TestServer,
    pub provider: ScriptedProvider,
}

impl ScriptedServer {
    /// Starts a provider, and a server with these settings that uses it.
    pub async fn start(setup: Setup) -> Self {
        let provider = ScriptedProvider::start().await;
        Self { server: setup.openai(&provider).start().await, provider }
    }

    /// Sends a message with these scripted replies in a new conversation. Returns the word of the script and the id of
    /// the reply.
    pub async fn start_reply(&self, device: &Device, replies: impl IntoIterator<Item = Reply>) -> (String, MessageId) {
        let word = fresh::word("scripted");
        self.provider.answer(&word, replies);
        let sent = device.send_message(ConversationId(fresh::id()), &format!("please {word}")).await;
        (word, sent.assistant_message.id)
    }
}
