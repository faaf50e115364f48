//! Users, tasks and conversations for the tests.

use std::sync::atomic::{AtomicU64, Ordering};
use tandem_auth::{Authority, Owner};
use tandem_domain::page::{PageRequest, PageRows};
use tandem_protocol::{
    ConversationId, MessageId, SessionId, TaskId, Timestamp, UserId,
    enums::{ActorKind, MessageState, Role, UserRole},
    live::{Actor, EventBody},
    model::{Conversation, Message, Part, Session, Task, User},
    settings::UserSettings,
};
use tandem_store::{
    Admission, BeginOptions, ConversationRow, Entry, EventDraft, NewAccount, NewSession, ReadTx, Run, RunState, Store,
    StoreError, TitleSource, WriteTx,
};
use uuid::Uuid;

/// 2026-11-23 09:30 UTC, in milliseconds since the epoch.
pub(crate) const NOW_MILLIS: i64 = 1_795_426_200_000;

/// A point in time, in seconds after the day of the tests began.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(NOW_MILLIS + seconds * 1000)
}

/// An id that no other call gives, in the order of the calls.
pub(crate) fn uuid() -> Uuid {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let count = NEXT.fetch_add(1, Ordering::Relaxed);
    Uuid::from_u128(0x0193_9c2e_0000_7000_8000_0000_0000_0000 | u128::from(count))
}

/// A user of this name, registered.
pub(crate) async fn user(store: &dyn Store, name: &str) -> Owner {
    let id = UserId::from(format!("{name}-{}", uuid()));
    let user = User {
        email: format!("{id}@example.org"),
        id: id.clone(),
        name: name.to_owned(),
        email_verified: false,
        image: None,
        time_zone: "Europe/Berlin".to_owned(),
        created_at: at(0),
        role: UserRole::Member,
        settings: UserSettings::default(),
    };
    let entry = Entry::Open { first_is_owner: true };
    let account = NewAccount { user, password_hash: Some("$argon2id$old".to_owned()), entry, record: None };
    assert_eq!(store.register(&account).await.unwrap(), Admission::Added, "{name} could not be registered");
    Owner::for_test(id)
}

/// Runs a write that must be refused, and returns the error.
pub(crate) async fn refusal(store: &dyn Store, owner: &Owner, write: impl AsyncFnOnce(&mut dyn WriteTx)) -> StoreError {
    let mut tx = store.write(owner).await.unwrap();
    write(tx.as_mut()).await;
    tx.commit().await.expect_err("it was written")
}

/// Whether the owner may write.
pub(crate) async fn allowed(store: &dyn Store, owner: &Owner, authority: Authority, now: Timestamp) -> bool {
    let options = BeginOptions { right: Some((authority, now)), ..BeginOptions::default() };
    store.begin(owner, options).await.unwrap().allowed
}

/// An open task with nothing but a title.
pub(crate) fn task(number: i64, title: &str) -> Task {
    Task {
        number,
        title: title.to_owned(),
        position: format!("{number:010}"),
        rev: 1,
        ..Task::empty(TaskId(uuid()), at(0))
    }
}

/// A conversation, named by its user.
pub(crate) fn conversation(title: &str) -> ConversationRow {
    ConversationRow {
        conversation: Conversation {
            title: Some(title.to_owned()),
            ..Conversation::empty(ConversationId(uuid()), at(0))
        },
        title_source: TitleSource::User,
    }
}

/// A message of the user.
pub(crate) fn message(conversation: ConversationId, text: &str) -> Message {
    Message {
        id: MessageId(uuid()),
        conversation_id: conversation,
        parent_id: None,
        role: Role::User,
        state: MessageState::Complete,
        parts: vec![Part::text(text)],
        attempt: 1,
        provider: None,
        error: None,
        created_at: at(0),
        completed_at: Some(at(0)),
        usage: None,
        undo_token: None,
        summary: None,
    }
}

/// A reply that has not begun.
pub(crate) fn reply(to: &Message) -> Message {
    Message {
        parent_id: Some(to.id),
        role: Role::Assistant,
        state: MessageState::Streaming,
        parts: Vec::new(),
        completed_at: None,
        ..message(to.conversation_id, "")
    }
}

/// The run of a reply, which no node has claimed.
pub(crate) fn run(reply: &Message, state: RunState) -> Run {
    Run {
        message_id: reply.id,
        conversation_id: reply.conversation_id,
        state,
        attempt: 1,
        node: None,
        lease_until: None,
        cancel_requested: false,
        takeovers: 0,
        created_at: reply.created_at,
    }
}

/// A session of an hour, with `secret` in the place of its refresh token.
pub(crate) fn session(secret: u8) -> NewSession {
    let session = Session {
        id: SessionId(uuid()),
        device_name: Some("Laptop".to_owned()),
        ip: Some("192.0.2.7".to_owned()),
        user_agent: None,
        created_at: at(0),
        last_seen_at: at(0),
        expires_at: at(3600),
        current: false,
    };
    NewSession { session, refresh_hash: [secret; 32], ends_at: at(7200) }
}

/// An event about a task, done by hand.
pub(crate) fn created(task: &Task) -> EventDraft {
    EventDraft {
        at: at(0),
        body: EventBody::TaskCreated { task: task.clone() },
        actor: Actor { kind: ActorKind::User, device_id: Some("laptop".into()) },
        command_id: None,
    }
}

/// Adds a task with its event, as a service does.
pub(crate) async fn add_task(tx: &mut dyn WriteTx, title: &str) -> Task {
    let number = tx.account().await.unwrap().next_task_number;
    let task = task(number, title);
    tx.insert_task(&task).await.unwrap();
    tx.append(&created(&task)).await.unwrap();
    task
}

/// Adds tasks in one transaction and commits it.
pub(crate) async fn tasks(store: &dyn Store, owner: &Owner, titles: &[&str]) -> Vec<Task> {
    let mut tx = store.write(owner).await.unwrap();
    let mut added = Vec::new();
    for title in titles {
        added.push(add_task(tx.as_mut(), title).await);
    }
    tx.commit().await.unwrap();
    added
}

/// Every message of a user, read in pages of one.
pub(crate) async fn every_message(tx: &mut (impl ReadTx + ?Sized)) -> Vec<Message> {
    let (mut found, mut page) = (Vec::new(), PageRequest { limit: 1, after: None });
    loop {
        let PageRows { rows, more } = tx.all_messages(&page).await.unwrap();
        found.extend(rows);
        match found.last().filter(|_| more) {
            Some(last) => page.after = Some((last.message.conversation_id, last.position)),
            None => return found.into_iter().map(|row| row.message).collect(),
        }
    }
}
