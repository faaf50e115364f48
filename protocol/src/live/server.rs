//! The frames that the server sends, and how a client reads them.
//!
//! A client ignores frames and fields that it does not know, so that a newer server may send more.

use crate::{
    enums::{TextKind, WelcomeMode},
    error::ErrorCode,
    id::{CommandId, ConnectionId, DeviceId, MessageId},
    json::{self, Unreadable},
    limits::Limits,
    live::event::Event,
    model::Task,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A frame of the server.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerFrame {
    Welcome(Welcome),
    Event(Event),
    /// The replay is over; live events follow.
    Live(Live),
    Delta(Delta),
    /// A command was executed and committed.
    Ack(Ack),
    /// A command was refused, or (without id) something else went wrong.
    Error(ErrorFrame),
    /// The client answers with `pong`.
    Ping(Ping),
    /// The access token ends soon: send `auth`.
    #[serde(rename = "auth.expiring")]
    AuthExpiring(AuthLife),
    /// The server accepted the new access token.
    #[serde(rename = "auth.ok")]
    AuthOk(AuthLife),
    /// Which devices of this user are connected.
    Presence(Presence),
    /// The server closes the connection after this frame.
    Bye(Bye),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Welcome {
    /// Names this connection in logs.
    pub connection_id: ConnectionId,
    /// Names this database's log; another one after a restored backup.
    pub epoch: String,
    /// Of the newest event there is.
    pub seq: i64,
    pub mode: WelcomeMode,
    /// How often the server pings when otherwise silent, in milliseconds.
    pub ping_interval_ms: u64,
    /// Seconds until the access token ends.
    pub token_expires_in: i64,
    /// What this server allows.
    pub limits: Limits,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Live {
    /// Of the newest event sent.
    pub seq: i64,
}

/// A piece of a reply's text or reasoning. It is a preview: `message.completed` carries the whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delta {
    pub message_id: MessageId,
    /// Older attempts are ignored.
    pub attempt: i64,
    /// Index into the message's parts.
    pub part: usize,
    /// In UTF-8 bytes from the start of that part.
    pub offset: usize,
    /// The text at the offset.
    pub text: String,
    /// The kind of the part; absent for text of the reply.
    #[serde(default, skip_serializing_if = "TextKind::is_text")]
    pub kind: TextKind,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ack {
    pub id: CommandId,
    /// Of the last event of the change.
    pub seq: i64,
    /// The body of the answer that REST would give.
    pub result: Box<RawValue>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorFrame {
    /// The id of the command, as it was received; null when the error belongs to no command.
    // Text for the same reason as in a command: it may be no UUID.
    pub id: Option<String>,
    pub code: ErrorCode,
    /// What happened and what to do.
    pub message: String,
    /// With `rate_limited` and `overloaded`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// With `conflict` on `if_rev`: the task as it is now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    // Boxed: few refusals have a task, and a frame should not be as large as one.
    pub task: Option<Box<Task>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ping {
    /// Of the newest event sent to this device: a smaller own one means a loss.
    pub seq: i64,
}

/// See [`ServerFrame::AuthExpiring`] and [`ServerFrame::AuthOk`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthLife {
    /// Seconds until the access token ends.
    pub expires_in: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    /// Each device id once, 50 at most.
    pub devices: Vec<PresentDevice>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresentDevice {
    /// As it named itself.
    pub id: DeviceId,
    /// A name for people, as `hello` gave it.
    pub name: String,
    pub connected_at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bye {
    /// The close code that follows.
    pub code: u16,
    pub reason: String,
    /// How long to wait before connecting again, in milliseconds; null: by the client's own backoff, or not at all.
    pub reconnect_after_ms: Option<u64>,
}

impl ServerFrame {
    /// Reads one message of the server: a frame, or an array of them. Frames of unknown type are left out.
    ///
    /// # Errors
    /// The text is not JSON, or a frame of a known type lacks a field.
    pub fn parse(text: &str) -> Result<Vec<Self>, Unreadable> {
        // Decided by the first character, because an untagged enum would try both forms and buffer the frames.
        if !text.trim_start().starts_with('[') {
            return Ok(Self::parse_one(text)?.into_iter().collect());
        }
        let frames: Vec<&RawValue> = json::read(text)?;
        frames.into_iter().filter_map(|frame| Self::parse_one(frame.get()).transpose()).collect()
    }

    // Type first, then the frame: an internally tagged enum would buffer every frame and lose raw values.
    fn parse_one(text: &str) -> Result<Option<Self>, Unreadable> {
        #[derive(Deserialize)]
        struct Kind<'a> {
            #[serde(rename = "type", borrow)]
            kind: std::borrow::Cow<'a, str>,
        }
        let Kind { kind } = json::read(text)?;
        Ok(Some(match kind.as_ref() {
            "event" => Self::Event(json::read(text)?),
            "delta" => Self::Delta(json::read(text)?),
            "welcome" => Self::Welcome(json::read(text)?),
            "live" => Self::Live(json::read(text)?),
            "ack" => Self::Ack(json::read(text)?),
            "error" => Self::Error(json::read(text)?),
            "ping" => Self::Ping(json::read(text)?),
            "auth.expiring" => Self::AuthExpiring(json::read(text)?),
            "auth.ok" => Self::AuthOk(json::read(text)?),
            "presence" => Self::Presence(json::read(text)?),
            "bye" => Self::Bye(json::read(text)?),
            _ => return Ok(None),
        }))
    }

    /// The frame as one text message.
    ///
    /// # Panics
    /// Never: frames have string keys only and hold no type whose serialisation fails.
    #[expect(clippy::expect_used, reason = "serialising these types to memory cannot fail")]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("frames serialise")
    }
}
