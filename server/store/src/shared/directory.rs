//! Look-ups before the owner is known, and the start of sweeps over all owners.

use super::{
    Adapter, At, Db, Row, TenantScope, accounts, ahead, allowances, deletion, prune, rows::Columns as _, search,
};
use crate::{
    Credentials, Directory, EndedSession, Furthest, NewAccount, RateLimit, RefreshRecord, Result, SessionRecord,
    TokenRecord,
};
use async_trait::async_trait;
use sqlx::QueryBuilder;
use std::time::Duration;
use tandem_protocol::{MessageId, SessionId, Timestamp, TokenId, UserId};

const MINUTE_MILLIS: i64 = 60_000;

/// Users that one statement looks up.
const LOOKED_UP_AT_ONCE: usize = 1_000;

/// Leases that one statement renews.
const RENEWED_AT_ONCE: usize = 500;

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
impl Directory for Adapter {
    async fn epoch(&self) -> Result<String> {
        let mut conn = self.lookup().await?;
        let epoch = sqlx::query("select value from epoch").try_map(|row: Row| row.plain("value"));
        Ok(epoch.fetch_one(&mut *conn).await?)
    }

    async fn mark(&self) -> Result<()> {
        Adapter::mark(self).await
    }

    async fn close(&self) -> Result<()> {
        Adapter::close(self).await
    }

    async fn ready(&self) -> Result<()> {
        Adapter::ready(self).await
    }

    async fn register(&self, account: &NewAccount) -> Result<bool> {
        let mut turn = self.turn(TenantScope::System).await?;
        let user = &account.user;
        let added = sqlx::query(
            "insert into users (id, email, name, email_verified, image, time_zone, created_at, password_hash)
             values ($1, $2, $3, $4, $5, $6, $7, $8)
                 on conflict do nothing",
        )
        .bind(user.id.as_str())
        .bind(&user.email)
        .bind(&user.name)
        .bind(user.email_verified)
        .bind(&user.image)
        .bind(&user.time_zone)
        .bind(At(user.created_at))
        .bind(&account.password_hash)
        .execute(turn.conn())
        .await?;
        turn.commit().await?;
        Ok(added.rows_affected() > 0)
    }

    async fn credentials(&self, email: &str) -> Result<Option<Credentials>> {
        let mut conn = self.lookup().await?;
        let found = sqlx::query("select id, password_hash, disabled_at from users where email = $1")
            .bind(email)
            .try_map(|row| credentials(&row))
            .fetch_optional(&mut *conn)
            .await?;
        Ok(found)
    }

    async fn session(&self, id: SessionId) -> Result<Option<SessionRecord>> {
        let mut conn = self.lookup().await?;
        let found = sqlx::query(
            "select s.id, s.user_id, s.device_name, s.ip, s.user_agent, s.created_at, s.last_seen_at, s.expires_at,
                    s.ends_at, s.revoked_at, u.disabled_at
               from sessions as s
               join users as u on u.id = s.user_id
              where s.id = $1",
        )
        .bind(id.0)
        .try_map(|row| session_record(&row))
        .fetch_optional(&mut *conn)
        .await?;
        Ok(found)
    }

    async fn refresh_token(&self, hash: &[u8; 32]) -> Result<Option<RefreshRecord>> {
        let mut conn = self.lookup().await?;
        let found = sqlx::query(
            "select t.session_id, t.replaced_at, successor.replaced_at as successor_replaced_at
               from refresh_tokens as t
               left join refresh_tokens as successor on successor.hash = t.replaced_by
              where t.hash = $1",
        )
        .bind(&hash[..])
        .try_map(|row| refresh_record(&row))
        .fetch_optional(&mut *conn)
        .await?;
        Ok(found)
    }

    async fn personal_token(&self, hash: &[u8; 32]) -> Result<Option<TokenRecord>> {
        let mut conn = self.lookup().await?;
        let found = sqlx::query(
            "select t.id, t.user_id, t.scopes, t.expires_at, t.last_used_at, u.disabled_at
               from personal_tokens as t
               join users as u on u.id = t.user_id
              where t.hash = $1",
        )
        .bind(&hash[..])
        .try_map(|row| token_record(&row))
        .fetch_optional(&mut *conn)
        .await?;
        Ok(found)
    }

    async fn touch_personal_token(&self, id: TokenId, now: Timestamp) -> Result<()> {
        let minute = Timestamp::from_millis(now.as_millis().div_euclid(MINUTE_MILLIS) * MINUTE_MILLIS);
        let mut turn = self.turn(TenantScope::System).await?;
        sqlx::query(
            "update personal_tokens
                set last_used_at = $2
              where id = $1
                and (last_used_at is null or last_used_at < $2 or last_used_at > $3)",
        )
        .bind(id.0)
        .bind(At(minute))
        // By a clock that was ahead.
        .bind(At(minute.plus_millis(2 * MINUTE_MILLIS)))
        .execute(turn.conn())
        .await?;
        turn.commit().await
    }

    async fn ended_since(&self, since: Timestamp) -> Result<Vec<EndedSession>> {
        let mut conn = self.lookup().await?;
        let ended = sqlx::query(
            // The rows of an account that was deleted may still be there.
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
        .await?;
        Ok(ended)
    }

    async fn take(&self, allowances: &[RateLimit], now: Timestamp) -> Result<Option<Duration>> {
        let mut turn = self.turn(TenantScope::System).await?;
        let mut refused = None;
        for allowance in allowances {
            refused = allowances::take(turn.conn(), allowance, now).await?;
            if refused.is_some() {
                break;
            }
        }
        turn.commit().await?;
        Ok(refused)
    }

    async fn give_back(&self, allowances: &[RateLimit]) -> Result<()> {
        let mut turn = self.turn(TenantScope::System).await?;
        for allowance in allowances {
            allowances::give_back(turn.conn(), allowance).await?;
        }
        turn.commit().await
    }

    async fn renew_leases(&self, node: &str, runs: &[MessageId], until: Timestamp) -> Result<()> {
        for runs in runs.chunks(RENEWED_AT_ONCE) {
            let mut query = QueryBuilder::<Db>::new("update runs set lease_until = ");
            query.push_bind(At(until)).push(" where state = 'running' and node = ").push_bind(node);
            query.push(" and message_id in (");
            let mut ids = query.separated(", ");
            for run in runs {
                ids.push_bind(run.0);
            }
            query.push(")");
            let mut turn = self.turn(TenantScope::System).await?;
            query.build().persistent(false).execute(turn.conn()).await?;
            turn.commit().await?;
        }
        Ok(())
    }

    async fn log_heads(&self, users: &[UserId]) -> Result<Vec<(UserId, i64)>> {
        let mut snapshot = self.snapshot(TenantScope::System).await?;
        let mut heads = Vec::with_capacity(users.len());
        for some in users.chunks(LOOKED_UP_AT_ONCE) {
            let mut query = QueryBuilder::<Db>::new("select id, seq from users where id in (");
            let mut ids = query.separated(", ");
            for user in some {
                ids.push_bind(user.as_str());
            }
            ids.push_unseparated(")");
            // As many statements as there are numbers of users: none is worth keeping.
            let query = query.build().persistent(false);
            let rows = query.try_map(|row: Row| Ok((row.user("id")?, row.plain("seq")?)));
            heads.extend(rows.fetch_all(snapshot.conn()).await?);
        }
        Ok(heads)
    }

    async fn unwanted_runs(&self, node: &str) -> Result<Vec<MessageId>> {
        let mut snapshot = self.snapshot(TenantScope::System).await?;
        let unwanted =
            sqlx::query("select message_id from runs where state = 'running' and node = $1 and cancel_requested")
                .bind(node)
                .try_map(|row: Row| row.id("message_id", MessageId))
                .fetch_all(snapshot.conn())
                .await?;
        Ok(unwanted)
    }

    async fn queued_runs(&self) -> Result<i64> {
        let mut snapshot = self.snapshot(TenantScope::System).await?;
        let queued = sqlx::query("select count(*) as queued from runs where state = 'queued'")
            .try_map(|row: Row| row.plain("queued"))
            .fetch_one(snapshot.conn())
            .await?;
        Ok(queued)
    }

    async fn expired_runs(
        &self,
        now: Timestamp,
        furthest: Timestamp,
        user_replies: i64,
        limit: u32,
    ) -> Result<Vec<(UserId, MessageId)>> {
        let mut snapshot = self.snapshot(TenantScope::System).await?;
        // A queued run could go on when nothing stands before it: the node that should have started it is gone. Users are
        // looked up one by one: a join would go through all of them.
        let runs = sqlx::query(
            "select r.user_id, r.message_id
               from runs as r
              where r.state <> 'waiting'
                and (r.state = 'running' and (r.lease_until is null or r.lease_until <= $1 or r.lease_until > $3)
                     or r.state = 'queued'
                     and (select count(*)
                            from runs as busy
                           where busy.user_id = r.user_id
                             and busy.state = 'running') < $4
                     and not exists (select 1
                                       from runs as earlier
                                      where earlier.user_id = r.user_id
                                        and earlier.conversation_id = r.conversation_id
                                        and (earlier.state <> 'queued'
                                             or (earlier.created_at, earlier.message_id) < (r.created_at, r.message_id))))
                and (select u.disabled_at from users as u where u.id = r.user_id) is null
              order by r.created_at, r.message_id
              limit $2",
        )
        .bind(At(now))
        .bind(i64::from(limit))
        .bind(At(furthest))
        .bind(user_replies)
        .try_map(|row: Row| Ok((row.user("user_id")?, row.id("message_id", MessageId)?)))
        .fetch_all(snapshot.conn())
        .await?;
        Ok(runs)
    }

    async fn deleted_accounts(&self) -> Result<Vec<UserId>> {
        deletion::deleted_accounts(self).await
    }

    async fn remove_deleted(&self, user: &UserId) -> Result<()> {
        deletion::remove_deleted(self, user).await
    }

    async fn next_unindexed(&self, after: Option<&UserId>) -> Result<Option<UserId>> {
        search::next_unindexed(self, after).await
    }

    async fn index_documents(&self, user: &UserId) -> Result<bool> {
        search::index(self, user).await
    }

    async fn set_back(&self, now: Timestamp, furthest: Furthest) -> Result<()> {
        ahead::set_back(self, now, furthest).await
    }

    async fn prune(&self, now: Timestamp, keep_events: i64) -> Result<()> {
        prune::prune(self, now, keep_events).await?;
        search::compact(self).await
    }
}
