//! Paths other than the API: health, metrics, `OpenAPI`, the page of the web client.

use crate::support::Site;
use serde_json::Value;
use tandem_protocol::ErrorCode;
use tandem_tests::{TestUser, plain, user::Visitor};

on_both!(
    health_and_readiness_answer,
    metrics_are_on_the_admin_listener_alone,
    the_web_client_is_served_on_its_paths,
    the_page_uses_no_other_origin_and_no_inline_script,
    a_page_that_has_not_changed_keeps_its_policy,
    openapi_is_a_document,
);

async fn health_and_readiness_answer(site: &Site) {
    let visitor = Visitor::of(site);
    visitor.get("/healthz").await.expect(200);
    visitor.get("/readyz").await.expect(200);
}

async fn metrics_are_on_the_admin_listener_alone(site: &Site) {
    let metrics = plain::client().get(site.admin_url("/metrics")).send().await.unwrap();
    assert_eq!(metrics.status(), 200);
    assert!(metrics.text().await.unwrap().contains("# TYPE"));
    assert!(!Visitor::of(site).get("/metrics").await.body.contains("# TYPE"));
    // A page of another site whose host name resolves to this address (DNS rebinding).
    let pointed =
        plain::client().get(site.admin_url("/metrics")).header("host", "evil.test:9464").send().await.unwrap();
    assert_eq!(pointed.status(), 403);
}

async fn the_web_client_is_served_on_its_paths(site: &Site) {
    let visitor = Visitor::of(site);
    for path in ["/", "/c/01939c2e-7b1a-7c3e-9f00-2b6d1c0a4e55", "/settings"] {
        let page = visitor.get(path).header("accept", "text/html").await;
        assert!(page.expect(200).header("content-type").starts_with("text/html"), "{path}");
    }
    // A browser gets the page, too, which says that there is nothing. A program gets a document.
    for path in ["/no/such/page", "/authorize", "/a.b/c"] {
        let page = visitor.get(path).header("accept", "text/html").await;
        assert!(page.expect(404).header("content-type").starts_with("text/html"), "{path}");
        visitor.get(path).await.refused(ErrorCode::NotFound);
    }
    visitor.get("/api/v1/no/such/page").header("accept", "text/html").await.refused(ErrorCode::NotFound);
}

async fn the_page_uses_no_other_origin_and_no_inline_script(site: &Site) {
    let page = Visitor::of(site).get("/").await;
    let policy = page.expect(200).header("content-security-policy").to_owned();
    for rule in ["default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'", "frame-ancestors 'none'"] {
        assert!(policy.contains(rule), "{rule} is missing in {policy}");
    }
    assert!(!policy.contains('*') && !policy.contains("'unsafe-eval'"), "{policy}");
    for foreign in ["src=\"http", "href=\"http", "src=\"//", "href=\"//"] {
        assert!(!page.body.contains(foreign), "{foreign}");
    }
}

async fn a_page_that_has_not_changed_keeps_its_policy(site: &Site) {
    let visitor = Visitor::of(site);
    let page = visitor.get("/").await;
    let again = visitor.get("/").header("if-none-match", page.expect(200).header("etag")).await;
    let policy = again.expect(304).header("content-security-policy");
    // A browser replaces the headers that it keeps with the page by those that come with this answer.
    assert!(policy.is_empty() || policy == page.header("content-security-policy"), "{policy}");
}

async fn openapi_is_a_document(site: &Site) {
    let user = TestUser::register(site).await;
    let document: Value = user.anonymous_request(reqwest::Method::GET, "/api/openapi.json").await.expect(200).read();
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.")));
    assert!(document["components"]["schemas"]["Task"].is_object());
}
