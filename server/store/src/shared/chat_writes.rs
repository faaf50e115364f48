//! Changing conversations and messages.

use super::{
    At, Json,
    chat_rows::title_source,
    documents::{self, Document},
    script::{Script, Values},
    search,
    tx::{Tx, WriteState},
    updates,
};
use crate::{ChatWrites, ConversationRow, Result, shared::Expects};
use async_trait::async_trait;
use tandem_protocol::{
    ConversationId, MessageId, Timestamp,
    enums::{ObjectKind, WireEnum as _},
    model::{Conversation, Message, Summary},
};

#[async_trait]
impl ChatWrites for Tx<WriteState> {
    async fn insert_conversation(&mut self, row: &ConversationRow) -> Result<()> {
        let (script, owner) = self.script();
        let shown = &row.conversation;
        let values = script.add(
            "insert into conversations
                    (user_id, id, title, title_source, updated_at, last_message_at, active_at, unread, pinned, archived,
                     provider, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
                 on conflict (user_id, id) do nothing",
            Expects::New("conversation"),
        );
        columns(values, owner, row).bind(At(shown.created_at));
        index_conversation(script, owner, shown);
        Ok(())
    }

    async fn update_conversation(&mut self, row: &ConversationRow, renamed: bool) -> Result<()> {
        let (script, owner) = self.script();
        let shown = &row.conversation;
        updates::conversation(script, owner, row);
        // Each reply updates its conversation; only a new title costs an update of the index.
        if renamed {
            index_conversation(script, owner, shown);
        }
        Ok(())
    }

    async fn delete_conversation(&mut self, id: ConversationId, now: Timestamp) -> Result<()> {
        let (script, owner) = self.script();
        documents::remove_conversation(script, owner, id.0);
        // Runs and steps are removed with the messages, by foreign keys.
        script
            .add("delete from messages where user_id = $1 and conversation_id = $2", Expects::Anything)
            .bind(owner)
            .bind(id.0);
        script
            .add(
                "update conversations
                set title = null,
                    unread = 0,
                    deleted_at = $3
              where user_id = $1
                and id = $2
                and deleted_at is null",
                Expects::Anything,
            )
            .bind(owner)
            .bind(id.0)
            .bind(At(now));
        Ok(())
    }

    async fn insert_message(&mut self, message: &Message) -> Result<()> {
        let (script, owner) = self.script();
        // The statement itself counts the position. The log is held, so no other message gets the same one.
        script
            .add(
                "insert into messages
                    (user_id, id, conversation_id, parent_id, role, state, parts, attempt, provider, error, usage,
                     created_at, completed_at, position)
             select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, coalesce(max(position), 0) + 1
               from messages
              where user_id = $1
                and conversation_id = $3
                 on conflict (user_id, id) do nothing",
                Expects::New("message"),
            )
            .bind(owner)
            .bind(message.id.0)
            .bind(message.conversation_id.0)
            .bind(message.parent_id.map(|id| id.0))
            .bind(message.role.as_str())
            .bind(message.state.as_str())
            .bind(Json(&message.parts))
            .bind(message.attempt)
            .bind(message.provider.as_ref().map(Json))
            .bind(message.error.as_ref().map(Json))
            .bind(message.usage.as_ref().map(Json))
            .bind(At(message.created_at))
            .bind(message.completed_at.map(At));
        index_message(script, owner, message);
        Ok(())
    }

    async fn update_message(&mut self, message: &Message) -> Result<()> {
        let (script, owner) = self.script();
        script
            .add(
                "update messages
                set state = $3,
                    parts = $4,
                    attempt = $5,
                    provider = $6,
                    error = $7,
                    usage = $8,
                    completed_at = $9
              where user_id = $1
                and id = $2",
                Expects::Present("a message to be changed is not there"),
            )
            .bind(owner)
            .bind(message.id.0)
            .bind(message.state.as_str())
            .bind(Json(&message.parts))
            .bind(message.attempt)
            .bind(message.provider.as_ref().map(Json))
            .bind(message.error.as_ref().map(Json))
            .bind(message.usage.as_ref().map(Json))
            .bind(message.completed_at.map(At));
        index_message(script, owner, message);
        Ok(())
    }

    async fn save_summary(&mut self, id: MessageId, summary: &Summary) -> Result<()> {
        let (script, owner) = self.script();
        script
            .add(
                "update messages
                set summary = $3
              where user_id = $1
                and id = $2",
                Expects::Present("a message to be summarised is not there"),
            )
            .bind(owner)
            .bind(id.0)
            .bind(Json(summary));
        Ok(())
    }
}

/// The owner, the id and the columns that change, in the order of the statements.
pub(crate) fn columns<'s>(values: Values<'s>, owner: &str, row: &ConversationRow) -> Values<'s> {
    let shown = &row.conversation;
    values
        .bind(owner)
        .bind(shown.id.0)
        .bind(&shown.title)
        .bind(title_source(row.title_source))
        .bind(At(shown.updated_at))
        .bind(shown.last_message_at.map(At))
        .bind(At(shown.last_message_at.unwrap_or(shown.created_at)))
        .bind(shown.unread)
        .bind(shown.pinned)
        .bind(shown.archived)
        .bind(&shown.provider)
}

fn index_conversation(script: &mut Script, owner: &str, shown: &Conversation) {
    let title = shown.title.as_deref().unwrap_or_default();
    let document = Document {
        kind: ObjectKind::Conversation,
        id: shown.id.0,
        conversation_id: Some(shown.id.0),
        title,
        body: String::new(),
    };
    search::upsert(script, owner, &document);
}

fn index_message(script: &mut Script, owner: &str, message: &Message) {
    // A reply is written several times before it ends. It is indexed once, with its last text.
    if !message.state.is_final() {
        return;
    }
    let document = Document {
        kind: ObjectKind::Message,
        id: message.id.0,
        conversation_id: Some(message.conversation_id.0),
        title: "",
        body: message.text(),
    };
    search::upsert(script, owner, &document);
}
