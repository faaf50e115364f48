//! What bounds and schedules the work of a node: [`permits`] by key, [`tasks`] that keep their span, [`threads`] of a lower
//! priority, and [`event_loops`] for tasks that stay on one thread.
//!
//! Several crates of the server need them, so that none belongs to one of them. Nothing here knows what it is
//! used for.

pub mod event_loops;
pub mod permits;
pub mod tasks;
pub mod threads;
