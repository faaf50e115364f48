//! How many open tasks, labels and lists a user may have.

use crate::support::Site;
use serde_json::{Value, json};
use tandem_protocol::{ErrorCode, enums::TaskStatus, rest::Deleted};
use tandem_tests::{TestUser, database::DatabaseLocation};

on_both!(five_hundred_labels_are_allowed, two_hundred_lists_are_allowed, ten_thousand_open_tasks_are_allowed,);

/// A query that numbers rows from 1, in both databases.
fn numbers(count: i64) -> String {
    format!("with recursive n (n) as (select 1 union all select n + 1 from n where n < {count})")
}

async fn refused(user: &TestUser, task: Value) {
    let problem = user.post("/tasks").json(task).await.refused(ErrorCode::Limit);
    assert!(problem.detail.starts_with("You have "), "a sentence says why: {problem:?}");
}

async fn five_hundred_labels_are_allowed(site: &Site) {
    let user = TestUser::register(site).await;
    for task in 0..10 {
        let labels: Vec<String> = (0..50).map(|label| format!("{task} {label}")).collect();
        user.add(json!({ "title": "x", "labels": labels })).await;
    }
    refused(&user, json!({ "title": "x", "labels": ["one more"] })).await;
    user.add(json!({ "title": "x", "labels": ["0 0", "9 49"] })).await;
    let more = json!({ "labels": ["0 0", "one more"] });
    user.patch("/tasks/11").json(more.clone()).await.refused(ErrorCode::Limit);
    let deleted: Deleted = user.delete("/tasks/2").await.expect(200).read();
    user.patch("/tasks/11").json(more).await.expect(200);
    let back = json!({ "undo_token": deleted.undo_token });
    user.post("/undo").json(back.clone()).await.refused(ErrorCode::Limit);
    user.patch("/tasks/11").json(json!({ "labels": [] })).await.expect(200);
    user.post("/undo").json(back).await.expect(200);
    refused(&user, json!({ "title": "x", "labels": ["again"] })).await;
}

async fn two_hundred_lists_are_allowed(site: &Site) {
    let user = TestUser::register(site).await;
    user.add(json!({ "title": "x", "list": "Home" })).await;
    let insert = format!(
        "{} insert into task_names (user_id, kind, name, uses) select '{}', 'list', cast(n as text), 1 from n",
        numbers(199),
        user.user().id
    );
    site.database().await.execute(&insert).await;
    refused(&user, json!({ "title": "x", "list": "Work" })).await;
    user.add(json!({ "title": "x", "list": "Home" })).await;
    user.patch("/tasks/1").json(json!({ "list": "Work" })).await.refused(ErrorCode::Limit);
    for task in [1, 2] {
        user.patch(&format!("/tasks/{task}")).json(json!({ "list": null })).await.expect(200);
    }
    user.patch("/tasks/1").json(json!({ "list": "Work" })).await.expect(200);
}

async fn ten_thousand_open_tasks_are_allowed(site: &Site) {
    let user = TestUser::register(site).await;
    let database = site.database().await;
    let (id, at) = if matches!(database.location, DatabaseLocation::Postgres { .. }) {
        ("gen_random_uuid()", "now()")
    } else {
        ("randomblob(16)", "0")
    };
    let insert = format!(
        "{} insert into tasks (user_id, id, number, title, description, folded, status, priority, labels, position, rev,
                               created_at, updated_at)
            select '{}', {id}, n, 'x', '', 'x', 'open', 'none', '[]', 'a', 1, {at}, {at} from n",
        numbers(10_000),
        user.user().id
    );
    database.execute(&insert).await;
    let next = format!("update users set next_task_number = 10001 where id = '{}'", user.user().id);
    database.execute(&next).await;
    refused(&user, json!({ "title": "one more" })).await;
    user.patch("/tasks/7").json(json!({ "title": "still changed" })).await.expect(200);
    user.post("/tasks/7/complete").await.expect(200);
    let task = user.add(json!({ "title": "one more" })).await;
    assert_eq!((task.number, task.status), (10_001, TaskStatus::Open));
    user.post("/tasks/7/reopen").await.refused(ErrorCode::Limit);
    let deleted: Deleted = user.delete("/tasks/8").await.expect(200).read();
    user.add(json!({ "title": "in its place" })).await;
    user.post("/undo").json(json!({ "undo_token": deleted.undo_token })).await.refused(ErrorCode::Limit);
}
