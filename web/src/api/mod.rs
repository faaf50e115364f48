//! REST over `fetch`, with the access token in memory and the refresh cookie in the browser's hands.
//!
//! [`transport`] sends one request, [`client`] keeps it authenticated, the rest are the endpoints that the client uses.

mod accounts;
mod client;
mod error;
mod sync;
mod transport;

pub use client::{Client, Ended};
pub use error::ApiError;
