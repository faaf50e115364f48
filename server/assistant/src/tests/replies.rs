//! How replies stream and how they end.

use super::{
    is_complete, provider, single_node, states,
    upstream::{Upstream, openai_calls, text},
};
use serde_json::json;
use std::time::{Duration, Instant};
use tandem_protocol::{
    enums::{MessageState, ReplyErrorCode, ToolState},
    live::EventBody,
    model::Part,
};

#[tokio::test]
async fn text_streams_with_byte_offsets_and_is_complete_at_the_end() {
    let upstream = Upstream::start([text(&["Hellö ", "wörld ", "🙂"]).finish("stop").done()]).await;
    let (_database, node) = single_node(&upstream).await;
    let reply = node.reply_to("hi").await;
    is_complete(&reply);
    assert_eq!(reply.parts, [Part::text("Hellö wörld 🙂")]);
    let deltas = node.recorded.deltas.lock().unwrap().clone();
    let offsets: Vec<usize> = deltas.iter().map(|delta| delta.offset).collect();
    assert_eq!(offsets, [0, 7, 14]);
    assert_eq!((provider(&reply), reply.provider.as_ref().unwrap().model.as_str()), ("openai", "fake"));
    let usage = reply.usage.unwrap();
    assert_eq!((usage.prompt_tokens, usage.completion_tokens), (5, 7));
    assert!(usage.first_token_ms.is_some());
}

#[tokio::test]
async fn the_end_mark_alone_is_no_end_of_an_answer() {
    let whole = text(&["Whole"]).finish("stop").done();
    let upstream = Upstream::start([text(&["Half"]).finish("").done(), whole]).await;
    let (_database, node) = single_node(&upstream).await;
    let reply = node.reply_to("hi").await;
    is_complete(&reply);
    assert_eq!((provider(&reply), reply.attempt, reply.text().as_str()), ("openai", 2, "Whole"));
}

#[tokio::test]
async fn length_and_content_filter_end_the_reply_as_such() {
    for (reason, state, code) in [
        ("length", MessageState::Interrupted, ReplyErrorCode::Length),
        ("content_filter", MessageState::Failed, ReplyErrorCode::ContentFilter),
    ] {
        let upstream = Upstream::start([text(&["So far"]).finish(reason).done()]).await;
        let (_database, node) = single_node(&upstream).await;
        let reply = node.reply_to("hi").await;
        assert_eq!((reply.state, reply.error.as_ref().map(|error| error.code)), (state, Some(code)));
        assert_eq!(reply.text(), "So far");
    }
}

/// A reply whose question was not among the newest 200 messages was written without any of them.
#[tokio::test]
async fn a_reply_that_is_written_again_is_asked_for_with_its_own_history() {
    const TURNS: usize = 105;
    let upstream = Upstream::start((0..=TURNS).map(|_| text(&["Yes."]).finish("stop").done())).await;
    let (_database, node) = single_node(&upstream).await;
    let mut replies = Vec::new();
    for turn in 0..TURNS {
        replies.push(node.reply_to(&format!("Question {turn}")).await.id);
    }
    node.retry(replies[1]).await;
    let messages = upstream.requests()[TURNS]["messages"].as_array().unwrap().clone();
    let texts: Vec<_> = messages.iter().skip(1).map(|message| message["content"].as_str().unwrap()).collect();
    assert_eq!(texts, ["Question 0", "Yes.", "Question 1"]);
}

#[tokio::test]
async fn stopping_closes_the_connection_and_keeps_the_text() {
    let upstream = Upstream::start([text(&["Once ", "upon"]).hang()]).await;
    let (_database, node) = single_node(&upstream).await;
    let id = node.send("tell me a story").await;
    node.until(|_| node.streamed(id, 1).ends_with("upon").then_some(())).await;
    let started = Instant::now();
    node.cancel(id).await;
    tokio::time::timeout(super::TIMEOUT, upstream.hung_up()).await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(2), "the connection stayed open for {:?}", started.elapsed());
    let reply = node.ended(id).await;
    assert_eq!((reply.state, reply.text().as_str()), (MessageState::Cancelled, "Once upon"));
}

#[tokio::test]
async fn stopping_before_the_first_token_leaves_an_empty_reply() {
    let upstream = Upstream::start([super::upstream::silence().hang()]).await;
    let (_database, node) = single_node(&upstream).await;
    let id = node.send("hi").await;
    node.cancel(id).await;
    let reply = node.ended(id).await;
    assert_eq!((reply.state, reply.parts.len()), (MessageState::Cancelled, 0));
}

#[tokio::test]
async fn a_waiting_message_is_answered_after_the_one_before() {
    let upstream =
        Upstream::start([text(&["first"]).finish("stop").done(), text(&["second"]).finish("stop").done()]).await;
    let (_database, node) = single_node(&upstream).await;
    let (one, two) = (node.send("one").await, node.send("two").await);
    assert_eq!(node.ended(one).await.text(), "first");
    assert_eq!(node.ended(two).await.text(), "second");
}

#[tokio::test]
async fn text_around_tools_has_parts_of_its_own() {
    let requested = text(&["Let me see. "]).then(openai_calls(&[("add_task", json!({ "title": "Milk" }))]));
    let upstream = Upstream::start([requested, text(&["Added."]).finish("stop").done()]).await;
    let (_database, node) = single_node(&upstream).await;
    let reply = node.reply_to("add milk").await;
    is_complete(&reply);
    assert_eq!(reply.parts[0], Part::text("Let me see. "));
    assert_eq!(states(&reply), [ToolState::Done]);
    assert_eq!(reply.parts[2], Part::text("Added."));
    let last = node.recorded.deltas.lock().unwrap().last().cloned().unwrap();
    assert_eq!((last.part, last.offset), (2, 0));
    assert_eq!(reply.usage.map(|usage| usage.completion_tokens), Some(14));
}

#[tokio::test]
async fn the_first_reply_names_the_conversation() {
    let upstream = Upstream::start([]).await;
    let (_database, node) = single_node(&upstream).await;
    node.reply_to("what shall I cook at the weekend").await;
    let named = |body| match body {
        EventBody::ConversationUpdated { conversation } => conversation.title.filter(|title| title == "A fine title"),
        _ => None,
    };
    node.event(named).await;
}
