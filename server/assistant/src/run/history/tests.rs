//! The turns of conversations, whole and shortened.

use super::*;
use tandem_protocol::{ConversationId, Timestamp, enums::MessageState};
use uuid::Uuid;

const PLAIN: Reader<'static> = Reader { name: "openai", budget: 100_000, short: false, echo: true };
const NOTHING: CurrentReply<'static> = CurrentReply { parts: &[], steps: &[] };

pub(in crate::run) fn message(n: u128, role: Role, parts: Vec<Part>) -> Message {
    Message {
        id: MessageId(Uuid::from_u128(n)),
        conversation_id: ConversationId(Uuid::from_u128(1)),
        parent_id: None,
        role,
        parts,
        state: MessageState::Complete,
        attempt: 1,
        error: None,
        provider: None,
        usage: None,
        created_at: Timestamp::from_millis(0),
        completed_at: None,
        undo_token: None,
        summary: None,
    }
}

pub(in crate::run) fn user(n: u128, text: &str) -> Message {
    message(n, Role::User, vec![Part::text(text)])
}

pub(in crate::run) fn call(id: &str, step: u32, state: ToolState) -> Part {
    let (arguments, result) = (json!({ "title": id }), json!({ "code": "x" }));
    Part::ToolCall(ToolCall {
        call_id: id.into(),
        name: "add_task".into(),
        arguments,
        state,
        result,
        undo_token: None,
        step,
        decided: None,
    })
}

/// One letter for each turn: a user's, an assistant's with so many calls, a tool's.
fn shape(turns: &[ChatTurn]) -> String {
    let letter = |turn: &ChatTurn| match turn {
        ChatTurn::User(_) => "u".to_owned(),
        ChatTurn::Assistant { calls, .. } => format!("a{}", calls.len()),
        ChatTurn::Tool { .. } => "t".to_owned(),
    };
    turns.iter().map(letter).collect::<Vec<_>>().concat()
}

#[test]
fn each_answer_is_a_turn_of_its_own() {
    let parts = vec![
        call("a", 0, ToolState::Failed),
        call("b", 0, ToolState::Failed),
        call("c", 1, ToolState::Done),
        Part::text("Done."),
    ];
    let turns =
        chat_history(&[user(1, "add"), message(2, Role::Assistant, parts), user(3, "ok")], NOTHING, PLAIN).turns;
    assert_eq!(shape(&turns), "ua2tta1ta0u");
}

#[test]
fn roles_alternate_after_replies_without_text() {
    let empty = message(2, Role::Assistant, Vec::new());
    let cut_off = message(4, Role::Assistant, vec![call("a", 0, ToolState::Done)]);
    let turns = chat_history(&[user(1, "one"), empty, user(3, "two"), cut_off, user(5, "three")], NOTHING, PLAIN).turns;
    assert_eq!(shape(&turns), "ua1ta0u");
    assert_eq!(turns[0], ChatTurn::User("one\n\ntwo".into()));
}

#[test]
fn no_two_calls_have_the_same_id() {
    let reply = |n| message(n, Role::Assistant, vec![call("call_0", 0, ToolState::Done), Part::text("ok")]);
    let history = [user(1, "a"), reply(2), user(3, "b"), reply(4), user(5, "c")];
    let turns = chat_history(&history, NOTHING, PLAIN).turns;
    let ids: Vec<&str> = turns
        .iter()
        .filter_map(|turn| if let ChatTurn::Tool { id, .. } = turn { Some(id.as_str()) } else { None })
        .collect();
    assert_eq!((ids.len(), ids[0]), (2, "call_0"));
    assert_ne!(ids[0], ids[1]);
    assert_eq!(chat_history(&history, NOTHING, PLAIN).turns, turns, "the same each time");
}

#[test]
fn extras_go_back_to_their_provider_alone_and_unreadable_arguments_to_none() {
    let extra = json!({ "extra_content": "sig" }).as_object().cloned().unwrap();
    let made = |extra| StepCall {
        part: 0,
        name: "add_task".into(),
        arguments: "{ \"title\": \"a\" }".into(),
        extra,
        impact: None,
        approval_required: false,
    };
    let step = |extra| {
        let (provider, model, calls) = ("gemini".to_owned(), String::new(), vec![made(extra)]);
        let (prompt_tokens, completion_tokens, first_token_ms, worked_ms) = (0, 0, None, 0);
        Step {
            provider,
            model,
            calls,
            parts: 1,
            prompt_tokens,
            completion_tokens,
            first_token_ms,
            worked_ms,
            last: false,
            echo: Map::new(),
        }
    };
    let sent = |name: &'static str, part: &Part, steps: &[Step]| {
        let reply = CurrentReply { parts: std::slice::from_ref(part), steps };
        let turns = chat_history(&[user(1, "add")], reply, Reader { name, ..PLAIN }).turns;
        let ChatTurn::Assistant { calls, .. } = &turns[1] else { panic!("{turns:?}") };
        (calls[0].arguments.clone(), calls[0].extra.len())
    };
    let part = call("a", 0, ToolState::Done);
    assert_eq!(sent("gemini", &part, &[step(extra.clone())]), ("{ \"title\": \"a\" }".into(), 1));
    assert_eq!(sent("openai", &part, &[step(extra)]), ("{\"title\":\"a\"}".into(), 0));
    let mut unreadable = call("a", 0, ToolState::Failed);
    if let Part::ToolCall(call) = &mut unreadable {
        call.arguments = Value::String("{\"title\":".into());
    }
    assert_eq!(sent("gemini", &unreadable, &[]), ("{}".into(), 0));
}

#[test]
fn what_is_dropped_stays_the_same_for_several_messages() {
    let text = "x".repeat(1_000);
    let conversation = |turns: u128| -> Vec<Message> {
        let pair = |n: u128| [user(2 * n, &text), message(2 * n + 1, Role::Assistant, vec![Part::text(text.as_str())])];
        (0..turns).flat_map(pair).chain([user(1_000, "now")]).collect()
    };
    let reader = Reader { budget: 20_000, ..PLAIN };
    let read = |turns| chat_history(&conversation(turns), NOTHING, reader);
    let (mut kept, mut cuts) = (0, 0);
    for turns in 0..60 {
        let history = read(turns);
        let size: usize = history.turns.iter().map(turn_size).sum();
        assert!(size <= 20_000 && history.turns.last() == Some(&ChatTurn::User("now".into())));
        assert_eq!(history.is_truncated, turns > 9);
        if history.turns.len() < kept {
            cuts += 1;
        }
        kept = history.turns.len();
    }
    assert!(cuts <= 11, "the start of the request changed {cuts} times");
    let short = chat_history(&conversation(9), NOTHING, Reader { short: true, ..reader });
    assert!(short.is_truncated && !short.turns.is_empty());
}
