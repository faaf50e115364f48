//! Frames of the socket. Every WebSocket text message is one frame, or an array of them for clients that said `batch`.

pub mod client;
pub mod close;
pub mod command;
pub mod event;
pub mod server;

pub use client::{ClientFrame, Hello, StreamPosition};
pub use close::CloseCode;
pub use command::Command;
pub use event::{Actor, Event, EventBody};
pub use server::ServerFrame;
