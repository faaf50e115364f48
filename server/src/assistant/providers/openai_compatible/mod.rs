//! Any server that speaks OpenAI's chat completions, streamed. OpenAI and Gemini are ready by name.

mod transport;
mod wire;

use super::SetupError;
use crate::assistant::provider::{Chunk, ChunkStream, Provider, ProviderError, Request};
use async_openai::{Client, config::OpenAIConfig, error::OpenAIError};
use async_trait::async_trait;
use futures_util::{StreamExt as _, stream};
use http::HeaderValue;
use std::{fmt, time::Duration};
use transport::Tail;
use wire::Frame;

/// A connection that takes longer is none.
const CONNECT: Duration = Duration::from_secs(5);

/// Where a provider is, and what it is asked for.
#[derive(Clone)]
pub struct Endpoint {
    /// With the version path (`…/v1`), without a slash at its end.
    pub base_url: String,
    /// Sent as bearer.
    pub api_key: String,
    /// Which model answers.
    pub model: String,
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").field("base_url", &self.base_url).field("model", &self.model).finish_non_exhaustive()
    }
}

/// A provider over HTTP.
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
        // Another part of the process may have chosen the same one before.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|source| SetupError::Client { provider: name, source })?;
        // Everything is set here: the library would take what is absent from the environment.
        let config = OpenAIConfig::default()
            .with_api_base(&endpoint.base_url)
            .with_api_key(&endpoint.api_key)
            .with_org_id("")
            .with_project_id("");
        Ok(Self { name, model: endpoint.model.clone(), http, config })
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
        let tail = Tail::default();
        // The library's own transport repeats requests for as long as it is told to wait; ours sends them once.
        let service = transport::service(self.http.clone(), tail.clone());
        let client = Client::build(self.http.clone(), self.config.clone()).with_http_service(service);
        let body = wire::request(&self.model, request);
        let frames = client.chat().create_stream_byot::<_, Frame>(body).await.map_err(translate)?;
        let begun = Answer { frames, tail, complete: false };
        Ok(stream::unfold(Some(begun), next).boxed())
    }
}

/// An answer on its way.
struct Answer<S> {
    frames: S,
    tail: Tail,
    /// Whether a frame has said that the answer is complete.
    complete: bool,
}

/// The next piece; at the end, an error when the answer was cut off.
async fn next<S>(answer: Option<Answer<S>>) -> Option<(Result<Chunk, ProviderError>, Option<Answer<S>>)>
where
    S: stream::Stream<Item = Result<Frame, OpenAIError>> + Unpin + Send,
{
    let mut answer = answer?;
    match answer.frames.next().await {
        Some(Ok(frame)) => match frame.read() {
            Ok(chunk) => {
                answer.complete |= chunk.finish.is_some() || chunk.usage.is_some();
                Some((Ok(chunk), Some(answer)))
            }
            Err(error) => Some((Err(error), None)),
        },
        Some(Err(error)) => Some((Err(translate(error)), None)),
        None if answer.complete || answer.tail.says_done() => None,
        None => Some((Err(ProviderError::Truncated), None)),
    }
}

fn translate(error: OpenAIError) -> ProviderError {
    match error {
        OpenAIError::Boxed(error) => error.downcast::<ProviderError>().map_or(ProviderError::Connect, |error| *error),
        OpenAIError::Reqwest(_) => ProviderError::Connect,
        OpenAIError::StreamError(_) => ProviderError::Broken,
        OpenAIError::JSONDeserialize(..) => ProviderError::Unreadable,
        _ => ProviderError::Request,
    }
}
