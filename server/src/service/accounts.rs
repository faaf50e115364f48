//! The account: register, profile, password, deletion.

use super::{Admitted, Result, ServiceError, Services, sessions, sessions::Client, sessions::SignIn};
use crate::{
    bus::{Control, News},
    domain::{text, zone},
    store::NewAccount,
};
use tandem_protocol::{
    UserId,
    live::EventBody,
    model::User,
    rest::{ChangePassword, Register, UserPatch},
};

impl Services {
    /// Adds an account, or does not because the address is taken: the caller cannot tell which. The password is hashed in
    /// either case.
    pub async fn register(&self, register: Register, client: &Client) -> Result<()> {
        let now = self.ambient().now();
        let email = text::email(&register.email)?;
        let password = text::new_password("password", &register.password)?;
        let name = text::name("name", &register.name.unwrap_or_default())?;
        self.admit_registration(client.address, now).await?;
        let user = User {
            id: UserId::from(self.ambient().id().to_string()),
            email,
            name,
            email_verified: false,
            image: None,
            time_zone: "UTC".into(),
            created_at: now,
        };
        let password_hash = self.parts.passwords.hash(password).await?;
        let services = self.clone();
        self.detached(async move { Ok(services.store().register(&NewAccount { user, password_hash }).await?) }).await?;
        Ok(())
    }

    /// The caller's profile.
    pub async fn profile(&self, caller: &Admitted) -> Result<User> {
        Ok(self.store().read(&caller.owner).await?.account().await?.user)
    }

    /// Changes the profile.
    pub async fn update_profile(&self, caller: &Admitted, patch: UserPatch) -> Result<User> {
        let name = patch.name.map(|name| text::name("name", &name)).transpose()?;
        if let Some(zone) = &patch.time_zone {
            zone::time_zone("time_zone", zone)?;
        }
        let (services, caller) = (self.clone(), caller.clone());
        self.detached(async move {
            let mut unit = services.begin(&caller, None).await?;
            let before = unit.account.user.clone();
            let user = User {
                name: name.unwrap_or_else(|| before.name.clone()),
                time_zone: patch.time_zone.unwrap_or_else(|| before.time_zone.clone()),
                ..before.clone()
            };
            if user != before {
                unit.tx.update_user(&user).await?;
                unit.record(EventBody::UserUpdated { user: user.clone() }).await?;
                unit.commit().await?;
            }
            Ok(user)
        })
        .await
    }

    /// Changes the password and ends all other sessions.
    pub async fn change_password(&self, caller: &Admitted, change: ChangePassword) -> Result<SignIn> {
        let session = caller.session().ok_or(ServiceError::InsufficientScope(None))?;
        self.confirm_password(caller, &change.current_password).await?;
        let normal = text::new_password("new_password", &change.new_password)?;
        let hash = self.parts.passwords.hash(normal).await?;
        let (services, caller) = (self.clone(), caller.clone());
        self.detached(async move {
            let mut unit = services.begin(&caller, None).await?;
            unit.tx.set_password_hash(&hash).await?;
            sessions::revoke_others(&mut unit).await?;
            let (user, now) = (unit.account.user.clone(), unit.now);
            unit.commit().await?;
            let record = services.store().session(session).await?.ok_or(ServiceError::SessionRevoked)?;
            Ok(services.signed_in(user, &record, None, now))
        })
        .await
    }

    /// Removes the account with every row of it, closes its sockets, stops its runs.
    pub async fn delete_account(&self, caller: &Admitted, password: &str) -> Result<()> {
        self.confirm_password(caller, password).await?;
        let (services, caller) = (self.clone(), caller.clone());
        self.detached(async move {
            let mut tx = services.store().write(&caller.owner).await?;
            tx.delete_account(services.ambient().now()).await?;
            tx.commit().await?;
            services.bus().publish(caller.owner.user(), News::Control(Control::AccountDeleted));
            Ok(())
        })
        .await
    }
}
