//! What a provider of replies is: a stream of text and tool calls for a conversation, and errors that say whether trying
//! again can help.

use super::tools::ToolSpec;
use async_trait::async_trait;
use futures_util::stream::BoxStream;
use jiff::Zoned;
use serde_json::{Map, Value};
use std::{fmt::Debug, time::Duration};
use tandem_protocol::model::{Message, Part, Task};
use tandem_service::candidates::Wanted;
use tandem_store::TaskCounts;

#[async_trait]
pub trait Provider: Send + Sync + Debug {
    /// As messages name it: `openai`, `gemini` or `builtin`.
    fn name(&self) -> &'static str;

    /// The model that is asked for.
    fn model(&self) -> &str;

    /// Whether it says the same when it is asked again, so that a reply of any length may start over.
    fn is_deterministic(&self) -> bool {
        false
    }

    /// Which of the user's tasks it has to know, if it works on tasks and not on a prompt.
    fn wanted_tasks(&self, _history: &[Message]) -> Option<Wanted> {
        None
    }

    /// Begins an answer. Dropping the stream closes the connection.
    async fn stream(&self, request: Request<'_>) -> Result<ChunkStream, ProviderError>;
}

/// An answer on its way. Ends after what was said is complete; an answer that breaks off ends with an error.
pub type ChunkStream = BoxStream<'static, Result<Chunk, ProviderError>>;

/// What a provider is asked.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Who the assistant is, and the circumstances.
    pub system: &'a str,
    /// The conversation, oldest first.
    pub turns: &'a [ChatTurn],
    /// What it may use; none for a title.
    pub tools: &'a [ToolSpec],
    /// The same for one that reads no prose.
    pub local: Option<LocalContext<'a>>,
}

/// The circumstances of a reply, for a provider that works on data and not on a prompt.
#[derive(Clone, Copy, Debug)]
pub struct LocalContext<'a> {
    /// Now, in the user's zone.
    pub now: &'a Zoned,
    /// The conversation before the reply, oldest first.
    pub history: &'a [Message],
    /// The reply so far.
    pub reply: &'a [Part],
    /// Tool rounds so far.
    pub rounds: usize,
    /// How many tasks the user has.
    pub counts: TaskCounts,
    /// Tasks that the message may be about, without their descriptions, in the order of the list.
    pub tasks: &'a [Task],
    /// Whether another provider should have answered and could not.
    pub is_fallback: bool,
}

/// A turn of a conversation as providers know it.
#[derive(Clone, Debug, PartialEq)]
pub enum ChatTurn {
    User(String),
    /// The assistant: text, tool calls or both. The results of the calls follow.
    Assistant {
        /// May be an empty text.
        text: String,
        /// May be an empty text.
        calls: Vec<TurnCall>,
    },
    /// The result of a tool call.
    Tool {
        id: String,
        /// The arguments as JSON text.
        result: String,
    },
}

/// A tool call as it was made.
#[derive(Clone, Debug, PartialEq)]
pub struct TurnCall {
    /// Binds call and result together.
    pub id: String,
    pub name: String,
    /// JSON, as the model wrote it.
    pub arguments: String,
    /// What the provider wants back verbatim, such as Gemini's thought signature.
    pub extra: Map<String, Value>,
}

/// A piece of an answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chunk {
    /// More text; may be empty.
    pub text: String,
    /// Pieces of tool calls.
    pub calls: Vec<CallDelta>,
    /// Why it ends, when it was said.
    pub finish: Option<Finish>,
    /// What it cost, when it was said: tokens read, tokens written.
    pub usage: Option<(u64, u64)>,
    /// The model that answers, when it was said.
    pub model: Option<String>,
}

/// A piece of a tool call. What belongs together is known by index, id or name, or by order alone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CallDelta {
    /// Place among the calls of the step; some providers have none.
    pub index: Option<u64>,
    /// May be an empty text.
    pub id: String,
    /// May be an empty text.
    pub name: String,
    /// More of the arguments' text.
    pub arguments: String,
    /// Fields that are not known here.
    pub extra: Map<String, Value>,
}

/// Why an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// It was complete, or wants its tools run.
    Stop,
    /// The provider's length limit was reached.
    Length,
    /// The provider refused the content.
    ContentFilter,
}

/// Why a provider did not answer. Never holds text of the provider: it may quote what users wrote.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// No connection, or it broke before an answer.
    #[error("no connection")]
    Connect,
    /// Answered with this status.
    #[error("status {status}")]
    Status {
        /// HTTP status, or the code in an error frame.
        status: u16,
        /// When to come back, if that was said.
        retry_after: Option<Duration>,
        /// Whether the account's quota is used up.
        quota: bool,
    },
    /// The first token did not come in time.
    #[error("no first token in time")]
    FirstToken,
    /// A later token, or the end, did not come in time.
    #[error("stalled")]
    Stalled,
    #[error("the stream broke")]
    Broken,
    /// The stream ended without saying that it was complete.
    #[error("the stream ended early")]
    Truncated,
    /// The stream ended without saying anything.
    #[error("an empty answer")]
    Empty,
    /// What was sent cannot be read.
    #[error("an unreadable answer")]
    Unreadable,
    /// The request cannot be made.
    #[error("the request cannot be made")]
    Request,
}

/// What to do about an error that comes before the first token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryPolicy {
    /// Try the same provider again, not before this time has passed.
    Retry(Duration),
    /// Go to the next provider.
    Next,
    /// Go to the next provider, and let this one rest.
    OpenBreaker,
}

/// Longest `Retry-After` that is waited for.
pub const MAX_RETRY_AFTER: Duration = Duration::from_secs(5);

impl ProviderError {
    /// What to do about it before the first token.
    #[must_use]
    pub fn retry_policy(&self) -> RetryPolicy {
        match self {
            Self::Connect | Self::Broken | Self::Truncated | Self::Empty => RetryPolicy::Retry(Duration::ZERO),
            Self::Status { status: 401..=403, .. } | Self::Status { quota: true, .. } => RetryPolicy::OpenBreaker,
            Self::Status { status: 408 | 409 | 429 | 500..=599, retry_after, .. } => match retry_after {
                Some(wait) if *wait > MAX_RETRY_AFTER => RetryPolicy::Next,
                wait => RetryPolicy::Retry(wait.unwrap_or_default()),
            },
            Self::Status { .. } | Self::FirstToken | Self::Stalled | Self::Unreadable | Self::Request => {
                RetryPolicy::Next
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(status: u16, retry_after: Option<u64>) -> ProviderError {
        ProviderError::Status { status, retry_after: retry_after.map(Duration::from_secs), quota: false }
    }

    #[test]
    fn passing_troubles_are_tried_again() {
        for code in [408, 409, 429, 500, 502, 503, 529] {
            assert_eq!(status(code, None).retry_policy(), RetryPolicy::Retry(Duration::ZERO), "{code}");
        }
        for error in [ProviderError::Connect, ProviderError::Empty, ProviderError::Truncated] {
            assert_eq!(error.retry_policy(), RetryPolicy::Retry(Duration::ZERO), "{error}");
        }
    }

    #[test]
    fn a_wait_that_was_asked_for_is_kept_up_to_five_seconds() {
        assert_eq!(status(429, Some(2)).retry_policy(), RetryPolicy::Retry(Duration::from_secs(2)));
        assert_eq!(status(503, Some(6)).retry_policy(), RetryPolicy::Next);
    }

    #[test]
    fn a_wrong_key_and_a_spent_quota_let_the_provider_rest() {
        assert_eq!(status(401, None).retry_policy(), RetryPolicy::OpenBreaker);
        assert_eq!(status(403, Some(1)).retry_policy(), RetryPolicy::OpenBreaker);
        let quota = ProviderError::Status { status: 429, retry_after: None, quota: true };
        assert_eq!(quota.retry_policy(), RetryPolicy::OpenBreaker);
    }

    #[test]
    fn what_would_fail_again_goes_to_the_next() {
        for error in [status(400, None), status(404, None), ProviderError::FirstToken, ProviderError::Unreadable] {
            assert_eq!(error.retry_policy(), RetryPolicy::Next, "{error}");
        }
    }
}
