//! The part of a device without I/O: applies a frame to the replica, measures it, and returns the action that follows.
//!
//! Without a network the measuring can be tested with chosen times.
//!
//! Each token is measured once on each device, whether a delta or the end of the reply brought it.

use super::ledger::{Ledger, ReplyEnd};
use crate::measure::{Meter, stamp};
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};
use tandem_protocol::{
    MessageId,
    enums::{MessageState, Role},
    live::{Event, EventBody, ServerFrame},
    model::{Message, Part},
    replica::{Change, PartView, Replica},
};

/// The action of the connection after a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Nothing,
    /// The replay is complete.
    Live,
    Pong,
    Renew,
    /// Connect again, because there is a gap.
    Reconnect,
    /// Load a snapshot and send `hello` again.
    StartOver,
}

/// Measures the frames of one device.
#[derive(Debug)]
pub(super) struct Observer {
    /// Number of the device, counted from 1.
    number: usize,
    replica: Arc<Mutex<Replica>>,
    ledger: Arc<Ledger>,
    meter: Arc<Meter>,
    /// Position of the measurement in running replies.
    readings: HashMap<MessageId, Reading>,
    /// Replies whose end was measured. A later change, such as an undone tool call, is not a second end.
    ended: HashSet<MessageId>,
}

/// Position of the measurement in one reply.
#[derive(Clone, Debug, Default)]
struct Reading {
    /// Bytes that were measured, by part.
    parts: HashMap<usize, usize>,
    first: Option<u64>,
    last: u64,
}

impl Observer {
    pub(super) fn new(number: usize, replica: Arc<Mutex<Replica>>, ledger: Arc<Ledger>, meter: Arc<Meter>) -> Self {
        Self { number, replica, ledger, meter, readings: HashMap::new(), ended: HashSet::new() }
    }

    /// Applies a frame that arrived at `now`, in nanoseconds of the run's clock.
    pub(super) fn take(&mut self, frame: &ServerFrame, now: u64) -> Action {
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
            Change::Gap { .. } => return Action::Reconnect,
            Change::Resync => return Action::StartOver,
            Change::Live => return Action::Live,
            _ => {}
        }
        match frame {
            // A duplicated event was measured when it arrived first.
            ServerFrame::Event(event) if change != Change::Duplicate => self.read_event(event, now),
            ServerFrame::Ping(_) => return Action::Pong,
            ServerFrame::AuthExpiring(_) => return Action::Renew,
            _ => {}
        }
        Action::Nothing
    }

    fn read_event(&self, event: &Event, now: u64) {
        if let Some(sent_at) = event.command_id.and_then(|id| self.ledger.command(id)) {
            self.meter.spread.record(now, now.saturating_sub(sent_at));
        }
        if event.name == "reminder.due"
            && let Ok(Some(EventBody::ReminderDue { at, .. })) = event.body()
        {
            let late = self.meter.clock.time_of_day().millis_since(at).max(0).unsigned_abs();
            self.meter.reminder.record(now, late * 1_000_000);
        }
    }

    fn read_text(&mut self, replica: &Replica, id: MessageId, part: usize, now: u64) {
        let Some(PartView::Text(text)) = replica.parts(id).nth(part) else { return };
        let reading = self.readings.entry(id).or_default();
        let begins = reading.first.is_none();
        reading.take(&self.meter, part, text, now);
        let Some(parent) = replica.message(id).and_then(|message| message.parent_id) else { return };
        if begins && reading.first.is_some() {
            let sent =
                self.ledger.message(parent).filter(|message| message.expected.is_some_and(|expected| expected.at_once));
            if let Some(sent) = sent {
                self.meter.first_token.record(now, now.saturating_sub(sent.sent_at));
            }
        }
    }

    /// Measures the tokens that no delta brought, and checks the complete text.
    fn read_end(&mut self, message: &Message, now: u64) {
        if message.role != Role::Assistant || !self.ended.insert(message.id) {
            return;
        }
        // What deltas brought was measured then; the rest of the text arrives with this message.
        let mut reading = self.readings.remove(&message.id).unwrap_or_default();
        for (part, text) in message.parts.iter().enumerate() {
            if let Part::Text { text } = text {
                reading.take(&self.meter, part, text, now);
            }
        }
        let Some((parent, sent)) = message.parent_id.and_then(|parent| Some((parent, self.ledger.message(parent)?)))
        else {
            return;
        };
        self.check_tokens(message, sent.expected.map(|expected| expected.tokens));
        if sent.device == self.number {
            // The time between the first and the last token is that of the provider.
            let streaming = reading.last - reading.first.unwrap_or(reading.last);
            self.ledger.ended(
                parent,
                ReplyEnd {
                    added: now.saturating_sub(sent.sent_at).saturating_sub(streaming),
                    complete: message.state == MessageState::Complete,
                    state: message.state,
                },
            );
        }
    }

    /// Records tokens that are missing, duplicated or out of order.
    fn check_tokens(&self, message: &Message, expected: Option<u32>) {
        let Some(expected) = expected.filter(|_| message.state == MessageState::Complete) else { return };
        let text = message.text();
        let stamps: Vec<u64> = stamp::scan(&text, 0).map(|stamp| stamp.sent).collect();
        // The stamps of a reply increase, so one that does not is a repetition.
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
    /// Measures the tokens of a part from the last position on.
    fn take(&mut self, meter: &Meter, part: usize, text: &str, now: u64) {
        let read = self.parts.entry(part).or_default();
        for stamp in stamp::scan(text, *read) {
            *read = stamp.end;
            meter.tokens.increment();
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
        measure::{Recorder, stamp::Stamps},
        virtual_user::{Expected, ledger::SentMessage},
    };
    use serde_json::{json, value::to_raw_value};
    use tandem_protocol::{CommandId, live::server::Ping};
    use tokio::sync::oneshot;
    use uuid::Uuid;

    const MS: u64 = 1_000_000;
    const QUESTION: MessageId = MessageId(Uuid::from_u128(1));
    const REPLY: MessageId = MessageId(Uuid::from_u128(2));
    const COMMAND: CommandId = CommandId(Uuid::from_u128(3));

    fn token(sent: u64) -> String {
        Stamps::default().token(sent)
    }

    /// The first device of a user who sent at 100 ms a message with an expected reply of two tokens.
    struct Fixture {
        observer: Observer,
        meter: Arc<Meter>,
        ended: oneshot::Receiver<ReplyEnd>,
        seq: i64,
    }

    impl Fixture {
        fn new() -> Self {
            let meter = Arc::new(Meter::new(Clock::start()));
            let ledger = Arc::new(Ledger::default());
            let (end, ended) = oneshot::channel();
            let expected = Some(Expected { tokens: 2, at_once: true });
            ledger.sent(QUESTION, SentMessage { sent_at: 100 * MS, expected, device: 1 }, end);
            ledger.commanded(COMMAND, 100 * MS);
            let replica = Arc::new(Mutex::new(Replica::at_start("e1")));
            let observer = Observer::new(1, replica, ledger, Arc::clone(&meter));
            let mut fixture = Self { observer, meter, ended, seq: 0 };
            fixture.event("message.created", "streaming", &[], 0);
            fixture
        }

        fn take(&mut self, frame: &serde_json::Value, at_ms: u64) -> Action {
            let frames = ServerFrame::parse(&frame.to_string()).unwrap();
            self.observer.take(&frames[0], at_ms * MS)
        }

        fn event(&mut self, name: &str, state: &str, texts: &[&str], at_ms: u64) -> Action {
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

        fn delta(&mut self, offset: usize, text: &str, at_ms: u64) -> Action {
            let delta =
                json!({"type": "delta", "message_id": REPLY, "attempt": 1, "part": 0, "offset": offset, "text": text});
            self.take(&delta, at_ms)
        }
    }

    /// Compares within the precision of the histogram.
    fn slowest_is(recorder: &Recorder, micros: u64) -> bool {
        let histogram = recorder.histogram();
        histogram.equivalent(histogram.max(), micros)
    }

    #[test]
    fn each_token_is_measured_once_from_its_stamp_to_its_arrival() {
        let mut fixture = Fixture::new();
        let (first, second) = (token(103 * MS), token(113 * MS));
        fixture.delta(0, &first, 104);
        fixture.delta(first.len(), &second[..3], 114);
        fixture.delta(first.len() + 3, &second[3..], 115);
        fixture.event("message.completed", "complete", &[&format!("{first}{second}")], 120);
        let tokens = fixture.meter.token.histogram();
        assert_eq!((tokens.len(), tokens.min(), tokens.max()), (2, 1000, 2000));
        assert!(slowest_is(&fixture.meter.first_token, 4000));
        assert_eq!(fixture.meter.tokens.get(), 2);
        assert_eq!(fixture.meter.errors_in_all(), 0);
        let ended = fixture.ended.try_recv().unwrap();
        assert_eq!((ended.added, ended.complete), (10 * MS, true), "20 ms, of which the provider streamed for 10");
    }

    #[test]
    fn tokens_without_a_delta_are_measured_at_the_end_of_the_reply() {
        let mut fixture = Fixture::new();
        let text = format!("{}{}", token(103 * MS), token(113 * MS));
        fixture.event("message.completed", "complete", &[&text], 120);
        assert!(slowest_is(&fixture.meter.token, 17_000));
        // Undoing a tool call later is not a second end.
        fixture.event("message.updated", "complete", &[&text], 900);
        assert_eq!(fixture.meter.tokens.get(), 2);
    }

    #[test]
    fn missing_and_duplicated_tokens_are_recorded() {
        let mut fixture = Fixture::new();
        fixture.event("message.completed", "complete", &[&token(103 * MS)], 120);
        assert_eq!((fixture.meter.errors_of("token lost"), fixture.meter.errors_of("token duplicated")), (1, 0));
        let mut fixture = Fixture::new();
        let text = [token(103 * MS), token(113 * MS), token(113 * MS)].concat();
        fixture.event("message.completed", "complete", &[&text], 120);
        assert_eq!((fixture.meter.errors_of("token lost"), fixture.meter.errors_of("token duplicated")), (0, 1));
    }

    #[test]
    fn a_change_of_the_user_is_measured_when_its_event_comes() {
        let mut fixture = Fixture::new();
        fixture.event("message.updated", "streaming", &[], 107);
        assert!(slowest_is(&fixture.meter.spread, 7000));
    }

    #[test]
    fn frames_that_need_an_action_of_the_connection_return_it() {
        let mut fixture = Fixture::new();
        assert_eq!(fixture.take(&json!({"type": "ping", "seq": 1}), 1), Action::Pong);
        assert_eq!(fixture.take(&json!({"type": "auth.expiring", "expires_in": 60}), 1), Action::Renew);
        assert_eq!(fixture.take(&json!({"type": "live", "seq": 1}), 1), Action::Live);
        assert_eq!(fixture.observer.take(&ServerFrame::Ping(Ping { seq: 2 }), 1), Action::Reconnect);
        fixture.seq += 5;
        assert_eq!(fixture.event("message.updated", "streaming", &[], 1), Action::Reconnect);
    }
}
