//! The security and cache headers of every answer.
//!
//! Which ones an answer gets follows from its path and its content type, so that a new route cannot forget them.

use crate::HttpState;
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

/// The policy of pages: scripts, styles, images and connections of this server only. Compiling WebAssembly needs
/// `wasm-unsafe-eval`.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The policy of scripts. That of the service worker holds for what it loads, which are files of this server.
const SCRIPT_POLICY: &str = "default-src 'none'; connect-src 'self'; frame-ancestors 'none'";

/// The policy of everything else, which a browser must not show as a page.
const DATA_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

/// A browser that has received this opens the site over TLS only, for a year.
const TLS_ONLY: &str = "max-age=31536000";

/// Adds the headers that the kind of an answer needs.
pub(crate) async fn headers(State(state): State<HttpState>, request: Request, next: Next) -> Response {
    let is_api = is_api(request.uri().path());
    let mut response = next.run(request).await;
    let status = response.status();
    add(response.headers_mut(), status, is_api);
    if state.settings.public_url.is_secure() {
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(TLS_ONLY));
    }
    response
}

/// Whether a path belongs to an API. All other paths are those of the web client.
pub(crate) fn is_api(path: &str) -> bool {
    ["/api", "/mcp", "/healthz", "/readyz"]
        .into_iter()
        .any(|prefix| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

fn add(headers: &mut HeaderMap, status: StatusCode, is_api: bool) {
    let always: [(HeaderName, &str); 3] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in always {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if status != StatusCode::NOT_MODIFIED {
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy(headers)));
    }
    // Answers of an API hold data of a user, which no cache may keep. Assets set their own policy.
    if is_api {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// The policy for a type of content. An answer without content (304) must have none: its headers replace those of the
/// page in the browser's cache, which would then run no script.
fn policy(headers: &HeaderMap) -> &'static str {
    match headers.get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes) {
        kind if kind.starts_with(b"text/html") => PAGE_POLICY,
        kind if kind.starts_with(b"text/javascript") => SCRIPT_POLICY,
        _ => DATA_POLICY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_and_people_have_separate_paths() {
        for path in ["/api", "/api/", "/api/v1/me", "/mcp", "/healthz"] {
            assert!(is_api(path), "{path}");
        }
        for path in ["/", "/apiary", "/c/api", "/mcpx", "/settings"] {
            assert!(!is_api(path), "{path}");
        }
    }

    #[test]
    fn answers_of_the_api_are_not_kept() {
        let mut headers = HeaderMap::new();
        add(&mut headers, StatusCode::OK, true);
        assert_eq!(headers[header::CACHE_CONTROL], "no-store");
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    }

    #[test]
    fn a_page_runs_nothing_from_elsewhere() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        add(&mut headers, StatusCode::OK, false);
        let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'") && !policy.contains('*'));
        assert_eq!(headers.get(header::CACHE_CONTROL), None);
    }
    #[test]
    fn a_page_that_has_not_changed_keeps_the_policy_that_it_came_with() {
        let mut headers = HeaderMap::new();
        add(&mut headers, StatusCode::NOT_MODIFIED, false);
        assert_eq!(headers.get(header::CONTENT_SECURITY_POLICY), None);
    }
}
