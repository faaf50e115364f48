//! Deleting an account removes everything.

use crate::support::Site;
use futures_util::{StreamExt as _, stream};
use serde_json::json;
use std::future::IntoFuture as _;
use tandem_protocol::{ConversationId, ErrorCode, enums::Scope};
use tandem_tests::{
    TestServer, TestUser,
    database::{DatabaseLocation, Kind},
    eventually, fresh, plain,
    user::{PASSWORD, Visitor},
};

on_both!(deleting_an_account_needs_the_password, a_deleted_account_leaves_no_row);

async fn deleting_an_account_needs_the_password(site: &Site) {
    let user = TestUser::register(site).await;
    user.delete("/me").json(json!({ "password": "wrong password" })).await.refused(ErrorCode::InvalidCredentials);
    user.delete("/me").json(json!({})).await.refused(ErrorCode::InvalidRequest);
    user.get("/me").await.expect(200);
}

async fn a_deleted_account_leaves_no_row(site: &Site) {
    let user = TestUser::register(site).await;
    let canary = fresh::word("canary");
    let conversation = ConversationId(fresh::id());
    user.send_message(conversation, &format!("Add a task to feed the {canary}")).await;
    eventually("the reply", async || user.snapshot().await.active_messages.is_empty().then_some(())).await;
    user.add(json!({ "title": canary, "description": canary, "labels": [canary], "list": canary })).await;
    user.delete("/tasks/1").key(fresh::id()).await.expect(200);
    user.patch("/me").json(json!({ "name": canary })).await.expect(200);
    user.personal_token(&[Scope::Read]).await;
    let phone = user.sign_in_again(&canary).await;
    let id = user.user().id.to_string();
    let traces = [canary.as_str(), &id, user.email()];
    let database = site.database().await;
    for trace in traces {
        assert!(!database.tables_holding(trace).await.is_empty(), "{trace} is found while it is there");
    }

    user.delete("/me").json(json!({ "password": PASSWORD })).await.expect(204);
    for trace in traces {
        let mut holding = database.tables_holding(trace).await;
        // Deleted words are never found, and leave the bytes of the index when it is pruned: the suite of the store tries it.
        holding.retain(|table| table != "search_words_data");
        assert_eq!(holding, [""; 0], "{trace} is still there");
    }
    for session in [&user, &phone] {
        assert_eq!(session.get("/me").await.status, 401);
    }
    let visitor = Visitor::of(site);
    visitor.log_in(user.email(), PASSWORD).await.refused(ErrorCode::InvalidCredentials);
    visitor.register(user.email(), PASSWORD).await.expect(202);
    let again = visitor.sign_in(user.email(), "laptop").await;
    assert!(again.tasks("status=all").await.is_empty(), "the address is free, and nothing comes with it");
}

/// Not only no row: the file of SQLite keeps what was removed in pages that are free, unless they are overwritten.
#[tokio::test]
async fn a_deleted_account_leaves_no_word_in_the_file() {
    let server = TestServer::new().await;
    let user = TestUser::register(&server).await;
    let canary = fresh::word("canary");
    for _ in 0..20 {
        let description = format!("{canary} ").repeat(100);
        user.add(json!({ "title": canary, "description": description })).await;
    }
    let conversation = ConversationId(fresh::id());
    user.send_message(conversation, &format!("Add a task to feed the {canary}")).await;
    eventually("the reply", async || user.snapshot().await.active_messages.is_empty().then_some(())).await;
    user.delete("/me").json(json!({ "password": PASSWORD })).await.expect(204);
    assert!(server.terminate().await.success());
    let bytes = std::fs::read(server.folder().join("data/tandem.db")).unwrap();
    let found = bytes.windows(canary.len()).filter(|window| *window == canary.as_bytes()).count();
    assert_eq!(found, 0);
}

/// The account is inaccessible immediately; after a crash the next start removes the rest.
async fn cut_off_on(kind: Kind) {
    let location = DatabaseLocation::new(kind).await;
    let server = TestServer::setup().database(location.url()).without_rate_limits().start().await;
    let user = TestUser::register(&server).await;
    let long = "𝄞 ".repeat(5_000);
    let tasks = (0..100).map(|_| user.post("/tasks").json(json!({ "title": "T", "description": long })).into_future());
    stream::iter(tasks).buffer_unordered(8).for_each(async |added| _ = added.expect(201)).await;
    let id = user.user().id.to_string();
    let ask = plain::client().delete(server.url("/api/v1/me")).bearer_auth(user.access_token());
    let deletion = tokio::spawn(ask.json(&json!({ "password": PASSWORD })).send());
    eventually("the account to end", async || {
        let ended = location.lines("select id from users where deleted_at is not null").await;
        (ended == [id.as_str()] || deletion.is_finished()).then_some(())
    })
    .await;
    server.kill();
    let left = location.lines(&format!("select id from users where id = '{id}'")).await.len();
    let tasks = location.lines(&format!("select title from tasks where user_id = '{id}'")).await.len();
    eprintln!("{kind:?}: {tasks} of 100 tasks were left");
    assert_eq!(left, 1, "the removal was over before the crash");

    server.start().await;
    assert_eq!(user.get("/me").await.status, 401);
    Visitor::of(&server).log_in(user.email(), PASSWORD).await.refused(ErrorCode::InvalidCredentials);
    eventually("the rest to go", async || {
        let mut left = location.lines(&format!("select id from users where id = '{id}'")).await;
        for table in ["tasks", "events", "commands", "undo_entries", "search_documents", "sessions"] {
            left.extend(location.lines(&format!("select user_id from {table} where user_id = '{id}'")).await);
        }
        left.is_empty().then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_deletion_that_a_crash_has_cut_off_is_finished_after_the_next_start_on_sqlite() {
    cut_off_on(Kind::Sqlite).await;
}

#[tokio::test]
async fn a_deletion_that_a_crash_has_cut_off_is_finished_after_the_next_start_on_postgres() {
    cut_off_on(Kind::Postgres).await;
}
