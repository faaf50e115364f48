//! What a server shows of itself: to anybody what a client needs before somebody is signed in, to its users what it offers.

use crate::enums::{PasswordReset, ProviderState, RegistrationMode};
use serde::{Deserialize, Serialize};

/// Answer of `GET /server`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ServerInfo {
    /// The version of the server.
    pub version: String,
    /// Who may create an account.
    pub registration: RegistrationMode,
    /// Whether the server has no owner yet: the next account is the owner's, whatever `registration` is.
    pub setup_needed: bool,
    /// Whether that account needs the set-up code. Always false on a server that only its own machine reaches.
    pub setup_code_needed: bool,
    /// How a forgotten password is replaced.
    pub password_reset: PasswordReset,
    /// The providers that are set up, in the order in which they are tried. Empty for a client that is not signed in.
    pub providers: Vec<ProviderInfo>,
}

/// A provider that writes replies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProviderInfo {
    /// `openai`, `gemini` or `builtin`.
    pub name: String,
    /// The model that is asked for; empty for the built-in assistant.
    pub model: String,
    /// Whether it is used now.
    pub state: ProviderState,
    /// Whether what it is sent stays on this server.
    pub local: bool,
}
