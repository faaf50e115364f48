//! The providers that there are: how they are set up, and how an operator checks that one can be reached.

mod ask;
mod builtin;
mod models;
mod openai_compatible;
mod reach;

pub use ask::{Asked, ask};
pub(super) use builtin::{NAME as BUILTIN, approval};
pub use openai_compatible::Endpoint;
pub(super) use reach::watch;
pub use reach::{Reach, probe};

use super::{Timeouts, breaker::Breaker, provider::Provider};
use builtin::Builtin;
use openai_compatible::OpenAiCompatible;
use std::{sync::Arc, time::Instant};
use tandem_protocol::{enums::ProviderState, rest::ProviderInfo};

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
    #[error("the threads for replies could not be started")]
    Threads(#[source] std::io::Error),
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
        let is_open = self.breaker.why_open(Instant::now()).is_some();
        ProviderInfo {
            name: self.provider.name().to_owned(),
            model: if self.provider.is_deterministic() { String::new() } else { self.provider.model().to_owned() },
            state: if is_open { ProviderState::Unavailable } else { ProviderState::Ready },
            local: self.provider.is_deterministic(),
        }
    }
}

/// The providers of a node.
#[derive(Debug)]
pub(super) struct Providers {
    /// All of them, in the order of fallback.
    pub(super) handles: Arc<[ProviderHandle]>,
    /// Those of them that are reached over HTTP.
    pub(super) remote: Vec<Arc<OpenAiCompatible>>,
}

/// Sets up the providers, in their order.
pub(super) fn build(settings: &[ProviderSettings], timeouts: &Timeouts) -> Result<Providers, SetupError> {
    let mut remote = Vec::new();
    let mut handles = Vec::new();
    for settings in settings {
        let provider: Arc<dyn Provider> = match settings.remote() {
            Some((name, endpoint)) => {
                let provider = Arc::new(OpenAiCompatible::new(name, endpoint, timeouts.connect)?);
                remote.push(Arc::clone(&provider));
                provider
            }
            None => Arc::new(Builtin::default()),
        };
        handles.push(ProviderHandle { provider, breaker: Breaker::default() });
    }
    Ok(Providers { handles: handles.into(), remote })
}
