//! Snapshot, event log and export: how a device starts and continues.

use crate::support::Site;
use serde_json::{Value, json};
use tandem_protocol::{
    ConversationId, ErrorCode,
    enums::{ActorKind, Scope},
    live::{Event, EventBody, ServerFrame},
    replica::Replica,
    rest::{EventList, Export, FeedCreated},
};
use tandem_tests::{TestUser, eventually, fresh};

on_both!(
    the_snapshot_equals_the_log,
    a_snapshot_in_the_middle_of_changes_is_consistent,
    events_come_in_order_without_gaps,
    a_position_before_the_log_is_gone,
    events_have_their_actor_and_command,
    the_export_holds_everything,
);

async fn events(user: &TestUser, since: i64) -> EventList {
    user.get(&format!("/events?since={since}")).await.expect(200).read()
}

async fn the_snapshot_equals_the_log(site: &Site) {
    let user = TestUser::register(site).await;
    let conversation = ConversationId(fresh::id());
    user.send_message(conversation, "Add a task to buy milk").await;
    user.add_task("Bread").await;
    user.post("/tasks/1/complete").await;
    user.patch("/me").json(json!({ "name": "Ann" })).await.expect(200);
    // The reply ends with the last events.
    let (snapshot, log) = eventually("the reply's end", async || {
        let snapshot = user.snapshot().await;
        let log = events(&user, 0).await;
        (snapshot.active_messages.is_empty() && log.seq == snapshot.seq).then_some((snapshot, log))
    })
    .await;

    let mut from_log = Replica::at_start(log.epoch.clone());
    for event in log.items {
        from_log.apply(&ServerFrame::Event(event));
    }
    let mut shown = Replica::new();
    shown.load_snapshot(snapshot);
    shown.load_messages(user.history(conversation).await);
    shown.load_tasks(user.tasks("status=all").await);
    assert_eq!(from_log.digest().difference(&shown.digest()), None);
    assert!(from_log.faults().is_empty(), "{:?}", from_log.faults());
}

async fn a_snapshot_in_the_middle_of_changes_is_consistent(site: &Site) {
    let user = TestUser::register(site).await;
    let writer = user.clone();
    let writing = tokio::spawn(async move {
        for number in 0..30 {
            writer.add_task(&format!("task {number}")).await;
        }
    });
    let mut snapshots = Vec::new();
    while !writing.is_finished() {
        snapshots.push(user.snapshot().await);
    }
    writing.await.unwrap();
    let log = events(&user, 0).await.items;
    for snapshot in snapshots {
        let created = log.iter().filter(|event| event.seq <= snapshot.seq && event.name == "task.created").count();
        assert_eq!(snapshot.tasks.len(), created, "at {}", snapshot.seq);
    }
}

async fn events_come_in_order_without_gaps(site: &Site) {
    let user = TestUser::register(site).await;
    for number in 0..5 {
        user.add_task(&format!("task {number}")).await;
    }
    let all = events(&user, 0).await;
    let seqs: Vec<i64> = all.items.iter().map(|event| event.seq).collect();
    assert_eq!(seqs, (1..=all.seq).collect::<Vec<_>>());
    let later = events(&user, 3).await;
    assert_eq!(later.items, all.items[3..]);
    assert!(events(&user, all.seq).await.items.is_empty());
}

async fn a_position_before_the_log_is_gone(site: &Site) {
    let user = TestUser::register(site).await;
    user.add_task("x").await;
    let epoch = user.snapshot().await.epoch;
    user.get(&format!("/events?since=0&epoch={epoch}")).await.expect(200);
    user.get("/events?since=0&epoch=another").await.refused(ErrorCode::Gone);
    user.get(&format!("/events?since=1000000&epoch={epoch}")).await.refused(ErrorCode::Gone);
    user.get("/events?since=abc").await.refused(ErrorCode::InvalidRequest);
    user.get("/events").await.refused(ErrorCode::InvalidRequest);
}

async fn events_have_their_actor_and_command(site: &Site) {
    let user = TestUser::register(site).await;
    let (token, _) = user.personal_token(&[Scope::Write]).await;
    let key = fresh::id();
    user.post("/tasks").key(key).json(json!({ "title": "by hand" })).await.expect(201);
    user.post("/tasks").bearer(&token).json(json!({ "title": "by a script" })).await.expect(201);
    user.send_message(ConversationId(fresh::id()), "Add a task to sing").await;
    let by = |events: &[Event], wanted: &str| {
        events.iter().find_map(|event| match event.body() {
            Ok(Some(EventBody::TaskCreated { task })) if task.title.to_lowercase().contains(wanted) => {
                Some(event.clone())
            }
            _ => None,
        })
    };
    let log = eventually("the assistant's task", async || {
        let log = events(&user, 0).await.items;
        by(&log, "sing").is_some().then_some(log)
    })
    .await;
    let by_hand = by(&log, "by hand").unwrap();
    assert_eq!((by_hand.actor.kind, by_hand.command_id.map(|id| id.0)), (ActorKind::User, Some(key)));
    assert_eq!(by(&log, "by a script").unwrap().actor.kind, ActorKind::Api);
    assert_eq!(by(&log, "sing").unwrap().actor.kind, ActorKind::Assistant);
}

async fn the_export_holds_everything(site: &Site) {
    let user = TestUser::register(site).await;
    let conversation = ConversationId(fresh::id());
    let sent = user.send_message(conversation, "hello").await;
    let open = user.add_task("Open").await;
    let done = user.add_task("Done").await;
    user.post("/tasks/2/complete").await.expect(200);
    let (token, info) = user.personal_token(&[Scope::Read]).await;
    let feed: FeedCreated = user.post("/feeds").json(json!({ "name": "phone" })).await.expect(201).read();
    let answer = user.get("/me/export").await;
    let export: Export = answer.expect(200).read();
    assert_eq!((export.version, export.user.email.as_str()), (1, user.email()));
    assert_eq!(export.conversations.iter().map(|it| it.id).collect::<Vec<_>>(), [conversation]);
    assert!(export.messages.iter().any(|message| message.id == sent.user_message.id));
    let mut tasks: Vec<_> = export.tasks.iter().map(|task| task.id).collect();
    tasks.sort();
    assert_eq!(tasks, [open.id, done.id]);
    assert_eq!(export.tokens.iter().map(|token| token.id).collect::<Vec<_>>(), [info.id]);
    assert_eq!(export.sessions.len(), 1);
    assert_eq!(export.feeds.iter().map(|feed| feed.id).collect::<Vec<_>>(), [feed.feed.id]);
    let secret = feed.url.rsplit('/').next().unwrap().trim_end_matches(".ics");
    assert!(!answer.body.contains(&token) && !answer.body.contains(secret), "no secrets in it");
    every_table_is_in(&answer.value(), site).await;
}

/// By the schema: the rows of a new table of a user are in the export, or are listed here with the reason.
async fn every_table_is_in(export: &Value, site: &Site) {
    const NOT_EXPORTED: [(&str, &str); 12] = [
        ("pushes", "what is about to be shown, of rows that are there themselves"),
        ("events", "what has changed, in rows that are there themselves"),
        ("undo_entries", "the same"),
        ("commands", "the same"),
        ("runs", "replies that are being written"),
        ("run_steps", "the same"),
        ("reply_texts", "the same, and in the messages"),
        ("search_documents", "made of messages and tasks"),
        ("search_pending", "the same"),
        ("task_names", "the same"),
        ("refresh_tokens", "secrets of the sessions"),
        ("reset_links", "secrets"),
    ];
    for table in site.database().await.location.tables_of_users().await {
        let member = if table == "personal_tokens" { "tokens" } else { table.as_str() };
        let exported = export.get(member).is_some_and(Value::is_array);
        assert!(exported || NOT_EXPORTED.iter().any(|(name, _)| *name == table), "{table} is not in the export");
    }
}
