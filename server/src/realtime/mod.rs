//! The socket door: connections, the hub that feeds them, resume.
//!
//! [`upgrade`] lets a socket in ([`connection_limiter`] counts them), [`connection`] is its loop, [`inbound`] reads what it
//! sends, [`resume`] decides where it goes on. The [`hub`] knows who is connected and hears the bus; what it wants sent
//! waits in each device's [`outbox`], from where a [`round`] brings it over the [`mod@line`], or else the connection does.
//! Hub and outboxes are memory that can be lost: the database is the truth.

pub mod connection;
pub mod connection_limiter;
pub mod hub;
pub mod inbound;
pub mod line;
pub mod nodes;
pub mod outbox;
pub mod parcel;
pub mod reply;
pub mod resume;
mod round;
mod sync;
pub mod upgrade;
pub mod upkeep;
pub mod wire;

pub use hub::Hub;
