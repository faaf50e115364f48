//! Frames in every style that servers were seen to send.

use super::*;
use crate::RefusalKind;
use serde_json::json;

fn read(frame: Value) -> Result<Chunk, Refusal> {
    ChunkReader::default().read(frame)
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that json! gives")]
fn delta(delta: Value) -> Value {
    json!({ "choices": [{ "index": 0, "delta": delta, "finish_reason": null }] })
}

#[test]
fn content_is_read_from_any_json() {
    let cases = [
        (json!("wörd"), "wörd", ""),
        (json!(5), "5", ""),
        (json!(true), "true", ""),
        (json!(null), "", ""),
        (json!({ "type": "text", "text": "a" }), "a", ""),
        (json!({ "text": { "value": "a" } }), "a", ""),
        (json!(["a", { "type": "output_text", "text": "b" }, null, 3]), "ab3", ""),
        (json!([{ "type": "thinking", "thinking": [{ "type": "text", "text": "hm" }] }, { "text": "a" }]), "a", "hm"),
    ];
    for (content, text, thoughts) in cases {
        let chunk = read(delta(json!({ "content": content }))).unwrap();
        assert_eq!((chunk.text.as_str(), chunk.thoughts.as_str()), (text, thoughts), "{content}");
    }
    assert_eq!(read(delta(json!({ "content": null, "refusal": "no" }))).unwrap().text, "no");
    assert_eq!(read(delta(json!("Hello"))).unwrap().text, "Hello");
}

#[test]
fn thoughts_are_read_under_every_name_and_once() {
    for fields in [
        json!({ "reasoning_content": "hm" }),
        json!({ "reasoning": "hm", "reasoning_content": "hm" }),
        json!({ "reasoning": null, "thinking": "hm" }),
        json!({ "reasoning_text": "hm", "reasoning_opaque": "AA" }),
        json!({ "reasoning": "", "reasoning_details": [{ "type": "reasoning.text", "text": "hm" }] }),
    ] {
        let chunk = read(delta(fields.clone())).unwrap();
        assert_eq!((chunk.text.as_str(), chunk.thoughts.as_str()), ("", "hm"), "{fields}");
    }
}

#[test]
fn a_whole_message_is_read_unless_it_repeats_what_was_streamed() {
    let whole = json!({ "choices": [{ "message": { "content": "Hello" }, "finish_reason": "stop" }] });
    assert_eq!(
        read(whole.clone()).unwrap(),
        Chunk { text: "Hello".into(), finish: Some(Finish::Stop), ..Chunk::default() }
    );
    let mut reader = ChunkReader::default();
    assert_eq!(reader.read(delta(json!({ "content": "Hel" }))).unwrap().text, "Hel");
    assert_eq!(reader.read(whole).unwrap().text, "");
    let mut reader = ChunkReader::default();
    let piece = |text: &str| json!({ "choices": [{ "index": 0, "delta": {}, "message": { "content": text } }] });
    assert_eq!(["a", "b"].map(|text| reader.read(piece(text)).unwrap().text), ["a", "b"]);
    assert_eq!(read(json!({ "choices": [{ "text": "a" }] })).unwrap().text, "a");
}

#[test]
fn text_and_calls_may_be_two_choices_without_an_index() {
    let call = json!({ "id": "c1", "function": { "name": "add_task", "arguments": "{}" } });
    for part in ["message", "delta"] {
        let choices = [json!({ part: { "content": "I add it." } }), json!({ part: { "tool_calls": [call] } })];
        let chunk = read(json!({ "choices": choices })).unwrap();
        assert_eq!((chunk.text.as_str(), chunk.calls.len()), ("I add it.", 1), "{part}");
    }
}

#[test]
fn unusual_frames_are_empty_chunks() {
    let odd = [
        json!({}),
        json!({ "choices": [] }),
        json!({ "choices": null, "usage": null, "error": null }),
        json!({ "choices": [null, 3], "usage": "", "model": 7 }),
        json!({ "choices": [{ "delta": {}, "finish_reason": "" }] }),
        json!({ "choices": [{ "delta": "", "finish_reason": 0 }] }),
        json!({ "choices": [{ "finish_reason": null, "content_filter_results": {} }] }),
        delta(json!({ "role": "assistant", "content": "", "tool_calls": null })),
        delta(json!({ "tool_calls": [null, "x"] })),
        json!({ "object": "unknown", "more": [1, 2] }),
        json!(3),
    ];
    for frame in odd {
        assert_eq!(read(frame.clone()), Ok(Chunk::default()), "{frame}");
    }
}

#[test]
fn only_the_first_choice_is_read() {
    let mut reader = ChunkReader::default();
    let choice = |index: u32, text: &str| json!({ "index": index, "delta": { "content": text } });
    let chunk = reader.read(json!({ "choices": [choice(1, "a"), choice(0, "b")] })).unwrap();
    assert_eq!(chunk.text, "a");
    assert_eq!(reader.read(json!({ "choices": [choice(0, "c")] })).unwrap().text, "");
}

#[test]
fn tool_calls_are_read_with_and_without_index_and_with_their_extras() {
    let signature = json!({ "google": { "thought_signature": "sig-é==" } });
    let gemini = json!({
        "id": "c1", "type": "function", "extra_content": signature, "other": null,
        "function": { "name": "add_task", "arguments": "{\"title\":\"x\"}" },
    });
    let call = read(delta(json!({ "tool_calls": [gemini] }))).unwrap().calls.remove(0);
    assert_eq!((call.index, call.name.as_str()), (None, "add_task"));
    assert_eq!(Value::Object(call.extra), json!({ "extra_content": signature }));

    for (index, expected) in
        [(json!(1), Some(1)), (json!("1"), Some(1)), (json!(1.0), Some(1)), (json!(-1), None), (json!(null), None)]
    {
        let object =
            json!({ "index": index, "id": 12, "function": { "name": "get_task", "arguments": { "task_id": 3 } } });
        let call = read(delta(json!({ "tool_calls": object }))).unwrap().calls.remove(0);
        assert_eq!(
            (call.index, call.id.as_str(), call.arguments.as_str()),
            (expected, "12", "{\"task_id\":3}"),
            "{index}"
        );
    }
    for calls in [
        json!({ "function_call": { "name": "a", "arguments": "{}" } }),
        json!({ "tool_calls": [{ "name": "a", "arguments": "{}" }] }),
    ] {
        let call = read(delta(calls)).unwrap().calls.remove(0);
        assert_eq!((call.name.as_str(), call.arguments.as_str(), call.extra.len()), ("a", "{}", 0));
    }
}

#[test]
fn only_known_ends_are_good() {
    let finish = |reason: &str| read(json!({ "choices": [{ "delta": {}, "finish_reason": reason }] })).unwrap().finish;
    for good in ["stop", "STOP", "tool_calls", "function_call", "eos", "end_turn"] {
        assert_eq!(finish(good), Some(Finish::Stop), "{good}");
    }
    for length in ["length", "MAX_TOKENS", "model_length", "max_output_tokens", "max-new-tokens", "TOKEN_LIMIT_REACHED"]
    {
        assert_eq!(finish(length), Some(Finish::Length), "{length}");
    }
    for filter in [
        "content_filter",
        "SAFETY",
        "content_filter: PROHIBITED_CONTENT",
        "RECITATION",
        "refusal",
        "sensitive",
        "TOXICITY",
        "risk-control",
        "content_risk",
        "unsafe_output",
    ] {
        assert_eq!(finish(filter), Some(Finish::ContentFilter), "{filter}");
    }
    for broken in
        ["error", "abort", "insufficient_system_resource", "function_call_filter: MALFORMED_FUNCTION_CALL", "OTHER"]
    {
        assert_eq!(finish(broken), Some(Finish::Broken), "{broken}");
    }
    assert_eq!(["", "null"].map(finish), [None, None]);
    let object = |kind: &str| read(json!({ "choices": [{ "finish_reason": { "type": kind } }] })).unwrap().finish;
    assert_eq!(["stop", "length", "abort"].map(object), [Finish::Stop, Finish::Length, Finish::Broken].map(Some));
    let beside_choices = json!({ "choices": [], "finish_reason": "error" });
    assert_eq!(read(beside_choices).unwrap().finish, Some(Finish::Broken));
}

#[test]
fn token_counts_are_read_from_any_number() {
    let usage = |usage: Value| read(json!({ "choices": [], "usage": usage })).unwrap().usage;
    assert_eq!(usage(json!({ "prompt_tokens": 5.0, "completion_tokens": "2" })), Some((5, 2)));
    assert_eq!(usage(json!({ "prompt_tokens": 1151, "completion_tokens": -35 })), Some((1151, 0)));
    assert_eq!(
        usage(json!({ "input_tokens": 3, "completion_tokens": 1e300 })),
        Some((3, u64::try_from(i64::MAX).unwrap()))
    );
    assert_eq!(usage(json!("")), None);
}

#[test]
fn error_frames_are_refusals() {
    let refusal = read(
        json!({ "error": { "code": "server_error", "message": "x" }, "choices": [{ "delta": { "content": "" } }] }),
    );
    assert_eq!(refusal.map_err(|refusal| refusal.kind), Err(RefusalKind::Server));
    let beside = |error: Value| {
        let mut choice = json!({ "delta": { "content": "" }, "finish_reason": "stop" });
        choice.as_object_mut().unwrap().extend(error.as_object().cloned().unwrap());
        read(json!({ "choices": [choice] }))
    };
    for error in
        [json!({ "error": { "code": 503 } }), json!({ "delta": { "error": "x" } }), json!({ "exception": "x" })]
    {
        assert!(beside(error.clone()).is_err(), "{error}");
    }
    for fine in [json!({ "error": null }), json!({ "error": "x", "finish_reason": "content_filter" })] {
        assert!(beside(fine.clone()).is_ok(), "{fine}");
    }
    assert!(read(json!({ "error": {}, "choices": [{ "delta": { "content": "a" } }] })).is_ok());
}
