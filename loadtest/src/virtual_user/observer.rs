//! What a device does with a frame, without a network: applies it, measures it, and says what is to be done.

use super::ledger::{Ended, Ledger};
use crate::measure::{Meter, stamp};
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};
use tandem_protocol::{
    MessageId,
    enums::{MessageState, Role},
    live::{Event, ServerFrame},
    model::{Message, Part},
    replica::{Change, PartView, Replica},
};

/// What the connection is to do after a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    Nothing,
    /// The replay is over.
    Live,
    Pong,
    /// Renew the access token.
    Renew,
    /// Something is missing: connect again.
    Reconnect,
    /// Load a snapshot, then say `hello` again.
    StartOver,
}

/// The eyes of one device.
#[derive(Debug)]
pub(super) struct Observer {
    /// Number of the device, counted from 1.
    number: usize,
    replica: Arc<Mutex<Replica>>,
    ledger: Arc<Ledger>,
    meter: Arc<Meter>,
    /// How far the stamps of running replies were read.
    readings: HashMap<MessageId, Reading>,
    /// Replies whose end was read: a later change, such as an undone tool call, is not a second end.
    ended: HashSet<MessageId>,
}

/// How far the stamps of one reply were read.
#[derive(Clone, Debug, Default)]
struct Reading {
    /// By part, in bytes.
    parts: HashMap<usize, usize>,
    first: Option<u64>,
    last: u64,
}

impl Observer {
    pub(super) fn new(number: usize, replica: Arc<Mutex<Replica>>, ledger: Arc<Ledger>, meter: Arc<Meter>) -> Self {
        Self { number, replica, ledger, meter, readings: HashMap::new(), ended: HashSet::new() }
    }

    /// Takes a frame that arrived at `now`.
    pub(super) fn take(&mut self, frame: &ServerFrame, now: u64) -> Next {
        let replica = Arc::clone(&self.replica);
        let mut replica = replica.lock().unwrap_or_else(PoisonError::into_inner);
        let change = replica.apply(frame);
        match change {
            Change::Text { message_id, part, .. } => self.read_text(&replica, message_id, part, now),
            Change::Message { message_id, .. } => {
                if let Some(message) = replica.message(message_id).filter(|message| message.state.is_final()) {
                    self.read_end(message, now);
                }
            }
            Change::Gap { .. } => return Next::Reconnect,
            Change::Resync => return Next::StartOver,
            Change::Live => return Next::Live,
            _ => {}
        }
        match frame {
            ServerFrame::Event(event) if change != Change::Duplicate => self.read_event(event, now),
            ServerFrame::Ping(_) => return Next::Pong,
            ServerFrame::AuthExpiring(_) => return Next::Renew,
            _ => {}
        }
        Next::Nothing
    }

    fn read_event(&self, event: &Event, now: u64) {
        if let Some(sent_at) = event.command_id.and_then(|id| self.ledger.command(id)) {
            self.meter.spread.record(now, now.saturating_sub(sent_at));
        }
    }

    fn read_text(&mut self, replica: &Replica, id: MessageId, part: usize, now: u64) {
        let Some(PartView::Text(text)) = replica.parts(id).nth(part) else { return };
        let reading = self.readings.entry(id).or_default();
        let begins = reading.first.is_none();
        reading.take(&self.meter, part, text, now);
        let Some(parent) = replica.message(id).and_then(|message| message.parent_id) else { return };
        if begins && reading.first.is_some() {
            let turn = self.ledger.turn(parent).filter(|turn| turn.expected.is_some_and(|expected| expected.at_once));
            if let Some(turn) = turn {
                self.meter.first_token.record(now, now.saturating_sub(turn.sent_at));
            }
        }
    }

    /// The end of a reply: reads what the stream did not bring, and checks the whole.
    fn read_end(&mut self, message: &Message, now: u64) {
        if message.role != Role::Assistant || !self.ended.insert(message.id) {
            return;
        }
        let mut reading = self.readings.remove(&message.id).unwrap_or_default();
        for (part, text) in message.parts.iter().enumerate() {
            if let Part::Text { text } = text {
                reading.take(&self.meter, part, text, now);
            }
        }
        let Some((parent, turn)) = message.parent_id.and_then(|parent| Some((parent, self.ledger.turn(parent)?)))
        else {
            return;
        };
        self.check_tokens(message, turn.expected.map(|expected| expected.tokens));
        if turn.device == self.number {
            let streaming = reading.last - reading.first.unwrap_or(reading.last);
            self.ledger.ended(
                parent,
                Ended {
                    added: now.saturating_sub(turn.sent_at).saturating_sub(streaming),
                    complete: message.state == MessageState::Complete,
                    state: message.state,
                },
            );
        }
    }

    /// Each token of the reply must be there once, in order.
    fn check_tokens(&self, message: &Message, expected: Option<u32>) {
        let Some(expected) = expected.filter(|_| message.state == MessageState::Complete) else { return };
        let text = message.text();
        let stamps: Vec<u64> = stamp::scan(&text, 0).map(|stamp| stamp.sent).collect();
        let once = stamps.windows(2).filter(|pair| pair[0] < pair[1]).count() + usize::from(!stamps.is_empty());
        let expected = usize::try_from(expected).unwrap_or(usize::MAX);
        for _ in once..expected {
            self.meter.error("token lost", format!("{once} of {expected} in {}", message.id));
        }
        for _ in once..stamps.len() {
            self.meter.error("token duplicated", format!("{} for {once} in {}", stamps.len(), message.id));
        }
    }
}

impl Reading {
    /// Measures the tokens of a part that were not read yet.
    fn take(&mut self, meter: &Meter, part: usize, text: &str, now: u64) {
        let read = self.parts.entry(part).or_default();
        for stamp in stamp::scan(text, *read) {
            *read = stamp.end;
            meter.tokens.one();
            meter.token.record(now, now.saturating_sub(stamp.sent));
            self.first.get_or_insert(stamp.sent);
            self.last = self.last.max(stamp.sent);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clock::Clock,
        measure::stamp::token,
        virtual_user::{Expected, ledger::Turn},
    };
    use serde_json::{json, value::to_raw_value};
    use tandem_protocol::{CommandId, live::server::Ping};
    use tokio::sync::oneshot;
    use uuid::Uuid;

    const MS: u64 = 1_000_000;
    const QUESTION: MessageId = MessageId(Uuid::from_u128(1));
    const REPLY: MessageId = MessageId(Uuid::from_u128(2));
    const COMMAND: CommandId = CommandId(Uuid::from_u128(3));

    /// The first device of a user who asked at 100 ms for a reply of two tokens.
    struct Scene {
        observer: Observer,
        meter: Arc<Meter>,
        ended: oneshot::Receiver<Ended>,
        seq: i64,
    }

    impl Scene {
        fn new() -> Self {
            let meter = Arc::new(Meter::new(Clock::start()));
            let ledger = Arc::new(Ledger::default());
            let (end, ended) = oneshot::channel();
            let expected = Some(Expected { tokens: 2, at_once: true });
            ledger.sent(QUESTION, Turn { sent_at: 100 * MS, expected, device: 1 }, end);
            ledger.commanded(COMMAND, 100 * MS);
            let replica = Arc::new(Mutex::new(Replica::at_start("e1")));
            let observer = Observer::new(1, replica, ledger, Arc::clone(&meter));
            let mut scene = Self { observer, meter, ended, seq: 0 };
            scene.event("message.created", "streaming", &[], 0);
            scene
        }

        fn take(&mut self, frame: &serde_json::Value, at_ms: u64) -> Next {
            let frames = ServerFrame::parse(&frame.to_string()).unwrap();
            self.observer.take(&frames[0], at_ms * MS)
        }

        fn event(&mut self, name: &str, state: &str, texts: &[&str], at_ms: u64) -> Next {
            self.seq += 1;
            let parts: Vec<_> = texts.iter().map(|text| json!({"type": "text", "text": text})).collect();
            let at = "2026-11-23T09:30:00.000Z";
            let message = json!({
                "id": REPLY, "conversation_id": Uuid::nil(), "parent_id": QUESTION, "role": "assistant", "state": state,
                "parts": parts, "attempt": 1, "provider": null, "error": null, "created_at": at, "completed_at": null,
                "usage": null,
            });
            let actor = json!({"kind": "assistant", "device_id": null});
            let data = to_raw_value(&json!({"message": message})).unwrap();
            let frame = json!({
                "type": "event", "seq": self.seq, "at": at, "name": name, "data": data, "actor": actor, "command_id": COMMAND,
            });
            self.take(&frame, at_ms)
        }

        fn delta(&mut self, offset: usize, text: &str, at_ms: u64) -> Next {
            let delta =
                json!({"type": "delta", "message_id": REPLY, "attempt": 1, "part": 0, "offset": offset, "text": text});
            self.take(&delta, at_ms)
        }
    }

    #[test]
    fn each_token_is_measured_once_from_its_stamp_to_its_arrival() {
        let mut scene = Scene::new();
        let (first, second) = (token(103 * MS), token(113 * MS));
        scene.delta(0, &first, 104);
        scene.delta(first.len(), &second[..3], 114);
        scene.delta(first.len() + 3, &second[3..], 115);
        scene.event("message.completed", "complete", &[&format!("{first}{second}")], 120);
        let tokens = scene.meter.token.histogram();
        assert_eq!((tokens.len(), tokens.min(), tokens.max()), (2, 1000, 2000));
        assert!(slowest_is(&scene.meter.first_token, 4000));
        assert_eq!(scene.meter.tokens.get(), 2);
        assert_eq!(scene.meter.errors_in_all(), 0);
        let ended = scene.ended.try_recv().unwrap();
        assert_eq!((ended.added, ended.complete), (10 * MS, true), "20 ms, of which the provider streamed for 10");
    }

    #[test]
    fn tokens_that_only_the_end_brought_are_measured_at_the_end() {
        let mut scene = Scene::new();
        let text = format!("{}{}", token(103 * MS), token(113 * MS));
        scene.event("message.completed", "complete", &[&text], 120);
        assert!(slowest_is(&scene.meter.token, 17_000));
        // A call that is taken back later is not a second end.
        scene.event("message.updated", "complete", &[&text], 900);
        assert_eq!(scene.meter.tokens.get(), 2);
    }

    #[test]
    fn tokens_that_are_missing_or_there_twice_are_noted() {
        let mut scene = Scene::new();
        scene.event("message.completed", "complete", &[&token(103 * MS)], 120);
        assert_eq!((scene.meter.errors_of("token lost"), scene.meter.errors_of("token duplicated")), (1, 0));
        let mut scene = Scene::new();
        let text = [token(103 * MS), token(113 * MS), token(113 * MS)].concat();
        scene.event("message.completed", "complete", &[&text], 120);
        assert_eq!((scene.meter.errors_of("token lost"), scene.meter.errors_of("token duplicated")), (0, 1));
    }

    #[test]
    fn a_change_of_the_user_is_measured_when_its_event_comes() {
        let mut scene = Scene::new();
        scene.event("message.updated", "streaming", &[], 107);
        assert!(slowest_is(&scene.meter.spread, 7000));
    }

    #[test]
    fn what_the_connection_has_to_do_is_told() {
        let mut scene = Scene::new();
        assert_eq!(scene.take(&json!({"type": "ping", "seq": 1}), 1), Next::Pong);
        assert_eq!(scene.take(&json!({"type": "auth.expiring", "expires_in": 60}), 1), Next::Renew);
        assert_eq!(scene.take(&json!({"type": "live", "seq": 1}), 1), Next::Live);
        assert_eq!(scene.observer.take(&ServerFrame::Ping(Ping { seq: 2 }), 1), Next::Reconnect);
        scene.seq += 5;
        assert_eq!(scene.event("message.updated", "streaming", &[], 1), Next::Reconnect);
    }
}
