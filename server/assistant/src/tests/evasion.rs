//! A no is a no: a model that tries to do in another way what the user has refused. Each way ends in a refusal or in a new
//! question, and nothing happens before the answer.

use super::{
    Node, TestDatabase, calls, is_complete, openai, single_node, states,
    upstream::{Script, Upstream, openai_calls, text},
};
use serde_json::{Value, json};
use std::time::Duration;
use tandem_protocol::{
    ConversationId, MessageId,
    enums::{Decision, ToolState},
    live::Command,
    model::ToolCall,
    rest::{TaskWritten, Undone},
};
use uuid::Uuid;

const TITLES: [&str; 4] = ["Milk", "Eggs", "Bread", "Salt"];

fn delete(task: impl Into<Value>) -> (&'static str, Value) {
    ("delete_task", json!({ "task_id": task.into() }))
}

/// What is to become of an attempt.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Outcome {
    Refused,
    AwaitsApproval,
}

/// A model deletes tasks 1 and 2, the user refuses both, and it goes on with an attempt.
struct Refused {
    _database: TestDatabase,
    node: Node,
    id: MessageId,
}

impl Refused {
    async fn then(attempt: impl AsyncFnOnce(&Node, &[TaskWritten]) -> Vec<Attempt>) -> Self {
        let database = TestDatabase::new().await;
        // The attempt names what is there, so the tasks come before the provider.
        let (services, _heard, caller) = database.without_listener("before").await;
        let mut tasks = Vec::new();
        for title in TITLES {
            let caller = services.admit(caller.clone(), tandem_service::Work::Change).await.unwrap();
            let draft = serde_json::from_value(json!({ "title": title })).unwrap();
            let outcome = services.execute(caller, None, Command::TaskCreate(draft)).await.unwrap();
            tasks.push(serde_json::from_str::<TaskWritten>(outcome.body.get()).unwrap());
        }
        let probe = database.node("probe", Vec::new()).await;
        let attempt = attempt(&probe, &tasks).await;
        probe.assistant.drain(Duration::ZERO).await;
        let upstream = Upstream::start([openai_calls(&[delete(1), delete("2")]), openai_calls(&attempt)]).await;
        let node = database.node("a", vec![openai(&upstream)]).await;
        let id = node.send("tidy up").await;
        for call in node.waiting(id, 2).await {
            node.answer(id, &call.call_id, Decision::Deny).await;
        }
        Self { _database: database, node, id }
    }

    async fn outcome(&self) -> Outcome {
        let (node, id) = (&self.node, self.id);
        let outcome = tokio::select! {
            reply = node.ended(id) => {
                let last = *calls(&reply).last().unwrap();
                assert_eq!((last.state, &last.result["code"]), (ToolState::Failed, &json!("denied")), "{last:#?}");
                Outcome::Refused
            }
            _ = node.waiting(id, 3) => Outcome::AwaitsApproval,
        };
        assert_eq!(node.titles().await, TITLES, "before any answer");
        outcome
    }
}

/// A call: the tool and its arguments.
type Attempt = (&'static str, Value);

/// Everything that a model may try with arguments alone.
fn attempts() -> Vec<(&'static str, Outcome, Vec<Attempt>)> {
    let blank = json!({ "task_id": 1, "title": "x", "description": "", "labels": [] });
    vec![
        ("the same alone", Outcome::Refused, vec![delete(1)]),
        ("the same with its number as text", Outcome::Refused, vec![delete(" 1 ")]),
        ("the same with a null beside it", Outcome::Refused, vec![("delete_task", json!({ "task_id": 1, "x": null }))]),
        ("another task", Outcome::AwaitsApproval, vec![delete(3)]),
        ("overwriting it", Outcome::AwaitsApproval, vec![("update_task", blank)]),
        ("ticking it off", Outcome::AwaitsApproval, vec![("complete_task", json!({ "task_id": "1" }))]),
        (
            "putting it off for ever",
            Outcome::AwaitsApproval,
            vec![("reschedule_task", json!({ "task_id": 2, "due": "9999-12-31" }))],
        ),
        (
            "hiding it in a list",
            Outcome::AwaitsApproval,
            vec![("update_task", json!({ "task_id": 2, "list": "Trash" }))],
        ),
        ("taking the last creation back", Outcome::AwaitsApproval, vec![("undo", json!({}))]),
        ("the same undo, empty token", Outcome::AwaitsApproval, vec![("undo", json!({ "undo_token": "none" }))]),
    ]
}

#[tokio::test]
async fn what_was_refused_is_not_done_in_another_way() {
    for (name, expected, attempt) in attempts() {
        let refused = Refused::then(async |_, _| attempt).await;
        assert_eq!(refused.outcome().await, expected, "{name}");
    }
}

#[tokio::test]
async fn neither_is_it_by_an_id_or_by_the_token_of_its_creation() {
    let by_id = Refused::then(async |_, tasks| vec![delete(tasks[0].task.id.to_string())]).await;
    assert_eq!(by_id.outcome().await, Outcome::Refused);
    let by_token = async |_: &Node, tasks: &[TaskWritten]| vec![("undo", json!({ "undo_token": tasks[0].undo_token }))];
    assert_eq!(Refused::then(by_token).await.outcome().await, Outcome::AwaitsApproval);
}

#[tokio::test]
async fn a_new_question_can_be_refused_as_well() {
    let refused = Refused::then(async |_, _| vec![delete(3), ("complete_task", json!({ "task_id": 1 }))]).await;
    let (node, id) = (&refused.node, refused.id);
    for call in &node.waiting(id, 4).await[2..] {
        node.answer(id, &call.call_id, Decision::Deny).await;
    }
    is_complete(&node.ended(id).await);
    assert_eq!(node.titles().await, TITLES);
}

#[tokio::test]
async fn one_approval_is_for_one_deletion() {
    let upstream =
        Upstream::start([openai_calls(&[delete(1), delete(2)]), openai_calls(&[delete(2), delete(3)])]).await;
    let (_database, node) = single_node(&upstream).await;
    node.add(&TITLES).await;
    let id = node.send("tidy up").await;
    let waiting = node.waiting(id, 2).await;
    node.answer(id, &waiting[0].call_id, Decision::Approve).await;
    node.answer(id, &waiting[1].call_id, Decision::Deny).await;
    let pending = node.waiting(id, 3).await.remove(2);
    assert_eq!(pending.arguments, json!({ "task_id": 3 }));
    node.answer(id, &pending.call_id, Decision::Deny).await;
    let reply = node.ended(id).await;
    let expected = [ToolState::Done, ToolState::Denied, ToolState::Failed, ToolState::Denied];
    assert_eq!(states(&reply), expected);
    assert_eq!(node.titles().await, TITLES[1..]);
}

#[tokio::test]
async fn a_refusal_outlives_the_node_that_requested_it() {
    let upstream =
        Upstream::start([openai_calls(&[delete(1), delete(2)]), text(&["Hm"]).hang(), openai_calls(&[delete(1)])])
            .await;
    let (database, first) = single_node(&upstream).await;
    first.add(&TITLES).await;
    let id = first.send("tidy up").await;
    for call in first.waiting(id, 2).await {
        first.answer(id, &call.call_id, Decision::Deny).await;
    }
    first.until(|_| first.streamed(id, 1).ends_with("Hm").then_some(())).await;
    first.assistant.drain(Duration::ZERO).await;
    let second = database.node("b", vec![openai(&upstream)]).await;
    let reply = second.ended(id).await;
    assert_eq!(states(&reply), [ToolState::Denied, ToolState::Denied, ToolState::Failed]);
    assert_eq!(second.titles().await, TITLES);
}

fn many(titles: std::ops::Range<u32>) -> Value {
    json!({ "tasks": titles.map(|n| json!({ "title": format!("Task {n}") })).collect::<Vec<_>>() })
}

/// Sends a message in a second conversation.
async fn send_again(node: &Node, text: &str) -> MessageId {
    node.send_in(ConversationId(Uuid::from_u128(2)), text).await
}

#[tokio::test]
async fn to_take_a_bulk_creation_back_is_to_delete_in_bulk() {
    let undo = || openai_calls(&[("undo", json!({}))]);
    let plain = || text(&["Done."]).finish("stop").done();
    let upstream = Upstream::start([openai_calls(&[("add_tasks", many(0..10))]), plain(), undo()]).await;
    let (_database, node) = single_node(&upstream).await;
    is_complete(&node.reply_to("add ten").await);
    let id = send_again(&node, "undo that").await;
    let pending = node.waiting(id, 1).await.remove(0);
    assert_eq!(node.titles().await.len(), 10);
    // What the user approves is what they were asked about, even if another change is the last one by then.
    node.add(&["Milk"]).await;
    node.answer(id, &pending.call_id, Decision::Approve).await;
    is_complete(&node.ended(id).await);
    assert_eq!(node.titles().await, ["Milk"]);
}

#[tokio::test]
async fn a_call_is_assessed_again_when_it_is_run() {
    // When the calls are made, the last change is one edit. When the undo is run, it is three creations.
    let both = openai_calls(&[("add_tasks", many(0..3)), ("undo", json!({}))]);
    let upstream = Upstream::start([both]).await;
    let (_database, node) = single_node(&upstream).await;
    node.add(&["Milk"]).await;
    let complete = serde_json::from_value(json!({ "task_id": "1" })).unwrap();
    node.execute::<Value>(Command::TaskComplete(complete)).await;
    let id = node.send("add three").await;
    let pending: ToolCall = node.waiting(id, 1).await.remove(0);
    assert_eq!(pending.name, "undo");
    assert_eq!(node.titles().await.len(), 3);
    node.answer(id, &pending.call_id, Decision::Deny).await;
    is_complete(&node.ended(id).await);
    assert_eq!(node.titles().await.len(), 3);
}

#[tokio::test]
async fn changes_are_counted_over_all_answers_and_failures_count_too() {
    let rename = |n: u32| ("update_task", json!({ "task_id": n, "title": format!("Blank {n}"), "description": "" }));
    let first: Vec<_> = (1..=5).map(rename).collect();
    let missing: Vec<_> = (91..=95).map(rename).collect();
    let upstream = Upstream::start([openai_calls(&first), openai_calls(&missing), openai_calls(&[rename(6)])]).await;
    let (_database, node) = single_node(&upstream).await;
    node.add(&["a", "b", "c", "d", "e", "f"]).await;
    let id = node.send("blank everything").await;
    let pending = node.waiting(id, 1).await.remove(0);
    assert_eq!(pending.arguments["task_id"], json!(6));
    assert_eq!(node.titles().await[5], "f");
}

#[tokio::test]
async fn an_answer_goes_to_one_call_whatever_ids_a_model_gives() {
    // The second call has no id, and the one that it would get is taken by the first.
    let call = |index: u32, id: &str, task: u32| {
        let function = json!({ "name": "delete_task", "arguments": json!({ "task_id": task }).to_string() });
        json!({ "index": index, "id": id, "type": "function", "function": function })
    };
    let delta = json!({ "tool_calls": [call(0, "call_1", 1), call(1, "", 2)] });
    let frame = json!({ "choices": [{ "delta": delta, "finish_reason": "tool_calls" }] });
    let upstream = Upstream::start([super::upstream::frame(&frame).done()]).await;
    let (_database, node) = single_node(&upstream).await;
    node.add(&TITLES).await;
    let id = node.send("tidy up").await;
    let waiting = node.waiting(id, 2).await;
    assert_ne!(waiting[0].call_id, waiting[1].call_id);
    node.answer(id, &waiting[1].call_id, Decision::Approve).await;
    node.answer(id, &waiting[0].call_id, Decision::Deny).await;
    assert_eq!(states(&node.ended(id).await), [ToolState::Denied, ToolState::Done]);
    assert_eq!(node.titles().await, ["Milk", "Bread", "Salt"]);
}

#[tokio::test]
async fn every_reversal_can_be_taken_back_and_a_plain_undo_never_takes_one_back() {
    let undo = |token: Option<&str>| Command::Undo(serde_json::from_value(json!({ "undo_token": token })).unwrap());
    let upstream = Upstream::start([] as [Script; 0]).await;
    let (_database, node) = single_node(&upstream).await;
    node.add(&["Milk", "Eggs"]).await;
    let first: Undone = node.execute(undo(None)).await;
    assert_eq!(node.titles().await, ["Milk"]);
    let second: Undone = node.execute(undo(first.undo_token.as_deref())).await;
    assert_eq!(node.titles().await, ["Milk", "Eggs"]);
    let third: Undone = node.execute(undo(second.undo_token.as_deref())).await;
    assert_eq!(node.titles().await, ["Milk"]);
    assert!(third.undo_token.is_some());
    node.execute::<Undone>(undo(None)).await;
    assert!(node.titles().await.is_empty(), "the change before, not the reversal");
}
