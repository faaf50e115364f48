//! Beginning the transactions of one owner.
//!
//! A change begins with one trip to the database: it locks the log and reads the account, whether the caller's right
//! still holds, and the answer of the command if it was done before.

use super::{
    Adapter, At, TenantScope, accounts, dialect, events,
    script::Script,
    tx::{Tx, WriteState},
};
use crate::{BeginOptions, Begun, ReadTx, Result, Store, StoreError, shared::Expects};
use async_trait::async_trait;
use tandem_auth::{Authority, Owner};

#[async_trait]
impl Store for Adapter {
    async fn read(&self, owner: &Owner) -> Result<Box<dyn ReadTx>> {
        let state = self.snapshot(TenantScope::For(owner.user())).await?;
        Ok(Box::new(Tx { owner: owner.user().clone(), state }))
    }

    async fn begin(&self, owner: &Owner, options: BeginOptions) -> Result<Begun> {
        let user = owner.user();
        let mut script = Script::default();
        // First, so that everything after it is read while the log is held: a revocation or the same command in another
        // transaction has either been committed, or waits for this one.
        let held = if options.disabled { dialect::HOLD_ANY_ACCOUNT } else { dialect::HOLD_ACCOUNT };
        script.add(held, Expects::Anything).bind(user.as_str());
        // A password is compared in the transaction, and a run outlives the session that began it: nothing to look up.
        let looked_up = match options.right {
            Some((Authority::Session(id), now)) => Some((SESSION_HOLDS, id.0, now)),
            Some((Authority::Token(id), now)) => Some((TOKEN_HOLDS, id.0, now)),
            Some((Authority::Password | Authority::Run | Authority::Admin, _)) | None => None,
        };
        if let Some((statement, id, now)) = looked_up {
            script.add(statement, Expects::Anything).bind(user.as_str()).bind(id).bind(At(now));
        }
        if let Some(id) = options.command {
            script.add(events::COMMAND, Expects::Anything).bind(user.as_str()).bind(id.0);
        }
        let (txn, answers) = self.write_txn_with(TenantScope::For(user), script).await?;
        // One set of rows for each statement of the script, in its order.
        let mut answers = answers.into_iter().map(|rows| rows.into_iter().next());
        let account = answers.next().flatten().ok_or(StoreError::NoAccount)?;
        let account = accounts::account(&account)?;
        let allowed = looked_up.is_none() || answers.next().flatten().is_some();
        let done = answers.next().flatten().map(|row| events::command(&row)).transpose()?;
        let state = WriteState::new(txn, account);
        Ok(Begun { tx: Box::new(Tx { owner: user.clone(), state }), allowed, done })
    }
}

/// A row when a session is the owner's, not revoked and not over.
const SESSION_HOLDS: &str = "select id
       from sessions
      where user_id = $1
        and id = $2
        and revoked_at is null
        and expires_at > $3
        and ends_at > $3";

/// A row when a personal token is the owner's and not over.
const TOKEN_HOLDS: &str = "select id
       from personal_tokens
      where user_id = $1
        and id = $2
        and (expires_at is null or expires_at > $3)";
