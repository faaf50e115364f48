//! The harness and the black-box tests of Tandem.
//!
//! Nearly everything here drives the real binary from outside. Reading order: [`server`] starts it, [`user`] is a person
//! with an account who asks over REST, [`device`] is one of that person's devices on the socket, [`browser`] is a real
//! browser, [`provider`] plays the language model, which is the only thing outside of the building and the only thing
//! faked. [`proxy`] is a network that misbehaves. [`mod@eventually`] waits for conditions: no test sleeps. [`database`] and [`postgres`] make databases, and
//! [`raw`] looks into them, [`plans`] shows how PostgreSQL answered. [`nodes`] are many servers on one database, with [`nats`] between them.

#![expect(clippy::missing_panics_doc, reason = "a harness says what is wrong by panicking: that is how a test fails")]

pub mod browser;
pub mod database;
pub mod device;
pub mod eventually;
pub mod fresh;
pub mod nats;
pub mod nodes;
pub mod plain;
pub mod plans;
pub mod postgres;
mod process_guard;
pub mod provider;
pub mod proxy;
pub mod raw;
pub mod server;
pub mod user;

pub use browser::Browser;
pub use device::Device;
pub use eventually::eventually;
pub use nats::Nats;
pub use nodes::Nodes;
pub use provider::{FakeProvider, Reply};
pub use proxy::ChaosProxy;
pub use server::TestServer;
pub use user::TestUser;
