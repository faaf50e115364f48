//! The devices that are connected to this node, and what they are sent.
//!
//! The hub is a plain data structure: it never waits and does no I/O. Whatever needs the database or another node
//! leaves it as a [`Signal`]. Its only task is the fan-out, which writes queued frames to sockets.
//!
//! Events of a user reach every device in the order of their seq, each once. Bus messages may arrive out of order (two
//! changes were committed at once) or not at all (the bus was away). An event beyond a gap is kept, the gap is
//! signalled, and the background task reads the log and calls [`Hub::repair`].
//!
//! A device connects in three steps, so that no event is lost between the log and the live events. [`Hub::register`]
//! adds it with its events held back. The caller reads the log and sets its head ([`Hub::set_head`]). [`Hub::release`]
//! delivers the held events that are newer. A device that connects while another one of its user is there need not read
//! the log: [`Hub::recent_since`] returns the end of it.

mod channel;
mod remote_presence;

pub use remote_presence::PRESENCE_INTERVAL;

use super::{
    send_queue::SendQueue,
    sync::DashMap,
    wire::{Encoded, EncodedEvent},
};
use channel::Channel;
use std::{fmt, sync::Arc};
use tandem_bus::{BusMessage, Control, Listener};
use tandem_protocol::{
    DeviceId, SessionId, UserId,
    id::ConnectionId,
    live::{CloseCode, Delta, Event, StreamPosition, server::PresentDevice},
};
use tokio::{sync::mpsc, time::Instant};

/// Signals that wait to be acted on. More are dropped: the sweep over [`Hub::gaps`] finds the users they were for.
const SIGNALS: usize = 4096;

/// A device and its connection.
#[derive(Clone, Debug)]
pub struct Registration {
    pub connection: ConnectionId,
    pub session: SessionId,
    /// The device as `presence` shows it.
    pub device: PresentDevice,
    pub queue: Arc<SendQueue>,
}

/// Something that has to be done outside of the hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signal {
    /// An event is missing before one that came: read the log.
    Gap(UserId),
    /// The log may be ahead of the events that were published: read it.
    LogMayBeAhead(UserId),
    /// Devices of this node connected or left: send the presence to the devices here and to the other nodes.
    PresenceChanged(UserId),
    /// Devices of another node connected or left: send the presence to the devices here.
    RemotePresenceChanged(UserId),
    /// A delta of a reply was lost on its way to this node: request the text from the others.
    TextLost(UserId),
    /// Another node requests what is not in the log: running text and presence.
    StateRequested(UserId),
    /// Pushes about the events from the first to the last wait, and devices here are about to show them.
    PushesAdded(UserId, (i64, i64)),
    /// A device has applied the events up to a seq, and so shows the reminders among them.
    Shown(UserId, DeviceId, i64),
    /// The bus may have lost messages of any user: find the logs that are ahead.
    BusLoss,
}

/// All devices that are connected to this node, by user.
pub struct Hub {
    users: DashMap<UserId, Channel>,
    signals: mpsc::Sender<Signal>,
    sockets_per_user: usize,
}

impl fmt::Debug for Hub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hub").field("users", &self.users.len()).finish_non_exhaustive()
    }
}

impl Hub {
    /// Creates an empty hub, and the receiver of the signals that have to be acted on.
    pub fn new(sockets_per_user: usize) -> (Self, mpsc::Receiver<Signal>) {
        let (signals, receiver) = mpsc::channel(SIGNALS);
        (Self { users: DashMap::new(), signals, sockets_per_user: sockets_per_user.max(1) }, receiver)
    }

    pub fn sockets_per_user(&self) -> usize {
        self.sockets_per_user
    }

    /// Adds a device whose events are held back. Closes the oldest socket of a user who has too many.
    pub fn register(&self, user: &UserId, registration: Registration) {
        let mut channel = self.users.entry(user.clone()).or_default();
        channel.register(registration, self.sockets_per_user);
        self.signal(Signal::PresenceChanged(user.clone()));
    }

    /// Sets the head of a user's log after it was read: `events` are its newest, the last of them has the seq `head`.
    /// Does nothing when the head is known already. The devices of a user must read and set it one at a time: a head
    /// that was read earlier would hide the events in between from a device that registered later.
    pub fn set_head(&self, user: &UserId, head: i64, events: &[EncodedEvent]) {
        if let Some(mut channel) = self.users.get_mut(user) {
            channel.set_head(head, events);
        }
    }

    /// The seq of the newest event that was delivered to the devices of a user, and all events after `seq` (none
    /// without a `seq`). `None` when the log has to be read.
    pub fn recent_since(&self, user: &UserId, seq: Option<i64>) -> Option<(i64, Vec<EncodedEvent>)> {
        self.users.get(user)?.recent_since(seq)
    }

    /// Makes a device live. It is sent the held events that are newer than `seq`, the frame that `live` makes, the text
    /// of running replies from its offsets in `streams`, and from then on everything. Returns the seq that it has now;
    /// `None` if it was removed in the meantime.
    pub fn release(
        &self,
        user: &UserId,
        connection: ConnectionId,
        seq: i64,
        live: impl FnOnce(i64) -> Encoded,
        streams: &[StreamPosition],
    ) -> Option<i64> {
        self.users.get_mut(user)?.release(connection, seq, live, streams)
    }

    /// Removes a device, and its user with the last one.
    pub fn unregister(&self, user: &UserId, connection: ConnectionId) {
        if let Some(mut channel) = self.users.get_mut(user)
            && channel.unregister(connection)
        {
            self.signal(Signal::PresenceChanged(user.clone()));
        }
        // A new device may have registered since the lock was released, so that this checks again under its own lock.
        self.users.remove_if(user, |_, channel| channel.is_empty());
    }

    /// Fills a gap with events that were read from the log.
    pub fn repair(&self, user: &UserId, events: &[Event]) {
        if let Some(mut channel) = self.users.get_mut(user) {
            channel.on_events(events);
        }
    }

    /// The seq of the newest delivered event of a user, if a later event waits for one in between.
    pub fn gap(&self, user: &UserId) -> Option<i64> {
        self.users.get(user)?.gap()
    }

    pub fn gaps(&self) -> Vec<UserId> {
        self.users.iter().filter(|channel| channel.gap().is_some()).map(|channel| channel.key().clone()).collect()
    }

    /// The seq of the newest event that was delivered to the devices of a user; `None` when it is not known here.
    pub fn delivered_seq(&self, user: &UserId) -> Option<i64> {
        self.users.get(user)?.delivered_seq()
    }

    /// The seq of the newest delivered event of every user, where it is known.
    pub fn delivered_seqs(&self) -> Vec<(UserId, i64)> {
        self.users.iter().filter_map(|channel| Some((channel.key().clone(), channel.delivered_seq()?))).collect()
    }

    /// The text so far of every running reply of a user.
    pub fn text_so_far(&self, user: &UserId) -> Vec<Delta> {
        self.users.get(user).map(|channel| channel.text_so_far()).unwrap_or_default()
    }

    /// A session of a user that has a device here, on whose behalf a repair reads the log.
    pub fn any_session(&self, user: &UserId) -> Option<SessionId> {
        self.users.get(user)?.any_session()
    }

    /// Reports that a device has applied the events up to `seq`, which it was asked about.
    pub fn on_shown(&self, user: &UserId, device: &DeviceId, seq: i64) {
        self.signal(Signal::Shown(user.clone(), device.clone(), seq));
    }

    /// Sends the presence of all nodes to the devices of a user.
    pub fn broadcast_presence(&self, user: &UserId) {
        if let Some(mut channel) = self.users.get_mut(user) {
            channel.broadcast_presence();
        }
    }

    /// The devices of a user that are connected to this node.
    pub fn present(&self, user: &UserId) -> Vec<PresentDevice> {
        self.users.get(user).map(|channel| channel.present()).unwrap_or_default()
    }

    /// Removes the presence of nodes that have not renewed it. Returns the users who are connected to other nodes, too.
    pub fn users_on_other_nodes(&self, now: Instant) -> Vec<UserId> {
        let mut users = Vec::new();
        for mut channel in self.users.iter_mut() {
            if channel.expire_remote_presence(now) {
                self.signal(Signal::RemotePresenceChanged(channel.key().clone()));
            }
            if channel.has_remote_devices() {
                users.push(channel.key().clone());
            }
        }
        users
    }

    pub fn sessions(&self) -> Vec<SessionId> {
        self.users.iter().flat_map(|channel| channel.sessions()).collect()
    }

    pub fn close_session(&self, session: SessionId, code: CloseCode) {
        // The user of a session is not known here. Revocations are rare enough to go through all of them.
        let channels = self.users.iter();
        for channel in channels {
            channel.close_session(session, code);
        }
    }

    pub fn close_user(&self, user: &UserId, code: CloseCode) {
        if let Some(channel) = self.users.get(user) {
            channel.close_all(code);
        }
    }

    /// The send queues of all devices, for a drain.
    pub fn send_queues(&self) -> Vec<Arc<SendQueue>> {
        self.users.iter().flat_map(|channel| channel.send_queues()).collect()
    }

    /// The numbers of connected users and of their sockets.
    pub fn counts(&self) -> (usize, usize) {
        let sockets = self.users.iter().map(|channel| channel.devices());
        sockets.fold((0, 0), |(users, all), here| (users + usize::from(here > 0), all + here))
    }

    /// Bytes of events and answers that wait for devices.
    pub fn queue_bytes(&self) -> usize {
        self.users.iter().map(|channel| channel.queue_bytes()).sum()
    }

    /// Checks the invariants of all channels, in tests.
    ///
    /// # Panics
    /// When one does not hold.
    pub fn check_invariants(&self) {
        let channels = self.users.iter();
        for channel in channels {
            assert!(!channel.is_empty(), "an empty channel was kept");
            channel.check_invariants();
        }
    }

    /// Sends a signal, or drops it when too many wait: the hub must not wait for the task that acts on them.
    fn signal(&self, signal: Signal) {
        if self.signals.try_send(signal).is_err() {
            metrics::counter!("tandem_hub_signals_lost_total").increment(1);
        }
    }
}

impl Listener for Hub {
    fn on_message(&self, user: &UserId, message: &BusMessage) {
        match message {
            BusMessage::Events(events) => {
                if let Some(mut channel) = self.users.get_mut(user) {
                    channel.on_events(events);
                    if channel.gap().is_some() {
                        self.signal(Signal::Gap(user.clone()));
                    }
                }
                // The event may have ended the last reply of a user without devices. The lock of the entry was
                // released in between, as `remove_if` takes it again and would wait for itself.
                self.users.remove_if(user, |_, channel| channel.is_empty());
            }
            BusMessage::Delta(delta) => {
                // Also for a user without devices here, whose reply this node writes: the next device to connect is
                // sent the text from its start.
                if self.users.entry(user.clone()).or_default().on_delta(delta) {
                    self.signal(Signal::TextLost(user.clone()));
                }
            }
            BusMessage::Control(Control::SessionRevoked(session)) => {
                if let Some(channel) = self.users.get(user) {
                    channel.close_session(*session, CloseCode::SessionRevoked);
                }
            }
            BusMessage::Control(Control::AccountDeleted) => {
                // The connections find no registration when they end, which is no error.
                if let Some((_, channel)) = self.users.remove(user) {
                    channel.close_all(CloseCode::AccountDeleted);
                }
            }
            BusMessage::Control(Control::RunEnded { message_id, attempt }) => {
                // Without this the reply would stay when no event ends it: its conversation may have been deleted.
                if let Some(mut channel) = self.users.get_mut(user) {
                    channel.end_attempt(*message_id, *attempt);
                }
                self.users.remove_if(user, |_, channel| channel.is_empty());
            }
            BusMessage::Control(Control::Presence { node, devices }) => {
                let channel = self.users.get_mut(user);
                if channel.is_some_and(|mut channel| channel.set_remote_presence(node, devices, Instant::now())) {
                    self.signal(Signal::RemotePresenceChanged(user.clone()));
                }
            }
            BusMessage::Control(Control::Unsubscribed) => {
                if let Some(mut channel) = self.users.get_mut(user) {
                    channel.drop_stale_replies();
                }
                self.users.remove_if(user, |_, channel| channel.is_empty());
            }
            BusMessage::Control(Control::PushesAdded { first, last, .. }) => {
                if let Some(mut channel) = self.users.get_mut(user)
                    && channel.devices() > 0
                {
                    channel.ask_about(*last);
                    self.signal(Signal::PushesAdded(user.clone(), (*first, *last)));
                }
            }
            BusMessage::Control(Control::ResyncHint) => self.signal(Signal::LogMayBeAhead(user.clone())),
            BusMessage::Control(Control::StateRequested) => self.signal(Signal::StateRequested(user.clone())),
            BusMessage::Control(Control::RunQueued(_) | Control::RunReleased(_) | Control::CancelRun(_)) => {}
        }
    }

    fn on_loss(&self) {
        self.signal(Signal::BusLoss);
    }
}

#[cfg(all(test, feature = "shuttle"))]
mod interleavings;
#[cfg(test)]
mod tests;
