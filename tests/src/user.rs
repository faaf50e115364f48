//! A user with an account, on REST.

mod answer;
mod request;

pub use answer::Answer;
pub use request::PendingRequest;

use crate::{
    eventually::within,
    fresh,
    plain::{client, unpooled_client},
    server::TestServer,
};
use reqwest::Method;
use serde_json::{Value, json};
use std::{
    fmt::{self, Display},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tandem_protocol::{
    ConversationId,
    enums::Scope,
    model::{Conversation, Message, PersonalToken, Session, Task, User},
    rest::{ConversationWritten, MessageSent, Page, SignedIn, Snapshot, TaskWritten, TokenCreated},
};

/// The password of all test users.
pub const PASSWORD: &str = "correct horse battery staple";

/// A signed-in user. Clones share the session.
#[derive(Clone, Debug)]
pub struct TestUser {
    origin: Arc<str>,
    http: reqwest::Client,
    email: Arc<str>,
    address: Arc<str>,
    signed_in: Arc<Mutex<SignedIn>>,
    patient: bool,
}

impl TestUser {
    /// A new user, registered and signed in.
    pub async fn register(server: &TestServer) -> Self {
        let email = fresh::email();
        let visitor = Visitor::of(server);
        visitor.register(&email, PASSWORD).await.expect(202);
        visitor.sign_in(&email, "laptop").await
    }

    /// Logs in with the password of all test users.
    pub async fn sign_in_again(&self, device_name: &str) -> Self {
        let visitor = Visitor { origin: self.origin.clone(), http: client(), address: fresh::network_address().into() };
        visitor.sign_in(&self.email, device_name).await
    }

    /// The same session on another node.
    #[must_use]
    pub fn at(&self, server: &TestServer) -> Self {
        Self { origin: server.url("").into(), ..self.clone() }
    }

    #[must_use]
    pub fn user(&self) -> User {
        self.signed_in().user
    }

    #[must_use]
    pub fn session(&self) -> Session {
        self.signed_in().session
    }

    /// The current access token.
    #[must_use]
    pub fn access_token(&self) -> String {
        self.signed_in().access_token
    }

    /// The current refresh token.
    #[must_use]
    pub fn refresh_token(&self) -> String {
        self.signed_in().refresh_token.expect("a log-in with transport `body` answers a refresh token")
    }

    /// The email address of the account.
    #[must_use]
    pub fn email(&self) -> &str {
        &self.email
    }

    /// The network address that the server sees.
    #[must_use]
    pub fn network_address(&self) -> &str {
        &self.address
    }

    /// The address of the server without a path.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    pub async fn refresh(&self) {
        let body = json!({ "refresh_token": self.refresh_token() });
        let renewed: SignedIn = self.post("/auth/refresh").anonymous().json(body).await.expect(200).read();
        *self.signed_in.lock().unwrap_or_else(PoisonError::into_inner) = renewed;
    }

    /// A request to a path under `/api/v1`, signed in, sent when it is awaited.
    pub fn request(&self, method: Method, path: &str) -> PendingRequest {
        let patient = self.patient && method == Method::GET;
        let ask = PendingRequest::new(&self.http, method, format!("{}/api/v1{path}", self.origin), &self.address)
            .bearer(&self.access_token());
        if patient { ask.patient() } else { ask }
    }

    /// The same user, whose `GET` requests are repeated while the database is unavailable.
    #[must_use]
    pub fn patient(mut self) -> Self {
        self.patient = true;
        self
    }

    /// The same user for several tests, each of which opens its own connections.
    #[must_use]
    pub fn shared(self) -> Self {
        Self { http: unpooled_client(), ..self }
    }

    /// `GET` of a path under `/api/v1`.
    pub fn get(&self, path: &str) -> PendingRequest {
        self.request(Method::GET, path)
    }

    /// `POST` to a path under `/api/v1`.
    pub fn post(&self, path: &str) -> PendingRequest {
        self.request(Method::POST, path)
    }

    /// `PATCH` of a path under `/api/v1`.
    pub fn patch(&self, path: &str) -> PendingRequest {
        self.request(Method::PATCH, path)
    }

    /// `DELETE` of a path under `/api/v1`.
    pub fn delete(&self, path: &str) -> PendingRequest {
        self.request(Method::DELETE, path)
    }

    /// A request to any path, not signed in.
    pub fn anonymous_request(&self, method: Method, path: &str) -> PendingRequest {
        PendingRequest::new(&self.http, method, format!("{}{path}", self.origin), &self.address)
    }

    pub async fn add_task(&self, title: &str) -> Task {
        self.add(json!({ "title": title })).await
    }

    /// Adds a task with the given fields.
    pub async fn add(&self, fields: Value) -> Task {
        self.post("/tasks").json(fields).await.expect(201).read::<TaskWritten>().task
    }

    /// All pages of the tasks that a query finds. The query is the part after `?`.
    pub async fn tasks(&self, query: &str) -> Vec<Task> {
        self.all_pages("/tasks", query).await
    }

    pub async fn start_conversation(&self, title: &str) -> Conversation {
        let body = json!({ "title": title });
        self.post("/conversations").json(body).await.expect(201).read::<ConversationWritten>().conversation
    }

    /// Sends a message in a conversation, which is created if necessary.
    pub async fn send_message(&self, conversation: ConversationId, text: &str) -> MessageSent {
        self.post(&format!("/conversations/{conversation}/messages"))
            .json(json!({ "text": text }))
            .await
            .expect(202)
            .read()
    }

    /// All messages of a conversation, oldest first.
    pub async fn history(&self, conversation: ConversationId) -> Vec<Message> {
        let mut pages: Vec<Vec<Message>> = self.pages(&format!("/conversations/{conversation}/messages"), "").await;
        pages.reverse();
        pages.into_iter().flatten().collect()
    }

    pub async fn personal_token(&self, scopes: &[Scope]) -> (String, PersonalToken) {
        let body = json!({ "name": "script", "scopes": scopes });
        let TokenCreated { token, info } = self.post("/tokens").json(body).await.expect(201).read();
        (token, info)
    }

    pub async fn snapshot(&self) -> Snapshot {
        self.get("/snapshot").await.expect(200).read()
    }

    /// Waits until no reply is running or queued.
    pub async fn settled(&self, patience: Duration) {
        let running = Mutex::new(Vec::new());
        within(patience, Running(&running), async || {
            let active = self.snapshot().await.active_messages;
            let none = active.is_empty();
            *running.lock().unwrap_or_else(PoisonError::into_inner) = active;
            none.then_some(())
        })
        .await;
    }

    /// All items of a list.
    pub async fn all_pages<T: serde::de::DeserializeOwned>(&self, path: &str, query: &str) -> Vec<T> {
        self.pages(path, query).await.into_iter().flatten().collect()
    }

    /// All pages of a list, in order.
    pub async fn pages<T: serde::de::DeserializeOwned>(&self, path: &str, query: &str) -> Vec<Vec<T>> {
        let mut pages = Vec::new();
        let mut cursor = String::new();
        loop {
            let page: Page<T> = self.get(&format!("{path}?{query}{cursor}")).await.expect(200).read();
            pages.push(page.items);
            match page.next_cursor {
                Some(next) => cursor = format!("{}cursor={next}", if query.is_empty() { "" } else { "&" }),
                None => return pages,
            }
        }
    }

    fn signed_in(&self) -> SignedIn {
        self.signed_in.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Describes the replies that are awaited.
struct Running<'a>(&'a Mutex<Vec<Message>>);

impl Display for Running<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        write!(f, "the end of every reply; these go on: {running:#?}")
    }
}

/// A client that is not signed in.
#[derive(Clone, Debug)]
pub struct Visitor {
    origin: Arc<str>,
    http: reqwest::Client,
    address: Arc<str>,
}

impl Visitor {
    /// A visitor of a server.
    #[must_use]
    pub fn of(server: &TestServer) -> Self {
        Self { origin: server.url("").into(), http: client(), address: fresh::network_address().into() }
    }

    /// The network address that the server sees.
    #[must_use]
    pub fn network_address(&self) -> &str {
        &self.address
    }

    /// A request to any path of the server.
    pub fn request(&self, method: Method, path: &str) -> PendingRequest {
        PendingRequest::new(&self.http, method, format!("{}{path}", self.origin), &self.address)
    }

    /// `GET` of any path of the server.
    pub fn get(&self, path: &str) -> PendingRequest {
        self.request(Method::GET, path)
    }

    /// `POST` to any path of the server.
    pub fn post(&self, path: &str) -> PendingRequest {
        self.request(Method::POST, path)
    }

    pub fn register(&self, email: &str, password: &str) -> PendingRequest {
        self.post("/api/v1/auth/register").json(json!({ "email": email, "password": password }))
    }

    /// Logs in, with the refresh token in the body.
    pub fn log_in(&self, email: &str, password: &str) -> PendingRequest {
        let body = json!({ "email": email, "password": password, "device_name": "laptop", "transport": "body" });
        self.post("/api/v1/auth/login").json(body)
    }

    /// Logs in with the password of all test users.
    pub async fn sign_in(&self, email: &str, device_name: &str) -> TestUser {
        self.sign_in_with(email, PASSWORD, device_name).await
    }

    /// Logs in with another password.
    pub async fn sign_in_with(&self, email: &str, password: &str, device_name: &str) -> TestUser {
        let body = json!({ "email": email, "password": password, "device_name": device_name, "transport": "body" });
        let signed_in: SignedIn = self.post("/api/v1/auth/login").json(body).await.expect(200).read();
        TestUser {
            origin: self.origin.clone(),
            http: self.http.clone(),
            email: email.into(),
            address: self.address.clone(),
            signed_in: Arc::new(Mutex::new(signed_in)),
            patient: false,
        }
    }
}
