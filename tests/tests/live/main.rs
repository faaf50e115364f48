//! The socket from outside: real connections, real clients, and a replica on each device as judge.
//!
//! Tests share one server whose provider is scripted; those that kill it have one of their own.

mod support;

mod closes;
mod commands;
mod drain;
mod handshake;
mod limits;
mod logs;
mod order;
mod pings;
mod replies;
mod restart;
mod resume;
mod resync;
mod revocation;
mod streams;
