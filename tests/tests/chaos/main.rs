//! Random faults against real processes, on both databases and on three nodes.
//!
//! Servers are killed and drained, connections are cut, stalled and delayed, frames are repeated. No acknowledged change may
//! be lost or happen twice, and all devices must agree with each other and with REST.
//!
//! All random choices follow from a seed, which each test prints. To repeat a run, set `TANDEM_CHAOS_SEED` and
//! `TANDEM_CHAOS_ROUNDS`:
//!
//! ```text
//! TANDEM_CHAOS_ROUNDS=200 cargo test -p tandem-tests --test chaos rounds -- --nocapture
//! ```
//!
//! The same seed selects the same operations and faults at the same times; how they interleave depends on the machine.
//!
//! Reading order: [`plan`] draws a round, [`actor`] is a device that carries out its part of it, [`servers`] is one server or
//! three nodes, [`world`] combines users, devices and servers, [`audit`] compares everything with the log.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its surroundings has failed")]

mod actor;
mod audit;
mod commands;
mod copies;
mod durability;
mod ledger;
mod plan;
mod replies;
mod rounds;
mod servers;
mod snapshots;
mod world;
