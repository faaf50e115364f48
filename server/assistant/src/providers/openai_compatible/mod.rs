//! A provider over HTTP that implements the chat completions of OpenAI, streamed: OpenAI itself, Gemini, and other
//! servers.
//!
//! The library builds the requests; sending and reading are our own. Its transport would retry, and its stream would
//! buffer without a bound, while here the run decides on retries and reads as fast as it shows.
//!
//! **Invariant:** one call of `stream` sends one request, and its answer is read only as fast as the stream is polled.

mod frame_limit;
mod transport;
mod wire;

use super::SetupError;
use crate::provider::{Chunk, ChunkStream, Provider, ProviderError, Request};
use async_openai::{Client, config::OpenAIConfig, error::OpenAIError};
use async_trait::async_trait;
use eventsource_stream::{Event, EventStreamError, Eventsource as _};
use frame_limit::FrameLimit;
use futures_util::{StreamExt as _, stream};
use http::HeaderValue;
use std::{fmt, time::Duration};
use transport::CapturedResponse;
use wire::Frame;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The last event of a complete answer, for most servers.
const DONE: &str = "[DONE]";
/// The type of events that some servers send while they have no output.
const KEEPALIVE: &str = "keepalive";

/// The address of a provider, with the model to request.
#[derive(Clone)]
pub struct Endpoint {
    /// With the version path (`…/v1`), without a slash at the end.
    pub base_url: String,
    pub api_key: String,
    pub model: String,
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").field("base_url", &self.base_url).field("model", &self.model).finish_non_exhaustive()
    }
}

#[derive(Clone, Debug)]
pub(super) struct OpenAiCompatible {
    name: &'static str,
    model: String,
    http: reqwest::Client,
    config: OpenAIConfig,
}

impl OpenAiCompatible {
    pub(super) fn new(name: &'static str, endpoint: &Endpoint) -> Result<Self, SetupError> {
        if HeaderValue::from_str(&endpoint.api_key).is_err() {
            return Err(SetupError::Key { provider: name });
        }
        // Another part of the process may have installed the same provider before.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
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
        Ok(Self { name, model: endpoint.model.clone(), http, config })
    }

    /// The HTTP client, for requests other than for a reply.
    pub(super) fn into_http(self) -> reqwest::Client {
        self.http
    }
}

#[async_trait]
impl Provider for OpenAiCompatible {
    fn name(&self) -> &'static str {
        self.name
    }

    fn model(&self) -> &str {
        &self.model
    }

    async fn stream(&self, request: Request<'_>) -> Result<ChunkStream, ProviderError> {
        let captured = CapturedResponse::default();
        // The transport of the library repeats requests as often as a server requests; ours sends them once.
        let service = transport::service(self.http.clone(), captured.clone());
        let client = Client::build(self.http.clone(), self.config.clone()).with_http_service(service);
        let body = wire::request(&self.model, request);
        // The library passes each frame through a task and an unbounded queue. That doubles the cost of a token, and a
        // fast provider would fill memory: the response is captured by the transport and read here instead.
        drop(client.chat().create_stream_byot::<_, Frame>(body).await.map_err(translate)?);
        let response = captured.take().ok_or(ProviderError::Connect)?;
        let mut limit = FrameLimit::default();
        let bytes = response.bytes_stream().map(move |bytes| limit.check(bytes.map_err(|_| ProviderError::Broken)?));
        let answer = AnswerStream { events: bytes.eventsource(), complete: false };
        Ok(stream::try_unfold(answer, next).boxed())
    }
}

/// The events of an answer, and how far it has come.
struct AnswerStream<S> {
    events: S,
    /// Whether a frame was received that only the end of an answer has.
    complete: bool,
}

/// Returns the next chunk, or `None` after the end of a complete answer.
async fn next<S>(mut answer: AnswerStream<S>) -> Result<Option<(Chunk, AnswerStream<S>)>, ProviderError>
where
    S: stream::Stream<Item = Result<Event, EventStreamError<ProviderError>>> + Unpin + Send,
{
    let event = loop {
        match answer.events.next().await {
            Some(Ok(event)) if event.event == KEEPALIVE => {}
            Some(Ok(event)) if event.data == DONE => return Ok(None),
            Some(Ok(event)) => break event,
            Some(Err(EventStreamError::Transport(error))) => return Err(error),
            Some(Err(_)) => return Err(ProviderError::Broken),
            // Gemini and some local servers send no `[DONE]`: a finish reason or the token count has to do.
            None if answer.complete => return Ok(None),
            None => return Err(ProviderError::Truncated),
        }
    };
    let frame = serde_json::from_str::<Frame>(&event.data).map_err(|_| ProviderError::Unreadable)?;
    let chunk = frame.into_chunk()?;
    answer.complete |= chunk.finish.is_some() || chunk.usage.is_some();
    Ok(Some((chunk, answer)))
}

fn translate(error: OpenAIError) -> ProviderError {
    match error {
        OpenAIError::Boxed(error) => error.downcast::<ProviderError>().map_or(ProviderError::Connect, |error| *error),
        OpenAIError::Reqwest(_) => ProviderError::Connect,
        _ => ProviderError::Request,
    }
}

#[cfg(test)]
mod tests;
