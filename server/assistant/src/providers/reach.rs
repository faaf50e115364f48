//! Requests the list of models from a provider, which costs nothing, and watches it while the server runs.
//!
//! The list shows whether the address, the key and the model are right, before the first reply fails because of them, and how
//! much the model reads. A local server is often started after this one, so the request is repeated until it is answered.

use super::{
    OpenAiCompatible, ProviderSettings, SetupError,
    models::{Lookup, ModelList},
};
use crate::{
    Timeouts,
    provider::{ProviderError, Refusal, RefusalKind},
};
use futures_util::StreamExt as _;
use serde_json::Value;
use std::{sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

const TIMEOUT: Duration = Duration::from_secs(8);
/// Bytes of a list that are read. The longest known one has about a megabyte.
const MAX_BYTES: usize = 8 * 1024 * 1024;
/// The pause after a request without an answer, which doubles up to the longer one.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
/// The pause after an answer: a local server may be restarted with another model.
const REFRESH: Duration = Duration::from_mins(10);

/// The outcome of a request for the list of models.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The provider is part of the binary.
    Here,
    /// The list has the model, with this context in tokens if it says so.
    Listed {
        context: Option<usize>,
    },
    /// The list does not have the model. Those with the most similar names, the nearest one first.
    Unlisted {
        nearest: Vec<String>,
    },
    /// The provider answers, but has no list of models: neither the key nor the model was checked.
    NoList,
    /// There is no list at the address, but at this one.
    OtherAddress(String),
    Failed(ProviderError),
}

/// Requests the list of models from a provider.
///
/// # Errors
/// When the HTTP client cannot be built or the key cannot be sent. A provider that does not answer is no error, but
/// [`Reach::Failed`].
pub async fn probe(settings: &ProviderSettings, timeouts: &Timeouts) -> Result<Reach, SetupError> {
    let Some((name, endpoint)) = settings.remote() else { return Ok(Reach::Here) };
    Ok(reach(&OpenAiCompatible::new(name, endpoint, timeouts.connect)?).await)
}

async fn reach(provider: &OpenAiCompatible) -> Reach {
    let base = &provider.endpoint().base_url;
    match list(provider, base).await {
        Ok(Some(list)) => match list.lookup(&provider.endpoint().model) {
            Lookup::Found { context } => Reach::Listed { context },
            Lookup::Missing { nearest } => Reach::Unlisted { nearest },
        },
        Ok(None) => Reach::NoList,
        Err(error) if error.refused() == Some(RefusalKind::NotFound) => {
            // The version path is often forgotten.
            let versioned = format!("{base}/v1");
            match list(provider, &versioned).await {
                Ok(Some(_)) if !base.ends_with("/v1") => Reach::OtherAddress(versioned),
                _ => Reach::NoList,
            }
        }
        Err(error) => Reach::Failed(error),
    }
}

/// The list of models at a base URL; `None` when the answer is no such list.
async fn list(provider: &OpenAiCompatible, base: &str) -> Result<Option<ModelList>, ProviderError> {
    let request = async {
        let response = provider.get(&format!("{base}/models")).await?;
        let status = response.status();
        let mut bytes = response.bytes_stream();
        let mut body = Vec::new();
        while let Some(piece) = bytes.next().await {
            body.extend_from_slice(&piece.map_err(|_| ProviderError::Broken)?);
            if body.len() > MAX_BYTES {
                return Ok(None);
            }
        }
        let json = serde_json::from_slice::<Value>(&body);
        if !status.is_success() {
            return Err(Refusal::classify(Some(status.as_u16()), &json.unwrap_or_default()).into());
        }
        Ok(json.ok().as_ref().and_then(ModelList::parse))
    };
    tokio::time::timeout(TIMEOUT, request).await.unwrap_or(Err(ProviderError::FirstToken))
}

/// Watches the list of models of a provider until the assistant closes, and takes the context of its model from it.
pub(crate) async fn watch(provider: Arc<OpenAiCompatible>, closing: CancellationToken) {
    let (mut last, mut pause) = (None, FIRST_PAUSE);
    while let Some(reach) = closing.run_until_cancelled(reach(&provider)).await {
        if let Reach::Listed { context } = reach {
            provider.set_listed_context(context);
        }
        let next = if is_away(&reach) { pause } else { REFRESH };
        pause = if is_away(&reach) { (pause * 2).min(LONGEST_PAUSE) } else { FIRST_PAUSE };
        if last.as_ref() != Some(&reach) {
            log(&provider, &reach);
            last = Some(reach);
        }
        if closing.run_until_cancelled(tokio::time::sleep(next)).await.is_none() {
            return;
        }
    }
}

/// Whether the provider gave no answer at all, so that it may come later.
fn is_away(reach: &Reach) -> bool {
    match reach {
        Reach::Failed(error) => error.refused().is_none_or(|kind| kind == RefusalKind::Server),
        _ => false,
    }
}

fn log(provider: &OpenAiCompatible, reach: &Reach) {
    let (name, model) = (provider.label(), &provider.endpoint().model);
    match reach {
        Reach::Here => {}
        Reach::Listed { context } => tracing::info!(provider = name, model, context, "a provider has its model"),
        Reach::Unlisted { nearest } => tracing::warn!(
            provider = name,
            model,
            nearest = nearest.join(", "),
            "a provider does not list the model: check its name"
        ),
        Reach::NoList => tracing::info!(provider = name, "a provider has no list of models"),
        Reach::OtherAddress(address) => tracing::warn!(
            provider = name,
            address,
            "the base URL of a provider lacks its version path: set it to this address"
        ),
        Reach::Failed(error) if is_away(reach) => {
            tracing::warn!(provider = name, %error, "a provider does not answer yet: it is tried again");
        }
        Reach::Failed(error) => tracing::warn!(provider = name, %error, "a provider refuses its list of models"),
    }
}
