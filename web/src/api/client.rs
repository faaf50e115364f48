//! Keeps requests authenticated.
//!
//! The access token is in memory only, so that no other script can read it from storage. The refresh cookie is sent by
//! the browser and invisible to this program.
//!
//! **Invariant:** at most one tab at a time sends a refresh, and a token that is about to end is renewed before it is
//! used.

use super::{
    ApiError,
    transport::{self, ApiRequest, ApiResponse},
};
use crate::platform::{clock, lock, storage};
use serde::de::DeserializeOwned;
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use tandem_protocol::{ErrorCode, Problem, Timestamp, UserId, json, rest::SignedIn};
use yew::Callback;

/// A token that ends sooner than this is renewed before it is used.
const RENEW_BEFORE_MS: i64 = 15_000;
/// The lock that a tab holds while it renews. All tabs share one cookie, and the server ends a session when a refresh
/// token is used twice. So only one tab refreshes at a time, with the cookie that the refresh before it returned.
const LOCK: &str = "tandem-refresh";
/// The storage key that records that this browser was given a refresh cookie, which script cannot see. Without it the
/// page of a new visitor would send a refresh that must fail, and the browser would log the error.
const SESSION_FLAG: &str = "tandem.session";

/// The storage key that records that the person has signed out and the server does not know it yet. The cookie, which script
/// can neither read nor delete, still opens the session until then.
const LEFT_FLAG: &str = "tandem.left";

/// Called when the session has ended and cannot be renewed.
pub(crate) type OnSessionEnded = Callback<()>;

#[derive(Clone)]
struct AccessToken {
    value: Rc<str>,
    expires_at: Timestamp,
}

/// A client of the REST API. Clones share one session.
#[derive(Clone, Default)]
pub(crate) struct Client {
    inner: Rc<Inner>,
}

#[derive(Default)]
struct Inner {
    token: RefCell<Option<AccessToken>>,
    ended: RefCell<OnSessionEnded>,
    /// Whose session it is, once known.
    user: RefCell<Option<UserId>>,
    /// Incremented at each sign-in and sign-out in this tab. A response that belongs to an older generation is dropped.
    generation: Cell<u32>,
}

impl PartialEq for Client {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.inner, &other.inner)
    }
}

impl Client {
    /// Sets the callback for the end of the session.
    pub(crate) fn on_ended(&self, ended: OnSessionEnded) {
        *self.inner.ended.borrow_mut() = ended;
    }

    /// Stores the tokens of a log-in or of a password change.
    pub(crate) fn adopt(&self, signed_in: &SignedIn) {
        self.inner.generation.set(self.inner.generation.get() + 1);
        self.store_token(signed_in);
    }

    /// From here on, a session of another user is none: the cookie belongs to all tabs of the browser.
    pub(crate) fn belongs_to(&self, user: &UserId) {
        *self.inner.user.borrow_mut() = Some(user.clone());
    }

    /// Whether the browser may have a refresh cookie. Where nothing can be stored, it is assumed to.
    pub(crate) fn may_hold_session() -> bool {
        storage::get(SESSION_FLAG).is_some() || !storage::works()
    }

    /// Whether the session of the cookie was left, and has still to be ended at the server.
    pub(crate) fn has_left() -> bool {
        storage::get(LEFT_FLAG).is_some()
    }

    /// Forgets the session, which [`Client::end_left_session`] ends.
    pub(crate) fn leave(&self) {
        let _noted = storage::set(LEFT_FLAG, "1");
        self.forget();
    }

    /// Ends the session that was left at the server, by its cookie, if nobody else has done it. `at_once`: right after it was
    /// left, also where nothing can be stored.
    ///
    /// # Errors
    /// When the server could not be reached: it has to be tried again, and before anybody signs in.
    pub(crate) async fn end_left_session(at_once: bool) -> Result<(), ApiError> {
        // Not beside a log-in of another tab, whose cookie it would end.
        lock::exclusive(LOCK, async move {
            if !at_once && !Self::has_left() {
                return Ok(());
            }
            let call = ApiRequest::new("POST", "/api/v1/auth/logout", None, None);
            let ended = check(&transport::send(&call).await?).map(drop);
            // Refused for any other reason than an overload, it is over already.
            if ended.as_ref().is_err_and(|error| error.code().is_none_or(|code| code.status() >= 429)) {
                return ended;
            }
            storage::remove(LEFT_FLAG);
            Ok(())
        })
        .await
    }

    pub(crate) fn forget(&self) {
        storage::remove(SESSION_FLAG);
        *self.inner.user.borrow_mut() = None;
        self.inner.generation.set(self.inner.generation.get() + 1);
        *self.inner.token.borrow_mut() = None;
    }

    /// An access token that does not end within the next seconds. Renews the current one first if necessary.
    pub(crate) async fn token(&self) -> Result<Rc<str>, ApiError> {
        match self.usable_token() {
            Some(token) => Ok(token),
            None => {
                self.refresh().await.map(|_| self.usable_token()).and_then(|token| token.ok_or(ApiError::SessionEnded))
            }
        }
    }

    /// Whether the server answers within this many milliseconds, whatever it answers.
    pub(crate) async fn is_reachable(&self, within_ms: u32) -> bool {
        let call = ApiRequest { timeout_ms: within_ms, ..ApiRequest::new("GET", "/healthz", None, None) };
        transport::send(&call).await.is_ok()
    }

    /// Milliseconds until the token ends; `None` without a token.
    pub(crate) fn token_life_ms(&self) -> Option<i64> {
        let token = self.inner.token.borrow();
        token.as_ref().map(|token| token.expires_at.millis_since(clock::now()))
    }

    /// Renews the token with the refresh cookie. Concurrent calls, also from several tabs, are safe. Returns `None`
    /// when another caller has renewed it in the meantime.
    pub(crate) async fn refresh(&self) -> Result<Option<SignedIn>, ApiError> {
        let (client, before) = (self.clone(), self.current());
        lock::exclusive(LOCK, async move { client.refresh_unless_newer(before).await }).await
    }

    async fn refresh_unless_newer(&self, before: Option<Rc<str>>) -> Result<Option<SignedIn>, ApiError> {
        // Another caller may have renewed the token while this one waited for the lock. Its refresh token is used up
        // now.
        let newer = self.current();
        if newer.is_some() && newer != before {
            return Ok(None);
        }
        let generation = self.inner.generation.get();
        let call = ApiRequest::new("POST", "/api/v1/auth/refresh", Some("{}"), None);
        let answer = read_answer::<SignedIn>(&transport::send(&call).await?);
        // Somebody signed in or out while the request was under way: the response belongs to the session before.
        if generation != self.inner.generation.get() {
            return Err(ApiError::SessionEnded);
        }
        match answer {
            Ok(signed_in) if self.inner.user.borrow().as_ref().is_some_and(|user| *user != signed_in.user.id) => {
                Err(ApiError::SessionEnded)
            }
            Ok(signed_in) => {
                self.store_token(&signed_in);
                Ok(Some(signed_in))
            }
            Err(error) if is_over(&error) => {
                storage::remove(SESSION_FLAG);
                *self.inner.token.borrow_mut() = None;
                Err(ApiError::SessionEnded)
            }
            Err(error) => Err(error),
        }
    }

    /// `GET` with the token.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ApiError> {
        read_answer(&self.authorized("GET", path, None).await?)
    }

    /// `GET` with the token. Also returns the pause in seconds that the server requested with `Retry-After`.
    pub(super) async fn get_or_wait<T: DeserializeOwned>(&self, path: &str) -> (Result<T, ApiError>, Option<u32>) {
        match self.authorized("GET", path, None).await {
            Ok(answer) => (read_answer(&answer), answer.retry_after),
            Err(error) => (Err(error), None),
        }
    }

    /// `GET` with the token. Also returns the text that was read, to keep it.
    pub(super) async fn get_to_keep<T: DeserializeOwned>(&self, path: &str) -> Result<(T, String), ApiError> {
        let answer = self.authorized("GET", path, None).await?;
        Ok((read_answer(&answer)?, answer.text))
    }

    /// `GET` with the token, as text.
    pub(super) async fn get_text(&self, path: &str) -> Result<String, ApiError> {
        check(&self.authorized("GET", path, None).await?).map(str::to_owned)
    }

    /// Sends a body with the token.
    pub(super) async fn send<T: DeserializeOwned>(&self, method: &str, path: &str, body: &str) -> Result<T, ApiError> {
        read_answer(&self.authorized(method, path, Some(body)).await?)
    }

    /// Sends a request without a body. Only the status of the response matters.
    pub(crate) async fn act(&self, method: &str, path: &str) -> Result<(), ApiError> {
        check(&self.authorized(method, path, None).await?).map(drop)
    }

    /// Sends a request without a token.
    pub(super) async fn anonymous<T: DeserializeOwned>(&self, path: &str, body: &str) -> Result<T, ApiError> {
        read_answer(&transport::send(&ApiRequest::new("POST", path, Some(body), None)).await?)
    }

    /// `GET` without a token.
    pub(super) async fn public<T: DeserializeOwned>(&self, path: &str) -> Result<T, ApiError> {
        read_answer(&transport::send(&ApiRequest::new("GET", path, None, None)).await?)
    }

    /// Sends a request with the token, and once more with a new token when the server refuses the first one.
    async fn authorized(&self, method: &str, path: &str, body: Option<&str>) -> Result<ApiResponse, ApiError> {
        let token = self.token().await.inspect_err(|error| self.report_end(error))?;
        let answer = transport::send(&ApiRequest::new(method, path, body, Some(&token))).await?;
        // A revoked token is refused although its time is not over. Other 401 responses concern a password in the body.
        if answer.status != 401 || !code_of(&answer).is_some_and(is_about_token) {
            return Ok(answer);
        }
        self.drop_token(&token);
        let token = self.token().await.inspect_err(|error| self.report_end(error))?;
        transport::send(&ApiRequest::new(method, path, body, Some(&token))).await
    }

    fn report_end(&self, error: &ApiError) {
        if *error == ApiError::SessionEnded {
            // Cloned first, because the callback may use the client again.
            let ended = self.inner.ended.borrow().clone();
            ended.emit(());
        }
    }

    fn drop_token(&self, refused: &Rc<str>) {
        let mut token = self.inner.token.borrow_mut();
        // Another request may have renewed the token in the meantime.
        if token.as_ref().is_some_and(|token| token.value == *refused) {
            *token = None;
        }
    }

    fn store_token(&self, signed_in: &SignedIn) {
        let expires_at = clock::now().plus_millis(signed_in.expires_in.saturating_mul(1000));
        let _noted = storage::set(SESSION_FLAG, "1");
        let value = signed_in.access_token.as_str().into();
        *self.inner.token.borrow_mut() = Some(AccessToken { value, expires_at });
    }

    fn current(&self) -> Option<Rc<str>> {
        self.inner.token.borrow().as_ref().map(|token| token.value.clone())
    }

    fn usable_token(&self) -> Option<Rc<str>> {
        let enough = self.token_life_ms().is_some_and(|life| life > RENEW_BEFORE_MS);
        if enough { self.current() } else { None }
    }
}

/// Whether a failed refresh means that the session is over. Other failures may be temporary.
fn is_over(error: &ApiError) -> bool {
    error.code().is_some_and(|code| code.status() == 401)
}

/// Whether a 401 is about the token, not about a password in the body.
fn is_about_token(code: ErrorCode) -> bool {
    code.status() == 401 && code != ErrorCode::InvalidCredentials
}

fn code_of(answer: &ApiResponse) -> Option<ErrorCode> {
    problem_of(answer).map(|problem| problem.code)
}

fn problem_of(answer: &ApiResponse) -> Option<Problem> {
    json::read(&answer.text).ok()
}

fn check(answer: &ApiResponse) -> Result<&str, ApiError> {
    if (200..300).contains(&answer.status) {
        return Ok(&answer.text);
    }
    Err(match problem_of(answer) {
        Some(problem) => ApiError::Refused(Box::new(problem)),
        // A reverse proxy whose server is down responds with a page of its own.
        None if answer.status >= 500 => ApiError::Network,
        None => ApiError::Unreadable,
    })
}

fn read_answer<T: DeserializeOwned>(answer: &ApiResponse) -> Result<T, ApiError> {
    let text = check(answer)?;
    // A response without a body reads as `null`, which types that ignore their content accept.
    json::read(if text.is_empty() { "null" } else { text }).map_err(|_| ApiError::Unreadable)
}
