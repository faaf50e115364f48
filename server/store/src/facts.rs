//! What an operator checks of a database before a server runs on it. `tandem doctor` shows it.

use super::Result;
use async_trait::async_trait;
use tandem_protocol::Timestamp;

/// How a database is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Name and version of the database.
    pub version: String,
    /// The time of its clock; `None` when that is this machine's.
    pub now: Option<Timestamp>,
    /// Whether its role bypasses row-level security.
    pub unbound: bool,
    /// How many connections it accepts from all nodes together, if that is limited.
    pub connections: Option<u32>,
}

/// A database that can be inspected.
#[async_trait]
pub trait Inspect: Send + Sync {
    /// Reads the facts from the database.
    async fn facts(&self) -> Result<Facts>;
}
