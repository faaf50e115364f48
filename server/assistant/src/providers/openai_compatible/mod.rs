//! A provider over HTTP that implements the chat completions of OpenAI, streamed: OpenAI itself, Gemini, and other
//! servers.
//!
//! The library builds the requests; sending is our own, and `tandem_completions` reads the answers. The transport of the
//! library would retry, and its stream would buffer without a bound, while here the run decides on retries and reads as
//! fast as it shows.
//!
//! **Invariant:** one call of `stream` sends one request, and its answer is read only as fast as the stream is polled.

mod transport;
mod wire;

use super::SetupError;
use crate::provider::{Chunk, ChunkStream, Provider, ProviderError, RefusalKind, Request};
use async_openai::{Client, config::OpenAIConfig, error::OpenAIError};
use async_trait::async_trait;
use futures_util::{
    StreamExt as _,
    stream::{self, Stream},
};
use http::{
    HeaderMap, HeaderValue,
    header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE},
};
use serde_json::Value;
use std::{
    collections::VecDeque,
    fmt,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::Duration,
};
use tandem_completions::{AnswerReader, Ending};
use tokio::time::{Instant, timeout_at};
use transport::CapturedResponse;
use wire::Dialect;

/// How long the token counts and the end mark may come after the reason of the end. Some servers send neither and leave
/// the connection open.
const TAIL_TIMEOUT: Duration = Duration::from_secs(3);
/// The same after a reason that came together with output: the server may be one that sends it with every piece.
const LIKELY_TAIL_TIMEOUT: Duration = Duration::from_secs(10);

/// The context of a model whose size is not known, in tokens.
const DEFAULT_CONTEXT: usize = 128_000;
/// The same on a server of this machine, where memory is the limit.
const LOCAL_CONTEXT: usize = 8_000;
/// Tokens of a context that are kept for prompt, tools and answer.
const RESERVED_TOKENS: usize = 4_000;
/// Bytes of a token, at least: English text has four, other languages fewer.
const TOKEN_BYTES: usize = 3;
/// Names of models whose servers accept only ids of nine letters or digits.
const STRICT_MODELS: [&str; 7] = ["mistral", "mixtral", "magistral", "devstral", "codestral", "pixtral", "voxtral"];

/// The address of a provider, with the model to request.
#[derive(Clone)]
pub struct Endpoint {
    /// With the version path (`…/v1`), without a slash at the end.
    pub base_url: String,
    pub api_key: String,
    pub model: String,
    /// Tokens of the model's context; by default what the provider lists, else 128,000, on a loopback address 8,000.
    pub context: Option<usize>,
}

impl Endpoint {
    /// Tokens of the model's context: as set, else as listed by the provider, else a default.
    fn context_tokens(&self, listed: Option<usize>) -> usize {
        let host = reqwest::Url::parse(&self.base_url).ok().and_then(|url| url.host_str().map(str::to_owned));
        let host = host.unwrap_or_default();
        let is_local = host == "localhost" || host == "[::1]" || host.starts_with("127.");
        self.context.or(listed).unwrap_or(if is_local { LOCAL_CONTEXT } else { DEFAULT_CONTEXT })
    }

    fn history_bytes(&self, listed: Option<usize>) -> usize {
        let tokens = self.context_tokens(listed);
        // A context that leaves nothing still takes the last message.
        tokens.saturating_sub(RESERVED_TOKENS).max(tokens / 4).saturating_mul(TOKEN_BYTES)
    }

    /// Whether the server wants ids in the strictest form.
    fn wants_strict_ids(&self) -> bool {
        let (url, model) = (self.base_url.to_ascii_lowercase(), self.model.to_ascii_lowercase());
        STRICT_MODELS.iter().any(|name| model.contains(name) || url.contains(name))
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").field("base_url", &self.base_url).field("model", &self.model).finish_non_exhaustive()
    }
}

#[derive(Debug)]
pub(crate) struct OpenAiCompatible {
    name: &'static str,
    endpoint: Endpoint,
    http: reqwest::Client,
    config: OpenAIConfig,
    /// Tokens of the context that the provider lists for the model; 0 if it is not known.
    listed_context: AtomicUsize,
    strict_ids: bool,
    /// Whether the server has refused `stream_options`.
    plain_stream: AtomicBool,
}

impl OpenAiCompatible {
    pub(super) fn new(name: &'static str, endpoint: &Endpoint, connect: Duration) -> Result<Self, SetupError> {
        if HeaderValue::from_str(&endpoint.api_key).is_err() {
            return Err(SetupError::Key { provider: name });
        }
        // Another part of the process may have installed the same provider before.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // Compression would save little and hold up tokens. Answers that are compressed all the same are read, too.
        let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static("identity"))]);
        let http = reqwest::Client::builder()
            .connect_timeout(connect)
            .default_headers(headers)
            // A redirect could send the conversation to another server.
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|source| SetupError::Client { provider: name, source })?;
        // Everything is set here: the library takes what is absent from environment variables.
        let config = OpenAIConfig::default()
            .with_api_base(&endpoint.base_url)
            .with_api_key(&endpoint.api_key)
            .with_org_id("")
            .with_project_id("");
        Ok(Self {
            name,
            endpoint: endpoint.clone(),
            http,
            config,
            listed_context: AtomicUsize::new(0),
            strict_ids: endpoint.wants_strict_ids(),
            plain_stream: AtomicBool::new(false),
        })
    }

    /// The name of the provider: that of [`Provider::name`].
    pub(super) fn label(&self) -> &'static str {
        self.name
    }

    pub(super) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Sets the context of the model as the provider lists it, in tokens.
    pub(super) fn set_listed_context(&self, context: Option<usize>) {
        self.listed_context.store(context.unwrap_or_default(), Ordering::Relaxed);
    }

    fn listed_context(&self) -> Option<usize> {
        Some(self.listed_context.load(Ordering::Relaxed)).filter(|tokens| *tokens > 0)
    }

    /// Requests an address of the provider other than that of replies, with its key.
    pub(super) async fn get(&self, url: &str) -> Result<reqwest::Response, ProviderError> {
        let request = self.http.get(url).bearer_auth(&self.endpoint.api_key);
        request.send().await.map_err(|error| transport::connection_error(&error))
    }
}

#[async_trait]
impl Provider for OpenAiCompatible {
    fn name(&self) -> &'static str {
        self.name
    }

    fn model(&self) -> &str {
        &self.endpoint.model
    }

    fn history_bytes(&self) -> usize {
        self.endpoint.history_bytes(self.listed_context())
    }

    async fn stream(&self, request: Request<'_>) -> Result<ChunkStream, ProviderError> {
        let captured = CapturedResponse::default();
        // The transport of the library repeats requests as often as a server requests; ours sends them once.
        let service = transport::service(self.http.clone(), captured.clone());
        let client = Client::build(self.http.clone(), self.config.clone()).with_http_service(service);
        let stream_options = !self.plain_stream.load(Ordering::Relaxed);
        let body =
            wire::request(&self.endpoint.model, request, Dialect { stream_options, strict_ids: self.strict_ids });
        // The library passes each frame through a task and an unbounded queue. That doubles the cost of a token, and a
        // fast provider would fill memory: the response is captured by the transport and read here instead.
        let sent = client.chat().create_stream_byot::<_, Value>(body).await.map_err(translate);
        if sent.as_ref().is_err_and(|error| error.refused() == Some(RefusalKind::StreamOptions)) {
            self.plain_stream.store(true, Ordering::Relaxed);
        }
        drop(sent?);
        let response = captured.take().ok_or(ProviderError::Connect)?;
        // A page of a proxy, or of another server at this address.
        let kind = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if kind.trim_start().to_ascii_lowercase().starts_with("text/html") {
            return Err(ProviderError::Unreadable);
        }
        let encoding =
            response.headers().get(CONTENT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let reader = AnswerReader::new(encoding);
        let answer = AnswerStream {
            bytes: response.bytes_stream(),
            reader,
            ready: VecDeque::new(),
            ending: Ending::Open,
            ending_since: Instant::now(),
            name: self.name,
        };
        Ok(stream::unfold(answer, next).boxed())
    }
}

/// The body of an answer, and what was read of it.
struct AnswerStream<S> {
    bytes: S,
    reader: AnswerReader,
    ready: VecDeque<Result<Chunk, ProviderError>>,
    ending: Ending,
    ending_since: Instant,
    name: &'static str,
}

impl<S, B, E> AnswerStream<S>
where
    S: Stream<Item = Result<B, E>> + Unpin,
    B: AsRef<[u8]>,
{
    /// Reads the next piece of the body, or its end.
    async fn read(&mut self) {
        let mut out = Vec::new();
        let ending = self.reader.ending();
        if ending != self.ending {
            (self.ending, self.ending_since) = (ending, Instant::now());
        }
        let rest = match ending {
            Ending::Open => None,
            Ending::Likely => Some(LIKELY_TAIL_TIMEOUT),
            Ending::Certain => Some(TAIL_TIMEOUT),
        };
        let piece = match rest {
            // Keep-alives do not make it longer.
            Some(rest) => timeout_at(self.ending_since + rest, self.bytes.next()).await.unwrap_or_default(),
            None => self.bytes.next().await,
        };
        let broke = matches!(piece, Some(Err(_)));
        match piece {
            Some(Ok(bytes)) => self.reader.push(bytes.as_ref(), &mut out),
            Some(Err(_)) | None => self.reader.finish(&mut out),
        }
        let broken = |error| if broke { ProviderError::Broken } else { error };
        self.ready.extend(out.into_iter().map(|item| item.map_err(|failure| broken(failure.into()))));
        if self.reader.is_closed() && self.reader.skipped() > 0 {
            metrics::counter!("tandem_provider_frames_skipped_total", "provider" => self.name)
                .increment(self.reader.skipped());
        }
    }
}

/// Returns the next chunk, or `None` after the end of a complete answer.
async fn next<S, B, E>(mut answer: AnswerStream<S>) -> Option<(Result<Chunk, ProviderError>, AnswerStream<S>)>
where
    S: Stream<Item = Result<B, E>> + Unpin,
    B: AsRef<[u8]>,
{
    loop {
        if let Some(item) = answer.ready.pop_front() {
            return Some((item, answer));
        }
        if answer.reader.is_closed() {
            return None;
        }
        answer.read().await;
    }
}

fn translate(error: OpenAIError) -> ProviderError {
    match error {
        OpenAIError::Boxed(error) => error.downcast::<ProviderError>().map_or(ProviderError::Connect, |error| *error),
        OpenAIError::Reqwest(error) => transport::connection_error(&error),
        _ => ProviderError::Request,
    }
}

#[cfg(test)]
mod tests;
