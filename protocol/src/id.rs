//! Ids: a type for each kind of object, so that they cannot be confused.
//!
//! An id is a `UUIDv7` that is made where the object is made, mostly by the client, so that a retried creation is
//! recognised. Imported users keep the text ids that they had, so a user's id is text. A request may also refer to a task
//! by the number that its owner sees ([`TaskRef`]).
//!
//! An id has one spelling on the wire: the hyphenated form, which is all that is read.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{fmt, str::FromStr, sync::Arc};
use uuid::Uuid;

/// The text was not a hyphenated UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidId;

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected a UUID such as 01939c2e-7b1a-7c3e-9f00-2b6d1c0a4e55")
    }
}

impl std::error::Error for InvalidId {}

fn parse_uuid(text: &str) -> Result<Uuid, InvalidId> {
    // Only the hyphenated form has 36 bytes: braces, URN and bare digits would be second spellings of one id.
    if text.len() == 36 { Uuid::try_parse(text).map_err(|_| InvalidId) } else { Err(InvalidId) }
}

macro_rules! uuid_ids {
    ($($(#[$doc:meta])+ $name:ident),+ $(,)?) => {$(
        $(#[$doc])+
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String, format = Uuid))]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        // Derived, it would print the UUID as a nested tuple struct.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                parse_uuid(text).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(FromText("a UUID", |text| text.parse().ok()))
            }
        }
    )+};
}

uuid_ids! {
    /// A thread of messages.
    ConversationId,
    /// A message, the user's or the assistant's.
    MessageId,
    /// A task; see [`TaskRef`] for how requests refer to one.
    TaskId,
    /// One completion of a task.
    CompletionId,
    /// A reminder of a task.
    ReminderId,
    /// An address at which calendar programs read tasks.
    FeedId,
    /// What a device gave so that pushes reach it.
    SubscriptionId,
    /// A signed-in device: one log-in.
    SessionId,
    /// A personal token for scripts and MCP; its id, never its secret.
    TokenId,
    /// A command of the socket, or the `Idempotency-Key` of a request, which is the same.
    CommandId,
    /// An invitation to register; its id, never its secret.
    InvitationId,
    /// One entry of the record of accounts.
    AuditId,
    /// One connection of a socket, new at every connect.
    ConnectionId,
}

macro_rules! text_ids {
    ($($(#[$doc:meta])+ $name:ident),+ $(,)?) => {$(
        $(#[$doc])+
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
        pub struct $name(pub Arc<str>);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text.into())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
    )+};
}

text_ids! {
    /// An account. New ones are `UUIDv7`, imported ones keep the text that they had.
    UserId,
    /// A device, as its client identifies it in `hello`: stable over reconnects, unique per user.
    DeviceId,
}

/// Refers to a task by its id or by the number that its owner sees. In JSON a UUID, a number, or a number as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TaskRef {
    Id(TaskId),
    /// By the owner's number, from 1.
    Number(i64),
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for TaskRef {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{AnyOfBuilder, KnownFormat, ObjectBuilder, SchemaFormat, Type};
        let of = |kind| ObjectBuilder::new().schema_type(kind);
        let id = of(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)));
        let number = of(Type::Integer).minimum(Some(1)).format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)));
        // The reader allows any i64; 18 digits are the longest text of which every value fits into one.
        let text = of(Type::String).pattern(Some("^#?[0-9]{1,18}$"));
        AnyOfBuilder::new().item(id).item(number).item(text).description(Some("A task by its id or its number.")).into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for TaskRef {}

impl From<TaskId> for TaskRef {
    fn from(id: TaskId) -> Self {
        Self::Id(id)
    }
}

impl fmt::Display for TaskRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Number(number) => number.fmt(f),
        }
    }
}

impl FromStr for TaskRef {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        // No text is both: a UUID has hyphens inside, which no number has.
        let digits = text.strip_prefix('#').unwrap_or(text);
        match digits.parse() {
            Ok(number) => Ok(Self::Number(number)),
            Err(_) => text.parse().map(Self::Id),
        }
    }
}

impl Serialize for TaskRef {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Id(id) => id.serialize(serializer),
            Self::Number(number) => serializer.serialize_i64(*number),
        }
    }
}

impl<'de> Deserialize<'de> for TaskRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = TaskRef;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a task's id or number")
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<TaskRef, E> {
                Ok(TaskRef::Number(number))
            }
            // serde_json passes every number that is not negative as u64.
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<TaskRef, E> {
                i64::try_from(number).map(TaskRef::Number).map_err(|_| E::custom("a task's number is smaller"))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<TaskRef, E> {
                text.parse().map_err(E::custom)
            }
        }
        // The value itself shows whether it is a number or text; the formats of the contract are all self-describing.
        deserializer.deserialize_any(Visitor)
    }
}

/// Reads a value from borrowed or owned text; the first field describes what was expected.
pub(crate) struct FromText<T>(pub(crate) &'static str, pub(crate) fn(&str) -> Option<T>);

impl<T> de::Visitor<'_> for FromText<T> {
    type Value = T;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        (self.1)(text).ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
    }
}
