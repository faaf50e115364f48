//! What bounds and schedules the work of a node: [`permits`] by key, and [`threads`] of a lower priority.
//!
//! Several crates of the server wait in the same two ways, so that neither belongs to one of them. Nothing here knows
//! what it is used for.

pub mod permits;
pub mod threads;
