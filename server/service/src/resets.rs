//! Replacing a forgotten password by a link that an owner of the server has made.
//!
//! **Invariant:** a link works once, for 30 minutes, and not at all for an account that is disabled; its secret is
//! stored as its hash. A new password ends all sessions, personal tokens and calendar feeds: whoever had the old one has
//! nothing left.

use super::{Result, ServiceError, Services, UnitOfWork, client::Client, feeds, sessions, tokens};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use tandem_auth::{
    Authority, Caller, Owner,
    secret::{self, Secret},
};
use tandem_domain::text;
use tandem_protocol::{
    Timestamp, UserId,
    enums::{ActorKind, AuditAction},
    live::Actor,
    rest::ResetPassword,
};

const LIFETIME: Duration = Duration::from_mins(30);

impl Services {
    /// Sets the password of the account that the link is for, and uses the link up.
    ///
    /// # Errors
    /// [`ServiceError::InvalidLink`] when the link is not one of ours, was used, or is over, or its account is disabled;
    /// [`ServiceError::Invalid`] when the password breaks its rules, [`ServiceError::RateLimited`] after too many
    /// attempts from one address, [`ServiceError::Overloaded`] when no core is free to hash the password.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn reset_password(&self, reset: ResetPassword, client: &Client) -> Result<()> {
        let password = text::new_password("password", &reset.password)?;
        self.admit_reset(client.address, self.env().now()).await?;
        let link = secret::hash(reset.token.trim());
        let Some(user) = self.store().reset_link(&link, self.env().now()).await? else {
            self.record_refusal(AuditAction::PasswordReset, [None, None], client.address).await?;
            return Err(ServiceError::InvalidLink);
        };
        let hash = self.deps.passwords.hash(user.as_str(), password).await?;
        let (services, caller) = (self.clone(), caller_of(&user, client));
        self.detached(async move { services.replace_password(&caller, &link, &hash).await }).await
    }

    async fn replace_password(&self, caller: &Caller, link: &[u8; 32], hash: &str) -> Result<()> {
        // An account that was disabled meanwhile cannot begin a change.
        let begun = self.begin(caller, None).await;
        let mut unit = begun.map_err(|error| match error {
            ServiceError::SessionRevoked => ServiceError::InvalidLink,
            error => error,
        })?;
        let now = unit.now;
        if !unit.managed().use_reset_link(link, now).await? {
            return Err(ServiceError::InvalidLink);
        }
        unit.credentials().set_password_hash(hash).await?;
        sessions::revoke_others(&mut unit).await?;
        tokens::end_all_but(&mut unit, &[]).await?;
        feeds::end_all(&mut unit).await?;
        unit.audit(AuditAction::PasswordReset, None).await?;
        unit.commit().await?;
        Ok(())
    }
}

/// A link that was made. With the id, two links that one request makes of different accounts have different secrets.
#[derive(Serialize, Deserialize)]
pub(super) struct NewLink {
    user: UserId,
    pub(super) expires_at: Timestamp,
}

/// A new link of the account of a change, instead of earlier ones, and its secret.
pub(super) async fn new_link(unit: &mut UnitOfWork) -> Result<(NewLink, Secret)> {
    let now = unit.now;
    let link = NewLink { user: unit.user().clone(), expires_at: now.plus(LIFETIME) };
    let secret = unit.new_secret("", &link).await?;
    unit.managed().delete_reset_links().await?;
    unit.managed().insert_reset_link(&secret.hash(), now, link.expires_at).await?;
    Ok((link, secret))
}

/// Whoever has the link of an account.
#[expect(clippy::disallowed_methods, reason = "the secret of the link was found, and is used up in the transaction")]
fn caller_of(user: &UserId, client: &Client) -> Caller {
    Caller {
        owner: Owner::assume_verified(user.clone()),
        authority: Authority::Password,
        scopes: Vec::new(),
        actor: Actor { kind: ActorKind::User, device_id: None },
        address: client.address,
    }
}
