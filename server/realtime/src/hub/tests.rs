//! The hub against a model: in any order of messages, registrations and releases, a device is sent every event once.

mod nodes;

use super::*;
use proptest::prelude::*;
use serde_json::value::RawValue;
use tandem_protocol::{
    DeviceId, MessageId, Timestamp,
    enums::{ActorKind, TextKind},
    live::{Actor, Delta, ServerFrame},
};
use uuid::Uuid;

pub(super) fn event(seq: i64) -> Event {
    Event {
        seq,
        at: Timestamp::from_millis(seq),
        name: "task.deleted".into(),
        data: RawValue::from_string("{}".into()).unwrap(),
        actor: Actor { kind: ActorKind::User, device_id: None },
        command_id: None,
    }
}

pub(super) fn user() -> UserId {
    UserId::from("ann")
}

struct Dev {
    connection: ConnectionId,
    queue: Arc<SendQueue>,
}

fn connect(hub: &Hub, n: u128) -> Dev {
    let (connection, queue) = (ConnectionId(Uuid::from_u128(n)), Arc::new(SendQueue::default()));
    let device = PresentDevice {
        id: DeviceId::from(n.to_string()),
        name: String::new(),
        connected_at: Timestamp::from_millis(0),
    };
    let session = SessionId(Uuid::from_u128(n));
    hub.register(&user(), Registration { connection, session, device, queue: Arc::clone(&queue) });
    Dev { connection, queue }
}

/// Releases a device that has read the log up to `seq`.
fn release(hub: &Hub, device: &Dev, seq: i64) {
    hub.set_head(&user(), seq, &[]);
    hub.release(&user(), device.connection, seq, |_| "live".into(), &[]);
}

/// What waits, unless it is the frame that ends a replay.
pub(super) fn frame_of(frame: &str) -> Option<ServerFrame> {
    if frame == "live" { None } else { ServerFrame::parse(frame).unwrap().pop() }
}

/// The seq of an event.
pub(super) fn seq_of(frame: &str) -> Option<i64> {
    match frame_of(frame)? {
        ServerFrame::Event(event) => Some(event.seq),
        other => panic!("expected an event, saw {other:?}"),
    }
}

/// The seqs of all events that wait for a device.
fn seqs(device: &Dev) -> Vec<i64> {
    let mut seqs = Vec::new();
    while let Some(frame) = device.queue.pop() {
        seqs.extend(seq_of(&frame));
    }
    seqs
}

fn publish(hub: &Hub, seq: i64) {
    hub.on_message(&user(), &BusMessage::Events(vec![event(seq)].into()));
}

#[test]
fn events_that_overtake_each_other_are_delivered_in_order() {
    let (hub, _signals) = Hub::new(20);
    let device = connect(&hub, 1);
    release(&hub, &device, 0);
    publish(&hub, 2);
    assert_eq!(hub.gap(&user()), Some(0));
    publish(&hub, 1);
    assert_eq!((hub.gap(&user()), seqs(&device)), (None, vec![1, 2]));
}

#[test]
fn no_event_is_lost_between_the_log_and_the_live_events() {
    let (hub, _signals) = Hub::new(20);
    let device = connect(&hub, 1);
    publish(&hub, 4);
    publish(&hub, 5);
    release(&hub, &device, 4);
    publish(&hub, 6);
    assert_eq!(seqs(&device), [5, 6]);
}

#[test]
fn a_gap_is_reported_and_filled_from_the_log() {
    let (hub, mut signals) = Hub::new(20);
    let device = connect(&hub, 1);
    release(&hub, &device, 0);
    publish(&hub, 3);
    assert_eq!(signals.try_recv(), Ok(Signal::PresenceChanged(user())));
    assert_eq!(signals.try_recv(), Ok(Signal::Gap(user())));
    hub.repair(&user(), &[event(1), event(2), event(3)]);
    assert_eq!((hub.gap(&user()), seqs(&device)), (None, vec![1, 2, 3]));
}

#[test]
fn a_device_that_reconnects_is_sent_the_recent_events_of_the_others() {
    let (hub, _signals) = Hub::new(20);
    assert!(hub.recent_since(&user(), None).is_none(), "no device is here");
    let device = connect(&hub, 1);
    release(&hub, &device, 10);
    (11..=300).for_each(|seq| publish(&hub, seq));
    let delivered = |seq| hub.recent_since(&user(), seq).map(|(head, events)| (head, events.len()));
    assert_eq!(
        (delivered(None), delivered(Some(300)), delivered(Some(250))),
        (Some((300, 0)), Some((300, 0)), Some((300, 50)))
    );
    for seq in [100, 301, -1, i64::MIN, i64::MAX] {
        assert_eq!(delivered(Some(seq)), None, "{seq} has to be read from the log");
    }
}

#[test]
fn events_beyond_a_gap_are_bounded_and_none_is_lost() {
    let (hub, _signals) = Hub::new(20);
    let device = connect(&hub, 1);
    release(&hub, &device, 0);
    (2..=2_000).for_each(|seq| publish(&hub, seq));
    hub.check_invariants();
    while let Some(delivered) = hub.gap(&user()) {
        hub.repair(&user(), &(delivered + 1..=2_000.min(delivered + 256)).map(event).collect::<Vec<_>>());
    }
    assert_eq!(seqs(&device), (1..=hub.delivered_seq(&user()).unwrap()).collect::<Vec<_>>());
}

#[test]
fn the_oldest_socket_goes_when_there_are_too_many() {
    let (hub, _signals) = Hub::new(2);
    let devices: Vec<Dev> = (1..=3).map(|n| connect(&hub, n)).collect();
    let closed: Vec<_> = devices.iter().map(|device| device.queue.closing().map(|closing| closing.code)).collect();
    assert_eq!(closed, [Some(CloseCode::Replaced), None, None]);
}

#[test]
fn revoking_a_session_closes_its_sockets_only() {
    let (hub, _signals) = Hub::new(20);
    let (a, b) = (connect(&hub, 1), connect(&hub, 2));
    hub.on_message(&user(), &BusMessage::Control(Control::SessionRevoked(SessionId(Uuid::from_u128(1)))));
    assert_eq!(a.queue.closing().map(|closing| closing.code), Some(CloseCode::SessionRevoked));
    assert_eq!(b.queue.closing(), None);
}

#[test]
fn a_device_that_joins_a_reply_gets_one_delta_with_all_of_it() {
    let (hub, _signals) = Hub::new(20);
    let id = MessageId(Uuid::from_u128(9));
    for (offset, text) in [(0, "one "), (4, "two")] {
        let delta = Delta { message_id: id, attempt: 1, part: 0, offset, text: text.into(), kind: TextKind::Text };
        hub.on_message(&user(), &BusMessage::Delta(Arc::new(delta)));
    }
    let device = connect(&hub, 1);
    release(&hub, &device, 0);
    assert_eq!(device.queue.pop().as_deref(), Some("live"));
    let frame = device.queue.pop().unwrap();
    assert!(frame.contains("\"text\":\"one two\""), "{frame}");
}

#[test]
fn the_last_device_leaves_nothing_behind() {
    let (hub, _signals) = Hub::new(20);
    let device = connect(&hub, 1);
    release(&hub, &device, 0);
    hub.unregister(&user(), device.connection);
    publish(&hub, 1);
    assert_eq!(hub.counts(), (0, 0));
    hub.check_invariants();
}

/// The devices, log and messages of a user, any of which may act next.
struct Model {
    hub: Hub,
    log: i64,
    unpublished: Vec<i64>,
    waiting: Vec<Dev>,
    live: Vec<(Dev, i64, Vec<i64>)>,
    names: i64,
}

impl Model {
    fn step(&mut self, [what, pick]: [u8; 2]) {
        let pick = usize::from(pick);
        match what % 13 {
            0..=3 => {
                self.log += 1;
                self.unpublished.push(self.log);
            }
            4..=7 if !self.unpublished.is_empty() => {
                publish(&self.hub, self.unpublished.remove(pick % self.unpublished.len()));
            }
            8..=9 => {
                self.names += 1;
                self.waiting.push(connect(&self.hub, self.names.unsigned_abs().into()));
            }
            10..=11 => self.release(),
            12 if !self.live.is_empty() => {
                let (device, ..) = self.live.remove(pick % self.live.len());
                self.hub.unregister(&user(), device.connection);
            }
            _ => {}
        }
        for (device, _, seen) in &mut self.live {
            seen.extend(seqs(device));
        }
        self.hub.check_invariants();
    }

    /// A device reads the log only when the hub does not have the events.
    fn release(&mut self) {
        let Some(device) = self.waiting.pop() else { return };
        let from = self.names.min(self.log);
        let mut head = self.log;
        if let Some((delivered, missed)) = self.hub.recent_since(&user(), Some(from)) {
            assert!(missed.iter().map(|event| event.seq).eq(from + 1..=delivered));
            head = delivered;
        }
        release(&self.hub, &device, head);
        self.live.push((device, head, Vec::new()));
    }

    /// Publishes the messages that are left, and repairs what is still missing.
    fn settle(&mut self) {
        for seq in std::mem::take(&mut self.unpublished) {
            publish(&self.hub, seq);
        }
        if let Some(from) = self.hub.gap(&user()) {
            self.hub.repair(&user(), &(from + 1..=self.log).map(event).collect::<Vec<_>>());
        }
        for (device, _, seen) in &mut self.live {
            seen.extend(seqs(device));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100_000))]

    #[test]
    fn any_order_of_commits_messages_and_connections_loses_and_doubles_nothing(
        steps in proptest::collection::vec(any::<[u8; 2]>(), 0..32)
    ) {
        let hub = Hub::new(20).0;
        let mut model =
            Model { hub, log: 0, unpublished: Vec::new(), waiting: Vec::new(), live: Vec::new(), names: 0 };
        for step in steps {
            model.step(step);
        }
        model.settle();
        for (_, start, seen) in model.live {
            prop_assert!(seen.into_iter().eq(start + 1..=model.log));
        }
    }
}
