//! Commands on both databases, durable when they return: most of their time is that of the disk.

#[path = "../../tests/store/fixtures.rs"]
#[expect(dead_code, reason = "shared with the contract suite, which uses all of it")]
mod fixtures;

use criterion::{BatchSize, BenchmarkGroup, Criterion, Throughput, measurement::WallTime};
use fixtures::{at, conversation, message, reply, run, tasks, user, uuid};
use std::{cell::RefCell, sync::Arc};
use tandem_auth::Owner;
use tandem_domain::page::PageRequest;
use tandem_protocol::{
    CommandId, ConversationId, UserId,
    enums::{ActorKind, MessageState, TextKind},
    live::{Actor, Delta, EventBody},
    model::{Message, Part},
};
use tandem_store::{BeginOptions, EventDraft, Run, RunState, Store, StoredCommand};
use tandem_tests::database::TestDatabase;
use tokio::runtime::Runtime;

/// Replies that run at once, whose text of one second shares a transaction.
const REPLIES: usize = 50;
/// Messages of a page.
const PAGE: u32 = 50;
const NODE: &str = "bench";

pub(crate) fn measure(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let databases = [
        ("SQLite", runtime.block_on(TestDatabase::sqlite())),
        ("PostgreSQL", runtime.block_on(TestDatabase::postgres())),
    ];
    for (name, database) in &databases {
        let mut group = criterion.benchmark_group(format!("store on {name}"));
        let store = &database.store;
        changes(&mut group, &runtime, store);
        replies(&mut group, &runtime, store);
        reads(&mut group, &runtime, store);
        group.finish();
    }
}

/// A change of a task with its event and the answer of its command.
fn changes(group: &mut BenchmarkGroup<'_, WallTime>, runtime: &Runtime, store: &Arc<dyn Store>) {
    let owner = runtime.block_on(user(store.as_ref(), "ann"));
    let task = runtime.block_on(tasks(store.as_ref(), &owner, &["Buy milk"])).remove(0);
    let task = RefCell::new(task);
    group.bench_function("a changed task", |bencher| {
        bencher.to_async(runtime).iter(|| async {
            let command = CommandId(uuid());
            let options = BeginOptions { command: Some(command), ..BeginOptions::default() };
            let mut tx = store.begin(&owner, options).await.unwrap().tx;
            let changed = {
                let mut task = task.borrow_mut();
                task.rev += 1;
                task.description = format!("the {}th change", task.rev);
                task.clone()
            };
            tx.update_task(&changed, true).await.unwrap();
            let event = tx.append(&draft(EventBody::TaskUpdated { task: changed }, Some(command))).await.unwrap();
            let (body, fingerprint) = (event.data.get().to_owned(), [0; 32]);
            let (status, seq, event_refs) = (200, event.seq, Vec::new());
            let done = StoredCommand { id: command, fingerprint, status, seq, body, event_refs };
            tx.save_command(&done, at(0)).await.unwrap();
            tx.commit().await.unwrap();
        });
    });
}

/// The rows of a reply: when it begins, the text of a second of many, and its end.
fn replies(group: &mut BenchmarkGroup<'_, WallTime>, runtime: &Runtime, store: &Arc<dyn Store>) {
    let owner = runtime.block_on(user(store.as_ref(), "ben"));
    let thread = runtime.block_on(new_thread(store, &owner));
    group.bench_function("a message with its reply, from the question to the end", |bencher| {
        bencher.to_async(runtime).iter(|| async {
            let reply = begin(store, &owner, thread).await;
            let mut tx = store.write(&owner).await.unwrap();
            let text = crate::texts::tokens(crate::texts::TOKENS).concat();
            let reply = Message { state: MessageState::Complete, parts: vec![Part::text(text)], ..reply };
            tx.update_message(&reply).await.unwrap();
            tx.delete_run(reply.id).await.unwrap();
            tx.append(&draft(EventBody::MessageCompleted { message: reply }, None)).await.unwrap();
            tx.commit().await.unwrap();
        });
    });
    let mut running = Vec::new();
    for number in 0..REPLIES {
        running.push(runtime.block_on(async {
            let owner = user(store.as_ref(), &format!("writer-{number}")).await;
            let thread = new_thread(store, &owner).await;
            (owner.user().clone(), begin(store, &owner, thread).await)
        }));
    }
    group.throughput(Throughput::Elements(u64::try_from(REPLIES).unwrap()));
    group.bench_function(format!("a second of text of {REPLIES} replies"), |bencher| {
        let mut second = 0;
        let texts = || {
            second += 1;
            running.iter().map(|(user, reply)| streamed(user, reply, second)).collect::<Vec<_>>()
        };
        bencher.to_async(runtime).iter_batched(
            texts,
            |texts| async move { store.add_reply_texts(NODE, &texts).await.unwrap() },
            BatchSize::PerIteration,
        );
    });
}

/// The newest page of a long conversation.
fn reads(group: &mut BenchmarkGroup<'_, WallTime>, runtime: &Runtime, store: &Arc<dyn Store>) {
    let owner = runtime.block_on(user(store.as_ref(), "cleo"));
    let thread = runtime.block_on(new_thread(store, &owner));
    runtime.block_on(async {
        let mut tx = store.write(&owner).await.unwrap();
        for number in 0..1_000 {
            tx.insert_message(&message(thread, &format!("Line {number}"))).await.unwrap();
        }
        tx.commit().await.unwrap();
    });
    group.throughput(Throughput::Elements(PAGE.into()));
    group.bench_function(format!("the newest {PAGE} of 1,000 messages"), |bencher| {
        bencher.to_async(runtime).iter(|| async {
            let mut tx = store.read(&owner).await.unwrap();
            tx.messages(thread, &PageRequest { limit: PAGE, after: None }).await.unwrap()
        });
    });
}

async fn new_thread(store: &Arc<dyn Store>, owner: &Owner) -> ConversationId {
    let row = conversation("Camping");
    let mut tx = store.write(owner).await.unwrap();
    tx.insert_conversation(&row).await.unwrap();
    tx.commit().await.unwrap();
    row.conversation.id
}

/// Writes a question with the empty reply to it, whose run this node has.
async fn begin(store: &Arc<dyn Store>, owner: &Owner, thread: ConversationId) -> Message {
    let question = message(thread, "What do we need for the camping trip?");
    let reply = reply(&question);
    let mut tx = store.write(owner).await.unwrap();
    for message in [&question, &reply] {
        tx.insert_message(message).await.unwrap();
        tx.append(&draft(EventBody::MessageCreated { message: message.clone() }, None)).await.unwrap();
    }
    let run = Run { node: Some(NODE.to_owned()), lease_until: Some(at(10)), ..run(&reply, RunState::Running) };
    tx.insert_run(&run).await.unwrap();
    tx.commit().await.unwrap();
    reply
}

/// The text of one second of a reply.
fn streamed(user: &UserId, reply: &Message, second: usize) -> (UserId, Delta) {
    let text = crate::texts::tokens(100).concat();
    let (offset, kind) = (second * text.len(), TextKind::Text);
    (user.clone(), Delta { message_id: reply.id, attempt: 1, part: 0, offset, text, kind })
}

fn draft(body: EventBody, command_id: Option<CommandId>) -> EventDraft {
    EventDraft { at: at(0), body, actor: Actor { kind: ActorKind::User, device_id: Some("laptop".into()) }, command_id }
}
