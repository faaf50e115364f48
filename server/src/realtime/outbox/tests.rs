//! A model of a device reads what the outbox gives and must end with the text and the events of the source.

use super::*;
use crate::bus::StreamDelta;
use proptest::prelude::*;
use tandem_protocol::live::server::Delta;

fn id(n: u128) -> MessageId {
    MessageId(uuid::Uuid::from_u128(n))
}

/// What the hub does with a piece.
fn stream(outbox: &Outbox, reply: &Arc<Reply>, message: MessageId, attempt: i64, offset: usize, text: &str) {
    let delta = StreamDelta { message_id: message, attempt, part: 0, offset, text: text.into() };
    reply.append(&delta);
    let frame = Delta { message_id: message, attempt, part: 0, offset, text: text.into() };
    let at = StreamPosition { message_id: message, attempt, part: 0, have: offset };
    outbox.push_piece(reply, &at, offset + text.len(), &encode(&ServerFrame::Delta(frame)));
}

fn next(outbox: &Outbox) -> Option<ServerFrame> {
    outbox.pop().map(|frame| ServerFrame::parse(&frame).unwrap().remove(0))
}

#[test]
fn a_device_that_keeps_up_gets_every_piece_as_it_came() {
    let (outbox, reply) = (Outbox::default(), Arc::new(Reply::new(id(1))));
    for (offset, text) in [(0, "a "), (2, "b "), (4, "c")] {
        stream(&outbox, &reply, id(1), 1, offset, text);
        assert!(matches!(next(&outbox), Some(ServerFrame::Delta(delta)) if delta.text == text));
    }
}

#[test]
fn pieces_that_wait_become_one() {
    let (outbox, reply) = (Outbox::default(), Arc::new(Reply::new(id(1))));
    for (offset, text) in [(0, "a "), (2, "b "), (4, "c")] {
        stream(&outbox, &reply, id(1), 1, offset, text);
    }
    assert!(matches!(next(&outbox), Some(ServerFrame::Delta(delta)) if delta.text == "a b c" && delta.offset == 0));
    assert!(next(&outbox).is_none());
}

#[test]
fn too_much_backlog_closes_and_frees_it() {
    let outbox = Outbox::default();
    let frame = Encoded::from("x".repeat(300 * 1024));
    for _ in 0..3 {
        outbox.push_durable(frame.clone());
    }
    assert_eq!(outbox.closing(), None);
    outbox.push_durable(frame);
    assert_eq!(outbox.closing().map(|closing| closing.code), Some(CloseCode::SlowConsumer));
    assert_eq!((outbox.backlog_bytes(), outbox.pop()), (0, None));
}

#[test]
fn the_first_reason_to_close_stands() {
    let outbox = Outbox::default();
    outbox.close(CloseCode::SessionRevoked);
    outbox.close(CloseCode::Draining);
    assert_eq!(outbox.closing().map(|closing| closing.code), Some(CloseCode::SessionRevoked));
}

#[test]
fn a_waiting_presence_is_replaced() {
    let outbox = Outbox::default();
    outbox.push_volatile("one".into());
    outbox.push_volatile("two".into());
    assert_eq!(outbox.pop().as_deref(), Some("two"));
    assert_eq!(outbox.pop(), None);
}

/// What happens to an outbox, in any order.
#[derive(Clone, Debug)]
enum Step {
    Piece(String),
    Event,
    Restart,
    Pop,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => "[a-zäöü🙂]{1,6}".prop_map(Step::Piece),
        2 => Just(Step::Event),
        1 => Just(Step::Restart),
        4 => Just(Step::Pop),
    ];
    proptest::collection::vec(step, 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]

    #[test]
    fn any_mix_of_pushes_and_pops_gives_the_device_everything_once(steps in steps()) {
        let (outbox, reply) = (Outbox::default(), Arc::new(Reply::new(id(1))));
        let (mut attempt, mut source, mut events) = (1, String::new(), 0);
        let (mut device_attempt, mut device, mut seen) = (1, String::new(), 0);
        let mut read = |outbox: &Outbox| -> bool {
            let Some(frame) = outbox.pop() else { return false };
            if frame.starts_with('e') {
                seen += 1;
                assert_eq!(frame.as_str(), format!("e{seen}"), "events keep their order");
                return true;
            }
            let Some(ServerFrame::Delta(delta)) = ServerFrame::parse(&frame).unwrap().pop() else { panic!("no delta") };
            if delta.attempt > device_attempt {
                device_attempt = delta.attempt;
                device.clear();
            }
            assert_eq!((delta.attempt, delta.offset), (device_attempt, device.len()), "no gap, nothing twice");
            device.push_str(&delta.text);
            true
        };
        for step in steps {
            match step {
                Step::Piece(text) => {
                    stream(&outbox, &reply, id(1), attempt, source.len(), &text);
                    source.push_str(&text);
                }
                Step::Event => {
                    events += 1;
                    outbox.push_durable(format!("e{events}").into());
                }
                Step::Restart => {
                    attempt += 1;
                    source.clear();
                    reply.restart(attempt, &[]);
                }
                Step::Pop => { read(&outbox); }
            }
            outbox.check_invariants();
        }
        while read(&outbox) {}
        prop_assert_eq!(seen, events);
        if !source.is_empty() {
            prop_assert_eq!((device_attempt, device), (attempt, source));
        }
    }
}
