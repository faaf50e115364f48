//! Who is let in, carried over from a database to the copy that replaces it.
//!
//! A copy holds the sessions, tokens and links of its time. Some were ended since, often because somebody else had them, and
//! putting the copy back must not undo that. The replaced database has the last word on everything that admits somebody; what
//! it does not have ends.
//!
//! **Invariant:** whoever could not come in before a restore cannot come in after it, but for accounts that were deleted: they
//! are back with their passwords, and are reported.

use super::{At, Conn, Row, rows::Columns as _};
use crate::{Ended, Result};
use sqlx::AssertSqlSafe;
use std::collections::{HashMap, HashSet};
use tandem_protocol::{
    Timestamp,
    enums::{UserRole, WireEnum as _},
};
use uuid::Uuid;

/// What admits somebody to a database.
#[derive(Default)]
pub(crate) struct Access {
    users: HashMap<String, Holder>,
    sessions: HashSet<Uuid>,
    refresh_tokens: Vec<RefreshToken>,
    tokens: HashSet<Uuid>,
    feeds: HashSet<Uuid>,
    /// How often each was used, of those that are not revoked.
    invitations: HashMap<Uuid, i64>,
    reset_links: HashSet<Vec<u8>>,
    setup_codes: HashSet<Vec<u8>>,
}

struct Holder {
    password_hash: Option<String>,
    role: UserRole,
    disabled_at: Option<Timestamp>,
}

struct RefreshToken {
    hash: Vec<u8>,
    user: String,
    session: Uuid,
    replaced_at: Option<Timestamp>,
    replaced_by: Option<Vec<u8>>,
}

const OWNER_LEFT: &str = "select exists (select 1 from users where role = 'owner' and disabled_at is null)";

impl Access {
    /// Reads it from a database with the schema of this program.
    pub(crate) async fn read(conn: &mut Conn) -> Result<Self> {
        let users = sqlx::query("select id, password_hash, role, disabled_at from users where deleted_at is null")
            .try_map(|row: Row| {
                let holder = Holder {
                    password_hash: row.plain("password_hash")?,
                    role: row.wire_enum("role")?,
                    disabled_at: row.maybe_at("disabled_at")?,
                };
                Ok((row.plain::<String>("id")?, holder))
            })
            .fetch_all(&mut *conn)
            .await?;
        let refresh_tokens =
            sqlx::query("select hash, user_id, session_id, replaced_at, replaced_by from refresh_tokens")
                .try_map(|row: Row| {
                    Ok(RefreshToken {
                        hash: row.plain("hash")?,
                        user: row.plain("user_id")?,
                        session: row.id("session_id", |id| id)?,
                        replaced_at: row.maybe_at("replaced_at")?,
                        replaced_by: row.plain("replaced_by")?,
                    })
                })
                .fetch_all(&mut *conn)
                .await?;
        let invitations = sqlx::query("select id, used from invitations where revoked_at is null")
            .try_map(|row: Row| Ok((row.id("id", |id| id)?, row.plain("used")?)))
            .fetch_all(&mut *conn)
            .await?;
        Ok(Self {
            users: users.into_iter().collect(),
            sessions: ids(conn, SESSIONS).await?.into_iter().collect(),
            refresh_tokens,
            tokens: ids(conn, TOKENS).await?.into_iter().collect(),
            feeds: ids(conn, FEEDS).await?.into_iter().collect(),
            invitations: invitations.into_iter().collect(),
            reset_links: hashes(conn, "reset_links").await?.into_iter().collect(),
            setup_codes: hashes(conn, "setup_codes").await?.into_iter().collect(),
        })
    }

    /// Ends whatever a copy has beyond it. `compared` says that this is what the replaced database had, and not nothing for
    /// want of one.
    pub(crate) async fn restrict(&self, copy: &mut Conn, now: Timestamp, compared: bool) -> Result<Ended> {
        let sessions = self.end_sessions(copy, now).await?;
        let tokens = end(copy, TOKENS, &self.tokens, "delete from personal_tokens where id = $1").await?;
        let feeds = end(copy, FEEDS, &self.feeds, "delete from feeds where id = $1").await?;
        let invitations = self.end_invitations(copy, now).await?;
        for (table, kept) in [("reset_links", &self.reset_links), ("setup_codes", &self.setup_codes)] {
            let delete = format!("delete from {table} where hash = $1");
            for hash in hashes(copy, table).await?.into_iter().filter(|hash| !kept.contains(hash)) {
                sqlx::query(AssertSqlSafe(delete.as_str())).bind(hash).execute(&mut *copy).await?;
            }
        }
        let returned = if compared { self.carry_users(copy).await? } else { Vec::new() };
        Ok(Ended { compared, sessions, tokens, feeds, invitations, returned })
    }

    /// Ends sessions. Those that stay have the refresh tokens of now: one that was replaced since must not be the newest again.
    async fn end_sessions(&self, copy: &mut Conn, now: Timestamp) -> Result<usize> {
        let mut ended = 0;
        for id in ids(copy, SESSIONS).await? {
            sqlx::query("delete from refresh_tokens where session_id = $1").bind(id).execute(&mut *copy).await?;
            if self.sessions.contains(&id) {
                continue;
            }
            sqlx::query("delete from push_subscriptions where session_id = $1").bind(id).execute(&mut *copy).await?;
            sqlx::query("update sessions set revoked_at = $2 where id = $1")
                .bind(id)
                .bind(At(now))
                .execute(&mut *copy)
                .await?;
            ended += 1;
        }
        let kept: HashSet<Uuid> = ids(copy, SESSIONS).await?.into_iter().collect();
        for token in self.refresh_tokens.iter().filter(|token| kept.contains(&token.session)) {
            sqlx::query(
                "insert into refresh_tokens (hash, user_id, session_id, replaced_at, replaced_by)
                 values ($1, $2, $3, $4, $5)",
            )
            .bind(&token.hash)
            .bind(&token.user)
            .bind(token.session)
            .bind(token.replaced_at.map(At))
            .bind(&token.replaced_by)
            .execute(&mut *copy)
            .await?;
        }
        Ok(ended)
    }

    async fn end_invitations(&self, copy: &mut Conn, now: Timestamp) -> Result<usize> {
        let mut ended = 0;
        for id in ids(copy, "select id from invitations where revoked_at is null").await? {
            let query = if let Some(used) = self.invitations.get(&id) {
                sqlx::query("update invitations set used = $2 where id = $1").bind(id).bind(*used)
            } else {
                ended += 1;
                sqlx::query("update invitations set revoked_at = $2 where id = $1").bind(id).bind(At(now))
            };
            query.execute(&mut *copy).await?;
        }
        Ok(ended)
    }

    /// Carries over who may sign in with which password, and who is an owner. Returns the addresses of accounts that only the
    /// copy has.
    async fn carry_users(&self, copy: &mut Conn) -> Result<Vec<String>> {
        let before = sqlx::query("select id, email, role from users where deleted_at is null order by email")
            .try_map(|row: Row| {
                Ok((row.plain::<String>("id")?, row.plain::<String>("email")?, row.wire_enum::<UserRole>("role")?))
            })
            .fetch_all(&mut *copy)
            .await?;
        let mut returned = Vec::new();
        for (id, email, _) in &before {
            let Some(holder) = self.users.get(id) else {
                returned.push(email.clone());
                continue;
            };
            sqlx::query("update users set password_hash = $2, disabled_at = $3, role = $4 where id = $1")
                .bind(id)
                .bind(&holder.password_hash)
                .bind(holder.disabled_at.map(At))
                .bind(holder.role.as_str())
                .execute(&mut *copy)
                .await?;
        }
        let owner_left: bool = sqlx::query_scalar(OWNER_LEFT).fetch_one(&mut *copy).await?;
        if !owner_left {
            // Whoever became the owner since is not in the copy, and a server without an owner makes one of the next stranger.
            for (id, _, role) in &before {
                let restore = sqlx::query("update users set role = $2 where id = $1").bind(id).bind(role.as_str());
                restore.execute(&mut *copy).await?;
            }
        }
        Ok(returned)
    }
}

const SESSIONS: &str = "select id from sessions where revoked_at is null";
const TOKENS: &str = "select id from personal_tokens";
const FEEDS: &str = "select id from feeds";

async fn ids(conn: &mut Conn, statement: &'static str) -> Result<Vec<Uuid>> {
    let ids = sqlx::query(statement).try_map(|row: Row| row.id("id", |id| id));
    Ok(ids.fetch_all(conn).await?)
}

async fn hashes(conn: &mut Conn, table: &str) -> Result<Vec<Vec<u8>>> {
    let statement = format!("select hash from {table}");
    let hashes = sqlx::query(AssertSqlSafe(statement.as_str())).try_map(|row: Row| row.plain("hash"));
    Ok(hashes.fetch_all(conn).await?)
}

/// Runs a statement for each row that is not kept, and returns how many there were.
async fn end(conn: &mut Conn, rows: &'static str, kept: &HashSet<Uuid>, statement: &'static str) -> Result<usize> {
    let mut ended = 0;
    for id in ids(conn, rows).await?.into_iter().filter(|id| !kept.contains(id)) {
        sqlx::query(statement).bind(id).execute(&mut *conn).await?;
        ended += 1;
    }
    Ok(ended)
}
