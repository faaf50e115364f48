//! Messages between the parts of a node and between nodes. The bus is a hint, the database the truth: what is lost here is
//! read from the log there.

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
    live::{Delta, Event, server::PresentDevice},
};
use tokio::{sync::watch, time::timeout};

/// A device is not kept waiting for the messages of other nodes for longer: what it misses is read from the log later.
const ATTENDANCE_PATIENCE: Duration = Duration::from_millis(500);

/// Messages about one user. Between nodes they travel as JSON, and nodes of neighbouring versions run side by side during an
/// upgrade: kinds and fields are added, never changed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BusMessage {
    /// Committed events, in order.
    Events(Arc<[Event]>),
    /// Streamed text of a reply.
    Delta(Arc<Delta>),
    Control(Control),
}

/// Which nodes a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Audience {
    /// The node that publishes it.
    Here,
    /// All nodes but that one.
    Elsewhere,
    Everywhere,
}

impl BusMessage {
    fn audience(&self) -> Audience {
        match self {
            // Whoever says that a run can go on takes it up.
            Self::Control(Control::RunQueued(_) | Control::Unattended) => Audience::Here,
            Self::Control(Control::Present { .. } | Control::RunReleased(_)) => Audience::Elsewhere,
            Self::Events(_) | Self::Delta(_) | Self::Control(_) => Audience::Everywhere,
        }
    }
}

/// Something that a node has to do for a user, without a place in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Control {
    /// A run can start or go on.
    RunQueued(MessageId),
    /// Stop writing this reply.
    CancelRun(MessageId),
    /// The node that wrote this reply does so no more. What was received of it is over, also when no event says so because
    /// its conversation is gone; unless another node has begun a later attempt.
    RunEnded {
        message_id: MessageId,
        /// The last attempt of that node.
        attempt: i64,
    },
    /// A run can start or go on at another node than the one that says so.
    RunReleased(MessageId),
    /// The log may hold events that were never published: the answer to a commit was lost.
    ResyncHint,
    /// Close the sockets of this session.
    SessionRevoked(SessionId),
    /// Close every socket of this user.
    AccountDeleted,
    /// Some node knows nothing of this user yet, or missed something: send it the text of replies that run, and who is
    /// connected.
    Asked,
    /// Who is connected to another node.
    Present {
        node: String,
        /// Nobody, when the last one has left.
        devices: Vec<PresentDevice>,
    },
    /// Messages from other nodes do not come here any more: what was known of replies that run is not kept up to date.
    Unattended,
}

/// Receives the messages of this node. Called on the publisher's thread, in its order: must neither block nor wait.
pub trait Listener: Send + Sync {
    /// Messages about a user.
    fn on_message(&self, user: &UserId, message: &BusMessage);

    /// Messages of other nodes may have been lost, whosever they were: what the log has is to be looked up.
    fn on_loss(&self) {}
}

pub trait Bus: Send + Sync + Debug {
    /// Delivers a message to all listeners; after the commit of what it is about.
    fn publish(&self, user: &UserId, message: BusMessage);

    /// Adds a listener. Listeners live as long as the bus.
    fn listen(&self, listener: Arc<dyn Listener>);

    /// Has the messages of a user come here from other nodes, as long as the answer is held.
    fn subscribe(&self, user: &UserId) -> Subscription;

    /// Whether there may be other nodes.
    fn is_shared(&self) -> bool;

    /// Whether messages reach the other nodes now.
    fn healthy(&self) -> bool;
}

/// That messages of a user come from other nodes. They stop coming when the last one is dropped.
#[derive(Default)]
pub struct Subscription {
    begun: Option<watch::Receiver<bool>>,
    _held: Option<Box<dyn Any + Send + Sync>>,
}

impl Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription").finish_non_exhaustive()
    }
}

impl Subscription {
    /// Waits until what other nodes publish from now on comes here, or until that takes too long.
    pub async fn begun(&self) {
        let Some(begun) = &self.begun else { return };
        let mut begun = begun.clone();
        let in_time = timeout(ATTENDANCE_PATIENCE, begun.wait_for(|begun| *begun)).await;
        if in_time.is_err() {
            metrics::counter!("tandem_bus_late_attendances_total").increment(1);
        }
    }
}

/// Those who listen on this node.
#[derive(Default)]
struct Listeners(RwLock<Vec<Arc<dyn Listener>>>);

impl Listeners {
    fn add(&self, listener: Arc<dyn Listener>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).push(listener);
    }

    fn deliver(&self, user: &UserId, message: &BusMessage) {
        for listener in self.0.read().unwrap_or_else(PoisonError::into_inner).iter() {
            listener.on_message(user, message);
        }
    }

    fn on_loss(&self) {
        for listener in self.0.read().unwrap_or_else(PoisonError::into_inner).iter() {
            listener.on_loss();
        }
    }
}
