//! The devices of one user on this node, and what was delivered to them.
//!
//! One channel holds all that has to change together, under one lock of the hub: which event is next, which devices
//! have which events, and the text of running replies.
//!
//! Events are delivered without gaps: `next` only moves by one, and whatever lies beyond it waits. Every live device
//! has all events before `next`. Methods that [`Hub`](super::Hub) forwards are documented there.

use super::{Registration, remote_presence::RemotePresence};
use crate::{
    fan_out::{FanOut, Recipients},
    running_reply::RunningReply,
    send_queue::{Queued, SendQueue},
    wire::{Encoded, EncodedEvent, encode},
};
use serde::Deserialize;
use std::{
    collections::{BTreeMap, HashMap, HashSet, VecDeque},
    sync::Arc,
};
use tandem_protocol::{
    MessageId, SessionId,
    id::ConnectionId,
    limits::{MAX_BACKLOG_BYTES, MAX_PRESENCE},
    live::{
        CloseCode, Delta, Event, EventBody, ServerFrame, StreamPosition,
        server::{Presence, PresentDevice},
        text::Append,
    },
};
use tokio::time::Instant;

/// Events beyond a gap that are kept. The log has them all: more are dropped, the newest first.
const MAX_OUT_OF_ORDER: usize = 512;
/// Delivered events that are kept for devices that reconnect: so many, and so many bytes of frames.
const RECENT_EVENTS: usize = 128;
const RECENT_BYTES: usize = 32 * 1024;

/// The devices, running replies and position in the log of one user on this node.
#[derive(Debug, Default)]
pub(super) struct Channel {
    devices: Vec<Device>,
    replies: HashMap<MessageId, Arc<RunningReply>>,
    /// A delta came whose predecessor did not, and the text was requested from the other nodes.
    text_gap: bool,
    /// The devices of the user at other nodes.
    remote_presence: RemotePresence,
    /// The seq of the event that is delivered next; unknown until the log was read.
    next: Option<i64>,
    /// Events that arrived before an earlier one, by seq.
    out_of_order: BTreeMap<i64, EncodedEvent>,
    recent: Recent,
    fan_out: Arc<FanOut>,
    /// The send queues of all devices; made for the first fan-out after one came or went.
    recipients: Option<Recipients>,
}

/// The newest delivered events: without gaps, and up to `next`.
#[derive(Debug, Default)]
struct Recent {
    events: VecDeque<EncodedEvent>,
    bytes: usize,
}

#[derive(Debug)]
struct Device {
    registration: Registration,
    /// The seq of the newest event in its queue.
    sent: i64,
    /// Events that wait until the device is released; `None` when it is live.
    held: Option<Held>,
}

#[derive(Debug, Default)]
struct Held {
    events: Vec<EncodedEvent>,
    bytes: usize,
}

impl Channel {
    pub(super) fn is_empty(&self) -> bool {
        self.devices.is_empty() && self.replies.is_empty()
    }

    pub(super) fn devices(&self) -> usize {
        self.devices.len()
    }

    pub(super) fn register(&mut self, registration: Registration, max_devices: usize) {
        while self.devices.len() >= max_devices {
            // The oldest registration is the first. A device that lost its connection would otherwise be kept out by
            // its own dead sockets.
            self.devices.remove(0).registration.queue.close(CloseCode::Replaced);
        }
        self.recipients = None;
        // Not live yet: until its release its events are held, and deltas and presence skip it.
        self.devices.push(Device { registration, sent: 0, held: Some(Held::default()) });
    }

    /// Removes a device. True when it was there.
    pub(super) fn unregister(&mut self, connection: ConnectionId) -> bool {
        let before = self.devices.len();
        self.devices.retain(|device| device.registration.connection != connection);
        self.recipients = None;
        if self.devices.is_empty() {
            // Without a device there is no subscription to the user, and `next` would fall behind unnoticed. The next
            // device reads the log.
            self.next = None;
            self.out_of_order.clear();
            self.recent = Recent::default();
            self.remote_presence = RemotePresence::default();
        }
        self.devices.len() < before
    }

    pub(super) fn set_head(&mut self, head: i64, events: &[EncodedEvent]) {
        if self.next.is_some() {
            return;
        }
        self.next = Some(head + 1);
        for event in events {
            self.recent.add(event);
        }
        self.out_of_order.retain(|seq, _| *seq > head);
        self.broadcast_ready();
    }

    pub(super) fn recent_since(&self, seq: Option<i64>) -> Option<(i64, Vec<EncodedEvent>)> {
        let head = self.delivered_seq()?;
        // The seq comes from the client: it may be any number, negative or beyond the head.
        let missing = usize::try_from(head.checked_sub(seq.unwrap_or(head))?).ok()?;
        let start = self.recent.events.len().checked_sub(missing)?;
        Some((head, self.recent.events.range(start..).cloned().collect()))
    }

    pub(super) fn release(
        &mut self,
        connection: ConnectionId,
        seq: i64,
        live: impl FnOnce(i64) -> Encoded,
        streams: &[StreamPosition],
    ) -> Option<i64> {
        let device = self.devices.iter_mut().find(|device| device.registration.connection == connection)?;
        let held = device.held.take().unwrap_or_default();
        device.sent = seq;
        // The connection itself calls this, and sends what is queued right after: no flush has to be scheduled.
        for event in held.events {
            let _ = device.deliver(&event);
        }
        // `live` names the seq of the events before it in the queue, so that the device knows when it is up to date.
        let queue = &device.registration.queue;
        let _ = queue.push_durable(live(device.sent));
        queue.start_from(streams);
        for (id, reply) in &self.replies {
            let _ = queue.push_backfill(reply, *id);
        }
        Some(device.sent)
    }

    pub(super) fn on_events(&mut self, events: &[Event]) {
        for event in events {
            // Replies are tracked without devices, too: the next device to connect is sent their text.
            self.track_reply(event);
            // As long as the head is unknown every event is kept. `set_head` removes those that the log has.
            if !self.devices.is_empty() && self.next.is_none_or(|next| event.seq >= next) {
                self.out_of_order.insert(event.seq, event.into());
            }
        }
        self.broadcast_ready();
        // The newest are dropped: the oldest are the ones that close a gap, and a repair reads the rest anyway.
        while self.out_of_order.len() > MAX_OUT_OF_ORDER {
            self.out_of_order.pop_last();
        }
    }

    pub(super) fn gap(&self) -> Option<i64> {
        self.delivered_seq().filter(|_| !self.out_of_order.is_empty())
    }

    pub(super) fn delivered_seq(&self) -> Option<i64> {
        self.next.map(|next| next - 1)
    }

    /// Appends a delta and sends what is new of it. True when text before it is missing and was not missing before.
    pub(super) fn on_delta(&mut self, delta: &Delta) -> bool {
        let id = delta.message_id;
        let reply = self.replies.entry(id).or_insert_with(|| Arc::new(RunningReply::new(id)));
        let from = match reply.append(delta) {
            Append::Appended { from } => from,
            Append::Duplicate => return false,
            Append::Gap { .. } => return !std::mem::replace(&mut self.text_gap, true),
            Append::Contradiction => {
                // Devices keep what they have shown; the end of the reply carries the text that is right.
                tracing::warn!(message_id = %id, attempt = delta.attempt, "a delta contradicts earlier text");
                return false;
            }
        };
        self.text_gap = false;
        // Only the part that was not known yet is sent: deltas of other nodes may overlap with what is here.
        let (attempt, part, offset, text) = (delta.attempt, delta.part, from, &delta.text[from - delta.offset..]);
        let kind = delta.kind;
        let mut frame = None;
        let at = StreamPosition { message_id: id, attempt, part, have: offset };
        let mut needs_flush = false;
        for device in self.devices.iter().filter(|device| device.held.is_none()) {
            let delta = || Delta { message_id: id, attempt, part, offset, text: text.to_owned(), kind };
            let frame = frame.get_or_insert_with(|| encode(&ServerFrame::Delta(delta())));
            let queued = device.registration.queue.push_delta(reply, &at, offset + text.len(), frame);
            needs_flush |= queued == Queued::NeedsFlush;
        }
        self.schedule_fan_out(needs_flush);
        false
    }

    /// The text of every running reply, as deltas.
    pub(super) fn text_so_far(&self) -> Vec<Delta> {
        self.replies.values().flat_map(|reply| reply.chunks()).collect()
    }

    /// Removes the running replies when no device is here: without a subscription their text is no longer complete.
    pub(super) fn drop_stale_replies(&mut self) {
        if self.devices.is_empty() {
            self.replies.clear();
        }
    }

    pub(super) fn set_remote_presence(&mut self, node: &str, devices: &[PresentDevice], now: Instant) -> bool {
        !self.devices.is_empty() && self.remote_presence.set(node, devices, now)
    }

    pub(super) fn expire_remote_presence(&mut self, now: Instant) -> bool {
        self.remote_presence.expire(now)
    }

    pub(super) fn has_remote_devices(&self) -> bool {
        !self.remote_presence.is_empty()
    }

    /// The devices that are connected to this node, each once.
    pub(super) fn present(&self) -> Vec<PresentDevice> {
        distinct(self.devices.iter().map(|device| &device.registration.device))
    }

    pub(super) fn broadcast_presence(&mut self) {
        let here = self.devices.iter().map(|device| &device.registration.device);
        // A device that moves from one node to another is on both for a moment.
        let devices = distinct(here.chain(self.remote_presence.devices()));
        let frame = encode(&ServerFrame::Presence(Presence { devices }));
        let mut needs_flush = false;
        for device in self.devices.iter().filter(|device| device.held.is_none()) {
            needs_flush |= device.registration.queue.push_ephemeral(frame.clone()) == Queued::NeedsFlush;
        }
        self.schedule_fan_out(needs_flush);
    }

    /// Asks each device whether it has applied the events up to `seq`. A device that was not sent them yet is not asked.
    pub(super) fn ask_about(&mut self, seq: i64) {
        let mut needs_flush = false;
        for device in self.devices.iter().filter(|device| device.held.is_none() && device.sent >= seq) {
            needs_flush |= device.registration.queue.push_ask(device.sent) == Queued::NeedsFlush;
        }
        self.schedule_fan_out(needs_flush);
    }

    /// Schedules a fan-out over all send queues, if one of them needs it.
    fn schedule_fan_out(&mut self, needs_flush: bool) {
        if !needs_flush {
            return;
        }
        let all = || self.devices.iter().map(|device| Arc::clone(&device.registration.queue)).collect();
        self.fan_out.schedule(self.recipients.get_or_insert_with(all));
    }

    pub(super) fn any_session(&self) -> Option<SessionId> {
        self.devices.first().map(|device| device.registration.session)
    }

    pub(super) fn sessions(&self) -> Vec<SessionId> {
        self.devices.iter().map(|device| device.registration.session).collect()
    }

    pub(super) fn send_queues(&self) -> Vec<Arc<SendQueue>> {
        self.devices.iter().map(|device| Arc::clone(&device.registration.queue)).collect()
    }

    pub(super) fn queue_bytes(&self) -> usize {
        self.devices.iter().map(|device| device.registration.queue.backlog_bytes()).sum()
    }

    pub(super) fn close_session(&self, session: SessionId, code: CloseCode) {
        for device in self.devices.iter().filter(|device| device.registration.session == session) {
            device.registration.queue.close(code);
        }
    }

    pub(super) fn close_all(&self, code: CloseCode) {
        for device in &self.devices {
            device.registration.queue.close(code);
        }
    }

    pub(super) fn check_invariants(&self) {
        if let Some(next) = self.next {
            assert!(self.out_of_order.keys().all(|seq| *seq > next), "an event that is next was not delivered");
            let recent = self.recent.events.iter().map(|event| event.seq);
            let len = i64::try_from(self.recent.events.len()).unwrap_or(i64::MAX);
            assert!(recent.eq(next - len..next), "the recent events are not the newest delivered ones");
            for device in self.devices.iter().filter(|device| device.held.is_none()) {
                assert!(device.sent + 1 >= next, "a device lags behind its channel");
            }
        }
        for device in &self.devices {
            device.registration.queue.check_invariants();
        }
    }

    /// Removes a reply, unless a later attempt at it has begun.
    pub(super) fn end_attempt(&mut self, id: MessageId, attempt: i64) {
        if self.replies.get(&id).is_some_and(|reply| reply.lengths().0 <= attempt) {
            self.end_reply(id);
        }
    }

    pub(super) fn end_reply(&mut self, id: MessageId) {
        if self.replies.remove(&id).is_some() {
            for device in &self.devices {
                device.registration.queue.end_reply(id);
            }
        }
    }

    /// Delivers the events that are next, up to the next gap.
    fn broadcast_ready(&mut self) {
        let Some(mut next) = self.next else { return };
        let mut needs_flush = false;
        while let Some(event) = self.out_of_order.remove(&next) {
            for device in &mut self.devices {
                needs_flush |= device.on_event(&event) == Queued::NeedsFlush;
            }
            self.recent.add(&event);
            next += 1;
        }
        self.next = Some(next);
        self.schedule_fan_out(needs_flush);
    }

    /// Applies an event to a running reply: where it starts over, and when it ends.
    fn track_reply(&mut self, event: &Event) {
        #[derive(Deserialize)]
        struct Named {
            id: MessageId,
        }
        #[derive(Deserialize)]
        struct Completed {
            message: Named,
        }
        match event.name.as_str() {
            // The data is large, the whole message: only the id is read, and only if a reply runs.
            "message.completed" if !self.replies.is_empty() => {
                if let Ok(Completed { message }) = serde_json::from_str(event.data.get()) {
                    self.end_reply(message.id);
                }
            }
            "message.restarted" => {
                if let Ok(Some(EventBody::MessageRestarted { message_id, attempt, parts })) = event.body() {
                    let reply =
                        self.replies.entry(message_id).or_insert_with(|| Arc::new(RunningReply::new(message_id)));
                    reply.restart(attempt, &parts);
                }
            }
            _ => {}
        }
    }
}

/// Each device once, and at most [`MAX_PRESENCE`] of them.
fn distinct<'a>(devices: impl Iterator<Item = &'a PresentDevice>) -> Vec<PresentDevice> {
    let mut seen = HashSet::new();
    devices.filter(|device| seen.insert(device.id.clone())).take(MAX_PRESENCE).cloned().collect()
}

impl Recent {
    fn add(&mut self, event: &EncodedEvent) {
        self.bytes += event.frame.len();
        self.events.push_back(event.clone());
        while self.events.len() > RECENT_EVENTS || self.bytes > RECENT_BYTES {
            self.bytes -= self.events.pop_front().map_or(0, |oldest| oldest.frame.len());
        }
    }
}

impl Device {
    /// Delivers the next event, or holds it back.
    fn on_event(&mut self, event: &EncodedEvent) -> Queued {
        let Some(held) = &mut self.held else { return self.deliver(event) };
        held.bytes += event.frame.len();
        held.events.push(event.clone());
        // The bound of the send queue holds here too: a device that does not finish its replay is closed like a slow
        // one.
        if held.bytes > MAX_BACKLOG_BYTES {
            self.registration.queue.close(CloseCode::SlowConsumer);
        }
        Queued::Woken
    }

    /// Queues an event unless the device has it from the log already.
    fn deliver(&mut self, event: &EncodedEvent) -> Queued {
        if event.seq <= self.sent {
            return Queued::Woken;
        }
        self.sent = event.seq;
        self.registration.queue.push_event(event)
    }
}
