//! The hosts under which a server on loopback answers, and the headers of a server behind TLS.

use super::{Server, json_request};
use http::{Method, Request, StatusCode, header};
use serde_json::{Value, json};

const PATHS: [(&str, &str); 5] =
    [("GET", "/"), ("GET", "/api/v1/me"), ("POST", "/api/v1/auth/login"), ("POST", "/mcp"), ("GET", "/api/v1/ws")];

fn to(host: &str, method: &str, path: &str) -> Request<axum::body::Body> {
    let mut request = json_request(method, path, &Value::Null);
    request.headers_mut().insert(header::HOST, host.parse().unwrap());
    request
}

#[tokio::test]
async fn a_page_whose_name_points_to_this_machine_gets_nothing() {
    let server = Server::at("http://127.0.0.1:8080", false).await;
    for (method, path) in PATHS {
        let answer = server.send(to("evil.test:8080", method, path)).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::FORBIDDEN, "forbidden_origin"), "{method} {path}");
        for own in ["127.0.0.1:8080", "localhost:8080"] {
            assert_ne!(server.send(to(own, method, path)).await.status, StatusCode::FORBIDDEN, "{method} {path}");
        }
        let mut nameless = to("x", method, path);
        nameless.headers_mut().remove(header::HOST);
        assert_eq!(server.send(nameless).await.code(), "invalid_request", "{method} {path}");
    }
    assert_eq!(server.send(to("10.0.0.7:8080", "GET", "/healthz")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_server_behind_tls_requires_it_on_every_answer() {
    let (secure, plain) = (Server::start().await, Server::at("http://localhost:8080", false).await);
    for (method, path) in PATHS.into_iter().chain([("GET", "/healthz"), ("GET", "/nothing.js")]) {
        let answer = secure.send(to("tandem.example", method, path)).await;
        assert_eq!(answer.headers[header::STRICT_TRANSPORT_SECURITY], "max-age=31536000", "{method} {path}");
        let answer = plain.send(to("localhost:8080", method, path)).await;
        assert_eq!(answer.headers.get(header::STRICT_TRANSPORT_SECURITY), None, "{method} {path}");
    }
}

#[tokio::test]
async fn compressed_bodies_are_refused_on_every_path() {
    let server = Server::start().await;
    for path in ["/api/v1/auth/login", "/api/v1/tasks", "/mcp"] {
        let mut request = json_request(Method::POST.as_str(), path, &json!({"title": "x"}));
        request.headers_mut().insert(header::CONTENT_ENCODING, "gzip".parse().unwrap());
        let answer = server.send(request).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (415, "unsupported_media_type"), "{path}");
    }
}

#[tokio::test]
async fn before_log_in_bodies_are_small_and_the_refusal_names_the_limit() {
    let server = Server::start().await;
    for route in crate::ROUTES.iter().filter(|(_, path, _)| path.starts_with("/api/v1/auth/")) {
        let long = json!({"email": "x".repeat(16 * 1024), "password": "x"});
        let answer = server.post(route.1, &long).await;
        let refused = (answer.code(), answer.body["detail"].as_str().unwrap());
        assert_eq!(refused, ("payload_too_large", "The body is larger than 16 KiB."), "{route:?}");
    }
    let ann = server.person("ann").await;
    let long = json!({"title": "x".repeat(20 * 1024)});
    assert_eq!(ann.call("POST", "/api/v1/tasks", &long).await.code(), "invalid_request", "others may be longer");
    let script = ann.with_token(&["read"]).await;
    let huge = script.call("POST", "/mcp", &json!({"x": "x".repeat(1024 * 1024)})).await;
    assert_eq!(huge.code(), "payload_too_large");
}
