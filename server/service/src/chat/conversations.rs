//! Conversations: create, change, mark as read, delete, list.
//!
//! A conversation is ordered by its last message, so that every device shows the active ones first. Its `unread` is
//! stored and not counted per device: reading it on one device is an event for all.

use super::{Result, ServiceError, UnitOfWork};
use crate::{Admitted, Services, runs};
use tandem_bus::Control;
use tandem_domain::{page::PageRequest, text};
use tandem_protocol::{
    ConversationId, Timestamp,
    limits::MAX_NAME_CHARS,
    live::command::{ConversationCreate, ConversationRead, ConversationUpdate},
    model::{Conversation, Message},
    rest::{ConversationWritten, Deleted, Page, PageQuery, ProviderInfo},
};
use tandem_store::{ConversationRow, ConversationState, TitleSource};

impl Services {
    /// # Errors
    /// [`ServiceError::NotFound`] when there is none, or it was deleted.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn conversation(&self, caller: &Admitted, id: ConversationId) -> Result<Conversation> {
        match self.store().read(&caller.owner).await?.conversation(id).await? {
            ConversationState::Live(row) => Ok(row.conversation),
            ConversationState::Absent | ConversationState::Deleted => Err(ServiceError::NotFound("conversation")),
        }
    }

    /// A page of conversations, newest activity first.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] when limit or cursor are not valid.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn conversations(&self, caller: &Admitted, query: PageQuery) -> Result<Page<Conversation>> {
        let page = PageRequest::parse(query.limit, query.cursor.as_deref())?;
        let rows = self.store().read(&caller.owner).await?.conversations(&page).await?;
        Ok(page.page(rows, activity_key))
    }

    /// A page of messages: the newest first, each page in ascending order.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] when limit or cursor are not valid, [`ServiceError::NotFound`] when there is no such
    /// conversation.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn messages(&self, caller: &Admitted, id: ConversationId, query: PageQuery) -> Result<Page<Message>> {
        let page = PageRequest::parse(query.limit, query.cursor.as_deref())?;
        let mut tx = self.store().read(&caller.owner).await?;
        if !matches!(tx.conversation(id).await?, ConversationState::Live(_)) {
            return Err(ServiceError::NotFound("conversation"));
        }
        let rows = tx.messages(id, &page).await?;
        let mut page = page.page(rows, |row| (row.position,)).map(|row| row.message);
        page.items.reverse();
        Ok(page)
    }
}

/// The sort key of a conversation in the list.
pub(crate) fn activity_key(conversation: &Conversation) -> (i64, ConversationId) {
    let activity = conversation.last_message_at.unwrap_or(conversation.created_at);
    (activity.as_millis(), conversation.id)
}

/// # Errors
/// [`ServiceError::Conflict`] when the id is or was in use, [`ServiceError::Invalid`] when the title breaks its rules.
pub async fn create(unit: &mut UnitOfWork, args: ConversationCreate) -> Result<ConversationWritten> {
    let id = args.id.unwrap_or_else(|| ConversationId(unit.id()));
    if unit.reads().conversation(id).await? != ConversationState::Absent {
        return Err(ServiceError::conflict("A conversation with this id exists already, or did."));
    }
    let title = args.title.map(|title| text::title(&title, MAX_NAME_CHARS)).transpose()?;
    let title_source = if title.is_some() { TitleSource::User } else { TitleSource::None };
    let row = ConversationRow { conversation: empty(id, title, unit.now), title_source };
    unit.insert_conversation(&row).await?;
    Ok(ConversationWritten { conversation: row.conversation, seq: unit.seq() })
}

/// A conversation without messages.
pub(super) fn empty(id: ConversationId, title: Option<String>, now: Timestamp) -> Conversation {
    Conversation { title, ..Conversation::empty(id, now) }
}

/// Changes what the user decides about a conversation. `providers` are those that are set up; empty when not known.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is no such conversation, [`ServiceError::Invalid`] when the title breaks its
/// rules, or the provider is not set up.
pub async fn update(
    unit: &mut UnitOfWork,
    args: ConversationUpdate,
    providers: &[ProviderInfo],
) -> Result<ConversationWritten> {
    let ConversationUpdate { conversation_id, title, pinned, archived, provider } = args;
    let mut row = unit.conversation(conversation_id).await?;
    let before = row.conversation.clone();
    let renamed = title.is_some();
    if let Some(title) = title {
        row.conversation.title = Some(text::title(&title, MAX_NAME_CHARS)?);
        row.title_source = TitleSource::User;
    }
    row.conversation.pinned = pinned.unwrap_or(row.conversation.pinned);
    row.conversation.archived = archived.unwrap_or(row.conversation.archived);
    if let Some(provider) = provider {
        let is_known = |name: &String| providers.is_empty() || providers.iter().any(|known| known.name == *name);
        if provider.as_ref().is_some_and(|name| !is_known(name)) {
            return Err(ServiceError::invalid("provider", "expected a provider that this server has, or null"));
        }
        row.conversation.provider = provider;
    }
    // A repetition of what is so already needs no event.
    if row.conversation == before && !renamed {
        return Ok(ConversationWritten { conversation: before, seq: unit.seq() });
    }
    written(unit, row, renamed).await
}

/// Names a conversation by a model, unless the user has named it.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is no such conversation. A title that breaks the rules is ignored.
pub async fn retitle(unit: &mut UnitOfWork, id: ConversationId, title: &str) -> Result<()> {
    let mut row = unit.conversation(id).await?;
    let Ok(title) = text::title(title, MAX_NAME_CHARS) else { return Ok(()) };
    if row.title_source < TitleSource::Model {
        row.conversation.title = Some(title);
        row.title_source = TitleSource::Model;
        unit.update_conversation(row, true).await?;
    }
    Ok(())
}

/// Marks a conversation as read up to a message.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is no such conversation, or it has no such message.
pub async fn mark_read(unit: &mut UnitOfWork, args: ConversationRead) -> Result<ConversationWritten> {
    let mut row = unit.conversation(args.conversation_id).await?;
    let upto = unit.message(args.message_id).await?;
    if upto.message.conversation_id != args.conversation_id {
        return Err(ServiceError::NotFound("message"));
    }
    let unread = unit.reads().replies_after(args.conversation_id, upto.position).await?;
    // Another device has read further: an older mark does not take that back.
    if unread >= row.conversation.unread {
        return Ok(ConversationWritten { conversation: row.conversation, seq: unit.seq() });
    }
    row.conversation.unread = unread;
    written(unit, row, false).await
}

/// Deletes a conversation with its messages; replies that run are stopped.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is no such conversation.
pub async fn delete(unit: &mut UnitOfWork, id: ConversationId) -> Result<Deleted> {
    unit.conversation(id).await?;
    // Read before the deletion, which removes them.
    let runs = unit.reads().runs(id).await?;
    let stopped = !runs.is_empty();
    for run in runs {
        unit.after_commit(Control::CancelRun(run.message_id));
    }
    unit.delete_conversation(id).await?;
    // Their slots are free now.
    if stopped {
        runs::conversation_gone(unit, id).await?;
    }
    Ok(Deleted { seq: unit.seq(), undo_token: None })
}

/// Writes a changed conversation, and answers with it.
async fn written(unit: &mut UnitOfWork, row: ConversationRow, renamed: bool) -> Result<ConversationWritten> {
    let conversation = unit.update_conversation(row, renamed).await?;
    Ok(ConversationWritten { conversation, seq: unit.seq() })
}
