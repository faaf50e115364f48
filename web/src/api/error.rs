//! The errors of requests.

use tandem_protocol::{ErrorCode, Problem};

/// Why a request failed. `Display` is a sentence for the person.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub(crate) enum ApiError {
    /// No response came: no network, no server, or the timeout passed.
    #[error("The server cannot be reached. Try again in a moment.")]
    Network,
    /// The server refused the request, with a reason.
    #[error("{}", .0.detail)]
    Refused(Box<Problem>),
    /// The session is over and could not be renewed. The callback of the client was called.
    #[error("Your session has ended.")]
    SessionEnded,
    /// The response is not one of this API: a page of a proxy, or a server of another version.
    #[error("The server gave an answer that this page does not understand.")]
    Unreadable,
}

impl ApiError {
    /// The error code, if the server refused the request.
    pub(crate) fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Refused(problem) => Some(problem.code),
            Self::Network | Self::SessionEnded | Self::Unreadable => None,
        }
    }
}
