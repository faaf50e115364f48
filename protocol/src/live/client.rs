//! The frames that a client sends, and how a server reads them.

use crate::id::{DeviceId, MessageId};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A frame of a client.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientFrame {
    /// The first frame; again after a `resync`.
    Hello(Hello),
    /// A change; answered by one `ack` or `error` with the same id.
    Command {
        /// A UUID that makes retries harmless.
        // Text, so that the refusal of an id that is no UUID can name it.
        id: String,
        /// One of the names in [`crate::live::command`].
        name: String,
        /// Arguments of the command; `{}` when absent.
        args: Box<RawValue>,
    },
    /// A newer access token of the same session.
    Auth {
        /// The JWT that a refresh returned.
        token: String,
    },
    /// Answer to a `ping` of the server.
    Pong {
        /// The newest event that the device has applied.
        #[serde(default)]
        seq: i64,
    },
}

/// The first frame of a client: which device connects, what it has, and its capabilities.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    pub version: u32,
    pub device: HelloDevice,
    /// Where to resume; null starts fresh.
    #[serde(default)]
    pub resume: Option<ResumePoint>,
    /// How much of running replies the device has.
    #[serde(default)]
    pub streams: Vec<StreamPosition>,
    /// Capabilities. `batch`: the device reads several frames in one array. Unknown ones are ignored.
    // Text and no enum, so that a capability of a newer client is no error.
    #[serde(default)]
    pub caps: Vec<String>,
}

impl Hello {
    /// Whether the device reads arrays of frames.
    pub fn batches(&self) -> bool {
        self.caps.iter().any(|cap| cap == "batch")
    }
}

/// The device that sends a `hello`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HelloDevice {
    /// The same on every reconnect.
    pub id: DeviceId,
    /// A name for people, empty when not given.
    #[serde(default)]
    pub name: String,
}

/// A position in a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResumePoint {
    /// Names the log that `seq` counts in.
    pub epoch: String,
    /// Of the newest event applied.
    pub seq: i64,
}

/// How much of a running reply a device has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamPosition {
    pub message_id: MessageId,
    /// The attempt that the text is of.
    pub attempt: i64,
    /// Index into the message's parts.
    pub part: usize,
    /// Bytes of that part's text.
    pub have: usize,
}

/// The message is not a frame of the contract: the socket is closed with 4500.
#[derive(Debug)]
pub struct BadFrame(String);

impl std::fmt::Display for BadFrame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "not a frame: {}", self.0)
    }
}

impl std::error::Error for BadFrame {}

impl From<serde_json::Error> for BadFrame {
    fn from(error: serde_json::Error) -> Self {
        Self(error.to_string())
    }
}

impl ClientFrame {
    /// Reads one message. Unknown fields are ignored, unknown types are not.
    ///
    /// # Errors
    /// The text is not a JSON object, or not one of the frames.
    pub fn parse(text: &str) -> Result<Self, BadFrame> {
        // `Serialize` is derived on the frame itself. To read one, the fields of each kind are declared again, without the tag.
        #[derive(Deserialize)]
        struct Kind {
            #[serde(rename = "type")]
            kind: String,
        }
        #[derive(Deserialize)]
        struct Command {
            id: String,
            name: String,
            #[serde(default)]
            args: Option<Box<RawValue>>,
        }
        #[derive(Deserialize)]
        struct Auth {
            token: String,
        }
        #[derive(Deserialize)]
        struct Pong {
            #[serde(default)]
            seq: i64,
        }
        if !text.trim_start().starts_with('{') {
            // A derived struct would take an array of its fields, too.
            return Err(BadFrame("expected an object".into()));
        }
        // Type first, then the frame: an internally tagged enum would buffer the frame and lose the raw arguments.
        let Kind { kind } = serde_json::from_str(text)?;
        match kind.as_str() {
            "hello" => Ok(Self::Hello(serde_json::from_str(text)?)),
            "command" => {
                let Command { id, name, args } = serde_json::from_str(text)?;
                let args = match args {
                    Some(args) => args,
                    None => RawValue::from_string("{}".into())?,
                };
                Ok(Self::Command { id, name, args })
            }
            "auth" => {
                let Auth { token } = serde_json::from_str(text)?;
                Ok(Self::Auth { token })
            }
            "pong" => {
                let Pong { seq } = serde_json::from_str(text)?;
                Ok(Self::Pong { seq })
            }
            other => Err(BadFrame(format!("unknown type {other:?}"))),
        }
    }
}
