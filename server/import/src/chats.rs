//! Conversations with their messages.

use crate::{
    ImportError, Options,
    accounts::{Accounts, Standing},
    report::{Changes, Fate, Report},
    row::Row,
    source::Source,
    target::Target,
};
use futures_util::StreamExt as _;
use std::collections::BTreeMap;
use tandem_domain::{original, text};
use tandem_protocol::{
    ConversationId, MessageId, Timestamp, UserId,
    enums::{MessageState, Role},
    limits::MAX_NAME_CHARS,
    live::EventBody,
    model::{Conversation, Message, Part},
};
use tandem_store::{ConversationRow, ConversationState, ImportedKind, TitleSource, WriteTx};

const CONVERSATIONS: &str = "conversations";
const MESSAGES: &str = "messages";
/// The messages of a conversation follow each other. They are in the order of their numbers, not of their times: those of
/// one request may have the same.
const BY_CONVERSATION: &str = "order by t.conversation_id, t.id";
/// Characters of a message. A longer one was not written by anybody.
const MAX_CHARS: usize = 200_000;
/// The first title of a conversation without one: this many characters of its first message.
const TITLE_CHARS: usize = 50;
/// Messages that are written together. A conversation is not divided, however many it has.
const AT_ONCE: usize = 1_000;

/// A conversation that was read, with its messages.
struct Chat {
    number: i64,
    owner: (UserId, Standing),
    row: ConversationRow,
    messages: Vec<(i64, Message)>,
}

pub(crate) async fn import(
    source: &mut Source,
    target: &Target<'_>,
    accounts: &Accounts,
    options: &Options,
    report: &mut Report,
    progress: &mut (dyn FnMut(&str, u64, u64) + Send),
) -> Result<(), ImportError> {
    if !source.has(CONVERSATIONS) {
        return Ok(());
    }
    let mut chats = conversations(source, accounts, options, report).await?;
    let mut writer = Writer { target, chats: Vec::new(), messages: 0 };
    if source.has(MESSAGES) {
        let all = source.count(MESSAGES).await?;
        report.table(MESSAGES);
        let mut current: Option<Chat> = None;
        let mut rows = source.rows(MESSAGES, BY_CONVERSATION);
        while let Some(row) = rows.next().await {
            let row = row?;
            let number = row.number("conversation_id");
            if current.as_ref().map(|chat| chat.number) != number {
                if let Some(chat) = current.take() {
                    writer.add(chat, report).await?;
                }
                current = number.and_then(|number| chats.remove(&number));
            }
            if let Err(reason) = message(&row, current.as_mut(), options) {
                report.count(MESSAGES, &row.text(&["id"]).unwrap_or_default(), Fate::LeftOut(reason));
            }
            progress(MESSAGES, report.table(MESSAGES).rows, all);
        }
        if let Some(chat) = current {
            writer.add(chat, report).await?;
        }
        progress(MESSAGES, all, all);
    }
    // Those without messages.
    for chat in chats.into_values() {
        writer.add(chat, report).await?;
    }
    writer.write(report).await
}

/// All conversations, by their numbers, without messages.
async fn conversations(
    source: &mut Source,
    accounts: &Accounts,
    options: &Options,
    report: &mut Report,
) -> Result<BTreeMap<i64, Chat>, ImportError> {
    report.table(CONVERSATIONS);
    let mut chats = BTreeMap::new();
    let mut rows = source.rows(CONVERSATIONS, "order by t.id");
    while let Some(row) = rows.next().await {
        let row = row?;
        let mut changes = Changes::default();
        let read = accounts.owner_of(&row).and_then(|owner| {
            let number = row.number("id").ok_or("it has no number")?;
            let row = conversation(&row, owner.0.as_str(), number, options, &mut changes);
            Ok(Chat { number, row, owner, messages: Vec::new() })
        });
        match read {
            Ok(chat) => {
                report.change(CONVERSATIONS, &chat.number.to_string(), changes);
                chats.insert(chat.number, chat);
            }
            Err(reason) => report.count(CONVERSATIONS, &row.text(&["id"]).unwrap_or_default(), Fate::LeftOut(reason)),
        }
    }
    Ok(chats)
}

fn conversation(row: &Row, user: &str, number: i64, options: &Options, changes: &mut Changes) -> ConversationRow {
    let time = |name| row.time(&[name], &options.time_zone).map(|at: Timestamp| at.min(options.now));
    let created_at = time("created_at").unwrap_or(options.now);
    let id = ConversationId(original::id(user, original::CONVERSATION, number));
    let title = changes.line(
        row.text(&["title"]),
        MAX_NAME_CHARS,
        "its title was shortened, or has spaces for line breaks and control characters",
    );
    let title_source = if title.is_some() { TitleSource::User } else { TitleSource::None };
    let updated_at = time("updated_at").unwrap_or(created_at).max(created_at);
    let conversation = Conversation { title, updated_at, ..Conversation::empty(id, created_at) };
    ConversationRow { conversation, title_source }
}

/// Adds a message to its conversation, or returns why it is left out.
fn message(row: &Row, chat: Option<&mut Chat>, options: &Options) -> Result<(), String> {
    let chat = chat.ok_or("its conversation is missing or was left out")?;
    let number = row.number("id").ok_or("it has no number")?;
    let user = row.text(&["user_id", "userId"]);
    match user.as_deref() {
        None => return Err("it belongs to nobody".into()),
        Some(user) if user != chat.owner.0.as_str() => {
            return Err("it belongs to another user than its conversation".into());
        }
        Some(_) => {}
    }
    let role = match row.text(&["role"]).as_deref() {
        Some("user") => Role::User,
        Some("assistant") => Role::Assistant,
        _ => return Err("it is neither of the user nor of the assistant".into()),
    };
    let content = row.text(&["content"]).filter(|content| !content.trim().is_empty()).ok_or("it is empty")?;
    if content.chars().nth(MAX_CHARS).is_some() {
        return Err(format!("it has more than {MAX_CHARS} characters"));
    }
    let conversation = &mut chat.row.conversation;
    let at = row.time(&["created_at"], &options.time_zone).unwrap_or(conversation.created_at).min(options.now);
    if conversation.title.is_none() && role == Role::User {
        conversation.title = text::title(&content, TITLE_CHARS).ok();
        chat.row.title_source = TitleSource::FirstMessage;
    }
    conversation.last_message_at = conversation.last_message_at.max(Some(at));
    let message = Message {
        id: MessageId(original::id(chat.owner.0.as_str(), "message", number)),
        conversation_id: conversation.id,
        parent_id: chat.messages.last().map(|(_, before)| before.id),
        role,
        state: MessageState::Complete,
        parts: vec![Part::Text { text: content }],
        attempt: 1,
        provider: None,
        error: None,
        created_at: at,
        completed_at: Some(at),
        usage: None,
        undo_token: None,
        summary: None,
    };
    chat.messages.push((number, message));
    Ok(())
}

/// Gathers conversations of one user, and writes them together.
struct Writer<'a> {
    target: &'a Target<'a>,
    chats: Vec<Chat>,
    messages: usize,
}

impl Writer<'_> {
    async fn add(&mut self, chat: Chat, report: &mut Report) -> Result<(), ImportError> {
        let other = self.chats.first().is_some_and(|first| first.owner != chat.owner);
        if other || self.messages + chat.messages.len() > AT_ONCE || self.chats.len() >= AT_ONCE {
            self.write(report).await?;
        }
        self.messages += chat.messages.len();
        self.chats.push(chat);
        Ok(())
    }

    async fn write(&mut self, report: &mut Report) -> Result<(), ImportError> {
        self.messages = 0;
        let chats = std::mem::take(&mut self.chats);
        let Some((user, standing)) = chats.first().map(|chat| chat.owner.clone()) else { return Ok(()) };
        let fresh = standing == Standing::Fresh;
        let mut fates = vec![Fate::Imported; chats.len()];
        if !(self.target.dry_run && fresh) {
            let mut tx = self.target.begin(&user).await?;
            for (chat, fate) in chats.iter().zip(&mut fates) {
                if !fresh {
                    *fate = match tx.conversation(chat.row.conversation.id).await? {
                        ConversationState::Absent => Fate::Imported,
                        // What was deleted here is not brought back.
                        ConversationState::Live(_) | ConversationState::Deleted => Fate::Present,
                    };
                }
                if *fate == Fate::Imported && !self.target.dry_run {
                    self.insert(tx.as_mut(), chat, fresh).await?;
                }
            }
            if !self.target.dry_run {
                tx.commit().await?;
            }
        }
        for (chat, fate) in chats.iter().zip(fates) {
            report.count(CONVERSATIONS, &chat.number.to_string(), fate.clone());
            for (number, _) in &chat.messages {
                report.count(MESSAGES, &number.to_string(), fate.clone());
            }
        }
        Ok(())
    }

    async fn insert(&self, tx: &mut dyn WriteTx, chat: &Chat, fresh: bool) -> Result<(), ImportError> {
        tx.insert_conversation(&chat.row).await?;
        let conversation = chat.row.conversation.clone();
        if !fresh {
            tx.note_imported(self.target.run, ImportedKind::Conversation, conversation.id.0).await?;
            self.target.record(tx, EventBody::ConversationCreated { conversation }).await?;
        }
        for (_, message) in &chat.messages {
            tx.insert_message(message).await?;
            if !fresh {
                self.target.record(tx, EventBody::MessageCreated { message: message.clone() }).await?;
            }
        }
        Ok(())
    }
}
