//! Requests through the whole router, over a real database.

mod accounts;
mod budgets;
mod connections;
mod documents;
mod hosts;
mod mcp;
mod problems;
mod tasks;

use super::{HttpSettings, HttpState, Transports, router};
use axum::{Router, body::Body};
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tandem_mcp::McpSettings;
use tandem_service::{Services, testing::Node};
use tempfile::TempDir;
use tower::ServiceExt as _;

/// The public address of the server under test.
const PUBLIC_URL: &str = "https://tandem.example";
/// The password of all users.
const PASSWORD: &str = "correct horse";

/// A server without a listener.
struct Server {
    router: Router,
    services: Services,
    _folder: TempDir,
}

impl Server {
    async fn start() -> Self {
        Self::with_limits(false).await
    }

    async fn with_limits(rate_limits: bool) -> Self {
        Self::at(PUBLIC_URL, rate_limits).await
    }

    async fn at(public_url: &str, rate_limits: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let Node { services, .. } = Node::open(folder.path(), "test", rate_limits).await;
        let settings = HttpSettings {
            public_url: public_url.parse().unwrap(),
            allowed_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            spool: folder.path().to_owned(),
        };
        let mcp = McpSettings { hosts: settings.hosts(), origins: settings.origins() };
        let transports = Transports { mcp: tandem_mcp::route(services.clone(), mcp), ..Transports::default() };
        let router = router(HttpState::new(services.clone(), settings), transports);
        Self { router, services, _folder: folder }
    }

    /// Registers a user and logs in, with the refresh token in the body.
    async fn person(&self, name: &str) -> Person<'_> {
        let email = format!("{name}@tandem.example");
        let registered = self.post("/api/v1/auth/register", &json!({"email": email, "password": PASSWORD})).await;
        assert_eq!(registered.status, StatusCode::ACCEPTED);
        let login = json!({"email": email, "password": PASSWORD, "transport": "body"});
        let session = self.post("/api/v1/auth/login", &login).await.ok();
        Person { server: self, token: session["access_token"].as_str().unwrap().to_owned(), session }
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(json_request("POST", path, body)).await
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let body = serde_json::from_slice(&bytes).unwrap_or_default();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }
}

/// A user who is logged in.
struct Person<'a> {
    server: &'a Server,
    token: String,
    /// The answer to the log-in.
    session: Value,
}

impl Person<'_> {
    async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, &Value::Null).await
    }

    async fn call(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.send(json_request(method, path, body)).await
    }

    async fn send(&self, mut request: Request<Body>) -> Answer {
        let bearer = format!("Bearer {}", self.token).parse().unwrap();
        request.headers_mut().insert(header::AUTHORIZATION, bearer);
        self.server.send(request).await
    }

    /// The same person with a personal token.
    async fn with_token(&self, scopes: &[&str]) -> Self {
        let made = self.call("POST", "/api/v1/tokens", &json!({"name": "script", "scopes": scopes})).await.ok();
        Self { server: self.server, token: made["token"].as_str().unwrap().to_owned(), session: Value::Null }
    }
}

/// An answer, read to its end.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    /// Null when the body is not JSON.
    body: Value,
    text: String,
}

impl Answer {
    /// The body of a success.
    #[track_caller]
    fn ok(self) -> Value {
        assert!(self.status.is_success(), "{}: {}", self.status, self.text);
        self.body
    }

    /// The code of a refusal. Checks that its document is complete.
    #[track_caller]
    fn code(&self) -> &str {
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json", "{}", self.text);
        for member in ["type", "title", "detail", "request_id"] {
            assert!(self.body[member].is_string(), "no {member}: {}", self.text);
        }
        assert_eq!(self.body["status"], self.status.as_u16(), "{}", self.text);
        assert_eq!(self.body["request_id"], self.headers["x-request-id"].to_str().unwrap());
        self.body["code"].as_str().unwrap()
    }
}

/// A request with a JSON body, or without one for null.
fn json_request(method: &str, path: &str, body: &Value) -> Request<Body> {
    let request = Request::builder().method(method).uri(path).header(header::HOST, "tandem.example");
    match body {
        Value::Null => request.body(Body::empty()).unwrap(),
        body => request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string())).unwrap(),
    }
}
