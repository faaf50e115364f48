//! The steps of the schema. `tandem migrate` and the start of the server go through this.

use super::Result;
use async_trait::async_trait;

/// A step of the schema, and whether it has been taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MigrationStatus {
    /// From 1, in order.
    pub number: i64,
    /// What it is about.
    pub name: &'static str,
    /// Whether this database has it.
    pub applied: bool,
}

/// A database whose schema can be moved. Safe when several nodes start at once: one migrates, the others wait for it.
#[async_trait]
pub trait Migrations: Send + Sync {
    /// Every step that this binary knows, in order.
    async fn migration_status(&self) -> Result<Vec<MigrationStatus>>;

    /// Takes every step that is missing. Fails when the database has been at a newer version.
    async fn migrate_up(&self) -> Result<()>;

    /// Takes back every step after the one numbered `to`; 0 empties the database.
    async fn migrate_down(&self, to: i64) -> Result<()>;
}
