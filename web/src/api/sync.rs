//! What is read beside the socket: the snapshot, older messages, done tasks, search.

use super::{ApiError, Client};
use tandem_protocol::{
    ConversationId,
    model::{Conversation, Message, Task},
    rest::{Page, SearchHit, Snapshot},
};

/// Messages of one page of history: enough for the first screen, small enough to be quick.
const HISTORY_PAGE: u32 = 50;
/// Done tasks of one page.
const DONE_PAGE: u32 = 100;
/// Hits that the search dialog shows.
const SEARCH_PAGE: u32 = 20;

impl Client {
    /// Where a device starts.
    pub(crate) async fn snapshot(&self) -> Result<Snapshot, ApiError> {
        self.get("/api/v1/snapshot").await
    }

    /// A page of a conversation, newest first; the cursor leads to older ones.
    pub(crate) async fn history(
        &self,
        conversation: ConversationId,
        cursor: Option<&str>,
    ) -> Result<Page<Message>, ApiError> {
        let path = format!("/api/v1/conversations/{conversation}/messages?limit={HISTORY_PAGE}");
        self.get(&with_cursor(path, cursor)).await
    }

    /// One conversation: one that is not on the snapshot's page.
    pub(crate) async fn conversation(&self, id: ConversationId) -> Result<Conversation, ApiError> {
        self.get(&format!("/api/v1/conversations/{id}")).await
    }

    /// A further page of conversations.
    pub(crate) async fn conversations(&self, cursor: &str) -> Result<Page<Conversation>, ApiError> {
        self.get(&with_cursor("/api/v1/conversations?limit=50".to_owned(), Some(cursor))).await
    }

    /// A page of the done tasks.
    pub(crate) async fn done_tasks(&self, cursor: Option<&str>) -> Result<Page<Task>, ApiError> {
        self.get(&with_cursor(format!("/api/v1/tasks?status=done&limit={DONE_PAGE}"), cursor)).await
    }

    /// What holds these words; and when to ask again, in seconds, if the server said so.
    pub(crate) async fn search(&self, words: &str) -> (Result<Page<SearchHit>, ApiError>, Option<u32>) {
        self.get_or_wait(&format!("/api/v1/search?limit={SEARCH_PAGE}&q={}", encode(words))).await
    }
}

fn with_cursor(path: String, cursor: Option<&str>) -> String {
    match cursor {
        Some(cursor) => format!("{path}&cursor={}", encode(cursor)),
        None => path,
    }
}

fn encode(text: &str) -> String {
    js_sys::encode_uri_component(text).into()
}
