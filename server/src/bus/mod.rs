//! News between the parts of a node and between nodes. The bus is a hint, the database the truth: what is lost here is
//! read from the log there.

pub mod local;

use std::{fmt::Debug, sync::Arc};
use tandem_protocol::{MessageId, SessionId, UserId, live::Event};

/// News about one user.
#[derive(Clone, Debug)]
pub enum News {
    /// Committed events, in order.
    Events(Arc<[Event]>),
    /// Streamed text of a reply.
    Delta(Arc<StreamDelta>),
    /// Something to do.
    Control(Control),
}

/// Streamed text, before it is a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamDelta {
    /// The reply.
    pub message_id: MessageId,
    /// Of this attempt.
    pub attempt: i64,
    /// Index into the message's parts.
    pub part: usize,
    /// In UTF-8 bytes from the start of that part.
    pub offset: usize,
    /// What stands there.
    pub text: String,
}

/// Something that a node has to do for a user, without a place in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Control {
    /// A run can start or go on.
    RunReady(MessageId),
    /// Stop writing this reply.
    CancelRun(MessageId),
    /// Nobody here writes this reply any more; what was heard of it is over, also when no event says so because its
    /// conversation is gone.
    RunEnded(MessageId),
    /// The log may hold events that nobody told: the answer to a commit was lost.
    LogInDoubt,
    /// Close the sockets of this session.
    SessionRevoked(SessionId),
    /// Close every socket of this user.
    AccountDeleted,
}

/// Hears the news of this node. Called on the publisher's thread, in its order: must neither block nor wait.
pub trait Listener: Send + Sync {
    /// News about a user.
    fn hear(&self, user: &UserId, news: &News);
}

/// Carries news.
pub trait Bus: Send + Sync + Debug {
    /// Tells everyone who listens; after the commit of what it tells.
    fn publish(&self, user: &UserId, news: News);

    /// Adds a listener. Listeners live as long as the bus.
    fn listen(&self, listener: Arc<dyn Listener>);

    /// Whether news reach the other nodes now.
    fn healthy(&self) -> bool;
}
