//! The facts of an SQLite file.

use super::SqliteStore;
use crate::{Facts, Inspect, Result};
use async_trait::async_trait;

#[async_trait]
impl Inspect for SqliteStore {
    async fn facts(&self) -> Result<Facts> {
        let version: String =
            sqlx::query_scalar("select sqlite_version()").fetch_one(&mut *self.lookup().await?).await?;
        Ok(Facts { version: format!("SQLite {version}"), now: None, unbound: false, connections: None })
    }
}
