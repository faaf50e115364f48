//! REST with the session of one device.

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

/// Time limit of a request.
const REQUEST_TIMEOUT: Duration = Duration::from_mins(2);

/// Time limit of [`Api::post_patiently`]: the longest acceptable wait for a log-in of any scenario.
const TIMEOUT: Duration = Duration::from_mins(2);

/// Why a request or command failed.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    #[error("no answer: {0}")]
    NoAnswer(String),
    /// An error response to a REST request.
    #[error("refused with {status}: {code} ({detail})")]
    Refused {
        status: u16,
        /// The code of the problem, or what the body was instead.
        code: String,
        detail: String,
        /// The delay in `Retry-After`, if the server sent one.
        retry_after: Option<Duration>,
    },
    /// An error frame in answer to a command.
    #[error("refused: {0} ({1})")]
    CommandRefused(ErrorCode, String),
    /// An answer that does not follow the protocol.
    #[error("unreadable answer: {0}")]
    Unreadable(String),
}

impl From<reqwest::Error> for ApiError {
    fn from(error: reqwest::Error) -> Self {
        let error = error.without_url();
        let mut text = error.to_string();
        // reqwest describes its own layer only; the cause is the last error of the chain.
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

/// REST for one session. Copies share the tokens.
#[derive(Clone, Debug)]
pub struct Api {
    http: reqwest::Client,
    base: String,
    client: Option<IpAddr>,
    tokens: Arc<RwLock<Tokens>>,
    /// Held while the tokens are renewed: a refresh token can be used once, and devices share sessions.
    renewing: Arc<Mutex<()>>,
}

#[derive(Clone, Debug, Default)]
struct Tokens {
    access: String,
    refresh: String,
}

impl Api {
    pub fn new(target: &Target) -> Self {
        let http = client();
        let (base, client) = (format!("{}/api/v1", target.url), target.client);
        Self { http, base, client, tokens: Arc::default(), renewing: Arc::default() }
    }

    /// Logs in as a new device. The duration is measured.
    ///
    /// # Errors
    /// As [`Api::post`].
    pub async fn log_in(target: &Target, email: &str, password: &str, device: &str) -> Result<Self, ApiError> {
        let api = Self::new(target);
        let body = Login {
            email: email.into(),
            password: password.into(),
            device_name: Some(device.into()),
            transport: Some(TokenTransport::Body),
        };
        let sent_at = target.meter.clock.now();
        let signed_in: SignedIn = api.post_patiently("/auth/login", &body).await?;
        let now = target.meter.clock.now();
        target.meter.login.record(now, now - sent_at);
        api.store(signed_in);
        Ok(api)
    }

    /// Renews the access token, unless it is no longer `known` because another device has renewed it.
    ///
    /// # Errors
    /// As [`Api::post`].
    pub async fn renew(&self, known: &str) -> Result<(), ApiError> {
        let _guard = self.renewing.lock().await;
        if self.access_token() != known {
            return Ok(());
        }
        let refresh_token = Some(self.tokens.read().unwrap_or_else(PoisonError::into_inner).refresh.clone());
        let signed_in = self.post("/auth/refresh", &Refresh { refresh_token }, None).await?;
        self.store(signed_in);
        Ok(())
    }

    pub fn access_token(&self) -> String {
        self.tokens.read().unwrap_or_else(PoisonError::into_inner).access.clone()
    }

    fn store(&self, signed_in: SignedIn) {
        let mut tokens = self.tokens.write().unwrap_or_else(PoisonError::into_inner);
        tokens.access = signed_in.access_token;
        // Absent when another request has rotated it a moment ago: that one stores the newest.
        if let Some(refresh) = signed_in.refresh_token {
            tokens.refresh = refresh;
        }
    }

    /// Reads one document.
    ///
    /// # Errors
    /// When the server does not answer, refuses, or sends an unexpected document.
    pub async fn get<T: DeserializeOwned>(&self, path: &str, query: &[(&str, &str)]) -> Result<T, ApiError> {
        let mut url = self.url(path)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        answer(self.builder(Method::GET, url)).await
    }

    /// Reads all pages of a list.
    ///
    /// # Errors
    /// As [`Api::get`].
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

    /// Sends a change, with an idempotency key if `key` is given.
    ///
    /// # Errors
    /// As [`Api::get`].
    pub async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
        key: Option<CommandId>,
    ) -> Result<T, ApiError> {
        let mut request = self.builder(Method::POST, self.url(path)?).json(body);
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key.to_string());
        }
        answer(request).await
    }

    /// Sends a request with any method to a path under `/api/v1`.
    ///
    /// # Errors
    /// As [`Api::get`].
    pub async fn request<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&serde_json::Value>,
    ) -> Result<T, ApiError> {
        let request = self.builder(method, self.url(path)?);
        answer(if let Some(body) = body { request.json(body) } else { request }).await
    }

    /// Sends a change, again after each refusal with `Retry-After`: the server hashes few passwords at the same time, and
    /// refuses further log-ins meanwhile.
    ///
    /// # Errors
    /// As [`Api::get`]; refusals with `Retry-After` only after two minutes.
    pub async fn post_patiently<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, ApiError> {
        let deadline = Instant::now() + TIMEOUT;
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

    fn builder(&self, method: Method, url: Url) -> RequestBuilder {
        let mut request = self.http.request(method, url);
        if let Some(client) = self.client {
            request = request.header("X-Forwarded-For", client.to_string());
        }
        let token = self.access_token();
        if token.is_empty() { request } else { request.bearer_auth(token) }
    }
}

/// A client for plain HTTP without a proxy.
pub fn client() -> reqwest::Client {
    // Other packages of the workspace enable TLS in reqwest without a provider. It then needs a default one, even for
    // plain HTTP. This fails when one is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder().no_proxy().timeout(REQUEST_TIMEOUT);
    // Building fails only when a TLS backend cannot be initialised.
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
