//! What happens when a provider fails: before its first token, and after.

use super::{
    TestDatabase, gemini, is_complete, openai, provider, single_node,
    upstream::{Script, Upstream, frame, silence, status, text},
};
use crate::providers::ProviderSettings;
use serde_json::json;
use tandem_protocol::{
    enums::{MessageState, ReplyErrorCode},
    live::EventBody,
};

fn answer(content: &str) -> Script {
    text(&[content]).finish("stop").done()
}

#[tokio::test]
async fn transient_errors_are_retried_twice() {
    let upstream = Upstream::start([status(500), status(429).header("Retry-After", "0"), answer("third time")]).await;
    let (_database, node) = single_node(&upstream).await;
    let reply = node.reply_to("hi").await;
    is_complete(&reply);
    assert_eq!((reply.text().as_str(), reply.attempt), ("third time", 1));
    assert_eq!(upstream.requests().len(), 3);
}

#[tokio::test]
async fn after_two_retries_the_next_provider_answers_and_the_reply_names_it() {
    let (first, second) = (Upstream::start([status(500), status(500), status(500)]).await, Upstream::start([]).await);
    let database = TestDatabase::new().await;
    let node = database.node("a", vec![openai(&first), gemini(&second), ProviderSettings::Builtin]).await;
    let reply = node.reply_to("hi").await;
    is_complete(&reply);
    assert_eq!((provider(&reply), first.requests().len()), ("gemini", 3));
}

#[tokio::test]
async fn when_all_fail_the_built_in_assistant_answers_with_a_notice() {
    let upstream = Upstream::start([status(500), status(500), status(500)]).await;
    let (_database, node) = single_node(&upstream).await;
    let reply = node.reply_to("Add a task to buy milk").await;
    is_complete(&reply);
    assert_eq!(provider(&reply), "builtin");
    assert!(reply.text().contains("built-in assistant answers"), "{}", reply.text());
    assert_eq!(node.titles().await, ["buy milk"]);
    assert!(!reply.text().contains("canary"));
}

#[tokio::test]
async fn a_long_wait_is_not_waited_for() {
    let upstream = Upstream::start([status(429).header("Retry-After", "60")]).await;
    let (_database, node) = single_node(&upstream).await;
    assert_eq!(provider(&node.reply_to("hi").await), "builtin");
    assert_eq!(upstream.requests().len(), 1);
}

#[tokio::test]
async fn a_refused_key_opens_the_breaker() {
    for refusal in [status(401), status(403)] {
        let upstream = Upstream::start([refusal]).await;
        let (_database, node) = single_node(&upstream).await;
        assert_eq!(provider(&node.reply_to("hi").await), "builtin");
        assert_eq!(provider(&node.reply_to("hello").await), "builtin");
        assert_eq!(upstream.requests().len(), 1);
    }
}

#[tokio::test]
async fn an_empty_answer_is_none() {
    let upstream = Upstream::start([silence(), silence().done(), answer("here")]).await;
    let (_database, node) = single_node(&upstream).await;
    assert_eq!(node.reply_to("hi").await.text(), "here");
}

#[tokio::test]
async fn no_provider_is_a_failure() {
    let upstream = Upstream::start([status(400)]).await;
    let database = TestDatabase::new().await;
    let node = database.node("a", vec![openai(&upstream)]).await;
    let reply = node.reply_to("hi").await;
    let code = reply.error.as_ref().map(|error| error.code);
    assert_eq!((reply.state, code), (MessageState::Failed, Some(ReplyErrorCode::ProviderUnavailable)));
}

#[tokio::test]
async fn a_reply_that_breaks_off_early_starts_over_once_with_the_same_provider() {
    let broken = [
        text(&["One ", "two"]).cut(),
        text(&["One ", "two"]),
        text(&["One "]).then(frame(&json!({ "error": { "message": "canary-upstream", "code": 503 } }))),
    ];
    for broken in broken {
        let upstream = Upstream::start([broken, answer("Whole")]).await;
        let (_database, node) = single_node(&upstream).await;
        let reply = node.reply_to("hi").await;
        is_complete(&reply);
        assert_eq!((reply.text().as_str(), reply.attempt, provider(&reply)), ("Whole", 2, "openai"));
        let restarted = |body| match body {
            EventBody::MessageRestarted { attempt, parts, .. } => Some((attempt, parts)),
            _ => None,
        };
        assert_eq!(node.event(restarted).await, (2, Vec::new()));
        assert_eq!(node.streamed(reply.id, 2), "Whole");
    }
}

#[tokio::test]
async fn a_reply_that_breaks_off_twice_goes_to_the_next_provider() {
    let upstream = Upstream::start([text(&["One"]).cut(), text(&["Two"]).cut()]).await;
    let (_database, node) = single_node(&upstream).await;
    let reply = node.reply_to("hello").await;
    is_complete(&reply);
    assert_eq!((reply.attempt, provider(&reply)), (3, "builtin"));
}

#[tokio::test]
async fn a_long_reply_that_breaks_off_stays_and_can_be_continued() {
    let long = "word ".repeat(100);
    let upstream = Upstream::start([text(&[&long]).cut()]).await;
    let (_database, node) = single_node(&upstream).await;
    let reply = node.reply_to("hi").await;
    let code = reply.error.as_ref().map(|error| error.code);
    assert_eq!((reply.state, code), (MessageState::Interrupted, Some(ReplyErrorCode::Interrupted)));
    assert_eq!((reply.text(), reply.attempt), (long, 1));
}
