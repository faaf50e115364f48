//! What holds for the turns of any conversation: the rules that servers refuse a request for.

use super::{
    ChatHistory, ChatTurn, CurrentReply, Reader, chat_history,
    tests::{call, message, user},
    turn_size,
};
use proptest::{prelude::*, sample::select};
use std::collections::HashSet;
use tandem_protocol::{
    Timestamp,
    enums::{Role, ToolState},
    model::{Message, Part, Summary},
};

const STATES: [ToolState; 4] = [ToolState::Done, ToolState::Failed, ToolState::Denied, ToolState::Running];
const THOUGHT: &str = "a secret thought";

fn part() -> impl Strategy<Value = Vec<Part>> {
    prop_oneof![
        select(&["", " ", "Fine.", "Let me see."][..]).prop_map(|text| vec![Part::text(text)]),
        Just(vec![Part::Reasoning { text: THOUGHT.into(), duration_ms: 5 }]),
        // The calls of one answer; the step is set later.
        prop::collection::vec((select(&["call_0", "a", "b"][..]), select(&STATES[..])), 1..4)
            .prop_map(|calls| calls.into_iter().map(|(id, state)| call(id, 0, state)).collect()),
    ]
}

/// The parts of a reply, with ids that are unique in it, as replies have them, but not in the conversation.
fn parts() -> impl Strategy<Value = Vec<Part>> {
    prop::collection::vec(part(), 0..5).prop_map(|answers| {
        let mut known = HashSet::new();
        let mut parts = Vec::new();
        for (step, answer) in answers.into_iter().enumerate() {
            for mut part in answer {
                if let Part::ToolCall(call) = &mut part {
                    call.step = u32::try_from(step).unwrap();
                    while !known.insert(call.call_id.clone()) {
                        call.call_id.push('x');
                    }
                }
                parts.push(part);
            }
        }
        parts
    })
}

/// Questions with their replies; some have none, some replies a summary. The last message is the one that is answered.
fn conversation() -> impl Strategy<Value = Vec<Message>> {
    let reply = prop::option::of((parts(), prop::bool::weighted(0.1)));
    prop::collection::vec(("[a-z ]{1,300}", reply), 0..12).prop_map(|exchanges| {
        let mut messages = Vec::new();
        for (text, reply) in exchanges {
            let id = messages.len() as u128;
            messages.push(user(id, &text));
            if let Some((parts, summarised)) = reply {
                let mut reply = message(id + 1, Role::Assistant, parts);
                let text = "What was said before. ".repeat(20);
                reply.summary = summarised.then(|| Summary { text, created_at: Timestamp::from_millis(0) });
                messages.push(reply);
            }
        }
        messages.push(user(messages.len() as u128, "the question"));
        messages
    })
}

fn read(history: &[Message], parts: &[Part], budget: usize) -> ChatHistory {
    let reader = Reader { name: "openai", budget, short: false, echo: true };
    chat_history(history, CurrentReply { parts, steps: &[] }, reader)
}

/// Checks the order of turns as the strictest servers do.
fn check_order(turns: &[ChatTurn]) -> Result<(), TestCaseError> {
    let mut ids = HashSet::new();
    let mut results: Vec<&str> = Vec::new();
    let mut before: Option<&ChatTurn> = None;
    for turn in turns {
        match turn {
            ChatTurn::User(text) => {
                prop_assert!(before.is_none() || matches!(before, Some(ChatTurn::Assistant { .. })), "{turns:?}");
                prop_assert!(results.is_empty() && !text.is_empty());
            }
            ChatTurn::Assistant { text, calls, .. } => {
                prop_assert!(results.is_empty(), "a call has no result: {turns:?}");
                let after_text = matches!(before, Some(ChatTurn::Assistant { calls, .. }) if calls.is_empty());
                prop_assert!(before.is_some() && !after_text, "{turns:?}");
                prop_assert!(!text.trim().is_empty() || !calls.is_empty());
                results = calls.iter().map(|call| call.id.as_str()).rev().collect();
                prop_assert!(calls.iter().all(|call| ids.insert(call.id.clone())), "an id comes twice: {turns:?}");
            }
            ChatTurn::Tool { id, .. } => prop_assert_eq!(results.pop(), Some(id.as_str())),
        }
        before = Some(turn);
    }
    prop_assert!(results.is_empty());
    Ok(())
}

proptest! {
    #[test]
    fn any_conversation_has_an_order_that_every_server_accepts(
        history in conversation(), parts in parts(), budget in 400_usize..6_000,
    ) {
        // Ids of the running reply are made so that no other has them.
        let parts: Vec<Part> = parts.into_iter().map(|mut part| {
            if let Part::ToolCall(call) = &mut part {
                call.call_id.push_str("-now");
            }
            part
        }).collect();
        for parts in [&[][..], &parts[..]] {
            let ChatHistory { turns, is_truncated, outgrown } = read(&history, parts, budget);
            check_order(&turns)?;
            let asked = turns.iter().rev().find_map(|turn| if let ChatTurn::User(text) = turn { Some(text) } else { None });
            prop_assert!(asked.is_some_and(|text| text.ends_with("the question")));
            let sent = format!("{turns:?}");
            prop_assert!(!sent.contains(THOUGHT));
            prop_assert!(!is_truncated || outgrown.is_some(), "what is dropped could be summarised");
            prop_assert!(outgrown.is_none_or(|last| last + 1 < history.len()), "but not the question");
            let users = turns.iter().filter(|turn| matches!(turn, ChatTurn::User(_))).count();
            let size: usize = turns.iter().map(turn_size).sum();
            // A summary and the question are sent whatever their size.
            prop_assert!(size <= budget || users <= 2, "{size} of {budget}");
        }
    }

    #[test]
    fn a_request_begins_with_the_one_before(history in conversation(), parts in parts()) {
        const ROOM: usize = 1_000_000;
        let before = read(&history, &[], ROOM).turns;
        let reply = message(900, Role::Assistant, parts.clone());
        let after = read(&[&history[..], &[reply, user(901, "and then?")]].concat(), &[], ROOM).turns;
        // A reply that says nothing leaves two messages of the user, which are joined.
        let says = read(&history, &parts, ROOM).turns.len() > before.len();
        prop_assert!(!says || after.starts_with(&before), "{before:?} {after:?}");
    }

    #[test]
    fn after_a_summary_there_is_room_for_half_a_budget(history in conversation(), budget in 2_000_usize..6_000) {
        let mut history = history;
        if let Some(cut) = read(&history, &[], budget).outgrown {
            let text = "Words. ".repeat(40);
            history[cut].summary = Some(Summary { text: text.clone(), created_at: Timestamp::from_millis(0) });
            let ChatHistory { turns, is_truncated, outgrown } = read(&history, &[], budget);
            let kept: usize = turns.iter().skip(2).map(turn_size).sum();
            let alone = turns.iter().filter(|turn| matches!(turn, ChatTurn::User(_))).count() == 2;
            prop_assert!(kept <= budget / 2 || alone);
            prop_assert_eq!((is_truncated, outgrown), (false, None));
            check_order(&turns)?;
        }
    }
}
