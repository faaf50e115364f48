//! Migrating the schema, on a connection of its own.
//!
//! The driver records each applied step with its checksum. A step that is not ours, or not the one that was applied,
//! stops everything: the database is newer than this program, or a migration was edited.

use super::{Adapter, Conn, STEPS, dialect};
use crate::{
    MigrationStatus, Migrations, Result, StoreError,
    shared::{Step, unexpected},
};
use async_trait::async_trait;
use sqlx::{
    SqlSafeStr as _,
    migrate::{Migrate as _, MigrateError, Migration, MigrationType},
};

/// The table in which the driver records applied steps.
const APPLIED: &str = "_sqlx_migrations";

/// A step in the driver's form.
fn migration(step: &Step, kind: MigrationType) -> Migration {
    let (number, name, up, down) = *step;
    let sql = if kind.is_down_migration() { down } else { up };
    Migration::new(number, name.into(), kind, sql.into_sql_str(), false)
}

fn failed(error: MigrateError) -> StoreError {
    match error {
        MigrateError::Execute(error) => error.into(),
        error => StoreError::Broken(error.into()),
    }
}

/// The numbers of the applied steps, if all are steps of ours. Changes nothing: an empty database does not even have
/// the driver's table.
pub(crate) async fn applied(conn: &mut Conn) -> Result<Vec<i64>> {
    if !sqlx::query_scalar(dialect::HAS_STEPS).fetch_one(&mut *conn).await? {
        return Ok(Vec::new());
    }
    let applied = conn.list_applied_migrations(APPLIED).await.map_err(failed)?;
    for old in &applied {
        let Some(step) = STEPS.iter().find(|step| step.0 == old.version) else {
            return Err(unexpected(&format!("the database is newer than this program: it has step {}", old.version)));
        };
        // A migration was edited: this database has another schema than its steps.
        if migration(step, MigrationType::ReversibleUp).checksum != old.checksum {
            return Err(unexpected(&format!("step {} of the schema is not the one that was applied", old.version)));
        }
    }
    Ok(applied.into_iter().map(|old| old.version).collect())
}

/// Applies every missing step.
pub(crate) async fn up(conn: &mut Conn) -> Result<()> {
    conn.lock().await.map_err(failed)?;
    conn.ensure_migrations_table(APPLIED).await.map_err(failed)?;
    // Under the lock: another node may have applied steps while this one waited for it.
    let applied = applied(conn).await?;
    for step in STEPS.iter().filter(|step| !applied.contains(&step.0)) {
        let up = migration(step, MigrationType::ReversibleUp);
        conn.apply(APPLIED, &up).await.map_err(failed)?;
    }
    conn.unlock().await.map_err(failed)
}

#[async_trait]
impl Migrations for Adapter {
    async fn migration_status(&self) -> Result<Vec<MigrationStatus>> {
        let mut conn = self.exclusive().await?;
        let applied = applied(&mut conn).await?;
        let status = |step: &Step| MigrationStatus { number: step.0, name: step.1, applied: applied.contains(&step.0) };
        Ok(STEPS.iter().map(status).collect())
    }

    // The lock belongs to the connection: when a step fails, it ends with the connection.

    async fn migrate_up(&self) -> Result<()> {
        up(&mut *self.exclusive().await?).await
    }

    async fn migrate_down(&self, to: i64) -> Result<()> {
        let mut conn = self.exclusive().await?;
        conn.lock().await.map_err(failed)?;
        let applied = applied(&mut conn).await?;
        for step in STEPS.iter().rev().filter(|step| step.0 > to && applied.contains(&step.0)) {
            let down = migration(step, MigrationType::ReversibleDown);
            conn.revert(APPLIED, &down).await.map_err(failed)?;
        }
        conn.unlock().await.map_err(failed)
    }
}
