//! Notes about what an import has added.

use super::{
    Adapter, At, Conn, Row, TenantScope,
    rows::Columns as _,
    tx::{Tx, WriteState},
};
use crate::{
    ImportWrites, Imported, ImportedKind, Imports, Result,
    shared::{Expects, unexpected},
};
use async_trait::async_trait;
use tandem_protocol::{Timestamp, UserId};
use uuid::Uuid;

const NOTE: &str = "insert into imported (import_id, account, kind, item) values ($1, $2, $3, $4)
         on conflict do nothing";

/// Notes an account that is added in the same transaction.
pub(super) async fn note_account(conn: &mut Conn, run: Uuid, user: &UserId) -> Result<()> {
    let kind = ImportedKind::Account.as_str();
    sqlx::query(NOTE).bind(run).bind(user.as_str()).bind(kind).bind(run).execute(conn).await?;
    Ok(())
}

fn row(row: &Row) -> sqlx::Result<(UserId, String, Uuid)> {
    Ok((row.user("account")?, row.plain("kind")?, row.id("item", |id| id)?))
}

#[async_trait]
impl Imports for Adapter {
    async fn begin_import(&self, run: Uuid, at: Timestamp, source: &str) -> Result<()> {
        let mut txn = self.write_txn(TenantScope::System).await?;
        sqlx::query("insert into imports (id, at, source) values ($1, $2, $3)")
            .bind(run)
            .bind(At(at))
            .bind(source)
            .execute(txn.conn())
            .await?;
        txn.commit().await
    }

    async fn imported(&self, run: Uuid) -> Result<Option<Vec<Imported>>> {
        let mut snapshot = self.snapshot(TenantScope::System).await?;
        let known: bool = sqlx::query_scalar("select exists (select 1 from imports where id = $1)")
            .bind(run)
            .fetch_one(snapshot.conn())
            .await?;
        if !known {
            return Ok(None);
        }
        let rows =
            sqlx::query("select account, kind, item from imported where import_id = $1 order by account, kind, item")
                .bind(run)
                .try_map(|found| row(&found))
                .fetch_all(snapshot.conn())
                .await?;
        let imported = rows.into_iter().map(|(account, kind, item)| {
            let kind = ImportedKind::ALL.into_iter().find(|known| known.as_str() == kind);
            Ok(Imported { account, kind: kind.ok_or_else(|| unexpected("an import has added an unknown kind"))?, item })
        });
        imported.collect::<Result<_>>().map(Some)
    }

    async fn forget_import(&self, run: Uuid) -> Result<()> {
        let mut txn = self.write_txn(TenantScope::System).await?;
        sqlx::query("delete from imports where id = $1").bind(run).execute(txn.conn()).await?;
        txn.commit().await
    }

    async fn has_owner_beside(&self, run: Uuid) -> Result<bool> {
        let mut snapshot = self.snapshot(TenantScope::System).await?;
        Ok(sqlx::query_scalar(
            "select exists (
                 select 1
                   from users
                  where role = 'owner'
                    and disabled_at is null
                    and not exists (select 1 from imported where import_id = $1 and account = users.id and kind = $2))",
        )
        .bind(run)
        .bind(ImportedKind::Account.as_str())
        .fetch_one(snapshot.conn())
        .await?)
    }
}

#[async_trait]
impl ImportWrites for Tx<WriteState> {
    async fn note_imported(&mut self, run: Uuid, kind: ImportedKind, item: Uuid) -> Result<()> {
        let (script, owner) = self.script();
        script.add(NOTE, Expects::Anything).bind(run).bind(owner).bind(kind.as_str()).bind(item);
        Ok(())
    }
}
