//! The REST API over `fetch`.
//!
//! [`transport`] sends one request, [`client`] authenticates it, [`body`] writes small bodies. [`accounts`], [`people`]
//! and [`sync`] are the endpoints that this program uses.

mod accounts;
pub(crate) mod body;
mod client;
mod error;
mod people;
mod sync;
mod transport;

pub(crate) use accounts::{feed_body, token_body};
pub(crate) use client::Client;
pub(crate) use error::ApiError;
