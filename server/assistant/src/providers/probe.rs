//! Checks whether a provider can be reached and accepts its key, before a user waits for a reply.

use super::{ProviderSettings, SetupError, openai_compatible::OpenAiCompatible};
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(8);

/// The outcome of a request for the list of models, which costs nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    Here,
    /// It answers and accepts the key.
    Answers,
    /// It answers, but has no list of models: the key was not checked.
    NoList,
    /// It does not accept the key.
    KeyRefused,
    Status(u16),
    Silent,
}

/// Requests the list of models from a provider.
///
/// # Errors
/// When the HTTP client cannot be built or the key cannot be sent. A provider that does not answer is no error, but
/// [`Reach::Silent`].
pub async fn probe(settings: &ProviderSettings) -> Result<Reach, SetupError> {
    let Some((name, endpoint)) = settings.remote() else { return Ok(Reach::Here) };
    let http = OpenAiCompatible::new(name, endpoint)?.into_http();
    let request = http.get(format!("{}/models", endpoint.base_url)).bearer_auth(&endpoint.api_key).timeout(TIMEOUT);
    let Ok(answer) = request.send().await else { return Ok(Reach::Silent) };
    Ok(match answer.status().as_u16() {
        200..=299 => Reach::Answers,
        // Gemini answers 400 to a key that is not valid.
        400 | 401 | 403 => Reach::KeyRefused,
        404 | 405 => Reach::NoList,
        status => Reach::Status(status),
    })
}
