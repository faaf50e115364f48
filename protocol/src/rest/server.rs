//! What a server shows to anybody: what a client needs before somebody is signed in.

use crate::enums::{PasswordReset, RegistrationMode};
use serde::{Deserialize, Serialize};

/// Answer of `GET /server`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ServerInfo {
    /// The version of the server.
    pub version: String,
    /// Who may register.
    pub registration: RegistrationMode,
    /// Whether the server has no owner yet: the next account is the owner's, whatever `registration` is.
    pub setup_needed: bool,
    /// Whether that account needs the set-up code. Always false on a server that only its own machine reaches.
    pub setup_code_needed: bool,
    /// How a forgotten password is replaced.
    pub password_reset: PasswordReset,
}
