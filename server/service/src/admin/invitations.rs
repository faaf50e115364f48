//! Invitations: who else may come in.
//!
//! **Invariant:** a secret is returned once, when it is made, and stored as its hash.

use super::Admin;
use crate::{CommandKey, Result, ServiceError, Services};
use std::{ops::RangeInclusive, time::Duration};
use tandem_auth::secret::Secret;
use tandem_domain::{page::PageRequest, text};
use tandem_protocol::{
    CommandId, InvitationId, Timestamp, UserId,
    enums::AuditAction,
    rest::{AuditEntry, Invitation, InvitationCreated, NewInvitation, Page, PageQuery},
};
use tandem_store::AdminTx;

const USES: RangeInclusive<u32> = 1..=1_000;
/// How long an invitation can be used, unless something else is asked for.
const LIFETIME: Duration = Duration::from_hours(7 * 24);
const LONGEST_LIFETIME: Duration = Duration::from_hours(366 * 24);

impl Services {
    /// Creates an invitation. Its secret is in the answer and nowhere else; a repetition by the same owner under the same
    /// `key` has it again.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] when address, uses or end break their rules, [`ServiceError::Conflict`] when the server
    /// has no owner yet, [`ServiceError::IdempotencyConflict`] when the key was used for something else.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn create_invitation(
        &self,
        admin: &Admin,
        key: Option<CommandId>,
        new: NewInvitation,
    ) -> Result<InvitationCreated> {
        let now = self.env().now();
        let content = serde_json::to_vec(&("invitation", &new.email, new.uses, new.expires_at))?;
        let command = key.map(|key| CommandKey::new(key, content));
        let info = Invitation {
            id: InvitationId(self.env().id()),
            email: new.email.as_deref().map(text::email).transpose()?,
            uses: new.uses.unwrap_or(1),
            used: 0,
            created_at: now,
            expires_at: new.expires_at.unwrap_or_else(|| now.plus(LIFETIME)),
            revoked_at: None,
            created_by: admin.session.as_ref().map(|(user, _)| user.clone()),
        };
        check(&info, now)?;
        if !self.store().has_owner().await? {
            return Err(ServiceError::conflict(
                "This server has no owner yet. Create the first account before you invite.",
            ));
        }
        let (services, admin) = (self.clone(), admin.clone());
        self.detached(async move {
            match &admin.session {
                Some((owner, _)) => services.invite_as(owner, &admin, command, info).await,
                None => services.invite_as_operator(&admin, info).await,
            }
        })
        .await
    }

    /// In a change of the owner's account, where the answers to its commands are.
    async fn invite_as(
        &self,
        owner: &UserId,
        admin: &Admin,
        command: Option<CommandKey>,
        info: Invitation,
    ) -> Result<InvitationCreated> {
        let mut unit = self.begin_managed(admin, owner).await?;
        if let Some(earlier) = unit.created_before(command, "").await.transpose() {
            return unit.leave(earlier.map(|(info, secret)| self.shown(info, &secret))).await;
        }
        let secret = unit.new_secret("", &info).await?;
        unit.managed().insert_invitation(&info, &secret.hash()).await?;
        unit.managed().record(&self.entry_about(admin, AuditAction::InvitationCreate, info.id)).await?;
        unit.commit().await?;
        Ok(self.shown(info, &secret))
    }

    async fn invite_as_operator(&self, admin: &Admin, info: Invitation) -> Result<InvitationCreated> {
        let secret = Secret::random("");
        let mut tx = self.begin_administration(admin).await?;
        tx.insert_invitation(&info, &secret.hash()).await?;
        tx.record(&self.entry_about(admin, AuditAction::InvitationCreate, info.id)).await?;
        tx.commit().await?;
        Ok(self.shown(info, &secret))
    }

    fn shown(&self, info: Invitation, secret: &Secret) -> InvitationCreated {
        let token = secret.reveal().to_owned();
        InvitationCreated { url: format!("{}/register#invite={token}", self.public_url()), token, info }
    }

    /// All invitations, newest first, without secrets. Ended ones are kept for 30 days.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] when limit or cursor are not valid.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn invitations(&self, _: &Admin, query: PageQuery) -> Result<Page<Invitation>> {
        let page = PageRequest::parse(query.limit, query.cursor.as_deref())?;
        let rows = self.store().invitations(&page).await?;
        Ok(page.page(rows, |invitation| (invitation.created_at.as_millis(), invitation.id)))
    }

    /// Ends an invitation. Accounts that were created with it stay.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] when there is none of this id, or it was revoked before.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn revoke_invitation(&self, admin: &Admin, id: InvitationId) -> Result<()> {
        let (services, admin) = (self.clone(), admin.clone());
        self.detached(async move {
            let mut tx = services.begin_administration(&admin).await?;
            if !tx.revoke_invitation(id, services.env().now()).await? {
                return Err(ServiceError::NotFound("invitation"));
            }
            tx.record(&services.entry_about(&admin, AuditAction::InvitationRevoke, id)).await?;
            Ok(tx.commit().await?)
        })
        .await
    }

    /// Begins a change of what belongs to no account.
    async fn begin_administration(&self, admin: &Admin) -> Result<Box<dyn AdminTx>> {
        let mut tx = self.store().administer().await?;
        if let Some((_, session)) = admin.session
            && !tx.is_owner(session, self.env().now()).await?
        {
            return Err(ServiceError::NotFound("invitation"));
        }
        Ok(tx)
    }

    fn entry_about(&self, admin: &Admin, action: AuditAction, invitation: InvitationId) -> AuditEntry {
        self.entry_of(action, [Some(admin.name()), Some(invitation.to_string())], admin.address)
    }
}

fn check(info: &Invitation, now: Timestamp) -> Result<()> {
    if !USES.contains(&info.uses) {
        return Err(ServiceError::invalid("uses", format!("expected {} to {}", USES.start(), USES.end())));
    }
    if info.expires_at <= now || info.expires_at > now.plus(LONGEST_LIFETIME) {
        return Err(ServiceError::invalid("expires_at", "must be in the future, and within a year"));
    }
    Ok(())
}
