//! The checks of providers: their list of models, or an answer to a question.
//!
//! A provider that does not work is a warning, since the next one answers. When an operator asks for an answer, one that
//! does not come is a failure.

use super::Finding;
use crate::{app::provider_settings, config::Config};
use serde::Serialize;
use tandem_assistant::{
    Timeouts,
    provider::{ProviderError, RefusalKind},
    providers::{Asked, ProviderSettings, Reach, ask, probe},
};

/// The provider's part of the table of `tandem doctor --ask`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct AskedRow {
    pub(crate) model: String,
    /// `answered`, or the reason of the metric `tandem_provider_failures_total`.
    pub(crate) result: &'static str,
    /// HTTP status of a refusal.
    pub(crate) status: Option<u16>,
    pub(crate) first_token_ms: Option<u64>,
}

/// A provider with the variables of its settings.
#[derive(Clone, Copy, Debug)]
struct Subject<'a> {
    name: &'static str,
    /// The part before `_API_KEY`, `_BASE_URL` and `_MODEL`.
    prefix: &'static str,
    model: &'a str,
}

pub(super) async fn examine(config: &Config, with_question: bool) -> Vec<Finding> {
    let mut findings: Vec<Finding> = config.keyless.iter().map(|url| keyless(url)).collect();
    for settings in provider_settings(config) {
        findings.push(if with_question {
            question(&settings, &config.timeouts).await
        } else {
            models(&settings, &config.timeouts).await
        });
    }
    findings
}

fn keyless(url: &'static str) -> Finding {
    let key = url.replace("_BASE_URL", "_API_KEY");
    Finding::warning(
        "providers",
        format!("{url} is set, but the provider has no key"),
        format!("set {key}, or unset {url}"),
    )
}

fn subject(settings: &ProviderSettings) -> Subject<'_> {
    match settings {
        ProviderSettings::OpenAi(endpoint) => Subject { name: "openai", prefix: "OPENAI", model: &endpoint.model },
        ProviderSettings::Gemini(endpoint) => Subject { name: "gemini", prefix: "GEMINI", model: &endpoint.model },
        ProviderSettings::Builtin => Subject { name: "builtin", prefix: "", model: "" },
    }
}

/// Checks address, key and model by the list of models, which costs nothing.
async fn models(settings: &ProviderSettings, timeouts: &Timeouts) -> Finding {
    let about = subject(settings);
    let Subject { name, prefix, model } = about;
    let fallback =
        |advice: String| format!("{advice}; until then, replies come from the next provider in TANDEM_PROVIDERS");
    match probe(settings, timeouts).await {
        Ok(Reach::Here) => Finding::ok(name, "is part of the server"),
        Ok(Reach::Listed { context: Some(tokens) }) => {
            Finding::ok(name, format!("answers and has {model}, which reads {tokens} tokens"))
        }
        Ok(Reach::Listed { context: None }) => Finding::ok(name, format!("answers and has {model}")),
        Ok(Reach::NoList) => {
            Finding::ok(name, "answers, but has no list of models; `tandem doctor --ask` checks key and model")
        }
        Ok(Reach::Unlisted { nearest, .. }) if nearest.is_empty() => {
            Finding::warning(name, "answers, but has no model", fallback(format!("install {model} there")))
        }
        Ok(Reach::Unlisted { nearest, is_close }) => Finding::warning(
            name,
            format!("answers, but does not list {model}"),
            fallback(other_model(prefix, &nearest, is_close)),
        ),
        Ok(Reach::Page) => {
            Finding::warning(name, "answers with a web page", fallback(advice(&ProviderError::Unreadable, about)))
        }
        Ok(Reach::OtherAddress(address)) => {
            Finding::warning(name, "answers at another path", fallback(format!("set {prefix}_BASE_URL to {address}")))
        }
        Ok(Reach::Failed(error)) => Finding::warning(name, in_words(&error), fallback(advice(&error, about))),
        // The other findings are warnings, since the next provider answers. This one ends the start of the server.
        Err(error) => Finding::failed(name, error.to_string(), format!("correct {prefix}_API_KEY")),
    }
}

/// What to write in place of a model that is not listed.
fn other_model(prefix: &str, nearest: &[String], is_close: bool) -> String {
    let advice = format!("{prefix}_MODEL to a model that it has, such as {}", nearest.join(", "));
    match nearest.first() {
        Some(name) if is_close => format!("did you mean {name}? Set {advice}"),
        _ => format!("set {advice}"),
    }
}

/// Asks for one word.
async fn question(settings: &ProviderSettings, timeouts: &Timeouts) -> Finding {
    let about = subject(settings);
    let Asked { model, first_token, outcome } = match ask(settings, timeouts).await {
        Ok(Some(asked)) => asked,
        Ok(None) => return Finding::ok(about.name, "is part of the server"),
        Err(error) => {
            return Finding::failed(about.name, error.to_string(), format!("correct {}_API_KEY", about.prefix));
        }
    };
    let first_token_ms = first_token.map(|time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX));
    let model = shown_model(&model);
    let row = |result, status| Some(AskedRow { model: model.clone(), result, status, first_token_ms });
    match outcome {
        Ok(word) => {
            let seen =
                if word.is_empty() { "answered with a call".to_owned() } else { format!("answered “{word}”") };
            Finding { asked: row("answered", None), ..Finding::ok(about.name, seen) }
        }
        Err(error) => {
            let is_missing = error.refused() == Some(RefusalKind::NotFound);
            let advice = match error {
                _ if is_missing => not_found(settings, timeouts, about).await,
                ProviderError::Unreadable => elsewhere(settings, timeouts, about).await,
                _ => None,
            };
            let advice = advice.unwrap_or_else(|| self::advice(&error, about));
            let status = status(&error);
            Finding { asked: row(error.reason(), status), ..Finding::failed(about.name, in_words(&error), advice) }
        }
    }
}

/// The name of a model as a table shows it: llama.cpp gives the path of its file.
fn shown_model(model: &str) -> String {
    match model.strip_prefix('/') {
        Some(path) => path.rsplit('/').next().unwrap_or(path).to_owned(),
        None => model.to_owned(),
    }
}

/// What to do about a model or an address that does not exist, by the list of models.
async fn not_found(settings: &ProviderSettings, timeouts: &Timeouts, about: Subject<'_>) -> Option<String> {
    match probe(settings, timeouts).await.ok()? {
        Reach::Unlisted { nearest, .. } if nearest.is_empty() => Some(format!("install {} there", about.model)),
        Reach::Unlisted { nearest, is_close } => Some(other_model(about.prefix, &nearest, is_close)),
        _ => elsewhere(settings, timeouts, about).await,
    }
}

/// What to do about an address at which no API is.
async fn elsewhere(settings: &ProviderSettings, timeouts: &Timeouts, about: Subject<'_>) -> Option<String> {
    match probe(settings, timeouts).await.ok()? {
        Reach::OtherAddress(address) => Some(format!("set {}_BASE_URL to {address}", about.prefix)),
        Reach::Page => Some(advice(&ProviderError::Unreadable, about)),
        _ => None,
    }
}

/// The status of a refusal over HTTP. Errors within an answer have none.
fn status(error: &ProviderError) -> Option<u16> {
    match error {
        ProviderError::Refused { refusal, .. } => Some(refusal.status),
        _ => None,
    }
}

/// What a provider did, as a sentence whose subject it is.
fn in_words(error: &ProviderError) -> String {
    let words = match error {
        ProviderError::Connect => "cannot be reached",
        ProviderError::ConnectTimeout => "cannot be connected to in time",
        ProviderError::UnknownHost => "has an address whose host does not exist",
        ProviderError::Tls => "has no secure connection",
        ProviderError::FirstToken => "did not begin to answer in time",
        ProviderError::Stalled => "stopped in the middle of its answer",
        ProviderError::Broken | ProviderError::Truncated => "broke its answer off",
        ProviderError::Empty => "answered with nothing",
        ProviderError::Unreadable => "answered with something else than an answer of a model",
        ProviderError::Request => "cannot be sent a request",
        ProviderError::Refused { refusal, .. } => {
            let words = match (refusal.kind, refusal.status) {
                (RefusalKind::Key, _) => "does not accept the key",
                (RefusalKind::Quota, _) => "has no credit or quota left for the key",
                (RefusalKind::Forbidden, _) => "does not allow this to the key",
                (RefusalKind::NotFound, 300..=399) => "is at another address now",
                (RefusalKind::NotFound, _) => "does not know the model or the path",
                (RefusalKind::TooLong, 413) => "takes no request of this size",
                (RefusalKind::TooLong, _) => "has a context that is too small",
                (RefusalKind::RateLimited, _) => "has too many requests",
                (RefusalKind::Server, _) => "has a failure of its own",
                (RefusalKind::ContentFilter, _) => "refuses the content",
                (RefusalKind::NoTools, _) => "has a model, or a setting, without tools",
                (RefusalKind::StreamOptions | RefusalKind::Request, _) => "does not understand the request",
            };
            // An error within an answer has the status of the answer.
            return if refusal.status == 200 {
                words.to_owned()
            } else {
                format!("{words} (status {})", refusal.status)
            };
        }
    };
    words.to_owned()
}

/// What an operator can do about it.
fn advice(error: &ProviderError, about: Subject<'_>) -> String {
    let Subject { prefix, model, .. } = about;
    match error {
        ProviderError::Connect => format!("start it, or correct {prefix}_BASE_URL"),
        ProviderError::ConnectTimeout => {
            format!("check {prefix}_BASE_URL and firewalls, or raise TANDEM_PROVIDER_CONNECT_TIMEOUT")
        }
        ProviderError::UnknownHost => format!("correct {prefix}_BASE_URL, or check the network and its DNS"),
        ProviderError::Tls => {
            format!("check its certificate; if it has no TLS, begin {prefix}_BASE_URL with http://")
        }
        ProviderError::FirstToken => {
            "choose a smaller model or a faster machine, or raise TANDEM_FIRST_TOKEN_TIMEOUT".to_owned()
        }
        ProviderError::Stalled => "check its log, or raise TANDEM_NEXT_TOKEN_TIMEOUT".to_owned(),
        ProviderError::Broken | ProviderError::Truncated | ProviderError::Empty => {
            format!("ask again; if that does not help, check its log and whether {model} can use tools")
        }
        ProviderError::Unreadable => {
            format!("correct {prefix}_BASE_URL: it should end with the version path, such as /v1")
        }
        ProviderError::Request => format!("correct {prefix}_BASE_URL"),
        ProviderError::Refused { refusal, .. } => match refusal.kind {
            RefusalKind::Key => format!("correct {prefix}_API_KEY"),
            RefusalKind::Quota => format!("add credit at the provider, or set another {prefix}_API_KEY"),
            RefusalKind::Forbidden => {
                format!("allow {model} to the key at the provider, or set another {prefix}_MODEL")
            }
            RefusalKind::NotFound => format!("correct {prefix}_BASE_URL and {prefix}_MODEL ({model})"),
            RefusalKind::TooLong => {
                "choose a model with a larger context, or start its server with one: 8000 tokens or more".to_owned()
            }
            RefusalKind::RateLimited => "wait a minute; the provider can raise the limit".to_owned(),
            RefusalKind::Server => "try again later; the cause is in its log or on its status page".to_owned(),
            RefusalKind::NoTools => format!(
                "set {prefix}_MODEL to one that can use tools; vLLM needs --enable-auto-tool-choice and \
                 --tool-call-parser, llama.cpp --jinja"
            ),
            RefusalKind::ContentFilter => format!("loosen its content filter, or set another {prefix}_MODEL"),
            RefusalKind::StreamOptions | RefusalKind::Request => {
                format!("look into its log for the reason; {prefix}_BASE_URL must have OpenAI's chat completions")
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use tandem_assistant::provider::Refusal;

    fn refused(kind: RefusalKind, status: u16) -> ProviderError {
        Refusal { kind, status }.into()
    }

    #[test]
    fn every_failure_has_words_and_advice_of_its_own() {
        let about = Subject { name: "openai", prefix: "OPENAI", model: "m" };
        let errors = [
            ProviderError::Connect,
            ProviderError::ConnectTimeout,
            ProviderError::UnknownHost,
            ProviderError::Tls,
            ProviderError::FirstToken,
            ProviderError::Stalled,
            ProviderError::Broken,
            ProviderError::Empty,
            ProviderError::Unreadable,
            refused(RefusalKind::Key, 401),
            refused(RefusalKind::Quota, 402),
            refused(RefusalKind::Forbidden, 403),
            refused(RefusalKind::NotFound, 404),
            refused(RefusalKind::NotFound, 308),
            refused(RefusalKind::TooLong, 413),
            refused(RefusalKind::TooLong, 400),
            refused(RefusalKind::RateLimited, 429),
            refused(RefusalKind::Server, 503),
            refused(RefusalKind::NoTools, 400),
            refused(RefusalKind::Request, 400),
        ];
        let words: BTreeSet<String> = errors.iter().map(in_words).collect();
        assert_eq!(words.len(), errors.len(), "two failures have the same words");
        assert!(errors.iter().all(|error| !advice(error, about).is_empty()));
        assert_eq!(in_words(&refused(RefusalKind::Key, 401)), "does not accept the key (status 401)");
    }
}
