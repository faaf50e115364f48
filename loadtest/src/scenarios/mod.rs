//! The scenarios, one in each file. [`crate::scenario::ALL`] lists them; `users` and `frame_client` are shared.

pub mod bad_neighbour;
pub mod costs;
pub mod fan_out;
pub mod fifty_users;
mod frame_client;
pub mod idle;
pub mod login_storm;
pub mod reconnect_storm;
pub mod slow_device;
pub mod streams;
mod users;
