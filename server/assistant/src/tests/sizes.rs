//! Providers that send without end: text, arguments, frames.

use super::{
    calls, is_complete, provider, single_node, states,
    upstream::{Upstream, endless, openai_calls, text},
};
use serde_json::json;
use tandem_protocol::{
    enums::{MessageState, ReplyErrorCode, ToolState},
    limits::MAX_BACKLOG_BYTES,
};

const KIB: usize = 1024;

#[tokio::test]
async fn text_ends_at_256_kibibytes() {
    let chunk = "word ".repeat(2_000);
    let upstream = Upstream::start([text(&[chunk.as_str(); 40]).hang()]).await;
    let (_database, node) = single_node(&upstream).await;
    let id = node.send("talk").await;
    let reply = node.ended(id).await;
    let code = reply.error.as_ref().map(|error| error.code);
    assert_eq!((reply.state, code), (MessageState::Interrupted, Some(ReplyErrorCode::Limit)));
    assert_eq!(reply.text().len(), 256 * KIB);
    assert_eq!(node.streamed(id, 1), reply.text());
}

#[tokio::test]
async fn text_that_is_longer_as_json_ends_before_the_event_is_too_large() {
    let chunk = "\u{1}".repeat(20_000);
    let upstream = Upstream::start([text(&[chunk.as_str(); 20]).hang()]).await;
    let (_database, node) = single_node(&upstream).await;
    let reply = node.reply_to("talk").await;
    assert_eq!(reply.error.as_ref().map(|error| error.code), Some(ReplyErrorCode::Limit));
    assert!(serde_json::to_vec(&reply).unwrap().len() < MAX_BACKLOG_BYTES);
}

#[tokio::test]
async fn arguments_over_256_kibibytes_are_refused_and_the_reply_goes_on() {
    let long = json!({ "title": "x".repeat(300 * KIB) });
    let upstream =
        Upstream::start([openai_calls(&[("add_task", long), ("add_task", json!({ "title": "Milk" }))])]).await;
    let (_database, node) = single_node(&upstream).await;
    let reply = node.reply_to("add much").await;
    is_complete(&reply);
    assert_eq!(states(&reply), [ToolState::Failed, ToolState::Done]);
    assert_eq!(calls(&reply)[0].result["code"], json!("validation"));
    assert_eq!(node.titles().await, ["Milk"]);
}

#[tokio::test]
async fn a_refusal_does_not_repeat_long_arguments() {
    let mut arguments = json!({ "title": "Milk" });
    arguments["x".repeat(200 * KIB)] = json!(1);
    let upstream = Upstream::start([openai_calls(&[("add_task", arguments)])]).await;
    let (_database, node) = single_node(&upstream).await;
    let reply = node.reply_to("add milk").await;
    assert!(calls(&reply)[0].result.to_string().len() < 8 * KIB);
}

#[tokio::test]
async fn a_reply_ends_before_its_event_is_larger_than_a_socket_takes() {
    let notes = |n: usize| ("add_task", json!({ "title": format!("{n}"), "description": "x".repeat(200 * KIB) }));
    let upstream = Upstream::start((0..6).map(|n| openai_calls(&[notes(n)]))).await;
    let (_database, node) = single_node(&upstream).await;
    let reply = node.reply_to("add much").await;
    assert_eq!(reply.error.as_ref().map(|error| error.code), Some(ReplyErrorCode::Limit));
    assert_eq!(calls(&reply).len(), 3);
    assert!(serde_json::to_vec(&reply).unwrap().len() < MAX_BACKLOG_BYTES);
}

#[tokio::test]
async fn a_frame_without_end_is_given_up() {
    let upstream = Upstream::start([endless(4 * KIB * KIB)]).await;
    let (_database, node) = single_node(&upstream).await;
    let reply = node.reply_to("hello").await;
    is_complete(&reply);
    assert_eq!(provider(&reply), "builtin");
}
