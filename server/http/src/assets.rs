//! The files of the web client, which are embedded in the binary.
//!
//! The build has compressed them, so that a request only chooses an encoding. A file whose name holds the hash of its
//! content is cached for ever, an icon and the manifest for a day; everything else is revalidated by its `ETag`.
//!
//! The pages of the client ([`is_page`]) are one file, whose router reads the path. At any other path a browser gets that
//! file with 404, so that the client shows its page for it, and a program gets a problem document.

use super::{error::Refusal, middleware::is_api, pages::is_page};
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
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let found = BY_PATH.get(if is_page(path) { INDEX } else { path });
    match found {
        Some(_) if !reads => {
            ([(header::ALLOW, HeaderValue::from_static("GET,HEAD"))], Refusal::MethodNotAllowed).into_response()
        }
        Some((asset, hash)) => respond(asset, hash, request.headers()),
        None if reads && weight(request.headers(), &header::ACCEPT, "text/html") > 0.0 => {
            not_found(request.headers()).unwrap_or_else(|| Refusal::NoSuchPath.into_response())
        }
        None => Refusal::NoSuchPath.into_response(),
    }
}

/// The file of the pages, as the answer for a path that is none. It has no tag: a cache must not take it for a page.
fn not_found(wanted: &HeaderMap) -> Option<Response> {
    let (asset, hash) = BY_PATH.get(INDEX)?;
    let mut wanted = wanted.clone();
    wanted.remove(header::IF_NONE_MATCH);
    let mut response = respond(asset, hash, &wanted);
    *response.status_mut() = StatusCode::NOT_FOUND;
    response.headers_mut().remove(header::ETAG);
    response.headers_mut().append(header::VARY, HeaderValue::from_static("Accept"));
    Some(response)
}

fn respond(asset: &'static Asset, hash: &str, wanted: &HeaderMap) -> Response {
    let (coding, content) = best(asset, wanted);
    // Each encoding has its own tag, since a strong tag stands for the exact bytes (RFC 9110, section 8.8.3).
    let etag = format!("\"{hash}{}\"", coding.map(|coding| format!("-{coding}")).unwrap_or_default());
    let caching = match asset.content_type {
        _ if asset.immutable => "public, max-age=31536000, immutable",
        // An icon that is a day old does no harm, and each visit would ask for it.
        kind if kind.starts_with("image/") || kind.starts_with("application/manifest") => "public, max-age=86400",
        _ => "no-cache",
    };
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
    let accepts = |coding: &str| weight(wanted, &header::ACCEPT_ENCODING, coding) > 0.0;
    let form = forms.into_iter().find_map(|(coding, form)| form.filter(|_| accepts(coding)).map(|form| (coding, form)));
    form.map_or((None, asset.identity), |(coding, form)| (Some(coding), form))
}

/// The weight of a value in `Accept` or `Accept-Encoding` (RFC 9110, section 12.5); 0 when it is not named.
fn weight(wanted: &HeaderMap, header: &HeaderName, value: &str) -> f32 {
    let lines = wanted.get_all(header).iter().filter_map(|line| line.to_str().ok());
    let mut any = 0.0;
    for item in lines.flat_map(|line| line.split(',')) {
        let (name, parameters) = item.split_once(';').unwrap_or((item, ""));
        // A weight that cannot be read counts as a refusal: identity is always right.
        let weight = parameters.trim().strip_prefix("q=").map_or(1.0, |weight| weight.trim().parse().unwrap_or(0.0));
        match name.trim() {
            name if name.eq_ignore_ascii_case(value) => return weight,
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
    static ICON: Asset = Asset { content_type: "image/svg+xml", ..PLAIN };

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
        assert_eq!(ask(&ICON, &[]).headers()[header::CACHE_CONTROL], "public, max-age=86400");
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

    async fn answer(method: &str, path: &str, accept: &str) -> Response {
        let request = Request::builder().method(method).uri(path).header(header::ACCEPT, accept);
        serve(request.header(header::IF_NONE_MATCH, "*").body(Body::empty()).unwrap()).await
    }

    #[tokio::test]
    async fn every_page_is_the_client() {
        let get = |path: &str| serve(Request::get(path).body(Body::empty()).unwrap());
        for path in ["/", "/index.html", "/c/01939c2e-7b1a-7c3e-9f00-2b6d1c0a4e55", "/settings", "/settings/", "/t/7"] {
            let response = get(path).await;
            assert_eq!(response.status(), StatusCode::OK, "{path}");
            assert_eq!(response.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
            assert_eq!(response.headers()[header::CACHE_CONTROL], "no-cache");
        }
        let post = answer("POST", "/settings", "*/*").await;
        assert_eq!(
            (post.status(), &post.headers()[header::ALLOW]),
            (StatusCode::METHOD_NOT_ALLOWED, &"GET,HEAD".parse().unwrap())
        );
    }

    #[tokio::test]
    async fn nothing_else_is_a_success() {
        const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        for path in ["/app-old.js", "/c/favicon.ico", "/authorize", "/token", "/a.b/c", "/sse", "/.git/HEAD", "/c/0193"]
        {
            for method in ["GET", "HEAD", "POST", "PUT"] {
                let response = answer(method, path, "application/json, text/event-stream, */*").await;
                assert_eq!(response.status(), StatusCode::NOT_FOUND, "{method} {path}");
                assert!(response.extensions().get::<Refusal>().is_some(), "{method} {path}");
            }
            let page = answer("GET", path, BROWSER).await;
            assert_eq!(page.status(), StatusCode::NOT_FOUND, "{path}");
            assert_eq!(page.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8", "{path}");
            assert_eq!(page.headers().get(header::ETAG), None, "{path}");
            assert!(answer("POST", path, BROWSER).await.extensions().get::<Refusal>().is_some(), "{path}");
        }
        for path in ["/api", "/api/v1/nothing", "/mcp/x"] {
            assert!(answer("GET", path, BROWSER).await.extensions().get::<Refusal>().is_some(), "{path}");
        }
    }
}
