//! Authentication: passwords, access tokens, refresh tokens, and [`Owner`], the proof that every store call takes.
//!
//! What is looked up in the database is not here: this crate makes and checks secrets, and `tandem_service` decides by
//! them.
//!
//! **Invariant:** a secret is stored as its hash, and never printed.

mod imported;
pub mod owner;
pub mod password;
pub mod secret;
pub mod token;
pub mod weak;

pub use owner::{Authority, Caller, Owner};
