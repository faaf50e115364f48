//! Frames of the socket. A WebSocket text message is one frame, or an array of frames for a client with `batch`.
//!
//! A client sends [`ClientFrame`]s, a server [`ServerFrame`]s. Durable changes are [`Event`]s with a number per user and
//! without gaps, so that a device can resume after any of them; streamed text is a [`Delta`], a preview beside the log.

pub mod client;
pub mod close;
pub mod command;
pub mod event;
pub mod server;
pub mod text;

pub use client::{ClientFrame, Hello, StreamPosition};
pub use close::CloseCode;
pub use command::Command;
pub use event::{Actor, Event, EventBody};
pub use server::{Delta, ServerFrame};
pub use text::{ReplyText, append_to_parts};
