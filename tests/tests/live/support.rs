//! The server that the tests share, and its provider.

use std::time::Duration;
use tandem_protocol::{ConversationId, MessageId};
use tandem_tests::{Device, Reply, ScriptedProvider, TestServer, database::DatabaseLocation, fresh};
use tokio::sync::OnceCell;

/// Between two words of a reply: short, but long enough that there is something to join.
pub(crate) const PACE: Duration = Duration::from_millis(5);

/// A server and what answers for it.
#[derive(Debug)]
pub(crate) struct Fixture {
    pub(crate) server: TestServer,
    pub(crate) provider: ScriptedProvider,
}

impl Fixture {
    /// A server of its own for one test, with direct access to its database.
    pub(crate) async fn of_ones_own() -> Self {
        let provider = ScriptedProvider::start().await;
        let server = TestServer::setup().openai(&provider).start().await;
        Self { server, provider }
    }

    /// One that a test may kill, on a database that it may look into.
    pub(crate) async fn on(location: &DatabaseLocation) -> Self {
        let provider = ScriptedProvider::start().await;
        let setup = TestServer::setup().openai(&provider).database(location.url());
        Self { server: setup.env("TANDEM_RATE_LIMIT", "off").start().await, provider }
    }

    /// The one that tests share.
    pub(crate) async fn shared() -> &'static Self {
        static STAGE: OnceCell<Fixture> = OnceCell::const_new();
        STAGE.get_or_init(Self::of_ones_own).await
    }

    /// Sends a message with these scripted replies. Returns the word of the script and the id of the reply.
    pub(crate) async fn start_reply(
        &self,
        device: &Device,
        replies: impl IntoIterator<Item = Reply>,
    ) -> (String, MessageId) {
        let word = fresh::word("tell");
        self.provider.answer(&word, replies);
        let sent = device.send_message(ConversationId(fresh::id()), &format!("please {word}")).await;
        (word, sent.assistant_message.id)
    }
}
