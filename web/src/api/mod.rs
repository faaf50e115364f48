//! REST over `fetch`, with the access token in memory and the refresh cookie in the browser's hands.
//!
//! [`transport`] sends one request, [`client`] keeps it authenticated, the rest are the endpoints that the client uses.

mod accounts;
mod client;
mod error;
mod sync;
mod transport;

pub(crate) use client::Client;
pub(crate) use error::ApiError;
