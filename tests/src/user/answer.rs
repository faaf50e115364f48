//! An answer of the server, and expectations about it.

use crate::server::logged;
use reqwest::header::{self, HeaderMap};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tandem_protocol::{ErrorCode, Problem};

/// Characters of a body that a failing test shows.
const SHOWN: usize = 600;

/// An answer over HTTP.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Method and path of the request.
    pub request: String,
    pub status: u16,
    pub headers: HeaderMap,
    /// The body as it came.
    pub body: String,
}

impl Answer {
    pub(super) async fn of(request: String, response: reqwest::Response) -> Self {
        let shown = request.clone();
        let whole = Self::read_whole(request, response).await;
        whole.unwrap_or_else(|error| panic!("{shown}: the answer broke off: {error:?}"))
    }

    pub(super) async fn read_whole(request: String, response: reqwest::Response) -> reqwest::Result<Self> {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.text().await?;
        Ok(Self { request, status, headers, body })
    }

    /// The answer, which must have this status.
    #[track_caller]
    pub fn expect(&self, status: u16) -> &Self {
        assert_eq!(self.status, status, "{}", self.shown());
        self
    }

    /// The body as a type of the contract.
    #[track_caller]
    #[must_use]
    pub fn read<T: DeserializeOwned>(&self) -> T {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error} in {}", self.shown()))
    }

    /// The body as JSON.
    #[track_caller]
    #[must_use]
    pub fn value(&self) -> Value {
        self.read()
    }

    /// A header as text; empty when it is not there.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The refusal, which must have this code, the status that goes with it, and the form of RFC 9457.
    #[track_caller]
    pub fn refused(&self, code: ErrorCode) -> Problem {
        assert_eq!(self.status, code.status(), "{}", self.shown());
        assert_eq!(self.header(header::CONTENT_TYPE.as_str()), "application/problem+json", "{}", self.shown());
        let problem: Problem = self.read();
        assert_eq!(problem.code, code, "{}", self.shown());
        assert_eq!(problem.status, self.status, "{}", self.shown());
        assert!(!problem.request_id.is_empty() && !problem.detail.is_empty(), "{}", self.shown());
        problem
    }

    /// The body without what differs between two answers alike: the id of the request.
    #[track_caller]
    #[must_use]
    pub fn body_without_request_id(&self) -> String {
        self.body.replace(&self.read::<Problem>().request_id, "")
    }

    fn shown(&self) -> String {
        let body: String = self.body.chars().take(SHOWN).collect();
        // What went wrong inside is in the log alone.
        let log = self.headers.get("x-request-id").and_then(|id| id.to_str().ok()).filter(|_| self.status >= 500);
        format!("{} → {} {body}{}", self.request, self.status, log.map(logged).unwrap_or_default())
    }
}
