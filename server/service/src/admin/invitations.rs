//! Invitations: who else may come in.
//!
//! **Invariant:** a secret is returned once, when it is made, and stored as its hash.

use super::Admin;
use crate::{Result, ServiceError, Services};
use std::{ops::RangeInclusive, time::Duration};
use tandem_auth::secret::Secret;
use tandem_domain::{page::PageRequest, text};
use tandem_protocol::{
    InvitationId, Timestamp,
    enums::AuditAction,
    rest::{Invitation, InvitationCreated, NewInvitation, Page, PageQuery},
};
use tandem_store::AdminTx;

const USES: RangeInclusive<u32> = 1..=1_000;
/// How long an invitation can be used, unless something else is asked for.
const LIFETIME: Duration = Duration::from_hours(7 * 24);
const LONGEST_LIFETIME: Duration = Duration::from_hours(366 * 24);

impl Services {
    /// Creates an invitation. Its secret is in the answer and nowhere else.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] when address, uses or end break their rules, [`ServiceError::Conflict`] when the server
    /// has no owner yet.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn create_invitation(&self, admin: &Admin, new: NewInvitation) -> Result<InvitationCreated> {
        let now = self.env().now();
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
        let secret = Secret::random("");
        let (services, admin) = (self.clone(), admin.clone());
        self.detached(async move {
            let mut tx = services.begin_administration(&admin).await?;
            tx.insert_invitation(&info, &secret.hash()).await?;
            services.record_in(tx.as_mut(), &admin, AuditAction::InvitationCreate, info.id).await?;
            tx.commit().await?;
            let token = secret.reveal().to_owned();
            Ok(InvitationCreated { url: format!("{}/register#invite={token}", services.public_url()), token, info })
        })
        .await
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
            services.record_in(tx.as_mut(), &admin, AuditAction::InvitationRevoke, id).await?;
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

    async fn record_in(
        &self,
        tx: &mut dyn AdminTx,
        admin: &Admin,
        action: AuditAction,
        invitation: InvitationId,
    ) -> Result<()> {
        let entry = self.entry_of(action, [Some(admin.name()), Some(invitation.to_string())], admin.address);
        Ok(tx.record(&entry).await?)
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
