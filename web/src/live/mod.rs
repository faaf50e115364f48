//! The live connection.
pub mod backoff;
