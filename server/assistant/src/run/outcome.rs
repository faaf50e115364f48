//! Why a run stops on this node. Every step of a run returns this as its error.

use tandem_protocol::enums::ReplyErrorCode;
use tandem_service::ServiceError;

/// Why a run goes no further on this node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RunEnd {
    /// Said what there was to say.
    Complete,
    /// The user stopped it.
    Cancelled,
    /// It can be continued.
    Interrupted(ReplyErrorCode),
    /// No answer could be made.
    Failed(ReplyErrorCode),
    /// Waits for the user's answer to a tool call.
    Parked,
    /// The node goes down.
    Released,
    /// Another node has it, or the message is gone.
    Lost,
}

/// A result of anything that may end the run.
pub(super) type RunResult<T> = Result<T, RunEnd>;

impl From<ServiceError> for RunEnd {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::SessionRevoked | ServiceError::NotFound(_) => Self::Lost,
            error => {
                tracing::error!(error = format!("{error:?}"), "a reply could not be stored");
                Self::Failed(ReplyErrorCode::Internal)
            }
        }
    }
}
