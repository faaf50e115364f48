//! The live connection: one socket for the page, and everything that is done over it.
//!
//! [`engine`] owns the [`Model`](crate::state::model::Model) and carries out what it asks for; `link` opens the socket and
//! opens it again ([`backoff`]); `loading` reads what is not on the socket; `actions` is what a person can do; `keeping`
//! is what survives a reload; [`published`] is what components get; [`provider`] ties the engine to the page.

mod actions;
pub mod backoff;
pub mod engine;
mod keeping;
mod link;
mod loading;
pub mod provider;
pub mod published;
mod socket;

pub use engine::Engine;
pub use provider::LiveProvider;
