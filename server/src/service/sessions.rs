//! Sessions: log in, refresh, list, end. A session is a row; nothing about it lives in memory.

use super::{Admitted, Result, ServiceError, Services, Unit, authenticate::session_caller, limits::Guess};
use crate::{
    auth::{
        Authority, Caller, Owner,
        password::Verdict,
        secret::{self, Secret},
    },
    bus::Control,
    domain::text,
    store::{NewSession, SessionRecord},
};
use std::{net::IpAddr, time::Duration};
use tandem_protocol::{
    SessionId, Timestamp,
    live::EventBody,
    model::{Session, User},
    rest::{Deleted, Login},
};
use tokio::time::{Instant, sleep_until};

/// A failed log-in takes at least this long, whatever it failed of.
const FAILURE_TIME: Duration = Duration::from_millis(250);
/// Within this long the token before the newest still gives access: two tabs that refresh at once.
const REUSE_GRACE_MILLIS: i64 = 10_000;
/// Longest user agent that is kept, in characters.
const MAX_AGENT_CHARS: usize = 300;

/// Living sessions of a user; a log-in beyond ends the one that was not used for longest.
const MAX_SESSIONS: usize = 100;
/// Ended sessions of a user that are kept as long as all others are; older ones go at a log-in.
const MAX_ENDED_SESSIONS: u32 = 100;
/// An ended session is kept for so long in any case: every node looks for the sessions that ended lately.
const ENDED_KEPT_MILLIS: i64 = 10 * 60 * 1000;
/// Spent refresh tokens of a session that are still known: who uses one of them ends the session.
const MAX_SPENT_TOKENS: u32 = 64;

/// The program at the other end, as far as it says.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// Its address, behind trusted proxies.
    pub address: Option<IpAddr>,
    /// Its `User-Agent`.
    pub user_agent: Option<String>,
}

/// A session with fresh tokens.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// JWT.
    pub access_token: String,
    /// Seconds that it lives.
    pub expires_in: i64,
    /// Who.
    pub user: User,
    /// The session, with `current` true.
    pub session: Session,
    /// The next refresh token; `None` when the client has, or is about to get, a newer one.
    pub refresh: Option<Secret>,
}

impl Services {
    /// Opens a session for address and password.
    pub async fn log_in(&self, login: Login, client: Client) -> Result<SignIn> {
        let earliest = Instant::now() + FAILURE_TIME;
        let result = self.try_log_in(login, client).await;
        if let Err(ServiceError::InvalidCredentials) = result {
            sleep_until(earliest).await;
        }
        result
    }

    async fn try_log_in(&self, login: Login, client: Client) -> Result<SignIn> {
        let now = self.ambient().now();
        let device_name = login.device_name.map(|name| text::name("device_name", &name)).transpose()?;
        // An address that cannot be registered is looked up all the same, so that it costs the same.
        let email = text::email(&login.email).unwrap_or_default();
        let guess = Guess::at_login(&email, client.address);
        self.admit_guess(&guess, now).await?;
        let checked = self.check_password(&email, &login.password).await;
        if !matches!(checked, Ok(None)) {
            self.forgive(&guess).await?;
        }
        let owner = checked?.ok_or(ServiceError::InvalidCredentials)?;
        let services = self.clone();
        self.detached(async move { services.open_session(&owner, device_name, client).await }).await
    }

    /// The owner, if the password is right. An old hash is replaced on the way.
    async fn check_password(&self, email: &str, password: &str) -> Result<Option<Owner>> {
        let stored = self.store().credentials(email).await?;
        let hash = stored.as_ref().and_then(|stored| stored.password_hash.clone());
        let verdict = self.parts.passwords.verify(text::normal_password(password), hash.clone()).await?;
        let Some(stored) = stored.filter(|stored| !stored.disabled && verdict != Verdict::Wrong) else {
            return Ok(None);
        };
        let owner = Owner::vouch(stored.user_id);
        if let (Verdict::RightButOld(new), Some(old)) = (verdict, hash) {
            let mut tx = self.store().write(&owner).await?;
            tx.rehash_password(&old, &new).await?;
            tx.commit().await?;
        }
        Ok(Some(owner))
    }

    /// Whether this is the caller's password.
    pub(super) async fn confirm_password(&self, caller: &Caller, password: &str) -> Result<()> {
        let guess = Guess::by(caller.owner.user());
        self.admit_guess(&guess, self.ambient().now()).await?;
        let hash = self.store().read(&caller.owner).await?.password_hash().await?;
        let verdict = self.parts.passwords.verify(text::normal_password(password), hash).await;
        if !matches!(verdict, Ok(Verdict::Wrong)) {
            self.forgive(&guess).await?;
        }
        if verdict? == Verdict::Wrong { Err(ServiceError::InvalidCredentials) } else { Ok(()) }
    }

    async fn open_session(&self, owner: &Owner, device_name: Option<String>, client: Client) -> Result<SignIn> {
        let now = self.ambient().now();
        let refresh = Secret::random("");
        let ends_at = now.plus(self.parts.lifetimes.max);
        let session = Session {
            id: SessionId(self.ambient().id()),
            device_name: device_name.filter(|name| !name.is_empty()),
            ip: client.address.map(|address| address.to_string()),
            user_agent: client.user_agent.as_deref().map(shown_agent),
            created_at: now,
            last_seen_at: now,
            expires_at: now.plus(self.parts.lifetimes.idle).min(ends_at),
            current: false,
        };
        let new = NewSession { session: session.clone(), refresh_hash: refresh.hash(), ends_at };
        let record = SessionRecord { user_id: owner.user().clone(), session, revoked: false, disabled: false, ends_at };
        let caller = Caller { authority: Authority::Password, ..session_caller(&record) };
        let mut unit = self.begin(&caller, None).await?;
        end_unused(&mut unit).await?;
        unit.tx.insert_session(&new).await?;
        unit.record(EventBody::SessionCreated { session: record.session.clone() }).await?;
        let user = unit.account.user.clone();
        unit.commit().await?;
        Ok(self.signed_in(user, &record, Some(refresh), now))
    }

    /// Tokens for a living session.
    pub(super) fn signed_in(&self, user: User, of: &SessionRecord, refresh: Option<Secret>, now: Timestamp) -> SignIn {
        let session = Session { current: true, ..of.session.clone() };
        let end = of.ends_at.min(session.expires_at);
        let (access_token, expires_in) = self.parts.keys.issue(&user.id, session.id, end, now, self.ambient().id());
        SignIn { access_token, expires_in, user, session, refresh }
    }

    /// New tokens for a refresh token. Reuse of an old one ends the session: somebody else has it.
    pub async fn refresh(&self, token: &str, client: Client) -> Result<SignIn> {
        let (services, hash) = (self.clone(), secret::hash(token));
        self.detached(async move { services.refresh_here(&hash, client).await }).await
    }

    async fn refresh_here(&self, hash: &[u8; 32], client: Client) -> Result<SignIn> {
        let now = self.ambient().now();
        let token = self.store().refresh_token(hash).await?.ok_or(ServiceError::InvalidToken)?;
        let mut record = self.store().session(token.session_id).await?.ok_or(ServiceError::SessionRevoked)?;
        if !record.alive(now) {
            return Err(ServiceError::SessionRevoked);
        }
        let caller = session_caller(&record);
        let mut rotated = None;
        if token.replaced_at.is_none() {
            record.session.last_seen_at = now;
            record.session.expires_at = now.plus(self.parts.lifetimes.idle).min(record.ends_at);
            record.session.ip = client.address.map(|address| address.to_string()).or(record.session.ip);
            let next = Secret::random("");
            let mut tx = self.store().write(&caller.owner).await?;
            let won = tx.rotate_refresh(hash, &next.hash(), &record.session, now).await?;
            tx.forget_spent_tokens(record.session.id, MAX_SPENT_TOKENS).await?;
            tx.commit().await?;
            rotated = won.then_some(next);
        } else if !in_grace(&token, now) {
            self.end_session_here(&caller, record.session.id).await?;
            return Err(ServiceError::SessionRevoked);
        }
        let user = self.store().read(&caller.owner).await?.account().await?.user;
        Ok(self.signed_in(user, &record, rotated, now))
    }

    /// The caller whose session a refresh token, new or old, belongs to: enough to log out.
    pub async fn caller_of_refresh(&self, token: &str) -> Result<Caller> {
        let token = self.store().refresh_token(&secret::hash(token)).await?.ok_or(ServiceError::InvalidToken)?;
        let record = self.store().session(token.session_id).await?.ok_or(ServiceError::SessionRevoked)?;
        if record.alive(self.ambient().now()) { Ok(session_caller(&record)) } else { Err(ServiceError::SessionRevoked) }
    }

    /// The caller's signed-in devices, newest first.
    pub async fn sessions(&self, caller: &Admitted) -> Result<Vec<Session>> {
        let sessions = self.store().read(&caller.owner).await?.sessions(self.ambient().now()).await?;
        let current = caller.session();
        Ok(sessions.into_iter().map(|session| Session { current: Some(session.id) == current, ..session }).collect())
    }

    /// Ends one of the caller's sessions, on every node and socket.
    pub async fn end_session(&self, caller: &Admitted, id: SessionId) -> Result<Deleted> {
        let (services, caller) = (self.clone(), caller.clone());
        self.detached(async move { services.end_session_here(&caller, id).await }).await
    }

    async fn end_session_here(&self, caller: &Caller, id: SessionId) -> Result<Deleted> {
        let mut unit = self.begin(caller, None).await?;
        if !revoke(&mut unit, id).await? {
            return Err(ServiceError::NotFound("session"));
        }
        Ok(Deleted { seq: unit.commit().await?, undo_token: None })
    }

    /// Ends all of the caller's sessions but its own.
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

/// Ends a session in a unit; false when it was not alive.
async fn revoke(unit: &mut Unit, id: SessionId) -> Result<bool> {
    let now = unit.now;
    if !unit.tx.revoke_session(id, now).await? {
        return Ok(false);
    }
    unit.record(EventBody::SessionRevoked { session_id: id }).await?;
    unit.then(Control::SessionRevoked(id));
    Ok(true)
}

/// Makes room for one more session: ends those that were not used for longest, and forgets the oldest that have ended.
async fn end_unused(unit: &mut Unit) -> Result<()> {
    let now = unit.now;
    let mut living = unit.tx.sessions(now).await?;
    living.sort_by_key(|session| std::cmp::Reverse(session.last_seen_at));
    for session in living.into_iter().skip(MAX_SESSIONS - 1) {
        revoke(unit, session.id).await?;
    }
    unit.tx.forget_ended_sessions(now.plus_millis(-ENDED_KEPT_MILLIS), MAX_ENDED_SESSIONS).await?;
    Ok(())
}

/// Ends all sessions but the caller's.
pub(super) async fn revoke_others(unit: &mut Unit) -> Result<()> {
    let (now, own) = (unit.now, unit.caller().session());
    for session in unit.tx.sessions(now).await? {
        if Some(session.id) != own {
            revoke(unit, session.id).await?;
        }
    }
    Ok(())
}

/// Whether an old refresh token is only late, not stolen.
fn in_grace(token: &crate::store::RefreshRecord, now: Timestamp) -> bool {
    token.is_previous && token.replaced_at.is_some_and(|at| now.millis_since(at) <= REUSE_GRACE_MILLIS)
}

/// A user agent as lists show it: one line, bounded.
fn shown_agent(agent: &str) -> String {
    agent.chars().filter(|c| !c.is_control()).take(MAX_AGENT_CHARS).collect()
}
