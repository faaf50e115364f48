//! Tasks with parts: what happens to the parts when the whole is done, deleted, goes on or is brought back.

use crate::support::Site;
use serde_json::{Value, json};
use tandem_protocol::{
    enums::TaskStatus,
    model::{Completion, Task},
    rest::{Deleted, TaskWritten, Undone},
};
use tandem_tests::TestUser;

on_both!(
    parts_are_done_with_the_whole_and_come_back_with_it,
    parts_are_deleted_with_the_whole_and_come_back_with_it,
    parts_are_open_again_when_the_whole_goes_on,
    done_parts_are_found_by_the_status_of_their_whole,
);

/// A whole with a done and an open part, and a part of the open one.
async fn family(user: &TestUser, whole: Value) -> Task {
    let whole = user.add(whole).await;
    user.add(json!({ "title": "Done", "parent_id": 1, "description": "notes" })).await;
    user.add(json!({ "title": "Open", "parent_id": 1, "description": "notes" })).await;
    user.add(json!({ "title": "Below", "parent_id": 3 })).await;
    user.add_task("Another").await;
    user.post("/tasks/2/complete").await.expect(200);
    whole
}

async fn open(user: &TestUser) -> Vec<String> {
    user.tasks("").await.into_iter().map(|task| task.title).collect()
}

async fn done(user: &TestUser) -> usize {
    user.all_pages::<Completion>("/completions", "").await.len()
}

async fn undo(user: &TestUser, token: Option<String>) -> Undone {
    user.post("/undo").json(json!({ "undo_token": token })).await.expect(200).read()
}

async fn parts_are_done_with_the_whole_and_come_back_with_it(site: &Site) {
    let user = TestUser::register(site).await;
    family(&user, json!({ "title": "Whole" })).await;
    let before = user.tasks("status=all").await;
    let written: TaskWritten = user.post("/tasks/1/complete").await.expect(200).read();
    assert_eq!(written.task.status, TaskStatus::Done);
    assert_eq!((open(&user).await, done(&user).await), (vec!["Another".to_owned()], 4));
    let undone = undo(&user, written.undo_token).await;
    assert_eq!(undone.undone.len(), 3);
    let after = user.tasks("status=all").await;
    let content = |tasks: &[Task]| {
        let of = |task: &Task| (task.title.clone(), task.description.clone(), task.status, task.parent_id);
        tasks.iter().map(of).collect::<Vec<_>>()
    };
    assert_eq!((content(&after), done(&user).await), (content(&before), 1));
}

async fn parts_are_deleted_with_the_whole_and_come_back_with_it(site: &Site) {
    let user = TestUser::register(site).await;
    let whole = family(&user, json!({ "title": "Whole" })).await;
    let before = user.tasks("status=all").await;
    let deleted: Deleted = user.delete("/tasks/1").await.expect(200).read();
    let left = user.tasks("status=all").await;
    assert_eq!(left.iter().map(|task| task.title.as_str()).collect::<Vec<_>>(), ["Another"]);
    let undone = undo(&user, deleted.undo_token).await;
    assert_eq!(undone.undone[0].id, whole.id.to_string(), "the whole comes before its parts");
    let restored = |task: Task| Task { rev: 0, updated_at: task.created_at, ..task };
    let all = |tasks: Vec<Task>| tasks.into_iter().map(restored).collect::<Vec<_>>();
    assert_eq!(all(user.tasks("status=all").await), all(before));
}

async fn parts_are_open_again_when_the_whole_goes_on(site: &Site) {
    for action in ["complete", "skip"] {
        let user = TestUser::register(site).await;
        let due = json!({ "date": "2096-11-26" });
        family(&user, json!({ "title": "Whole", "due": due, "recurrence": { "rule": "FREQ=WEEKLY" } })).await;
        let written: TaskWritten = user.post(&format!("/tasks/1/{action}")).await.expect(200).read();
        assert_eq!(written.task.status, TaskStatus::Open);
        assert_eq!(open(&user).await.len(), 5, "{action}");
        assert_eq!(done(&user).await, if action == "complete" { 2 } else { 1 });
        undo(&user, written.undo_token).await;
        assert_eq!((open(&user).await.len(), done(&user).await), (4, 1), "{action}");
    }
}

async fn done_parts_are_found_by_the_status_of_their_whole(site: &Site) {
    let user = TestUser::register(site).await;
    family(&user, json!({ "title": "Whole" })).await;
    let titles = async |query: &str| {
        let found = user.tasks(query).await;
        found.into_iter().map(|task| task.title).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(titles("status=done&parent=open").await, "Done");
    assert_eq!(titles("status=all&parent=all").await, "Done Open Below");
    assert_eq!(titles("status=open&parent=done").await, "");
    user.post("/tasks/1/complete").await.expect(200);
    assert_eq!(titles("status=done&parent=open").await, "");
    assert_eq!(titles("status=done&parent=done").await, "Done Open Below");
    user.delete("/tasks/1").await.expect(200);
    assert_eq!(titles("status=done&parent=all").await, "");
    user.get("/tasks?parent=1").await.expect(400);
}
