//! The account: profile, password, deletion.

use super::{
    Admitted, Result, ServiceError, Services, client::Client, feeds, sessions, sessions::SignIn, tokens, unit::quota,
};
use tandem_bus::{BusMessage, Control};
use tandem_domain::{text, zone};
use tandem_protocol::{
    enums::AuditAction,
    model::User,
    rest::{ChangePassword, Storage, UserPatch},
};

impl Services {
    /// # Errors
    /// [`ServiceError::SessionRevoked`] when the account has ended.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn profile(&self, caller: &Admitted) -> Result<User> {
        Ok(self.store().read(&caller.owner).await?.account().await?.user)
    }

    /// What the caller has stored, and the limits.
    ///
    /// # Errors
    /// [`ServiceError::SessionRevoked`] when the account has ended.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn storage(&self, caller: &Admitted) -> Result<Storage> {
        let usage = self.store().read(&caller.owner).await?.usage().await?;
        Ok(quota::shown(usage, self.limits()))
    }

    /// # Errors
    /// [`ServiceError::Invalid`] when the name or the time zone breaks its rules, [`ServiceError::SessionRevoked`] when
    /// the caller's right has ended.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn update_profile(&self, caller: &Admitted, mut patch: UserPatch) -> Result<User> {
        let name = patch.name.map(|name| text::name("name", &name)).transpose()?;
        if let Some(zone) = &patch.time_zone {
            zone::time_zone("time_zone", zone)?;
        }
        if let Some(push) = patch.settings.as_mut().and_then(|settings| settings.push.as_mut()) {
            tandem_domain::push::check(push)?;
        }
        let (services, caller) = (self.clone(), caller.clone());
        self.detached(async move {
            let mut unit = services.begin(&caller, None).await?;
            let before = unit.account.user.clone();
            let mut settings = before.settings.clone();
            if let Some(patch) = patch.settings {
                patch.apply(&mut settings);
            }
            let user = User {
                settings,
                name: name.unwrap_or_else(|| before.name.clone()),
                time_zone: patch.time_zone.unwrap_or_else(|| before.time_zone.clone()),
                ..before.clone()
            };
            if user != before {
                unit.update_user(&user).await?;
                unit.commit().await?;
            }
            Ok(user)
        })
        .await
    }

    /// Changes the password. Ends all other sessions, all personal tokens but those named in `keep_tokens`, and all calendar
    /// feeds.
    ///
    /// # Errors
    /// [`ServiceError::InsufficientScope`] for a caller without a session, [`ServiceError::InvalidCredentials`] when
    /// the current password is wrong, [`ServiceError::RateLimited`] after too many wrong ones,
    /// [`ServiceError::Invalid`] when the new password breaks its rules or `keep_tokens` names no token.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn change_password(&self, caller: &Admitted, change: ChangePassword, client: Client) -> Result<SignIn> {
        let session = caller.session().ok_or(ServiceError::InsufficientScope(None))?;
        let verified =
            self.confirm_password(caller, AuditAction::PasswordChange, &change.current_password, &client).await?;
        let normal = text::new_password("new_password", &change.new_password)?;
        let hash = self.deps.passwords.hash(caller.owner.user().as_str(), normal).await?;
        let (services, caller) = (self.clone(), caller.clone());
        self.detached(async move {
            let current = &change.current_password;
            let mut unit =
                services.begin_verified(&caller, AuditAction::PasswordChange, current, &verified, &client).await?;
            unit.credentials().set_password_hash(&hash).await?;
            sessions::revoke_others(&mut unit).await?;
            tokens::end_all_but(&mut unit, &change.keep_tokens).await?;
            feeds::end_all(&mut unit).await?;
            // A link that was made before must not take the new password away.
            unit.managed().delete_reset_links().await?;
            unit.audit(AuditAction::PasswordChange, None).await?;
            let (user, now) = (unit.account.user.clone(), unit.now);
            unit.commit().await?;
            let record = services.store().session(session).await?.ok_or(ServiceError::SessionRevoked)?;
            Ok(services.signed_in(user, &record, None, now))
        })
        .await
    }

    /// Ends the account with its sessions at once, closes its sockets, cancels its runs, then removes its rows. What is
    /// left after a crash is removed by [`Services::finish_deletions`].
    ///
    /// # Errors
    /// [`ServiceError::InsufficientScope`] for a caller without a session, [`ServiceError::InvalidCredentials`] when
    /// the password is wrong, [`ServiceError::RateLimited`] after too many wrong ones, [`ServiceError::Conflict`] for
    /// the last owner of a server that others use.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn delete_account(&self, caller: &Admitted, password: &str, client: &Client) -> Result<()> {
        let verified = self.confirm_password(caller, AuditAction::UserDelete, password, client).await?;
        let (services, caller) = (self.clone(), caller.clone());
        self.detached(async move {
            let mut unit = services.begin(&caller, None).await?;
            if !unit.still_holds(&verified).await? {
                return Err(ServiceError::InvalidCredentials);
            }
            unit = unit.with_owner_for_others(AuditAction::UserDelete).await?;
            unit.audit(AuditAction::UserDelete, None).await?;
            unit.delete_account().await?;
            // Before the rows are removed, which may take long: sockets and runs of the account end now.
            services.bus().publish(caller.owner.user(), BusMessage::Control(Control::AccountDeleted));
            Ok(services.store().remove_deleted(caller.owner.user()).await?)
        })
        .await
    }

    /// Removes what is left of accounts that have ended.
    ///
    /// # Errors
    /// [`ServiceError::Unavailable`] or [`ServiceError::Overloaded`] when the database does not do it in time.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn finish_deletions(&self) -> Result<()> {
        for user in self.store().deleted_accounts().await? {
            self.store().remove_deleted(&user).await?;
        }
        Ok(())
    }
}
