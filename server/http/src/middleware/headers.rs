//! Headers of every answer.

use crate::HttpState;
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

/// What a page of ours may load and do: our own script, style, images and connections, and nothing from elsewhere.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// For what is no page: it is not to be shown as one.
const DATA_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

/// A browser that has seen this opens the site over TLS only, for a year.
const TLS_ONLY: &str = "max-age=31536000";

/// Adds the headers that the kind of the answer asks for.
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

/// Whether a path is for programs. Everything else is the web client's.
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
    if is_api {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// What the kind of the content may do. An answer without content (304) has no kind and gets none: its headers replace
/// those that the browser keeps with the page, which would then run nothing at all.
fn policy(headers: &HeaderMap) -> &'static str {
    let is_page = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if is_page { PAGE_POLICY } else { DATA_POLICY }
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
