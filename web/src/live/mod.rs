//! The live connection: one socket per page, and everything that goes over it.
//!
//! [`engine`] owns the [`Model`](crate::state::model::Model) and carries out its effects; it opens the socket and opens
//! it again after [`backoff`]. [`persistence`] stores what must survive a reload. [`published`] is the state that
//! components receive, and [`provider`] connects the engine to the component tree.

pub(crate) mod backoff;
pub(crate) mod engine;
pub(crate) mod persistence;
pub(crate) mod provider;
pub(crate) mod published;
mod socket;

pub(crate) use engine::Engine;
pub(crate) use provider::LiveProvider;
