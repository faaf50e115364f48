//! Durable events: every change of a user's data, in one order for all devices.
//!
//! An event carries the object as it is after the change, so that a device needs no second request to show it. The server
//! passes `data` on without reading it, and a client skips an event whose name it does not know: a newer server may send
//! more kinds of events.

use crate::{
    enums::ActorKind,
    id::{CommandId, ConversationId, DeviceId, MessageId, ReminderId, SessionId, TaskId},
    json::{self, Unreadable},
    model::{Conversation, Message, Part, Session, Task, User},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A durable change, on the wire and in the log. `data` stays text until [`Event::body`] reads it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Event {
    /// Per user, from 1, without gaps.
    pub seq: i64,
    /// When the change was committed.
    pub at: Timestamp,
    /// Name of the change, such as `task.created`.
    pub name: String,
    /// The object that the name describes, see [`EventBody`].
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub data: Box<RawValue>,
    pub actor: Actor,
    /// The command that it came from.
    pub command_id: Option<CommandId>,
}

// By hand, because `RawValue` has no `PartialEq`. Text is compared as text: the log stores what was sent.
impl PartialEq for Event {
    fn eq(&self, other: &Self) -> bool {
        (self.seq, self.at, &self.name, self.data.get(), &self.actor, self.command_id)
            == (other.seq, other.at, &other.name, other.data.get(), &other.actor, other.command_id)
    }
}

impl Event {
    /// As [`EventBody::from_parts`], of its own name and data.
    ///
    /// # Errors
    /// `data` is not the object that the name describes.
    pub fn body(&self) -> Result<Option<EventBody>, Unreadable> {
        EventBody::from_parts(&self.name, self.data.get())
    }
}

/// The origin of a change: transport and device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Actor {
    /// Through which transport the change came.
    pub kind: ActorKind,
    /// From which device, where there is one.
    pub device_id: Option<DeviceId>,
}

// One list of names and fields: reading, writing and the list of names cannot differ.
macro_rules! events {
    ($($(#[$doc:meta])* $variant:ident = $name:literal { $($field:ident: $ty:ty),+ }),+ $(,)?) => {
        /// A durable change, read. Serialises to the `data` of its event.
        #[derive(Clone, Debug, PartialEq, Serialize)]
        #[serde(untagged)]
        pub enum EventBody {
            $($(#[$doc])* $variant { $($field: $ty),+ },)+
        }

        impl EventBody {
            /// Every name, in the order of the contract.
            pub const NAMES: &'static [&'static str] = &[$($name),+];

            /// The `name` of the event.
            pub fn name(&self) -> &'static str {
                match self { $(Self::$variant { .. } => $name),+ }
            }

            /// Reads the `data` of an event of this name; `None` for an unknown name.
            ///
            /// # Errors
            /// `data` is not the object that the name describes.
            pub fn from_parts(name: &str, data: &str) -> Result<Option<Self>, Unreadable> {
                Ok(Some(match name {
                    $($name => {
                        // The name stands beside `data`, so the variant is chosen here and not by serde.
                        #[derive(Deserialize)]
                        struct Data { $($field: $ty),+ }
                        let Data { $($field),+ } = json::read(data)?;
                        Self::$variant { $($field),+ }
                    })+
                    _ => return Ok(None),
                }))
            }
        }
    };
}

events! {
    ConversationCreated = "conversation.created" { conversation: Conversation },
    /// A conversation was named, read, or got a message.
    ConversationUpdated = "conversation.updated" { conversation: Conversation },
    /// A conversation and its messages are gone.
    ConversationDeleted = "conversation.deleted" { conversation_id: ConversationId },
    /// A message is there; a reply is still empty.
    MessageCreated = "message.created" { message: Message },
    /// A message changed as a whole.
    MessageUpdated = "message.updated" { message: Message },
    /// A reply ended, in whatever way; carries its full text.
    MessageCompleted = "message.completed" { message: Message },
    /// One part of a reply is there or has changed.
    MessagePart = "message.part" { message_id: MessageId, index: usize, part: Part },
    /// A reply starts over; `parts` stay, the rest is dropped.
    MessageRestarted = "message.restarted" { message_id: MessageId, attempt: i64, parts: Vec<Part> },
    /// A task is there.
    TaskCreated = "task.created" { task: Task },
    TaskUpdated = "task.updated" { task: Task },
    /// The time of a reminder has come: at `at`, and `late` when that is more than a minute ago. The task as it is then.
    ReminderDue = "reminder.due" { task_id: TaskId, reminder_id: ReminderId, at: Timestamp, late: bool, task: Task },
    /// A task is gone.
    TaskDeleted = "task.deleted" { task_id: TaskId },
    /// A device signed in.
    SessionCreated = "session.created" { session: Session },
    /// A device was signed out.
    SessionRevoked = "session.revoked" { session_id: SessionId },
    UserUpdated = "user.updated" { user: User },
}
