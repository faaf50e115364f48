//! Requests as they are sent. Answers are tested in `tandem_completions`, streams over HTTP with the loop.

use super::wire;
use crate::{
    provider::{ChatTurn, Request, TurnCall},
    tools,
};
use serde_json::{Map, Value, json};

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
    let body = wire::request("m", request, true);
    assert_eq!(body["stream"], json!(true));
    assert!(body.get("stream_options").is_some() && wire::request("m", request, false).get("stream_options").is_none());
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
    assert!(wire::request("m", request, true).get("tools").is_none());
}
