//! The errors of requests.

use crate::text::notices as text;
use tandem_protocol::{ErrorCode, Problem};

/// Why a request failed. `Display` is a sentence for the person.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub(crate) enum ApiError {
    /// No response came: no network, no server, or the timeout passed.
    #[error("{}", text::NO_SERVER)]
    Network,
    /// The server refused the request, with a reason.
    #[error("{}", .0.detail)]
    Refused(Box<Problem>),
    /// The session is over and could not be renewed. The callback of the client was called.
    #[error("{}", text::SESSION_HAS_ENDED)]
    SessionEnded,
    /// The response is not one of this API: a page of a proxy, or a server of another version.
    #[error("{}", text::UNREADABLE)]
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
