//! The live connection: one socket for the page, and everything that is done over it.
//!
//! [`engine`] owns the [`Model`](crate::state::model::Model) and carries out what it asks for; `link` opens the socket and
//! opens it again ([`backoff`]); `loading` reads what is not on the socket; `actions` is what a person can do; `persistence`
//! is what survives a reload; [`published`] is what components get; [`provider`] ties the engine to the page.

pub(crate) mod backoff;
pub(crate) mod engine;
mod persistence;
pub(crate) mod provider;
pub(crate) mod published;
mod socket;

pub(crate) use engine::Engine;
pub(crate) use provider::LiveProvider;
