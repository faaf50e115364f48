//! REST as one signed-in device uses it.

use super::Target;
use reqwest::{Method, RequestBuilder, Url, header::RETRY_AFTER};
use serde::{Serialize, de::DeserializeOwned};
use std::{
    net::IpAddr,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};
use tandem_protocol::{
    CommandId, Problem,
    enums::TokenTransport,
    error::ErrorCode,
    limits::MAX_PAGE,
    live::server::ErrorFrame,
    rest::{Login, Page, Refresh, SignedIn},
};
use tokio::{
    sync::Mutex,
    time::{Instant, sleep},
};

/// A request that takes longer is an error.
const REQUEST_TIMEOUT: Duration = Duration::from_mins(2);

/// How long one asks again for a log-in: what the people of this scenario may wait at most.
const PATIENCE: Duration = Duration::from_mins(2);

/// A request or a command failed.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    #[error("no answer: {0}")]
    NoAnswer(String),
    /// The server said no, over REST.
    #[error("refused with {status}: {code} ({detail})")]
    Refused {
        status: u16,
        /// As in the problem, or what was found in its place.
        code: String,
        detail: String,
        /// How long to wait before asking again, where the server says so.
        retry_after: Option<Duration>,
    },
    /// The server said no, over the socket.
    #[error("refused: {0} ({1})")]
    CommandRefused(ErrorCode, String),
    /// The answer is not of the contract.
    #[error("unreadable answer: {0}")]
    Unreadable(String),
}

impl From<reqwest::Error> for ApiError {
    fn from(error: reqwest::Error) -> Self {
        let error = error.without_url();
        let mut text = error.to_string();
        // The reason is in the last of the errors that led to it.
        let mut source = std::error::Error::source(&error);
        while let Some(error) = source {
            text = error.to_string();
            source = error.source();
        }
        Self::NoAnswer(text)
    }
}

impl From<ErrorFrame> for ApiError {
    fn from(frame: ErrorFrame) -> Self {
        Self::CommandRefused(frame.code, frame.message)
    }
}

/// REST of one device. Copies share the tokens.
#[derive(Clone, Debug)]
pub struct Api {
    http: reqwest::Client,
    base: String,
    client: Option<IpAddr>,
    tokens: Arc<RwLock<Tokens>>,
    /// Devices that share the session renew it one at a time.
    renewing: Arc<Mutex<()>>,
}

#[derive(Clone, Debug, Default)]
struct Tokens {
    access: String,
    refresh: String,
}

impl Api {
    #[must_use]
    pub fn new(target: &Target) -> Self {
        let http = client();
        let (base, client) = (format!("{}/api/v1", target.url), target.client);
        Self { http, base, client, tokens: Arc::default(), renewing: Arc::default() }
    }

    /// Logs in as a new device, and measures it.
    ///
    /// # Errors
    /// As all requests.
    pub async fn log_in(target: &Target, email: &str, password: &str, device: &str) -> Result<Self, ApiError> {
        let api = Self::new(target);
        let body = Login {
            email: email.into(),
            password: password.into(),
            device_name: Some(device.into()),
            transport: Some(TokenTransport::Body),
        };
        let asked_at = target.meter.clock.now();
        let signed_in: SignedIn = api.post_patiently("/auth/login", &body).await?;
        let now = target.meter.clock.now();
        target.meter.login.record(now, now - asked_at);
        api.keep(signed_in);
        Ok(api)
    }

    /// Renews the access token, unless another device of the session has done so since it was `known`.
    ///
    /// # Errors
    /// As all requests.
    pub async fn renew(&self, known: &str) -> Result<(), ApiError> {
        let _turn = self.renewing.lock().await;
        if self.access_token() != known {
            return Ok(());
        }
        let refresh_token = Some(self.tokens.read().unwrap_or_else(PoisonError::into_inner).refresh.clone());
        let signed_in = self.post("/auth/refresh", &Refresh { refresh_token }, None).await?;
        self.keep(signed_in);
        Ok(())
    }

    /// The newest access token.
    #[must_use]
    pub fn access_token(&self) -> String {
        self.tokens.read().unwrap_or_else(PoisonError::into_inner).access.clone()
    }

    fn keep(&self, signed_in: SignedIn) {
        let mut tokens = self.tokens.write().unwrap_or_else(PoisonError::into_inner);
        tokens.access = signed_in.access_token;
        if let Some(refresh) = signed_in.refresh_token {
            tokens.refresh = refresh;
        }
    }

    /// Reads something.
    ///
    /// # Errors
    /// When the server does not answer, refuses, or answers something else.
    pub async fn get<T: DeserializeOwned>(&self, path: &str, query: &[(&str, &str)]) -> Result<T, ApiError> {
        let mut url = self.url(path)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        answer(self.request(Method::GET, url)).await
    }

    /// Reads all pages of a list.
    ///
    /// # Errors
    /// As of one page.
    pub async fn list<T: DeserializeOwned>(&self, path: &str, query: &[(&str, &str)]) -> Result<Vec<T>, ApiError> {
        let limit = MAX_PAGE.to_string();
        let query = [query, &[("limit", &limit)]].concat();
        let mut page: Page<T> = self.get(path, &query).await?;
        let mut items = page.items;
        while let Some(cursor) = page.next_cursor {
            page = self.get(path, &[query.as_slice(), &[("cursor", &cursor)]].concat()).await?;
            items.append(&mut page.items);
        }
        Ok(items)
    }

    /// Changes something; with a key, so that a retry would be harmless.
    ///
    /// # Errors
    /// When the server does not answer, refuses, or answers something else.
    pub async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
        key: Option<CommandId>,
    ) -> Result<T, ApiError> {
        let mut request = self.request(Method::POST, self.url(path)?).json(body);
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key.to_string());
        }
        answer(request).await
    }

    /// Makes any request to a path under `/api/v1`, with a body or without.
    ///
    /// # Errors
    /// When the server does not answer, refuses, or answers something else.
    pub async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&serde_json::Value>,
    ) -> Result<T, ApiError> {
        let request = self.request(method, self.url(path)?);
        answer(if let Some(body) = body { request.json(body) } else { request }).await
    }

    /// Asks until the server has time: when many sign in at once, it hashes a few passwords at a time and sends the others
    /// away for a moment.
    ///
    /// # Errors
    /// As one request; that the server has no time only after two minutes.
    pub async fn post_patiently<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, ApiError> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let answer = self.post(path, body, None).await;
            match answer {
                Err(ApiError::Refused { retry_after: Some(pause), .. }) if Instant::now() + pause < deadline => {
                    sleep(pause).await;
                }
                answer => return answer,
            }
        }
    }

    fn url(&self, path: &str) -> Result<Url, ApiError> {
        Url::parse(&format!("{}{path}", self.base)).map_err(|error| ApiError::NoAnswer(error.to_string()))
    }

    fn request(&self, method: Method, url: Url) -> RequestBuilder {
        let mut request = self.http.request(method, url);
        if let Some(client) = self.client {
            request = request.header("X-Forwarded-For", client.to_string());
        }
        let token = self.access_token();
        if token.is_empty() { request } else { request.bearer_auth(token) }
    }
}

/// A client for plain HTTP without a proxy.
#[must_use]
pub fn client() -> reqwest::Client {
    // The server's dependencies give reqwest TLS without a provider, and then it wants one even for plain HTTP. Whoever
    // comes second finds one there, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder().no_proxy().timeout(REQUEST_TIMEOUT);
    // It fails only when a TLS backend cannot be set up, and there is none.
    builder.build().unwrap_or_default()
}

async fn answer<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, ApiError> {
    let response = request.send().await?;
    let status = response.status();
    let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    let body = response.bytes().await?;
    if status.is_success() {
        return serde_json::from_slice(&body).map_err(|error| ApiError::Unreadable(error.to_string()));
    }
    let (code, detail) = match serde_json::from_slice::<Problem>(&body) {
        Ok(problem) => (problem.code.to_string(), problem.detail),
        Err(_) => ("not a problem document".into(), String::from_utf8_lossy(&body).chars().take(200).collect()),
    };
    Err(ApiError::Refused { status: status.as_u16(), code, detail, retry_after: retry_after.map(Duration::from_secs) })
}
