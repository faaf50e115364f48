//! The facts of a PostgreSQL database.

use super::{PostgresStore, rows::Columns as _};
use crate::{Facts, Inspect, Result};
use async_trait::async_trait;

#[async_trait]
impl Inspect for PostgresStore {
    async fn facts(&self) -> Result<Facts> {
        let facts = sqlx::query(
            "select current_setting('server_version') as version,
                    clock_timestamp() as now,
                    rolsuper or rolbypassrls as unbound,
                    current_setting('max_connections')::integer as connections
               from pg_roles
              where rolname = current_user",
        );
        let row = facts.fetch_one(&mut *self.lookup().await?).await?;
        Ok(Facts {
            version: format!("PostgreSQL {}", row.plain::<String>("version")?),
            now: Some(row.at("now")?),
            unbound: row.plain("unbound")?,
            connections: u32::try_from(row.plain::<i32>("connections")?).ok(),
        })
    }
}
