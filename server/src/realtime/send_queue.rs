//! What waits to be sent to one device: a bounded queue that is edited in place.
//!
//! Durable frames keep their order and are bounded in bytes: a device that lets more than 1 MiB pile up is closed and
//! resumes later. Streamed text takes no room at all: while a device keeps up it gets the shared frame of each piece; as
//! soon as a piece has to wait, the queue holds a mark instead, and when its turn comes the mark becomes one piece with
//! everything from where the device is to now.

use super::{
    frame_batch::{FrameBatch, MAX_BATCH_BYTES, messages},
    reply::Reply,
    sync::{Mutex, MutexGuard},
    wire::{Encoded, EncodedEvent, encode},
};
use std::{
    collections::{HashMap, VecDeque},
    fmt,
    future::poll_fn,
    sync::{Arc, PoisonError},
    task::{Context, Poll, Waker},
};
use tandem_protocol::{
    MessageId,
    limits::MAX_BACKLOG_BYTES,
    live::{CloseCode, ServerFrame, StreamPosition},
};
use tokio::time::Instant;

/// How a connection is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closing {
    /// Why.
    pub code: CloseCode,
    /// When to come back, for a `bye` that says so.
    pub reconnect_after_ms: Option<u64>,
}

impl From<CloseCode> for Closing {
    fn from(code: CloseCode) -> Self {
        Self { code, reconnect_after_ms: None }
    }
}

/// A socket that takes bytes without waiting.
pub trait Wire: fmt::Debug + Send + Sync {
    /// Sends the batch, after `fill` has filled it; that is asked only when nothing else is begun on the socket, and
    /// nothing else is begun before the batch. False when the connection has to flush: before, or for the rest of it.
    fn carry(&self, batch: &mut FrameBatch, now: Instant, fill: &mut dyn FnMut(&mut FrameBatch) -> bool) -> bool;

    /// When it last sent a batch.
    fn last_write(&self) -> Option<Instant>;
}

/// The queue of one device. The hub pushes; what is in it goes out by a direct write ([`SendQueue::carry`]) while the connection
/// rests, and by the connection itself otherwise.
#[derive(Debug, Default)]
pub struct SendQueue {
    wire: Option<Arc<dyn Wire>>,
    state: Mutex<State>,
}

/// What is to be done about something that was queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Queued {
    /// Nothing: the connection sees it.
    Woken,
    /// It waits for a direct write.
    NeedsFlush,
}

#[derive(Debug, Default)]
struct State {
    queue: VecDeque<Item>,
    durable_bytes: usize,
    newest_seq: i64,
    streams: HashMap<StreamKey, Cursor>,
    /// Where the device was in replies when it came, as it said.
    known: Vec<StreamPosition>,
    closing: Option<Closing>,
    /// The device takes several frames in one array.
    batched: bool,
    /// The connection waits for something to send and has nothing begun: others may send for it.
    idle: bool,
    /// A direct write could not send everything: the connection has to.
    needs_connection: bool,
    /// Of the connection, when it waits. Whoever changes something takes it: what piles up behind the first change wakes
    /// nobody again.
    waiting: Option<Waker>,
}

#[derive(Debug)]
enum Item {
    /// An event, an answer: never dropped, counted.
    Durable(Encoded),
    /// A frame that has no place in any order and may be replaced by a later one (`presence`).
    Ephemeral(Encoded),
    /// Text of a stream; what exactly is in its cursor.
    Stream(StreamKey),
}

type StreamKey = (MessageId, usize);

/// Where a device is in one part of a reply.
#[derive(Debug)]
struct Cursor {
    reply: Arc<Reply>,
    attempt: i64,
    /// First byte that was not handed to the socket.
    sent: usize,
    pending: Pending,
    /// The reply has ended: the cursor goes when nothing is pending.
    ended: bool,
}

#[derive(Debug)]
enum Pending {
    Nothing,
    /// One piece, as every device gets it, and where the device is after it.
    Delta(Encoded, usize),
    /// Everything from `sent` to now.
    Backfill,
}

impl SendQueue {
    /// An empty one, in front of a socket that can be visited, if there is one.
    #[must_use]
    pub fn new(wire: Option<Arc<dyn Wire>>) -> Self {
        Self { wire, state: Mutex::default() }
    }

    /// Has several frames that wait sent as an array.
    pub fn set_batched(&self, batched: bool) {
        self.lock().batched = batched;
    }

    /// Notes what the device said it has of replies: it is sent what follows, also of those that are heard of later.
    pub fn start_from(&self, known: &[StreamPosition]) {
        known.clone_into(&mut self.lock().known);
    }

    /// Queues an answer. The device is closed when too much waits.
    pub fn push_durable(&self, frame: Encoded) -> Queued {
        self.push(frame, None)
    }

    /// Queues an event. The device is closed when too much waits.
    pub fn push_event(&self, event: &EncodedEvent) -> Queued {
        self.push(event.frame.clone(), Some(event.seq))
    }

    fn push(&self, frame: Encoded, seq: Option<i64>) -> Queued {
        let mut state = self.lock();
        if state.closing.is_some() {
            return Queued::Woken;
        }
        state.newest_seq = seq.unwrap_or(state.newest_seq);
        state.durable_bytes += frame.len();
        state.queue.push_back(Item::Durable(frame));
        if state.durable_bytes > MAX_BACKLOG_BYTES {
            drop(state);
            self.close(CloseCode::SlowConsumer);
            return Queued::Woken;
        }
        self.notify(state)
    }

    /// The newest event that was queued, 0 before the first.
    pub fn newest_seq(&self) -> i64 {
        self.lock().newest_seq
    }

    /// Queues a frame, or replaces the one that waits.
    pub fn push_ephemeral(&self, frame: Encoded) -> Queued {
        let mut state = self.lock();
        if state.closing.is_some() {
            return Queued::Woken;
        }
        match state.queue.iter_mut().find(|item| matches!(item, Item::Ephemeral(_))) {
            Some(waiting) => *waiting = Item::Ephemeral(frame),
            None => state.queue.push_back(Item::Ephemeral(frame)),
        }
        self.notify(state)
    }

    /// Queues a piece of a reply that continues its text at `offset`; `frame` is the shared one.
    pub fn push_delta(&self, reply: &Arc<Reply>, at: &StreamPosition, end: usize, frame: &Encoded) -> Queued {
        let mut state = self.lock();
        if state.closing.is_some() {
            return Queued::Woken;
        }
        let key = (at.message_id, at.part);
        let State { queue, streams, known, .. } = &mut *state;
        let cursor =
            streams.entry(key).or_insert_with(|| Cursor::new(reply, at.attempt, known_of(known, key, at.attempt)));
        if cursor.attempt < at.attempt {
            cursor.restart(at.attempt);
        }
        let waited = !matches!(cursor.pending, Pending::Nothing);
        cursor.pending =
            if waited || cursor.sent != at.have { Pending::Backfill } else { Pending::Delta(frame.clone(), end) };
        if !waited {
            queue.push_back(Item::Stream(key));
        }
        self.notify(state)
    }

    /// Queues everything of a reply that the device does not have.
    pub fn push_backfill(&self, reply: &Arc<Reply>, id: MessageId) -> Queued {
        let mut state = self.lock();
        if state.closing.is_some() {
            return Queued::Woken;
        }
        let (attempt, lengths) = reply.lengths();
        for (part, len) in lengths.into_iter().enumerate() {
            let sent = known_of(&state.known, (id, part), attempt).min(len);
            let mut cursor = Cursor::new(reply, attempt, sent);
            if len > sent {
                cursor.pending = Pending::Backfill;
                state.queue.push_back(Item::Stream((id, part)));
            }
            state.streams.insert((id, part), cursor);
        }
        self.notify(state)
    }

    /// Lets go of the queue; the connection is woken unless a direct write will do.
    fn notify(&self, state: MutexGuard<'_, State>) -> Queued {
        if state.idle && self.wire.is_some() {
            return Queued::NeedsFlush;
        }
        wake(state);
        Queued::Woken
    }

    /// Sends what waits, as far as the connection rests and the socket takes it. `batch` is a writer's own, from device
    /// to device.
    pub fn carry(&self, batch: &mut FrameBatch, now: Instant) {
        let Some(wire) = &self.wire else { return };
        let mut left = false;
        let last_write = wire.carry(batch, now, &mut |batch| {
            let mut state = self.lock();
            let filled = state.idle && batch.fill(state.batched, |frames| state.take(frames));
            left = state.idle && !state.queue.is_empty();
            filled
        });
        if !last_write || left {
            let mut state = self.lock();
            state.needs_connection = true;
            wake(state);
        }
    }

    /// When something was last sent by a direct write.
    pub fn last_write(&self) -> Option<Instant> {
        self.wire.as_ref()?.last_write()
    }

    /// From now on the connection sends; until it waits again in [`SendQueue::filled`].
    pub fn disable_direct_writes(&self) {
        self.lock().idle = false;
    }

    /// Forgets where the device is in a reply that has ended, as soon as nothing of it waits.
    pub fn end_reply(&self, id: MessageId) {
        let mut state = self.lock();
        state.streams.retain(|(message, _), cursor| {
            cursor.ended |= *message == id;
            !cursor.ended || !matches!(cursor.pending, Pending::Nothing)
        });
    }

    /// Ends the connection: nothing more is sent but `bye` and close. The first reason stands.
    pub fn close(&self, closing: impl Into<Closing>) {
        let mut state = self.lock();
        if state.closing.is_none() {
            let waiting = state.waiting.take();
            let State { batched, idle, .. } = *state;
            *state = State { closing: Some(closing.into()), waiting, batched, idle, ..State::default() };
        }
        wake(state);
    }

    /// Takes the next messages to send, about [`MAX_BATCH_BYTES`] of them; none when nothing waits.
    pub fn take(&self) -> Vec<Encoded> {
        let mut frames = Vec::new();
        let mut state = self.lock();
        state.take(&mut frames);
        let batched = state.batched;
        drop(state);
        messages(&frames, batched).collect()
    }

    /// Takes a single frame. Who sends takes more at once.
    #[cfg(test)]
    pub(super) fn pop(&self) -> Option<Encoded> {
        self.lock().pop()
    }

    /// How the connection is to end, if it is.
    pub fn closing(&self) -> Option<Closing> {
        self.lock().closing
    }

    /// Waits until there is something to send or the connection is to end. For the one task that sends: while it waits here
    /// others may send for it, afterwards nobody does.
    pub async fn filled(&self) {
        poll_fn(|cx| {
            let mut state = self.lock();
            let filled = state.needs_connection || !state.queue.is_empty() || state.closing.is_some();
            state.idle = !filled;
            state.needs_connection = false;
            state.poll(cx, filled)
        })
        .await;
    }

    /// Waits until the connection is to end; for when that task is needs_connection in a write.
    pub async fn wait_closing(&self) {
        poll_fn(|cx| {
            let mut state = self.lock();
            let closing = state.closing.is_some();
            state.poll(cx, closing)
        })
        .await;
    }

    /// Bytes of durable frames that wait.
    pub fn backlog_bytes(&self) -> usize {
        self.lock().durable_bytes
    }

    /// Checks the bookkeeping. For tests.
    ///
    /// # Panics
    /// When it contradicts itself.
    pub fn check_invariants(&self) {
        let state = self.lock();
        let durable = |item: &Item| if let Item::Durable(frame) = item { frame.len() } else { 0 };
        assert_eq!(state.durable_bytes, state.queue.iter().map(durable).sum::<usize>(), "durable bytes");
        for (key, cursor) in &state.streams {
            let queued = state.queue.iter().filter(|item| matches!(item, Item::Stream(k) if k == key)).count();
            let pending = usize::from(!matches!(cursor.pending, Pending::Nothing));
            assert_eq!(queued, pending, "queue entries of a stream");
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The bytes that a device has of a part, as it said when it came.
fn known_of(known: &[StreamPosition], (message_id, part): StreamKey, attempt: i64) -> usize {
    let of_part = |at: &&StreamPosition| (at.message_id, at.attempt, at.part) == (message_id, attempt, part);
    known.iter().find(of_part).map_or(0, |at| at.have)
}

/// Lets go of the queue and wakes the connection, if it waits.
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
                Item::Durable(frame) => {
                    self.durable_bytes -= frame.len();
                    return Some(frame);
                }
                Item::Ephemeral(frame) => return Some(frame),
                Item::Stream(key) => {
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
            Pending::Backfill => cursor.reply.since(cursor.attempt, key.1, cursor.sent).map(|delta| {
                cursor.sent += delta.text.len();
                metrics::counter!("tandem_coalesced_deltas_total").increment(1);
                encode(&ServerFrame::Delta(delta))
            }),
        };
        if cursor.ended {
            self.streams.remove(&key);
        }
        frame
    }
}

impl Cursor {
    fn new(reply: &Arc<Reply>, attempt: i64, sent: usize) -> Self {
        Self { reply: Arc::clone(reply), attempt, sent, pending: Pending::Nothing, ended: false }
    }

    /// The reply starts over; what waits of the old attempt becomes whatever the new one has.
    fn restart(&mut self, attempt: i64) {
        self.attempt = attempt;
        self.sent = 0;
    }
}

#[cfg(all(test, feature = "shuttle"))]
mod interleavings;
#[cfg(test)]
mod tests;
