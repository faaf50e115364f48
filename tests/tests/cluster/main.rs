//! Many nodes on one database, from outside: real processes, a real PostgreSQL and a real NATS.
//!
//! A person's devices sit on different nodes and see the same; a node may die, stand still or be cut off at any moment.
//! Tests that break nothing share three nodes; the others have nodes of their own. `TANDEM_CLUSTER_KILLS=100` makes the
//! kills many:
//!
//! ```text
//! TANDEM_CLUSTER_KILLS=100 cargo test -p tandem-tests --test cluster kill -- --nocapture
//! ```
//!
//! Reading order: [`support`] are the nodes and what is asked of them, [`watch`] sees whether text ever goes back.

mod support;
mod watch;

mod bus;
mod cut;
mod drain;
mod events;
mod limits;
mod once;
mod replies;
mod revocation;
mod rolling;
mod stops;
mod streams;
mod takeover;
