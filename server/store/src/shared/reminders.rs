//! Which reminders are due, of all owners.

use super::{Adapter, At, Row, TenantScope, rows::Columns as _};
use crate::{DueReminder, Reminders, Result};
use async_trait::async_trait;
use tandem_protocol::{TaskId, Timestamp};

/// Read from the partial index. The state of the user is read for each task: a join would read all users.
const DUE: &str = "select t.user_id, t.id, t.reminder_at
       from tasks as t
      where t.reminder_at is not null
        and t.deleted_at is null
        and t.reminder_at <= $1
        and (select u.disabled_at from users as u where u.id = t.user_id) is null
      order by t.reminder_at
      limit $2";

#[async_trait]
impl Reminders for Adapter {
    async fn due_reminders(&self, until: Timestamp, limit: u32) -> Result<Vec<DueReminder>> {
        let mut snapshot = self.snapshot(TenantScope::System).await?;
        let due = |row: Row| {
            Ok(DueReminder { user: row.user("user_id")?, task: row.id("id", TaskId)?, at: row.at("reminder_at")? })
        };
        let found = sqlx::query(DUE).bind(At(until)).bind(i64::from(limit)).try_map(due);
        Ok(found.fetch_all(snapshot.conn()).await?)
    }
}
