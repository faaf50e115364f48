//! What an owner of the server, or its operator at the command line, does with accounts.
//!
//! A change of another's account is a [`UnitOfWork`] of that account, so that its devices are sent the events and its
//! log stays in order. The right of an owner is checked in the same transaction, which holds who the owners are: what a
//! former owner has begun does nothing any more.
//!
//! **Invariant:** nothing here reads or returns what users write.
//!
//! **Invariant:** a server with accounts has an owner who may sign in, whatever two owners do to each other at the same
//! time.

mod audit;
mod invitations;
mod spenders;
mod users;

pub use spenders::export_spending;

use super::{Admitted, Result, ServiceError, Services, UnitOfWork};
use std::net::IpAddr;
use tandem_auth::{Authority, Caller, Owner};
use tandem_protocol::{
    SessionId, UserId,
    enums::{ActorKind, AuditAction, AuditResult, UserRole},
    live::Actor,
    rest::AuditEntry,
};

/// As the record names whoever uses the command line.
const OPERATOR: &str = "operator";

/// The refusal for the last owner.
const LAST_OWNER: &str = "This is the only owner who can sign in. Make somebody else an owner first.";

/// Somebody who may manage accounts.
#[derive(Clone, Debug)]
pub struct Admin {
    /// The owner and the session; `None` for the operator.
    session: Option<(UserId, SessionId)>,
    address: Option<IpAddr>,
}

impl Admin {
    /// The operator, who could change the database itself.
    pub fn operator() -> Self {
        Self { session: None, address: None }
    }

    fn name(&self) -> String {
        self.session.as_ref().map_or_else(|| OPERATOR.into(), |(user, _)| user.to_string())
    }
}

impl Services {
    /// The caller as somebody who manages accounts; `None` for a member, who is not shown that there is such a thing.
    ///
    /// # Errors
    /// [`ServiceError::InsufficientScope`] for an owner without a session: a token that leaks must not be enough.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn admin(&self, caller: &Admitted) -> Result<Option<Admin>> {
        let user = self.store().read(&caller.owner).await?.account().await?.user;
        if user.role != UserRole::Owner {
            return Ok(None);
        }
        let session = caller.session().ok_or(ServiceError::InsufficientScope(None))?;
        Ok(Some(Admin { session: Some((user.id, session)), address: caller.address }))
    }

    /// Begins a change of an account that somebody else makes.
    async fn begin_managed(&self, admin: &Admin, user: &UserId) -> Result<UnitOfWork> {
        let mut unit = self.begin_by(&managed(admin, user), admin.name()).await.map_err(absent)?;
        if let Some((_, session)) = admin.session {
            let now = unit.now;
            if !unit.managed().is_owner(session, now).await? {
                return Err(ServiceError::NotFound("user"));
            }
        }
        Ok(unit)
    }

    /// An entry of the record about something that is done now.
    pub(super) fn entry_of(
        &self,
        action: AuditAction,
        [actor, target]: [Option<String>; 2],
        address: Option<IpAddr>,
    ) -> AuditEntry {
        AuditEntry {
            id: tandem_protocol::AuditId(self.env().id()),
            at: self.env().now(),
            actor,
            action,
            target,
            detail: None,
            ip: address.map(|address| address.to_string()),
            node: self.node_id().to_owned(),
            result: AuditResult::Ok,
            actor_email: None,
            target_email: None,
        }
    }

    /// Records something that was refused. Without an actor, whoever asked is not known to be anybody.
    pub(super) async fn record_refusal(
        &self,
        action: AuditAction,
        [actor, target]: [Option<String>; 2],
        address: Option<IpAddr>,
    ) -> Result<()> {
        let entry = self.entry_of(action, [actor, target], address);
        Ok(self.store().record(&AuditEntry { result: AuditResult::Refused, ..entry }).await?)
    }
}

/// An account that is gone is an account that is not there.
fn absent(error: ServiceError) -> ServiceError {
    if matches!(error, ServiceError::SessionRevoked) { ServiceError::NotFound("user") } else { error }
}

/// The caller of a change of another's account.
#[expect(clippy::disallowed_methods, reason = "the right to manage accounts is checked in the transaction")]
fn managed(admin: &Admin, user: &UserId) -> Caller {
    Caller {
        owner: Owner::assume_verified(user.clone()),
        authority: Authority::Admin,
        scopes: Vec::new(),
        actor: Actor { kind: ActorKind::Api, device_id: None },
        address: admin.address,
    }
}

impl UnitOfWork {
    /// Refuses to go on, and records it, when the account is that of the last owner who may sign in.
    async fn with_another_owner(mut self, action: AuditAction) -> Result<Self> {
        let is_owner = self.account.user.role == UserRole::Owner;
        if is_owner && !self.managed().other_accounts().await?.owner {
            self.refuse(action, ServiceError::conflict(LAST_OWNER)).await
        } else {
            Ok(self)
        }
    }

    /// The same for an owner who leaves: a server without any other account needs no owner.
    pub(super) async fn with_owner_for_others(mut self, action: AuditAction) -> Result<Self> {
        if self.account.user.role == UserRole::Owner {
            let others = self.managed().other_accounts().await?;
            if others.any && !others.owner {
                return self.refuse(action, ServiceError::conflict(LAST_OWNER)).await;
            }
        }
        Ok(self)
    }
}
