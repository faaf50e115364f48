//! Refusals on every route: the documented code, and nothing that a client must not learn.

use super::{PUBLIC_URL, Server, json_request};
use crate::ROUTES;
use axum::body::Body;
use http::{Request, StatusCode, header};
use serde_json::{Value, json};

/// Routes that need no credentials.
const PUBLIC: &[&str] = &[
    "/api/v1/auth/register",
    "/api/v1/auth/login",
    "/api/v1/auth/refresh",
    "/api/v1/auth/reset",
    // What it shows of the server depends on the caller.
    "/api/v1/server",
    "/api/openapi.json",
    "/healthz",
    "/readyz",
    // The address is the secret.
    "/calendar/{file}",
    // The body has a token.
    "/api/v1/push/answers",
];

const ABSENT: &str = "01939c2e-7b1a-7c3e-9f00-2b6d1c0a4e55";

#[tokio::test]
async fn every_other_route_checks_credentials_before_anything_else() {
    let server = Server::start().await;
    for (method, path, _) in ROUTES.iter().filter(|(_, path, _)| !PUBLIC.contains(path)) {
        let path = path.replace("{id}", ABSENT);
        let answer = server.send(json_request(&method.to_uppercase(), &path, &json!({"wrong": true}))).await;
        // The log-out reads its body before it looks for a cookie.
        let expected = if path.ends_with("/logout") { "invalid_request" } else { "unauthenticated" };
        assert_eq!(answer.code(), expected, "{method} {path}");
    }
}

#[tokio::test]
async fn every_answer_has_the_headers_of_its_kind() {
    let server = Server::start().await;
    for path in ["/api/v1/me", "/api/nothing", "/healthz", "/", "/settings", "/nothing.js", "/mcp"] {
        let answer = server.send(json_request("GET", path, &Value::Null)).await;
        assert_eq!(answer.headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(answer.headers["referrer-policy"], "no-referrer", "{path}");
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}");
        assert!(answer.headers.contains_key("x-request-id"), "{path}");
        if path.starts_with("/api") {
            assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store", "{path}");
        }
    }
}

#[tokio::test]
async fn unknown_paths_and_methods_are_problems() {
    let server = Server::start().await;
    for path in ["/api", "/api/v1/nothing", "/api/v2/me", "/api/v1/me/"] {
        assert_eq!(server.send(json_request("GET", path, &Value::Null)).await.code(), "not_found", "{path}");
    }
    for (method, path, allow) in [
        ("PUT", "/api/v1/me", "PATCH"),
        ("DELETE", "/api/v1/tasks", "POST"),
        ("GET", "/mcp", "POST"),
        ("POST", "/", "GET"),
    ] {
        let answer = server.send(json_request(method, path, &Value::Null)).await;
        assert_eq!(answer.code(), "method_not_allowed", "{method} {path}");
        assert!(answer.headers[header::ALLOW].to_str().unwrap().contains(allow), "{method} {path}");
    }
}

#[tokio::test]
async fn foreign_tokens_are_refused() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    for (authorization, code) in [
        ("Basic YTpi", "unauthenticated"),
        ("Bearer", "invalid_token"),
        ("Bearer garbage", "invalid_token"),
        ("Bearer tnd_bogus", "invalid_token"),
        ("Bearer a.b.c", "invalid_token"),
    ] {
        let mut request = json_request("GET", "/api/v1/me", &Value::Null);
        request.headers_mut().insert(header::AUTHORIZATION, authorization.parse().unwrap());
        let answer = server.send(request).await;
        assert_eq!(answer.code(), code, "{authorization}");
        assert_eq!(answer.headers[header::WWW_AUTHENTICATE], "Bearer");
    }
    let refresh = ann.session["refresh_token"].as_str().unwrap();
    let mut request = json_request("GET", "/api/v1/me", &Value::Null);
    request.headers_mut().insert(header::AUTHORIZATION, format!("Bearer {refresh}").parse().unwrap());
    assert_eq!(server.send(request).await.code(), "invalid_token", "a refresh token is no access token");
    assert_eq!(ann.get("/api/v1/me?token=abc").await.code(), "invalid_request");
    assert_eq!(ann.get("/api/v1/me?access_token=abc").await.code(), "invalid_request");
}

#[tokio::test]
async fn the_wrong_field_of_a_request_is_named() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    for (method, path, body, field) in [
        ("POST", "/api/v1/tasks", json!({"title": "x", "user_id": "me"}), "user_id"),
        ("POST", "/api/v1/tasks", json!({"title": "  "}), "title"),
        (
            "POST",
            "/api/v1/tasks",
            json!({"title": "x", "due": {"date": "2026-02-20", "time_zone": "Mars/Base"}}),
            "due.time_zone",
        ),
        ("POST", "/api/v1/tasks", json!({"title": "x", "recurrence": {"rule": "FREQ=HOURLY"}}), "recurrence.rule"),
        ("PATCH", "/api/v1/me", json!({"email_verified": true}), "email_verified"),
        ("PATCH", "/api/v1/me", json!({"time_zone": "Nowhere/Else"}), "time_zone"),
        ("POST", "/api/v1/tokens", json!({"name": "x", "scopes": ["root"]}), "scopes[0]"),
        ("GET", "/api/v1/tasks?limit=0", Value::Null, "limit"),
        ("GET", "/api/v1/tasks?cursor=bogus", Value::Null, "cursor"),
        ("GET", "/api/v1/conversations?cursor=%00", Value::Null, "cursor"),
        ("POST", "/api/v1/sessions/revoke-others", json!({"all": true}), "all"),
    ] {
        let answer = ann.call(method, path, &body).await;
        assert_eq!(answer.code(), "invalid_request", "{method} {path} {body}");
        assert_eq!(answer.body["errors"][0]["field"], field, "{method} {path} {body}");
    }
}

#[tokio::test]
async fn objects_of_another_user_are_answered_like_missing_ones() {
    let server = Server::start().await;
    let (ann, bob) = (server.person("ann").await, server.person("bob").await);
    let task = ann.call("POST", "/api/v1/tasks", &json!({"title": "canary"})).await.ok();
    let talk = ann.call("POST", "/api/v1/conversations", &json!({"title": "canary"})).await.ok();
    let ids = [
        ("tasks", &task["task"]["id"]),
        ("conversations", &talk["conversation"]["id"]),
        ("sessions", &ann.session["session"]["id"]),
    ];
    for (method, path, _) in ROUTES.iter().filter(|(_, path, _)| path.contains("{id}")) {
        for (kind, id) in ids {
            if !path.starts_with(&format!("/api/v1/{kind}/")) || path.ends_with("/messages") && *method == "post" {
                continue;
            }
            let body = match *path {
                "/api/v1/conversations/{id}/read" => json!({"message_id": ABSENT}),
                _ if *method == "patch" => json!({"title": "mine"}),
                _ => Value::Null,
            };
            let call = async |id: &str| bob.call(&method.to_uppercase(), &path.replace("{id}", id), &body).await;
            let (foreign, absent) = (call(id.as_str().unwrap()).await, call(ABSENT).await);
            if *method == "get" && path.starts_with("/api/v1/sessions") {
                continue;
            }
            assert_eq!((foreign.code(), absent.code()), ("not_found", "not_found"), "{method} {path}");
            let without_id =
                |answer: &super::Answer| answer.text.replace(answer.body["request_id"].as_str().unwrap(), "");
            assert_eq!(without_id(&foreign), without_id(&absent), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn pages_of_other_sites_cannot_use_the_cookie() {
    let server = Server::start().await;
    for path in ["/api/v1/auth/refresh", "/api/v1/auth/logout", "/api/v1/auth/login"] {
        for (name, value) in [("origin", "https://evil.test"), ("origin", "null"), ("sec-fetch-site", "cross-site")] {
            let request = Request::post(path).header(name, value).header(header::CONTENT_TYPE, "application/json");
            let login = json!({"email": "a@b.test", "password": "x"}).to_string();
            let body = if path.ends_with("login") { Body::from(login) } else { Body::empty() };
            let answer = server.send(request.body(body).unwrap()).await;
            assert_eq!(answer.code(), "forbidden_origin", "{path} {value}");
        }
        let own = Request::post(path).header("origin", PUBLIC_URL).body(Body::empty()).unwrap();
        assert_ne!(server.send(own).await.status, StatusCode::FORBIDDEN, "{path}");
    }
}

#[tokio::test]
async fn a_user_over_the_rate_is_refused_and_others_are_not() {
    let server = Server::with_limits(true).await;
    let (ann, bob) = (server.person("ann").await, server.person("bob").await);
    let user = ann.session["user"]["id"].as_str().unwrap().into();
    let refused = loop {
        // While a slow request runs, the bucket fills again.
        while server.services.count_request(&user).is_ok() {}
        let answer = ann.get("/api/v1/me").await;
        if answer.status != StatusCode::OK {
            break answer;
        }
    };
    assert_eq!(refused.code(), "rate_limited");
    assert!(refused.headers[header::RETRY_AFTER].to_str().unwrap().parse::<u64>().unwrap() >= 1);
    assert_eq!(bob.get("/api/v1/me").await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_ended_session_does_not_use_up_the_rate_of_its_user() {
    let server = Server::with_limits(true).await;
    let ann = server.person("ann").await;
    let user = ann.session["user"]["id"].as_str().unwrap().into();
    assert!(ann.call("POST", "/api/v1/auth/logout", &json!({})).await.status.is_success());
    for _ in 0..300 {
        // More than there are at once.
        assert_eq!(ann.get("/api/v1/me").await.code(), "session_revoked");
    }
    assert!(server.services.count_request(&user).is_ok());
}
