//! The result of an apply: what to redraw, what to repair, and what the server should not have sent.

use crate::{
    enums::WelcomeMode,
    id::{ConversationId, MessageId, TaskId},
};
use std::fmt;

/// What a renderer redraws, or what a client must do, after one frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing that is shown has changed.
    None,
    /// The connection stands; events follow.
    Welcome(WelcomeMode),
    /// The replay is over: this is the present.
    Live,
    /// Other devices are connected.
    Presence,
    User,
    /// A device signed in or out; the list is at `GET /sessions`.
    Sessions,
    /// A conversation is new or has changed; the order of the list may have, too.
    Conversation(ConversationId),
    /// A conversation and its messages are gone.
    ConversationRemoved(ConversationId),
    /// A message is new or has changed as a whole.
    Message {
        conversation_id: ConversationId,
        message_id: MessageId,
    },
    /// A running reply has grown; nothing else has changed.
    Text {
        message_id: MessageId,
        /// Index of the part that grew.
        part: usize,
        /// Bytes of the part that were there before.
        from: usize,
    },
    /// A task is new or has changed.
    Task(TaskId),
    /// A task is gone.
    TaskRemoved(TaskId),
    /// Events are missing: connect again with [`resume_point`](super::Replica::resume_point). Nothing was applied.
    Gap {
        /// The event that should have arrived.
        expected: i64,
        /// The event that arrived, or the newest one that the server has sent.
        got: i64,
    },
    /// The event is known; it was ignored.
    Duplicate,
    /// Streamed text is missing; the next resume or the end of the reply contains it. Nothing was applied.
    DeltaGap {
        message_id: MessageId,
        /// Index of the part.
        part: usize,
        /// Bytes that the device has.
        have: usize,
    },
    /// Resuming is impossible: load a snapshot and send `hello` again. What is known may be shown until then.
    Resync,
}

/// A breach of the contract by the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContractBreach {
    /// An event is missing.
    EventGap {
        /// The event that should have arrived.
        expected: i64,
        /// The event that arrived, or the newest one by `live` or `ping`.
        got: i64,
    },
    /// An event arrived a second time, or after a later one.
    EventTwice { seq: i64 },
    /// The data of an event is not the object that its name describes.
    UnreadableEvent { seq: i64, error: String },
    /// A delta differs from an earlier one at the same bytes, or is for a part that is not text.
    DeltaContradicts {
        message_id: MessageId,
        /// Index of the part.
        part: usize,
        offset: usize,
    },
    /// Durable text is not what was streamed before, in the same attempt.
    TextContradicts {
        message_id: MessageId,
        /// Index of the part.
        part: usize,
    },
    /// A reply ended with less text than was streamed, in the same attempt.
    TextShrank {
        message_id: MessageId,
        /// Index of the part.
        part: usize,
        /// Bytes that were streamed.
        had: usize,
        /// Bytes of the final text.
        got: usize,
    },
}

impl fmt::Display for ContractBreach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EventGap { expected, got } => write!(f, "event {expected} is missing, {got} came"),
            Self::EventTwice { seq } => write!(f, "event {seq} came again"),
            Self::UnreadableEvent { seq, error } => write!(f, "event {seq} cannot be read: {error}"),
            Self::DeltaContradicts { message_id, part, offset } => {
                write!(f, "a delta contradicts earlier text: message {message_id}, part {part}, offset {offset}")
            }
            Self::TextContradicts { message_id, part } => {
                write!(f, "durable text is not what was streamed: message {message_id}, part {part}")
            }
            Self::TextShrank { message_id, part, had, got } => {
                write!(f, "the end has less text than was streamed: message {message_id}, part {part}, {got} of {had}")
            }
        }
    }
}
