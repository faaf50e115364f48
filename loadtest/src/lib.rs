//! Load scenarios for a Tandem server, with a check of correctness.
//!
//! `tandem-loadtest` drives a server from outside, over REST and sockets, as many users with several devices each. Its fake
//! provider writes time stamps into the tokens, so that it can measure what the server adds to the latency of each. Speed
//! without correctness is worth nothing, so every device is a [`tandem_protocol::replica::Replica`], and at the end of a run
//! all replicas are compared with the event log.
//!
//! One process holds thousands of sockets: each is one task with small buffers, sockets beyond the ports of one loopback
//! address use the next address, and [`files`] raises the limit of open files.
//!
//! Reading order: [`scenario`] defines scenarios, [`scenarios`] contains them, [`virtual_user`] is a user with devices,
//! [`provider`] replaces the model, [`measure`] collects the figures, [`report`] shows them, [`cli`] composes them.

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
