//! What an operator wants to know of a database before a server runs on it.

use super::Result;
use async_trait::async_trait;
use tandem_protocol::Timestamp;

/// How a database is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Name and version of the database.
    pub version: String,
    /// Its clock; `None` when that is this machine's.
    pub now: Option<Timestamp>,
    /// Whether its role is one that row-level security does not bind.
    pub unbound: bool,
    /// How many connections it takes from all nodes together, if that is limited.
    pub connections: Option<u32>,
}

/// A database that can be looked at.
#[async_trait]
pub trait Inspect: Send + Sync {
    /// Asks for the facts.
    async fn facts(&self) -> Result<Facts>;
}
