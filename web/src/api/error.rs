//! Why a request gave no answer.

use tandem_protocol::{ErrorCode, Problem};

/// Why a request gave no answer. `Display` is a sentence for the person.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub(crate) enum ApiError {
    /// No answer came: no network, no server, or it took too long.
    #[error("The server cannot be reached. Try again in a moment.")]
    Network,
    /// The server said no, and why.
    #[error("{}", .0.detail)]
    Refused(Box<Problem>),
    /// The session is over and could not be renewed; whoever holds the client was told.
    #[error("Your session has ended.")]
    SessionEnded,
    /// Something came that is no answer of this server: a proxy's page, or a server of another version.
    #[error("The server gave an answer that this page does not understand.")]
    Unreadable,
}

impl ApiError {
    /// The code of a refusal.
    pub(crate) fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Refused(problem) => Some(problem.code),
            Self::Network | Self::SessionEnded | Self::Unreadable => None,
        }
    }
}
