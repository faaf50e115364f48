//! Requests as they are sent. Answers are tested in `tandem_completions`, streams over HTTP with the loop.

use super::{
    Endpoint,
    wire::{self, Dialect},
};
use crate::{
    provider::{ChatTurn, Request, TurnCall},
    tools,
};
use serde_json::{Map, Value, json};

fn echo() -> Map<String, Value> {
    json!({ "reasoning_content": "Hm." }).as_object().cloned().unwrap()
}

const PLAIN: Dialect = Dialect { stream_options: true, strict_ids: false };

#[test]
fn a_request_carries_calls_results_and_extras_verbatim() {
    let mut extra = Map::new();
    extra.insert("extra_content".into(), json!({ "google": { "thought_signature": "sig" } }));
    let call = TurnCall { id: "c1".into(), name: "add_task".into(), arguments: "{ \"title\":\"x\"}".into(), extra };
    let turns = [
        ChatTurn::User("hi".into()),
        ChatTurn::Assistant { text: String::new(), calls: vec![call], echo: echo() },
        ChatTurn::Tool { id: "c1".into(), result: "{}".into() },
    ];
    let request = Request { system: "who", turns: &turns, tools: tools::specs(), local: None };
    let body = wire::request("m", request, PLAIN);
    assert_eq!(body["stream"], json!(true));
    assert!(
        body.get("stream_options").is_some()
            && wire::request("m", request, Dialect { stream_options: false, ..PLAIN }).get("stream_options").is_none()
    );
    assert_eq!(body["tools"].as_array().map(Vec::len), Some(tools::specs().len()));
    assert_eq!(body["messages"][2]["content"], Value::Null);
    let sent = &body["messages"][2]["tool_calls"][0];
    assert_eq!(sent["function"]["arguments"], json!("{ \"title\":\"x\"}"));
    assert_eq!(sent["extra_content"]["google"]["thought_signature"], json!("sig"));
    assert_eq!(body["messages"][2]["reasoning_content"], json!("Hm."));
    assert_eq!(body["messages"][3]["tool_call_id"], json!("c1"));
}

#[test]
fn a_title_request_has_no_tools() {
    let request = Request { system: "name it", turns: &[ChatTurn::User("hi".into())], tools: &[], local: None };
    assert!(wire::request("m", request, PLAIN).get("tools").is_none());
}

#[test]
fn a_server_that_wants_short_ids_gets_the_same_one_for_call_and_result() {
    let call = TurnCall { id: "call_1".into(), name: "undo".into(), arguments: "{}".into(), extra: Map::new() };
    let turns = [
        ChatTurn::User("hi".into()),
        ChatTurn::Assistant { text: String::new(), calls: vec![call], echo: echo() },
        ChatTurn::Tool { id: "call_1".into(), result: "{}".into() },
    ];
    let request = Request { system: "who", turns: &turns, tools: &[], local: None };
    let body = wire::request("m", request, Dialect { strict_ids: true, ..PLAIN });
    let id = body["messages"][2]["tool_calls"][0]["id"].as_str().unwrap();
    assert_eq!((id.len(), &json!(id)), (9, &body["messages"][3]["tool_call_id"]));
}

#[test]
fn the_address_and_the_model_decide_about_context_and_ids() {
    let endpoint = |url: &str, model: &str| Endpoint {
        base_url: url.into(),
        api_key: "x".into(),
        model: model.into(),
        context: None,
    };
    let (local, public) = (endpoint("http://127.0.0.1:8080/v1", "m"), endpoint("https://api.openai.com/v1", "m"));
    assert!(local.history_bytes(None) < public.history_bytes(None) && !public.wants_strict_ids());
    assert!(Endpoint { context: Some(500), ..public.clone() }.history_bytes(None) > 0);
    assert!(endpoint("https://api.mistral.ai/v1", "m").wants_strict_ids());
    assert!(endpoint("http://localhost:8000/v1", "mistralai/Devstral-Small").wants_strict_ids());
}
