//! The scenarios, one a file. [`crate::scenario::ALL`] lists them; `people` is what they share.

pub mod bad_neighbour;
pub mod costs;
pub mod fan_out;
pub mod fifty_users;
pub mod idle;
pub mod login_storm;
mod people;
pub mod reconnect_storm;
pub mod slow_device;
pub mod streams;
mod wire;
