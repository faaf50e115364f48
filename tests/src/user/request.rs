//! A request that is built first and sent when it is awaited.

use super::Answer;
use crate::eventually::{PATIENCE, Wait};
use reqwest::{Method, RequestBuilder, header};
use serde_json::Value;
use std::{
    fmt::Display,
    future::{Future, IntoFuture},
    pin::Pin,
};

/// The status after which a patient request is repeated.
const UNAVAILABLE: u16 = 503;

/// A request. Await it for its [`Answer`].
#[derive(Debug)]
#[must_use = "a request is sent when it is awaited"]
pub struct PendingRequest {
    /// Its name in messages of failing tests.
    name: String,
    bearer: Option<String>,
    address: String,
    request: RequestBuilder,
    patient: bool,
}

impl PendingRequest {
    pub(super) fn new(http: &reqwest::Client, method: Method, url: String, address: &str) -> Self {
        let name = format!("{method} {}", url.splitn(4, '/').nth(3).unwrap_or_default());
        Self { name, bearer: None, address: address.to_owned(), request: http.request(method, url), patient: false }
    }

    /// Sets the network address that the server sees.
    pub fn address(self, address: &str) -> Self {
        Self { address: address.to_owned(), ..self }
    }

    /// The whole request.
    fn built(self) -> RequestBuilder {
        let request = self.request.header("X-Forwarded-For", self.address);
        match self.bearer {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Repeats the request while the answer is 503, as a client does.
    pub fn patient(mut self) -> Self {
        self.patient = true;
        self
    }

    pub fn bearer(mut self, token: &str) -> Self {
        self.bearer = Some(token.to_owned());
        self
    }

    pub fn anonymous(mut self) -> Self {
        self.bearer = None;
        self
    }

    /// Sets a JSON body.
    #[expect(clippy::needless_pass_by_value, reason = "`json!` makes values, and a `&` before each would add nothing")]
    pub fn json(mut self, body: Value) -> Self {
        self.request = self.request.json(&body);
        self
    }

    /// Sets any body, with the content type of JSON.
    pub fn raw(self, body: impl Into<reqwest::Body>) -> Self {
        let request = self.header(header::CONTENT_TYPE.as_str(), "application/json");
        Self { request: request.request.body(body), ..request }
    }

    /// Sets any body, without a content type.
    pub fn text(mut self, body: &str) -> Self {
        self.request = self.request.body(body.to_owned());
        self
    }

    pub fn key(self, key: impl Display) -> Self {
        self.header("Idempotency-Key", &key.to_string())
    }

    /// Sends the request; `None` when the connection ended before the whole answer.
    pub async fn attempt(self) -> Option<Answer> {
        Answer::read_whole(self.name.clone(), self.built().send().await.ok()?).await.ok()
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }
}

impl IntoFuture for PendingRequest {
    type Output = Answer;
    type IntoFuture = Pin<Box<dyn Future<Output = Answer> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let (name, patient) = (self.name.clone(), self.patient);
            let request = self.built();
            let wait = Wait::begin(PATIENCE);
            loop {
                let request = request.try_clone().expect("bodies of tests are no streams");
                let response = request.send().await.unwrap_or_else(|error| panic!("{name}: no answer: {error:?}"));
                let answer = Answer::of(name.clone(), response).await;
                if !(patient && answer.status == UNAVAILABLE) {
                    return answer;
                }
                wait.pause(&name).await;
            }
        })
    }
}
