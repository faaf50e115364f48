//! The caller of a request: bearer tokens, scopes, and the permit for the work of the route.
//!
//! The order of the checks matters. The token is checked first, then the scope, and only then a permit is taken: a
//! request that will be refused anyway must not wait for one, and must not take one from others.

use crate::{
    HttpState,
    context::RequestContext,
    error::{Refusal, Result},
    extract::BodyOwner,
};
use axum::{
    body::Body,
    extract::FromRequestParts,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts};
use serde::de::DeserializeOwned;
use tandem_auth::Caller;
use tandem_protocol::{CommandId, enums::Scope, live::Command};
use tandem_service::{Admin, Admitted, Held, ServiceError, Services, Work};
use tracing::Span;
use uuid::Uuid;

/// The token of an `Authorization: Bearer` header, not yet checked.
pub(crate) struct Bearer(String);

impl Bearer {
    /// Reads the token of the header; `None` without a header. Several headers are refused.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Option<Self>> {
        let mut lines = headers.get_all(header::AUTHORIZATION).iter();
        let (line, more) = (lines.next(), lines.next());
        let Some(line) = line else { return Ok(None) };
        let text = line.to_str().ok().filter(|_| more.is_none()).ok_or(ServiceError::InvalidToken)?;
        let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(ServiceError::Unauthenticated.into());
        }
        Ok(Some(Self(token.trim().to_owned())))
    }

    /// Checks the token, and counts the request against the limit of its user.
    pub(crate) async fn admit(&self, services: &Services) -> Result<Caller> {
        let caller = services.admit_request(&self.0).await?.caller;
        Span::current().record("user", tracing::field::display(caller.owner.user()));
        Ok(caller)
    }
}

async fn caller(parts: &Parts, state: &HttpState) -> Result<Caller> {
    let bearer = Bearer::of(&parts.headers)?.ok_or(ServiceError::Unauthenticated)?;
    let address = parts.extensions.get::<RequestContext>().and_then(|context| context.client);
    Ok(Caller { address, ..bearer.admit(&state.services).await? })
}

/// Takes a permit for the work that the route names.
async fn admit(caller: Caller, parts: &mut Parts, state: &HttpState) -> Result<Admitted> {
    let work = parts.extensions.get::<Work>().copied().unwrap_or(Work::Public);
    // Axum runs the extractor of the body last, so that it finds the user for which it counts bytes.
    parts.extensions.insert(BodyOwner::new(&state.body_bytes, caller.owner.user()));
    let admitted = state.services.admit(caller, work).await?;
    // The permit outlives the handler: `sending` returns it when the answer has been sent.
    if let Some(held) = parts.extensions.get::<Held>() {
        held.hold(&admitted);
    }
    Ok(admitted)
}

fn require_scope(caller: Caller, scope: Scope) -> Result<Caller> {
    if caller.may(scope) { Ok(caller) } else { Err(ServiceError::InsufficientScope(Some(scope)).into()) }
}

/// A caller with the scope `read`.
pub(crate) struct Reader(pub(crate) Admitted);

impl FromRequestParts<HttpState> for Reader {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &HttpState) -> Result<Self> {
        let caller = require_scope(caller(parts, state).await?, Scope::Read)?;
        Ok(Self(admit(caller, parts, state).await?))
    }
}

impl AsRef<Admitted> for Reader {
    fn as_ref(&self) -> &Admitted {
        &self.0
    }
}

/// A caller with the scope `write`, for changes that are not commands. For those there is [`Commands`].
pub(crate) struct Writer(pub(crate) Admitted);

impl FromRequestParts<HttpState> for Writer {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &HttpState) -> Result<Self> {
        let caller = require_scope(caller(parts, state).await?, Scope::Write)?;
        Ok(Self(admit(caller, parts, state).await?))
    }
}

/// A caller with a session. Personal tokens are refused, whatever their scope.
pub(crate) struct SignedIn(pub(crate) Admitted);

impl FromRequestParts<HttpState> for SignedIn {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &HttpState) -> Result<Self> {
        let caller = caller(parts, state).await?;
        if caller.session().is_none() {
            return Err(ServiceError::InsufficientScope(None).into());
        }
        Ok(Self(admit(caller, parts, state).await?))
    }
}

/// An owner of the server, in a session. For everybody else the path does not exist.
pub(crate) struct Manager(pub(crate) Admin);

impl FromRequestParts<HttpState> for Manager {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &HttpState) -> Result<Self> {
        let caller = caller(parts, state).await?;
        let admitted = admit(caller, parts, state).await?;
        let admin = state.services.admin(&admitted).await?;
        Ok(Self(admin.ok_or(Refusal::NoSuchPath)?))
    }
}

/// A caller with the scope `write`, and the `Idempotency-Key` under which a command is executed at most once.
pub(crate) struct Commands {
    services: Services,
    caller: Admitted,
    key: Option<CommandId>,
}

impl FromRequestParts<HttpState> for Commands {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &HttpState) -> Result<Self> {
        let caller = require_scope(caller(parts, state).await?, Scope::Write)?;
        // Checked before the permit is taken, like everything that may refuse.
        let IdempotencyKey(key) = IdempotencyKey::of(&parts.headers)?;
        let caller = admit(caller, parts, state).await?;
        Ok(Self { services: state.services.clone(), caller, key })
    }
}

/// The `Idempotency-Key` of a request that is no command, and has an answer that is given again.
pub(crate) struct IdempotencyKey(pub(crate) Option<CommandId>);

impl IdempotencyKey {
    fn of(headers: &HeaderMap) -> Result<Self> {
        headers.get("idempotency-key").map(command_id).transpose().map(Self)
    }
}

impl FromRequestParts<HttpState> for IdempotencyKey {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &HttpState) -> Result<Self> {
        Self::of(&parts.headers)
    }
}

fn command_id(key: &HeaderValue) -> Result<CommandId> {
    let id = key.to_str().ok().and_then(|text| text.parse().ok());
    id.ok_or_else(|| Refusal::invalid("Idempotency-Key", "expected a UUID"))
}

impl AsRef<Admitted> for Commands {
    fn as_ref(&self) -> &Admitted {
        &self.caller
    }
}

impl Commands {
    pub(crate) fn caller(&self) -> &Admitted {
        &self.caller
    }

    /// The key under which a command is executed at most once.
    pub(crate) fn key(&self) -> Option<Uuid> {
        self.key.map(|key| key.0)
    }

    /// Executes a command and returns what it answers.
    pub(crate) async fn outcome<T: DeserializeOwned>(&self, command: Command) -> Result<T> {
        let outcome = self.services.execute(self.caller.clone(), self.key, command).await?;
        Ok(serde_json::from_str(outcome.body.get()).map_err(ServiceError::from)?)
    }

    /// Executes a command and answers with the same body as the socket.
    pub(crate) async fn run(self, command: Command) -> Result<Response> {
        let outcome = self.services.execute(self.caller, self.key, command).await?;
        let status = StatusCode::from_u16(outcome.status).unwrap_or(StatusCode::OK);
        let json = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];
        // The body is sent as it was stored under the command id: a retry is answered with the same bytes.
        Ok((status, json, Body::from(String::from(Box::<str>::from(outcome.body)))).into_response())
    }
}
