//! Undo over REST: by token or the newest change, once, and only by the owner.

use crate::support::Site;
use serde_json::json;
use tandem_protocol::{
    ErrorCode,
    enums::{ObjectKind, TaskStatus, UndoAction},
    model::Task,
    rest::{Deleted, TaskWritten, Undone},
};
use tandem_tests::TestUser;

on_both!(
    undo_deletes_a_new_task,
    a_change_is_reverted,
    undo_reopens_a_completed_task,
    a_deleted_task_comes_back_as_it_was,
    without_a_token_the_newest_change_is_undone_first,
    an_undo_can_be_undone_by_its_own_token,
    a_token_works_once,
    several_changes_are_undone_as_one,
    of_several_changes_all_are_undone_or_none,
    a_change_that_was_changed_again_cannot_be_undone,
    a_change_of_another_field_does_not_prevent_undo,
    a_token_is_its_owners,
);

async fn undo(user: &TestUser, token: &str) -> Undone {
    user.post("/undo").json(json!({ "undo_token": token })).await.expect(200).read()
}

async fn written(user: &TestUser, change: serde_json::Value) -> TaskWritten {
    user.patch("/tasks/1").json(change).await.expect(200).read()
}

async fn undo_deletes_a_new_task(site: &Site) {
    let user = TestUser::register(site).await;
    let made: TaskWritten = user.post("/tasks").json(json!({ "title": "Oops" })).await.expect(201).read();
    let undone = undo(&user, &made.undo_token.unwrap()).await;
    assert_eq!(undone.undone.len(), 1);
    let item = &undone.undone[0];
    assert_eq!((item.kind, item.action), (ObjectKind::Task, UndoAction::Removed));
    assert_eq!(item.id, made.task.id.to_string());
    assert!(undone.seq > made.seq);
    assert!(user.tasks("status=all").await.is_empty());
}

async fn a_change_is_reverted(site: &Site) {
    let user = TestUser::register(site).await;
    let task = user.add(json!({ "title": "Before", "labels": ["a"], "priority": "low" })).await;
    let changed = written(&user, json!({ "title": "After", "labels": ["b"] })).await;
    let undone = undo(&user, &changed.undo_token.unwrap()).await;
    assert_eq!(undone.undone[0].action, UndoAction::Reverted);
    let now = &user.tasks("").await[0];
    assert_eq!((&now.title, &now.labels, now.priority), (&task.title, &task.labels, task.priority));
    assert!(now.rev > changed.task.rev, "an undo is a change of its own");
}

async fn undo_reopens_a_completed_task(site: &Site) {
    let user = TestUser::register(site).await;
    user.add_task("Not yet").await;
    let done: TaskWritten = user.post("/tasks/1/complete").await.expect(200).read();
    undo(&user, &done.undo_token.unwrap()).await;
    let now: Task = user.get("/tasks/1").await.expect(200).read();
    assert_eq!((now.status, now.completed_at), (TaskStatus::Open, None));
}

async fn a_deleted_task_comes_back_as_it_was(site: &Site) {
    let user = TestUser::register(site).await;
    let task =
        user.add(json!({ "title": "Precious", "description": "all of it", "labels": ["x"], "list": "Home" })).await;
    let deleted: Deleted = user.delete("/tasks/1").await.expect(200).read();
    let undone = undo(&user, &deleted.undo_token.unwrap()).await;
    assert_eq!(undone.undone[0].action, UndoAction::Restored);
    let back: Task = user.get(&format!("/tasks/{}", task.id)).await.expect(200).read();
    assert_eq!((back.number, &back.title, &back.description), (task.number, &task.title, &task.description));
    assert_eq!((&back.labels, &back.list, &back.position), (&task.labels, &task.list, &task.position));
    assert_eq!(back.created_at, task.created_at);
}

async fn without_a_token_the_newest_change_is_undone_first(site: &Site) {
    let user = TestUser::register(site).await;
    user.add_task("First").await;
    user.add_task("Second").await;
    let newest = async || -> Undone { user.post("/undo").json(json!({})).await.expect(200).read() };
    newest().await;
    assert_eq!(user.tasks("").await.len(), 1);
    assert_eq!(user.tasks("").await[0].title, "First");
    newest().await;
    assert!(user.tasks("").await.is_empty());
    let nothing_left = user.post("/undo").json(json!({})).await;
    assert!(matches!(nothing_left.status, 404 | 409), "{nothing_left:?}");
}

async fn an_undo_can_be_undone_by_its_own_token(site: &Site) {
    let user = TestUser::register(site).await;
    user.add_task("To and fro").await;
    let deleted: Deleted = user.delete("/tasks/1").await.expect(200).read();
    let restored = undo(&user, &deleted.undo_token.unwrap()).await;
    let again = undo(&user, &restored.undo_token.unwrap()).await;
    assert_eq!(again.undone[0].action, UndoAction::Removed);
    assert!(user.tasks("").await.is_empty());
    let back = undo(&user, &again.undo_token.unwrap()).await;
    assert_eq!(back.undone[0].action, UndoAction::Restored);
    assert_eq!(user.tasks("").await.len(), 1);
}

async fn a_token_works_once(site: &Site) {
    let user = TestUser::register(site).await;
    user.add_task("Twice").await;
    let done: TaskWritten = user.post("/tasks/1/complete").await.expect(200).read();
    let body = json!({ "undo_token": done.undo_token });
    user.post("/undo").json(body.clone()).await.expect(200);
    user.post("/undo").json(body).await.refused(ErrorCode::Conflict);
}

async fn a_change_that_was_changed_again_cannot_be_undone(site: &Site) {
    let user = TestUser::register(site).await;
    user.add_task("One").await;
    let two = written(&user, json!({ "title": "Two" })).await;
    written(&user, json!({ "title": "Three" })).await;
    user.post("/undo").json(json!({ "undo_token": two.undo_token })).await.refused(ErrorCode::Conflict);
    assert_eq!(user.tasks("").await[0].title, "Three");
}

async fn a_change_of_another_field_does_not_prevent_undo(site: &Site) {
    let user = TestUser::register(site).await;
    user.add_task("One").await;
    let two = written(&user, json!({ "title": "Two" })).await;
    written(&user, json!({ "priority": "high" })).await;
    undo(&user, &two.undo_token.unwrap()).await;
    let now = &user.tasks("priority=high").await[0];
    assert_eq!(now.title, "One");
}

async fn a_token_is_its_owners(site: &Site) {
    let (owner, other) = (TestUser::register(site).await, TestUser::register(site).await);
    owner.add_task("Mine").await;
    let done: TaskWritten = owner.post("/tasks/1/complete").await.expect(200).read();
    let foreign = other.post("/undo").json(json!({ "undo_token": done.undo_token })).await;
    let nonsense = other.post("/undo").json(json!({ "undo_token": "nothing" })).await;
    assert_eq!(
        (foreign.status, foreign.body_without_request_id()),
        (nonsense.status, nonsense.body_without_request_id())
    );
    assert!(foreign.status >= 400);
    assert_eq!(owner.tasks("status=done").await, [done.task]);
}

async fn several_changes_are_undone_as_one(site: &Site) {
    let user = TestUser::register(site).await;
    let mut tokens = Vec::new();
    for number in 1..=3 {
        user.add_task("T").await;
        let patch = json!({ "due": { "date": "2030-01-02" } });
        let moved: TaskWritten = user.patch(&format!("/tasks/{number}")).json(patch).await.expect(200).read();
        tokens.extend(moved.undo_token);
    }
    let renamed: TaskWritten = user.patch("/tasks/1").json(json!({ "due": null })).await.expect(200).read();
    tokens.extend(renamed.undo_token);
    let undone: Undone = user.post("/undo").json(json!({ "undo_tokens": tokens })).await.expect(200).read();
    assert_eq!(undone.undone.len(), 4, "a task that was changed twice goes back both times");
    assert!(user.tasks("").await.iter().all(|task| task.due.is_none()));
    undo(&user, &undone.undo_token.expect("the undo is one change")).await;
    let dates = user.tasks("").await.iter().map(|task| task.due.is_some()).collect::<Vec<_>>();
    assert_eq!(dates, [false, true, true]);
}

async fn of_several_changes_all_are_undone_or_none(site: &Site) {
    let user = TestUser::register(site).await;
    let one: TaskWritten = user.post("/tasks").json(json!({ "title": "One" })).await.expect(201).read();
    let tokens = json!([one.undo_token, "unknown"]);
    user.post("/undo").json(json!({ "undo_tokens": tokens })).await.refused(ErrorCode::NotFound);
    assert_eq!(user.tasks("").await.len(), 1);
    for (body, code) in [
        (json!({ "undo_tokens": [] }), ErrorCode::InvalidRequest),
        (json!({ "undo_tokens": ["a"], "undo_token": "a" }), ErrorCode::NotFound),
    ] {
        user.post("/undo").json(body).await.refused(code);
    }
}
