//! Quotas: what exceeds them is refused, and deleting always works.
//!
//! The limits are small, so each test has a server of its own.

use serde_json::{Value, json};
use std::iter::successors;
use tandem_protocol::{
    ConversationId, ErrorCode, TaskId,
    enums::Scope,
    model::Session,
    rest::{Deleted, TaskWritten},
};
use tandem_tests::{
    TestServer, TestUser,
    database::{DatabaseLocation, Kind},
    fresh,
    user::Visitor,
};

/// Maximum stored bytes of a change with this many characters: the text before and after, and the rest.
const EDITED: usize = 10_000;
const MAX_KEPT: i64 = 21_500;
/// And on the disk: the text before is compressed there.
const MAX_ON_DISK: i64 = 20_000;

/// Runs a test on a server of its own on each database, with these sizes for everything and for the log.
async fn on_both(sizes: [&str; 2], test: impl AsyncFn(&TestServer, &DatabaseLocation)) {
    for kind in Kind::ALL {
        let location = DatabaseLocation::new(kind).await;
        let [all, log] = sizes;
        let setup = TestServer::setup().database(location.url()).without_rate_limits();
        let server = setup.env("TANDEM_USER_BYTES", all).env("TANDEM_USER_LOG_BYTES", log).start().await;
        test(&server, &location).await;
    }
}

async fn counter(location: &DatabaseLocation, user: &TestUser, name: &str) -> i64 {
    let lines =
        location.lines(&format!("select cast({name} as text) from users where email = '{}'", user.email())).await;
    lines[0].parse().unwrap()
}

/// Size of the database file. Not on PostgreSQL, which keeps old rows until a vacuum.
async fn file_bytes(location: &DatabaseLocation) -> i64 {
    if matches!(location, DatabaseLocation::Postgres { .. }) {
        return 0;
    }
    let lines =
        location.lines("select cast(page_count * page_size as text) from pragma_page_count, pragma_page_size").await;
    lines[0].parse().unwrap()
}

/// Text with repeated words, like prose but with fewer repetitions. Each text is different.
fn words(seed: u64) -> String {
    let next =
        |state: &u64| Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407));
    let words = successors(Some(seed), next).map(|state| format!("{:04x}", state >> 52));
    let mut text = words.take(EDITED / 4).collect::<Vec<_>>().join(" ");
    text.truncate(EDITED);
    text
}

/// Adds tasks until the quota is reached, and returns their ids.
async fn fill(user: &TestUser) -> Vec<TaskId> {
    let mut tasks = Vec::new();
    loop {
        let answer = user.post("/tasks").json(json!({ "title": "Long", "description": words(1) })).await;
        if answer.status != 201 {
            let problem = answer.refused(ErrorCode::Limit);
            assert_eq!(answer.status, 409);
            assert!(problem.detail.contains("storage is full"), "{}", problem.detail);
            return tasks;
        }
        tasks.push(answer.read::<TaskWritten>().task.id);
        assert!(tasks.len() < 100, "there is no limit");
    }
}

#[tokio::test]
async fn a_full_account_can_add_again_after_a_deletion() {
    on_both(["300KiB", "64KiB"], async |server, location| {
        let (user, other) = (TestUser::register(server).await, TestUser::register(server).await);
        let (token, _) = user.personal_token(&[Scope::Read, Scope::Write]).await;
        let row = user.start_conversation("Plans").await;
        let tasks = fill(&user).await;
        assert!((20..30).contains(&tasks.len()), "{} tasks of 10 kB in 300 KiB", tasks.len());

        let messages = format!("/conversations/{}/messages", ConversationId(fresh::id()));
        user.post(&messages).json(json!({ "text": "hello" })).await.refused(ErrorCode::Limit);
        user.post("/conversations").json(json!({ "title": "More" })).await.refused(ErrorCode::Limit);
        user.patch(&format!("/conversations/{}", row.id))
            .json(json!({ "title": "Longer name" }))
            .await
            .refused(ErrorCode::Limit);
        user.patch("/tasks/1").json(json!({ "title": "Longer name" })).await.refused(ErrorCode::Limit);
        let call = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
            "params": {"name": "add_task", "arguments": {"title": "More"}}});
        let answer = Visitor::of(server)
            .post("/mcp")
            .bearer(&token)
            .header("accept", "application/json, text/event-stream")
            .header("mcp-protocol-version", "2025-06-18")
            .json(call)
            .await;
        let result: Value = answer.value()["result"].clone();
        assert_eq!((&result["isError"], &result["structuredContent"]["code"]), (&json!(true), &json!("limit")));

        user.get("/tasks").await.expect(200);
        user.post("/tasks/2/complete").await.expect(200);
        user.patch("/tasks/3").json(json!({ "priority": "high" })).await.expect(200);
        user.patch("/tasks/3").json(json!({ "title": "L" })).await.expect(200);
        other.add_task("There is room for others").await;
        let deleted: Deleted = user.delete("/tasks/1").await.expect(200).read();
        user.delete("/tasks/4").await.expect(200);
        user.delete(&format!("/conversations/{}", row.id)).await.expect(200);

        // Deleted items are removed to make space.
        assert!(!fill(&user).await.is_empty());
        user.post("/undo").json(json!({ "undo_token": deleted.undo_token })).await.refused(ErrorCode::Conflict);
        let stored = counter(location, &user, "stored_bytes").await;
        assert!(stored < 310 * 1024);
        let storage = user.get("/me/storage").await.expect(200).value();
        assert_eq!((&storage["bytes"], &storage["max_bytes"]), (&json!(stored), &json!(300 * 1024)));
    })
    .await;
}

#[tokio::test]
async fn an_edit_keeps_its_text_twice_and_less_on_the_disk() {
    on_both(["8MiB", "2MiB"], async |server, location| {
        const EDITS: u64 = 50;
        let user = TestUser::register(server).await;
        user.add(json!({ "title": "Long", "description": words(0) })).await;
        let (stored, file) = (counter(location, &user, "stored_bytes").await, file_bytes(location).await);
        for seed in 1..=EDITS {
            user.patch("/tasks/1").key(fresh::id()).json(json!({ "description": words(seed) })).await.expect(200);
        }
        let each = |grown: i64| grown / i64::try_from(EDITS).unwrap();
        let kept = each(counter(location, &user, "stored_bytes").await - stored);
        assert!((10_000..MAX_KEPT).contains(&kept), "{kept} bytes for a change of {EDITED}");
        let on_disk = each(file_bytes(location).await - file);
        eprintln!("{kept} bytes for a change of {EDITED}, {on_disk} in the file");
        assert!(on_disk < MAX_ON_DISK, "{on_disk} bytes of the file for a change of {EDITED}");
    })
    .await;
}

#[tokio::test]
async fn the_log_of_many_edits_stays_within_its_limit() {
    on_both(["8MiB", "128KiB"], async |server, location| {
        let user = TestUser::register(server).await;
        user.add(json!({ "title": "Long", "description": words(1) })).await;
        let epoch = user.snapshot().await.epoch;
        let mut changed: Option<TaskWritten> = None;
        for turn in 0..30 {
            let text = format!("{turn} {}", &words(turn)[3..]);
            let answer = user.patch("/tasks/1").key(fresh::id()).json(json!({ "description": text })).await;
            changed = Some(answer.expect(200).read());
            let log = counter(location, &user, "log_bytes").await;
            assert!(log <= 128 * 1024 + MAX_KEPT, "{log} bytes after {turn} changes");
        }
        let changed = changed.unwrap();
        user.get("/events?since=1").await.refused(ErrorCode::Gone);
        let recent = format!("/events?since={}&epoch={epoch}", changed.seq - 3);
        assert_eq!(user.get(&recent).await.expect(200).value()["items"].as_array().unwrap().len(), 3);
        user.post("/undo").json(json!({ "undo_token": changed.undo_token })).await.expect(200);
        let now = &user.tasks("").await[0];
        assert!(now.description.starts_with("28 "), "the newest changes can be taken back");
    })
    .await;
}

#[tokio::test]
async fn a_command_is_answered_again_after_its_event_was_pruned() {
    on_both(["8MiB", "128KiB"], async |server, _| {
        let user = TestUser::register(server).await;
        user.add(json!({ "title": "Long", "description": words(1) })).await;
        let key = fresh::id();
        let change = || user.patch("/tasks/1").key(key).json(json!({ "description": words(2) }));
        let first = change().await;
        assert_eq!(change().await.body, first.expect(200).body, "to the letter");
        for seed in 3..=12 {
            user.patch("/tasks/1").json(json!({ "description": words(seed) })).await.expect(200);
        }
        let (first, again): (TaskWritten, TaskWritten) = (first.read(), change().await.expect(200).read());
        user.get(&format!("/events?since={}", first.seq - 1)).await.refused(ErrorCode::Gone);
        assert_eq!((again.seq, again.undo_token), (first.seq, first.undo_token));
        assert_eq!(again.task.description, words(12), "the task as it is now");
        assert_eq!(user.tasks("").await[0].description, words(12), "nothing is done twice");
        user.delete("/tasks/1").await.expect(200);
        let again: TaskWritten = change().await.expect(200).read();
        assert_eq!(again.task.description, words(12), "as it was deleted");
    })
    .await;
}

#[tokio::test]
async fn a_log_in_beyond_a_hundred_ends_the_session_that_was_not_used_for_longest() {
    on_both(["8MiB", "1MiB"], async |server, location| {
        let user = TestUser::register(server).await;
        let id = match location {
            DatabaseLocation::Sqlite { .. } => "randomblob(16)",
            DatabaseLocation::Postgres { .. } => "gen_random_uuid()",
        };
        let aged = match location {
            DatabaseLocation::Sqlite { .. } => "s.last_seen_at - 60000 * n.i",
            DatabaseLocation::Postgres { .. } => "s.last_seen_at - n.i * interval '1 minute'",
        };
        location
            .execute(&format!(
                "with recursive n (i) as (select 1 union all select i + 1 from n where i < 101)
                 insert into sessions (id, user_id, device_name, created_at, last_seen_at, expires_at, ends_at)
                 select {id}, s.user_id, 'old ' || n.i, s.created_at, {aged}, s.expires_at, s.ends_at
                   from sessions as s, n"
            ))
            .await;
        let phone = user.sign_in_again("phone").await;
        let sessions: Vec<Session> = phone.get("/sessions?limit=200").await.expect(200).value()["items"]
            .as_array()
            .map(|items| items.iter().map(|item| serde_json::from_value(item.clone()).unwrap()).collect())
            .unwrap_or_default();
        assert_eq!(sessions.len(), 100);
        let names: Vec<_> = sessions.iter().filter_map(|session| session.device_name.as_deref()).collect();
        assert!(names.contains(&"phone") && names.contains(&"laptop") && names.contains(&"old 98"), "{names:?}");
        assert!(!names.contains(&"old 99") && !names.contains(&"old 101"));
    })
    .await;
}

#[tokio::test]
async fn many_refreshes_do_not_grow_the_database() {
    on_both(["8MiB", "1MiB"], async |server, location| {
        let user = TestUser::register(server).await;
        let oldest = user.refresh_token();
        for _ in 0..70 {
            user.refresh().await;
        }
        let tokens = location.lines("select cast(count(*) as text) from refresh_tokens").await;
        assert_eq!(tokens, ["65"], "the newest and 64 that are spent");
        let refresh = json!({ "refresh_token": oldest });
        let answer = Visitor::of(server).post("/api/v1/auth/refresh").json(refresh).await;
        answer.refused(ErrorCode::InvalidToken);
        user.get("/me").await.expect(200);
    })
    .await;
}
