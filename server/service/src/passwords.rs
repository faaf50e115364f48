//! Passwords that were given: checked, and still the same when something is done on the strength of them.
//!
//! Checking takes tens of milliseconds and happens outside of any transaction. Meanwhile the password may be changed, and
//! whoever gave the old one must get nothing for it any more. So a check yields a [`Verified`], which names the hash that
//! was checked, and [`UnitOfWork::still_holds`] compares it with the stored one inside of the transaction that uses it.
//!
//! **Invariant:** a session, a changed password, a deletion or a token that rests on a password is written in a transaction
//! in which that password was the account's.

use super::{Admitted, Result, ServiceError, Services, UnitOfWork, client::Client, limits::Guess};
use std::ops::RangeInclusive;
use tandem_auth::{Caller, Owner, password::Verdict};
use tandem_domain::text;
use tandem_protocol::SessionId;
use tandem_store::ReadTx;

/// So long after its log-in a session needs no password to do what asks for one, in milliseconds. Clocks of nodes may
/// differ a little; a log-in that lies further in the future than that is no proof.
const FRESH_MILLIS: RangeInclusive<i64> = -5_000..=10 * 60 * 1000;

/// A password that was right when it was checked.
#[derive(Clone)]
pub(super) struct Verified {
    owner: Owner,
    /// What it was checked against.
    hash: String,
    /// The hash that takes the place of one with weaker parameters.
    raised: Option<String>,
}

impl Verified {
    /// Whose password it is.
    pub(super) fn owner(&self) -> &Owner {
        &self.owner
    }

    /// Whether the password is the account's still, as the transaction sees it.
    pub(super) async fn holds_in(&self, tx: &mut dyn ReadTx) -> Result<bool> {
        Ok(tx.password_hash().await?.as_deref() == Some(self.hash.as_str()))
    }
}

impl UnitOfWork {
    /// Whether a password is the account's still. On the way its hash is replaced, if it has weaker parameters than
    /// today's.
    pub(super) async fn still_holds(&mut self, verified: &Verified) -> Result<bool> {
        let holds = verified.holds_in(self.reads()).await?;
        if let (true, Some(raised)) = (holds, &verified.raised) {
            self.credentials().rehash_password(&verified.hash, raised).await?;
        }
        Ok(holds)
    }
}

impl Services {
    /// Checks the password of whoever has this e-mail address; `None` when it is wrong, or nobody may sign in with it.
    #[expect(clippy::disallowed_methods, reason = "nobody sees the owner before the password was compared")]
    pub(super) async fn check_password(
        &self,
        email: &str,
        password: &str,
        client: &Client,
    ) -> Result<Option<Verified>> {
        let stored = self.store().credentials(email).await?;
        let owner = stored
            .as_ref()
            .filter(|stored| !stored.disabled)
            .map(|stored| Owner::assume_verified(stored.user_id.clone()));
        self.verify(&client.block(), owner, stored.and_then(|stored| stored.password_hash), password).await
    }

    /// Compares a password with a hash. It takes the same time without a hash.
    async fn verify(
        &self,
        whose: &str,
        owner: Option<Owner>,
        hash: Option<String>,
        password: &str,
    ) -> Result<Option<Verified>> {
        let verdict = self.parts.passwords.verify(whose, text::normal_password(password), hash.clone()).await?;
        let (Some(owner), Some(hash)) = (owner, hash) else { return Ok(None) };
        Ok(match verdict {
            Verdict::Wrong => None,
            Verdict::Right => Some(Verified { owner, hash, raised: None }),
            Verdict::RightButOld(raised) => Some(Verified { owner, hash, raised: Some(raised) }),
        })
    }

    /// Checks the caller's own password, which was asked for once more. A wrong one counts as a guess.
    ///
    /// # Errors
    /// [`ServiceError::InvalidCredentials`] when it is wrong, [`ServiceError::RateLimited`] after too many wrong ones.
    pub(super) async fn confirm_password(&self, caller: &Caller, password: &str, client: &Client) -> Result<Verified> {
        let session = caller.session().ok_or(ServiceError::InsufficientScope(None))?;
        let guess = Guess::in_session(session, client.address);
        self.admit_guess(&guess, self.env().now()).await?;
        let hash = self.store().read(&caller.owner).await?.password_hash().await?;
        let verified = self.verify(caller.owner.user().as_str(), Some(caller.owner.clone()), hash, password).await;
        if !matches!(verified, Ok(None)) {
            self.forgive(&guess).await?;
        }
        verified?.ok_or(ServiceError::InvalidCredentials)
    }

    /// Begins a change that rests on the caller's password. Another hash than the verified one is checked anew: either the
    /// password was changed, or a log-in meanwhile has raised the parameters of its hash.
    pub(super) async fn begin_verified(
        &self,
        caller: &Caller,
        password: &str,
        verified: &Verified,
        client: &Client,
    ) -> Result<UnitOfWork> {
        let mut unit = self.begin(caller, None).await?;
        if unit.still_holds(verified).await? {
            return Ok(unit);
        }
        drop(unit);
        let verified = self.confirm_password(caller, password, client).await?;
        let mut unit = self.begin(caller, None).await?;
        if unit.still_holds(&verified).await? { Ok(unit) } else { Err(ServiceError::InvalidCredentials) }
    }

    /// Begins a change that a session may do within some minutes after its log-in, and later with the password alone.
    ///
    /// # Errors
    /// [`ServiceError::ConfirmationRequired`] with the sentence `ask` when the password is needed and missing.
    pub(super) async fn begin_confirmed(
        &self,
        caller: &Admitted,
        password: Option<&str>,
        client: &Client,
        ask: &'static str,
    ) -> Result<UnitOfWork> {
        if let Some(password) = password {
            let verified = self.confirm_password(caller, password, client).await?;
            return self.begin_verified(caller, password, &verified, client).await;
        }
        let session = caller.session().ok_or(ServiceError::InsufficientScope(None))?;
        if self.is_fresh(session).await? {
            self.begin(caller, None).await
        } else {
            Err(ServiceError::ConfirmationRequired(ask))
        }
    }

    async fn is_fresh(&self, session: SessionId) -> Result<bool> {
        let record = self.store().session(session).await?.ok_or(ServiceError::SessionRevoked)?;
        Ok(FRESH_MILLIS.contains(&self.env().now().millis_since(record.session.created_at)))
    }
}
