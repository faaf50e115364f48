//! The devices of one user and what they have heard.

use super::{Registration, remote_presence::RemotePresence};
use crate::{
    bus::{Appended, StreamDelta},
    realtime::{
        fan_out::{FanOut, Recipients},
        reply::Reply,
        send_queue::{Queued, SendQueue},
        wire::{Encoded, EncodedEvent, encode},
    },
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
        CloseCode, Event, EventBody, ServerFrame, StreamPosition,
        server::{Delta, Presence, PresentDevice},
    },
};
use tokio::time::Instant;

/// Events from beyond a gap that are kept; the log has them all, so that the newest may go.
const MAX_OUT_OF_ORDER: usize = 512;
/// Told events that are kept for devices that come back: so many, and so many bytes of frames.
const RECENT_EVENTS: usize = 128;
const RECENT_BYTES: usize = 32 * 1024;

/// Devices, running replies, and the set_head in the log of one user on this node.
#[derive(Debug, Default)]
pub(super) struct Channel {
    devices: Vec<Device>,
    replies: HashMap<MessageId, Arc<Reply>>,
    /// A piece of a reply came whose predecessor did not, and the other nodes were asked for it.
    text_gap: bool,
    /// Who is connected to other nodes.
    remote_presence: RemotePresence,
    /// The seq that is told next; unknown until somebody has read the log.
    next: Option<i64>,
    /// Events from beyond a gap.
    out_of_order: BTreeMap<i64, EncodedEvent>,
    recent: Recent,
    fan_out: Arc<FanOut>,
    /// All send_queues, for the next round; made when there is one.
    recipients: Option<Recipients>,
}

/// The end of the log, as far as it was told: without gaps, and up to `next`.
#[derive(Debug, Default)]
struct Recent {
    events: VecDeque<EncodedEvent>,
    bytes: usize,
}

#[derive(Debug)]
struct Device {
    registration: Registration,
    /// The newest event that it was given.
    sent: i64,
    /// Messages held back until it is released.
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

    pub(super) fn register(&mut self, registration: Registration, most: usize) {
        while self.devices.len() >= most {
            self.devices.remove(0).registration.queue.close(CloseCode::Replaced);
        }
        self.recipients = None;
        self.devices.push(Device { registration, sent: 0, held: Some(Held::default()) });
    }

    /// True when it was there.
    pub(super) fn unregister(&mut self, connection: ConnectionId) -> bool {
        let before = self.devices.len();
        self.devices.retain(|device| device.registration.connection != connection);
        self.recipients = None;
        if self.devices.is_empty() {
            // Nobody listens: the set_head in the log is looked up again by whoever comes next.
            self.next = None;
            self.out_of_order.clear();
            self.recent = Recent::default();
            self.remote_presence = RemotePresence::default();
        }
        self.devices.len() < before
    }

    /// Says where the log is, unless that is known: `events` are its newest, the last of them is `head`.
    pub(super) fn set_head(&mut self, head: i64, events: &[EncodedEvent]) {
        if self.next.is_some() {
            return;
        }
        self.next = Some(head + 1);
        for event in events {
            self.recent.add(event);
        }
        self.out_of_order.retain(|out_of_order, _| *out_of_order > head);
        self.broadcast_ready();
    }

    /// The newest event that was told, and every one after `seq`; `None` when that is not known here.
    pub(super) fn recent_since(&self, seq: Option<i64>) -> Option<(i64, Vec<EncodedEvent>)> {
        let head = self.delivered_seq()?;
        // The seq is the client's word: any number at all.
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
        // The connection does this, and sends it next: it needs no visit.
        for event in held.events {
            let _ = device.deliver(&event);
        }
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
            self.track_reply(event);
            if !self.devices.is_empty() && self.next.is_none_or(|next| event.seq >= next) {
                self.out_of_order.insert(event.seq, event.into());
            }
        }
        self.broadcast_ready();
        while self.out_of_order.len() > MAX_OUT_OF_ORDER {
            self.out_of_order.pop_last();
        }
    }

    /// The newest event that was told, if a later one waits for one in between.
    pub(super) fn gap(&self) -> Option<i64> {
        self.delivered_seq().filter(|_| !self.out_of_order.is_empty())
    }

    /// The newest event that was told.
    pub(super) fn delivered_seq(&self) -> Option<i64> {
        self.next.map(|next| next - 1)
    }

    /// True when text before the piece is missing, and was not before.
    pub(super) fn on_delta(&mut self, delta: &StreamDelta) -> bool {
        let id = delta.message_id;
        let reply = self.replies.entry(id).or_insert_with(|| Arc::new(Reply::new(id)));
        let known = match reply.append(delta) {
            Appended::Fits(known) => known,
            Appended::Known => return false,
            Appended::Gap => return !std::mem::replace(&mut self.text_gap, true),
        };
        self.text_gap = false;
        let (attempt, part, offset, text) = (delta.attempt, delta.part, delta.offset + known, &delta.text[known..]);
        let mut frame = None;
        let at = StreamPosition { message_id: id, attempt, part, have: offset };
        let mut needs_flush = false;
        for device in self.devices.iter().filter(|device| device.held.is_none()) {
            let delta = || Delta { message_id: id, attempt, part, offset, text: text.to_owned() };
            let frame = frame.get_or_insert_with(|| encode(&ServerFrame::Delta(delta())));
            let queued = device.registration.queue.push_delta(reply, &at, offset + text.len(), frame);
            needs_flush |= queued == Queued::NeedsFlush;
        }
        self.schedule_fan_out(needs_flush);
        false
    }

    /// The text of every reply that runs, in pieces.
    pub(super) fn text_so_far(&self) -> Vec<StreamDelta> {
        self.replies.values().flat_map(|reply| reply.pieces()).collect()
    }

    /// Forgets the replies that run, unless somebody listens.
    pub(super) fn drop_stale_replies(&mut self) {
        if self.devices.is_empty() {
            self.replies.clear();
        }
    }

    /// Notes who is connected to another node; true when that is new.
    pub(super) fn set_remote_presence(&mut self, node: &str, devices: &[PresentDevice], now: Instant) -> bool {
        !self.devices.is_empty() && self.remote_presence.note(node, devices, now)
    }

    /// Forgets nodes of which nothing was heard; true when there were any.
    pub(super) fn expire_remote_presence(&mut self, now: Instant) -> bool {
        self.remote_presence.expire(now)
    }

    /// Whether the user is connected to other nodes, too.
    pub(super) fn has_remote_devices(&self) -> bool {
        !self.remote_presence.is_empty()
    }

    /// Who is connected to this node, each device once.
    pub(super) fn present(&self) -> Vec<PresentDevice> {
        distinct(self.devices.iter().map(|device| &device.registration.device))
    }

    pub(super) fn broadcast_presence(&mut self) {
        let here = self.devices.iter().map(|device| &device.registration.device);
        let devices = distinct(here.chain(self.remote_presence.devices()));
        let frame = encode(&ServerFrame::Presence(Presence { devices }));
        let mut needs_flush = false;
        for device in self.devices.iter().filter(|device| device.held.is_none()) {
            needs_flush |= device.registration.queue.push_ephemeral(frame.clone()) == Queued::NeedsFlush;
        }
        self.schedule_fan_out(needs_flush);
    }

    /// Has the send_queues visited, if something waits for that in any of them.
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
            assert!(self.out_of_order.keys().all(|seq| *seq > next), "an event that could be told is out_of_order");
            let recent = self.recent.events.iter().map(|event| event.seq);
            let len = i64::try_from(self.recent.events.len()).unwrap_or(i64::MAX);
            assert!(recent.eq(next - len..next), "the recent events are not the end of what was told");
            for device in self.devices.iter().filter(|device| device.held.is_none()) {
                assert!(device.sent + 1 >= next, "a device lags behind its channel");
            }
        }
        for device in &self.devices {
            device.registration.queue.check_invariants();
        }
    }

    /// Forgets a reply, unless a later attempt at it has begun.
    pub(super) fn end_attempt(&mut self, id: MessageId, attempt: i64) {
        if self.replies.get(&id).is_some_and(|reply| reply.lengths().0 <= attempt) {
            self.end_reply(id);
        }
    }

    /// Forgets a reply that is not written any more.
    pub(super) fn end_reply(&mut self, id: MessageId) {
        if self.replies.remove(&id).is_some() {
            for device in &self.devices {
                device.registration.queue.end_reply(id);
            }
        }
    }

    /// Tells every out_of_order event that is next.
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

    /// Follows what an event says of a running reply: where it starts over, and when it ends.
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
            "message.completed" if !self.replies.is_empty() => {
                if let Ok(Completed { message }) = serde_json::from_str(event.data.get()) {
                    self.end_reply(message.id);
                }
            }
            "message.restarted" => {
                if let Ok(Some(EventBody::MessageRestarted { message_id, attempt, parts })) = event.body() {
                    let reply = self.replies.entry(message_id).or_insert_with(|| Arc::new(Reply::new(message_id)));
                    reply.restart(attempt, &parts);
                }
            }
            _ => {}
        }
    }
}

/// Each device once, and not more than a client is told of.
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
    /// An event whose turn it is.
    fn on_event(&mut self, event: &EncodedEvent) -> Queued {
        let Some(held) = &mut self.held else { return self.deliver(event) };
        held.bytes += event.frame.len();
        held.events.push(event.clone());
        if held.bytes > MAX_BACKLOG_BYTES {
            self.registration.queue.close(CloseCode::SlowConsumer);
        }
        Queued::Woken
    }

    /// Gives an event unless the device has it from the log already.
    fn deliver(&mut self, event: &EncodedEvent) -> Queued {
        if event.seq <= self.sent {
            return Queued::Woken;
        }
        self.sent = event.seq;
        self.registration.queue.push_event(event)
    }
}
