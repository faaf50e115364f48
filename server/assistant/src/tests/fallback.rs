//! What happens when a provider fails: before its first token, and after.

use super::{
    TestDatabase, gemini, is_complete, openai, provider, single_node,
    upstream::{Script, Upstream, frame, silence, status, text},
};
use crate::providers::ProviderSettings;
use serde_json::json;
use tandem_protocol::{
    ConversationId,
    enums::{MessageState, ReplyErrorCode},
    live::{
        Command, EventBody,
        command::{ConversationCreate, ConversationUpdate},
    },
    rest::ConversationWritten,
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
    assert_eq!(reply.provider.and_then(|provider| provider.instead_of).as_deref(), Some("openai"));
}

#[tokio::test]
async fn the_provider_that_the_user_chose_is_tried_first_and_the_others_after_it() {
    let (first, second) = (Upstream::start([]).await, Upstream::start([answer("second"), status(400)]).await);
    let database = TestDatabase::new().await;
    let node = database.node("a", vec![openai(&first), gemini(&second), ProviderSettings::Builtin]).await;
    let conversation_id = ConversationId(node.services.env().id());
    let create = ConversationCreate { id: Some(conversation_id), title: None };
    node.execute::<ConversationWritten>(Command::ConversationCreate(create)).await;
    let chosen = Some(Some("gemini".to_owned()));
    let choose = ConversationUpdate { provider: chosen, ..ConversationUpdate::of(conversation_id) };
    node.execute::<ConversationWritten>(Command::ConversationUpdate(choose)).await;
    let reply = node.ended(node.send_in(conversation_id, "hi").await).await;
    assert_eq!((reply.text().as_str(), first.requests().len()), ("second", 0));
    assert_eq!(reply.provider.and_then(|provider| provider.instead_of), None);
    // The chosen one fails: the others follow in their order, and the reply says so.
    let reply = node.ended(node.send_in(conversation_id, "hello").await).await;
    let provider = reply.provider.unwrap();
    assert_eq!((provider.name.as_str(), provider.instead_of.as_deref()), ("openai", Some("gemini")));
}

#[tokio::test]
async fn the_built_in_assistant_that_was_chosen_makes_no_excuse() {
    let upstream = Upstream::start([]).await;
    let (_database, node) = single_node(&upstream).await;
    let conversation_id = ConversationId(node.services.env().id());
    let create = ConversationCreate { id: Some(conversation_id), title: None };
    node.execute::<ConversationWritten>(Command::ConversationCreate(create)).await;
    let chosen = Some(Some("builtin".to_owned()));
    let choose = ConversationUpdate { provider: chosen, ..ConversationUpdate::of(conversation_id) };
    node.execute::<ConversationWritten>(Command::ConversationUpdate(choose)).await;
    let reply = node.ended(node.send_in(conversation_id, "Add a task to buy milk").await).await;
    assert_eq!((provider(&reply), upstream.requests().len()), ("builtin", 0));
    assert!(!reply.text().contains("built-in assistant answers"), "{}", reply.text());
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
async fn a_reply_says_why_the_provider_did_not_give_it_also_while_the_provider_rests() {
    for (refusal, why) in [(401, "does not accept the key"), (402, "quota"), (404, "does not have this model")] {
        let upstream = Upstream::start([status(refusal), status(refusal)]).await;
        let (_database, node) = single_node(&upstream).await;
        for message in ["hi", "hello"] {
            let text = node.reply_to(message).await.text();
            assert!(
                text.contains(why) && text.contains("The built-in assistant answers instead."),
                "{refusal}: {text}"
            );
        }
    }
    let upstream = Upstream::start([status(401)]).await;
    let database = TestDatabase::new().await;
    let node = database.node("a", vec![openai(&upstream)]).await;
    for message in ["hi", "hello"] {
        let error = node.reply_to(message).await.error.expect("nobody answered");
        assert!(error.message.contains("does not accept the key"), "{}", error.message);
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

#[tokio::test]
async fn an_answer_that_ends_for_no_good_reason_is_never_complete() {
    let ends = ["error", "abort", "insufficient_system_resource"].map(|reason| text(&["Half"]).finish(reason).done());
    let errors = [json!({ "object": "error", "code": 500 }), json!({ "error_message": "canary-upstream" })];
    for broken in ends.into_iter().chain(errors.map(|error| text(&["Half"]).then(frame(&error)).done())) {
        let upstream = Upstream::start([broken, answer("Whole")]).await;
        let (_database, node) = single_node(&upstream).await;
        let reply = node.reply_to("hi").await;
        is_complete(&reply);
        assert_eq!((reply.text().as_str(), reply.attempt), ("Whole", 2));
    }
}

#[tokio::test]
async fn a_refused_content_is_requested_once_and_from_no_other_provider() {
    let upstream = Upstream::start([status(400).body(&json!({ "error": { "code": "content_filter" } }))]).await;
    let (_database, node) = single_node(&upstream).await;
    let reply = node.reply_to("hi").await;
    let code = reply.error.as_ref().map(|error| error.code);
    assert_eq!((reply.state, code), (MessageState::Failed, Some(ReplyErrorCode::ContentFilter)));
    assert_eq!(upstream.requests().len(), 1);
}

#[tokio::test]
async fn a_conversation_that_is_too_long_is_shortened_once() {
    let long = "word ".repeat(4_000);
    let refusal = || status(400).body(&json!({ "error": { "code": "context_length_exceeded" } }));
    let upstream = Upstream::start([answer(&long), refusal(), answer("Short"), refusal(), refusal()]).await;
    let database = TestDatabase::new().await;
    let node = database.node("a", vec![openai(&upstream)]).await;
    is_complete(&node.reply_to("hi").await);
    let reply = node.reply_to("and now?").await;
    is_complete(&reply);
    let sizes: Vec<usize> = upstream.requests().iter().map(|body| body["messages"].to_string().len()).collect();
    assert!(sizes[1] > long.len() && sizes[2] < long.len(), "{sizes:?}");
    let reply = node.reply_to("again").await;
    let error = reply.error.unwrap();
    assert_eq!(error.code, ReplyErrorCode::ProviderUnavailable);
    assert!(error.message.contains("too long"), "{}", error.message);
}

#[tokio::test]
async fn the_reply_says_why_no_provider_answered() {
    let cases = [
        (401, json!({}), "does not accept the key"),
        (402, json!({}), "quota"),
        (403, json!({}), "does not permit the model"),
        (404, json!({}), "does not have this model or address"),
        (422, json!({ "detail": "canary-upstream" }), "refused the request"),
    ];
    for (code, body, words) in cases {
        let upstream = Upstream::start([status(code).body(&body)]).await;
        let database = TestDatabase::new().await;
        let node = database.node("a", vec![openai(&upstream)]).await;
        let error = node.reply_to("hi").await.error.unwrap();
        assert!(error.message.contains(words) && !error.message.contains("canary"), "{code}: {}", error.message);
        assert_eq!(upstream.requests().len(), 1, "{code}");
    }
}

#[tokio::test]
async fn a_server_that_does_not_know_an_option_is_requested_without_it() {
    let refusal = status(422).body(&json!({ "message": "Extra inputs are not permitted: stream_options" }));
    let upstream = Upstream::start([refusal, answer("Fine")]).await;
    let (_database, node) = single_node(&upstream).await;
    assert_eq!(node.reply_to("hi").await.text(), "Fine");
    let options: Vec<bool> = upstream.requests().iter().map(|body| body.get("stream_options").is_some()).collect();
    assert_eq!(options, [true, false]);
}
