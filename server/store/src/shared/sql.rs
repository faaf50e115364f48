//! The statements that both databases share, and the names that they take from the database which includes them.

pub(super) mod access;
mod account_lookups;
mod accounts;
mod admin;
mod ahead;
mod audit;
mod chat_reads;
pub(super) mod chat_rows;
pub(super) mod chat_writes;
mod completions;
mod deletion;
pub(super) mod documents;
mod events;
mod feeds;
mod imports;
mod indexing;
mod maintenance;
pub(super) mod migrate;
mod pages;
mod prune;
mod push;
mod rate_limits;
mod registration;
mod reminders;
mod reply_texts;
pub(super) mod rows;
mod runs;
mod store;
mod task_reads;
pub(super) mod task_rows;
pub(super) mod task_writes;
mod tx;
mod usage;

use super::{
    Adapter, At, ClockTime, Conn, Day, Db, Json, Packed, Row, STEPS, Snapshot, TenantScope, WriteTxn, dialect, script,
    search, updates,
};
