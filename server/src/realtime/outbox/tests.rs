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

/// A source, the outbox of a device, and what the device has of it.
#[derive(Default)]
struct World {
    outbox: Outbox,
    source: String,
    attempt: i64,
    events: usize,
    device: String,
    device_attempt: i64,
    seen: usize,
}

impl World {
    fn step(&mut self, reply: &Arc<Reply>, [what, pick]: [u8; 2]) {
        const TEXTS: [&str; 4] = ["a", "wörd ", "🙂", "some more "];
        match what % 11 {
            0..=3 => {
                let text = TEXTS[usize::from(pick) % TEXTS.len()];
                stream(&self.outbox, reply, id(1), self.attempt, self.source.len(), text);
                self.source.push_str(text);
            }
            4..=5 => {
                self.events += 1;
                self.outbox.push_durable(format!("e{}", self.events).into());
            }
            6 => {
                self.attempt += 1;
                self.source.clear();
                reply.restart(self.attempt, &[]);
            }
            _ => {
                self.read();
            }
        }
        self.outbox.check_invariants();
    }

    /// The device reads a frame, if there is one.
    fn read(&mut self) -> bool {
        let Some(frame) = self.outbox.pop() else { return false };
        if frame.starts_with('e') {
            self.seen += 1;
            assert_eq!(frame.as_str(), format!("e{}", self.seen), "events keep their order");
            return true;
        }
        let Some(ServerFrame::Delta(delta)) = ServerFrame::parse(&frame).unwrap().pop() else { panic!("no delta") };
        if delta.attempt > self.device_attempt {
            self.device_attempt = delta.attempt;
            self.device.clear();
        }
        assert_eq!((delta.attempt, delta.offset), (self.device_attempt, self.device.len()), "no gap, nothing twice");
        self.device.push_str(&delta.text);
        true
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100_000))]

    #[test]
    fn any_mix_of_pushes_and_pops_gives_the_device_everything_once(
        steps in proptest::collection::vec(any::<[u8; 2]>(), 0..32)
    ) {
        let reply = Arc::new(Reply::new(id(1)));
        let mut world = World { attempt: 1, ..World::default() };
        for step in steps {
            world.step(&reply, step);
        }
        while world.read() {}
        prop_assert_eq!(world.seen, world.events);
        if !world.source.is_empty() {
            prop_assert_eq!((world.device_attempt, world.device), (world.attempt, world.source));
        }
    }
}
