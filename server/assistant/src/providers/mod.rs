//! The providers that there are, and how they are set up.

mod builtin;
mod openai_compatible;
mod probe;

pub use openai_compatible::Endpoint;
pub use probe::{Reach, probe};

use super::{breaker::Breaker, provider::Provider};
use builtin::Builtin;
use openai_compatible::OpenAiCompatible;
use std::sync::Arc;

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

/// Sets up the providers, in their order.
pub(super) fn build(settings: &[ProviderSettings]) -> Result<Arc<[ProviderHandle]>, SetupError> {
    settings
        .iter()
        .map(|settings| {
            let provider: Arc<dyn Provider> = match settings.remote() {
                Some((name, endpoint)) => Arc::new(OpenAiCompatible::new(name, endpoint)?),
                None => Arc::new(Builtin::default()),
            };
            Ok(ProviderHandle { provider, breaker: Breaker::default() })
        })
        .collect()
}
