//! One undo for everything that a reply has changed.

use super::{
    Node, TestDatabase, calls, is_complete, single_node, states,
    upstream::{Script, Upstream, openai_calls, text},
};
use crate::providers::ProviderSettings;
use serde_json::{Value, json};
use tandem_protocol::{
    enums::{TaskStatus, ToolState},
    live::Command,
    model::Message,
    rest::{UndoBody, Undone},
};
use tandem_service::ServiceError;

/// Completes one task, renames another and looks at the list.
fn two_changes() -> Script {
    openai_calls(&[
        ("complete_task", json!({ "task_id": "1" })),
        ("update_task", json!({ "task_id": "2", "title": "Oat bread" })),
        ("list_tasks", json!({})),
    ])
}

async fn undo(node: &Node, token: Option<String>) -> Undone {
    node.execute(Command::Undo(UndoBody { undo_token: token, ..UndoBody::default() })).await
}

async fn refused(node: &Node, token: Option<String>) -> ServiceError {
    let body = UndoBody { undo_token: token, ..UndoBody::default() };
    node.services.execute(node.admitted().await, None, Command::Undo(body)).await.unwrap_err()
}

async fn is_as_before(node: &Node) {
    let tasks = node.tasks().await;
    let now: Vec<_> = tasks.iter().map(|task| (task.title.as_str(), task.status)).collect();
    assert_eq!(now, [("Milk", TaskStatus::Open), ("Bread", TaskStatus::Open)]);
}

async fn stored(node: &Node, message: &Message) -> Message {
    node.services.begin(&node.caller, None).await.unwrap().message(message.id).await.unwrap().message
}

#[tokio::test]
async fn a_reply_that_changed_several_things_is_taken_back_as_a_whole() {
    let (_database, node) = single_node(&Upstream::start([two_changes()]).await).await;
    node.add(&["Milk", "Bread"]).await;
    let reply = node.reply_to("milk is done, and rename bread").await;
    is_complete(&reply);
    assert_eq!(reply.undo_token, Some(reply.id.to_string()));
    assert_eq!(stored(&node, &reply).await, reply, "the event and the row are the same");
    let undone = undo(&node, reply.undo_token.clone()).await;
    let numbers: Vec<String> = undone.undone.iter().map(|item| item.id.clone()).collect();
    let tasks = node.tasks().await;
    assert_eq!(numbers, [tasks[1].id.to_string(), tasks[0].id.to_string()], "newest first");
    is_as_before(&node).await;
    let marked = stored(&node, &reply).await;
    assert_eq!(states(&marked), [ToolState::Undone, ToolState::Undone, ToolState::Done]);
    assert!(matches!(refused(&node, reply.undo_token).await, ServiceError::Conflict { .. }));
    undo(&node, undone.undo_token).await;
    assert_eq!(node.titles().await, ["Oat bread"], "the undo can be undone");
}

#[tokio::test]
async fn a_call_that_was_taken_back_by_itself_is_left_out() {
    let (_database, node) = single_node(&Upstream::start([two_changes()]).await).await;
    node.add(&["Milk", "Bread"]).await;
    let reply = node.reply_to("milk is done, and rename bread").await;
    undo(&node, calls(&reply)[1].undo_token.clone()).await;
    let rest = undo(&node, reply.undo_token.clone()).await;
    assert_eq!(rest.undone.len(), 1);
    is_as_before(&node).await;
    assert!(matches!(refused(&node, reply.undo_token).await, ServiceError::Conflict { .. }));
}

#[tokio::test]
async fn undo_in_the_chat_takes_the_last_request_back() {
    let upstream =
        Upstream::start([two_changes(), text(&["Done."]).finish("stop").done(), openai_calls(&[("undo", json!({}))])])
            .await;
    let (_database, node) = single_node(&upstream).await;
    node.add(&["Milk", "Bread"]).await;
    node.reply_to("milk is done, and rename bread").await;
    let reply = node.reply_to("undo").await;
    is_complete(&reply);
    assert_eq!(calls(&reply)[0].result["undone"].as_array().map(Vec::len), Some(2));
    is_as_before(&node).await;
    // The undo is a request, too.
    undo(&node, reply.undo_token).await;
    assert_eq!(node.titles().await, ["Oat bread"]);
}

#[tokio::test]
async fn a_reply_that_changed_nothing_has_no_token() {
    let (_database, node) = single_node(&Upstream::start([openai_calls(&[("list_tasks", json!({}))])]).await).await;
    node.add(&["Milk"]).await;
    let reply = node.reply_to("what is there?").await;
    assert_eq!(reply.undo_token, None);
    let unknown = refused(&node, Some(reply.id.to_string())).await;
    assert!(matches!(unknown, ServiceError::NotFound(_)), "{unknown:?}");
    let _: Value = node.execute(Command::Undo(UndoBody::default())).await;
    assert!(node.titles().await.is_empty(), "a change by hand is a request of its own");
}

#[tokio::test]
async fn undo_said_to_the_built_in_assistant_runs_at_once() {
    let database = TestDatabase::new().await;
    let node = database.node("a", vec![ProviderSettings::Builtin]).await;
    for request in ["add milk and add eggs", "add milk, eggs, bread and butter"] {
        is_complete(&node.reply_to(request).await);
        let reply = node.reply_to("undo").await;
        is_complete(&reply);
        assert_eq!(states(&reply), [ToolState::Done], "{request}");
        assert!(!reply.text().is_empty(), "{request}");
        assert!(node.titles().await.is_empty(), "{request}: {:?}", node.titles().await);
    }
}

#[tokio::test]
async fn a_model_that_undoes_several_additions_waits_for_the_user() {
    let added = openai_calls(&[("add_tasks", json!({ "tasks": [{ "title": "Milk" }, { "title": "Eggs" }] }))]);
    let upstream =
        Upstream::start([added, text(&["Done."]).finish("stop").done(), openai_calls(&[("undo", json!({}))])]).await;
    let (_database, node) = single_node(&upstream).await;
    is_complete(&node.reply_to("milk and eggs").await);
    let message = node.send("undo").await;
    assert_eq!(node.waiting(message, 1).await[0].name, "undo");
    assert_eq!(node.titles().await.len(), 2);
}
