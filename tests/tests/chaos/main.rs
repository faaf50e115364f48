//! Chaos over real processes, on both databases and over three nodes: servers die and drain, connections break, stall and
//! lag, frames come again and late. Nothing that was acknowledged is lost, nothing happens twice, all devices agree, and agree with REST.
//!
//! What happens is drawn from a seed, which each test prints. `TANDEM_CHAOS_SEED=… TANDEM_CHAOS_ROUNDS=…` draw it again:
//!
//! ```text
//! TANDEM_CHAOS_ROUNDS=200 cargo test -p tandem-tests --test chaos rounds -- --nocapture
//! ```
//!
//! The same seed draws the same deeds and faults at the same times; what they meet is up to the machine.
//!
//! Reading order: [`plan`] draws a round, [`actor`] is a device that does its part of it whatever the network does,
//! [`house`] is one server or three nodes, [`world`] is everybody around it, [`audit`] holds what is known against the
//! log.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its surroundings has failed")]

mod actor;
mod audit;
mod choice;
mod copies;
mod house;
mod kept;
mod ledger;
mod plan;
mod replies;
mod rounds;
mod snapshots;
mod world;
