//! The files of the web client, which are embedded in the binary.
//!
//! The build has compressed them, so that a request only chooses an encoding. A file whose name holds the hash of its
//! content is cached for ever, everything else is revalidated by its `ETag`.
//!
//! Every path that is not of an API and does not look like a file is a page of the client, whose router reads it.

use super::{error::Refusal, middleware::is_api};
use axum::{
    body::Body,
    extract::Request,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use sha2::{Digest as _, Sha256};
use std::{collections::HashMap, fmt::Write as _, sync::LazyLock};

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// A file of the web client, in all of its encodings.
pub(super) struct Asset {
    /// The path of its URL, with the leading slash.
    path: &'static str,
    content_type: &'static str,
    /// Whether the name holds the hash of the content.
    immutable: bool,
    identity: &'static [u8],
    brotli: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
}

/// The file of every page of the client.
const INDEX: &str = "/index.html";

/// The files by path, each with the hash of its content.
static BY_PATH: LazyLock<HashMap<&'static str, (&'static Asset, String)>> =
    LazyLock::new(|| ASSETS.iter().map(|asset| (asset.path, (asset, hash(asset.identity)))).collect());

/// Serves a page or a file of the web client. This is the fallback of the router.
pub(super) async fn serve(request: Request) -> Response {
    let path = request.uri().path();
    if is_api(path) {
        return Refusal::NoSuchPath.into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return ([(header::ALLOW, HeaderValue::from_static("GET,HEAD"))], Refusal::MethodNotAllowed).into_response();
    }
    // A missing file must not be answered with the page of the client.
    let is_file = path.rsplit('/').next().is_some_and(|name| name.contains('.'))
        // Programs look for descriptions under `/.well-known/` (RFC 8615), and would take the page for one.
        || path.split('/').any(|name| name.starts_with('.'));
    let found = BY_PATH.get(path).or_else(|| if is_file { None } else { BY_PATH.get(INDEX) });
    match found {
        Some((asset, hash)) => respond(asset, hash, request.headers()),
        None => Refusal::NoSuchPath.into_response(),
    }
}

fn respond(asset: &'static Asset, hash: &str, wanted: &HeaderMap) -> Response {
    let (coding, content) = best(asset, wanted);
    // Each encoding has its own tag, since a strong tag stands for the exact bytes (RFC 9110, section 8.8.3).
    let etag = format!("\"{hash}{}\"", coding.map(|coding| format!("-{coding}")).unwrap_or_default());
    let caching = if asset.immutable { "public, max-age=31536000, immutable" } else { "no-cache" };
    let fresh = is_fresh(wanted, &etag);
    let body = if fresh { Body::empty() } else { Body::from(content) };
    let mut response = (if fresh { StatusCode::NOT_MODIFIED } else { StatusCode::OK }, body).into_response();
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &str| {
        headers.extend(HeaderValue::from_str(value).ok().map(|value| (name, value)));
    };
    set(header::CACHE_CONTROL, caching);
    set(header::ETAG, &etag);
    // Also on identity and 304: a cache has to know that the answer depends on the request.
    if asset.brotli.is_some() || asset.gzip.is_some() {
        set(header::VARY, "Accept-Encoding");
    }
    if !fresh {
        set(header::CONTENT_TYPE, asset.content_type);
        if let Some(coding) = coding {
            set(header::CONTENT_ENCODING, coding);
        }
    }
    response
}

/// The smallest encoding that the client accepts, and its name (`None` for identity).
fn best(asset: &'static Asset, wanted: &HeaderMap) -> (Option<&'static str>, &'static [u8]) {
    let forms = [("br", asset.brotli), ("gzip", asset.gzip)];
    let accepts = |coding: &str| weight(wanted, coding) > 0.0;
    let form = forms.into_iter().find_map(|(coding, form)| form.filter(|_| accepts(coding)).map(|form| (coding, form)));
    form.map_or((None, asset.identity), |(coding, form)| (Some(coding), form))
}

/// The weight of a coding in `Accept-Encoding` (RFC 9110, section 12.5.3); 0 when it is not accepted.
fn weight(wanted: &HeaderMap, coding: &str) -> f32 {
    let lines = wanted.get_all(header::ACCEPT_ENCODING).iter().filter_map(|line| line.to_str().ok());
    let mut any = 0.0;
    for item in lines.flat_map(|line| line.split(',')) {
        let (name, parameters) = item.split_once(';').unwrap_or((item, ""));
        // A weight that cannot be read counts as a refusal: identity is always right.
        let weight = parameters.trim().strip_prefix("q=").map_or(1.0, |weight| weight.trim().parse().unwrap_or(0.0));
        match name.trim() {
            name if name.eq_ignore_ascii_case(coding) => return weight,
            "*" => any = weight,
            _ => {}
        }
    }
    any
}

/// Whether the client has this content already, by its `If-None-Match`.
fn is_fresh(wanted: &HeaderMap, etag: &str) -> bool {
    let lines = wanted.get_all(header::IF_NONE_MATCH).iter().filter_map(|line| line.to_str().ok());
    // Compared weakly (RFC 9110, section 13.1.2): a proxy may have marked the tag as weak.
    let mut tags = lines.flat_map(|line| line.split(',')).map(str::trim);
    tags.any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

fn hash(content: &[u8]) -> String {
    Sha256::digest(content)[..8].iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const WASM: Asset = Asset {
        path: "/app-0123456789abcdef.wasm",
        content_type: "application/wasm",
        immutable: true,
        identity: b"identity",
        brotli: Some(b"br"),
        gzip: Some(b"gz"),
    };
    static ASSET: Asset = WASM;
    static PLAIN: Asset = Asset { immutable: false, brotli: None, gzip: None, ..WASM };

    fn ask(asset: &'static Asset, headers: &[(HeaderName, &str)]) -> Response {
        let pairs = headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap()));
        respond(asset, "cafe", &pairs.collect())
    }

    fn coding(accept: &str) -> Option<String> {
        let response = ask(&ASSET, &[(header::ACCEPT_ENCODING, accept)]);
        response.headers().get(header::CONTENT_ENCODING).map(|coding| coding.to_str().unwrap().to_owned())
    }

    #[test]
    fn the_smallest_form_that_the_client_takes_is_sent() {
        assert_eq!(coding("gzip, deflate, br").as_deref(), Some("br"));
        assert_eq!(coding("gzip;q=0.5, br;q=0").as_deref(), Some("gzip"));
        assert_eq!(coding("*").as_deref(), Some("br"));
        for accept in ["", "identity", "zstd", "br;q=0, gzip;q=0", "*;q=0"] {
            assert_eq!(coding(accept), None, "{accept}");
        }
        assert_eq!(ask(&ASSET, &[]).headers()[header::VARY], "Accept-Encoding");
        assert_eq!(ask(&PLAIN, &[]).headers().get(header::VARY), None);
    }

    #[test]
    fn only_a_name_with_a_hash_is_cached_for_ever() {
        assert!(ask(&ASSET, &[]).headers()[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
        assert_eq!(ask(&PLAIN, &[]).headers()[header::CACHE_CONTROL], "no-cache");
    }

    #[test]
    fn what_the_client_has_is_not_sent_again() {
        let same = [(header::ACCEPT_ENCODING, "br"), (header::IF_NONE_MATCH, "\"other\", W/\"cafe-br\"")];
        let response = ask(&ASSET, &same);
        assert_eq!(response.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(response.headers()[header::ETAG], "\"cafe-br\"");
        let other = [(header::ACCEPT_ENCODING, "gzip"), (header::IF_NONE_MATCH, "\"cafe-br\"")];
        assert_eq!(ask(&ASSET, &other).status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn every_page_is_the_client_and_a_missing_file_is_not() {
        let get = |path: &str| serve(Request::get(path).body(Body::empty()).unwrap());
        for path in ["/", "/index.html", "/c/0193", "/settings"] {
            let response = get(path).await;
            assert_eq!(response.status(), StatusCode::OK, "{path}");
            assert_eq!(response.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
            assert_eq!(response.headers()[header::CACHE_CONTROL], "no-cache");
        }
        for path in
            ["/app-old.js", "/c/favicon.ico", "/api", "/api/v1/nothing", "/mcp/x", "/.well-known/openid", "/.git/HEAD"]
        {
            assert_eq!(get(path).await.status(), StatusCode::NOT_FOUND, "{path}");
        }
        let post = serve(Request::post("/settings").body(Body::empty()).unwrap()).await;
        assert_eq!(
            (post.status(), &post.headers()[header::ALLOW]),
            (StatusCode::METHOD_NOT_ALLOWED, &"GET,HEAD".parse().unwrap())
        );
    }
}
