//! Reading conversations and messages.

use super::{
    At, Row,
    chat_rows::{conversation, conversation_state, message, message_row},
    pages,
    rows::Columns as _,
    tx::{Tx, TxState},
};
use crate::{ChatReads, ConversationState, MessageRow, Result};
use async_trait::async_trait;
use tandem_domain::page::{PageRequest, PageRows};
use tandem_protocol::{
    ConversationId, MessageId, Timestamp,
    model::{Conversation, Message},
};

/// The newest messages, among which unread replies are counted: more than this need not be exact.
const COUNTED: i64 = 1_000;

#[async_trait]
impl<H: TxState> ChatReads for Tx<H> {
    async fn conversation(&mut self, id: ConversationId) -> Result<ConversationState> {
        let (conn, owner) = self.parts().await?;
        let found = sqlx::query(
            "select id, title, title_source, created_at, updated_at, last_message_at, unread, pinned, archived, provider,
                    deleted_at
               from conversations
              where user_id = $1
                and id = $2",
        )
        .bind(owner)
        .bind(id.0)
        .try_map(|row| conversation_state(&row))
        .fetch_optional(conn)
        .await?;
        Ok(found.unwrap_or(ConversationState::Absent))
    }

    async fn conversations(&mut self, page: &PageRequest<(i64, ConversationId)>) -> Result<Vec<Conversation>> {
        // The start of every list is after all times and ids.
        let (at, id) = page.after.unwrap_or((i64::MAX, ConversationId(uuid::Uuid::max())));
        let (conn, owner) = self.parts().await?;
        Ok(sqlx::query(
            "select id, title, created_at, updated_at, last_message_at, unread, pinned, archived, provider
               from conversations
              where user_id = $1
                and deleted_at is null
                and (active_at, id) < ($2, $3)
              order by active_at desc, id desc
              limit $4",
        )
        .bind(owner)
        .bind(At(Timestamp::from_millis(at)))
        .bind(id.0)
        .bind(page.fetch())
        .try_map(|row| conversation(&row))
        .fetch_all(conn)
        .await?)
    }

    async fn pinned_conversations(&mut self, limit: u32) -> Result<Vec<Conversation>> {
        let (conn, owner) = self.parts().await?;
        Ok(sqlx::query(
            "select id, title, created_at, updated_at, last_message_at, unread, pinned, archived, provider
               from conversations
              where user_id = $1
                and pinned
                and deleted_at is null
              order by active_at desc, id desc
              limit $2",
        )
        .bind(owner)
        .bind(i64::from(limit))
        .try_map(|row| conversation(&row))
        .fetch_all(conn)
        .await?)
    }

    async fn message(&mut self, id: MessageId) -> Result<Option<MessageRow>> {
        let (conn, owner) = self.parts().await?;
        let mut found = sqlx::query(
            "select id, conversation_id, position, parent_id, role, state, parts, attempt, provider, error, usage,
                    created_at, completed_at, summary
               from messages
              where user_id = $1
                and id = $2",
        )
        .bind(owner)
        .bind(id.0)
        .try_map(|row| message_row(&row))
        .fetch_optional(conn)
        .await?;
        self.with_streamed(found.iter_mut().map(|row| &mut row.message)).await?;
        Ok(found)
    }

    async fn last_message(&mut self, conversation: ConversationId) -> Result<Option<MessageId>> {
        let (conn, owner) = self.parts().await?;
        Ok(sqlx::query(
            "select id
               from messages
              where user_id = $1
                and conversation_id = $2
              order by position desc
              limit 1",
        )
        .bind(owner)
        .bind(conversation.0)
        .try_map(|row: Row| row.id("id", MessageId))
        .fetch_optional(conn)
        .await?)
    }

    async fn messages(
        &mut self,
        conversation: ConversationId,
        page: &PageRequest<(i64,)>,
    ) -> Result<PageRows<MessageRow>> {
        let (before,) = page.after.unwrap_or((i64::MAX,));
        let (conn, owner) = self.parts().await?;
        let found = sqlx::query(
            "select id, conversation_id, position, parent_id, role, state, parts, attempt, provider, error, usage,
                    created_at, completed_at, summary
               from messages
              where user_id = $1
                and conversation_id = $2
                and position < $3
              order by position desc
              limit $4",
        )
        .bind(owner)
        .bind(conversation.0)
        .bind(before)
        .bind(page.fetch())
        .try_map(|row| pages::sized(&row, &["parts"], message_row))
        .fetch(conn);
        let mut page = pages::read(found, page.limit).await?;
        self.with_streamed(page.rows.iter_mut().map(|row| &mut row.message)).await?;
        Ok(page)
    }

    async fn active_messages(&mut self) -> Result<Vec<Message>> {
        let (conn, owner) = self.parts().await?;
        let mut active = sqlx::query(
            // Each of them has a run, and nothing else has.
            "select m.id, m.conversation_id, m.parent_id, m.role, m.state, m.parts, m.attempt, m.provider, m.error, m.usage,
                    m.created_at, m.completed_at, m.summary
               from runs as r
               join messages as m on m.user_id = r.user_id and m.id = r.message_id
              where r.user_id = $1
                and m.state in ('queued', 'streaming')
              order by m.created_at, m.conversation_id, m.position",
        )
        .bind(owner)
        .try_map(|row| message(&row))
        .fetch_all(conn)
        .await?;
        self.with_streamed(active.iter_mut()).await?;
        Ok(active)
    }

    async fn all_messages(&mut self, page: &PageRequest<(ConversationId, i64)>) -> Result<PageRows<MessageRow>> {
        let (conversation, position) = page.after.unwrap_or((ConversationId(uuid::Uuid::nil()), 0));
        let (conn, owner) = self.parts().await?;
        let found = sqlx::query(
            "select id, conversation_id, position, parent_id, role, state, parts, attempt, provider, error, usage,
                    created_at, completed_at, summary
               from messages
              where user_id = $1
                and (conversation_id, position) > ($2, $3)
              order by conversation_id, position
              limit $4",
        )
        .bind(owner)
        .bind(conversation.0)
        .bind(position)
        .bind(page.fetch())
        .try_map(|row| pages::sized(&row, &["parts"], message_row))
        .fetch(conn);
        let mut page = pages::read(found, page.limit).await?;
        self.with_streamed(page.rows.iter_mut().map(|row| &mut row.message)).await?;
        Ok(page)
    }

    async fn replies_after(&mut self, conversation: ConversationId, position: i64) -> Result<i64> {
        let (conn, owner) = self.parts().await?;
        Ok(sqlx::query(
            "select count(*) as replies
               from (select role, state
                       from messages
                      where user_id = $1
                        and conversation_id = $2
                        and position > $3
                      order by position desc
                      limit $4) as newest
              where role = 'assistant'
                and state not in ('queued', 'streaming')",
        )
        .bind(owner)
        .bind(conversation.0)
        .bind(position)
        .bind(COUNTED)
        .try_map(|row: Row| row.plain("replies"))
        .fetch_one(conn)
        .await?)
    }
}
