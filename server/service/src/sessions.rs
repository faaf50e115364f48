//! Sessions: log in, refresh, list, end.
//!
//! A session is a row; nothing about it lives in memory, so any node can serve it and a revocation holds on all. A
//! device has a refresh token, which is replaced at each use: the reuse of an old one shows that it was copied.
//!
//! **Invariant:** a session is written in the transaction that compares its password once more, and ends with an event.

pub use super::client::Client;

use super::{Admitted, Result, ServiceError, Services, UnitOfWork, authenticate::session_caller, passwords::Verified};
use std::time::Duration;
use tandem_auth::{
    Authority, Caller,
    secret::{self, Secret},
};
use tandem_domain::{page::PageRequest, text};
use tandem_protocol::{
    SessionId, Timestamp,
    enums::AuditAction,
    model::{Session, User},
    rest::{Deleted, Login, Page, PageQuery},
};
use tandem_store::{NewSession, SessionRecord};
use tokio::time::{Instant, sleep_until};

/// A failed log-in takes at least this long, whatever the reason: its time shows nothing.
const FAILURE_TIME: Duration = Duration::from_millis(250);
/// How long the token before the newest still gives access: two tabs may refresh at the same moment.
const REUSE_GRACE_MILLIS: i64 = 10_000;
/// Clocks of nodes differ by less. A time further in the future was written by a clock that was ahead.
const SKEW_MILLIS: i64 = 60_000;
/// Longest user agent that is kept, in characters.
const MAX_AGENT_CHARS: usize = 300;

/// Living sessions of a user; one more log-in ends the one that was not used for longest.
const MAX_SESSIONS: usize = 100;
/// Ended sessions of a user that are kept for the common time; a log-in removes older ones.
const MAX_ENDED_SESSIONS: u32 = 100;
/// An ended session is kept at least this long: every node looks up the sessions that have ended lately.
const ENDED_KEPT_MILLIS: i64 = 10 * 60 * 1000;
/// Used refresh tokens of a session that are kept. The use of one of them ends the session.
const MAX_SPENT_TOKENS: u32 = 64;
/// How often a password that changes while a session is opened is checked.
const MAX_CHECKS: usize = 3;

/// A session with fresh tokens.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// A JWT for API requests.
    pub access_token: String,
    /// Seconds that it lives.
    pub expires_in: i64,
    pub user: User,
    /// The session, with `current` true.
    pub session: Session,
    /// The next refresh token; `None` when the client has, or is about to get, a newer one.
    pub refresh: Option<Secret>,
}

/// The sort key of a session in lists.
pub(crate) fn key(session: &Session) -> (i64, SessionId) {
    (session.created_at.as_millis(), session.id)
}

impl Services {
    /// Opens a session for address and password. `refresh_token` is what came in the cookie, whatever the state of its
    /// session: it opens nothing, but a device that the account knows has an attempt limit of its own.
    ///
    /// # Errors
    /// [`ServiceError::InvalidCredentials`] when address or password are wrong, [`ServiceError::RateLimited`] after too
    /// many attempts, [`ServiceError::Invalid`] when the name of the device breaks its rules,
    /// [`ServiceError::Overloaded`] when no core is free to check the password.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn log_in(&self, login: Login, client: Client, refresh_token: Option<&str>) -> Result<SignIn> {
        let earliest = Instant::now() + FAILURE_TIME;
        let result = self.try_log_in(login, client, refresh_token).await;
        if let Err(ServiceError::InvalidCredentials) = result {
            sleep_until(earliest).await;
        }
        result
    }

    async fn try_log_in(&self, login: Login, client: Client, refresh_token: Option<&str>) -> Result<SignIn> {
        let now = self.env().now();
        let device_name = login.device_name.map(|name| text::name("device_name", &name)).transpose()?;
        // An address that cannot be registered is looked up all the same, so that it takes the same time.
        let email = text::email(&login.email).unwrap_or_default();
        let device = self.known_device(&email, refresh_token).await?;
        let attempt = self.login_attempt(&email, device, client.address);
        self.admit_attempt(&attempt, now).await?;
        let from = client.clone();
        let signed_in = self.open_verified(&email, &login.password, device_name, client).await;
        // A fault or an overload shows nothing about the password: only a wrong one stays counted.
        if matches!(signed_in, Err(ServiceError::InvalidCredentials)) {
            // The same look-up and the same write for every address.
            let account = self.store().credentials(&email).await?;
            let target = account.map(|account| account.user_id);
            self.record_refusal(AuditAction::SignIn, [None, target.map(|user| user.to_string())], from.address).await?;
        } else {
            self.give_back_attempt(&attempt).await?;
        }
        signed_in
    }

    /// The session of a refresh token, if it is or was one of the account with this e-mail address.
    async fn known_device(&self, email: &str, refresh_token: Option<&str>) -> Result<Option<SessionId>> {
        let Some(token) = refresh_token else { return Ok(None) };
        let Some(token) = self.store().refresh_token(&secret::hash(token)).await? else { return Ok(None) };
        let Some(record) = self.store().session(token.session_id).await? else { return Ok(None) };
        let account = self.store().credentials(email).await?;
        let own = account.is_some_and(|account| account.user_id == record.user_id);
        Ok(own.then_some(record.session.id))
    }

    /// Opens a session if the password is right, and still is when the session is written.
    async fn open_verified(
        &self,
        email: &str,
        password: &str,
        device_name: Option<String>,
        client: Client,
    ) -> Result<SignIn> {
        // The check runs outside of the transaction. If the password was changed meanwhile, the new hash is checked.
        for _ in 0..MAX_CHECKS {
            let verified =
                self.check_password(email, password, &client).await?.ok_or(ServiceError::InvalidCredentials)?;
            let (services, device_name, client) = (self.clone(), device_name.clone(), client.clone());
            let opened =
                self.detached(async move { services.open_session(&verified, device_name, client).await }).await?;
            if let Some(signed_in) = opened {
                return Ok(signed_in);
            }
        }
        Err(ServiceError::Overloaded)
    }

    /// Opens a session; `None` when the password has changed since it was verified.
    async fn open_session(
        &self,
        verified: &Verified,
        device_name: Option<String>,
        client: Client,
    ) -> Result<Option<SignIn>> {
        let now = self.env().now();
        let refresh = Secret::random("");
        let ends_at = now.plus(self.deps.lifetimes.max);
        let session = Session {
            id: SessionId(self.env().id()),
            device_name: device_name.filter(|name| !name.is_empty()),
            ip: client.address.map(|address| address.to_string()),
            user_agent: client.user_agent.as_deref().map(shown_agent),
            created_at: now,
            last_seen_at: now,
            expires_at: now.plus(self.deps.lifetimes.idle).min(ends_at),
            current: false,
        };
        let new = NewSession { session: session.clone(), refresh_hash: refresh.hash(), ends_at };
        let record = SessionRecord {
            user_id: verified.owner().user().clone(),
            session,
            revoked: false,
            disabled: false,
            ends_at,
        };
        // The session does not exist yet, so `begin` has no right to look up: the password is compared below instead.
        let caller = Caller { authority: Authority::Password, address: client.address, ..session_caller(&record) };
        let mut unit = self.begin(&caller, None).await?;
        if !unit.still_holds(verified).await? {
            return Ok(None);
        }
        end_unused(&mut unit).await?;
        unit.insert_session(&new).await?;
        unit.audit(AuditAction::SignIn, Some(record.session.id.to_string())).await?;
        let user = unit.account.user.clone();
        unit.commit().await?;
        Ok(Some(self.signed_in(user, &record, Some(refresh), now)))
    }

    /// Tokens for a living session.
    pub(super) fn signed_in(&self, user: User, of: &SessionRecord, refresh: Option<Secret>, now: Timestamp) -> SignIn {
        let session = Session { current: true, ..of.session.clone() };
        let end = of.ends_at.min(session.expires_at);
        let (access_token, expires_in) = self.deps.keys.issue(&user.id, session.id, end, now, self.env().id());
        SignIn { access_token, expires_in, user, session, refresh }
    }

    /// New tokens for a refresh token. The reuse of an old one ends the session: the token was copied.
    ///
    /// # Errors
    /// [`ServiceError::InvalidToken`] when it is not one of ours, [`ServiceError::SessionRevoked`] when the session has
    /// ended, which the reuse of an old token brings about.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn refresh(&self, token: &str, client: Client) -> Result<SignIn> {
        let (services, hash) = (self.clone(), secret::hash(token));
        self.detached(async move { services.refresh_here(&hash, client).await }).await
    }

    async fn refresh_here(&self, hash: &[u8; 32], client: Client) -> Result<SignIn> {
        let now = self.env().now();
        let token = self.store().refresh_token(hash).await?.ok_or(ServiceError::InvalidToken)?;
        let mut record = self.store().session(token.session_id).await?.ok_or(ServiceError::SessionRevoked)?;
        if !record.alive(now) {
            return Err(ServiceError::SessionRevoked);
        }
        let caller = Caller { address: client.address, ..session_caller(&record) };
        let mut rotated = None;
        if token.replaced_at.is_none() {
            // A session that a clock that was ahead has begun begins now; it would last too long otherwise.
            record.session.created_at = record.session.created_at.min(now);
            record.session.last_seen_at = now;
            record.session.expires_at = now.plus(self.deps.lifetimes.idle).min(record.ends_at);
            record.session.ip = client.address.map(|address| address.to_string()).or(record.session.ip);
            let next = Secret::random("");
            // Not a unit: a refresh is no change that other devices show, and has no event.
            let mut tx = self.store().write(&caller.owner).await?;
            let won = tx.rotate_refresh(hash, &next.hash(), &record.session, now).await?;
            tx.forget_spent_tokens(record.session.id, MAX_SPENT_TOKENS).await?;
            tx.commit().await?;
            // Of two tabs that refresh at once one wins. The other gets an access token only: the browser has, or is
            // about to get, the cookie of the winner.
            rotated = won.then_some(next);
        } else if !in_grace(&token, now) {
            self.end_session_here(&caller, record.session.id, AuditAction::RefreshReuse).await?;
            return Err(ServiceError::SessionRevoked);
        }
        let user = self.store().read(&caller.owner).await?.account().await?.user;
        Ok(self.signed_in(user, &record, rotated, now))
    }

    /// The caller of the session of a refresh token, new or old: enough to log out.
    ///
    /// # Errors
    /// [`ServiceError::InvalidToken`] when it is not one of ours, [`ServiceError::SessionRevoked`] when its session has
    /// ended.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn caller_of_refresh(&self, token: &str) -> Result<Caller> {
        let token = self.store().refresh_token(&secret::hash(token)).await?.ok_or(ServiceError::InvalidToken)?;
        let record = self.store().session(token.session_id).await?.ok_or(ServiceError::SessionRevoked)?;
        if record.alive(self.env().now()) { Ok(session_caller(&record)) } else { Err(ServiceError::SessionRevoked) }
    }

    /// A page of the caller's signed-in devices, newest first.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] when limit or cursor are not valid.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn sessions(&self, caller: &Admitted, query: PageQuery) -> Result<Page<Session>> {
        let page = PageRequest::parse(query.limit, query.cursor.as_deref())?;
        let all = self.store().read(&caller.owner).await?.sessions(self.env().now()).await?;
        let current = caller.session();
        Ok(page.page_of_all(all, key).map(|session| Session { current: Some(session.id) == current, ..session }))
    }

    /// Ends one of the caller's sessions, on every node and socket.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] when the caller has no living session of this id, [`ServiceError::SessionRevoked`]
    /// when the caller's own right has ended.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn end_session(&self, caller: &Admitted, id: SessionId) -> Result<Deleted> {
        let (services, caller) = (self.clone(), caller.clone());
        self.detached(async move { services.end_session_here(&caller, id, AuditAction::SessionRevoke).await }).await
    }

    async fn end_session_here(&self, caller: &Caller, id: SessionId, reason: AuditAction) -> Result<Deleted> {
        let mut unit = self.begin(caller, None).await?;
        if !unit.end_session(id, reason).await? {
            return Err(ServiceError::NotFound("session"));
        }
        Ok(Deleted { seq: unit.commit().await?, undo_token: None })
    }

    /// Ends all of the caller's sessions but its own.
    ///
    /// # Errors
    /// [`ServiceError::SessionRevoked`] when the caller's own right has ended.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn end_other_sessions(&self, caller: &Admitted) -> Result<Deleted> {
        let (services, caller) = (self.clone(), caller.clone());
        self.detached(async move {
            let mut unit = services.begin(&caller, None).await?;
            revoke_others(&mut unit).await?;
            Ok(Deleted { seq: unit.commit().await?, undo_token: None })
        })
        .await
    }
}

/// Ends the sessions beyond the limit that were not used for longest, and removes the oldest ended ones.
async fn end_unused(unit: &mut UnitOfWork) -> Result<()> {
    let now = unit.now;
    let mut living = unit.reads().sessions(now).await?;
    living.sort_by_key(|session| std::cmp::Reverse(session.last_seen_at));
    // One less than the limit: the session that is about to be written is not among them.
    for session in living.into_iter().skip(MAX_SESSIONS - 1) {
        unit.revoke_session(session.id).await?;
    }
    unit.retention().forget_ended_sessions(now.plus_millis(-ENDED_KEPT_MILLIS), MAX_ENDED_SESSIONS).await?;
    Ok(())
}

/// Ends all sessions but the caller's.
pub(super) async fn revoke_others(unit: &mut UnitOfWork) -> Result<()> {
    let (now, own) = (unit.now, unit.caller().session());
    for session in unit.reads().sessions(now).await? {
        if Some(session.id) != own {
            unit.revoke_session(session.id).await?;
        }
    }
    Ok(())
}

/// Whether an old refresh token is only late: its successor has not been used yet, and is some seconds old at most.
fn in_grace(token: &tandem_store::RefreshRecord, now: Timestamp) -> bool {
    // While its successor was never used, the response with the successor may have been lost.
    token.is_previous
        && token.replaced_at.is_some_and(|at| (-SKEW_MILLIS..=REUSE_GRACE_MILLIS).contains(&now.millis_since(at)))
}

/// A user agent as lists show it: on one line, not too long.
fn shown_agent(agent: &str) -> String {
    agent.chars().filter(|c| !c.is_control()).take(MAX_AGENT_CHARS).collect()
}
