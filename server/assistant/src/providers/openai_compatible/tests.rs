//! Frames and requests in every style that providers were seen to send. Streams over HTTP are tested with the loop.

use super::{
    transport,
    wire::{self, Frame},
};
use crate::{
    provider::{ChatTurn, Chunk, Finish, ProviderError, Request, TurnCall},
    tools,
};
use serde_json::{Map, Value, json};

fn read(frame: Value) -> Result<Chunk, ProviderError> {
    serde_json::from_value::<Frame>(frame).unwrap().into_chunk()
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that json! gives")]
fn delta(delta: Value) -> Value {
    json!({ "choices": [{ "index": 0, "delta": delta, "finish_reason": null }] })
}

#[test]
fn text_is_read_plain_in_parts_and_as_a_refusal() {
    let text = |content: Value| read(delta(content)).unwrap().text;
    assert_eq!(text(json!({ "content": "wörd" })), "wörd");
    assert_eq!(text(json!({ "content": [{ "type": "text", "text": "a" }, { "type": "text", "text": "b" }] })), "ab");
    assert_eq!(text(json!({ "content": null, "refusal": "no" })), "no");
}

#[test]
fn unusual_frames_are_empty_chunks() {
    let odd = [
        json!({}),
        json!({ "choices": [] }),
        json!({ "choices": null, "usage": null, "error": null }),
        json!({ "choices": [{ "delta": {}, "finish_reason": "" }] }),
        json!({ "choices": [{ "finish_reason": null }] }),
        delta(json!({ "role": "assistant", "content": "" })),
        json!({ "object": "unknown", "more": [1, 2] }),
    ];
    for frame in odd {
        assert_eq!(read(frame.clone()), Ok(Chunk::default()), "{frame}");
    }
}

#[test]
fn tool_calls_are_read_with_and_without_index_and_with_their_extras() {
    let signature = json!({ "google": { "thought_signature": "sig-é==" } });
    let gemini = json!({
        "id": "c1", "type": "function", "extra_content": signature,
        "function": { "name": "add_task", "arguments": "{\"title\":\"x\"}" },
    });
    let chunk = read(delta(json!({ "tool_calls": [gemini] }))).unwrap();
    assert_eq!((chunk.calls[0].index, chunk.calls[0].name.as_str()), (None, "add_task"));
    assert_eq!(chunk.calls[0].extra.get("extra_content"), Some(&signature));
    assert!(!chunk.calls[0].extra.contains_key("type"));

    let object = json!({ "index": 1, "function": { "name": "get_task", "arguments": { "task_id": 3 } } });
    let chunk = read(delta(json!({ "tool_calls": [object] }))).unwrap();
    assert_eq!((chunk.calls[0].index, chunk.calls[0].arguments.as_str()), (Some(1), "{\"task_id\":3}"));
}

#[test]
fn every_finish_reason_is_understood() {
    let finish = |reason: &str| read(json!({ "choices": [{ "delta": {}, "finish_reason": reason }] })).unwrap().finish;
    assert_eq!(finish("stop"), Some(Finish::Stop));
    assert_eq!(finish("tool_calls"), Some(Finish::Stop));
    assert_eq!(finish("length"), Some(Finish::Length));
    assert_eq!(finish("MAX_TOKENS"), Some(Finish::Length));
    assert_eq!(finish("content_filter"), Some(Finish::ContentFilter));
    assert_eq!(finish(""), None);
}

#[test]
fn error_frames_are_errors_with_their_status() {
    let status = |error: Value| match read(json!({ "error": error })) {
        Err(ProviderError::Status { status, quota, .. }) => (status, quota),
        other => panic!("{other:?}"),
    };
    assert_eq!(status(json!({ "message": "overloaded", "code": 503 })), (503, false));
    assert_eq!(status(json!({ "message": "x", "code": "429" })), (429, false));
    assert_eq!(status(json!({ "message": "x", "code": "insufficient_quota" })), (500, true));
    assert_eq!(status(json!("just text")), (500, false));
}

#[test]
fn a_request_carries_calls_results_and_extras_verbatim() {
    let mut extra = Map::new();
    extra.insert("extra_content".into(), json!({ "google": { "thought_signature": "sig" } }));
    let call = TurnCall { id: "c1".into(), name: "add_task".into(), arguments: "{ \"title\":\"x\"}".into(), extra };
    let turns = [
        ChatTurn::User("hi".into()),
        ChatTurn::Assistant { text: String::new(), calls: vec![call] },
        ChatTurn::Tool { id: "c1".into(), result: "{}".into() },
    ];
    let request = Request { system: "who", turns: &turns, tools: tools::specs(), local: None };
    let body = wire::request("m", request);
    assert_eq!(body["stream"], json!(true));
    assert_eq!(body["tools"].as_array().map(Vec::len), Some(tools::specs().len()));
    assert_eq!(body["messages"][2]["content"], Value::Null);
    let sent = &body["messages"][2]["tool_calls"][0];
    assert_eq!(sent["function"]["arguments"], json!("{ \"title\":\"x\"}"));
    assert_eq!(sent["extra_content"]["google"]["thought_signature"], json!("sig"));
    assert_eq!(body["messages"][3]["tool_call_id"], json!("c1"));
}

#[test]
fn a_title_request_has_no_tools() {
    let request = Request { system: "name it", turns: &[ChatTurn::User("hi".into())], tools: &[], local: None };
    assert!(wire::request("m", request).get("tools").is_none());
}

#[test]
fn a_spent_quota_is_distinguished_from_too_many_requests() {
    assert!(transport::is_quota(&json!({ "error": { "code": "insufficient_quota" } })));
    assert!(!transport::is_quota(&json!({ "error": { "code": "rate_limit_exceeded", "message": "quota" } })));
    assert!(!transport::is_quota(&Value::Null));
}
