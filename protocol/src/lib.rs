//! The wire contract of Tandem: every type that crosses the network, and the rules that both of its ends apply.
//!
//! The server, the web client, the load test and the tests share these types, so that a field is declared once. Rules that
//! both ends need live beside the types, so that client and server cannot differ: [`task`] applies a patch, [`recurrence`]
//! reads a rule, [`live::text`] appends a delta, [`replica`] applies frames to the copy that a device has.
//!
//! The crate is pure: it compiles to WebAssembly, performs no I/O and reads no clock. Objects that a server sends are read
//! with tolerance, so that an older client accepts a field that a newer server adds; bodies and arguments that a client
//! sends refuse unknown fields, so that a misspelt one is an error and not a surprise.
//!
//! Reading order: [`id`] and [`time`] are the values, [`enums`] the closed lists, [`model`] the objects that REST and the
//! socket share, [`rest`] the bodies of requests and answers, [`live`] the frames of the socket, [`error`] the refusals,
//! [`limits`] the numbers of the contract, [`json`] the reader of what a server sends. [`reminder`], [`settings`] and [`push`]
//! have their objects, bodies and rules together.

pub mod calendar;
pub mod duration;
pub mod enums;
pub mod error;
mod flatten;
pub mod id;
pub mod json;
pub mod limits;
pub mod live;
pub mod model;
pub mod order;
pub mod push;
pub mod recurrence;
pub mod reminder;
pub mod replica;
pub mod rest;
pub mod settings;
pub mod task;
pub mod time;

pub use error::{ErrorCode, Problem};
pub use id::{
    AuditId, CommandId, CompletionId, ConversationId, DeviceId, InvitationId, MessageId, ReminderId, SessionId, TaskId,
    TaskRef, TokenId, UserId,
};
pub use time::Timestamp;
