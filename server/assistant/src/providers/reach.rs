//! Requests the list of models from a provider, which costs nothing, and watches it while the server runs.
//!
//! The list shows whether the address, the key and the model are right, before the first reply fails because of them, and how
//! much the model reads. A local server is often started after this one, so the request is repeated until it is answered.

use super::{
    Endpoint, OpenAiCompatible, ProviderSettings, SetupError,
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
    /// The list does not have the model.
    Unlisted {
        /// Those with the most similar names, the nearest one first; empty if the list is.
        nearest: Vec<String>,
        /// Whether the nearest one was probably meant.
        is_close: bool,
    },
    /// The provider answers, but has no list of models: neither the key nor the model was checked.
    NoList,
    /// A web page is at the address: it is not that of an API.
    Page,
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
    let Endpoint { base_url, model, .. } = provider.endpoint();
    let found = list(provider, base_url).await;
    let is_elsewhere = match &found {
        Ok(Listing::Models(list)) => {
            return match list.lookup(model) {
                Lookup::Found { context } => Reach::Listed { context },
                Lookup::Missing { nearest, is_close } => Reach::Unlisted { nearest, is_close },
            };
        }
        Ok(Listing::Page) => true,
        Ok(Listing::Other) => false,
        Err(error) => error.refused() == Some(RefusalKind::NotFound),
    };
    if is_elsewhere {
        for other in other_addresses(base_url) {
            if let Ok(Listing::Models(_)) = list(provider, &other).await {
                return Reach::OtherAddress(other);
            }
        }
    }
    match found {
        Ok(Listing::Page) => Reach::Page,
        Err(error) if is_elsewhere && !error.is_redirect() => Reach::NoList,
        Err(error) => Reach::Failed(error),
        Ok(_) => Reach::NoList,
    }
}

/// Where the API of a server may be whose base URL lacks the version path, or has another one.
fn other_addresses(base_url: &str) -> Vec<String> {
    let origin = reqwest::Url::parse(base_url).map(|url| url.origin().ascii_serialization()).unwrap_or_default();
    let versioned = (!base_url.ends_with("/v1")).then(|| format!("{base_url}/v1"));
    let mut others: Vec<String> = Vec::new();
    for other in versioned.into_iter().chain(["/v1", "/api/v1"].map(|path| format!("{origin}{path}"))) {
        if other != base_url && !others.contains(&other) {
            others.push(other);
        }
    }
    others
}

/// What is where the list of models should be.
enum Listing {
    Models(ModelList),
    Page,
    Other,
}

/// Requests the list of models at a base URL.
async fn list(provider: &OpenAiCompatible, base: &str) -> Result<Listing, ProviderError> {
    let request = async {
        let response = provider.get(&format!("{base}/models")).await?;
        let status = response.status();
        let mut bytes = response.bytes_stream();
        let mut body = Vec::new();
        while let Some(piece) = bytes.next().await {
            body.extend_from_slice(&piece.map_err(|_| ProviderError::Broken)?);
            if body.len() > MAX_BYTES {
                return Ok(Listing::Other);
            }
        }
        let json = serde_json::from_slice::<Value>(&body).unwrap_or_default();
        // Some proxies refuse with status 200.
        let error = json.get("error").filter(|error| !error.is_null());
        if !status.is_success() || error.is_some() {
            return Err(Refusal::classify(Some(status.as_u16()), &json).into());
        }
        let is_page = body.trim_ascii_start().starts_with(b"<");
        let other = if is_page { Listing::Page } else { Listing::Other };
        Ok(ModelList::parse(&json).map_or(other, Listing::Models))
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
        Reach::Unlisted { nearest, .. } => tracing::warn!(
            provider = name,
            model,
            nearest = nearest.join(", "),
            "a provider does not list the model: check its name"
        ),
        Reach::NoList => tracing::info!(provider = name, "a provider has no list of models"),
        Reach::Page => tracing::warn!(
            provider = name,
            "a web page is at the base URL of a provider: it should end with the version path, such as /v1"
        ),
        Reach::OtherAddress(address) => tracing::warn!(
            provider = name,
            address,
            "the API of a provider is at another path: set its base URL to this address"
        ),
        Reach::Failed(error) if is_away(reach) => {
            tracing::warn!(provider = name, %error, "a provider does not answer yet: it is tried again");
        }
        Reach::Failed(error) => tracing::warn!(provider = name, %error, "a provider refuses its list of models"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_addresses_are_those_where_apis_are() {
        let others = |base: &str| other_addresses(base).join(" ");
        assert_eq!(others("http://h:1"), "http://h:1/v1 http://h:1/api/v1");
        assert_eq!(others("http://h:1/v1"), "http://h:1/api/v1");
        assert_eq!(others("https://h/api"), "https://h/api/v1 https://h/v1");
        assert_eq!(others("https://h/x/v1"), "https://h/v1 https://h/api/v1");
    }
}
