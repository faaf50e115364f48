//! The harness of the black-box tests.
//!
//! Nearly all tests drive the real binary from outside, so that they hold for what is released and survive a change of its
//! internals. Each device is a replica that detects every violation of the protocol.
//!
//! Reading order: [`server`] starts the binary, [`user`] is an account that uses REST, [`device`] is a device of such a user
//! on the socket, [`browser`] is a real browser, [`provider`] is the scripted language model, and [`push_service`] that of
//! browsers: the only fakes. [`proxy`] is a
//! network with faults. [`mod@eventually`] waits for conditions; no test waits for a time, and
//! [`within`] has the limits. [`database`] and [`postgres`]
//! create databases, [`raw`] reads them directly, [`plans`] collects query plans. [`bursts`] sets reminders. [`nodes`] are several servers on one
//! database, with [`nats`] between them.

#![expect(clippy::missing_panics_doc, reason = "a harness says what is wrong by panicking: that is how a test fails")]

pub mod browser;
pub mod bursts;
pub mod commands;
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
pub mod push_service;
pub mod raw;
pub mod scripted_server;
pub mod server;
pub mod user;
pub mod within;

pub use browser::Browser;
pub use device::Device;
pub use eventually::eventually;
pub use nats::Nats;
pub use nodes::Nodes;
pub use provider::{Reply, ScriptedProvider};
pub use proxy::ChaosProxy;
pub use push_service::{Answer as PushServiceAnswer, ReceivedPush, TestBrowser, TestPushService, reminders};
pub use server::TestServer;
pub use user::TestUser;
pub use within::assert_within;
