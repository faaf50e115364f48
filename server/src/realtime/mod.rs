//! The socket door: connections, the hub that feeds them, resume.
//!
//! [`upgrade`] lets a socket in ([`connection_limiter`] counts them), [`connection`] is its loop, [`inbound`] reads what it
//! sends, [`resume`] decides where it goes on. The [`hub`] knows who is connected and hears the bus; what it wants sent
//! waits in each device's [`outbox`], from where a [`round`] brings it over the [`mod@line`], or else the connection does.
//! Hub and send_queues are memory that can be lost: the database is the truth.

pub mod background;
pub mod connection;
pub mod connection_limiter;
mod fan_out;
pub mod frame_batch;
pub mod hub;
pub mod inbound;
pub mod nodes;
pub mod reply;
pub mod resume;
pub mod send_queue;
pub mod shared_socket;
mod sync;
pub mod upgrade;
pub mod wire;

pub use hub::Hub;
