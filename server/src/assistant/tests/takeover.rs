//! Runs that outlive their node.

use super::{
    World, is_complete, openai, states,
    upstream::{Upstream, openai_calls, text},
};
use serde_json::json;
use std::time::Duration;
use tandem_protocol::vocab::{MessageState, ReplyErrorCode, ToolState};

#[tokio::test]
async fn a_drained_run_goes_on_after_the_next_start_without_doing_anything_twice() {
    let asks = openai_calls(&[("add_task", json!({ "title": "Milk" }))]);
    let upstream = Upstream::start([asks, text(&["Half"]).hang(), text(&["Added."]).finish("stop").done()]).await;
    let world = World::new().await;
    let first = world.node("a", vec![openai(&upstream)]).await;
    let id = first.say("add milk").await;
    first.until(|_| first.streamed(id, 1).ends_with("Half").then_some(())).await;
    first.assistant.drain(Duration::ZERO).await;

    let second = world.node("b", vec![openai(&upstream)]).await;
    let reply = second.ended(id).await;
    is_complete(&reply);
    assert_eq!((states(&reply), reply.text().as_str(), reply.attempt), (vec![ToolState::Done], "Added.", 2));
    assert_eq!(second.titles().await, ["Milk"]);
}

#[tokio::test]
async fn much_text_of_a_drained_run_stays_and_can_be_continued() {
    let long = "word ".repeat(100);
    let upstream = Upstream::start([text(&[&long]).hang()]).await;
    let world = World::new().await;
    let first = world.node("a", vec![openai(&upstream)]).await;
    let id = first.say("hi").await;
    first.until(|_| first.streamed(id, 1).ends_with(&long).then_some(())).await;
    first.assistant.drain(Duration::ZERO).await;

    let reply = world.node("b", vec![openai(&upstream)]).await.ended(id).await;
    let code = reply.error.as_ref().map(|error| error.code);
    assert_eq!((reply.state, code), (MessageState::Interrupted, Some(ReplyErrorCode::Interrupted)));
    assert_eq!(reply.text(), long);
}

#[tokio::test]
async fn what_an_old_owner_writes_is_refused() {
    let upstream = Upstream::start([text(&["old"]).hang(), text(&["new"]).finish("stop").done()]).await;
    let world = World::new().await;
    let old = world.node("a", vec![openai(&upstream)]).await;
    let id = old.say("hi").await;
    old.until(|_| old.streamed(id, 1).ends_with("old").then_some(())).await;

    // The new node believes that it is alone, so it does not wait for the old one's lease to end.
    let new = world.node("b", vec![openai(&upstream)]).await;
    let reply = new.ended(id).await;
    assert_eq!((reply.text().as_str(), reply.attempt), ("new", 2));
    old.cancel(id).await;
    old.assistant.drain(Duration::ZERO).await;
    let page = new
        .services
        .messages(&new.caller, reply.conversation_id, tandem_protocol::rest::PageQuery::default())
        .await
        .unwrap();
    assert_eq!(page.items.last().map(tandem_protocol::model::Message::text), Some("new".to_owned()));
}

#[tokio::test]
async fn a_tool_that_an_old_owner_calls_does_nothing() {
    let calls = openai_calls(&[("add_task", json!({ "title": "of the old owner" }))]);
    let slow = Upstream::start([text(&["old"]).hold().then(calls)]).await;
    let quick = Upstream::start([text(&["new"]).finish("stop").done()]).await;
    let world = World::new().await;
    let old = world.node("a", vec![openai(&slow)]).await;
    let id = old.say("hi").await;
    old.until(|_| old.streamed(id, 1).ends_with("old").then_some(())).await;

    let new = world.node("b", vec![openai(&quick)]).await;
    let reply = new.ended(id).await;
    assert_eq!((reply.text().as_str(), reply.attempt), ("new", 2));
    slow.release();
    // It lets go of the run by itself, because the run is another's.
    old.assistant.drain(super::PATIENCE).await;
    assert!(new.tasks().await.is_empty());
}

#[tokio::test]
async fn a_drain_waits_for_replies_that_end_in_time() {
    let upstream = Upstream::start([text(&["Quick"]).finish("stop").done()]).await;
    let world = World::new().await;
    let node = world.node("a", vec![openai(&upstream)]).await;
    let id = node.say("hi").await;
    node.assistant.drain(super::PATIENCE).await;
    is_complete(&node.ended(id).await);
}
