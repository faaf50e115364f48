//! What a provider is: it streams text and tool calls for a conversation, and its errors determine whether a retry can
//! help.
//!
//! The built-in assistant and servers over HTTP implement the same trait, so that one loop works with both and falls
//! back from one to the other. A provider does not retry, and does not run tools: the run does, which knows what the
//! user has seen.

use super::tools::ToolSpec;
use async_trait::async_trait;
use futures_util::stream::BoxStream;
use jiff::{Zoned, civil::Time};
use serde_json::{Map, Value};
use std::{fmt::Debug, time::Duration};
use tandem_completions::Failure;
pub use tandem_completions::{CallDelta, Chunk, Finish, Refusal, RefusalKind};
use tandem_protocol::{
    model::{Message, Part, Task},
    settings::DateStyle,
};
use tandem_service::{TaskCounts, candidates::Wanted};

#[async_trait]
pub trait Provider: Send + Sync + Debug {
    /// The name in messages and metrics: `openai`, `gemini` or `builtin`.
    fn name(&self) -> &'static str;

    fn model(&self) -> &str;

    /// Whether the same request gives the same answer, so that a reply of any length may start over.
    fn is_deterministic(&self) -> bool {
        false
    }

    /// Bytes of a conversation that a request may contain, besides prompt and tools.
    fn history_bytes(&self) -> usize {
        usize::MAX
    }

    /// Which of the user's tasks a request has to contain; `None` for a provider that reads the prompt instead.
    fn wanted_tasks(&self, _history: &[Message]) -> Option<Wanted> {
        None
    }

    /// Begins an answer. Dropping the stream closes the connection.
    async fn stream(&self, request: Request<'_>) -> Result<ChunkStream, ProviderError>;
}

/// The chunks of an answer. It ends after a complete answer; one that is cut off ends with an error.
pub type ChunkStream = BoxStream<'static, Result<Chunk, ProviderError>>;

#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    pub system: &'a str,
    /// The conversation, oldest first.
    pub turns: &'a [ChatTurn],
    /// The tools that may be called; none for a title.
    pub tools: &'a [ToolSpec],
    /// The same as data, for a provider that does not read the prompt. Absent for a title.
    pub local: Option<LocalContext<'a>>,
}

/// The context of a reply for a provider that works on data.
#[derive(Clone, Copy, Debug)]
pub struct LocalContext<'a> {
    pub now: &'a Zoned,
    /// The user's time of day, at which reminders of a day without a time ring.
    pub all_day: Time,
    /// How dates and times are written to the user.
    pub style: DateStyle,
    /// The conversation before the reply, oldest first.
    pub history: &'a [Message],
    pub reply: &'a [Part],
    /// How many rounds of tool calls the reply has had.
    pub rounds: usize,
    pub counts: TaskCounts,
    /// Tasks that the message may be about, in the order of the list. Their descriptions are left out.
    pub tasks: &'a [Task],
    /// Why the provider before this one did not answer, as a sentence for people; `None` when this one is the first.
    pub instead_of: Option<&'a str>,
}

/// One turn of a conversation as providers read it.
#[derive(Clone, Debug, PartialEq)]
pub enum ChatTurn {
    User(String),
    /// Text, tool calls or both. The results of the calls follow as turns of their own.
    Assistant {
        text: String,
        calls: Vec<TurnCall>,
        /// What the provider expects back of the thoughts before the calls, verbatim.
        echo: Map<String, Value>,
    },
    /// The result of a tool call.
    Tool {
        id: String,
        result: String,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub struct TurnCall {
    /// Binds call and result together.
    pub id: String,
    pub name: String,
    /// JSON, as the model wrote it.
    pub arguments: String,
    /// What the provider expects back verbatim, such as Gemini's thought signature.
    pub extra: Map<String, Value>,
}

/// Why a provider did not answer. It contains no text of the provider, which may quote what users wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// There was no connection, or it was closed before an answer.
    #[error("no connection")]
    Connect,
    /// The connection was not made in time.
    #[error("no connection in time")]
    ConnectTimeout,
    /// The name of the host cannot be resolved.
    #[error("unknown host")]
    UnknownHost,
    /// The server has no TLS, or a certificate that is not trusted.
    #[error("no secure connection")]
    Tls,
    /// The provider refused the request, or reported an error in a frame.
    #[error("refused: {:?}, status {}", refusal.kind, refusal.status)]
    Refused {
        refusal: Refusal,
        /// From the header `Retry-After`.
        retry_after: Option<Duration>,
    },
    /// The first token did not come in time.
    #[error("no first token in time")]
    FirstToken,
    /// A later token, or the end, did not come in time.
    #[error("stalled")]
    Stalled,
    /// The connection broke, or the answer ended for a reason that is no good one.
    #[error("the answer broke off")]
    Broken,
    /// The stream ended before the answer was complete.
    #[error("the stream ended early")]
    Truncated,
    /// The stream ended without text or calls.
    #[error("an empty answer")]
    Empty,
    /// Nothing of the answer could be parsed.
    #[error("an unreadable answer")]
    Unreadable,
    #[error("the request cannot be made")]
    Request,
}

impl From<Refusal> for ProviderError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused { refusal, retry_after: None }
    }
}

impl From<Failure> for ProviderError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Reported(refusal) => refusal.into(),
            Failure::Truncated => Self::Truncated,
            Failure::Unreadable => Self::Unreadable,
        }
    }
}

/// What to do about an error before the first token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryPolicy {
    /// Try the same provider again, after at least this time.
    Retry(Duration),
    /// Try the next provider.
    Next,
    /// Try the next provider, and open the breaker of this one.
    OpenBreaker,
}

/// The longest `Retry-After` that is waited for; after a longer one the next provider is faster.
pub const MAX_RETRY_AFTER: Duration = Duration::from_secs(5);

impl ProviderError {
    /// What to do about this error if it came before the first token.
    #[must_use]
    pub fn retry_policy(&self) -> RetryPolicy {
        match self {
            // Often only this connection failed.
            Self::Connect | Self::UnknownHost | Self::Broken | Self::Truncated | Self::Empty => {
                RetryPolicy::Retry(Duration::ZERO)
            }
            Self::Refused { refusal, retry_after } => match refusal.kind {
                // Only an operator can change these.
                RefusalKind::Key | RefusalKind::Forbidden | RefusalKind::Quota => RetryPolicy::OpenBreaker,
                RefusalKind::RateLimited | RefusalKind::Server => match retry_after {
                    Some(wait) if *wait > MAX_RETRY_AFTER => RetryPolicy::Next,
                    wait => RetryPolicy::Retry(wait.unwrap_or_default()),
                },
                // The provider leaves the option out from now on.
                RefusalKind::StreamOptions => RetryPolicy::Retry(Duration::ZERO),
                // The same request would be refused again.
                RefusalKind::ContentFilter
                | RefusalKind::TooLong
                | RefusalKind::NotFound
                | RefusalKind::NoTools
                | RefusalKind::Request => RetryPolicy::Next,
            },
            // The user would wait for another timeout, or for the same answer.
            Self::ConnectTimeout | Self::Tls | Self::FirstToken | Self::Stalled | Self::Unreadable | Self::Request => {
                RetryPolicy::Next
            }
        }
    }

    /// The reason in one word, for metrics.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Connect => "unreachable",
            Self::ConnectTimeout => "connect_timeout",
            Self::UnknownHost => "unknown_host",
            Self::Tls => "tls",
            Self::FirstToken => "first_token_timeout",
            Self::Stalled => "stalled",
            Self::Broken | Self::Truncated => "broken",
            Self::Empty => "empty",
            Self::Unreadable => "unreadable",
            Self::Request => "request",
            Self::Refused { refusal, .. } => match refusal.kind {
                RefusalKind::ContentFilter => "content_filter",
                RefusalKind::TooLong => "too_long",
                RefusalKind::Quota => "quota",
                RefusalKind::Key => "key",
                RefusalKind::Forbidden => "forbidden",
                RefusalKind::NotFound => "not_found",
                RefusalKind::RateLimited => "rate_limited",
                RefusalKind::Server => "server",
                RefusalKind::NoTools => "no_tools",
                RefusalKind::StreamOptions | RefusalKind::Request => "request",
            },
        }
    }

    /// Whether something did not come in time.
    #[must_use]
    pub fn is_late(&self) -> bool {
        matches!(self, Self::ConnectTimeout | Self::FirstToken | Self::Stalled)
    }

    /// Whether the provider sends its clients to another address, which are not followed.
    #[must_use]
    pub fn is_redirect(&self) -> bool {
        matches!(self, Self::Refused { refusal, .. } if (300..400).contains(&refusal.status))
    }

    /// Why the provider refused, if it did.
    #[must_use]
    pub fn refused(&self) -> Option<RefusalKind> {
        match self {
            Self::Refused { refusal, .. } => Some(refusal.kind),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn status(status: u16, retry_after: Option<u64>) -> ProviderError {
        let refusal = Refusal::classify(Some(status), &Value::Null);
        ProviderError::Refused { refusal, retry_after: retry_after.map(Duration::from_secs) }
    }

    #[test]
    fn transient_errors_are_retried() {
        for code in [408, 409, 429, 500, 502, 503, 529] {
            assert_eq!(status(code, None).retry_policy(), RetryPolicy::Retry(Duration::ZERO), "{code}");
        }
        for error in [ProviderError::Connect, ProviderError::Empty, ProviderError::Truncated] {
            assert_eq!(error.retry_policy(), RetryPolicy::Retry(Duration::ZERO), "{error}");
        }
    }

    #[test]
    fn retry_after_is_obeyed_up_to_five_seconds() {
        assert_eq!(status(429, Some(2)).retry_policy(), RetryPolicy::Retry(Duration::from_secs(2)));
        assert_eq!(status(503, Some(6)).retry_policy(), RetryPolicy::Next);
    }

    #[test]
    fn a_wrong_key_and_a_spent_quota_open_the_breaker() {
        assert_eq!(status(401, None).retry_policy(), RetryPolicy::OpenBreaker);
        assert_eq!(status(403, Some(1)).retry_policy(), RetryPolicy::OpenBreaker);
        let quota = Refusal::classify(Some(429), &json!({ "error": { "code": "insufficient_quota" } }));
        assert_eq!(ProviderError::from(quota).retry_policy(), RetryPolicy::OpenBreaker);
    }

    #[test]
    fn what_would_fail_again_goes_to_the_next() {
        for error in [status(400, None), status(404, None), ProviderError::FirstToken, ProviderError::Unreadable] {
            assert_eq!(error.retry_policy(), RetryPolicy::Next, "{error}");
        }
    }
}
