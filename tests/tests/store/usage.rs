//! Triggers count the stored rows and bytes of each user; bounded data is pruned, the oldest first.

use crate::{
    fixtures::{at, conversation, created, message, session, task, user, uuid},
    full_account::FullAccount,
};
use std::collections::BTreeSet;
use tandem_auth::Owner;
use tandem_domain::change::TaskChange;
use tandem_protocol::{
    CommandId,
    enums::{MessageState, TextKind},
    live::Delta,
    model::{Message, Part, Summary, Task},
};
use tandem_store::{LogCut, Store, StoredCommand, UndoEntry, Usage};
use tandem_tests::database::{DatabaseLocation, TestDatabase};

crate::on_both!(
    every_table_of_a_user_is_counted,
    the_counters_equal_the_stored_data,
    usage_is_counted_at_the_end_of_a_reply_and_not_at_checkpoints,
    existing_data_is_counted,
    the_oldest_events_are_removed,
    young_answers_of_commands_outlast_their_events,
    the_oldest_deleted_items_are_removed_first,
    the_newest_spent_tokens_of_a_session_are_kept,
    sessions_that_ended_long_ago_are_forgotten,
);

/// Tables whose rows are derived from other tables or belong to no user; feeds, links and devices, which are few; and pushes,
/// which are bounded for each user and kept for a day.
const UNCOUNTED: [&str; 8] = [
    "reply_texts",
    "search_documents",
    "search_pending",
    "task_names",
    "feeds",
    "reset_links",
    "push_subscriptions",
    "pushes",
];

/// For each table, the columns whose bytes count.
const COUNTED: [(&str, &str); 12] = [
    (
        "tasks",
        "octet_length(title) + octet_length(description) + octet_length(cast(labels as text))
        + octet_length(cast(reminders as text))",
    ),
    ("completions", "octet_length(title) + coalesce(octet_length(cast(task_before as text)), 0)"),
    ("conversations", "coalesce(octet_length(title), 0)"),
    (
        "messages",
        "case when completed_at is null then 0 else octet_length(cast(parts as text)) end
         + coalesce(octet_length(cast(summary as text)), 0)",
    ),
    ("runs", "0"),
    ("run_steps", "octet_length(cast(step as text))"),
    ("events", "octet_length(cast(data as text))"),
    ("undo_entries", "octet_length(cast(changes as text))"),
    ("commands", "octet_length(body)"),
    ("sessions", "coalesce(octet_length(device_name), 0) + coalesce(octet_length(user_agent), 0)"),
    ("refresh_tokens", "0"),
    ("personal_tokens", "octet_length(name)"),
];

async fn usage(store: &dyn Store, owner: &Owner) -> Usage {
    store.read(owner).await.unwrap().account().await.unwrap().usage
}

/// Counts what is there.
async fn counted(db: &TestDatabase, owner: &Owner) -> Usage {
    let mut usage = Usage::default();
    for (table, content) in COUNTED {
        let of_owner = format!("from {table} where user_id = '{}'", owner.user().as_str());
        let rows = db.lines(&format!("select cast(count(*) as text) {of_owner}")).await;
        let bytes = db.lines(&format!("select cast(coalesce(sum(100 + {content}), 0) as text) {of_owner}")).await;
        let (rows, bytes): (i64, i64) = (rows[0].parse().unwrap(), bytes[0].parse().unwrap());
        usage.rows += rows;
        usage.bytes += bytes;
        if matches!(table, "events" | "undo_entries" | "commands") {
            usage.log_bytes += bytes;
        }
        if table == "commands" {
            usage.command_bytes += bytes;
        }
    }
    usage
}

async fn every_table_of_a_user_is_counted(db: TestDatabase) {
    let (tables, triggers) = match &db.location {
        DatabaseLocation::Sqlite { .. } => (
            "select m.name from sqlite_schema as m join pragma_table_info(m.name) as c
              where m.type = 'table' and c.name = 'user_id'",
            "select tbl_name from sqlite_schema
              where type = 'trigger' and (name like '%\\_counted' escape '\\' or name like '%\\_uncounted' escape '\\')",
        ),
        DatabaseLocation::Postgres { .. } => (
            "select c.relname::text from pg_class as c join pg_attribute as a on a.attrelid = c.oid
              where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and a.attname = 'user_id'",
            "select c.relname::text from pg_trigger as t join pg_class as c on c.oid = t.tgrelid
              where t.tgname in ('counted', 'uncounted')",
        ),
    };
    let tables: BTreeSet<String> = db.lines(tables).await.into_iter().collect();
    let triggers = db.lines(triggers).await;
    assert!(tables.len() > 10, "the test sees no tables: {tables:?}");
    for table in tables {
        let of_table = triggers.iter().filter(|trigger| **trigger == table).count();
        let wanted = if UNCOUNTED.contains(&table.as_str()) { 0 } else { 2 };
        assert_eq!(of_table, wanted, "{table} has rows of a user; are they counted?");
    }
}

async fn the_counters_equal_the_stored_data(db: TestDatabase) {
    let (ann, ben) = (FullAccount::of(&*db.store, "ann", 1).await, FullAccount::of(&*db.store, "ben", 2).await);
    let before = counted(&db, &ann.owner).await;
    assert_eq!(usage(&*db.store, &ann.owner).await, before);
    assert!(before.rows >= 10 && before.command_bytes > 0, "{before:?}");

    let mut tx = db.store.write(&ann.owner).await.unwrap();
    let longer = Task { description: "ä".repeat(5000), rev: 2, ..ann.task.clone() };
    tx.update_task(&longer, true).await.unwrap();
    assert_eq!(tx.usage().await.unwrap().bytes, before.bytes + 10_000 - 3, "seen in the transaction");
    tx.delete_task(ann.task.id, at(1)).await.unwrap();
    tx.revoke_session(ann.session.session.id, at(1)).await.unwrap();
    assert!(tx.delete_personal_token(ann.token.id).await.unwrap());
    tx.commit().await.unwrap();
    let now = usage(&*db.store, &ann.owner).await;
    assert_eq!(now, counted(&db, &ann.owner).await);
    assert_eq!(now.rows, before.rows - 1);

    let mut tx = db.store.write(&ann.owner).await.unwrap();
    for text in ["It began.", "It began, and went on."] {
        let summary = Summary { text: text.to_owned(), created_at: at(2) };
        tx.save_summary(ann.question.id, &summary).await.unwrap();
    }
    tx.commit().await.unwrap();
    let summarised = usage(&*db.store, &ann.owner).await;
    assert!(summarised.bytes > now.bytes);
    assert_eq!(summarised, counted(&db, &ann.owner).await);

    let mut tx = db.store.write(&ann.owner).await.unwrap();
    tx.delete_conversation(ann.conversation.conversation.id, at(2)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(usage(&*db.store, &ann.owner).await, counted(&db, &ann.owner).await, "messages, runs and steps went");
    db.store.prune(at(100 * 86400), 10).await.unwrap();
    assert_eq!(usage(&*db.store, &ann.owner).await, counted(&db, &ann.owner).await, "a sweep counts, too");
    assert_eq!(usage(&*db.store, &ben.owner).await, counted(&db, &ben.owner).await);
}

async fn usage_is_counted_at_the_end_of_a_reply_and_not_at_checkpoints(db: TestDatabase) {
    let ann = FullAccount::of(&*db.store, "ann", 1).await;
    let before = usage(&*db.store, &ann.owner).await;
    let mut tx = db.store.write(&ann.owner).await.unwrap();
    let taken = tandem_store::Run { node: Some("a".to_owned()), ..ann.run.clone() };
    tx.update_run(&taken).await.unwrap();
    tx.commit().await.unwrap();
    let parts = vec![Part::text("word ".repeat(100))];
    let (message_id, attempt) = (ann.answer.id, ann.run.attempt);
    let text = Delta { message_id, attempt, part: 0, offset: 0, text: "word ".repeat(100), kind: TextKind::Text };
    assert_eq!(db.store.add_reply_texts("a", &[(ann.owner.user().clone(), text)]).await.unwrap(), [message_id]);
    assert_eq!(usage(&*db.store, &ann.owner).await, before);
    let mut tx = db.store.write(&ann.owner).await.unwrap();
    let whole = Message { state: MessageState::Complete, completed_at: Some(at(1)), parts, ..ann.answer.clone() };
    tx.update_message(&whole).await.unwrap();
    tx.commit().await.unwrap();
    let after = usage(&*db.store, &ann.owner).await;
    assert!(after.bytes > before.bytes + 500, "{before:?} {after:?}");
    assert_eq!(after, counted(&db, &ann.owner).await);
}

async fn existing_data_is_counted(db: TestDatabase) {
    let (ann, ben) = (FullAccount::of(&*db.store, "ann", 1).await, FullAccount::of(&*db.store, "ben", 2).await);
    let steps = db.migrations.migration_status().await.unwrap();
    let step = steps.iter().find(|step| step.name == "usage").unwrap().number;
    db.migrations.migrate_down(step - 1).await.unwrap();
    db.migrations.migrate_up().await.unwrap();
    for full_account in [ann, ben] {
        let usage = usage(&*db.store, &full_account.owner).await;
        assert!(usage.rows > 0);
        assert_eq!(usage, counted(&db, &full_account.owner).await);
    }
}

/// Changes a task `changes` times as the service does, with commands on consecutive days. Returns the ids of the
/// commands.
async fn history(db: &TestDatabase, owner: &Owner, changes: i64) -> Vec<CommandId> {
    let mut ids = Vec::new();
    for day in 0..changes {
        let mut tx = db.store.write(owner).await.unwrap();
        let milk = Task { description: "a".repeat(1000), ..task(1, "Milk") };
        let seq = tx.append(&created(&milk)).await.unwrap().seq;
        let changes = vec![TaskChange { before: None, after: Some(milk) }.into()];
        let token = format!("undo-{seq}");
        tx.save_undo(&UndoEntry { token, at: at(0), used: false, reversal: false, changes, origin: None })
            .await
            .unwrap();
        let id = CommandId(uuid());
        let body = "{}".to_owned();
        let done = StoredCommand { id, fingerprint: [1; 32], status: 200, seq, body, event_refs: Vec::new() };
        tx.save_command(&done, at(86400 * day)).await.unwrap();
        tx.commit().await.unwrap();
        ids.push(id);
    }
    ids
}

async fn cut(db: &TestDatabase, owner: &Owner, cut: LogCut) {
    let mut tx = db.store.write(owner).await.unwrap();
    tx.cut_log(&cut).await.unwrap();
    tx.commit().await.unwrap();
}

async fn the_oldest_events_are_removed(db: TestDatabase) {
    let (ann, ben) = (user(&*db.store, "ann").await, user(&*db.store, "ben").await);
    history(&db, &ann, 10).await;
    history(&db, &ben, 10).await;
    let whole = LogCut { bytes: 3000, rows: 100, upto: 10, commands_before: at(0) };
    cut(&db, &ann, whole).await;
    let mut tx = db.store.read(&ann).await.unwrap();
    // An event has some 1,400 bytes.
    assert_eq!(tx.oldest_seq().await.unwrap(), Some(4), "as few as are needed");
    assert_eq!(tx.undo_entry("undo-3").await.unwrap(), None, "an undo entry is removed with its event");
    assert!(tx.undo_entry("undo-4").await.unwrap().is_some());
    assert_eq!(
        db.store.read(&ben).await.unwrap().oldest_seq().await.unwrap(),
        Some(1),
        "the log of another user is unchanged"
    );
    cut(&db, &ann, LogCut { bytes: 1_000_000, rows: 2, ..whole }).await;
    assert_eq!(db.store.read(&ann).await.unwrap().oldest_seq().await.unwrap(), Some(6), "no more rows than may go");
    cut(&db, &ann, LogCut { bytes: 1_000_000, upto: 8, ..whole }).await;
    assert_eq!(db.store.read(&ann).await.unwrap().oldest_seq().await.unwrap(), Some(9), "newer ones stay");
    assert_eq!(usage(&*db.store, &ann).await, counted(&db, &ann).await);
    cut(&db, &ann, LogCut { bytes: 1_000_000, ..whole }).await;
    let mut tx = db.store.read(&ann).await.unwrap();
    assert_eq!((tx.oldest_seq().await.unwrap(), tx.account().await.unwrap().seq), (None, 10));
    cut(&db, &ann, LogCut { bytes: 0, ..whole }).await;
    assert_eq!(db.store.read(&ann).await.unwrap().last_undo_entry().await.unwrap().unwrap().token, "undo-10");
}

async fn young_answers_of_commands_outlast_their_events(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let ids = history(&db, &ann, 6).await;
    let kept = async || {
        let mut tx = db.store.read(&ann).await.unwrap();
        let mut kept = Vec::new();
        for (day, id) in ids.iter().enumerate() {
            if tx.command(*id).await.unwrap().is_some() {
                kept.push(day);
            }
        }
        kept
    };
    let some = LogCut { bytes: 1_000_000, rows: 100, upto: 6, commands_before: at(86400 * 2) };
    cut(&db, &ann, some).await;
    assert_eq!(kept().await, [2, 3, 4, 5]);
    cut(&db, &ann, LogCut { rows: 1, commands_before: at(86400 * 9), ..some }).await;
    assert_eq!(kept().await, [3, 4, 5], "the oldest is removed first");
}

async fn the_oldest_deleted_items_are_removed_first(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let mut tx = db.store.write(&ann).await.unwrap();
    let mut tasks = Vec::new();
    for number in 1..=4 {
        let task = task(number, "Milk");
        tx.insert_task(&task).await.unwrap();
        tasks.push(task.id);
    }
    let rows: Vec<_> = (0..3).map(|_| conversation("Plans")).collect();
    for row in &rows {
        tx.insert_conversation(row).await.unwrap();
    }
    tx.insert_message(&message(rows[1].conversation.id, "hello")).await.unwrap();
    for (seconds, number) in [(3, 0), (1, 1), (2, 2)] {
        tx.delete_task(tasks[number], at(seconds)).await.unwrap();
    }
    tx.delete_conversation(rows[0].conversation.id, at(1)).await.unwrap();
    tx.delete_conversation(rows[1].conversation.id, at(2)).await.unwrap();
    assert_eq!(tx.forget_trash(1).await.unwrap(), 2, "a task and a conversation");
    assert!(tx.kept_task(tasks[1]).await.unwrap().is_none());
    assert!(tx.kept_task(tasks[2]).await.unwrap().is_some());
    assert_eq!(tx.forget_trash(9).await.unwrap(), 3);
    assert_eq!(tx.forget_trash(9).await.unwrap(), 0, "what is not in the trash stays");
    assert!(tx.task(tasks[3].into()).await.unwrap().is_some());
    tx.commit().await.unwrap();
    assert_eq!(usage(&*db.store, &ann).await, counted(&db, &ann).await);
}

async fn the_newest_spent_tokens_of_a_session_are_kept(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let laptop = session(0);
    let mut tx = db.store.write(&ann).await.unwrap();
    tx.insert_session(&laptop).await.unwrap();
    for turn in 0..6 {
        let rotated = tx.rotate_refresh(&[turn; 32], &[turn + 1; 32], &laptop.session, at(i64::from(turn))).await;
        assert!(rotated.unwrap());
        tx.forget_spent_tokens(laptop.session.id, 2).await.unwrap();
    }
    tx.commit().await.unwrap();
    let mut known = Vec::new();
    for token in 0..=6 {
        if db.store.refresh_token(&[token; 32]).await.unwrap().is_some() {
            known.push(token);
        }
    }
    assert_eq!(known, [4, 5, 6]);
}

async fn sessions_that_ended_long_ago_are_forgotten(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let sessions: Vec<_> = (1..=5).map(session).collect();
    let mut tx = db.store.write(&ann).await.unwrap();
    for (seconds, session) in (1..).zip(&sessions) {
        tx.insert_session(session).await.unwrap();
        if seconds < 5 {
            assert!(tx.revoke_session(session.session.id, at(seconds)).await.unwrap());
        }
    }
    tx.forget_ended_sessions(at(3), 1).await.unwrap();
    tx.commit().await.unwrap();
    let mut known = Vec::new();
    for (seconds, session) in (1..).zip(&sessions) {
        if db.store.session(session.session.id).await.unwrap().is_some() {
            known.push(seconds);
        }
    }
    assert_eq!(known, [3, 4, 5], "neither those that ended lately nor the living");
}
