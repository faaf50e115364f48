//! The scenarios, one a file. [`crate::scenario::ALL`] lists them.

pub mod fifty_users;
