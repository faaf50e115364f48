//! What is true and what is shown. Pure: no browser, no clock, no randomness; all of it is tested on the host.
//!
//! [`model`] holds everything that a signed-in device knows and says what is to be done next. It is put together from
//! [`outbox`] (commands on their way), [`thread`] (which messages are shown), [`tasks`] (tasks with what is on its way
//! laid over them), [`connection`] (what is said about the socket) and [`drafts`] (what is being written). Beside it stand
//! [`session`] (who is signed in) and [`route`] (which page).

pub(crate) mod connection;
pub(crate) mod drafts;
pub(crate) mod model;
pub(crate) mod notice;
pub(crate) mod outbox;
pub(crate) mod ptr_eq;
pub(crate) mod route;
pub(crate) mod session;
pub(crate) mod tasks;
pub(crate) mod thread;
