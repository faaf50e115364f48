//! The documents of the search: what is indexed of a conversation, message or task, and reading hits.

use super::{Row, rows::Columns as _, script::Script};
use crate::{SearchRow, shared::Expects};
use tandem_protocol::{
    ConversationId,
    enums::{ObjectKind, WireEnum as _},
};
use uuid::Uuid;

/// The most hits that are ordered, the newest. Ordering reads each one.
pub(crate) const CANDIDATES: i64 = 1_000;

/// What the search knows of an object.
pub(crate) struct Document<'a> {
    pub(crate) kind: ObjectKind,
    pub(crate) id: Uuid,
    /// The conversation in which it is opened, or the conversation itself.
    pub(crate) conversation_id: Option<Uuid>,
    pub(crate) title: &'a str,
    pub(crate) body: String,
}

impl Document<'_> {
    /// Whether it has no text to be found by.
    pub(crate) fn is_empty(&self) -> bool {
        self.title.is_empty() && self.body.is_empty()
    }
}

/// Removes an object from the search.
pub(crate) fn remove(script: &mut Script, owner: &str, kind: ObjectKind, id: Uuid) {
    script
        .add("delete from search_documents where user_id = $1 and kind = $2 and id = $3", Expects::Anything)
        .bind(owner)
        .bind(kind.as_str())
        .bind(id);
}

/// Removes a conversation and its messages from the search. The messages must still be there.
pub(crate) fn remove_conversation(script: &mut Script, owner: &str, id: Uuid) {
    remove(script, owner, ObjectKind::Conversation, id);
    script
        .add(
            "delete from search_documents
              where user_id = $1
                and kind = $3
                and id in (select id from messages where user_id = $1 and conversation_id = $2)",
            Expects::Anything,
        )
        .bind(owner)
        .bind(id)
        .bind(ObjectKind::Message.as_str());
}

/// Reads a hit, of which the adapter has the text.
pub(crate) fn found(row: &Row, body: String) -> sqlx::Result<SearchRow> {
    Ok(SearchRow {
        kind: row.wire_enum("kind")?,
        id: row.plain::<Uuid>("id")?.to_string(),
        conversation_id: row.maybe_id("conversation_id", ConversationId)?,
        title: row.plain::<Option<String>>("title")?.unwrap_or_default(),
        body,
    })
}
