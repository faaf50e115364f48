//! What a server offers to its users: the answer of `GET /server`.

use crate::enums::ProviderState;
use serde::{Deserialize, Serialize};

/// Answer of `GET /server`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ServerInfo {
    /// The version of the server.
    pub version: String,
    /// The providers that are set up, in the order in which they are tried.
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
