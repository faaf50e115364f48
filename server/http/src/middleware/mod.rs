//! The middleware of every request, from the outside in: [`observe()`] gives it an id, logs and counts it,
//! [`headers()`] adds the headers that its kind of answer needs, [`problems`] turns refusals into documents,
//! [`own_host()`] refuses other hosts, and [`well_formed`] refuses tokens in the URL and bodies in forms that are not read.
//!
//! The order decides what a refusal looks like: everything inside of [`problems`] may answer with a bare [`Refusal`],
//! and its document still has an id and the headers.

mod headers;
mod host;
mod observe;

pub(super) use headers::{headers, is_api};
pub(super) use host::{own_host, this_machine};
pub(super) use observe::observe;

use super::{
    HttpState,
    context::RequestContext,
    error::{Refusal, Result},
    extract::{Bearer, BodyOwner, read_body},
};
use axum::{
    body::Body,
    extract::{Query, Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use futures_util::FutureExt as _;
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use std::panic::AssertUnwindSafe;
use tandem_auth::{Authority, Caller};
use tandem_service::ServiceError;
use uuid::Uuid;

/// Turns refusals, those of the router, and panics of handlers into problem documents, and logs faults of the server.
pub(super) async fn problems(request: Request, next: Next) -> Response {
    let id = request.extensions().get::<RequestContext>().map_or(Uuid::nil(), |context| context.id);
    let answered = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    // Without this a panic would close the connection, and the client would not learn the id to report.
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
    // The router has added it, as RFC 9110 requires for this status.
    if let Some(allow) = response.headers().get(header::ALLOW) {
        problem.headers_mut().insert(header::ALLOW, allow.clone());
    }
    problem
}

/// Whether a response is one of the router, which has a status and no body.
fn is_bare(response: &Response, status: StatusCode) -> bool {
    response.status() == status && !response.headers().contains_key(header::CONTENT_TYPE)
}

/// Requires a personal token. The mounted transport finds the [`Caller`] in the extensions.
pub(super) async fn personal_token(State(state): State<HttpState>, mut request: Request, next: Next) -> Response {
    let caller = match token_caller(&state, request.headers()).await {
        Ok(caller) => caller,
        Err(refusal) => return refusal.into_response(),
    };
    request.extensions_mut().insert(BodyOwner::new(&state.body_bytes, caller.owner.user()));
    request.extensions_mut().insert(caller);
    // The body is read here, because the mounted transport has no time limit for it.
    let (parts, body) = request.into_parts();
    match read_body(body, &parts.extensions).await {
        Ok(bytes) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Err(refusal) => refusal.into_response(),
    }
}

async fn token_caller(state: &HttpState, headers: &HeaderMap) -> Result<Caller> {
    let bearer = Bearer::of(headers)?.ok_or(ServiceError::Unauthenticated)?;
    let caller = bearer.admit(&state.services).await?;
    match caller.authority {
        Authority::Token(_) => Ok(caller),
        Authority::Session(_) | Authority::Password | Authority::Run | Authority::Admin => {
            Err(ServiceError::InvalidToken.into())
        }
    }
}

/// Refuses tokens in the URL, where every proxy would log them, bodies whose end a proxy may see elsewhere, compressed
/// ones, whose real size is unknown, and texts in another encoding than UTF-8.
pub(super) async fn well_formed(request: Request, next: Next) -> Response {
    if let Some(name) = token_parameter(request.uri()) {
        let advice = "a URL must not contain a token; send it in the header Authorization: Bearer";
        return Refusal::invalid(name, advice).into_response();
    }
    if !is_plainly_framed(request.headers()) {
        return Refusal::invalid("Transfer-Encoding", "expected nothing but one `chunked`").into_response();
    }
    if is_encoded(request.headers()) {
        return Refusal::Encoded.into_response();
    }
    if !is_utf8(request.headers()) {
        return Refusal::UnsupportedMediaType.into_response();
    }
    next.run(request).await
}

/// Whether a body is sent as it is or in chunks. The HTTP library looks at the last coding of the last line alone, and
/// would read what others have compressed or chunked twice as a request that nobody has sent (RFC 9112, section 6.1).
fn is_plainly_framed(headers: &HeaderMap) -> bool {
    let mut lines = headers.get_all(header::TRANSFER_ENCODING).iter();
    let is_chunked = |line: &HeaderValue| line.as_bytes().trim_ascii().eq_ignore_ascii_case(b"chunked");
    lines.next().is_none_or(is_chunked) && lines.next().is_none()
}

/// Whether the declared type of the body names no other encoding of its text than UTF-8, in which JSON is read.
fn is_utf8(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    // What follows the first semicolon; one inside of quotes is in no parameter that is looked for.
    let parameters = kind.split(|byte| *byte == b';').skip(1);
    let mut charsets = parameters.filter_map(|parameter| {
        let at = parameter.iter().position(|byte| *byte == b'=')?;
        let (name, value) = (parameter[..at].trim_ascii(), parameter[at + 1..].trim_ascii());
        name.eq_ignore_ascii_case(b"charset").then(|| unquoted(value))
    });
    charsets.all(|charset| [&b"utf-8"[..], b"us-ascii"].iter().any(|known| charset.eq_ignore_ascii_case(known)))
}

fn unquoted(value: &[u8]) -> &[u8] {
    value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\"")).unwrap_or(value)
}

fn is_encoded(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(header::CONTENT_ENCODING).iter();
    let mut codings = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b',')).map(<[u8]>::trim_ascii);
    codings.any(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case(b"identity"))
}

fn token_parameter(uri: &Uri) -> Option<&'static str> {
    // Decoded first: `%74oken` is a token, too.
    let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri).ok()?;
    let known = ["token", "access_token"];
    known.into_iter().find(|name| pairs.iter().any(|(given, _)| given.eq_ignore_ascii_case(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_encoded_if_any_coding_changes_it() {
        let is_encoded =
            |value: &str| is_encoded(&HeaderMap::from_iter([(header::CONTENT_ENCODING, value.parse().unwrap())]));
        assert!(["gzip", "identity, br", "x"].into_iter().all(is_encoded));
        assert!(!["", "identity", "Identity, ", ","].into_iter().any(is_encoded));
    }

    #[test]
    fn the_end_of_a_body_is_where_everybody_sees_it() {
        let is_plainly_framed = |lines: &[&str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(header::TRANSFER_ENCODING, line.parse().unwrap());
            }
            is_plainly_framed(&headers)
        };
        for lines in [&[][..], &["chunked"], &["Chunked "]] {
            assert!(is_plainly_framed(lines), "{lines:?}");
        }
        for lines in
            [&["chunked", "chunked"][..], &["gzip, chunked"], &["gzip", "chunked"], &["chunked, chunked"], &[""]]
        {
            assert!(!is_plainly_framed(lines), "{lines:?}");
        }
    }

    #[test]
    fn texts_are_in_utf8() {
        let is_utf8 = |value: &str| is_utf8(&HeaderMap::from_iter([(header::CONTENT_TYPE, value.parse().unwrap())]));
        for good in
            ["", "application/json", "application/json; charset=utf-8", "application/json;CHARSET=\"UTF-8\"; v=1"]
        {
            assert!(is_utf8(good), "{good}");
        }
        for bad in ["utf-16", "\"UTF-16LE\"", "latin1", "", "utf-8; charset=utf-32"] {
            assert!(!is_utf8(&format!("application/json; charset={bad}")), "{bad}");
        }
    }

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
