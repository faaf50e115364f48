//! Whole answers, and the property that neither cuts nor keep-alives change the assembled step.

use super::*;
use crate::{AnswerAssembly, Call, Finish, RefusalKind};
use proptest::prelude::*;
use serde_json::{Value, json};

/// An answer as a run sees it.
#[derive(Debug, Default, PartialEq)]
struct Step {
    text: String,
    thoughts: String,
    calls: Vec<Call>,
    finish: Option<Finish>,
    usage: (u64, u64),
    failure: Option<Failure>,
}

fn read<'b>(pieces: impl IntoIterator<Item = &'b [u8]>) -> Step {
    let (mut reader, mut out) = (AnswerReader::new(""), Vec::new());
    for piece in pieces {
        reader.push(piece, &mut out);
    }
    reader.finish(&mut out);
    let mut step = Step::default();
    let mut assembly = AnswerAssembly::new(|name| name == "add_task");
    for item in out {
        assert_eq!(step.failure, None, "nothing comes after a failure");
        match item {
            Ok(chunk) => {
                if chunk.text_was_thoughts {
                    step.thoughts += &mem::take(&mut step.text);
                }
                step.text += &chunk.text;
                step.thoughts += &chunk.thoughts;
                assembly.add(chunk);
            }
            Err(failure) => step.failure = Some(failure),
        }
    }
    Step { finish: assembly.finish, usage: assembly.usage, calls: assembly.into_calls(), ..step }
}

fn read_whole(body: &str) -> Step {
    read([body.as_bytes()])
}

const STOP: &str = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";

fn text(text: &str) -> String {
    format!("data: {}\n\n", json!({ "choices": [{ "index": 0, "delta": { "content": text } }] }))
}

#[test]
fn an_answer_is_complete_after_a_reason_of_its_end_whatever_follows() {
    for rest in [
        "",
        "data: [DONE]\n\n",
        "data: [DONE]",
        "data: {\"usage\":{\"completion_tokens\":-1}}\n\n",
        "event: error\ndata: x\n\n",
    ] {
        let step = read_whole(&format!("{}{STOP}{rest}", text("Hello")));
        assert_eq!((step.text.as_str(), step.finish, step.failure), ("Hello", Some(Finish::Stop), None), "{rest:?}");
    }
}

#[test]
fn a_reason_with_every_piece_is_no_end() {
    let piece = |text: &str, finish: Value| {
        format!("data: {}\n\n", json!({ "choices": [{ "delta": { "content": text }, "finish_reason": finish }] }))
    };
    let endings = |bodies: &[String]| {
        let (mut reader, mut out) = (AnswerReader::new(""), Vec::new());
        let read = |body: &String| {
            reader.push(body.as_bytes(), &mut out);
            reader.ending()
        };
        bodies.iter().map(read).collect::<Vec<_>>()
    };
    let stop = json!("stop");
    let alone = [piece("a", json!(null)), piece("", stop.clone()), piece("", json!(null))];
    assert_eq!(endings(&alone), [Ending::Open, Ending::Certain, Ending::Certain]);
    let every = [piece("a", stop.clone()), piece("b", stop.clone()), piece("", stop.clone())];
    assert_eq!(endings(&every), [Ending::Likely, Ending::Open, Ending::Certain]);
    assert_eq!(read_whole(&every.concat()).text, "ab");
}

#[test]
fn an_answer_without_a_reason_of_its_end_is_cut_off() {
    let usage = "data: {\"choices\":[],\"usage\":{\"completion_tokens\":7}}\n\n";
    for rest in ["", usage, "data: [DONE]\n\n", "data: {\"cho"] {
        assert_eq!(read_whole(&format!("{}{rest}", text("Half"))).failure, Some(Failure::Truncated), "{rest:?}");
    }
}

#[test]
fn an_error_in_any_shape_breaks_an_answer() {
    for error in [
        "data: {\"error\":\"x\"}",
        "data: {\"object\":\"error\",\"code\":500}",
        "data: {\"code\":20031,\"msg\":\"x\"}",
        "data: {\"success\":false,\"data\":null}",
        "data: {\"choices\":[{\"error\":{\"code\":503},\"finish_reason\":\"stop\"}]}",
        "data: {\"exception\":\"x\"}",
        "event: exception\ndata: gone",
        "event: error\ndata: {\"detail\":\"x\"}",
        "event: error\ndata: gone",
        "{\"error\":{\"message\":\"x\"}}",
    ] {
        let step = read_whole(&format!("{}{error}\n\n{}{STOP}", text("Half"), text(" more")));
        assert!(
            matches!(step.failure, Some(Failure::Reported(Refusal { kind: RefusalKind::Server, .. }))),
            "{error}: {step:?}"
        );
        assert_eq!(step.text, "Half");
    }
}

#[test]
fn reports_of_success_and_progress_are_skipped_and_counted() {
    let (mut reader, mut out) = (AnswerReader::new(""), Vec::new());
    let reports =
        ["{\"code\":200,\"message\":\"ok\"}", "{\"status\":\"queued\",\"message\":\"x\"}", "{\"detail\":{},\"x\":1}"];
    let reports = reports.map(|report| format!("data: {report}\n\n")).concat();
    reader.push(format!("{reports}{}{STOP}", text("Hello")).as_bytes(), &mut out);
    assert_eq!((reader.skipped(), reader.ending(), out.iter().any(Result::is_err)), (3, Ending::Certain, false));
}

#[test]
fn a_body_of_something_else_is_unreadable() {
    assert_eq!(read_whole("<!doctype html><p>Sign in</p>").failure, Some(Failure::Truncated));
    assert_eq!(read_whole("data: <!doctype html>\n\n").failure, Some(Failure::Unreadable));
    assert_eq!(read_whole("\"signed out: try again\"").failure, Some(Failure::Unreadable));
    assert_eq!(read_whole("").failure, Some(Failure::Truncated));
}

#[test]
fn halves_of_a_character_are_joined_or_replaced() {
    let half = |half: &str| format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{half}\"}}}}]}}\n\n");
    assert_eq!(read_whole(&format!("{}{}{STOP}", half("\\ud83d"), half("\\ude00!"))).text, "😀!");
    assert_eq!(read_whole(&format!("{}{STOP}", half("a\\ud83d"))).text, "a\u{fffd}");
}

#[test]
fn what_follows_an_error_does_not_change_what_came_before() {
    let half = "data: {\"choices\":[{\"delta\":{\"content\":\"a\\ud83d\"}}]}\n\n";
    for (before, after, expected) in [("", half, ""), (half, "data: {\"x\":\"\\ude00\"}\n\n", "a\u{fffd}")] {
        let body = format!("{before}data: {{\"error\":\"x\"}}\n\n{after}");
        assert_eq!(read_whole(&body).text, expected);
        assert_eq!(read(body.as_bytes().chunks(1)), read_whole(&body));
    }
}

/// A frame of a valid answer.
fn frame() -> impl Strategy<Value = Value> {
    let name = || prop_oneof![Just("add_task".to_owned()), Just(String::new())];
    let call = (0..3_u64, "[ab]?", name(), "[{}\":a1 ]{0,6}");
    prop_oneof![
        4 => "[a-z<>/ é😀]{0,8}".prop_map(|text| json!({ "choices": [{ "delta": { "content": text } }] })),
        1 => Just(json!({ "choices": [{ "delta": { "content": "<think>" } }] })),
        1 => Just(json!({ "choices": [{ "delta": { "content": "</think>" } }] })),
        1 => "[a-z]{0,8}".prop_map(|text| json!({ "choices": [{ "delta": { "reasoning_content": text } }] })),
        2 => call.prop_map(|(index, id, name, arguments)| {
            let call = json!({ "index": index, "id": id, "function": { "name": name, "arguments": arguments } });
            json!({ "choices": [{ "delta": { "tool_calls": [call] } }] })
        }),
        1 => (0..99_u64, 0..99_u64).prop_map(|(prompt, completion)| {
            json!({ "choices": [], "usage": { "prompt_tokens": prompt, "completion_tokens": completion } })
        }),
    ]
}

fn end() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just("\n"), Just("\r\n"), Just("\r")]
}

/// What servers send to keep a connection open.
fn keep_alive() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        4 => Just(""),
        1 => Just(": OPENROUTER PROCESSING"),
        1 => Just("data: : keepalive"),
        1 => Just("data:"),
        1 => Just("event: ping~data: ping"),
        1 => Just("event: keepalive~data: {}"),
        1 => Just("id: 7~retry: 10"),
    ]
}

fn cut(body: &[u8], cuts: &[usize]) -> Vec<Vec<u8>> {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (body.len() + 1)).collect();
    cuts.extend([0, body.len()]);
    cuts.sort_unstable();
    cuts.windows(2).map(|pair| body[pair[0]..pair[1]].to_vec()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn neither_cuts_nor_keep_alives_change_the_step(
        frames in prop::collection::vec((frame(), keep_alive()), 0..12),
        finish in prop_oneof![Just("stop"), Just("tool_calls"), Just("length")],
        end in end(),
        done in any::<bool>(),
        cuts in prop::collection::vec(any::<usize>(), 0..20),
    ) {
        let last = json!({ "choices": [{ "delta": {}, "finish_reason": finish }] });
        let plain: Vec<String> = frames.iter().map(|(frame, _)| format!("data: {frame}\n\n")).collect();
        let plain = read_whole(&format!("{}data: {last}\n\n", plain.concat()));
        prop_assert_eq!(plain.failure, None);
        let spaced = frames.iter().map(|(frame, keep_alive)| {
            let keep_alive = keep_alive.replace('~', end);
            format!("{keep_alive}{end}{end}data:{frame}{end}{end}")
        });
        let mark = if done { format!("{end}data: [DONE]") } else { String::new() };
        let body = format!("\u{feff}{}data: {last}{end}{mark}", spaced.collect::<Vec<_>>().concat());
        let pieces = cut(body.as_bytes(), &cuts);
        prop_assert_eq!(read(pieces.iter().map(Vec::as_slice)), plain);
    }

    #[test]
    fn any_bytes_are_read_alike_in_any_pieces(
        lines in prop::collection::vec(
            prop_oneof![
                3 => frame().prop_map(|frame| format!("data: {frame}\n").into_bytes()),
                1 => prop::collection::vec(any::<u8>(), 0..12),
                1 => "(data: ?|event: error)?[\\[\\]{}\":,\\\\a0u\r\n ]{0,12}".prop_map(String::into_bytes),
            ],
            0..12,
        ),
        cuts in prop::collection::vec(any::<usize>(), 0..20),
    ) {
        let body = lines.concat();
        let pieces = cut(&body, &cuts);
        prop_assert_eq!(read(pieces.iter().map(Vec::as_slice)), read([body.as_slice()]));
    }
}
