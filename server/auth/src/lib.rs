//! Who is asking: passwords, access tokens, refresh tokens, and the proof of ownership that every store call wants.

pub mod owner;
pub mod password;
pub mod secret;
pub mod token;
pub mod weak;

pub use owner::{Authority, Caller, Owner};
