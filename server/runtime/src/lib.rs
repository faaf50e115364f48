//! What bounds and schedules the work of a node: [`permits`] by key, and [`threads`] of a lower priority.
//!
//! Several crates of the server need the same two things, so neither belongs to one of them. Nothing here depends on
//! what it is used for.

pub mod permits;
pub mod threads;
