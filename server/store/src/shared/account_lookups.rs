//! Accounts by what a request shows.
//!
//! These look-ups go before the owner is known, on connections of their own: a user whose work takes long keeps nobody
//! from being recognised.

use super::{Adapter, At, Row, TenantScope, accounts, registration, rows::Columns as _};
use crate::{
    Accounts, Admission, Credentials, EndedSession, NewAccount, RefreshRecord, Result, SessionRecord, TokenRecord,
};
use async_trait::async_trait;
use tandem_protocol::{SessionId, Timestamp, TokenId};

const MINUTE_MILLIS: i64 = 60_000;

fn credentials(row: &Row) -> sqlx::Result<Credentials> {
    Ok(Credentials {
        user_id: row.user("id")?,
        password_hash: row.plain("password_hash")?,
        disabled: row.maybe_at("disabled_at")?.is_some(),
    })
}

fn session_record(row: &Row) -> sqlx::Result<SessionRecord> {
    Ok(SessionRecord {
        user_id: row.user("user_id")?,
        session: accounts::session(row)?,
        revoked: row.maybe_at("revoked_at")?.is_some(),
        disabled: row.maybe_at("disabled_at")?.is_some(),
        ends_at: row.at("ends_at")?,
    })
}

fn refresh_record(row: &Row) -> sqlx::Result<RefreshRecord> {
    let replaced_at = row.maybe_at("replaced_at")?;
    let successor_replaced_at = row.maybe_at("successor_replaced_at")?;
    Ok(RefreshRecord {
        session_id: row.id("session_id", SessionId)?,
        replaced_at,
        // A successor that was not replaced is the newest token.
        is_previous: replaced_at.is_some() && successor_replaced_at.is_none(),
    })
}

fn token_record(row: &Row) -> sqlx::Result<TokenRecord> {
    Ok(TokenRecord {
        id: row.id("id", TokenId)?,
        user_id: row.user("user_id")?,
        scopes: row.json("scopes")?,
        expires_at: row.maybe_at("expires_at")?,
        last_used_at: row.maybe_at("last_used_at")?,
        disabled: row.maybe_at("disabled_at")?.is_some(),
    })
}

#[async_trait]
impl Accounts for Adapter {
    async fn register(&self, account: &NewAccount) -> Result<Admission> {
        registration::register(self, account).await
    }

    async fn has_owner(&self) -> Result<bool> {
        registration::has_owner(&mut *self.lookup().await?).await
    }

    async fn has_imports(&self) -> Result<bool> {
        let mut conn = self.lookup().await?;
        Ok(sqlx::query_scalar("select exists (select 1 from imports)").fetch_one(&mut *conn).await?)
    }

    async fn add_setup_code(&self, hash: &[u8; 32], now: Timestamp) -> Result<()> {
        registration::add_setup_code(self, hash, now).await
    }

    async fn is_setup_code(&self, hash: &[u8; 32]) -> Result<bool> {
        let mut conn = self.lookup().await?;
        let known = "select exists (select 1 from setup_codes where hash = $1)";
        Ok(sqlx::query_scalar(known).bind(&hash[..]).fetch_one(&mut *conn).await?)
    }

    async fn credentials(&self, email: &str) -> Result<Option<Credentials>> {
        let mut conn = self.lookup().await?;
        Ok(sqlx::query("select id, password_hash, disabled_at from users where email = $1")
            .bind(email)
            .try_map(|row| credentials(&row))
            .fetch_optional(&mut *conn)
            .await?)
    }

    async fn session(&self, id: SessionId) -> Result<Option<SessionRecord>> {
        let mut conn = self.lookup().await?;
        Ok(sqlx::query(
            "select s.id, s.user_id, s.device_name, s.ip, s.user_agent, s.created_at, s.last_seen_at, s.expires_at,
                    s.ends_at, s.revoked_at, u.disabled_at
               from sessions as s
               join users as u on u.id = s.user_id
              where s.id = $1",
        )
        .bind(id.0)
        .try_map(|row| session_record(&row))
        .fetch_optional(&mut *conn)
        .await?)
    }

    async fn refresh_token(&self, hash: &[u8; 32]) -> Result<Option<RefreshRecord>> {
        let mut conn = self.lookup().await?;
        Ok(sqlx::query(
            "select t.session_id, t.replaced_at, successor.replaced_at as successor_replaced_at
               from refresh_tokens as t
               left join refresh_tokens as successor on successor.hash = t.replaced_by
              where t.hash = $1",
        )
        .bind(&hash[..])
        .try_map(|row| refresh_record(&row))
        .fetch_optional(&mut *conn)
        .await?)
    }

    async fn personal_token(&self, hash: &[u8; 32]) -> Result<Option<TokenRecord>> {
        let mut conn = self.lookup().await?;
        Ok(sqlx::query(
            "select t.id, t.user_id, t.scopes, t.expires_at, t.last_used_at, u.disabled_at
               from personal_tokens as t
               join users as u on u.id = t.user_id
              where t.hash = $1",
        )
        .bind(&hash[..])
        .try_map(|row| token_record(&row))
        .fetch_optional(&mut *conn)
        .await?)
    }

    async fn touch_personal_token(&self, id: TokenId, now: Timestamp) -> Result<()> {
        // To the minute, so that of many uses, on whatever node, one changes the row.
        let minute = Timestamp::from_millis(now.as_millis().div_euclid(MINUTE_MILLIS) * MINUTE_MILLIS);
        let mut txn = self.write_txn(TenantScope::System).await?;
        sqlx::query(
            "update personal_tokens
                set last_used_at = $2
              where id = $1
                and (last_used_at is null or last_used_at < $2 or last_used_at > $3)",
        )
        .bind(id.0)
        .bind(At(minute))
        // A time further ahead was written by a clock that was ahead.
        .bind(At(minute.plus_millis(2 * MINUTE_MILLIS)))
        .execute(txn.conn())
        .await?;
        txn.commit().await
    }

    async fn ended_since(&self, since: Timestamp) -> Result<Vec<EndedSession>> {
        let mut conn = self.lookup().await?;
        Ok(sqlx::query(
            // Rows of a deleted account may not be removed yet.
            "select s.id, false as account_deleted
               from sessions as s
              where s.revoked_at >= $1
                and not exists (select 1 from ended_sessions as e where e.id = s.id)
              union
             select s.id, false
               from users as u
               join sessions as s on s.user_id = u.id
              where u.disabled_at >= $1
                and u.deleted_at is null
              union
             select id, true from ended_sessions where ended_at >= $1",
        )
        .bind(At(since))
        .try_map(|row: Row| {
            Ok(EndedSession { id: row.id("id", SessionId)?, account_deleted: row.plain("account_deleted")? })
        })
        .fetch_all(&mut *conn)
        .await?)
    }
}
