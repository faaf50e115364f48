//! What a push says, read when it is sent.
//!
//! Between the event and the push the user may have answered, read or deleted what it is about, or changed what is pushed
//! and when. So the state of that moment decides whether it is sent at all.

use crate::{Result, Services, runs};
use tandem_auth::Owner;
use tandem_domain::{
    due::Today,
    page::PageRequest,
    push::{due_words, end_of_quiet_hours, fitted, shortened},
};
use tandem_markdown::plain_text;
use tandem_protocol::{
    MessageId, TaskId, Timestamp,
    enums::{MessageState, PushKind, ReminderState},
    limits::DEFAULT_PAGE,
    model::{Message, Task},
    push::{PushPayload, PushedReminder},
};
use tandem_store::{Account, ConversationState, DuePush, ReadTx};

/// Characters of a reply that a notification shows at most.
const SHOWN_CHARS: usize = 300;

/// What is to be done with a push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PushContent {
    Send(Box<PushPayload>),
    /// In quiet hours, until their end.
    Later(Timestamp),
    /// Not needed any more, for this reason, a word for metrics.
    Obsolete(&'static str),
}

/// What a push shows, without what all pushes have.
struct Shown {
    title: String,
    body: String,
    path: String,
    tag: String,
}

impl Services {
    /// What a push says now. `token` becomes part of one that can be answered.
    ///
    /// # Errors
    /// [`ServiceError::Unavailable`](crate::ServiceError::Unavailable) when the database does not answer,
    /// [`ServiceError::SessionRevoked`](crate::ServiceError::SessionRevoked) when the account has ended.
    #[expect(clippy::disallowed_methods, reason = "the push is the user's, who subscribed")]
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn push_content(&self, push: &DuePush, token: &str) -> Result<PushContent> {
        let now = self.env().now();
        let mut tx = self.store().read(&Owner::assume_verified(push.key.user.clone())).await?;
        let account = tx.account().await?;
        let settings = &account.user.settings.push;
        let kind = push.subject.kind;
        if kind != PushKind::Test && !settings.kinds.contains(&kind) {
            return Ok(PushContent::Obsolete("unwanted"));
        }
        let shown = match kind {
            PushKind::Reminder => reminder(tx.as_mut(), push, &account, now).await?,
            PushKind::Reply => reply(tx.as_mut(), MessageId(push.subject.id)).await?,
            PushKind::Approval => approval(tx.as_mut(), MessageId(push.subject.id)).await?,
            PushKind::Test => test(push),
        };
        let shown = match shown {
            Ok(shown) => shown,
            Err(reason) => return Ok(PushContent::Obsolete(reason)),
        };
        let quiet = settings.quiet.filter(|_| kind != PushKind::Test);
        if let Some(end) = quiet.and_then(|hours| end_of_quiet_hours(hours, &account.user.time_zone, now)) {
            return Ok(PushContent::Later(end));
        }
        let badge = badge(tx.as_mut(), &account, now).await?;
        let reminder = push.subject.reminder.map(|reminder_id| PushedReminder {
            task_id: TaskId(push.subject.id),
            reminder_id,
            token: token.to_owned(),
            command_id: push.command,
        });
        let Shown { title, body, path, tag } = shown;
        Ok(PushContent::Send(Box::new(fitted(PushPayload { kind, title, body, path, badge, tag, reminder }))))
    }
}

/// Overdue tasks and unread replies, of the conversations of the first page.
async fn badge(tx: &mut dyn ReadTx, account: &Account, now: Timestamp) -> Result<i64> {
    let today = Today::at(now, &account.user.time_zone);
    let overdue = tx.task_counts(&today).await?.overdue;
    let page = PageRequest { limit: DEFAULT_PAGE, after: None };
    let unread: i64 = tx.conversations(&page).await?.iter().map(|conversation| conversation.unread).sum();
    Ok(overdue + unread)
}

async fn reminder(
    tx: &mut dyn ReadTx,
    push: &DuePush,
    account: &Account,
    now: Timestamp,
) -> Result<Result<Shown, &'static str>> {
    let task = tx.whole_tasks(&[TaskId(push.subject.id)]).await?.pop();
    let Some(task) = task.filter(|task| rings(task, push)) else { return Ok(Err("answered")) };
    let tag = push.subject.reminder.map(|id| id.to_string()).unwrap_or_default();
    let body = task
        .due
        .as_ref()
        .map(|due| due_words(due, &account.user.time_zone, now, account.user.settings.date_style()))
        .unwrap_or_default();
    Ok(Ok(Shown { body, path: format!("/t/{}", task.number), title: task.title, tag }))
}

fn rings(task: &Task, push: &DuePush) -> bool {
    task.ringing().any(|one| Some(one.id) == push.subject.reminder && one.state == ReminderState::Fired)
}

/// A reply, with the title of its conversation.
async fn about(tx: &mut dyn ReadTx, id: MessageId) -> Result<Option<(Message, String, i64)>> {
    let Some(row) = tx.message(id).await? else { return Ok(None) };
    let ConversationState::Live(conversation) = tx.conversation(row.message.conversation_id).await? else {
        return Ok(None);
    };
    let conversation = conversation.conversation;
    // A conversation that the user has not named has the first words of a message, which may be Markdown.
    let title = conversation.title.map(|title| plain_text(&title)).filter(|title| !title.is_empty());
    Ok(Some((row.message, title.unwrap_or_else(|| "New reply".to_owned()), conversation.unread)))
}

async fn reply(tx: &mut dyn ReadTx, id: MessageId) -> Result<Result<Shown, &'static str>> {
    let Some((message, title, unread)) = about(tx, id).await? else { return Ok(Err("gone")) };
    if unread == 0 {
        return Ok(Err("read"));
    }
    let mut body = shortened(&plain_text(&message.text()), SHOWN_CHARS);
    if body.is_empty() {
        body = if message.state == MessageState::Complete { "The reply is ready." } else { "The reply has failed." }
            .into();
    }
    Ok(Ok(in_conversation(&message, title, body)))
}

async fn approval(tx: &mut dyn ReadTx, id: MessageId) -> Result<Result<Shown, &'static str>> {
    let Some((message, title, _)) = about(tx, id).await? else { return Ok(Err("gone")) };
    if runs::awaiting(&message).next().is_none() {
        return Ok(Err("answered"));
    }
    Ok(Ok(in_conversation(&message, title, "The assistant asks you before it goes on.".to_owned())))
}

/// Of one conversation the newest notification is shown.
fn in_conversation(message: &Message, title: String, body: String) -> Shown {
    let id = message.conversation_id;
    Shown { title, body, path: format!("/c/{id}"), tag: id.to_string() }
}

#[expect(clippy::unnecessary_wraps, reason = "the others may not be needed any more")]
fn test(push: &DuePush) -> Result<Shown, &'static str> {
    Ok(Shown {
        title: "Notifications work".to_owned(),
        body: "Reminders and replies reach this device, also when Tandem is closed.".to_owned(),
        path: "/settings".to_owned(),
        tag: push.subject.id.to_string(),
    })
}
