//! The account of an owner: profile, password, sessions, personal tokens.

use super::{
    At, Json, Row, deletion,
    rows::Columns as _,
    tx::{Tx, TxState, WriteState},
    usage,
};
use crate::{Account, AccountReads, AccountWrites, CredentialWrites, NewSession, Result, StoreError, shared::Expects};
use async_trait::async_trait;
use tandem_protocol::{
    SessionId, Timestamp, TokenId,
    enums::WireEnum as _,
    model::{PersonalToken, Session, User},
};

/// Reads a row of users.
pub(super) fn account(row: &Row) -> sqlx::Result<Account> {
    Ok(Account {
        user: User {
            id: row.user("id")?,
            email: row.plain("email")?,
            name: row.plain("name")?,
            email_verified: row.plain("email_verified")?,
            image: row.plain("image")?,
            time_zone: row.plain("time_zone")?,
            created_at: row.at("created_at")?,
            settings: row.maybe_json("settings")?.unwrap_or_default(),
            role: row.wire_enum("role")?,
        },
        seq: row.plain("seq")?,
        next_task_number: row.plain("next_task_number")?,
        usage: usage::usage(row)?,
        spending: usage::spending(row)?,
    })
}

/// The living sessions of a user, newest first.
pub(super) const SESSIONS: &str = "select id, device_name, ip, user_agent, created_at, last_seen_at, expires_at
               from sessions
              where user_id = $1
                and revoked_at is null
                and expires_at > $2
                and ends_at > $2
              order by created_at desc, id desc";

/// Reads a row of sessions.
pub(super) fn session(row: &Row) -> sqlx::Result<Session> {
    Ok(Session {
        id: row.id("id", SessionId)?,
        device_name: row.plain("device_name")?,
        ip: row.plain("ip")?,
        user_agent: row.plain("user_agent")?,
        created_at: row.at("created_at")?,
        last_seen_at: row.at("last_seen_at")?,
        expires_at: row.at("expires_at")?,
        current: false,
    })
}

/// Reads a row of personal tokens.
fn personal_token(row: &Row) -> sqlx::Result<PersonalToken> {
    Ok(PersonalToken {
        id: row.id("id", TokenId)?,
        name: row.plain("name")?,
        scopes: row.json("scopes")?,
        created_at: row.at("created_at")?,
        last_used_at: row.maybe_at("last_used_at")?,
        expires_at: row.maybe_at("expires_at")?,
    })
}

#[async_trait]
impl<H: TxState> AccountReads for Tx<H> {
    async fn account(&mut self) -> Result<Account> {
        // A change has its counters in memory only, until the commit.
        if let Some(account) = self.state.account() {
            return Ok(account.clone());
        }
        let (conn, owner) = self.parts().await?;
        sqlx::query(
            "select id, email, name, email_verified, image, time_zone, created_at, settings, role, seq, next_task_number,
                    stored_rows, stored_bytes, log_bytes, command_bytes,
                    usage_day, day_replies, day_tokens, replies, tokens, max_replies, max_tokens
               from users
              where id = $1
                and disabled_at is null",
        )
        .bind(owner)
        .try_map(|row| account(&row))
        .fetch_optional(conn)
        .await?
        .ok_or(StoreError::NoAccount)
    }

    async fn password_hash(&mut self) -> Result<Option<String>> {
        let (conn, owner) = self.parts().await?;
        let hash = sqlx::query("select password_hash from users where id = $1")
            .bind(owner)
            .try_map(|row: Row| row.plain::<Option<String>>("password_hash"))
            .fetch_optional(conn)
            .await?;
        Ok(hash.flatten())
    }

    async fn sessions(&mut self, now: Timestamp) -> Result<Vec<Session>> {
        let (conn, owner) = self.parts().await?;
        Ok(sqlx::query(SESSIONS).bind(owner).bind(At(now)).try_map(|row| session(&row)).fetch_all(conn).await?)
    }

    async fn personal_tokens(&mut self) -> Result<Vec<PersonalToken>> {
        let (conn, owner) = self.parts().await?;
        Ok(sqlx::query(
            "select id, name, scopes, created_at, last_used_at, expires_at
               from personal_tokens
              where user_id = $1
              order by created_at desc, id desc",
        )
        .bind(owner)
        .try_map(|row| personal_token(&row))
        .fetch_all(conn)
        .await?)
    }
}

#[async_trait]
impl AccountWrites for Tx<WriteState> {
    async fn update_user(&mut self, user: &User) -> Result<()> {
        let (script, owner) = self.script();
        script
            .add(
                "update users
                set name = $2,
                    image = $3,
                    time_zone = $4,
                    settings = $5,
                    role = $6,
                    email_verified = $7
              where id = $1",
                Expects::Anything,
            )
            .bind(owner)
            .bind(&user.name)
            .bind(&user.image)
            .bind(&user.time_zone)
            .bind(Json(&user.settings))
            .bind(user.role.as_str())
            .bind(user.email_verified);
        // Later reads of this transaction find the account in memory, see `AccountReads::account`.
        let known = &mut self.state.account.user;
        known.name.clone_from(&user.name);
        known.image.clone_from(&user.image);
        known.time_zone.clone_from(&user.time_zone);
        known.settings.clone_from(&user.settings);
        (known.role, known.email_verified) = (user.role, user.email_verified);
        Ok(())
    }

    async fn delete_account(&mut self, now: Timestamp) -> Result<()> {
        let (script, owner) = self.script();
        deletion::begin(script, owner, now);
        Ok(())
    }

    async fn insert_session(&mut self, new: &NewSession) -> Result<()> {
        let (script, owner) = self.script();
        let session = &new.session;
        script.add(
            "insert into sessions (id, user_id, device_name, ip, user_agent, created_at, last_seen_at, expires_at, ends_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                 on conflict do nothing",
            Expects::New("session"),
        )
        .bind(session.id.0)
        .bind(owner)
        .bind(&session.device_name)
        .bind(&session.ip)
        .bind(&session.user_agent)
        .bind(At(session.created_at))
        .bind(At(session.last_seen_at))
        .bind(At(session.expires_at))
        .bind(At(new.ends_at));
        script
            .add("insert into refresh_tokens (hash, user_id, session_id) values ($1, $2, $3)", Expects::Anything)
            .bind(&new.refresh_hash[..])
            .bind(owner)
            .bind(session.id.0);
        Ok(())
    }

    async fn rotate_refresh(
        &mut self,
        old: &[u8; 32],
        new: &[u8; 32],
        session: &Session,
        now: Timestamp,
    ) -> Result<bool> {
        let (conn, owner) = self.parts().await?;
        // Of two refreshes with the same token only one finds it not replaced.
        let replaced = sqlx::query(
            "update refresh_tokens
                set replaced_at = $4,
                    replaced_by = $5
              where user_id = $1
                and session_id = $2
                and hash = $3
                and replaced_at is null",
        )
        .bind(owner)
        .bind(session.id.0)
        .bind(&old[..])
        .bind(At(now))
        .bind(&new[..])
        .execute(&mut *conn)
        .await?;
        if replaced.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query("insert into refresh_tokens (hash, user_id, session_id) values ($1, $2, $3)")
            .bind(&new[..])
            .bind(owner)
            .bind(session.id.0)
            .execute(&mut *conn)
            .await?;
        sqlx::query(
            // A session that a clock that was ahead has begun keeps its length, but begins now.
            "update sessions
                set ip = $3,
                    last_seen_at = $4,
                    expires_at = $5,
                    ends_at = case when created_at > $6 then $6 + (ends_at - created_at) else ends_at end,
                    created_at = case when created_at > $6 then $6 else created_at end
              where user_id = $1
                and id = $2",
        )
        .bind(owner)
        .bind(session.id.0)
        .bind(&session.ip)
        .bind(At(session.last_seen_at))
        .bind(At(session.expires_at))
        .bind(At(now))
        .execute(conn)
        .await?;
        Ok(true)
    }

    async fn revoke_session(&mut self, id: SessionId, now: Timestamp) -> Result<bool> {
        // Not gathered in the script: the caller needs to know now whether the session was alive.
        let (conn, owner) = self.parts().await?;
        let revoked = sqlx::query(
            "update sessions
                set revoked_at = $3
              where user_id = $1
                and id = $2
                and revoked_at is null
                and expires_at > $3
                and ends_at > $3",
        )
        .bind(owner)
        .bind(id.0)
        .bind(At(now))
        .execute(conn)
        .await?
        .rows_affected();
        // A device that is signed out must not be sent anything any more.
        let (script, owner) = self.script();
        script
            .add("delete from push_subscriptions where user_id = $1 and session_id = $2", Expects::Anything)
            .bind(owner)
            .bind(id.0);
        Ok(revoked > 0)
    }
}

#[async_trait]
impl CredentialWrites for Tx<WriteState> {
    async fn set_password_hash(&mut self, hash: &str) -> Result<()> {
        let (script, owner) = self.script();
        script.add("update users set password_hash = $2 where id = $1", Expects::Anything).bind(owner).bind(hash);
        Ok(())
    }

    async fn rehash_password(&mut self, old: &str, new: &str) -> Result<()> {
        let (script, owner) = self.script();
        script
            .add("update users set password_hash = $3 where id = $1 and password_hash = $2", Expects::Anything)
            .bind(owner)
            .bind(old)
            .bind(new);
        Ok(())
    }

    async fn insert_personal_token(&mut self, token: &PersonalToken, hash: &[u8; 32]) -> Result<()> {
        let (script, owner) = self.script();
        script
            .add(
                "insert into personal_tokens (id, user_id, name, scopes, hash, created_at, last_used_at, expires_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)
                 on conflict do nothing",
                Expects::New("personal token"),
            )
            .bind(token.id.0)
            .bind(owner)
            .bind(&token.name)
            .bind(Json(&token.scopes))
            .bind(&hash[..])
            .bind(At(token.created_at))
            .bind(token.last_used_at.map(At))
            .bind(token.expires_at.map(At));
        Ok(())
    }

    async fn delete_personal_token(&mut self, id: TokenId) -> Result<bool> {
        let (conn, owner) = self.parts().await?;
        let deleted = sqlx::query("delete from personal_tokens where user_id = $1 and id = $2")
            .bind(owner)
            .bind(id.0)
            .execute(conn)
            .await?;
        Ok(deleted.rows_affected() > 0)
    }
}
