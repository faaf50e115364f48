//! The endpoints that load what the socket does not send: the snapshot, older messages, completed tasks, search.

use super::{ApiError, Client};
use tandem_protocol::{
    ConversationId,
    model::{Conversation, Message, Task},
    rest::{Page, SearchHit, ServerInfo, Snapshot, TaskHistory},
};

/// Messages of one page: more than the first screen shows, few enough to load quickly.
const HISTORY_PAGE: u32 = 50;
/// Done tasks of one page.
const DONE_PAGE: u32 = 100;
/// Hits that the search dialog shows.
const SEARCH_PAGE: u32 = 20;

impl Client {
    /// The state from which a device starts to follow the event log.
    pub(crate) async fn snapshot(&self) -> Result<(Snapshot, String), ApiError> {
        self.get_to_keep("/api/v1/snapshot").await
    }

    /// What the server offers.
    pub(crate) async fn server(&self) -> Result<ServerInfo, ApiError> {
        self.get("/api/v1/server").await
    }

    /// A page of messages, newest first, and its text. The cursor continues to older ones.
    pub(crate) async fn history(
        &self,
        conversation: ConversationId,
        cursor: Option<&str>,
    ) -> Result<(Page<Message>, String), ApiError> {
        let path = format!("/api/v1/conversations/{conversation}/messages?limit={HISTORY_PAGE}");
        self.get_to_keep(&with_cursor(path, cursor)).await
    }

    /// One conversation, which may be missing on the first page of the list.
    pub(crate) async fn conversation(&self, id: ConversationId) -> Result<Conversation, ApiError> {
        self.get(&format!("/api/v1/conversations/{id}")).await
    }

    /// A further page of the list of conversations.
    pub(crate) async fn conversations(&self, cursor: &str) -> Result<Page<Conversation>, ApiError> {
        self.get(&with_cursor("/api/v1/conversations?limit=50".to_owned(), Some(cursor))).await
    }

    pub(crate) async fn task(&self, number: i64) -> Result<Task, ApiError> {
        self.get(&format!("/api/v1/tasks/{number}")).await
    }

    pub(crate) async fn task_history(&self, number: i64) -> Result<TaskHistory, ApiError> {
        self.get(&format!("/api/v1/tasks/{number}/history")).await
    }

    pub(crate) async fn done_tasks(&self, cursor: Option<&str>) -> Result<Page<Task>, ApiError> {
        self.get(&with_cursor(format!("/api/v1/tasks?status=done&limit={DONE_PAGE}"), cursor)).await
    }

    pub(crate) async fn done_labelled(&self, label: &str) -> Result<Page<Task>, ApiError> {
        self.get(&format!("/api/v1/tasks?status=done&limit={DONE_PAGE}&label={}", encode(label))).await
    }

    /// Done subtasks of tasks that are open, which the snapshot does not have.
    pub(crate) async fn done_parts(&self, cursor: Option<&str>) -> Result<Page<Task>, ApiError> {
        self.get(&with_cursor(format!("/api/v1/tasks?status=done&parent=open&limit={DONE_PAGE}"), cursor)).await
    }

    /// Searches for words. Also returns the pause in seconds that the server requested, if it did.
    pub(crate) async fn search(&self, words: &str) -> (Result<Page<SearchHit>, ApiError>, Option<u32>) {
        self.get_or_wait(&format!("/api/v1/search?limit={SEARCH_PAGE}&q={}", encode(words))).await
    }
}

fn with_cursor(path: String, cursor: Option<&str>) -> String {
    match cursor {
        // A cursor is opaque and may contain any character.
        Some(cursor) => format!("{path}&cursor={}", encode(cursor)),
        None => path,
    }
}

pub(super) fn encode(text: &str) -> String {
    js_sys::encode_uri_component(text).into()
}
