//! Who is asking: passwords, access tokens, refresh tokens, and the proof of ownership that every store call wants.

pub mod owner;

pub use owner::{Authority, Caller, Owner};
