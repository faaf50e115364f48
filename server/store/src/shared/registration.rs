//! Adding accounts: who may come in, and who becomes the owner.
//!
//! **Invariant:** while there is no owner, accounts are added one after the other, so that one of them becomes it.

use super::{Adapter, At, Conn, Row, TenantScope, audit, dialect, imports, rows::Columns as _};
use crate::{Admission, Entry, NewAccount, Result};
use tandem_protocol::{
    InvitationId, Timestamp,
    enums::{AuditResult, UserRole, WireEnum as _},
};

/// Set-up codes that are kept, the newest ones: every start of a node adds one until there is an owner.
const SETUP_CODES: i64 = 20;

const HAS_OWNER: &str = "select exists (select 1 from users where role = 'owner')";

pub(super) async fn has_owner(conn: &mut Conn) -> Result<bool> {
    Ok(sqlx::query_scalar(HAS_OWNER).fetch_one(conn).await?)
}

pub(super) async fn register(adapter: &Adapter, account: &NewAccount) -> Result<Admission> {
    let mut txn = adapter.write_txn(TenantScope::System).await?;
    let Some((role, invitation)) = right(txn.conn(), account).await? else { return Ok(Admission::Refused) };
    let user = &account.user;
    // No look-up before: of two registrations of one address at the same time, the constraint decides.
    let added = sqlx::query(
        "insert into users (id, email, name, email_verified, image, time_zone, created_at, password_hash, role)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
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
    .bind(role.as_str())
    .execute(txn.conn())
    .await?
    .rows_affected();
    if role == UserRole::Owner && added > 0 {
        sqlx::query("delete from setup_codes").execute(txn.conn()).await?;
    }
    if let Entry::Import(run) = account.entry
        && added > 0
    {
        imports::note_account(txn.conn(), run, &user.id).await?;
    }
    if let Some(mut entry) = account.record.clone() {
        if added == 0 {
            (entry.actor, entry.target, entry.result) = (None, None, AuditResult::Refused);
        }
        entry.detail = invitation.map(|id| id.to_string());
        audit::insert(txn.conn(), &entry).await?;
    }
    txn.commit().await?;
    Ok(if added > 0 { Admission::Added } else { Admission::Taken })
}

/// The role of a new account, and the invitation that it has used; `None` when it may not be added.
async fn right(conn: &mut Conn, account: &NewAccount) -> Result<Option<(UserRole, Option<InvitationId>)>> {
    if matches!(account.entry, Entry::Import(_)) {
        return Ok(Some((UserRole::Member, None)));
    }
    if !has_owner(conn).await? {
        sqlx::query(dialect::HOLD_OWNERS).execute(&mut *conn).await?;
        // Read again under the lock: another registration may have been first.
        if !has_owner(conn).await? {
            let may_be_first = matches!(account.entry, Entry::Open { first_is_owner: true } | Entry::SetUp);
            return Ok(may_be_first.then_some((UserRole::Owner, None)));
        }
    }
    Ok(match account.entry {
        Entry::Open { .. } | Entry::Import(_) => Some((UserRole::Member, None)),
        Entry::SetUp => None,
        Entry::Invitation(hash) => use_up(conn, &hash, account).await?.map(|id| (UserRole::Member, Some(id))),
    })
}

/// Uses an invitation once. Of uses at the same time no more succeed than it has: each holds its row.
async fn use_up(conn: &mut Conn, hash: &[u8; 32], account: &NewAccount) -> Result<Option<InvitationId>> {
    let user = &account.user;
    let used = sqlx::query(
        "update invitations
            set used = used + 1
          where hash = $1
            and (email is null or email = $2)
            and used < uses
            and revoked_at is null
            and expires_at > $3
        returning id",
    )
    .bind(&hash[..])
    .bind(&user.email)
    .bind(At(user.created_at))
    .try_map(|row: Row| row.id("id", InvitationId));
    Ok(used.fetch_optional(conn).await?)
}

pub(super) async fn add_setup_code(adapter: &Adapter, hash: &[u8; 32], now: Timestamp) -> Result<()> {
    let mut txn = adapter.write_txn(TenantScope::System).await?;
    sqlx::query("insert into setup_codes (hash, created_at) values ($1, $2)")
        .bind(&hash[..])
        .bind(At(now))
        .execute(txn.conn())
        .await?;
    sqlx::query(
        "delete from setup_codes
          where hash not in (select hash from setup_codes order by created_at desc, hash limit $1)",
    )
    .bind(SETUP_CODES)
    .execute(txn.conn())
    .await?;
    txn.commit().await
}
