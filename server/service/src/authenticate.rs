//! From a bearer token to a [`Caller`].
//!
//! **Invariant:** nothing about a session is remembered between calls. The session or token is looked up each time, by
//! primary key, so that a revoked one ends now and not when its access token expires.

use super::{Result, ServiceError, Services};
use tandem_auth::{
    Authority, Caller, Owner,
    secret::{self, PERSONAL_TOKEN_PREFIX},
    token::AccessClaims,
};
use tandem_protocol::{
    Timestamp,
    enums::{ActorKind, Scope},
    live::Actor,
};
use tandem_store::{SessionRecord, TokenRecord};

/// The last use of a personal token is stored at most once a minute: a busy script does not become a busy writer.
const TOUCH_EVERY_MILLIS: i64 = 60_000;

/// A caller, and when its token ends.
#[derive(Clone, Debug)]
pub struct Grant {
    pub caller: Caller,
    /// End of the access token; `None` for a personal token without end.
    pub expires_at: Option<Timestamp>,
}

impl Services {
    /// Checks a bearer token: signature and claims of an access token, or the hash of a personal one, then the session
    /// or token in the database.
    ///
    /// # Errors
    /// [`ServiceError::InvalidToken`] when it is not one of ours, [`ServiceError::TokenExpired`] when its time is over,
    /// [`ServiceError::SessionRevoked`] when its session or account has ended.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn authenticate(&self, bearer: &str) -> Result<Grant> {
        if bearer.starts_with(PERSONAL_TOKEN_PREFIX) {
            self.by_token(bearer).await
        } else {
            self.by_session(self.claims(bearer)?).await
        }
    }

    /// The same for a request, which counts against its user's limit. A user over the limit is refused before the
    /// database is read: a refusal must cost less than the work that it refuses.
    ///
    /// # Errors
    /// Those of [`Services::authenticate`], and [`ServiceError::RateLimited`] when the user is over the limit.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn admit_request(&self, bearer: &str) -> Result<Grant> {
        let grant = if bearer.starts_with(PERSONAL_TOKEN_PREFIX) {
            self.by_token(bearer).await?
        } else {
            let claims = self.claims(bearer)?;
            // The signature is valid, so nobody can use up the limit of another user.
            self.may_request(&claims.user)?;
            self.by_session(claims).await?
        };
        self.count_request(grant.caller.owner.user())?;
        Ok(grant)
    }

    fn claims(&self, bearer: &str) -> Result<AccessClaims> {
        Ok(self.deps.keys.verify(bearer, self.env().now())?)
    }

    async fn by_session(&self, claims: AccessClaims) -> Result<Grant> {
        let now = self.env().now();
        let record = self.store().session(claims.session).await?.ok_or(ServiceError::SessionRevoked)?;
        if record.user_id != claims.user {
            return Err(ServiceError::InvalidToken);
        }
        if !record.alive(now) {
            return Err(ServiceError::SessionRevoked);
        }
        Ok(Grant { caller: session_caller(&record), expires_at: Some(claims.expires_at) })
    }

    #[expect(clippy::disallowed_methods, reason = "the secret of the token was found")]
    async fn by_token(&self, bearer: &str) -> Result<Grant> {
        let now = self.env().now();
        let record = self.store().personal_token(&secret::hash(bearer)).await?.ok_or(ServiceError::InvalidToken)?;
        if record.disabled || record.expires_at.is_some_and(|end| end <= now) {
            return Err(ServiceError::InvalidToken);
        }
        self.note_use(&record, now);
        let caller = Caller {
            owner: Owner::assume_verified(record.user_id),
            authority: Authority::Token(record.id),
            scopes: record.scopes,
            actor: Actor { kind: ActorKind::Api, device_id: None },
            address: None,
        };
        Ok(Grant { caller, expires_at: record.expires_at })
    }

    /// Records the use in a task of its own; the request does not wait for it.
    fn note_use(&self, record: &TokenRecord, now: Timestamp) {
        // A last use in the future was written by a clock that was ahead: it is not fresh, and is replaced.
        let fresh = record.last_used_at.is_some_and(|last| (0..TOUCH_EVERY_MILLIS).contains(&now.millis_since(last)));
        if fresh {
            return;
        }
        let (services, id) = (self.clone(), record.id);
        tandem_runtime::tasks::spawn(self.tracker(), async move {
            if let Err(error) = services.store().touch_personal_token(id, now).await {
                tracing::warn!(error = &error as &dyn std::error::Error, token = %id, "could not note the use of a token");
            }
        });
    }
}

/// The caller of a living session.
#[expect(clippy::disallowed_methods, reason = "the record is that of a verified token")]
pub(super) fn session_caller(record: &SessionRecord) -> Caller {
    Caller {
        owner: Owner::assume_verified(record.user_id.clone()),
        authority: Authority::Session(record.session.id),
        scopes: vec![Scope::Read, Scope::Write],
        actor: Actor { kind: ActorKind::User, device_id: None },
        address: None,
    }
}
