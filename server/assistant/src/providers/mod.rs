//! The providers that there are: how they are set up, and how an operator checks that one can be reached.

mod builtin;
mod openai_compatible;

pub(super) use builtin::approval;
pub use openai_compatible::Endpoint;

use super::{Timeouts, breaker::Breaker, provider::Provider};
use builtin::Builtin;
use openai_compatible::OpenAiCompatible;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tandem_protocol::{enums::ProviderState, rest::ProviderInfo};

const PROBE_TIMEOUT: Duration = Duration::from_secs(8);

#[derive(Clone, Debug)]
pub enum ProviderSettings {
    /// OpenAI, or any server that implements its chat completions.
    OpenAi(Endpoint),
    /// Gemini, through its OpenAI-compatible endpoint.
    Gemini(Endpoint),
    /// The assistant in the binary, which needs no key and no network.
    Builtin,
}

impl ProviderSettings {
    /// Name and endpoint of a provider that is reached over HTTP.
    fn remote(&self) -> Option<(&'static str, &Endpoint)> {
        match self {
            Self::OpenAi(endpoint) => Some(("openai", endpoint)),
            Self::Gemini(endpoint) => Some(("gemini", endpoint)),
            Self::Builtin => None,
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    #[error("the HTTP client for {provider} could not be made")]
    Client { provider: &'static str, source: reqwest::Error },
    #[error("the key for {provider} holds characters that no key has")]
    Key { provider: &'static str },
}

/// A provider with the breaker that decides whether it may be used.
#[derive(Debug)]
pub(super) struct ProviderHandle {
    pub(super) provider: Arc<dyn Provider>,
    pub(super) breaker: Breaker,
}

impl ProviderHandle {
    /// What users see of the provider.
    pub(super) fn info(&self) -> ProviderInfo {
        let is_open = self.breaker.is_open(Instant::now());
        ProviderInfo {
            name: self.provider.name().to_owned(),
            model: if self.provider.is_deterministic() { String::new() } else { self.provider.model().to_owned() },
            state: if is_open { ProviderState::Unavailable } else { ProviderState::Ready },
            local: self.provider.is_deterministic(),
        }
    }
}

/// Sets up the providers, in their order.
pub(super) fn build(settings: &[ProviderSettings], timeouts: &Timeouts) -> Result<Arc<[ProviderHandle]>, SetupError> {
    settings
        .iter()
        .map(|settings| {
            let provider: Arc<dyn Provider> = match settings.remote() {
                Some((name, endpoint)) => Arc::new(OpenAiCompatible::new(name, endpoint, timeouts.connect)?),
                None => Arc::new(Builtin::default()),
            };
            Ok(ProviderHandle { provider, breaker: Breaker::default() })
        })
        .collect()
}

/// The outcome of a request for the list of models, which costs nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The provider is part of the binary.
    Here,
    /// It answers and accepts the key.
    Answers,
    /// It answers, but has no list of models: the key was not checked.
    NoList,
    /// It does not accept the key.
    KeyRefused,
    Status(u16),
    /// It did not answer in time.
    Silent,
}

/// Requests the list of models from a provider.
///
/// # Errors
/// When the HTTP client cannot be built or the key cannot be sent. A provider that does not answer is no error, but
/// [`Reach::Silent`].
pub async fn probe(settings: &ProviderSettings, timeouts: &Timeouts) -> Result<Reach, SetupError> {
    let Some((name, endpoint)) = settings.remote() else { return Ok(Reach::Here) };
    let http = OpenAiCompatible::new(name, endpoint, timeouts.connect)?.into_http();
    let request =
        http.get(format!("{}/models", endpoint.base_url)).bearer_auth(&endpoint.api_key).timeout(PROBE_TIMEOUT);
    let Ok(answer) = request.send().await else { return Ok(Reach::Silent) };
    Ok(match answer.status().as_u16() {
        200..=299 => Reach::Answers,
        // Gemini answers 400 to a key that is not valid.
        400 | 401 | 403 => Reach::KeyRefused,
        404 | 405 => Reach::NoList,
        status => Reach::Status(status),
    })
}
