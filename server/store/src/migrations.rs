//! The steps of the schema. `tandem migrate` and the start of the server use this.
//!
//! **Invariant:** steps are applied in order and never changed afterwards; a database that was at a newer version is
//! refused.

use super::Result;
use async_trait::async_trait;

/// A step of the schema, and whether it was applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MigrationStatus {
    /// From 1, in order.
    pub number: i64,
    /// What it is about.
    pub name: &'static str,
    /// Whether this database has it.
    pub applied: bool,
}

/// A database whose schema can be migrated. Safe when several nodes start at once: one migrates, the others wait.
#[async_trait]
pub trait Migrations: Send + Sync {
    /// Every step that this binary knows, in order.
    async fn migration_status(&self) -> Result<Vec<MigrationStatus>>;

    /// Applies every missing step. Fails when the database was at a newer version.
    async fn migrate_up(&self) -> Result<()>;

    /// Reverts every step after the one numbered `to`; 0 empties the database.
    async fn migrate_down(&self, to: i64) -> Result<()>;
}
