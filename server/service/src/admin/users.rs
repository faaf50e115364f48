//! The users of the server: list, role, name, sessions, links for a new password, disabling, deletion.

use super::Admin;
use crate::{Result, ServiceError, Services, UnitOfWork, chat, resets, sessions, tokens};
use tandem_bus::{BusMessage, Control};
use tandem_domain::{page::PageRequest, text};
use tandem_protocol::{
    UserId,
    enums::{AuditAction, UserRole, WireEnum as _},
    model::{Session, User},
    rest::{ManagedUser, ManagedUserPatch, Page, ResetLink, UsersQuery},
};
use tandem_store::UserRef;

/// Characters of a search; longer ones find nothing.
const MAX_SEARCH_CHARS: usize = 254;

impl Services {
    /// A page of the accounts, newest first.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] when limit, cursor or search are not valid.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn users(&self, _: &Admin, query: UsersQuery) -> Result<Page<ManagedUser>> {
        let page = PageRequest::parse(query.limit, query.cursor.as_deref())?;
        let words = query.q.unwrap_or_default();
        let words = words.trim();
        if words.chars().count() > MAX_SEARCH_CHARS || words.contains('\0') {
            return Err(ServiceError::invalid("q", format!("expected at most {MAX_SEARCH_CHARS} characters")));
        }
        let rows = self.store().users(words, &page, self.env().now()).await?;
        Ok(page.page(rows, |user| (user.created_at.as_millis(), user.id.clone())))
    }

    /// One account, by its id.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] when there is none.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn managed_user(&self, _: &Admin, user: &UserId) -> Result<ManagedUser> {
        let found = self.store().managed_user(UserRef::Id(user.as_str()), self.env().now()).await?;
        found.ok_or(ServiceError::NotFound("user"))
    }

    /// The account with an address or an id.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] when there is none.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn find_user(&self, _: &Admin, named: &str) -> Result<ManagedUser> {
        let now = self.env().now();
        if let Ok(email) = text::email(named)
            && let Some(user) = self.store().managed_user(UserRef::Email(&email), now).await?
        {
            return Ok(user);
        }
        self.store().managed_user(UserRef::Id(named), now).await?.ok_or(ServiceError::NotFound("user"))
    }

    /// Changes role, name, and whether an account is verified or disabled. Disabling ends sessions, personal tokens,
    /// links for a new password and replies; they do not come back when the account is enabled.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] when there is no such account, [`ServiceError::Invalid`] when the name breaks its
    /// rules, [`ServiceError::Conflict`] when the last owner would be lost.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn update_user(&self, admin: &Admin, user: &UserId, patch: ManagedUserPatch) -> Result<ManagedUser> {
        let name = patch.name.as_deref().map(|name| text::name("name", name)).transpose()?;
        let (services, admin, user) = (self.clone(), admin.clone(), user.clone());
        self.detached(async move {
            let mut unit = services.begin_managed(&admin, &user).await?;
            if patch.role == Some(UserRole::Member) || patch.disabled == Some(true) {
                unit.require_another_owner().await?;
            }
            match patch.disabled {
                Some(true) => disable(&mut unit).await?,
                Some(false) if unit.managed().set_disabled(None).await? => {
                    unit.audit(AuditAction::UserEnable, None).await?;
                }
                Some(false) | None => {}
            }
            let before = unit.account.user.clone();
            let after = User {
                name: name.unwrap_or_else(|| before.name.clone()),
                role: patch.role.unwrap_or(before.role),
                email_verified: patch.email_verified.unwrap_or(before.email_verified),
                ..before.clone()
            };
            if after != before {
                unit.update_user(&after).await?;
            }
            if after.role != before.role {
                unit.audit(AuditAction::RoleChange, Some(after.role.as_str().into())).await?;
            }
            if (&after.name, after.email_verified) != (&before.name, before.email_verified) {
                unit.audit(AuditAction::UserUpdate, None).await?;
            }
            unit.commit().await?;
            services.managed_user(&admin, &user).await
        })
        .await
    }

    /// Deletes an account with everything in it, as [`Services::delete_account`] does.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] when there is no such account, [`ServiceError::Conflict`] when it is the last owner's.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn delete_user(&self, admin: &Admin, user: &UserId) -> Result<()> {
        let (services, admin, user) = (self.clone(), admin.clone(), user.clone());
        self.detached(async move {
            let mut unit = services.begin_managed(&admin, &user).await?;
            unit.require_another_owner().await?;
            unit.audit(AuditAction::UserDelete, None).await?;
            unit.delete_account().await?;
            services.bus().publish(&user, BusMessage::Control(Control::AccountDeleted));
            Ok(services.store().remove_deleted(&user).await?)
        })
        .await
    }

    /// The signed-in devices of an account, newest first.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] when there is no such account.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn user_sessions(&self, admin: &Admin, user: &UserId) -> Result<Vec<Session>> {
        if self.managed_user(admin, user).await?.disabled {
            return Ok(Vec::new());
        }
        Ok(self.store().sessions_of(user, self.env().now()).await?)
    }

    /// Ends all sessions of an account.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] when there is no such account.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn end_user_sessions(&self, admin: &Admin, user: &UserId) -> Result<()> {
        let (services, admin, user) = (self.clone(), admin.clone(), user.clone());
        self.detached(async move {
            let mut unit = services.begin_managed(&admin, &user).await?;
            sessions::revoke_others(&mut unit).await?;
            unit.commit().await?;
            Ok(())
        })
        .await
    }

    /// Makes a link with which the user sets a new password, instead of earlier links.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] when there is no such account.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn create_reset_link(&self, admin: &Admin, user: &UserId) -> Result<ResetLink> {
        let (services, admin, user) = (self.clone(), admin.clone(), user.clone());
        self.detached(async move {
            let mut unit = services.begin_managed(&admin, &user).await?;
            let (secret, expires_at) = resets::new_link(&mut unit).await?;
            unit.audit(AuditAction::ResetLinkCreate, None).await?;
            unit.commit().await?;
            let token = secret.reveal().to_owned();
            Ok(ResetLink { url: format!("{}/reset#{token}", services.public_url()), token, expires_at })
        })
        .await
    }
}

/// Ends everything with which the account acts, then the account's right to begin anew.
async fn disable(unit: &mut UnitOfWork) -> Result<()> {
    let now = unit.now;
    if !unit.managed().set_disabled(Some(now)).await? {
        return Ok(());
    }
    sessions::revoke_others(unit).await?;
    tokens::end_all_but(unit, &[]).await?;
    unit.managed().delete_reset_links().await?;
    chat::end_all(unit).await?;
    unit.audit(AuditAction::UserDisable, None).await
}
