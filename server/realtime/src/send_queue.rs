//! The frames that wait for one device: a bounded queue that is edited in place.
//!
//! The memory of a node must not grow with how slow its devices are. Durable frames are bounded in bytes: a device with
//! more than 1 MiB of them is closed, and resumes from the log later. Streamed text takes no memory at all. A device
//! that keeps up is sent the shared frame of each delta. As soon as a delta has to wait, the queue holds a mark
//! instead, which becomes one delta with everything from the device's offset to now when it is sent.
//!
//! Durable frames keep their order, and every byte of a reply is sent once. One side sends at a time: the connection,
//! or, while that is idle, a direct write.

use super::{
    frame_batch::{FrameBatch, MAX_BATCH_BYTES, messages},
    running_reply::RunningReply,
    shared_socket::{DirectSocket, Written},
    sync::{Mutex, MutexGuard},
    wire::{Encoded, EncodedEvent, encode},
};
use std::{
    collections::{HashMap, VecDeque},
    future::poll_fn,
    sync::{Arc, PoisonError},
    task::{Context, Poll, Waker},
};
use tandem_protocol::{
    MessageId,
    limits::MAX_BACKLOG_BYTES,
    live::{CloseCode, ServerFrame, StreamPosition, server::Ping},
};
use tokio::time::Instant;

/// How the server ends a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closing {
    /// The reason, as code and text.
    pub code: CloseCode,
    /// Milliseconds after which the device is to reconnect; `None` leaves that to the device.
    pub reconnect_after_ms: Option<u64>,
}

impl From<CloseCode> for Closing {
    fn from(code: CloseCode) -> Self {
        Self { code, reconnect_after_ms: None }
    }
}

/// The queue of one device. The hub pushes; frames leave by a direct write ([`SendQueue::try_flush`]) while the
/// connection is idle, and by the connection itself ([`SendQueue::take`]) otherwise.
#[derive(Debug, Default)]
pub struct SendQueue {
    /// `None` when there is no socket that others may write to.
    socket: Option<Arc<DirectSocket>>,
    state: Mutex<State>,
}

/// What the caller has to do about a frame that was pushed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Queued {
    /// Nothing: the connection is awake or was woken, and checks the queue before it waits. Also when nothing was
    /// queued.
    Woken,
    /// Schedule a [`SendQueue::try_flush`]: the connection stays idle.
    NeedsFlush,
}

#[derive(Debug, Default)]
struct State {
    queue: VecDeque<QueueEntry>,
    durable_bytes: usize,
    newest_seq: i64,
    streams: HashMap<StreamKey, Cursor>,
    /// The seq up to which the device was asked what it has applied, until it answers.
    asked: Option<i64>,
    /// The offsets that the device named in its `hello`.
    known: Vec<StreamPosition>,
    closing: Option<Closing>,
    /// The device accepts several frames in one array.
    batched: bool,
    /// The connection waits in [`SendQueue::wait_ready`] and has written all it had: direct writes are allowed.
    idle: bool,
    /// A direct write could not send everything: the connection has to flush.
    needs_connection: bool,
    /// The waker of the connection while it waits. It is taken by the first change, so that further ones before the
    /// connection runs do not wake it again.
    waiting: Option<Waker>,
}

#[derive(Debug)]
enum QueueEntry {
    /// An event or an answer: never dropped, counted in bytes.
    Durable(Encoded),
    /// A frame that a later one replaces, in any order with the others (`presence`).
    Ephemeral(Encoded),
    /// Text of a reply. What is sent is decided by its cursor when it is taken.
    Stream(StreamKey),
}

type StreamKey = (MessageId, usize);

/// The position of the device in one part of a reply.
#[derive(Debug)]
struct Cursor {
    reply: Arc<RunningReply>,
    attempt: i64,
    /// Offset of the first byte that was not sent.
    sent: usize,
    pending: Pending,
    /// The reply has ended: the cursor is removed when nothing is pending.
    ended: bool,
}

#[derive(Debug)]
enum Pending {
    Nothing,
    /// The shared frame of one delta, and the offset after it.
    Delta(Encoded, usize),
    /// All text from `sent` to now, encoded for this device.
    Backfill,
}

impl SendQueue {
    /// Creates an empty queue. With a `socket`, frames are written directly while the connection is idle.
    pub fn new(socket: Option<Arc<DirectSocket>>) -> Self {
        Self { socket, state: Mutex::default() }
    }

    /// Sends several frames that wait as one array from now on, or no longer.
    pub fn set_batched(&self, batched: bool) {
        self.lock().batched = batched;
    }

    /// Sets the offsets that the device has in replies. It is sent what follows them, also of replies that this node
    /// does not know yet.
    pub fn start_from(&self, known: &[StreamPosition]) {
        known.clone_into(&mut self.lock().known);
    }

    /// Queues an answer. Closes the device when more than [`MAX_BACKLOG_BYTES`] wait.
    pub fn push_durable(&self, frame: Encoded) -> Queued {
        self.push(frame, None)
    }

    /// Queues an event. Closes the device when more than [`MAX_BACKLOG_BYTES`] wait.
    pub fn push_event(&self, event: &EncodedEvent) -> Queued {
        self.push(event.frame.clone(), Some(event.seq))
    }

    fn push(&self, frame: Encoded, seq: Option<i64>) -> Queued {
        let Some(mut state) = self.open() else { return Queued::Woken };
        state.newest_seq = seq.unwrap_or(state.newest_seq);
        state.durable_bytes += frame.len();
        state.queue.push_back(QueueEntry::Durable(frame));
        // Closed and not waited for: a slow device must not slow down the others, and it finds everything in the log.
        if state.durable_bytes > MAX_BACKLOG_BYTES {
            drop(state);
            self.close(CloseCode::SlowConsumer);
            return Queued::Woken;
        }
        self.notify(state)
    }

    /// Queues a ping that asks whether the device has applied the events up to `seq`.
    pub fn push_ask(&self, seq: i64) -> Queued {
        let Some(mut state) = self.open() else { return Queued::Woken };
        state.asked = Some(seq);
        drop(state);
        self.push_durable(encode(&ServerFrame::Ping(Ping { seq })))
    }

    /// Whether an answer of the device is the one that was asked for last.
    pub fn is_asked(&self, seq: i64) -> bool {
        self.lock().asked.take_if(|asked| *asked <= seq).is_some()
    }

    /// The seq of the newest event that was queued, 0 before the first.
    pub fn newest_seq(&self) -> i64 {
        self.lock().newest_seq
    }

    /// Queues a frame, or replaces the ephemeral one that waits.
    pub fn push_ephemeral(&self, frame: Encoded) -> Queued {
        let Some(mut state) = self.open() else { return Queued::Woken };
        match state.queue.iter_mut().find(|item| matches!(item, QueueEntry::Ephemeral(_))) {
            Some(waiting) => *waiting = QueueEntry::Ephemeral(frame),
            None => state.queue.push_back(QueueEntry::Ephemeral(frame)),
        }
        self.notify(state)
    }

    /// Queues a delta of a reply that starts at the position `at` and ends at the offset `end`. `frame` is its
    /// encoding, shared by all devices.
    pub fn push_delta(&self, reply: &Arc<RunningReply>, at: &StreamPosition, end: usize, frame: &Encoded) -> Queued {
        let Some(mut state) = self.open() else { return Queued::Woken };
        let key = (at.message_id, at.part);
        let State { queue, streams, known, .. } = &mut *state;
        let cursor =
            streams.entry(key).or_insert_with(|| Cursor::new(reply, at.attempt, known_of(known, key, at.attempt)));
        if cursor.attempt < at.attempt {
            cursor.restart(at.attempt);
        }
        let waited = !matches!(cursor.pending, Pending::Nothing);
        // The shared frame serves a device that is exactly where the delta starts and has nothing else of it waiting.
        // Any other device gets one delta of its own, made when it is taken: nothing is encoded that would be replaced.
        cursor.pending =
            if waited || cursor.sent != at.have { Pending::Backfill } else { Pending::Delta(frame.clone(), end) };
        if !waited {
            queue.push_back(QueueEntry::Stream(key));
        }
        self.notify(state)
    }

    /// Queues all text of a reply that the device does not have.
    pub fn push_backfill(&self, reply: &Arc<RunningReply>, id: MessageId) -> Queued {
        let Some(mut state) = self.open() else { return Queued::Woken };
        let (attempt, lengths) = reply.lengths();
        for (part, len) in lengths.into_iter().enumerate() {
            // The offset comes from the device, and may lie beyond the text that this node has.
            let sent = known_of(&state.known, (id, part), attempt).min(len);
            let mut cursor = Cursor::new(reply, attempt, sent);
            if len > sent {
                cursor.pending = Pending::Backfill;
                state.queue.push_back(QueueEntry::Stream((id, part)));
            }
            state.streams.insert((id, part), cursor);
        }
        self.notify(state)
    }

    /// Releases the lock. Wakes the connection unless a direct write will do.
    fn notify(&self, state: MutexGuard<'_, State>) -> Queued {
        if state.idle && self.socket.is_some() {
            return Queued::NeedsFlush;
        }
        wake(state);
        Queued::Woken
    }

    /// Writes what waits, as far as the connection is idle and the socket takes it. Leaves the rest to the connection.
    /// The caller keeps `batch` from device to device.
    pub fn try_flush(&self, batch: &mut FrameBatch, now: Instant) {
        let Some(socket) = &self.socket else { return };
        // The socket comes before the queue: a frame that was taken out of the queue has to be the next one on the
        // socket, also when the connection wakes up in between and writes what was pushed after it.
        let Some(direct) = socket.try_begin() else { return self.hand_over() };
        let Some(left) = self.take_idle(batch) else { return };
        if direct.write(batch, now) == Written::Partial || left {
            self.hand_over();
        }
    }

    /// Moves frames into a batch and returns whether others are left; `None` when there are none, or the connection is
    /// not idle and sends them itself.
    fn take_idle(&self, batch: &mut FrameBatch) -> Option<bool> {
        let mut state = self.lock();
        if !state.idle {
            return None;
        }
        let frames = batch.next_frames();
        state.take(frames);
        if frames.is_empty() {
            return None;
        }
        let (batched, left) = (state.batched, !state.queue.is_empty());
        // Encoding needs the frames only, so that a push in the meantime does not wait for it.
        drop(state);
        batch.fill(batched);
        Some(left)
    }

    /// Has the connection flush the socket and send what is left.
    fn hand_over(&self) {
        let mut state = self.lock();
        state.needs_connection = true;
        wake(state);
    }

    /// When a direct write last sent something.
    pub fn last_direct_write(&self) -> Option<Instant> {
        self.socket.as_ref()?.last_direct_write()
    }

    /// Reserves the socket for the connection, until it next waits in [`SendQueue::wait_ready`].
    pub fn disable_direct_writes(&self) {
        self.lock().idle = false;
    }

    /// Removes the cursors of a reply that has ended: at once, or when its text that waits has been taken.
    pub fn end_reply(&self, id: MessageId) {
        let mut state = self.lock();
        // A cursor with pending text stays, because the entry in the queue refers to it.
        state.streams.retain(|(message, _), cursor| {
            cursor.ended |= *message == id;
            !cursor.ended || !matches!(cursor.pending, Pending::Nothing)
        });
    }

    /// Ends the connection: nothing but `bye` and close is sent any more. The first reason stands.
    pub fn close(&self, closing: impl Into<Closing>) {
        let mut state = self.lock();
        if state.closing.is_none() {
            // What waits is dropped at once: a device that does not read would hold the memory until it is cut off.
            let waiting = state.waiting.take();
            let State { batched, idle, .. } = *state;
            *state = State { closing: Some(closing.into()), waiting, batched, idle, ..State::default() };
        }
        wake(state);
    }

    /// Takes the next messages for the connection to send, about [`MAX_BATCH_BYTES`]; none when nothing waits.
    pub fn take(&self) -> Vec<Encoded> {
        // At most one batch, so that a later frame can still replace or join what stays in the queue.
        let mut frames = Vec::new();
        let mut state = self.lock();
        state.take(&mut frames);
        let batched = state.batched;
        drop(state);
        messages(&frames, batched).collect()
    }

    #[cfg(test)]
    pub(super) fn pop(&self) -> Option<Encoded> {
        self.lock().pop()
    }

    /// How the connection is to end; `None` while it goes on.
    pub fn closing(&self) -> Option<Closing> {
        self.lock().closing
    }

    /// Waits until the connection has something to send, or is to end. Only the connection may call this, and only
    /// after it has flushed: as long as this is pending, direct writes are allowed.
    pub async fn wait_ready(&self) {
        poll_fn(|cx| {
            let mut state = self.lock();
            // Decided and set under one lock: a push either is seen here or sees an idle connection.
            let ready = state.needs_connection || !state.queue.is_empty() || state.closing.is_some();
            state.idle = !ready;
            state.needs_connection = false;
            state.poll(cx, ready)
        })
        .await;
    }

    /// Waits until the connection is to end, for a connection that waits for its socket.
    pub async fn wait_closing(&self) {
        poll_fn(|cx| {
            let mut state = self.lock();
            let closing = state.closing.is_some();
            state.poll(cx, closing)
        })
        .await;
    }

    /// Bytes of the durable frames that wait.
    pub fn backlog_bytes(&self) -> usize {
        self.lock().durable_bytes
    }

    /// Checks the counters and marks of the queue, in tests.
    ///
    /// # Panics
    /// When they contradict its contents.
    pub fn check_invariants(&self) {
        let state = self.lock();
        let durable = |item: &QueueEntry| if let QueueEntry::Durable(frame) = item { frame.len() } else { 0 };
        assert_eq!(state.durable_bytes, state.queue.iter().map(durable).sum::<usize>(), "durable bytes");
        for (key, cursor) in &state.streams {
            let queued = state.queue.iter().filter(|item| matches!(item, QueueEntry::Stream(k) if k == key)).count();
            let pending = usize::from(!matches!(cursor.pending, Pending::Nothing));
            assert_eq!(queued, pending, "queue entries of a stream");
        }
    }

    /// Locks the state; `None` when the device is to be closed, and nothing is queued any more.
    fn open(&self) -> Option<MutexGuard<'_, State>> {
        Some(self.lock()).filter(|state| state.closing.is_none())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The bytes of a part that the device had, by its `hello`.
fn known_of(known: &[StreamPosition], (message_id, part): StreamKey, attempt: i64) -> usize {
    let of_part = |at: &&StreamPosition| (at.message_id, at.attempt, at.part) == (message_id, attempt, part);
    known.iter().find(of_part).map_or(0, |at| at.have)
}

/// Releases the lock, then wakes the connection if it waits: the woken thread would only wait for the lock.
fn wake(mut state: MutexGuard<'_, State>) {
    let waiting = state.waiting.take();
    drop(state);
    if let Some(waiting) = waiting {
        waiting.wake();
    }
}

impl State {
    fn poll(&mut self, cx: &Context<'_>, reached: bool) -> Poll<()> {
        if reached {
            return Poll::Ready(());
        }
        // A waker that is there already is kept: cloning it is not free, and this runs for every frame.
        if !self.waiting.as_ref().is_some_and(|waiting| waiting.will_wake(cx.waker())) {
            self.waiting = Some(cx.waker().clone());
        }
        Poll::Pending
    }

    fn take(&mut self, frames: &mut Vec<Encoded>) {
        let mut bytes = 0;
        while bytes < MAX_BATCH_BYTES
            && let Some(frame) = self.pop()
        {
            bytes += frame.len();
            frames.push(frame);
        }
    }

    fn pop(&mut self) -> Option<Encoded> {
        loop {
            match self.queue.pop_front()? {
                QueueEntry::Durable(frame) => {
                    self.durable_bytes -= frame.len();
                    return Some(frame);
                }
                QueueEntry::Ephemeral(frame) => return Some(frame),
                QueueEntry::Stream(key) => {
                    if let Some(frame) = self.take_stream(key) {
                        return Some(frame);
                    }
                }
            }
        }
    }

    fn take_stream(&mut self, key: StreamKey) -> Option<Encoded> {
        let cursor = self.streams.get_mut(&key)?;
        let frame = match std::mem::replace(&mut cursor.pending, Pending::Nothing) {
            Pending::Nothing => None,
            Pending::Delta(frame, end) => {
                cursor.sent = end;
                Some(frame)
            }
            // Nothing is sent when the attempt of the mark is over by now.
            Pending::Backfill => cursor.reply.since(cursor.attempt, key.1, cursor.sent).map(|delta| {
                cursor.sent += delta.text.len();
                metrics::counter!("tandem_coalesced_deltas_total").increment(1);
                encode(&ServerFrame::Delta(delta))
            }),
        };
        // The reply ended while text of it still waited. That text has just been taken.
        if cursor.ended {
            self.streams.remove(&key);
        }
        frame
    }
}

impl Cursor {
    fn new(reply: &Arc<RunningReply>, attempt: i64, sent: usize) -> Self {
        Self { reply: Arc::clone(reply), attempt, sent, pending: Pending::Nothing, ended: false }
    }

    /// Starts over with another attempt. A mark that waits stays, and is filled from the new text.
    fn restart(&mut self, attempt: i64) {
        self.attempt = attempt;
        // Offsets of one attempt do not apply to the text of another.
        self.sent = 0;
    }
}

#[cfg(all(test, feature = "shuttle"))]
mod interleavings;
#[cfg(test)]
mod tests;
