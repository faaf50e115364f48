//! A device's copy of one account, kept up to date by the frames of the server: a client of the contract without I/O.
//!
//! The web client renders from it, the load test checks servers with it, and the chaos tests use it as their oracle. Its
//! caller applies every frame in the order of the socket ([`Replica::apply`]), loads what REST answers
//! ([`Replica::load_snapshot`], [`Replica::load_messages`] and the like), and acts on the [`Change`] that is returned. A
//! start without gaps: load the snapshot, send `hello` with [`Replica::resume_point`] and [`Replica::streams`], apply the
//! frames that follow.
//!
//! Events are applied without a gap or not at all. Pages may be older or newer than the events; they never replace a newer
//! state. Objects are [`Arc`]s that are replaced only when they change, so that a renderer clones cheaply and compares by
//! pointer. The text of a running reply is not in its [`Message`]: it grows in place beside it, see [`Replica::parts`].
//!
//! Reading order: [`change`] is the result of an apply, `events` applies durable changes, `stream` applies deltas, `load`
//! loads what REST answers, [`digest`] compares devices.

pub mod change;
pub mod digest;
mod events;
mod load;
mod stream;

pub use change::{Change, ContractBreach};
pub use digest::Digest;
pub use stream::PartView;

use crate::{
    enums::{Role, WelcomeMode},
    id::{ConversationId, MessageId, TaskId},
    live::{
        ReplyText, ServerFrame, StreamPosition,
        client::ResumePoint,
        server::{PresentDevice, Welcome},
    },
    model::{Conversation, Message, Part, Task, User},
    order::sort_by,
    time::Timestamp,
};
use litemap::LiteMap;
use std::sync::Arc;

/// Limit of the recorded faults: the first ones show the cause, thousands more would add nothing.
const MAX_FAULTS: usize = 100;

/// Order of a message in its conversation. Question and answer are committed together and may share a millisecond, and ids
/// are made by clocks that differ, so the role comes before the id.
type MessageOrder = (Timestamp, Role, MessageId);

/// A device's copy of one account. See the [module](self) for how to feed it.
#[derive(Clone, Debug, Default)]
pub struct Replica {
    epoch: Option<String>,
    /// Of the newest event applied; `None` until a snapshot or a `welcome` sets it.
    seq: Option<i64>,
    /// Of the snapshot: events up to here are known without having come as events.
    floor: i64,
    /// The server sent `resync`: nothing is applied until the next snapshot.
    stale: bool,
    user: Option<Arc<User>>,
    conversations: LiteMap<ConversationId, Arc<Conversation>>,
    messages: LiteMap<MessageId, Arc<Message>>,
    threads: LiteMap<ConversationId, LiteMap<MessageOrder, ()>>,
    tasks: LiteMap<TaskId, Arc<Task>>,
    /// Text of running replies beyond what their messages hold.
    streams: LiteMap<MessageId, ReplyText>,
    /// Deleted since the snapshot: a page that was read before the deletion must not restore them.
    gone_conversations: LiteMap<ConversationId, ()>,
    gone_tasks: LiteMap<TaskId, ()>,
    /// Changed parts of messages that are not known: a page that was read before the change must not hide it.
    missed: LiteMap<MessageId, LiteMap<usize, Part>>,
    presence: Arc<[PresentDevice]>,
    faults: Vec<ContractBreach>,
}

impl Replica {
    pub fn new() -> Self {
        Self::default()
    }

    /// An account before its first event: applying the whole log to it gives the account as it is now.
    pub fn at_start(epoch: impl Into<String>) -> Self {
        Self { epoch: Some(epoch.into()), seq: Some(0), ..Self::default() }
    }

    /// Applies one frame of the server. Frames have to be applied in the order of the socket.
    pub fn apply(&mut self, frame: &ServerFrame) -> Change {
        match frame {
            ServerFrame::Welcome(welcome) => self.apply_welcome(welcome),
            ServerFrame::Event(event) => self.apply_event(event),
            ServerFrame::Delta(delta) => self.apply_delta(delta),
            ServerFrame::Live(live) => self.check_top(live.seq).unwrap_or(Change::Live),
            ServerFrame::Ping(ping) => self.check_top(ping.seq).unwrap_or(Change::None),
            ServerFrame::Presence(presence) => {
                self.presence = presence.devices.as_slice().into();
                Change::Presence
            }
            // An acknowledgement carries no state of its own: the event of the change arrives separately.
            ServerFrame::Ack(_)
            | ServerFrame::Error(_)
            | ServerFrame::AuthExpiring(_)
            | ServerFrame::AuthOk(_)
            | ServerFrame::Bye(_) => Change::None,
        }
    }

    /// Where to resume after the connection was lost; `None` when only a fresh start is possible.
    pub fn resume_point(&self) -> Option<ResumePoint> {
        if self.stale {
            return None;
        }
        Some(ResumePoint { epoch: self.epoch.clone()?, seq: self.seq? })
    }

    /// How much of each running reply this device has, for `hello`: a position for each text part, in order.
    pub fn streams(&self) -> Vec<StreamPosition> {
        self.running().flat_map(|message| stream::positions(message, self.streams.get(&message.id))).collect()
    }

    /// Of the newest event applied, 0 before the first.
    pub fn seq(&self) -> i64 {
        self.seq.unwrap_or(0)
    }

    /// Identifies the log that [`Replica::seq`] counts in.
    pub fn epoch(&self) -> Option<&str> {
        self.epoch.as_deref()
    }

    pub fn user(&self) -> Option<&Arc<User>> {
        self.user.as_ref()
    }

    /// The known conversations, newest activity first.
    pub fn conversations(&self) -> Vec<&Arc<Conversation>> {
        let mut all: Vec<_> = self.conversations.values().collect();
        let order = |c: &Conversation| (c.last_message_at.unwrap_or(c.created_at), c.id);
        sort_by(&mut all, |a, b| order(b).cmp(&order(a)));
        all
    }

    pub fn conversation(&self, id: ConversationId) -> Option<&Arc<Conversation>> {
        self.conversations.get(&id)
    }

    /// The known messages of a conversation, oldest first, siblings included.
    pub fn messages(&self, conversation: ConversationId) -> impl DoubleEndedIterator<Item = &Arc<Message>> {
        let ordered = self.threads.get(&conversation).into_iter().flatten();
        ordered.filter_map(|((_, _, id), ())| self.messages.get(id))
    }

    /// One message. A running reply holds what is durable; see [`Replica::parts`] for the text that was streamed.
    pub fn message(&self, id: MessageId) -> Option<&Arc<Message>> {
        self.messages.get(&id)
    }

    pub fn running(&self) -> impl Iterator<Item = &Arc<Message>> {
        self.messages.values().filter(|message| !message.state.is_final())
    }

    /// The parts of a message now: text with everything streamed so far, and tool calls. Borrowed, so that rendering a
    /// reply costs no copy per delta.
    pub fn parts(&self, id: MessageId) -> impl Iterator<Item = PartView<'_>> {
        stream::parts(self.messages.get(&id).map(Arc::as_ref), self.streams.get(&id))
    }

    /// The known tasks by their position: all open ones, and done ones that were seen or loaded.
    pub fn tasks(&self) -> Vec<&Arc<Task>> {
        let mut all: Vec<_> = self.tasks.values().collect();
        sort_by(&mut all, |a, b| (&a.position, a.number).cmp(&(&b.position, b.number)));
        all
    }

    pub fn task(&self, id: TaskId) -> Option<&Arc<Task>> {
        self.tasks.get(&id)
    }

    /// The connected devices of this account, as last received.
    pub fn presence(&self) -> &Arc<[PresentDevice]> {
        &self.presence
    }

    /// Where the server broke the contract, as far as this device can detect it: the first hundred faults, oldest first.
    /// A client does not need them, because it acts on each [`Change`]; an oracle expects that there are none.
    pub fn faults(&self) -> &[ContractBreach] {
        &self.faults
    }

    /// Returns and clears the faults, for an oracle that caused some of them itself.
    pub fn take_faults(&mut self) -> Vec<ContractBreach> {
        std::mem::take(&mut self.faults)
    }

    fn apply_welcome(&mut self, welcome: &Welcome) -> Change {
        if welcome.mode == WelcomeMode::Resync {
            self.stale = true;
            return Change::Resync;
        }
        // Another epoch is another log, in which the same numbers mean other events.
        match &self.epoch {
            Some(epoch) if *epoch != welcome.epoch => {
                self.stale = true;
                return Change::Resync;
            }
            Some(_) => {}
            None => self.epoch = Some(welcome.epoch.clone()),
        }
        let have = *self.seq.get_or_insert(welcome.seq);
        if welcome.mode == WelcomeMode::Fresh && have < welcome.seq {
            // Not a fault of the server: the client requested a fresh start although it had events.
            return Change::Gap { expected: have + 1, got: welcome.seq };
        }
        Change::Welcome(welcome.mode)
    }

    /// `live` and `ping` carry the number of the newest event that was sent: a larger one than the device has is a loss.
    fn check_top(&mut self, top: i64) -> Option<Change> {
        let have = self.seq();
        if self.stale || top <= have {
            return None;
        }
        let expected = have + 1;
        self.fault(ContractBreach::EventGap { expected, got: top });
        Some(Change::Gap { expected, got: top })
    }

    fn fault(&mut self, fault: ContractBreach) {
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(fault);
        }
    }
}
