//! REST from outside: the real server on SQLite and on PostgreSQL, over HTTP.
//!
//! Tests of one database share one server; each has users of its own. Every test runs on both databases, because the
//! results must not depend on the database.

#![expect(clippy::unwrap_used, reason = "these are tests, in functions that a macro makes tests of")]

#[macro_use]
mod support;

mod accounts;
mod admin;
mod attacks;
mod backup;
mod command_line;
mod conversations;
mod copies;
mod daily_limits;
mod deletion;
mod doctor;
mod edges;
mod enumeration;
mod fair;
mod feeds;
mod idempotency;
mod import;
mod invitations;
mod isolation;
mod limits;
mod lists;
mod mcp_conformance;
#[cfg(target_os = "linux")]
mod memory;
mod messages;
mod models;
mod order;
mod original;
mod pages;
mod problems;
mod providers;
mod push;
mod quota;
mod record;
mod registration;
mod reminders;
mod search;
mod series;
mod sessions;
mod subtasks;
mod sync;
mod task_filters;
mod task_history;
mod task_limits;
mod tasks;
mod tokens;
mod undo;
