//! Load scenarios for a Tandem server, checked for correctness by the replica.
//!
//! `tandem-loadtest` drives a server from outside, through REST and sockets, as many people with several devices each.
//! It measures what the server adds to each token, from time stamps that its own fake provider writes into the tokens, and
//! it checks: every device is a [`tandem_protocol::replica::Replica`], and at the end all of them equal the event log.
//!
//! Thousands of sockets fit in one process: a socket is one task with small buffers, sockets beyond the ports of one
//! loopback address come from the next one, and [`files`] raises the limit of open files as far as the system allows.
//!
//! Reading order: [`scenario`] says what a scenario is and which there are, [`scenarios`] holds them, [`virtual_user`] is
//! a person with devices, [`provider`] answers in the place of a model, [`measure`] takes the figures, [`report`] shows
//! them, [`cli`] puts it together.

pub mod cli;
pub mod clock;
pub mod files;
pub mod measure;
pub mod progress;
pub mod provider;
pub mod report;
pub mod scenario;
pub mod scenarios;
pub mod virtual_user;
