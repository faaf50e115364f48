//! The Tandem server: accounts, chat, tasks, streaming and synchronisation.
//!
//! Four transports (`http`, `realtime`, `mcp`, `cli`) and the assistant's tools reach state through the same
//! functions of `service`, which work on the traits of [`store`] and publish what happened on the [`bus`]. `app` puts
//! the parts together. ARCHITECTURE.md draws the arrows, `tests/architecture.rs` holds them.

#![expect(clippy::duplicate_mod, reason = "the SQL of `store/shared` is written once and compiled for both databases")]

pub mod app;
pub mod assistant;
pub mod auth;
pub mod bus;
pub mod cli;
pub mod config;
pub mod domain;
pub mod http;
pub mod lifecycle;
pub mod mcp;
pub mod permits;
pub mod realtime;
pub mod service;
pub mod store;
pub mod telemetry;
pub mod threads;

#[cfg(test)]
mod tests;
