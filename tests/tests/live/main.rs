//! The WebSocket from outside: real connections, and a replica on each device that detects violations.
//!
//! Tests share one server with a scripted provider; those that kill it have one of their own.

mod support;

mod closes;
mod commands;
mod drain;
mod handshake;
mod limits;
mod logs;
mod order;
mod pings;
mod real_model;
mod reminders;
mod replies;
mod restart;
mod resume;
mod resync;
mod revocation;
mod streams;
mod thoughts;
