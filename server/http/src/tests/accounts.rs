//! Accounts: register, log in, refresh, log out, tokens.

use super::{PASSWORD, Server, json_request};
use axum::body::Body;
use http::{Request, StatusCode, header};
use serde_json::{Value, json};

#[tokio::test]
async fn registration_does_not_show_whether_an_address_is_taken() {
    let server = Server::start().await;
    let body = json!({"email": "ann@tandem.example", "password": PASSWORD, "name": "Ann"});
    let (first, second) =
        (server.post("/api/v1/auth/register", &body).await, server.post("/api/v1/auth/register", &body).await);
    assert_eq!((first.status, first.text.as_str()), (StatusCode::ACCEPTED, r#"{"status":"accepted"}"#));
    assert_eq!((second.status, second.text), (first.status, first.text));
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_are_refused_alike() {
    let server = Server::start().await;
    server.person("ann").await;
    for email in ["ann@tandem.example", "nobody@tandem.example"] {
        let login = json!({"email": email, "password": "wrong password"});
        assert_eq!(server.post("/api/v1/auth/login", &login).await.code(), "invalid_credentials");
    }
}

#[tokio::test]
async fn a_browser_stays_logged_in_by_its_cookie_until_it_logs_out() {
    let server = Server::start().await;
    server.person("ann").await;
    let login = server.post("/api/v1/auth/login", &json!({"email": "ann@tandem.example", "password": PASSWORD})).await;
    let first = cookie(&login);
    assert!(login.body.get("refresh_token").is_none(), "the token is in the cookie alone");

    let with_cookie = |path: &str, cookie: &str| {
        Request::post(path)
            .header(header::COOKIE, cookie)
            .header("sec-fetch-site", "same-origin")
            .body(Body::empty())
            .unwrap()
    };
    let refreshed = server.send(with_cookie("/api/v1/auth/refresh", &first)).await;
    let second = cookie(&refreshed);
    assert_ne!(first, second, "refreshing rotates");
    let token = refreshed.body["access_token"].as_str().unwrap().to_owned();

    let out = server.send(with_cookie("/api/v1/auth/logout", &second)).await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    assert!(out.headers[header::SET_COOKIE].to_str().unwrap().contains("Max-Age=0"), "the cookie is taken away");
    let mut request = json_request("GET", "/api/v1/me", &Value::Null);
    request.headers_mut().insert(header::AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
    assert_eq!(server.send(request).await.code(), "session_revoked");
    assert_eq!(server.send(with_cookie("/api/v1/auth/refresh", &second)).await.code(), "session_revoked");
}

/// The name and value that a browser would send back.
fn cookie(answer: &super::Answer) -> String {
    let set = answer.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(set.starts_with("__Host-tandem_refresh=") && set.contains("; Secure"), "{set}");
    set.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_program_refreshes_with_the_token_in_the_body() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    let refreshed = server.post("/api/v1/auth/refresh", &json!({"refresh_token": ann.session["refresh_token"]})).await;
    assert!(refreshed.headers.get(header::SET_COOKIE).is_none());
    let body = refreshed.ok();
    assert_ne!(body["refresh_token"], ann.session["refresh_token"]);
    assert_eq!(body["token_type"], "Bearer");
    for none in [json!({}), json!({"refresh_token": "bogus"}), json!({"refresh_token": ann.token})] {
        assert_eq!(server.post("/api/v1/auth/refresh", &none).await.code(), "invalid_token", "{none}");
    }
}

#[tokio::test]
async fn logging_out_ends_the_session_of_the_token() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    assert_eq!(ann.call("POST", "/api/v1/auth/logout", &Value::Null).await.status, StatusCode::NO_CONTENT);
    assert_eq!(ann.get("/api/v1/me").await.code(), "session_revoked");
}

#[tokio::test]
async fn a_personal_token_is_limited_to_its_scopes() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    let (reads, writes) = (ann.with_token(&["read"]).await, ann.with_token(&["write", "read"]).await);
    let task = json!({"title": "by token"});
    assert_eq!(reads.get("/api/v1/tasks").await.status, StatusCode::OK);
    assert_eq!(reads.call("POST", "/api/v1/tasks", &task).await.code(), "insufficient_scope");
    assert_eq!(reads.call("PATCH", "/api/v1/me", &json!({"name": "x"})).await.code(), "insufficient_scope");
    assert_eq!(writes.call("POST", "/api/v1/tasks", &task).await.status, StatusCode::CREATED);

    let session = ann.session["session"]["id"].as_str().unwrap();
    for (method, path, body) in [
        ("GET", "/api/v1/tokens", Value::Null),
        ("POST", "/api/v1/tokens", json!({"name": "y", "scopes": ["read"]})),
        ("POST", "/api/v1/me/password", json!({"current_password": PASSWORD, "new_password": "12345678a"})),
        ("DELETE", "/api/v1/me", json!({"password": PASSWORD})),
        ("POST", "/api/v1/sessions/revoke-others", Value::Null),
        ("DELETE", &format!("/api/v1/sessions/{session}"), Value::Null),
        ("POST", "/api/v1/auth/logout", Value::Null),
    ] {
        assert_eq!(writes.call(method, path, &body).await.code(), "insufficient_scope", "{method} {path}");
    }
    let listed = ann.get("/api/v1/tokens").await;
    assert!(!listed.text.contains(&writes.token), "a secret is shown once");
    for token in listed.body["items"].as_array().unwrap() {
        ann.call("DELETE", &format!("/api/v1/tokens/{}", token["id"].as_str().unwrap()), &Value::Null).await.ok();
    }
    assert_eq!(writes.get("/api/v1/tasks").await.code(), "invalid_token");
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    let other = server.post("/api/v1/auth/login", &json!({"email": "ann@tandem.example", "password": PASSWORD})).await;
    let change = json!({"current_password": PASSWORD, "new_password": "another horse"});
    assert!(ann.call("POST", "/api/v1/me/password", &change).await.ok()["access_token"].is_string());
    let mut request = json_request("GET", "/api/v1/me", &Value::Null);
    let token = other.body["access_token"].as_str().unwrap();
    request.headers_mut().insert(header::AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
    assert_eq!(server.send(request).await.code(), "session_revoked");
    assert_eq!(ann.get("/api/v1/sessions").await.ok()["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn deleting_the_account_needs_the_password() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    assert_eq!(ann.call("DELETE", "/api/v1/me", &json!({"password": "wrong"})).await.code(), "invalid_credentials");
    assert!(ann.get("/api/v1/me/export").await.text.contains("ann@tandem.example"));
    assert_eq!(ann.call("DELETE", "/api/v1/me", &json!({"password": PASSWORD})).await.status, StatusCode::NO_CONTENT);
    assert_eq!(ann.get("/api/v1/me").await.status, StatusCode::UNAUTHORIZED);
}
