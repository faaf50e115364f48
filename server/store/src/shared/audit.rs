//! The record of what was done with accounts.
//!
//! **Invariant:** entries are added, and removed by age. When an account is deleted its id in them is replaced, and its
//! addresses and the details of what it did to itself are removed; nothing else of them changes.

use super::{Adapter, At, Conn, Row, TenantScope, dialect, rows::Columns as _, script::Script};
use crate::{AuditKey, Result, shared::Expects};
use sqlx::AssertSqlSafe;
use tandem_domain::page::{PageRequest, PageRows};
use tandem_protocol::{AuditId, Timestamp, UserId, enums::WireEnum as _, rest::AuditEntry};
use uuid::Uuid;

/// Entries that one transaction removes or changes.
const BATCH: i64 = 500;

const INSERT: &str = "insert into audit (id, at, actor, action, target, detail, ip, node, result)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

fn entry(row: &Row) -> sqlx::Result<AuditEntry> {
    Ok(AuditEntry {
        id: row.id("id", AuditId)?,
        at: row.at("at")?,
        actor: row.plain("actor")?,
        action: row.wire_enum("action")?,
        target: row.plain("target")?,
        detail: row.plain("detail")?,
        ip: row.plain("ip")?,
        node: row.plain("node")?,
        result: row.wire_enum("result")?,
        actor_email: row.plain("actor_email")?,
        target_email: row.plain("target_email")?,
    })
}

/// Adds an entry to the writes of a change.
pub(super) fn add(script: &mut Script, entry: &AuditEntry) {
    script
        .add(INSERT, Expects::Anything)
        .bind(entry.id.0)
        .bind(At(entry.at))
        .bind(&entry.actor)
        .bind(entry.action.as_str())
        .bind(&entry.target)
        .bind(&entry.detail)
        .bind(&entry.ip)
        .bind(&entry.node)
        .bind(entry.result.as_str());
}

pub(super) async fn insert(conn: &mut Conn, entry: &AuditEntry) -> Result<()> {
    sqlx::query(INSERT)
        .bind(entry.id.0)
        .bind(At(entry.at))
        .bind(&entry.actor)
        .bind(entry.action.as_str())
        .bind(&entry.target)
        .bind(&entry.detail)
        .bind(&entry.ip)
        .bind(&entry.node)
        .bind(entry.result.as_str())
        .execute(conn)
        .await?;
    Ok(())
}

pub(super) async fn page(
    adapter: &Adapter,
    user: Option<&str>,
    page: &PageRequest<AuditKey>,
) -> Result<PageRows<AuditEntry>> {
    let (at, id) = page.after.unwrap_or((super::admin::LATEST, AuditId(Uuid::max())));
    let statement = match user {
        None => {
            "select id, at, actor, action, target, detail, ip, node, result,
                    (select email from users where users.id = audit.actor) as actor_email,
                    (select email from users where users.id = audit.target) as target_email
               from audit
              where (at < $1 or at = $1 and id < $2)
              order by at desc, id desc
              limit $3"
        }
        // The entries of each of the two come from its own index.
        Some(_) => {
            "select id, at, actor, action, target, detail, ip, node, result,
                    (select email from users where users.id = both_kinds.actor) as actor_email,
                    (select email from users where users.id = both_kinds.target) as target_email
               from (select * from (select * from audit
                                     where actor = $4 and (at < $1 or at = $1 and id < $2)
                                     order by at desc, id desc limit $3) as done
                      union
                     select * from (select * from audit
                                     where target = $4 and (at < $1 or at = $1 and id < $2)
                                     order by at desc, id desc limit $3) as suffered) as both_kinds
              order by at desc, id desc
              limit $3"
        }
    };
    let mut conn = adapter.lookup().await?;
    let query = sqlx::query(statement).bind(At(Timestamp::from_millis(at))).bind(id.0).bind(page.fetch());
    let query = match user {
        None => query,
        Some(user) => query.bind(user),
    };
    Ok(query.try_map(|row| entry(&row)).fetch_all(&mut *conn).await?.into())
}

pub(super) async fn prune(adapter: &Adapter, before: Timestamp) -> Result<()> {
    let statement = dialect::remove_some("audit", "id", "at");
    loop {
        let mut txn = adapter.write_txn(TenantScope::System).await?;
        let removed =
            sqlx::query(AssertSqlSafe(statement.as_str())).bind(At(before)).bind(BATCH).execute(txn.conn()).await?;
        txn.commit().await?;
        if removed.rows_affected() < BATCH.unsigned_abs() {
            return Ok(());
        }
    }
}

/// Replaces what names a deleted account, some entries at a time.
pub(super) async fn forget(adapter: &Adapter, user: &UserId) -> Result<()> {
    // An address is that of the actor. Where nobody is known, it may be the person's: a mistyped password, say.
    let changes = [
        ("actor", "ip = null, detail = case when target = $1 then null else detail end"),
        ("target", "ip = case when actor is null then null else ip end"),
    ];
    for (column, others) in changes {
        let statement = format!(
            "update audit
                set {column} = 'deleted', {others}
              where id in (select id from audit where {column} = $1 limit $2)"
        );
        loop {
            let mut txn = adapter.write_txn(TenantScope::System).await?;
            let changed = sqlx::query(AssertSqlSafe(statement.as_str()))
                .bind(user.as_str())
                .bind(BATCH)
                .execute(txn.conn())
                .await?;
            txn.commit().await?;
            if changed.rows_affected() < BATCH.unsigned_abs() {
                break;
            }
        }
    }
    Ok(())
}
