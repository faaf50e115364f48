//! The users of the server: list, role, name, sessions, links for a new password, disabling, deletion.

use super::Admin;
use crate::{
    CommandKey, Result, ServiceError, Services, UnitOfWork,
    budget::DAILY_LIMITS,
    chat, feeds,
    resets::{self, NewLink},
    sessions, tokens,
    unit::spending,
};
use tandem_auth::secret::Secret;
use tandem_bus::{BusMessage, Control};
use tandem_domain::{page::PageRequest, text};
use tandem_protocol::{
    CommandId, UserId,
    enums::{AuditAction, UserRole, WireEnum as _},
    model::{Session, User},
    rest::{ManagedUser, ManagedUserPatch, Page, PageQuery, ResetLink, UsersQuery},
};
use tandem_store::{DailyLimits, UserRef};

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
        let page = page.page(rows, |user: &ManagedUser| (user.created_at.as_millis(), user.id.clone()));
        let items = page.items.into_iter().map(|user| spending::with_limits(user, self.limits())).collect();
        Ok(Page { items, ..page })
    }

    /// One account, by its id.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] when there is none.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn managed_user(&self, _: &Admin, user: &UserId) -> Result<ManagedUser> {
        self.user_by(UserRef::Id(user.as_str())).await?.ok_or(ServiceError::NotFound("user"))
    }

    async fn user_by(&self, which: UserRef<'_>) -> Result<Option<ManagedUser>> {
        let found = self.store().managed_user(which, self.env().now()).await?;
        Ok(found.map(|user| spending::with_limits(user, self.limits())))
    }

    /// The account with an address or an id.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] when there is none.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn find_user(&self, _: &Admin, named: &str) -> Result<ManagedUser> {
        if let Ok(email) = text::email(named)
            && let Some(user) = self.user_by(UserRef::Email(&email)).await?
        {
            return Ok(user);
        }
        self.user_by(UserRef::Id(named)).await?.ok_or(ServiceError::NotFound("user"))
    }

    /// Changes role, name, daily limits, and whether an account is verified or disabled. Disabling ends sessions, personal tokens,
    /// links for a new password and replies; they do not come back when the account is enabled.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] when there is no such account, [`ServiceError::Invalid`] when name or limits break their
    /// rules, [`ServiceError::Conflict`] when the last owner would be lost.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn update_user(&self, admin: &Admin, user: &UserId, patch: ManagedUserPatch) -> Result<ManagedUser> {
        let name = patch.name.as_deref().map(|name| text::name("name", name)).transpose()?;
        check_daily("daily_replies", patch.daily_replies)?;
        check_daily("daily_tokens", patch.daily_tokens)?;
        let (services, admin, user) = (self.clone(), admin.clone(), user.clone());
        self.detached(async move {
            let mut unit = services.begin_managed(&admin, &user).await?;
            if patch.disabled == Some(true) {
                unit = unit.with_another_owner(AuditAction::UserDisable).await?;
            } else if patch.role == Some(UserRole::Member) {
                unit = unit.with_another_owner(AuditAction::RoleChange).await?;
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
            limit_spending(&mut unit, &patch).await?;
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
            let unit = services.begin_managed(&admin, &user).await?;
            let mut unit = unit.with_another_owner(AuditAction::UserDelete).await?;
            unit.audit(AuditAction::UserDelete, None).await?;
            unit.delete_account().await?;
            services.bus().publish(&user, BusMessage::Control(Control::AccountDeleted));
            Ok(services.store().remove_deleted(&user).await?)
        })
        .await
    }

    /// A page of the signed-in devices of an account, newest first.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] when there is no such account, [`ServiceError::Invalid`] when limit or cursor are not
    /// valid.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn user_sessions(&self, admin: &Admin, user: &UserId, query: PageQuery) -> Result<Page<Session>> {
        let page = PageRequest::parse(query.limit, query.cursor.as_deref())?;
        if self.managed_user(admin, user).await?.disabled {
            return Ok(Page::whole(Vec::new()));
        }
        Ok(page.page_of_all(self.store().sessions_of(user, self.env().now()).await?, sessions::key))
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

    /// Makes a link with which the user sets a new password, instead of earlier links. A repetition by the same owner
    /// under the same `key` has the same link, and leaves alone what was made since.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] when there is no such account, [`ServiceError::IdempotencyConflict`] when the key was
    /// used for something else.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn create_reset_link(&self, admin: &Admin, key: Option<CommandId>, user: &UserId) -> Result<ResetLink> {
        // The answer is kept with the account of the link: the content names who may have it again.
        let content = serde_json::to_vec(&("reset_link", admin.name()))?;
        let command = key.map(|key| CommandKey::new(key, content));
        let (services, admin, user) = (self.clone(), admin.clone(), user.clone());
        self.detached(async move {
            let mut unit = services.begin_managed(&admin, &user).await?;
            if let Some(earlier) = unit.created_before(command, "").await.transpose() {
                return unit.leave(earlier.map(|(link, secret)| services.shown_link(&link, &secret))).await;
            }
            let (link, secret) = resets::new_link(&mut unit).await?;
            unit.audit(AuditAction::ResetLinkCreate, None).await?;
            unit.commit().await?;
            Ok(services.shown_link(&link, &secret))
        })
        .await
    }

    fn shown_link(&self, link: &NewLink, secret: &Secret) -> ResetLink {
        let token = secret.reveal().to_owned();
        ResetLink { url: format!("{}/reset#{token}", self.public_url()), token, expires_at: link.expires_at }
    }
}

#[expect(clippy::option_option, reason = "three cases: absent, null, a value")]
fn check_daily(field: &'static str, limit: Option<Option<i64>>) -> Result<()> {
    if limit.flatten().is_some_and(|limit| !DAILY_LIMITS.contains(&limit)) {
        return Err(ServiceError::invalid(field, format!("expected 0 to {}, or null", DAILY_LIMITS.end())));
    }
    Ok(())
}

/// Sets the limits of a day that a patch names.
async fn limit_spending(unit: &mut UnitOfWork, patch: &ManagedUserPatch) -> Result<()> {
    let before = unit.account.spending.limits;
    let after = DailyLimits {
        replies: patch.daily_replies.unwrap_or(before.replies),
        tokens: patch.daily_tokens.unwrap_or(before.tokens),
    };
    if after == before {
        return Ok(());
    }
    unit.managed().set_daily_limits(after).await?;
    let shown = |limit: Option<i64>| limit.map_or_else(|| "server".to_owned(), |limit| limit.to_string());
    let detail = format!("a day: {} replies, {} tokens", shown(after.replies), shown(after.tokens));
    unit.audit(AuditAction::UserUpdate, Some(detail)).await
}

/// Ends everything with which the account acts, then the account's right to begin anew.
async fn disable(unit: &mut UnitOfWork) -> Result<()> {
    let now = unit.now;
    if !unit.managed().set_disabled(Some(now)).await? {
        return Ok(());
    }
    sessions::revoke_others(unit).await?;
    tokens::end_all_but(unit, &[]).await?;
    feeds::end_all(unit).await?;
    unit.managed().delete_reset_links().await?;
    chat::end_all(unit).await?;
    unit.audit(AuditAction::UserDisable, None).await
}
