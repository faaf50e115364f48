//! Checking passwords, and using the result of a check.
//!
//! A check takes tens of milliseconds and runs outside of any transaction. Meanwhile the password may be changed, and
//! one who gave the old password must get nothing for it. So a check returns a [`Verified`], which names the hash that
//! was checked, and [`UnitOfWork::still_holds`] compares it with the stored one inside of the transaction that uses it.
//!
//! **Invariant:** a session, a changed password, a deletion or a token that rests on a password is written in a
//! transaction in which that password was the account's.

use super::{Admitted, Result, ServiceError, Services, UnitOfWork, client::Client};
use std::ops::RangeInclusive;
use tandem_auth::{Caller, Owner, password::PasswordCheck};
use tandem_domain::text;
use tandem_protocol::{SessionId, enums::AuditAction};
use tandem_store::ReadTx;

/// The age of a session, in milliseconds, at which it needs no password to do what otherwise requires one. Clocks of
/// nodes differ a little; a log-in that is further in the future is not accepted.
const FRESH_MILLIS: RangeInclusive<i64> = -5_000..=10 * 60 * 1000;

/// A password that was right when it was checked.
#[derive(Clone)]
pub(super) struct Verified {
    owner: Owner,
    /// What it was checked against.
    hash: String,
    /// A new hash, when the stored one has weaker parameters than today's.
    rehashed: Option<String>,
}

impl Verified {
    pub(super) fn owner(&self) -> &Owner {
        &self.owner
    }

    /// Whether the password is still the account's, read in this transaction.
    pub(super) async fn holds_in(&self, tx: &mut dyn ReadTx) -> Result<bool> {
        Ok(tx.password_hash().await?.as_deref() == Some(self.hash.as_str()))
    }
}

impl UnitOfWork {
    /// Whether a password is still the account's. Replaces its hash when that has weaker parameters than today's.
    pub(super) async fn still_holds(&mut self, verified: &Verified) -> Result<bool> {
        let holds = verified.holds_in(self.reads()).await?;
        // Here and not at the check: only this transaction knows that no other change of the password is overwritten.
        if let (true, Some(rehashed)) = (holds, &verified.rehashed) {
            self.credentials().rehash_password(&verified.hash, rehashed).await?;
        }
        Ok(holds)
    }
}

impl Services {
    /// Checks the password of the account with this e-mail address; `None` when it is wrong, or the account may not
    /// sign in.
    #[expect(clippy::disallowed_methods, reason = "nobody sees the owner before the password was compared")]
    #[tracing::instrument(level = "debug", skip_all)]
    pub(super) async fn check_password(
        &self,
        email: &str,
        password: &str,
        client: &Client,
    ) -> Result<Option<Verified>> {
        let stored = self.store().credentials(email).await?;
        let any_form = self.store().has_imports().await?;
        let owner = stored
            .as_ref()
            .filter(|stored| !stored.disabled)
            .map(|stored| Owner::assume_verified(stored.user_id.clone()));
        let hash = stored.and_then(|stored| stored.password_hash);
        self.verify(&client.block(), owner, hash, password, any_form).await
    }

    /// Compares a password with a hash. Takes the same time without a hash, so that the time does not show which
    /// addresses have an account.
    async fn verify(
        &self,
        whose: &str,
        owner: Option<Owner>,
        hash: Option<String>,
        password: &str,
        any_form: bool,
    ) -> Result<Option<Verified>> {
        let normal = text::normal_password(password);
        let check = self.deps.passwords.verify(whose, normal, hash.clone(), any_form).await?;
        // After the check, so that an account that may not sign in takes the same time as a wrong password.
        let (Some(owner), Some(hash)) = (owner, hash) else { return Ok(None) };
        Ok(match check {
            PasswordCheck::Wrong => None,
            PasswordCheck::Right => Some(Verified { owner, hash, rehashed: None }),
            PasswordCheck::Outdated(rehashed) => Some(Verified { owner, hash, rehashed: Some(rehashed) }),
        })
    }

    /// Checks the caller's own password, which `action` needs. A wrong one counts as an attempt to guess it, and is recorded.
    ///
    /// # Errors
    /// [`ServiceError::InvalidCredentials`] when it is wrong, [`ServiceError::RateLimited`] after too many wrong ones.
    #[tracing::instrument(level = "debug", skip_all)]
    pub(super) async fn confirm_password(
        &self,
        caller: &Caller,
        action: AuditAction,
        password: &str,
        client: &Client,
    ) -> Result<Verified> {
        let session = caller.session().ok_or(ServiceError::InsufficientScope(None))?;
        let attempt = self.session_attempt(session, client.address);
        // Counted before the check: attempts at the same time would otherwise all pass.
        self.admit_attempt(&attempt, self.env().now()).await?;
        let hash = self.store().read(&caller.owner).await?.password_hash().await?;
        let verified =
            self.verify(caller.owner.user().as_str(), Some(caller.owner.clone()), hash, password, false).await;
        // A fault or an overload shows nothing about the password: only a wrong one stays counted.
        if !matches!(verified, Ok(None)) {
            self.give_back_attempt(&attempt).await?;
        }
        if let Some(verified) = verified? {
            return Ok(verified);
        }
        let user = caller.owner.user().to_string();
        self.record_refusal(action, [Some(user.clone()), Some(user)], client.address).await?;
        Err(ServiceError::InvalidCredentials)
    }

    /// Begins a change that rests on the caller's password. Another hash than the verified one is checked anew: either
    /// the password was changed, or a log-in meanwhile has raised the parameters of its hash.
    #[tracing::instrument(level = "debug", skip_all)]
    pub(super) async fn begin_verified(
        &self,
        caller: &Caller,
        action: AuditAction,
        password: &str,
        verified: &Verified,
        client: &Client,
    ) -> Result<UnitOfWork> {
        let mut unit = self.begin(caller, None).await?;
        if unit.still_holds(verified).await? {
            return Ok(unit);
        }
        // The check takes tens of milliseconds; the user's log is not held meanwhile.
        drop(unit);
        let verified = self.confirm_password(caller, action, password, client).await?;
        let mut unit = self.begin(caller, None).await?;
        if unit.still_holds(&verified).await? { Ok(unit) } else { Err(ServiceError::InvalidCredentials) }
    }

    /// Begins a change that a session may make within some minutes after its log-in, and later with the password only.
    ///
    /// # Errors
    /// [`ServiceError::ConfirmationRequired`] with the sentence `reason` when the password is needed and missing.
    #[tracing::instrument(level = "debug", skip_all)]
    pub(super) async fn begin_confirmed(
        &self,
        caller: &Admitted,
        action: AuditAction,
        password: Option<&str>,
        client: &Client,
        reason: &'static str,
    ) -> Result<UnitOfWork> {
        if let Some(password) = password {
            let verified = self.confirm_password(caller, action, password, client).await?;
            return self.begin_verified(caller, action, password, &verified, client).await;
        }
        let session = caller.session().ok_or(ServiceError::InsufficientScope(None))?;
        if self.is_fresh(session).await? {
            self.begin(caller, None).await
        } else {
            Err(ServiceError::ConfirmationRequired(reason))
        }
    }

    async fn is_fresh(&self, session: SessionId) -> Result<bool> {
        let record = self.store().session(session).await?.ok_or(ServiceError::SessionRevoked)?;
        Ok(FRESH_MILLIS.contains(&self.env().now().millis_since(record.session.created_at)))
    }
}
