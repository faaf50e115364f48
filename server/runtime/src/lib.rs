//! What bounds and schedules the work of a node: [`permits`] by key, [`tasks`] that keep their span, and [`threads`] of a
//! lower priority.
//!
//! Several crates of the server need the same three, so that none belongs to one of them. Nothing here knows what it is
//! used for.

pub mod permits;
pub mod tasks;
pub mod threads;
