//! The account: register, profile, password, deletion.
//!
//! **Invariant:** registering answers the same, and takes the same time, whether or not the address has an account.

use super::{
    Admitted, Result, ServiceError, Services, client::Client, sessions, sessions::SignIn, tokens, unit::quota,
};
use tandem_bus::{BusMessage, Control};
use tandem_domain::{text, zone};
use tandem_protocol::{
    UserId,
    model::User,
    rest::{ChangePassword, Register, Storage, UserPatch},
    settings::UserSettings,
};
use tandem_store::NewAccount;

impl Services {
    /// Adds an account unless the address has one; the answer does not show which.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] when address, password or name break their rules, [`ServiceError::RateLimited`] after
    /// too many registrations from one address, [`ServiceError::Overloaded`] when no core is free to hash the password.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn register(&self, register: Register, client: &Client) -> Result<()> {
        let now = self.env().now();
        let email = text::email(&register.email)?;
        let password = text::new_password("password", &register.password)?;
        let name = text::name("name", &register.name.unwrap_or_default())?;
        // After the checks that cost nothing, so that a typing error is not counted, and before the expensive hash.
        self.admit_registration(client.address, now).await?;
        let user = User {
            id: UserId::from(self.env().id().to_string()),
            email,
            name,
            email_verified: false,
            image: None,
            time_zone: "UTC".into(),
            created_at: now,
            settings: UserSettings::default(),
        };
        // Also for an address that has an account: the time would show it otherwise.
        let password_hash = self.deps.passwords.hash(&client.block(), password).await?;
        let services = self.clone();
        // Whether the address was free is dropped on purpose: the answer must not show it.
        self.detached(async move { Ok(services.store().register(&NewAccount { user, password_hash }).await?) }).await?;
        Ok(())
    }

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
    pub async fn update_profile(&self, caller: &Admitted, patch: UserPatch) -> Result<User> {
        let name = patch.name.map(|name| text::name("name", &name)).transpose()?;
        if let Some(zone) = &patch.time_zone {
            zone::time_zone("time_zone", zone)?;
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

    /// Changes the password. Ends all other sessions, and all personal tokens but those named in `keep_tokens`.
    ///
    /// # Errors
    /// [`ServiceError::InsufficientScope`] for a caller without a session, [`ServiceError::InvalidCredentials`] when
    /// the current password is wrong, [`ServiceError::RateLimited`] after too many wrong ones,
    /// [`ServiceError::Invalid`] when the new password breaks its rules or `keep_tokens` names no token.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn change_password(&self, caller: &Admitted, change: ChangePassword, client: Client) -> Result<SignIn> {
        let session = caller.session().ok_or(ServiceError::InsufficientScope(None))?;
        let verified = self.confirm_password(caller, &change.current_password, &client).await?;
        let normal = text::new_password("new_password", &change.new_password)?;
        let hash = self.deps.passwords.hash(caller.owner.user().as_str(), normal).await?;
        let (services, caller) = (self.clone(), caller.clone());
        self.detached(async move {
            let current = &change.current_password;
            let mut unit = services.begin_verified(&caller, current, &verified, &client).await?;
            unit.credentials().set_password_hash(&hash).await?;
            sessions::revoke_others(&mut unit).await?;
            tokens::end_all_but(&mut unit, &change.keep_tokens).await?;
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
    /// the password is wrong, [`ServiceError::RateLimited`] after too many wrong ones.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn delete_account(&self, caller: &Admitted, password: &str, client: &Client) -> Result<()> {
        let verified = self.confirm_password(caller, password, client).await?;
        let (services, caller) = (self.clone(), caller.clone());
        self.detached(async move {
            // Not a unit: no device is left that could be sent an event.
            let mut tx = services.store().write(&caller.owner).await?;
            if !verified.holds_in(tx.as_mut()).await? {
                return Err(ServiceError::InvalidCredentials);
            }
            tx.delete_account(services.env().now()).await?;
            tx.commit().await?;
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
