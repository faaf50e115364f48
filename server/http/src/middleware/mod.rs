//! What happens to every request, from the outside in: it gets an id and is logged and counted ([`observe()`]), its answer
//! gets the headers of its kind ([`headers()`]), refusals become documents ([`problems`]), requests to another
//! host are refused ([`own_host()`]), and so are tokens in the URL and compressed bodies ([`well_formed`]).

mod headers;
mod host;
mod observe;

pub(super) use headers::{headers, is_api};
pub(super) use host::{own_host, this_machine};
pub(super) use observe::observe;

use super::{
    HttpState,
    error::{Refusal, Result},
    extract::{Bearer, Receiving, gather},
};
use axum::{
    body::Body,
    extract::{Query, Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use futures_util::FutureExt as _;
use http::{HeaderMap, StatusCode, Uri, header};
use std::{net::IpAddr, panic::AssertUnwindSafe};
use tandem_auth::{Authority, Caller};
use tandem_service::ServiceError;
use uuid::Uuid;

/// What is known of a request before anybody looks at it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Context {
    /// Names it in answers and in the log.
    pub(super) id: Uuid,
    /// Where it comes from, behind trusted proxies; `None` in tests without a connection.
    pub(super) client: Option<IpAddr>,
}

/// Where a request comes from, for the transports that are mounted beside the routes.
pub fn client_address(request: &Request) -> Option<IpAddr> {
    request.extensions().get::<Context>().and_then(|context| context.client)
}

/// The other end of the connection, as [`super::serve()`] notes it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(pub(super) IpAddr);

/// Turns refusals, the router's own, and panics of handlers into problem documents, and logs faults of ours.
pub(super) async fn problems(request: Request, next: Next) -> Response {
    let id = request.extensions().get::<Context>().map_or(Uuid::nil(), |context| context.id);
    let answered = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    let mut response = answered.unwrap_or_else(|_| {
        Refusal::from(ServiceError::Internal(anyhow::anyhow!("a handler panicked"))).into_response()
    });
    let refusal = match response.extensions_mut().remove::<Refusal>() {
        Some(refusal) => refusal,
        None if is_bare(&response, StatusCode::METHOD_NOT_ALLOWED) => Refusal::MethodNotAllowed,
        None => return response,
    };
    refusal.log();
    let mut problem = refusal.problem(id);
    if let Some(allow) = response.headers().get(header::ALLOW) {
        problem.headers_mut().insert(header::ALLOW, allow.clone());
    }
    problem
}

/// Whether a status came without a body, from the router.
fn is_bare(response: &Response, status: StatusCode) -> bool {
    response.status() == status && !response.headers().contains_key(header::CONTENT_TYPE)
}

/// Lets programs with a personal token through to a mounted transport, which finds the [`Caller`] in the extensions.
pub(super) async fn personal_token(State(state): State<HttpState>, mut request: Request, next: Next) -> Response {
    let caller = match holder(&state, request.headers()).await {
        Ok(caller) => caller,
        Err(refusal) => return refusal.into_response(),
    };
    request.extensions_mut().insert(Receiving::of(&state.receiving, caller.owner.user()));
    request.extensions_mut().insert(caller);
    // The transport behind would wait for the body for ever.
    let (parts, body) = request.into_parts();
    match gather(body, &parts.extensions).await {
        Ok(bytes) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Err(refusal) => refusal.into_response(),
    }
}

async fn holder(state: &HttpState, headers: &HeaderMap) -> Result<Caller> {
    let bearer = Bearer::of(headers)?.ok_or(ServiceError::Unauthenticated)?;
    let caller = bearer.admit(&state.services).await?;
    match caller.authority {
        Authority::Token(_) => Ok(caller),
        Authority::Session(_) | Authority::Password | Authority::Run => Err(ServiceError::InvalidToken.into()),
    }
}

/// Refuses tokens in the URL, where every proxy would log them, and compressed bodies, which could be of any size.
pub(super) async fn well_formed(request: Request, next: Next) -> Response {
    if let Some(name) = token_parameter(request.uri()) {
        let advice = "tokens do not belong in a URL; send it as Authorization: Bearer";
        return Refusal::invalid(name, advice).into_response();
    }
    if is_encoded(request.headers()) {
        return Refusal::Encoded.into_response();
    }
    next.run(request).await
}

fn is_encoded(headers: &HeaderMap) -> bool {
    let mut encodings = headers.get_all(header::CONTENT_ENCODING).iter();
    encodings.any(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity"))
}

fn token_parameter(uri: &Uri) -> Option<&'static str> {
    let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri).ok()?;
    let known = ["token", "access_token"];
    known.into_iter().find(|name| pairs.iter().any(|(given, _)| given.eq_ignore_ascii_case(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_in_a_url_are_seen_in_every_spelling() {
        for query in ["token=a", "q=1&access_token=a", "Token=a", "%74oken=a", "token"] {
            assert!(token_parameter(&format!("/me?{query}").parse().unwrap()).is_some(), "{query}");
        }
        for query in ["", "q=token", "tokens=a"] {
            assert_eq!(token_parameter(&format!("/me?{query}").parse().unwrap()), None, "{query}");
        }
    }
}
