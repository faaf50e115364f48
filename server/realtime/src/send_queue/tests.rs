//! A model of a device reads what leaves the queue. It must end with the text and the events of the source.

use super::*;
use crate::shared_socket::{DirectWriter, SharedSocket};
use futures_util::FutureExt as _;
use proptest::prelude::*;
use std::io;
use tandem_protocol::{enums::TextKind, live::Delta};

fn id(n: u128) -> MessageId {
    MessageId(uuid::Uuid::from_u128(n))
}

/// Pushes a delta as the hub does it.
fn stream(queue: &SendQueue, reply: &Arc<RunningReply>, message: MessageId, attempt: i64, offset: usize, text: &str) {
    let delta = Delta { message_id: message, attempt, part: 0, offset, text: text.into(), kind: TextKind::Text };
    reply.append(&delta);
    let at = StreamPosition { message_id: message, attempt, part: 0, have: offset };
    let _ = queue.push_delta(reply, &at, offset + text.len(), &encode(&ServerFrame::Delta(delta)));
}

fn next(queue: &SendQueue) -> Option<ServerFrame> {
    queue.pop().map(|frame| ServerFrame::parse(&frame).unwrap().remove(0))
}

#[test]
fn a_device_that_keeps_up_gets_every_delta_as_it_came() {
    let (queue, reply) = (SendQueue::default(), Arc::new(RunningReply::new(id(1))));
    for (offset, text) in [(0, "a "), (2, "b "), (4, "c")] {
        stream(&queue, &reply, id(1), 1, offset, text);
        assert!(matches!(next(&queue), Some(ServerFrame::Delta(delta)) if delta.text == text));
    }
}

#[test]
fn deltas_that_wait_become_one() {
    let (queue, reply) = (SendQueue::default(), Arc::new(RunningReply::new(id(1))));
    for (offset, text) in [(0, "a "), (2, "b "), (4, "c")] {
        stream(&queue, &reply, id(1), 1, offset, text);
    }
    assert!(matches!(next(&queue), Some(ServerFrame::Delta(delta)) if delta.text == "a b c" && delta.offset == 0));
    assert!(next(&queue).is_none());
}

#[test]
fn a_reply_that_starts_later_continues_at_the_offset_of_the_device() {
    let (queue, reply) = (SendQueue::default(), Arc::new(RunningReply::new(id(1))));
    queue.start_from(&[StreamPosition { message_id: id(1), attempt: 1, part: 0, have: 4 }]);
    stream(&queue, &reply, id(1), 1, 0, "word");
    assert!(next(&queue).is_none(), "it has that");
    stream(&queue, &reply, id(1), 1, 4, " by word");
    let Some(ServerFrame::Delta(delta)) = next(&queue) else { panic!("the rest was expected") };
    assert_eq!((delta.offset, delta.text.as_str()), (4, " by word"));
}

#[test]
fn too_much_backlog_closes_and_frees_it() {
    let queue = SendQueue::default();
    let frame = Encoded::from("x".repeat(300 * 1024));
    for _ in 0..3 {
        let _ = queue.push_durable(frame.clone());
    }
    assert_eq!(queue.closing(), None);
    let _ = queue.push_durable(frame);
    assert_eq!(queue.closing().map(|closing| closing.code), Some(CloseCode::SlowConsumer));
    assert_eq!((queue.backlog_bytes(), queue.pop()), (0, None));
}

#[test]
fn the_first_reason_to_close_stands() {
    let queue = SendQueue::default();
    queue.close(CloseCode::SessionRevoked);
    queue.close(CloseCode::Draining);
    assert_eq!(queue.closing().map(|closing| closing.code), Some(CloseCode::SessionRevoked));
}

#[test]
fn a_presence_that_waits_is_replaced() {
    let queue = SendQueue::default();
    let _ = queue.push_ephemeral("one".into());
    let _ = queue.push_ephemeral("two".into());
    assert_eq!(queue.pop().as_deref(), Some("two"));
    assert_eq!(queue.pop(), None);
}

/// A stream in memory. A direct write gets as many bytes into it as it has room for, the connection all of them.
#[derive(Debug, Default)]
pub(super) struct Memory {
    state: Mutex<MemoryState>,
}

#[derive(Debug, Default)]
struct MemoryState {
    room: usize,
    taken: Vec<u8>,
}

impl Memory {
    fn lock(&self) -> MutexGuard<'_, MemoryState> {
        self.state.lock().unwrap()
    }

    /// A stream that takes no more than this of a batch.
    #[cfg(feature = "shuttle")]
    pub(super) fn with_room(room: usize) -> Self {
        Self { state: Mutex::new(MemoryState { room, ..MemoryState::default() }) }
    }

    fn append(&self, bytes: &[u8]) {
        self.lock().taken.extend_from_slice(bytes);
    }

    /// The frames that the device has read.
    pub(super) fn frames(&self) -> Vec<String> {
        let (bytes, mut at, mut frames) = (self.lock().taken.clone(), 0, Vec::new());
        while let Some(head) = bytes.get(at..at + 4) {
            assert_eq!(head[0], 0x81, "a text message begins where the one before ended");
            let (start, len) = match head[1] {
                126 => (at + 4, usize::from(u16::from_be_bytes([head[2], head[3]]))),
                short => (at + 2, usize::from(short)),
            };
            let Some(frame) = bytes.get(start..start + len) else { break };
            frames.push(String::from_utf8(frame.to_vec()).unwrap());
            at = start + len;
        }
        frames
    }
}

impl DirectWriter for Memory {
    fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        let mut state = self.lock();
        let written = state.room.min(bytes.len());
        state.taken.extend_from_slice(&bytes[..written]);
        Ok(written)
    }
}

impl SharedSocket<Memory> {
    /// The connection flushes.
    pub(super) fn flush(&self) {
        self.connection_writes(false, Memory::append);
    }

    /// The connection writes a frame, and has not flushed yet.
    pub(super) fn send(&self, frame: Encoded) {
        let mut batch = FrameBatch::default();
        batch.next_frames().push(frame);
        batch.fill(false);
        self.connection_writes(true, Memory::append).append(batch.bytes());
    }
}

/// A send queue with its socket, and the connection between them.
struct Endpoints {
    queue: SendQueue,
    socket: Arc<SharedSocket<Memory>>,
    /// The connection sends what it took; otherwise it waits.
    busy: bool,
    taken: VecDeque<Encoded>,
    batch: FrameBatch,
}

impl Endpoints {
    fn new() -> Self {
        let socket = SharedSocket::new(Memory::default());
        let queue = SendQueue::new(Some(Arc::clone(&socket) as _));
        Self { queue, socket, busy: true, taken: VecDeque::new(), batch: FrameBatch::default() }
    }

    fn try_flush(&mut self, room: usize) {
        self.socket.stream().lock().room = room;
        self.queue.try_flush(&mut self.batch, Instant::now());
    }

    fn frames(&self) -> Vec<String> {
        self.socket.stream().frames()
    }

    /// One step of the connection: it sends a frame, or flushes and waits.
    fn step_connection(&mut self) {
        if !self.busy {
            self.busy = self.queue.wait_ready().now_or_never().is_some();
            return;
        }
        if self.taken.is_empty() {
            self.taken.extend(self.queue.take());
        }
        if let Some(message) = self.taken.pop_front() {
            self.socket.send(message);
        } else {
            self.socket.flush();
            self.busy = false;
        }
    }
}

#[test]
fn a_direct_write_happens_only_while_the_connection_is_idle() {
    let mut endpoints = Endpoints::new();
    assert_eq!(endpoints.queue.push_durable("first".into()), Queued::Woken, "it has not waited yet");
    endpoints.try_flush(usize::MAX);
    assert!(endpoints.frames().is_empty());
    (0..3).for_each(|_| endpoints.step_connection());
    assert!(!endpoints.busy);
    assert_eq!(endpoints.queue.push_durable("two".into()), Queued::NeedsFlush);
    endpoints.try_flush(usize::MAX);
    assert_eq!(endpoints.frames(), ["first", "two"]);
    endpoints.queue.disable_direct_writes();
    assert_eq!(endpoints.queue.push_durable("three".into()), Queued::Woken);
    endpoints.try_flush(usize::MAX);
    assert_eq!(endpoints.frames(), ["first", "two"]);
}

#[test]
fn a_partial_direct_write_wakes_the_connection() {
    let mut endpoints = Endpoints::new();
    (0..2).for_each(|_| endpoints.step_connection());
    for room in [3, 0] {
        let _ = endpoints.queue.push_durable("event".into());
        endpoints.try_flush(room);
        assert!(endpoints.queue.wait_ready().now_or_never().is_some(), "room {room}");
        endpoints.socket.flush();
        assert!(endpoints.queue.wait_ready().now_or_never().is_none());
    }
    assert_eq!(endpoints.frames(), ["event", "event"]);
}

#[test]
fn a_direct_write_leaves_a_long_backlog_to_the_connection() {
    let mut endpoints = Endpoints::new();
    (0..2).for_each(|_| endpoints.step_connection());
    let frame = Encoded::from("x".repeat(MAX_BATCH_BYTES / 2));
    for _ in 0..3 {
        let _ = endpoints.queue.push_durable(frame.clone());
    }
    endpoints.try_flush(usize::MAX);
    assert_eq!(endpoints.queue.backlog_bytes(), frame.len());
    assert!(endpoints.queue.wait_ready().now_or_never().is_some());
}

/// A source, the send queue of a device, and what the device has read.
struct Model {
    endpoints: Endpoints,
    source: String,
    attempt: i64,
    events: usize,
    device: String,
    device_attempt: i64,
    seen: usize,
}

impl Model {
    fn new() -> Self {
        let (source, device) = (String::new(), String::new());
        Self { endpoints: Endpoints::new(), source, attempt: 1, events: 0, device, device_attempt: 0, seen: 0 }
    }

    fn step(&mut self, reply: &Arc<RunningReply>, [what, pick]: [u8; 2]) {
        const TEXTS: [&str; 4] = ["a", "wörd ", "🙂", "some more "];
        match what % 12 {
            0..=3 => {
                let text = TEXTS[usize::from(pick) % TEXTS.len()];
                stream(&self.endpoints.queue, reply, id(1), self.attempt, self.source.len(), text);
                self.source.push_str(text);
            }
            4..=5 => {
                self.events += 1;
                let _ = self.endpoints.queue.push_durable(format!("e{}", self.events).into());
            }
            6 => {
                self.attempt += 1;
                self.source.clear();
                reply.restart(self.attempt, &[]);
            }
            7..=8 => self.endpoints.try_flush(if pick < 128 { usize::MAX } else { usize::from(pick) - 128 }),
            _ => self.endpoints.step_connection(),
        }
        self.endpoints.queue.check_invariants();
    }

    /// The device reads a frame.
    fn read(&mut self, frame: &str) {
        if frame.starts_with('e') {
            self.seen += 1;
            assert_eq!(frame, format!("e{}", self.seen), "events keep their order");
            return;
        }
        let Some(ServerFrame::Delta(delta)) = ServerFrame::parse(frame).unwrap().pop() else { panic!("no delta") };
        if delta.attempt > self.device_attempt {
            self.device_attempt = delta.attempt;
            self.device.clear();
        }
        assert_eq!((delta.attempt, delta.offset), (self.device_attempt, self.device.len()), "no gap, nothing twice");
        self.device.push_str(&delta.text);
    }

    /// The connection sends until it is idle and nothing waits.
    fn settle(&mut self) {
        loop {
            self.endpoints.step_connection();
            if !self.endpoints.busy && self.endpoints.queue.wait_ready().now_or_never().is_none() {
                return;
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100_000))]

    #[test]
    fn any_mix_of_pushes_direct_writes_and_sends_delivers_everything_once(
        steps in proptest::collection::vec(any::<[u8; 2]>(), 0..40)
    ) {
        let reply = Arc::new(RunningReply::new(id(1)));
        let mut model = Model::new();
        for step in steps {
            model.step(&reply, step);
        }
        model.settle();
        for frame in model.endpoints.frames() {
            model.read(&frame);
        }
        prop_assert_eq!(model.seen, model.events);
        if !model.source.is_empty() {
            prop_assert_eq!((model.device_attempt, model.device), (model.attempt, model.source));
        }
    }
}
