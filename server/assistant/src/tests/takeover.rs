//! Runs that outlive their node.

use super::{
    Node, TestDatabase, is_complete, openai, states,
    upstream::{Upstream, openai_calls, text},
};
use crate::run;
use serde_json::json;
use std::time::Duration;
use tandem_protocol::{
    ConversationId, MessageId, Timestamp,
    enums::{MessageState, ReplyErrorCode, ToolState},
    live::{
        Command,
        command::{ConversationRefArgs, MessageSend},
    },
    model::Message,
    rest::{MessageSent, PageQuery},
};
use tandem_service::{Run, Work, runs::LeasedRun};
use uuid::Uuid;

/// The conversation of [`Node::send`].
const CONVERSATION: ConversationId = ConversationId(Uuid::from_u128(1));

#[tokio::test]
async fn a_drained_run_goes_on_after_the_next_start_without_doing_anything_twice() {
    let requested = openai_calls(&[("add_task", json!({ "title": "Milk" }))]);
    let upstream = Upstream::start([requested, text(&["Half"]).hang(), text(&["Added."]).finish("stop").done()]).await;
    let database = TestDatabase::new().await;
    let first = database.node("a", vec![openai(&upstream)]).await;
    let id = first.send("add milk").await;
    first.until(|_| first.streamed(id, 1).ends_with("Half").then_some(())).await;
    first.assistant.drain(Duration::ZERO).await;

    let second = database.node("b", vec![openai(&upstream)]).await;
    let reply = second.ended(id).await;
    is_complete(&reply);
    assert_eq!((states(&reply), reply.text().as_str(), reply.attempt), (vec![ToolState::Done], "Added.", 2));
    assert_eq!(second.titles().await, ["Milk"]);
}

#[tokio::test]
async fn much_text_of_a_drained_run_stays_and_can_be_continued() {
    let long = "word ".repeat(100);
    let upstream = Upstream::start([text(&[&long]).hang()]).await;
    let database = TestDatabase::new().await;
    let first = database.node("a", vec![openai(&upstream)]).await;
    let id = first.send("hi").await;
    first.until(|_| first.streamed(id, 1).ends_with(&long).then_some(())).await;
    first.assistant.drain(Duration::ZERO).await;

    let reply = database.node("b", vec![openai(&upstream)]).await.ended(id).await;
    let code = reply.error.as_ref().map(|error| error.code);
    assert_eq!((reply.state, code), (MessageState::Interrupted, Some(ReplyErrorCode::Interrupted)));
    assert_eq!(reply.text(), long);
}

#[tokio::test]
async fn what_an_old_owner_writes_is_refused() {
    let upstream = Upstream::start([text(&["old"]).hang(), text(&["new"]).finish("stop").done()]).await;
    let database = TestDatabase::new().await;
    let old = database.node("a", vec![openai(&upstream)]).await;
    let id = old.send("hi").await;
    old.until(|_| old.streamed(id, 1).ends_with("old").then_some(())).await;

    // The new node believes that it is alone, so it does not wait for the old one's lease to end.
    let new = database.node("b", vec![openai(&upstream)]).await;
    let reply = new.ended(id).await;
    assert_eq!((reply.text().as_str(), reply.attempt), ("new", 2));
    old.cancel(id).await;
    old.assistant.drain(Duration::ZERO).await;
    let page = new.services.messages(&new.admitted().await, reply.conversation_id, PageQuery::default()).await.unwrap();
    assert_eq!(page.items.last().map(Message::text), Some("new".to_owned()));
}

#[tokio::test]
async fn a_tool_that_an_old_owner_calls_does_nothing() {
    let calls = openai_calls(&[("add_task", json!({ "title": "of the old owner" }))]);
    let slow = Upstream::start([text(&["old"]).hold().then(calls)]).await;
    let quick = Upstream::start([text(&["new"]).finish("stop").done()]).await;
    let database = TestDatabase::new().await;
    let old = database.node("a", vec![openai(&slow)]).await;
    let id = old.send("hi").await;
    old.until(|_| old.streamed(id, 1).ends_with("old").then_some(())).await;

    let new = database.node("b", vec![openai(&quick)]).await;
    let reply = new.ended(id).await;
    assert_eq!((reply.text().as_str(), reply.attempt), ("new", 2));
    slow.release();
    // It stops by itself, because another node has the run.
    old.assistant.drain(super::TIMEOUT).await;
    assert!(new.tasks().await.is_empty());
}

#[tokio::test]
async fn a_drain_waits_for_replies_that_end_in_time() {
    let upstream = Upstream::start([text(&["Quick"]).finish("stop").done()]).await;
    let database = TestDatabase::new().await;
    let node = database.node("a", vec![openai(&upstream)]).await;
    let id = node.send("hi").await;
    node.assistant.drain(super::TIMEOUT).await;
    is_complete(&node.ended(id).await);
}

/// What is stored of a reply.
async fn stored(node: &Node, id: MessageId) -> Message {
    let page = node.services.messages(&node.admitted().await, CONVERSATION, PageQuery::default()).await.unwrap();
    page.items.into_iter().find(|message| message.id == id).unwrap()
}

#[tokio::test]
async fn text_is_stored_also_when_no_more_comes() {
    let upstream = Upstream::start([text(&["Half"]).hang()]).await;
    let (_database, node) = super::single_node(&upstream).await;
    let id = node.send("hi").await;
    let kept = async {
        while stored(&node, id).await.text() != "Half" {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(super::TIMEOUT, kept).await.unwrap();
}

#[tokio::test]
async fn a_message_that_waits_behind_a_lost_reply_is_answered_after_the_next_start() {
    let upstream = Upstream::start([
        text(&["lost"]).hang(),
        text(&["first"]).finish("stop").done(),
        text(&["second"]).finish("stop").done(),
    ])
    .await;
    let database = TestDatabase::new().await;
    let old = database.node("a", vec![openai(&upstream)]).await;
    let (one, two) = (old.send("one").await, old.send("two").await);
    old.until(|_| old.streamed(one, 1).ends_with("lost").then_some(())).await;

    let new = database.node("b", vec![openai(&upstream)]).await;
    assert_eq!(new.ended(one).await.text(), "first");
    assert_eq!(new.ended(two).await.text(), "second");
}

#[tokio::test]
async fn a_reply_whose_message_was_lost_is_found() {
    let upstream = Upstream::start([text(&["found"]).finish("stop").done()]).await;
    let database = TestDatabase::new().await;
    // As if the node had failed between the commit and its messages: no run is claimed there.
    let (services, _heard, caller) = database.without_listener("a").await;
    let send = MessageSend { conversation_id: CONVERSATION, id: None, text: "hi".into(), parent_id: None };
    let caller = services.admit(caller, Work::Change).await.unwrap();
    let sent = services.execute(caller, None, Command::MessageSend(send)).await.unwrap();
    let sent: MessageSent = serde_json::from_str(sent.body.get()).unwrap();
    let node = database.node("b", vec![openai(&upstream)]).await;
    assert_eq!(node.ended(sent.assistant_message.id).await.text(), "found");
}

#[tokio::test]
async fn a_reply_of_a_deleted_conversation_ends_and_hangs_up() {
    let upstream = Upstream::start([text(&["Once"]).hang()]).await;
    let (_database, node) = super::single_node(&upstream).await;
    let id = node.send("tell me a story").await;
    node.until(|_| node.streamed(id, 1).ends_with("Once").then_some(())).await;
    let delete = ConversationRefArgs { conversation_id: CONVERSATION };
    node.execute::<serde_json::Value>(Command::ConversationDelete(delete)).await;
    tokio::time::timeout(super::TIMEOUT, upstream.hung_up()).await.unwrap();
    node.assistant.drain(super::TIMEOUT).await;
}

#[tokio::test]
async fn only_the_node_that_has_a_failed_run_ends_it() {
    let upstream = Upstream::start([text(&["old"]).hang(), text(&["new"]).hang()]).await;
    let database = TestDatabase::new().await;
    let old = database.node("a", vec![openai(&upstream)]).await;
    let id = old.send("hi").await;
    old.until(|_| old.streamed(id, 1).ends_with("old").then_some(())).await;
    let far = Timestamp::from_millis(i64::MAX);
    let leased = old.services.claim_run(&database.user, id, far).await.unwrap().unwrap();
    let new = database.node("b", vec![openai(&upstream)]).await;
    new.until(|_| new.streamed(id, 3).ends_with("new").then_some(())).await;
    run::fail_after_panic(&old.services, &leased, &run::Stop::default()).await;
    assert_eq!(stored(&new, id).await.state, MessageState::Streaming);
    let held = LeasedRun { run: Run { attempt: 1, ..leased.run.clone() }, ..leased };
    run::fail_after_panic(&new.services, &held, &run::Stop::default()).await;
    assert_eq!(new.ended(id).await.state, MessageState::Failed, "also when the run has restarted since");
}
