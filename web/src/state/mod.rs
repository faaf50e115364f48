//! The state: what is true and what is shown. Pure, without browser, clock and randomness, so all of it is tested on
//! the host.
//!
//! [`model`] is everything that a signed-in device knows, and decides what to do next. It consists of [`outbox`]
//! (unacknowledged commands), [`thread`] (which messages are shown), [`tasks`] (the tasks with the outbox applied),
//! [`task_merge`] (edits that meet those of others) and [`connection`]. Beside it there are [`drafts`], [`notice`]s, [`session`] (who is signed in) and [`route`] (which
//! page) with [`history_entry`] (which of its views).

pub(crate) mod connection;
pub(crate) mod drafts;
pub(crate) mod history_entry;
pub(crate) mod model;
pub(crate) mod notice;
pub(crate) mod outbox;
pub(crate) mod ptr_eq;
pub(crate) mod route;
pub(crate) mod session;
pub(crate) mod shared;
pub(crate) mod task_merge;
pub(crate) mod tasks;
pub(crate) mod thread;
