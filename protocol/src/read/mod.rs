//! Reading what the server says with as little code as possible, for the browser.
//!
//! A derived `Deserialize` is two visitors and a list of names for each type, compiled once for each kind of input; over
//! this contract that was the largest part of the web client. Here one parser makes a [`Value`], and every type takes its
//! fields out of it. What is read is the same, only less is said about what could not be read. Elsewhere serde is used,
//! which is faster; tests hold the two against each other.

mod frames;
mod shapes;

use crate::{
    enums::WireEnum,
    id::{CommandId, ConnectionId, ConversationId, DeviceId, MessageId, SessionId, TaskId, TaskRef, TokenId, UserId},
    time::{self, Timestamp},
};
use jiff::civil;
use serde_json::{Map, Value};

pub use frames::{command, event_body, server_frames};

/// A type that can be read out of JSON.
pub trait Read: Sized {
    /// Takes the value apart; `None` when it is of another shape. An absent field is read as null.
    fn read(value: Value) -> Option<Self>;
}

/// Reads a text; `None` when it is not JSON, or of another shape.
pub fn from_text<T: Read>(text: &str) -> Option<T> {
    T::read(parse(text)?)
}

/// The one place that parses: it must not be compiled for each caller.
#[inline(never)]
fn parse(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}

/// The fields of an object.
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    pub(crate) fn of(value: Value) -> Option<Self> {
        match value {
            Value::Object(fields) => Some(Self(fields)),
            _ => None,
        }
    }

    #[inline(never)]
    fn raw(&mut self, name: &str) -> Value {
        self.0.get_mut(name).map(Value::take).unwrap_or_default()
    }

    pub(crate) fn take<T: Read>(&mut self, name: &str) -> Option<T> {
        T::read(self.raw(name))
    }

    /// A field that keeps its place when absent, and may be emptied by null.
    #[expect(clippy::option_option, reason = "three cases, as JSON has them: absent, null, a value")]
    fn present<T: Read>(&mut self, name: &str) -> Option<Option<Option<T>>> {
        if self.0.contains_key(name) { self.take(name).map(Some) } else { Some(None) }
    }
}

impl Read for () {
    fn read(_: Value) -> Option<Self> {
        Some(())
    }
}

impl Read for Value {
    fn read(value: Value) -> Option<Self> {
        Some(value)
    }
}

impl Read for String {
    fn read(value: Value) -> Option<Self> {
        match value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }
}

impl Read for bool {
    fn read(value: Value) -> Option<Self> {
        value.as_bool()
    }
}

impl<T: Read> Read for Option<T> {
    fn read(value: Value) -> Option<Self> {
        if value.is_null() { Some(None) } else { T::read(value).map(Some) }
    }
}

impl<T: Read> Read for Vec<T> {
    fn read(value: Value) -> Option<Self> {
        match value {
            Value::Array(items) => items.into_iter().map(T::read).collect(),
            _ => None,
        }
    }
}

impl<T: Read> Read for Box<T> {
    fn read(value: Value) -> Option<Self> {
        T::read(value).map(Self::new)
    }
}

macro_rules! numbers {
    ($($type:ty),+) => {$(
        impl Read for $type {
            fn read(value: Value) -> Option<Self> {
                // Every number of the contract fits; larger ones are not counts.
                <$type>::try_from(value.as_i64()?).ok()
            }
        }
    )+};
}
numbers!(i64, u64, u32, u16, usize);

/// Types that are written as text.
macro_rules! texts {
    ($($type:ty = $parse:expr),+ $(,)?) => {$(
        impl Read for $type {
            fn read(value: Value) -> Option<Self> {
                let parse: fn(&str) -> Option<Self> = $parse;
                parse(value.as_str()?)
            }
        }
    )+};
}
texts! {
    CommandId = |text| text.parse().ok(),
    ConnectionId = |text| text.parse().ok(),
    ConversationId = |text| text.parse().ok(),
    MessageId = |text| text.parse().ok(),
    SessionId = |text| text.parse().ok(),
    TaskId = |text| text.parse().ok(),
    TokenId = |text| text.parse().ok(),
    UserId = |text| Some(text.into()),
    DeviceId = |text| Some(text.into()),
    Timestamp = |text| Timestamp::parse(text),
    civil::Date = |text| time::parse_date(text),
    civil::Time = |text| time::parse_clock(text),
}

macro_rules! words {
    ($($type:ty),+ $(,)?) => {$(
        impl Read for $type {
            fn read(value: Value) -> Option<Self> {
                Self::from_word(value.as_str()?)
            }
        }
    )+};
}
words! {
    crate::error::ErrorCode,
    crate::enums::ActorKind,
    crate::enums::Anchor,
    crate::enums::Decision,
    crate::enums::MessageState,
    crate::enums::Priority,
    crate::enums::ReplyErrorCode,
    crate::enums::Role,
    crate::enums::Scope,
    crate::enums::TaskStatus,
    crate::enums::ThingKind,
    crate::enums::ToolState,
    crate::enums::WelcomeMode,
}

impl Read for TaskRef {
    fn read(value: Value) -> Option<Self> {
        match value {
            Value::Number(number) => number.as_i64().map(Self::Number),
            Value::String(text) => text.parse().ok(),
            _ => None,
        }
    }
}
