//! Why a run stops on this node.
//!
//! Every step of a run returns this as its error, so that `?` leaves the loop from anywhere. A complete reply is one of
//! the reasons: the loop has no other end.

use crate::provider::ProviderError;
use tandem_protocol::enums::ReplyErrorCode;
use tandem_service::ServiceError;

/// Why a run goes no further on this node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RunEnd {
    /// The answer requests no more tools.
    Complete,
    Cancelled,
    Interrupted(ReplyErrorCode),
    Failed(ReplyErrorCode),
    /// No provider answered; the last one failed with this error.
    Unanswered(ProviderError),
    /// Waits for the user's answer to a tool call.
    Parked,
    Released,
    /// Another node has the run, or the message is gone.
    Lost,
}

pub(super) type RunResult<T> = Result<T, RunEnd>;

impl From<ServiceError> for RunEnd {
    fn from(error: ServiceError) -> Self {
        match error {
            // The account, the conversation or the message was deleted while the run worked.
            ServiceError::SessionRevoked | ServiceError::NotFound(_) => Self::Lost,
            error => {
                tracing::error!(error = format!("{error:?}"), "a reply could not be stored");
                Self::Failed(ReplyErrorCode::Internal)
            }
        }
    }
}
