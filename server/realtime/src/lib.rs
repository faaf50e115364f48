//! The WebSocket transport: connections, the hub that feeds them, and resume.
//!
//! [`upgrade`] accepts a socket, which [`connection_limiter`] counts. [`connection`] is its loop, [`inbound`] runs the
//! commands that it receives, and [`resume`] decides where a device continues after `hello`. The [`hub`] knows which
//! devices are connected and receives the messages of the bus. It pushes frames into the [`send_queue`] of each device;
//! a fan-out task writes them to the [`shared_socket`], or else the connection does. [`background`], [`nodes`] and
//! [`repair`] do what needs the database or the other nodes.
//!
//! Hub and send queues are memory that can be lost: the database is the truth. No queue is without a bound, and a
//! device that was disconnected because its queue was full misses nothing when it resumes.

pub mod background;
pub mod connection;
pub mod connection_limiter;
mod fan_out;
pub mod frame_batch;
pub mod hub;
pub mod inbound;
pub mod nodes;
mod repair;
pub mod resume;
pub mod running_reply;
pub mod send_queue;
pub mod shared_socket;
mod sync;
pub mod upgrade;
pub mod wire;

pub use hub::Hub;
