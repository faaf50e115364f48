//! What happened to a task, and where it came from.

use crate::support::Site;
use serde_json::json;
use tandem_protocol::{
    ErrorCode,
    enums::{ActorKind, TaskStatus},
    rest::TaskHistory,
};
use tandem_tests::{TestUser, eventually};

on_both!(
    a_history_names_who_changed_what,
    a_history_is_its_owners_and_of_one_task,
    a_task_of_a_reply_names_its_conversation
);

async fn history(user: &TestUser, number: i64) -> TaskHistory {
    user.get(&format!("/tasks/{number}/history")).await.expect(200).read()
}

async fn a_history_names_who_changed_what(site: &Site) {
    let user = TestUser::register(site).await;
    user.add_task("Call").await;
    user.patch("/tasks/1").json(json!({ "due": { "date": "2030-01-02" }, "priority": "high" })).await.expect(200);
    user.post("/tasks/1/complete").await.expect(200);
    let history = history(&user, 1).await;
    let fields: Vec<Vec<&str>> =
        history.changes.iter().map(|change| change.fields.iter().map(String::as_str).collect()).collect();
    assert_eq!(fields, [vec!["status"], vec!["due", "priority", "reminders"], vec![]], "a due date gets a reminder");
    assert_eq!(history.changes[0].status, TaskStatus::Done);
    assert_eq!((history.changes[2].name.as_str(), history.changes[2].due.as_ref()), ("task.created", None));
    assert!(history.changes.is_sorted_by(|one, other| one.at >= other.at));
    assert_eq!(history.conversation_id, None);
}

async fn a_history_is_its_owners_and_of_one_task(site: &Site) {
    let (ann, ben) = (TestUser::register(site).await, TestUser::register(site).await);
    ann.add_task("Whole").await;
    ann.add(json!({ "title": "Part", "parent_id": 1 })).await;
    assert_eq!(history(&ann, 1).await.changes.len(), 1, "the part is another task");
    ben.get("/tasks/1/history").await.refused(ErrorCode::NotFound);
    ann.delete("/tasks/2").await.expect(200);
    ann.get("/tasks/2/history").await.refused(ErrorCode::NotFound);
}

async fn a_task_of_a_reply_names_its_conversation(site: &Site) {
    let user = TestUser::register(site).await;
    let conversation = user.start_conversation("Boat").await;
    user.send_message(conversation.id, "Add a task to sell the boat").await;
    eventually("the task", async || (!user.tasks("").await.is_empty()).then_some(())).await;
    let history = history(&user, 1).await;
    assert_eq!(history.conversation_id, Some(conversation.id));
    assert_eq!(history.changes[0].actor.kind, ActorKind::Assistant);
}
