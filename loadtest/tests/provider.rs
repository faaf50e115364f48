//! The fake provider, over real HTTP.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use serde_json::{Value, json};
use std::time::Duration;
use tandem_loadtest::{
    clock::Clock,
    measure::stamp,
    provider::{Pace, StampingProvider},
};

struct Fixture {
    provider: StampingProvider,
    clock: Clock,
}

impl Fixture {
    async fn start(tokens: u32, every: Duration) -> Self {
        let clock = Clock::start();
        let provider =
            StampingProvider::start("127.0.0.1:0".parse().unwrap(), Pace { tokens, every }, clock).await.unwrap();
        Self { provider, clock }
    }

    async fn ask(&self, body: &Value) -> reqwest::Response {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        client.post(format!("{}/chat/completions", self.provider.base_url())).json(body).send().await.unwrap()
    }

    /// The chunks of a streamed answer, without the end marker, which must be there.
    async fn chunks(&self, body: &Value) -> Vec<Value> {
        let response = self.ask(body).await;
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let text = response.text().await.unwrap();
        let mut events: Vec<_> =
            text.split_terminator("\n\n").map(|event| event.strip_prefix("data: ").unwrap()).collect();
        assert_eq!(events.pop(), Some("[DONE]"));
        events.into_iter().map(|event| serde_json::from_str(event).unwrap()).collect()
    }
}

fn question(text: &str) -> Value {
    json!({
        "model": "load", "stream": true, "stream_options": {"include_usage": true},
        "messages": [{"role": "user", "content": text}],
        "tools": [{"type": "function", "function": {"name": "add_task", "parameters": {}}}],
    })
}

fn content(chunks: &[Value]) -> String {
    chunks.iter().filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str()).collect()
}

fn finish_reasons(chunks: &[Value]) -> Vec<&str> {
    chunks.iter().filter_map(|chunk| chunk["choices"][0]["finish_reason"].as_str()).collect()
}

#[tokio::test]
async fn a_reply_has_its_tokens_at_the_requested_pace_each_with_its_time() {
    let every = Duration::from_millis(5);
    let fixture = Fixture::start(20, every).await;
    let asked_at = fixture.clock.now();
    let chunks = fixture.chunks(&question("Tell me more")).await;
    let ended_at = fixture.clock.now();
    let text = content(&chunks);
    let stamps: Vec<u64> = stamp::scan(&text, 0).map(|stamp| stamp.sent).collect();
    assert_eq!((stamps.len(), finish_reasons(&chunks)), (20, vec!["stop"]));
    assert!(stamps.is_sorted() && asked_at < stamps[0] && stamps[19] < ended_at);
    assert!(u128::from(stamps[19] - stamps[0]) >= (every * 18).as_nanos(), "tokens are not sent ahead of their time");
    assert_eq!(chunks.last().unwrap()["usage"]["completion_tokens"], 20);
    assert_eq!((fixture.provider.served().tokens.get(), fixture.provider.served().replies.get()), (20, 1));
}

#[tokio::test]
async fn a_task_is_requested_by_a_tool_call_in_chunks() {
    let fixture = Fixture::start(3, Duration::ZERO).await;
    let chunks = fixture.chunks(&question("Please add a task to buy milk \u{1f95b}")).await;
    let calls: Vec<_> = chunks.iter().filter_map(|chunk| chunk["choices"][0]["delta"]["tool_calls"].get(0)).collect();
    assert_eq!((calls[0]["function"]["name"].as_str(), calls[0]["index"].as_u64()), (Some("add_task"), Some(0)));
    assert!(calls[0]["id"].as_str().is_some_and(|id| id.starts_with("call_")));
    let arguments: String = calls.iter().filter_map(|call| call["function"]["arguments"].as_str()).collect();
    assert_eq!(serde_json::from_str::<Value>(&arguments).unwrap(), json!({"title": "buy milk \u{1f95b}"}));
    assert_eq!(finish_reasons(&chunks), ["tool_calls"]);
}

#[tokio::test]
async fn a_title_is_answered_immediately_streamed_or_as_one_document() {
    let fixture = Fixture::start(200, Duration::from_mins(1)).await;
    let mut request = question("Tell me more");
    request["tools"] = json!([]);
    assert!(!content(&fixture.chunks(&request).await).is_empty());
    request["stream"] = json!(false);
    let document: Value = fixture.ask(&request).await.json().await.unwrap();
    assert!(document["choices"][0]["message"]["content"].as_str().is_some_and(|title| !title.is_empty()));
    assert_eq!(fixture.provider.served().titles.get(), 2);
}

#[tokio::test]
async fn an_invalid_request_is_refused() {
    let fixture = Fixture::start(1, Duration::ZERO).await;
    assert_eq!(fixture.ask(&json!({"prompt": "?"})).await.status(), 400);
    let elsewhere = reqwest::get(format!("{}/models", fixture.provider.base_url())).await.unwrap();
    assert_eq!(elsewhere.status(), 404);
}

#[tokio::test]
async fn replies_are_streamed_concurrently() {
    let fixture = Fixture::start(10, Duration::from_millis(5)).await;
    let question = question("Tell me more");
    let (a, b) = tokio::join!(fixture.chunks(&question), fixture.chunks(&question));
    let stamps = [a, b].map(|chunks| stamp::scan(&content(&chunks), 0).map(|stamp| stamp.sent).collect::<Vec<_>>());
    assert!(stamps[0][0] < stamps[1][9] && stamps[1][0] < stamps[0][9]);
}
