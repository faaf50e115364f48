//! What is true and what is shown. Pure: no browser, no clock, no randomness; all of it is tested on the host.
//!
//! [`model`] holds everything that a signed-in device knows and says what is to be done next. It is put together from
//! [`outbox`] (commands on their way), [`thread`] (which messages are shown), [`board`] (tasks with what is on its way
//! laid over them), [`connection`] (what is said about the socket) and [`drafts`] (what is being written). Beside it stand
//! [`session`] (who is signed in) and [`route`] (which page).

pub mod board;
pub mod connection;
pub mod drafts;
#[cfg(test)]
mod fixture;
pub mod model;
pub mod notice;
pub mod outbox;
pub mod route;
pub mod session;
pub mod snapshot;
pub mod thread;
