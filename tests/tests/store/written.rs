//! How much SQLite writes for a reply. Each page that a transaction changes is written whole, so what costs is not the text:
//! it is how many tables and indexes a change is spread over.

use crate::fixtures::{at, conversation, message, reply, run, task, user, uuid};
use std::fs;
use tandem_auth::Owner;
use tandem_protocol::{
    CommandId,
    enums::{ActorKind, MessageState, TextKind},
    live::{Actor, Delta, EventBody},
    model::{Message, Part, Task},
};
use tandem_store::{ConversationRow, EventDraft, Run, RunState, Store, StoredCommand, WriteTx};
use tandem_tests::database::{DatabaseLocation, TestDatabase};

/// Users with a conversation each, as many as chat at once in the usual load.
const USERS: usize = 20;
/// Replies to each, after the first ones.
const REPLIES: usize = 10;
/// Tokens of a reply.
const TOKENS: usize = 200;
/// Bytes of the log that a reply may cost, from the question to its end, with the words for the search and a task that is
/// done.
const LIMIT: u64 = 70 * 1024;

#[tokio::test]
async fn a_reply_is_written_to_few_pages() {
    let db = TestDatabase::sqlite().await;
    let mut users = Vec::new();
    for number in 0..USERS {
        let owner = user(&*db.store, &format!("user-{number}")).await;
        let row = conversation("Camping");
        let mut tx = db.store.write(&owner).await.unwrap();
        tx.insert_conversation(&row).await.unwrap();
        let task = task(1, "Buy a tent");
        tx.insert_task(&task).await.unwrap();
        tx.commit().await.unwrap();
        users.push((owner, row, task));
    }
    // Tables that are empty grow by new pages, which a full one does not.
    replies(&*db.store, &mut users, REPLIES).await;
    let before = log_bytes(&db);
    replies(&*db.store, &mut users, REPLIES).await;
    let each = (log_bytes(&db) - before) / u64::try_from(USERS * REPLIES).unwrap();
    assert!(before > 0, "the log was not written to");
    eprintln!("a reply writes {each} bytes to the log");
    assert!(each < LIMIT, "a reply writes {each} bytes to the log");
}

/// The size of the log, which grows by every page that is written to it until it is copied into the file as a whole.
fn log_bytes(db: &TestDatabase) -> u64 {
    let DatabaseLocation::Sqlite { file, .. } = &db.location else { panic!("SQLite was requested") };
    let log = file.with_extension("db-wal");
    fs::metadata(&log).unwrap().len()
}

async fn replies(store: &dyn Store, users: &mut [(Owner, ConversationRow, Task)], count: usize) {
    for _ in 0..count {
        let mut running = Vec::new();
        for (owner, row, _) in users.iter() {
            running.push((owner.clone(), ask(store, owner, row).await));
        }
        for second in 0..2 {
            let texts: Vec<_> =
                running.iter().map(|(owner, reply)| (owner.user().clone(), text(reply, second))).collect();
            let stored = store.add_reply_texts("node", &texts).await.unwrap();
            assert_eq!(stored.len(), texts.len());
        }
        for ((owner, reply), (_, row, task)) in running.iter().zip(users.iter_mut()) {
            end(store, owner, row, reply).await;
            change(store, owner, task).await;
        }
        let mut last = None;
        while let Some(next) = store.index_next(last.as_ref()).await.unwrap() {
            last = Some(next);
        }
    }
}

/// Writes a question with an empty reply to it.
async fn ask(store: &dyn Store, owner: &Owner, row: &ConversationRow) -> Message {
    let mut tx = store.write(owner).await.unwrap();
    let question = message(row.conversation.id, "What do we need for the camping trip?");
    let reply = reply(&question);
    for message in [&question, &reply] {
        tx.insert_message(message).await.unwrap();
        append(tx.as_mut(), EventBody::MessageCreated { message: message.clone() }).await;
    }
    let lease_until = Some(at(10));
    let run = Run { node: Some("node".to_owned()), lease_until, ..run(&reply, RunState::Running) };
    tx.insert_run(&run).await.unwrap();
    tx.update_conversation(row, false).await.unwrap();
    append(tx.as_mut(), EventBody::ConversationUpdated { conversation: row.conversation.clone() }).await;
    answer(tx.as_mut()).await;
    tx.commit().await.unwrap();
    reply
}

/// Words of a reply, different ones in each.
fn words(reply: &Message, from: usize, count: usize) -> String {
    let seed = reply.id.0.as_u128();
    let word = |at: usize| format!("word{} ", (seed + at as u128).wrapping_mul(2_654_435_761) % 5_000);
    (from..from + count).map(word).collect::<Vec<_>>().concat()
}

fn text(reply: &Message, second: usize) -> Delta {
    let from = second * TOKENS / 2;
    let (text, kind) = (words(reply, from, TOKENS / 2), TextKind::Text);
    Delta { message_id: reply.id, attempt: 1, part: 0, offset: words(reply, 0, from).len(), text, kind }
}

async fn end(store: &dyn Store, owner: &Owner, row: &mut ConversationRow, reply: &Message) {
    let mut tx = store.write(owner).await.unwrap();
    let parts = vec![Part::text(words(reply, 0, TOKENS))];
    let completed_at = Some(at(3));
    let message = Message { state: MessageState::Complete, parts, completed_at, ..reply.clone() };
    tx.update_message(&message).await.unwrap();
    tx.delete_run(message.id).await.unwrap();
    append(tx.as_mut(), EventBody::MessageCompleted { message }).await;
    row.conversation.unread += 1;
    tx.update_conversation(row, false).await.unwrap();
    append(tx.as_mut(), EventBody::ConversationUpdated { conversation: row.conversation.clone() }).await;
    tx.commit().await.unwrap();
}

/// Changes the note of a task.
async fn change(store: &dyn Store, owner: &Owner, task: &mut Task) {
    task.rev += 1;
    task.description = format!("the {}th change", task.rev);
    let mut tx = store.write(owner).await.unwrap();
    tx.update_task(task, true).await.unwrap();
    append(tx.as_mut(), EventBody::TaskUpdated { task: task.clone() }).await;
    answer(tx.as_mut()).await;
    tx.commit().await.unwrap();
}

async fn append(tx: &mut dyn WriteTx, body: EventBody) {
    let actor = Actor { kind: ActorKind::User, device_id: Some("0193-laptop".into()) };
    tx.append(&EventDraft { at: at(0), body, actor, command_id: None }).await.unwrap();
}

/// Stores the answer of a command.
async fn answer(tx: &mut dyn WriteTx) {
    let seq = tx.account().await.unwrap().seq;
    let (id, fingerprint, body) = (CommandId(uuid()), [0; 32], r#"{"seq":7}"#.to_owned());
    let done = StoredCommand { id, fingerprint, status: 200, seq, body, event_refs: Vec::new() };
    tx.save_command(&done, at(0)).await.unwrap();
}
