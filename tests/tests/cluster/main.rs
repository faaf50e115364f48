//! Several nodes on one database, from outside: real processes, a real PostgreSQL and a real NATS.
//!
//! Devices of one user are on different nodes and must be equal; a node may be killed, frozen or disconnected at any time.
//! Tests without faults share three nodes; the others have their own. `TANDEM_CLUSTER_KILLS=100` sets the number of
//! kills:
//!
//! ```text
//! TANDEM_CLUSTER_KILLS=100 cargo test -p tandem-tests --test cluster kill -- --nocapture
//! ```
//!
//! Reading order: [`support`] has the nodes and helpers, [`watch`] checks that text never shrinks.

mod support;
mod watch;

mod bus;
mod cut;
mod drain;
mod events;
mod limits;
mod once;
mod pushes;
mod reminders;
mod replies;
mod revocation;
mod rolling;
mod stops;
mod streams;
mod takeover;
