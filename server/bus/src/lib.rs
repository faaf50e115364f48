//! Messages between the parts of a node, and between nodes: what was committed, streamed text, and requests.
//!
//! The bus carries hints, the database holds the truth. If the bus were durable as well, the two would have to agree on
//! what happened. So a message is published after the commit that it is about, and any message may be lost.
//!
//! A message reaches the listeners of its own node by a call, before [`Bus::publish`] returns. Other nodes receive the
//! messages of a user in the order in which a node published them, while they hold a [`Subscription`]. A node that may
//! have lost messages is notified ([`Listener::on_loss`]) and reads the log.

pub mod local;
pub mod nats;

use serde::{Deserialize, Serialize};
use std::{
    any::Any,
    fmt::{self, Debug},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};
use tandem_protocol::{
    MessageId, SessionId, UserId,
    enums::PushKind,
    live::{Delta, Event, server::PresentDevice},
};
use tokio::{sync::watch, time::timeout};

/// How long a connecting device waits for a subscription. Without it, the device still misses nothing: the sweeps of
/// its node read the log.
const SUBSCRIBE_TIMEOUT: Duration = Duration::from_millis(500);

/// A message about one user. Between nodes it travels as JSON, and nodes of neighbouring versions run side by side
/// during an upgrade: kinds and fields are added, never changed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BusMessage {
    Events(Arc<[Event]>),
    Delta(Arc<Delta>),
    Control(Control),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Audience {
    /// The node that publishes it.
    Local,
    /// All nodes but that one.
    Remote,
    All,
}

impl BusMessage {
    fn audience(&self) -> Audience {
        match self {
            // The node that queues a run claims it. Should that fail, the sweep of any node finds the run.
            Self::Control(Control::RunQueued(_) | Control::Unsubscribed) => Audience::Local,
            Self::Control(Control::Presence { .. } | Control::RunReleased(_)) => Audience::Remote,
            Self::Events(_) | Self::Delta(_) | Self::Control(_) => Audience::All,
        }
    }
}

/// A request or a fact about a user that no log holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Control {
    /// A run can start or go on.
    RunQueued(MessageId),
    /// Stop writing this reply.
    CancelRun(MessageId),
    /// The node that wrote this reply no longer does. Its text so far is dropped, unless another node has begun a later
    /// attempt. An event says the same, but not when the conversation was deleted.
    RunEnded {
        message_id: MessageId,
        /// The last attempt of that node.
        attempt: i64,
    },
    /// A run can start or go on, but not at the node that publishes this.
    RunReleased(MessageId),
    /// The log may hold events that were never published: the answer to a commit was lost.
    ResyncHint,
    SessionRevoked(SessionId),
    /// Close every socket of this user.
    AccountDeleted,
    /// Publish the text of running replies and the presence of this user. Sent by a node that has just subscribed, or
    /// has lost messages.
    StateRequested,
    /// The devices that are connected to another node.
    Presence {
        node: String,
        /// Empty when the last one has disconnected.
        devices: Vec<PresentDevice>,
    },
    /// Pushes about these events wait in the outbox. A node with devices of the user holds back what they show.
    PushesAdded {
        kind: PushKind,
        /// The seq of the first event.
        first: i64,
        last: i64,
    },
    /// This node has ended its subscription: the text of running replies that it holds is no longer kept up to date.
    Unsubscribed,
}

/// Receives messages. It is called on the publisher's thread, in the publisher's order, so it must not block.
pub trait Listener: Send + Sync {
    /// Receives one message about a user.
    fn on_message(&self, user: &UserId, message: &BusMessage);

    /// Messages of other nodes may have been lost, of any user: the listener has to compare what it has with the logs.
    fn on_loss(&self) {}
}

/// Publishes messages to the listeners of this node and of others.
pub trait Bus: Send + Sync + Debug {
    /// Sends a message to its listeners. Never waits: a message that cannot be sent to other nodes now is dropped. Call
    /// it after the commit of what the message is about, or a listener reads a log without it.
    fn publish(&self, user: &UserId, message: BusMessage);

    /// Adds a listener. Listeners live as long as the bus.
    fn listen(&self, listener: Arc<dyn Listener>);

    /// Receives the messages of a user from other nodes for as long as the subscription is held.
    fn subscribe(&self, user: &UserId) -> Subscription;

    /// Whether other nodes may share the database.
    fn is_shared(&self) -> bool;

    /// Whether messages can be sent to other nodes at the moment.
    fn healthy(&self) -> bool;
}

/// A claim on the messages of a user from other nodes. This node receives them until its last one is dropped.
#[derive(Default)]
pub struct Subscription {
    /// `None` on a bus without other nodes.
    established: Option<watch::Receiver<bool>>,
    _guard: Option<Box<dyn Any + Send + Sync>>,
}

impl Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription").finish_non_exhaustive()
    }
}

impl Subscription {
    /// Waits until the subscription has been sent to the bus, for half a second at most.
    pub async fn established(&self) {
        let Some(established) = &self.established else { return };
        let mut established = established.clone();
        if timeout(SUBSCRIBE_TIMEOUT, established.wait_for(|established| *established)).await.is_err() {
            metrics::counter!("tandem_bus_late_subscriptions_total").increment(1);
        }
    }
}

/// The listeners of this node, which live as long as its bus.
#[derive(Default)]
struct Listeners(RwLock<Vec<Arc<dyn Listener>>>);

impl Listeners {
    fn add(&self, listener: Arc<dyn Listener>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).push(listener);
    }

    fn deliver(&self, user: &UserId, message: &BusMessage) {
        self.each(|listener| listener.on_message(user, message));
    }

    fn each(&self, call: impl Fn(&dyn Listener)) {
        self.0.read().unwrap_or_else(PoisonError::into_inner).iter().for_each(|listener| call(listener.as_ref()));
    }
}
