//! The wire contract of Tandem: every type that crosses the network, and the replica that applies them.
//!
//! The server, the web client, the load test and the tests share these types, so that a field exists once.
//! The crate is pure: it compiles to WebAssembly and knows neither sockets nor databases.
//!
//! Reading order: [`id`] and [`time`] name things, [`enums`] holds the closed word lists, [`model`] the objects that
//! both doors show, [`rest`] the bodies of requests and answers, [`live`] the frames of the socket, [`error`] what is
//! said when something is refused, [`limits`] the numbers of the contract. [`replica`] is a client without a network.

pub mod enums;
pub mod error;
pub mod id;
pub mod limits;
pub mod live;
pub mod model;
pub mod order;
pub mod replica;
pub mod rest;
pub mod time;

pub use error::{ErrorCode, Problem};
pub use id::{CommandId, ConversationId, DeviceId, MessageId, SessionId, TaskId, TaskRef, TokenId, UserId};
pub use time::Timestamp;
