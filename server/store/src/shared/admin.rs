//! Accounts, invitations and reset links as the owners of the server see them.

use super::{
    Adapter, At, Conn, Row, TenantScope, WriteTxn, accounts, audit, dialect,
    rows::Columns as _,
    tx::{Tx, WriteState},
    usage,
};
use crate::{
    AccountAdmin, AdminTx, Administration, AuditKey, DailyLimits, InvitationKey, OtherAccounts, Result, Spender,
    Spending, UserKey, UserRef, shared::Expects,
};
use async_trait::async_trait;
use tandem_domain::{
    page::{PageRequest, PageRows},
    search,
};
use tandem_protocol::{
    InvitationId, SessionId, Timestamp, UserId,
    model::Session,
    rest::{AccountSpending, AuditEntry, Invitation, ManagedUser},
};
use uuid::Uuid;

/// Later than anything that is stored, in milliseconds: the end of the year 9998.
pub(super) const LATEST: i64 = 253_370_764_799_000;

/// What is shown of the accounts of `people`; `$1` is the present time.
macro_rules! shown {
    ($people:literal) => {
        concat!(
            "select u.id, u.email, u.name, u.role, u.email_verified, u.disabled_at, u.created_at, u.stored_rows,
                    u.stored_bytes, u.usage_day, u.day_replies, u.day_tokens, u.replies, u.tokens, u.max_replies,
                    u.max_tokens,
                    (select max(s.last_seen_at) from sessions as s where s.user_id = u.id) as session_seen_at,
                    (select max(t.last_used_at) from personal_tokens as t where t.user_id = u.id) as token_seen_at,
                    (select count(*) from sessions as s
                      where s.user_id = u.id
                        and s.revoked_at is null
                        and s.expires_at > $1
                        and s.ends_at > $1
                        and u.disabled_at is null) as sessions,
                    (select count(*) from tasks as t where t.user_id = u.id and t.deleted_at is null) as tasks
               from (",
            $people,
            ") as u order by u.created_at desc, u.id desc"
        )
    };
}

const USERS: &str = shown!(
    "select * from users
      where deleted_at is null
        and (created_at < $2 or created_at = $2 and id < $3)
      order by created_at desc, id desc
      limit $4"
);
/// What a search looks at, in the order of the pages.
const NAMES: &str = "select id, email, name, created_at
       from users
      where deleted_at is null
        and (created_at, id) < ($1, $2)
      order by created_at desc, id desc
      limit $3";
/// Names that a statement of a search reads.
const NAMES_AT_ONCE: i64 = 500;
const BY_ID: &str = shown!("select * from users where deleted_at is null and id = $2");
const BY_EMAIL: &str = shown!("select * from users where deleted_at is null and email = $2");

const SPENDERS: &str = "select id, usage_day, day_replies, day_tokens, replies, tokens, max_replies, max_tokens,
            stored_rows, stored_bytes, log_bytes, command_bytes
       from users
      where usage_day = $1
        and usage_day > 0
        and deleted_at is null
      order by day_tokens desc, day_replies desc, id
      limit $2";

const IS_OWNER: &str = "select exists (select 1
                  from sessions as s
                  join users as u on u.id = s.user_id
                 where s.id = $1
                   and s.revoked_at is null
                   and s.expires_at > $2
                   and s.ends_at > $2
                   and u.role = 'owner'
                   and u.disabled_at is null)";

fn user(row: &Row, now: Timestamp) -> sqlx::Result<ManagedUser> {
    let spent = usage::spending(row)?.on(Spending::day_of(now));
    Ok(ManagedUser {
        id: row.user("id")?,
        email: row.plain("email")?,
        name: row.plain("name")?,
        role: row.wire_enum("role")?,
        email_verified: row.plain("email_verified")?,
        disabled: row.maybe_at("disabled_at")?.is_some(),
        created_at: row.at("created_at")?,
        last_seen_at: row.maybe_at("session_seen_at")?.max(row.maybe_at("token_seen_at")?),
        sessions: row.plain("sessions")?,
        tasks: row.plain("tasks")?,
        stored_rows: row.plain("stored_rows")?,
        stored_bytes: row.plain("stored_bytes")?,
        spending: AccountSpending {
            replies_today: spent.day_replies,
            tokens_today: spent.day_tokens,
            replies: spent.replies,
            tokens: spent.tokens,
            own_daily_replies: spent.limits.replies,
            own_daily_tokens: spent.limits.tokens,
            // Those of the server are a setting.
            daily_replies: spent.limits.replies,
            daily_tokens: spent.limits.tokens,
        },
    })
}

/// The ids of accounts behind a key whose address or name contains a text, however its letters are written. They are compared
/// here, since SQLite knows the case of ASCII letters alone.
async fn named_like(conn: &mut Conn, text: &str, after: (Timestamp, UserId), count: i64) -> Result<Vec<UserId>> {
    let (text, mut after, mut found) = (search::folded(text), after, Vec::new());
    loop {
        let rows = sqlx::query(NAMES)
            .bind(At(after.0))
            .bind(after.1.as_str())
            .bind(NAMES_AT_ONCE)
            .try_map(|row: Row| {
                let is_like = |column| Ok::<_, sqlx::Error>(search::folded(row.plain(column)?).contains(&text));
                Ok((row.at("created_at")?, row.user("id")?, is_like("email")? || is_like("name")?))
            })
            .fetch_all(&mut *conn)
            .await?;
        let is_last = i64::try_from(rows.len()).is_ok_and(|read| read < NAMES_AT_ONCE);
        for (created_at, id, is_like) in rows {
            if is_like {
                found.push(id.clone());
            }
            if i64::try_from(found.len()).is_ok_and(|found| found >= count) {
                return Ok(found);
            }
            after = (created_at, id);
        }
        if is_last {
            return Ok(found);
        }
    }
}

fn invitation(row: &Row) -> sqlx::Result<Invitation> {
    let count = |column| -> sqlx::Result<u32> { Ok(u32::try_from(row.plain::<i64>(column)?).unwrap_or(u32::MAX)) };
    Ok(Invitation {
        id: row.id("id", InvitationId)?,
        email: row.plain("email")?,
        uses: count("uses")?,
        used: count("used")?,
        created_at: row.at("created_at")?,
        expires_at: row.at("expires_at")?,
        revoked_at: row.maybe_at("revoked_at")?,
        created_by: row.plain::<Option<String>>("created_by")?.map(UserId::from),
    })
}

async fn is_owner(conn: &mut Conn, session: SessionId, now: Timestamp) -> Result<bool> {
    sqlx::query(dialect::HOLD_OWNERS).execute(&mut *conn).await?;
    Ok(sqlx::query_scalar(IS_OWNER).bind(session.0).bind(At(now)).fetch_one(conn).await?)
}

async fn insert_invitation(conn: &mut Conn, new: &Invitation, hash: &[u8; 32]) -> Result<()> {
    sqlx::query(
        "insert into invitations (id, hash, email, uses, created_at, expires_at, created_by)
         values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(new.id.0)
    .bind(&hash[..])
    .bind(&new.email)
    .bind(i64::from(new.uses))
    .bind(At(new.created_at))
    .bind(At(new.expires_at))
    .bind(new.created_by.as_ref().map(UserId::as_str))
    .execute(conn)
    .await?;
    Ok(())
}

#[async_trait]
impl Administration for Adapter {
    async fn users(&self, text: &str, page: &PageRequest<UserKey>, now: Timestamp) -> Result<PageRows<ManagedUser>> {
        let (at, id) = page.after.clone().unwrap_or((LATEST, UserId::from("")));
        let at = Timestamp::from_millis(at);
        let mut snapshot = self.snapshot(TenantScope::System).await?;
        if text.is_empty() {
            let found = sqlx::query(USERS)
                .bind(At(now))
                .bind(At(at))
                .bind(id.as_str())
                .bind(page.fetch())
                .try_map(|row| user(&row, now))
                .fetch_all(snapshot.conn())
                .await?;
            return Ok(found.into());
        }
        let mut found = Vec::new();
        for id in named_like(snapshot.conn(), text, (at, id), page.fetch()).await? {
            let one = sqlx::query(BY_ID).bind(At(now)).bind(id.as_str()).try_map(|row| user(&row, now));
            found.extend(one.fetch_optional(snapshot.conn()).await?);
        }
        Ok(found.into())
    }

    async fn managed_user(&self, which: UserRef<'_>, now: Timestamp) -> Result<Option<ManagedUser>> {
        let (statement, value) = match which {
            UserRef::Id(id) => (BY_ID, id),
            UserRef::Email(email) => (BY_EMAIL, email),
        };
        let mut snapshot = self.snapshot(TenantScope::System).await?;
        let found = sqlx::query(statement).bind(At(now)).bind(value).try_map(|row| user(&row, now));
        Ok(found.fetch_optional(snapshot.conn()).await?)
    }

    async fn spenders(&self, day: i64, limit: u32) -> Result<Vec<Spender>> {
        let mut snapshot = self.snapshot(TenantScope::System).await?;
        Ok(sqlx::query(SPENDERS)
            .bind(day)
            .bind(i64::from(limit))
            .try_map(|row: Row| {
                let (spending, usage) = (usage::spending(&row)?, usage::usage(&row)?);
                Ok(Spender { user: row.user("id")?, spending, usage })
            })
            .fetch_all(snapshot.conn())
            .await?)
    }

    async fn sessions_of(&self, user: &UserId, now: Timestamp) -> Result<Vec<Session>> {
        let mut conn = self.lookup().await?;
        let found = sqlx::query(accounts::SESSIONS).bind(user.as_str()).bind(At(now));
        Ok(found.try_map(|row| accounts::session(&row)).fetch_all(&mut *conn).await?)
    }

    async fn invitations(&self, page: &PageRequest<InvitationKey>) -> Result<PageRows<Invitation>> {
        let (at, id) = page.after.unwrap_or((LATEST, InvitationId(Uuid::max())));
        let mut conn = self.lookup().await?;
        let found = sqlx::query(
            "select id, email, uses, used, created_at, expires_at, revoked_at, created_by
               from invitations
              where created_at < $1 or created_at = $1 and id < $2
              order by created_at desc, id desc
              limit $3",
        )
        .bind(At(Timestamp::from_millis(at)))
        .bind(id.0)
        .bind(page.fetch())
        .try_map(|row| invitation(&row))
        .fetch_all(&mut *conn)
        .await?;
        Ok(found.into())
    }

    async fn admits(&self, hash: &[u8; 32], email: &str, now: Timestamp) -> Result<bool> {
        let mut conn = self.lookup().await?;
        Ok(sqlx::query_scalar(
            "select exists (select 1
                              from invitations
                             where hash = $1
                               and (email is null or email = $2)
                               and used < uses
                               and revoked_at is null
                               and expires_at > $3)",
        )
        .bind(&hash[..])
        .bind(email)
        .bind(At(now))
        .fetch_one(&mut *conn)
        .await?)
    }

    async fn reset_link(&self, hash: &[u8; 32], now: Timestamp) -> Result<Option<UserId>> {
        let mut conn = self.lookup().await?;
        Ok(sqlx::query(
            "select r.user_id
               from reset_links as r
               join users as u on u.id = r.user_id
              where r.hash = $1
                and r.expires_at > $2
                and u.disabled_at is null",
        )
        .bind(&hash[..])
        .bind(At(now))
        .try_map(|row: Row| row.user("user_id"))
        .fetch_optional(&mut *conn)
        .await?)
    }

    async fn audit(&self, user: Option<&str>, page: &PageRequest<AuditKey>) -> Result<PageRows<AuditEntry>> {
        audit::page(self, user, page).await
    }

    async fn record(&self, entry: &AuditEntry) -> Result<()> {
        let mut txn = self.write_txn(TenantScope::System).await?;
        audit::insert(txn.conn(), entry).await?;
        txn.commit().await
    }

    async fn prune_audit(&self, before: Timestamp) -> Result<()> {
        audit::prune(self, before).await
    }

    async fn administer(&self) -> Result<Box<dyn AdminTx>> {
        Ok(Box::new(ServerTx(self.write_txn(TenantScope::System).await?)))
    }
}

/// A transaction of the server itself.
struct ServerTx(WriteTxn);

#[async_trait]
impl AdminTx for ServerTx {
    async fn is_owner(&mut self, session: SessionId, now: Timestamp) -> Result<bool> {
        is_owner(self.0.conn(), session, now).await
    }

    async fn insert_invitation(&mut self, new: &Invitation, hash: &[u8; 32]) -> Result<()> {
        insert_invitation(self.0.conn(), new, hash).await
    }

    async fn revoke_invitation(&mut self, id: InvitationId, now: Timestamp) -> Result<bool> {
        let revoked = sqlx::query("update invitations set revoked_at = $2 where id = $1 and revoked_at is null")
            .bind(id.0)
            .bind(At(now))
            .execute(self.0.conn())
            .await?;
        Ok(revoked.rows_affected() > 0)
    }

    async fn record(&mut self, entry: &AuditEntry) -> Result<()> {
        audit::insert(self.0.conn(), entry).await
    }

    async fn commit(self: Box<Self>) -> Result<()> {
        self.0.commit().await
    }
}

#[async_trait]
impl AccountAdmin for Tx<WriteState> {
    async fn is_owner(&mut self, session: SessionId, now: Timestamp) -> Result<bool> {
        let (conn, _) = self.parts().await?;
        is_owner(conn, session, now).await
    }

    async fn other_accounts(&mut self) -> Result<OtherAccounts> {
        let (conn, owner) = self.parts().await?;
        sqlx::query(dialect::HOLD_OWNERS).execute(&mut *conn).await?;
        Ok(sqlx::query(
            "select exists (select 1 from users where role = 'owner' and id <> $1 and disabled_at is null) as owner,
                    exists (select 1 from users where id <> $1 and deleted_at is null) as anybody",
        )
        .bind(owner)
        .try_map(|row: Row| Ok(OtherAccounts { owner: row.plain("owner")?, any: row.plain("anybody")? }))
        .fetch_one(conn)
        .await?)
    }

    async fn set_disabled(&mut self, since: Option<Timestamp>) -> Result<bool> {
        let (conn, owner) = self.parts().await?;
        let changed = sqlx::query(
            "update users
                set disabled_at = $2
              where id = $1
                and (disabled_at is null) <> ($2 is null)",
        )
        .bind(owner)
        .bind(since.map(At))
        .execute(conn)
        .await?;
        Ok(changed.rows_affected() > 0)
    }

    async fn set_daily_limits(&mut self, limits: DailyLimits) -> Result<()> {
        self.state.account.spending.limits = limits;
        let (script, owner) = self.script();
        script
            .add("update users set max_replies = $2, max_tokens = $3 where id = $1", Expects::Anything)
            .bind(owner)
            .bind(limits.replies)
            .bind(limits.tokens);
        Ok(())
    }

    async fn delete_reset_links(&mut self) -> Result<()> {
        let (script, owner) = self.script();
        script.add("delete from reset_links where user_id = $1", Expects::Anything).bind(owner);
        Ok(())
    }

    async fn insert_reset_link(&mut self, hash: &[u8; 32], now: Timestamp, expires_at: Timestamp) -> Result<()> {
        let (script, owner) = self.script();
        script
            .add(
                "insert into reset_links (hash, user_id, created_at, expires_at) values ($1, $2, $3, $4)",
                Expects::Anything,
            )
            .bind(&hash[..])
            .bind(owner)
            .bind(At(now))
            .bind(At(expires_at));
        Ok(())
    }

    async fn insert_invitation(&mut self, new: &Invitation, hash: &[u8; 32]) -> Result<()> {
        let (conn, _) = self.parts().await?;
        insert_invitation(conn, new, hash).await
    }

    async fn use_reset_link(&mut self, hash: &[u8; 32], now: Timestamp) -> Result<bool> {
        let (conn, owner) = self.parts().await?;
        let used = sqlx::query("delete from reset_links where user_id = $1 and hash = $2 and expires_at > $3")
            .bind(owner)
            .bind(&hash[..])
            .bind(At(now))
            .execute(conn)
            .await?;
        let used = used.rows_affected() > 0;
        self.delete_reset_links().await?;
        Ok(used)
    }

    async fn record(&mut self, entry: &AuditEntry) -> Result<()> {
        let (script, _) = self.script();
        audit::add(script, entry);
        Ok(())
    }
}
