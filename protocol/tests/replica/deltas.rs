//! The delta rule, and the text of a running reply.

use crate::samples::{REPLY, call, delta, device_with, ended, event, reply, shown, thought, thought_delta};
use tandem_protocol::{
    enums::{MessageState, ToolState},
    live::{EventBody, StreamPosition},
    model::{Message, Part},
    replica::{Change, ContractBreach, Replica},
};

fn restarted(attempt: i64, parts: Vec<Part>) -> EventBody {
    EventBody::MessageRestarted { message_id: REPLY, attempt, parts }
}

fn part(index: usize, part: Part) -> EventBody {
    EventBody::MessagePart { message_id: REPLY, index, part }
}

fn position(attempt: i64, part: usize, have: usize) -> Vec<StreamPosition> {
    vec![StreamPosition { message_id: REPLY, attempt, part, have }]
}

/// A device that shows `text` of the first attempt, by deltas.
fn showing(text: &str) -> Replica {
    let mut replica = device_with(reply());
    replica.apply(&delta(1, 0, 0, text));
    assert_eq!(shown(&replica), text);
    replica
}

#[test]
fn text_grows_by_what_is_new_in_a_delta() {
    let mut replica = device_with(reply());
    assert_eq!(replica.apply(&delta(1, 0, 0, "Hé")), Change::Text { message_id: REPLY, part: 0, from: 0 });
    assert_eq!(replica.apply(&delta(1, 0, 0, "Hé")), Change::None, "known");
    assert_eq!(replica.apply(&delta(1, 0, 1, "é")), Change::None, "known, from within");
    assert_eq!(replica.apply(&delta(1, 0, 1, "éllo")), Change::Text { message_id: REPLY, part: 0, from: 3 });
    assert_eq!(shown(&replica), "Héllo");
    assert_eq!(replica.faults(), []);
}

#[test]
fn a_gap_is_told_and_closed_by_a_catch_up() {
    let mut replica = showing("Hello");
    assert_eq!(replica.apply(&delta(1, 0, 7, "rld")), Change::DeltaGap { message_id: REPLY, part: 0, have: 5 });
    assert_eq!(shown(&replica), "Hello");
    assert_eq!(replica.streams(), position(1, 0, 5));
    replica.apply(&delta(1, 0, 5, " world"));
    assert_eq!((shown(&replica), replica.faults()), ("Hello world".into(), [].as_slice()));
}

#[test]
fn a_hello_tells_of_every_text_part_since_an_earlier_one_may_lack_its_end() {
    let mut replica = showing("One");
    replica.apply(&event(11, &part(1, call(ToolState::Done))));
    assert_eq!(replica.streams(), [position(1, 0, 3), position(1, 2, 0)].concat());
    replica.apply(&delta(1, 2, 0, "Three"));
    assert_eq!(replica.streams(), [position(1, 0, 3), position(1, 2, 5)].concat());
    replica.apply(&delta(1, 0, 3, " and its end"));
    assert_eq!(shown(&replica), "One and its end[done]Three");
}

#[test]
fn a_part_that_never_came_is_asked_for() {
    let mut replica = device_with(reply());
    replica.apply(&event(11, &part(1, call(ToolState::Done))));
    assert_eq!(replica.streams(), [position(1, 0, 0), position(1, 2, 0)].concat());
}

#[test]
fn text_of_an_older_attempt_is_ignored() {
    let mut replica = showing("first");
    replica.apply(&event(11, &restarted(2, Vec::new())));
    assert_eq!(shown(&replica), "");
    assert_eq!(replica.apply(&delta(1, 0, 5, " try")), Change::None);
    replica.apply(&delta(2, 0, 0, "second"));
    assert_eq!((shown(&replica), replica.streams()), ("second".into(), position(2, 0, 6)));
}

#[test]
fn a_restart_keeps_the_parts_that_stay() {
    let mut replica = showing("Looking. ");
    replica.apply(&event(11, &part(1, call(ToolState::Done))));
    replica.apply(&delta(1, 2, 0, "Your tas"));
    let stay = vec![Part::text("Looking. "), call(ToolState::Done)];
    replica.apply(&event(12, &restarted(2, stay)));
    assert_eq!(
        (shown(&replica), replica.streams()),
        ("Looking. [done]".into(), [position(2, 0, 9), position(2, 2, 0)].concat())
    );
    replica.apply(&delta(2, 2, 0, "You have"));
    assert_eq!((shown(&replica), replica.faults()), ("Looking. [done]You have".into(), [].as_slice()));
}

#[test]
fn text_may_outrun_the_restart_that_announces_it() {
    let mut replica = showing("Looking. ");
    replica.apply(&event(11, &part(1, call(ToolState::Done))));
    replica.apply(&delta(1, 2, 0, "Your"));
    replica.apply(&delta(2, 2, 0, "You have"));
    assert_eq!(shown(&replica), "Looking. [done]You have");
    replica.apply(&event(12, &restarted(2, vec![Part::text("Looking. "), call(ToolState::Done)])));
    assert_eq!((shown(&replica), replica.faults()), ("Looking. [done]You have".into(), [].as_slice()));
}

#[test]
fn text_may_outrun_its_message() {
    let mut replica = device_with(Message { id: tandem_protocol::MessageId(uuid::Uuid::nil()), ..reply() });
    replica.apply(&delta(1, 0, 0, "Hello"));
    replica.apply(&event(11, &EventBody::MessageCreated { message: reply() }));
    assert_eq!((shown(&replica), replica.faults()), ("Hello".into(), [].as_slice()));
}

#[test]
fn the_text_of_a_snapshot_counts_as_had() {
    let mut replica = device_with(Message { parts: vec![Part::text("Hel")], ..reply() });
    assert_eq!(replica.streams(), position(1, 0, 3));
    assert_eq!(replica.apply(&delta(1, 0, 0, "He")), Change::None);
    assert_eq!(replica.apply(&delta(1, 0, 2, "llo")), Change::Text { message_id: REPLY, part: 0, from: 3 });
    assert_eq!(shown(&replica), "Hello");
}

#[test]
fn a_hello_names_no_reply_of_which_nothing_is_known() {
    assert_eq!(device_with(reply()).streams(), []);
    assert_eq!(device_with(Message { state: MessageState::Queued, ..reply() }).streams(), []);
}

#[test]
fn a_reply_is_running_until_its_end() {
    let mut replica = device_with(Message { state: MessageState::Queued, ..reply() });
    assert_eq!(replica.running().map(|message| message.id).collect::<Vec<_>>(), [REPLY]);
    replica.apply(&event(11, &EventBody::MessageCompleted { message: ended("Hello") }));
    assert_eq!(replica.running().count(), 0);
}

#[test]
fn a_checkpoint_behind_the_stream_takes_nothing_away() {
    let mut replica = showing("Hello world");
    replica.apply(&event(
        11,
        &EventBody::MessageUpdated { message: Message { parts: vec![Part::text("Hel")], ..reply() } },
    ));
    assert_eq!(shown(&replica), "Hello world");
    replica.apply(&event(12, &part(0, Part::text("Hello world!"))));
    assert_eq!((shown(&replica), replica.streams()), ("Hello world!".into(), position(1, 0, 12)));
    assert_eq!(replica.faults(), []);
}

#[test]
fn the_end_carries_the_full_text_and_later_deltas_are_ignored() {
    let mut replica = showing("Hel");
    replica.apply(&event(11, &EventBody::MessageCompleted { message: ended("Hello") }));
    assert_eq!(replica.apply(&delta(1, 0, 3, "p me")), Change::None);
    assert_eq!(replica.apply(&delta(2, 0, 0, "Other")), Change::None);
    assert_eq!((shown(&replica), replica.streams(), replica.faults()), ("Hello".into(), vec![], [].as_slice()));
}

#[test]
fn after_the_end_only_a_call_that_was_taken_back_changes() {
    let done = Message { parts: vec![call(ToolState::Done)], ..ended("") };
    let mut replica = device_with(reply());
    replica.apply(&event(11, &EventBody::MessageCompleted { message: done }));
    replica.apply(&event(12, &EventBody::MessageUpdated { message: reply() }));
    replica.apply(&event(13, &part(0, call(ToolState::Running))));
    replica.apply(&event(14, &part(0, Part::text("late"))));
    replica.apply(&event(15, &restarted(1, Vec::new())));
    assert_eq!(shown(&replica), "[done]");
    replica.apply(&event(16, &part(0, call(ToolState::Undone))));
    assert_eq!(shown(&replica), "[undone]");
}

#[test]
fn a_server_that_contradicts_itself_is_caught() {
    let mut replica = showing("Hello");
    replica.apply(&delta(1, 0, 3, "p me"));
    assert_eq!(replica.take_faults(), [ContractBreach::DeltaContradicts { message_id: REPLY, part: 0, offset: 3 }]);

    let mut replica = showing("Hello");
    replica.apply(&event(11, &part(0, Part::text("Good bye"))));
    assert_eq!(replica.take_faults(), [ContractBreach::TextContradicts { message_id: REPLY, part: 0 }]);
    assert_eq!(shown(&replica), "Good bye", "what is durable counts");

    let mut replica = showing("Hello");
    replica.apply(&event(11, &EventBody::MessageCompleted { message: ended("Help") }));
    assert_eq!(replica.take_faults(), [ContractBreach::TextContradicts { message_id: REPLY, part: 0 }]);

    let mut replica = showing("Hello");
    replica.apply(&event(11, &EventBody::MessageCompleted { message: ended("He") }));
    assert_eq!(replica.take_faults(), [ContractBreach::TextShrank { message_id: REPLY, part: 0, had: 5, got: 2 }]);

    let mut replica = device_with(Message { parts: vec![call(ToolState::Running)], ..reply() });
    assert_eq!(replica.apply(&delta(1, 0, 0, "text")), Change::None);
    assert_eq!(replica.take_faults(), [ContractBreach::DeltaContradicts { message_id: REPLY, part: 0, offset: 0 }]);
}

#[test]
fn reasoning_is_streamed_beside_the_text_and_gets_its_duration_by_an_event() {
    let mut replica = device_with(reply());
    replica.apply(&thought_delta(1, 0, 0, "H"));
    replica.apply(&thought_delta(1, 0, 1, "m"));
    assert_eq!((shown(&replica), replica.streams()), ("(Hm; 0)".into(), position(1, 0, 2)));
    replica.apply(&delta(1, 1, 0, "Hello"));
    assert_eq!(replica.streams(), [position(1, 0, 2), position(1, 1, 5)].concat());
    replica.apply(&event(11, &part(0, thought("Hm.", 1_200))));
    assert_eq!(shown(&replica), "(Hm.; 1200)Hello");
    let whole = Message { parts: vec![thought("Hm.", 1_200), Part::text("Hello!")], ..ended("") };
    replica.apply(&event(12, &EventBody::MessageCompleted { message: whole }));
    assert_eq!((shown(&replica), replica.faults()), ("(Hm.; 1200)Hello!".into(), [].as_slice()));
}

#[test]
fn reasoning_that_no_event_has_described_is_known_by_its_deltas() {
    let mut replica = device_with(reply());
    replica.apply(&thought_delta(1, 0, 0, "Hm"));
    replica.apply(&event(11, &part(1, call(ToolState::Running))));
    assert_eq!(shown(&replica), "(Hm; 0)[running]");
    let snapshot = Message { parts: vec![thought("Hm.", 900), call(ToolState::Running)], ..reply() };
    replica.load_messages(vec![snapshot]);
    replica.apply(&thought_delta(1, 0, 2, ".."));
    assert_eq!((shown(&replica), replica.faults()), ("(Hm..; 0)[running]".into(), [].as_slice()));
}

#[test]
fn reasoning_never_becomes_text() {
    let mut replica = device_with(Message { parts: vec![thought("Hm", 5)], ..reply() });
    replica.apply(&delta(1, 0, 2, "."));
    assert_eq!(replica.take_faults(), [ContractBreach::DeltaContradicts { message_id: REPLY, part: 0, offset: 2 }]);
    replica.apply(&event(11, &EventBody::MessageCompleted { message: ended("Hm") }));
    let shrank = ContractBreach::TextShrank { message_id: REPLY, part: 0, had: 2, got: 0 };
    assert_eq!((replica.take_faults(), shown(&replica)), (vec![shrank], "Hm".into()));
}

#[test]
fn an_offset_within_a_character_is_a_contradiction_not_a_panic() {
    let mut replica = showing("é");
    assert_eq!(replica.apply(&delta(1, 0, 1, "x")), Change::None);
    assert_eq!(replica.apply(&delta(1, 0, usize::MAX, "x")), Change::DeltaGap { message_id: REPLY, part: 0, have: 2 });
    assert_eq!(shown(&replica), "é");
}

#[test]
fn a_part_far_out_of_range_is_not_believed() {
    let mut replica = device_with(reply());
    replica.apply(&event(11, &part(usize::MAX, Part::text("x"))));
    assert!(matches!(replica.faults(), [ContractBreach::UnreadableEvent { seq: 11, .. }]));
    replica.apply(&delta(1, usize::MAX, 0, "x"));
    assert_eq!(shown(&replica), "");
}
