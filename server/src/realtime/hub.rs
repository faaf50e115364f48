//! Who is connected to this node, and what they hear: a plain data structure that never waits; its only task is the
//! round that brings what it queued to sockets.
//!
//! Events of a user reach every device in the order of their seq. BusMessage may arrive out of order (two changes committed at
//! once) or not at all (a bus that was away): an event from the future is out_of_order, the user is reported as having a gap,
//! and whoever repairs gaps reads the log and calls [`Hub::repair`].
//!
//! A device connects in three steps, so that nothing falls between the log and the live news: [`Hub::register`] holds
//! its news back, then the caller reads the log and tells where it is ([`Hub::set_head`]), then [`Hub::release`] hands over
//! what was held and is newer. Who comes while another device of the user is there need not read it:
//! [`Hub::recent_since`] has the end of it.

mod channel;
mod remote_presence;

pub use remote_presence::PRESENCE_INTERVAL;

use super::{
    send_queue::SendQueue,
    sync::DashMap,
    wire::{Encoded, EncodedEvent},
};
use crate::bus::{BusMessage, Control, Listener, StreamDelta};
use channel::Channel;
use std::{fmt, sync::Arc};
use tandem_protocol::{
    SessionId, UserId,
    id::ConnectionId,
    live::{CloseCode, Event, StreamPosition, server::PresentDevice},
};
use tokio::{sync::mpsc, time::Instant};

/// Users waiting for something that is done beside the hub; more than this and the oldest wishes are kept, since
/// [`Hub::gaps`] finds what was lost.
const SIGNALS: usize = 4096;

/// A device that connects.
#[derive(Clone, Debug)]
pub struct Registration {
    /// Names the connection.
    pub connection: ConnectionId,
    /// By which session it was let in.
    pub session: SessionId,
    /// As `presence` shows it.
    pub device: PresentDevice,
    /// Where its frames go.
    pub queue: Arc<SendQueue>,
}

/// Something to do for a user outside of the hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signal {
    /// An event is missing before one that came: read the log.
    Gap(UserId),
    /// There may be events that nobody told: read the log.
    LogMayBeAhead(UserId),
    /// Devices came or went here: tell those who are there, and the other nodes.
    PresenceChanged(UserId),
    /// Devices came or went at another node: tell those who are here.
    RemotePresenceChanged(UserId),
    /// Text of a reply was lost on its way here: ask for it.
    TextLost(UserId),
    /// Another node asks for what it cannot read in the log.
    StateRequested(UserId),
    /// BusMessage of anybody may have been lost: look for logs that are ahead.
    BusLoss,
}

/// Everyone connected to this node.
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
    /// An empty hub, and the signals that somebody has to act on.
    #[must_use]
    pub fn new(sockets_per_user: usize) -> (Self, mpsc::Receiver<Signal>) {
        let (signals, receiver) = mpsc::channel(SIGNALS);
        (Self { users: DashMap::new(), signals, sockets_per_user: sockets_per_user.max(1) }, receiver)
    }

    /// How many sockets a user may have here.
    #[must_use]
    pub fn sockets_per_user(&self) -> usize {
        self.sockets_per_user
    }

    /// Adds a device whose news are held back. The oldest socket goes when the user has too many.
    pub fn register(&self, user: &UserId, registration: Registration) {
        let mut channel = self.users.entry(user.clone()).or_default();
        channel.register(registration, self.sockets_per_user);
        self.signal(Signal::PresenceChanged(user.clone()));
    }

    /// Says where a user's log is, after reading it: `events` are its newest, the last of them is `head`. Nothing happens
    /// when the hub knows already. Reading and placing must be one turn among the devices of a user: the set_head of one that
    /// read earlier would leave a later one without what lies between.
    pub fn set_head(&self, user: &UserId, head: i64, events: &[EncodedEvent]) {
        if let Some(mut channel) = self.users.get_mut(user) {
            channel.set_head(head, events);
        }
    }

    /// The newest event that the devices of a user were told, and all after `seq` (none when that is not given). `None`
    /// when the log has to be read for that.
    #[must_use]
    pub fn recent_since(&self, user: &UserId, seq: Option<i64>) -> Option<(i64, Vec<EncodedEvent>)> {
        self.users.get(user)?.recent_since(seq)
    }

    /// Lets a device have its news: everything held back that is newer than `seq`, then text of running replies from
    /// where it is, then all that comes. Gives the seq that it has now, and `None` if it was removed meanwhile.
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

    /// Removes a device.
    pub fn unregister(&self, user: &UserId, connection: ConnectionId) {
        if let Some(mut channel) = self.users.get_mut(user)
            && channel.unregister(connection)
        {
            self.signal(Signal::PresenceChanged(user.clone()));
        }
        self.users.remove_if(user, |_, channel| channel.is_empty());
    }

    /// Fills a gap with events read from the log.
    pub fn repair(&self, user: &UserId, events: &[Event]) {
        if let Some(mut channel) = self.users.get_mut(user) {
            channel.on_events(events);
        }
    }

    /// The newest event that was told to the devices of a user, if a later one waits for one in between.
    #[must_use]
    pub fn gap(&self, user: &UserId) -> Option<i64> {
        self.users.get(user)?.gap()
    }

    /// Every user for whom an event is missing now.
    #[must_use]
    pub fn gaps(&self) -> Vec<UserId> {
        self.users.iter().filter(|channel| channel.gap().is_some()).map(|channel| channel.key().clone()).collect()
    }

    /// The newest event that was told to the devices of a user; `None` when nobody is there.
    #[must_use]
    pub fn delivered_seq(&self, user: &UserId) -> Option<i64> {
        self.users.get(user)?.delivered_seq()
    }

    /// Everybody who has a device here and whose set_head in the log is known: the newest event that was told.
    #[must_use]
    pub fn delivered_seqs(&self) -> Vec<(UserId, i64)> {
        self.users.iter().filter_map(|channel| Some((channel.key().clone(), channel.delivered_seq()?))).collect()
    }

    /// The text so far of every reply of a user that runs.
    #[must_use]
    pub fn text_so_far(&self, user: &UserId) -> Vec<StreamDelta> {
        self.users.get(user).map(|channel| channel.text_so_far()).unwrap_or_default()
    }

    /// A session of a user that has a device here, for a repair that acts on its behalf.
    #[must_use]
    pub fn any_session(&self, user: &UserId) -> Option<SessionId> {
        self.users.get(user)?.any_session()
    }

    /// Tells the devices of a user who is there.
    pub fn broadcast_presence(&self, user: &UserId) {
        if let Some(mut channel) = self.users.get_mut(user) {
            channel.broadcast_presence();
        }
    }

    /// The devices of a user that are connected to this node.
    #[must_use]
    pub fn present(&self, user: &UserId) -> Vec<PresentDevice> {
        self.users.get(user).map(|channel| channel.present()).unwrap_or_default()
    }

    /// Forgets nodes of which nothing was heard for long. Gives the users who are connected to other nodes, too.
    #[must_use]
    pub fn users_on_other_nodes(&self, now: Instant) -> Vec<UserId> {
        let mut elsewhere = Vec::new();
        for mut channel in self.users.iter_mut() {
            if channel.expire_remote_presence(now) {
                self.signal(Signal::RemotePresenceChanged(channel.key().clone()));
            }
            if channel.has_remote_devices() {
                elsewhere.push(channel.key().clone());
            }
        }
        elsewhere
    }

    /// Every session that has a socket here.
    #[must_use]
    pub fn sessions(&self) -> Vec<SessionId> {
        self.users.iter().flat_map(|channel| channel.sessions()).collect()
    }

    /// Closes every socket of a session.
    pub fn close_session(&self, session: SessionId, code: CloseCode) {
        let channels = self.users.iter();
        for channel in channels {
            channel.close_session(session, code);
        }
    }

    /// Closes every socket of a user.
    pub fn close_user(&self, user: &UserId, code: CloseCode) {
        if let Some(channel) = self.users.get(user) {
            channel.close_all(code);
        }
    }

    /// Every outbox, for a drain.
    #[must_use]
    pub fn send_queues(&self) -> Vec<Arc<SendQueue>> {
        self.users.iter().flat_map(|channel| channel.send_queues()).collect()
    }

    /// Users and sockets now.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        let sockets = self.users.iter().map(|channel| channel.devices());
        sockets.fold((0, 0), |(users, all), here| (users + usize::from(here > 0), all + here))
    }

    /// Bytes of events and answers that wait for devices.
    #[must_use]
    pub fn queue_bytes(&self) -> usize {
        self.users.iter().map(|channel| channel.queue_bytes()).sum()
    }

    /// Checks the bookkeeping. For tests.
    ///
    /// # Panics
    /// When it contradicts itself.
    pub fn check_invariants(&self) {
        let channels = self.users.iter();
        for channel in channels {
            assert!(!channel.is_empty(), "an empty channel was kept");
            channel.check_invariants();
        }
    }

    /// A full queue of signals loses one; whoever repairs gaps asks for all of them now and then.
    fn signal(&self, signal: Signal) {
        if self.signals.try_send(signal).is_err() {
            metrics::counter!("tandem_hub_signals_lost_total").increment(1);
        }
    }
}

impl Listener for Hub {
    fn on_message(&self, user: &UserId, news: &BusMessage) {
        match news {
            BusMessage::Events(events) => {
                if let Some(mut channel) = self.users.get_mut(user) {
                    channel.on_events(events);
                    if channel.gap().is_some() {
                        self.signal(Signal::Gap(user.clone()));
                    }
                }
                self.users.remove_if(user, |_, channel| channel.is_empty());
            }
            BusMessage::Delta(delta) => {
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
                if let Some((_, channel)) = self.users.remove(user) {
                    channel.close_all(CloseCode::AccountDeleted);
                }
            }
            BusMessage::Control(Control::RunEnded { message_id, attempt }) => {
                if let Some(mut channel) = self.users.get_mut(user) {
                    channel.end_attempt(*message_id, *attempt);
                }
                self.users.remove_if(user, |_, channel| channel.is_empty());
            }
            BusMessage::Control(Control::Present { node, devices }) => {
                let channel = self.users.get_mut(user);
                if channel.is_some_and(|mut channel| channel.set_remote_presence(node, devices, Instant::now())) {
                    self.signal(Signal::RemotePresenceChanged(user.clone()));
                }
            }
            BusMessage::Control(Control::Unattended) => {
                if let Some(mut channel) = self.users.get_mut(user) {
                    channel.drop_stale_replies();
                }
                self.users.remove_if(user, |_, channel| channel.is_empty());
            }
            BusMessage::Control(Control::ResyncHint) => self.signal(Signal::LogMayBeAhead(user.clone())),
            BusMessage::Control(Control::Asked) => self.signal(Signal::StateRequested(user.clone())),
            BusMessage::Control(Control::RunQueued(_) | Control::RunReleased(_) | Control::CancelRun(_)) => {}
        }
    }

    fn missed(&self) {
        self.signal(Signal::BusLoss);
    }
}

#[cfg(all(test, feature = "shuttle"))]
mod interleavings;
#[cfg(test)]
mod tests;
