//! Models that think before they write.

use super::{
    TestDatabase, endpoint, gemini, is_complete, openai, provider, single_node,
    upstream::{Script, Upstream, openai_calls, status, text, thoughts},
};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tandem_protocol::{
    enums::{MessageState, ReplyErrorCode, TextKind},
    live::EventBody,
    model::{Message, Part},
};

const KIB: usize = 1024;

fn answer(words: &str) -> Script {
    text(&[words]).finish("stop").done()
}

fn think(chunks: &[&str]) -> Script {
    thoughts("reasoning_content", chunks)
}

/// The kinds of the parts with their texts; a tool call is its name.
fn shape(message: &Message) -> Vec<(&str, &str)> {
    let mut shape = Vec::new();
    for part in &message.parts {
        shape.push(match part {
            Part::Text { text } => ("text", text.as_str()),
            Part::Reasoning { text, .. } => ("reasoning", text.as_str()),
            Part::ToolCall(call) => ("call", call.name.as_str()),
        });
    }
    shape
}

#[tokio::test]
async fn thoughts_are_a_part_of_their_own_with_the_time_that_they_took() {
    let inline = text(&["<thi", "nk>Let me ", "see.</think>", "\n\nFour."]).finish("stop").done();
    for script in [think(&["\n", "Let me ", "see."]).then(answer("Four.")), inline] {
        let upstream = Upstream::start([script]).await;
        let (_database, node) = single_node(&upstream).await;
        let reply = node.reply_to("2+2").await;
        is_complete(&reply);
        assert_eq!(shape(&reply), [("reasoning", "Let me see."), ("text", "Four.")]);
        assert_eq!(
            (node.thoughts(reply.id, 1).as_str(), node.streamed(reply.id, 1).as_str()),
            ("Let me see.", "Four.")
        );
        let first = node.recorded.deltas.lock().unwrap()[0].clone();
        assert_eq!((first.part, first.offset, first.kind), (0, 0, TextKind::Reasoning));
    }
}

#[tokio::test]
async fn text_that_a_tag_shows_to_be_thoughts_is_shown_as_thoughts() {
    let upstream =
        Upstream::start([text(&["They want ", "a sum.\n", "</think>\n\nIt is", " four."]).finish("stop").done()]).await;
    let (_database, node) = single_node(&upstream).await;
    let reply = node.reply_to("2+2").await;
    is_complete(&reply);
    assert_eq!(shape(&reply), [("reasoning", "They want a sum.\n"), ("text", "It is four.")]);
    assert_eq!((reply.attempt, upstream.requests().len(), provider(&reply)), (2, 1, "openai"));
    assert_eq!(
        (node.streamed(reply.id, 1).as_str(), node.streamed(reply.id, 2).as_str()),
        ("They want a sum.\n", "It is four.")
    );

    let both = think(&["Hm."]).then(text(&["Text. ", "So.</think>It stays."]).finish("stop").done());
    let upstream = Upstream::start([both]).await;
    let (_database, node) = single_node(&upstream).await;
    let reply = node.reply_to("2+2").await;
    assert_eq!(reply.attempt, 1, "there were other thoughts, so the text was text");
    assert_eq!(shape(&reply), [("reasoning", "Hm.So."), ("text", "Text. It stays.")]);
}

#[tokio::test]
async fn the_time_is_known_as_soon_as_the_answer_begins() {
    let upstream = Upstream::start([think(&["Hm."]).hold().then(text(&["So"]).hang())]).await;
    let (_database, node) = single_node(&upstream).await;
    let id = node.send("hi").await;
    node.until(|_| (node.thoughts(id, 1) == "Hm.").then_some(())).await;
    let (thought, begun) = (Duration::from_millis(30), Instant::now());
    tokio::time::sleep(thought).await;
    upstream.release();
    let (index, part) = node
        .event(|body| match body {
            EventBody::MessagePart { message_id, index, part } if message_id == id => Some((index, part)),
            _ => None,
        })
        .await;
    let Part::Reasoning { text, duration_ms } = part else { panic!("{part:?}") };
    let took = Duration::from_millis(duration_ms);
    assert_eq!((index, text.as_str()), (0, "Hm."));
    assert!(took >= thought && took <= begun.elapsed() + thought, "{took:?}");
    node.cancel(id).await;
    assert_eq!(shape(&node.ended(id).await), [("reasoning", "Hm."), ("text", "So")]);
}

#[tokio::test]
async fn thoughts_alone_are_no_answer() {
    let alone = think(&["Hm. "]).finish("stop").done();
    let upstream = Upstream::start([alone.clone(), think(&["Again. "]).then(answer("Four"))]).await;
    let (_database, node) = single_node(&upstream).await;
    let reply = node.reply_to("2+2").await;
    is_complete(&reply);
    assert_eq!((shape(&reply), reply.attempt), (vec![("reasoning", "Again. "), ("text", "Four")], 2));

    let upstream = Upstream::start([alone.clone(), alone]).await;
    let (_database, node) = single_node(&upstream).await;
    let reply = node.reply_to("2+2").await;
    assert_eq!((provider(&reply), upstream.requests().len(), reply.attempt), ("builtin", 2, 3));
    assert!(!reply.parts.iter().any(|part| matches!(part, Part::Reasoning { .. })), "of the provider that failed");
}

#[tokio::test]
async fn an_answer_that_breaks_after_long_thoughts_starts_over() {
    let long = "word ".repeat(200);
    let upstream =
        Upstream::start([think(&[&long]).then(text(&["Fo"])).cut(), think(&["Hm"]).then(answer("Four"))]).await;
    let (_database, node) = single_node(&upstream).await;
    let reply = node.reply_to("2+2").await;
    assert_eq!((shape(&reply), reply.attempt), (vec![("reasoning", "Hm"), ("text", "Four")], 2));
}

#[tokio::test]
async fn stopping_a_thought_closes_the_connection_and_keeps_it() {
    let upstream = Upstream::start([think(&["Once ", "upon"]).hang()]).await;
    let (_database, node) = single_node(&upstream).await;
    let id = node.send("tell me a story").await;
    node.until(|_| node.thoughts(id, 1).ends_with("upon").then_some(())).await;
    let started = Instant::now();
    node.cancel(id).await;
    tokio::time::timeout(super::TIMEOUT, upstream.hung_up()).await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(2), "the connection stayed open for {:?}", started.elapsed());
    let reply = node.ended(id).await;
    assert_eq!((reply.state, shape(&reply)), (MessageState::Cancelled, vec![("reasoning", "Once upon")]));
}

#[tokio::test]
async fn another_node_thinks_anew() {
    let upstream = Upstream::start([think(&["Half a"]).hang(), think(&["Whole."]).then(answer("Four"))]).await;
    let database = TestDatabase::new().await;
    let first = database.node("a", vec![openai(&upstream)]).await;
    let id = first.send("2+2").await;
    first.until(|_| (first.thoughts(id, 1) == "Half a").then_some(())).await;
    first.assistant.drain(Duration::ZERO).await;

    let reply = database.node("b", vec![openai(&upstream)]).await.ended(id).await;
    is_complete(&reply);
    assert_eq!((shape(&reply), reply.attempt), (vec![("reasoning", "Whole."), ("text", "Four")], 2));
}

#[tokio::test]
async fn thoughts_without_end_do_not_use_up_the_reply() {
    let chunk = "x".repeat(48 * KIB);
    let upstream = Upstream::start([think(&[&chunk, &chunk, &chunk, &chunk]).then(answer("Four"))]).await;
    let (_database, node) = single_node(&upstream).await;
    let reply = node.reply_to("2+2").await;
    is_complete(&reply);
    let [Part::Reasoning { text, .. }, answer] = &reply.parts[..] else { panic!("{:?}", reply.parts.len()) };
    assert!((120 * KIB..=128 * KIB).contains(&text.len()), "{}", text.len());
    assert_eq!((answer, node.thoughts(reply.id, 1) == *text), (&Part::text("Four"), true));
}

/// The assistant's turns of a request, without their calls' ids.
fn assistant_turns(request: &Value) -> Vec<Value> {
    let messages = request["messages"].as_array().unwrap();
    messages.iter().filter(|message| message["role"] == "assistant").cloned().collect()
}

#[tokio::test]
async fn a_provider_gets_its_thoughts_back_with_the_results_and_never_again() {
    let calls = || openai_calls(&[("list_tasks", json!({}))]);
    let details = json!([{ "type": "reasoning.text", "text": "I look.", "signature": "sig", "index": 0 }]);
    let detailed = super::upstream::frame(&json!({
        "choices": [{ "delta": { "reasoning": "I look.", "reasoning_details": details } }]
    }));
    for (name, value, thought) in [
        ("reasoning_content", json!("I look."), think(&["I ", "look."])),
        ("reasoning", json!("I look."), thoughts("reasoning", &["I look."])),
        ("reasoning_details", details.clone(), detailed),
    ] {
        let upstream = Upstream::start([thought.then(calls()), think(&["I see."]).then(answer("None."))]).await;
        let (_database, node) = single_node(&upstream).await;
        let reply = node.reply_to("what is open?").await;
        let expected = [("reasoning", "I look."), ("call", "list_tasks"), ("reasoning", "I see."), ("text", "None.")];
        assert_eq!(shape(&reply), expected);
        is_complete(&node.reply_to("thanks").await);
        let requests = upstream.requests();
        let back = assistant_turns(&requests[1]);
        assert_eq!((back.len(), &back[0][name]), (1, &value));
        let later = requests[2]["messages"].to_string();
        assert!(!later.contains("I look.") && !later.contains("I see."), "{later}");
    }
}

#[tokio::test]
async fn the_thoughts_of_one_provider_are_not_sent_to_another() {
    let calls = || openai_calls(&[("list_tasks", json!({}))]);
    let first = Upstream::start([think(&["I look."]).then(calls()), status(401)]).await;
    let second = Upstream::start([answer("None.")]).await;
    let database = TestDatabase::new().await;
    let node = database.node("a", vec![openai(&first), gemini(&second)]).await;
    let reply = node.reply_to("what is open?").await;
    assert_eq!(provider(&reply), "gemini");
    assert!(first.requests()[1]["messages"].to_string().contains("I look."));
    assert!(!second.requests()[0]["messages"].to_string().contains("I look."));
}

#[tokio::test]
async fn a_server_that_refuses_its_own_thoughts_is_requested_without_them() {
    let calls = || openai_calls(&[("list_tasks", json!({}))]);
    let refusal = status(400).body(&json!({ "error": { "message": "property 'reasoning_content' is unsupported" } }));
    let upstream = Upstream::start([think(&["I look."]).then(calls()), refusal, answer("None.")]).await;
    let (_database, node) = single_node(&upstream).await;
    let reply = node.reply_to("what is open?").await;
    is_complete(&reply);
    let sent: Vec<bool> =
        upstream.requests().iter().map(|request| request["messages"].to_string().contains("I look.")).collect();
    assert_eq!((provider(&reply), sent), ("openai", vec![false, true, false]));
}

#[tokio::test]
async fn a_limit_of_length_may_end_a_thought() {
    let upstream = Upstream::start([think(&["Hm"]).finish("length").done()]).await;
    let database = TestDatabase::new().await;
    let settings = crate::providers::ProviderSettings::OpenAi(endpoint(&upstream));
    let node = database.node("a", vec![settings]).await;
    let reply = node.reply_to("2+2").await;
    assert_eq!(reply.error.as_ref().map(|error| error.code), Some(ReplyErrorCode::Length));
    assert_eq!(shape(&reply), [("reasoning", "Hm")]);
}
