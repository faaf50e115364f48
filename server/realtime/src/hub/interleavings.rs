//! The hub under threads, with every order of their steps drawn by a scheduler: `cargo xtask test --only
//! interleavings`.
//!
//! Each run is a handful of threads that commit, publish, connect, reconnect and leave. At the end a device must have
//! the log from where it began, once, and a hub without devices must be empty.

use super::*;
use crate::hub::tests::{event, seq_of, user};
use shuttle::{sync::Mutex, thread};
use tandem_protocol::{DeviceId, MessageId, Timestamp, enums::TextKind, live::Delta};
use uuid::Uuid;

/// Schedules that are drawn for each test.
const SCHEDULES: usize = 2_000;
/// How many threads may overtake each other in a schedule that looks for rare orders.
const DEPTH: usize = 3;

/// A hub and the log whose events it delivers.
struct Node {
    hub: Hub,
    log: Mutex<i64>,
    /// As in the handshake: a device that reads the log sets its head before the next one reads.
    resume_lock: Mutex<()>,
}

impl Node {
    fn new() -> Arc<Self> {
        Arc::new(Self { hub: Hub::new(3).0, log: Mutex::new(0), resume_lock: Mutex::new(()) })
    }

    /// Commits an event, then publishes it: in between another thread may do both.
    fn write(&self) {
        let seq = {
            let mut log = self.log.lock().unwrap();
            *log += 1;
            *log
        };
        self.hub.on_message(&user(), &BusMessage::Events(vec![event(seq)].into()));
    }

    /// Connects as the handshake does it. Returns the device and the seq that it has without its queue.
    fn connect(&self, n: u128) -> (Device, i64) {
        let device = Device { connection: ConnectionId(Uuid::from_u128(n)), queue: Arc::default() };
        let present = PresentDevice {
            id: DeviceId::from(n.to_string()),
            name: String::new(),
            connected_at: Timestamp::from_millis(0),
        };
        let (connection, queue) = (device.connection, Arc::clone(&device.queue));
        let session = SessionId(Uuid::from_u128(n));
        self.hub.register(&user(), Registration { connection, session, device: present, queue });
        let resume = self.resume_lock.lock().unwrap();
        let head = match self.hub.recent_since(&user(), None) {
            Some((head, _)) => head,
            None => {
                let head = *self.log.lock().unwrap();
                self.hub.set_head(&user(), head, &[]);
                head
            }
        };
        drop(resume);
        self.hub.release(&user(), connection, head, |_| "live".into(), &[]);
        (device, head)
    }

    /// Fills a gap as the background task does it.
    fn repair(&self) {
        if let Some(delivered) = self.hub.gap(&user()) {
            let head = *self.log.lock().unwrap();
            self.hub.repair(&user(), &(delivered + 1..=head).map(event).collect::<Vec<_>>());
        }
    }

    /// At rest: the device has the log after `start`, once and in order.
    fn assert_has_all(&self, (device, start): &(Device, i64)) {
        let log = *self.log.lock().unwrap();
        let mut seen = Vec::new();
        while let Some(frame) = device.queue.pop() {
            seen.extend(seq_of(&frame));
        }
        assert_eq!(seen, (start + 1..=log).collect::<Vec<_>>());
    }

    fn leave(&self, device: &Device) {
        self.hub.unregister(&user(), device.connection);
    }

    fn assert_empty(&self) {
        self.hub.check_invariants();
        assert!(self.hub.users.is_empty(), "a device left and its channel stayed");
    }
}

struct Device {
    connection: ConnectionId,
    queue: Arc<SendQueue>,
}

/// Runs a test under random schedules, and under those that look for rare orders.
fn under_all_schedules(test: fn()) {
    shuttle::check_random(test, SCHEDULES);
    shuttle::check_pct(test, SCHEDULES, DEPTH);
}

#[test]
fn devices_that_connect_while_others_write_have_everything_once() {
    under_all_schedules(|| {
        let node = Node::new();
        let writers = (0..2).map(|_| spawn(&node, |node| (0..2).for_each(|_| node.write()))).collect::<Vec<_>>();
        let devices = (1..=2).map(|n| spawn(&node, move |node| node.connect(n))).collect::<Vec<_>>();
        writers.into_iter().for_each(|writer| writer.join().unwrap());
        let devices: Vec<_> = devices.into_iter().map(|device| device.join().unwrap()).collect();
        node.repair();
        devices.iter().for_each(|device| node.assert_has_all(device));
        devices.iter().for_each(|(device, _)| node.leave(device));
        node.assert_empty();
    });
}

#[test]
fn a_device_that_stays_is_not_disturbed_by_one_that_comes_and_goes() {
    under_all_schedules(|| {
        let node = Node::new();
        let stays = node.connect(1);
        let comes_and_goes = spawn(&node, |node| {
            let (device, _) = node.connect(2);
            node.leave(&device);
            let (device, _) = node.connect(3);
            node.leave(&device);
        });
        let writers = (0..2).map(|_| spawn(&node, Node::write)).collect::<Vec<_>>();
        writers.into_iter().for_each(|writer| writer.join().unwrap());
        comes_and_goes.join().unwrap();
        node.repair();
        node.assert_has_all(&stays);
        node.leave(&stays.0);
        node.assert_empty();
    });
}

#[test]
fn a_device_that_joins_a_reply_has_its_text_byte_for_byte() {
    under_all_schedules(|| {
        let node = Node::new();
        let id = MessageId(Uuid::from_u128(9));
        let writer = spawn(&node, move |node| {
            for (offset, text) in [(0, "one "), (4, "two "), (8, "three")] {
                let delta =
                    Delta { message_id: id, attempt: 1, part: 0, offset, text: text.into(), kind: TextKind::Text };
                node.hub.on_message(&user(), &BusMessage::Delta(Arc::new(delta)));
            }
        });
        let device = spawn(&node, |node| node.connect(1).0);
        writer.join().unwrap();
        let device = device.join().unwrap();
        let mut text = String::new();
        while let Some(frame) = device.queue.pop() {
            if let Some(tandem_protocol::live::ServerFrame::Delta(delta)) = tests::frame_of(&frame) {
                assert_eq!(delta.offset, text.len());
                text.push_str(&delta.text);
            }
        }
        assert_eq!(text, "one two three");
        node.leave(&device);
        node.hub.on_message(&user(), &BusMessage::Control(Control::RunEnded { message_id: id, attempt: 1 }));
        node.assert_empty();
    });
}

#[test]
fn the_end_of_a_reply_and_of_its_last_device_leave_nothing_whoever_is_first() {
    under_all_schedules(|| {
        let node = Node::new();
        let id = MessageId(Uuid::from_u128(9));
        let (device, _) = node.connect(1);
        let delta = Delta { message_id: id, attempt: 1, part: 0, offset: 0, text: "text".into(), kind: TextKind::Text };
        node.hub.on_message(&user(), &BusMessage::Delta(Arc::new(delta)));
        let leaves = spawn(&node, move |node| node.leave(&device));
        let ends = spawn(&node, move |node| {
            node.hub.on_message(&user(), &BusMessage::Control(Control::RunEnded { message_id: id, attempt: 1 }))
        });
        leaves.join().unwrap();
        ends.join().unwrap();
        node.assert_empty();
    });
}

fn spawn<T: 'static>(node: &Arc<Node>, work: impl FnOnce(&Node) -> T + 'static + Send) -> thread::JoinHandle<T>
where
    T: Send,
{
    let node = Arc::clone(node);
    thread::spawn(move || work(&node))
}
