//! Refusals: a stable code for programs, and a sentence for people with the cause and the remedy.
//!
//! REST and the socket use the same codes, so that a client handles a refusal once. A code is never renamed or reused.

use crate::{
    enums::{WireEnum, one_of},
    model::Task,
};
use serde::{Deserialize, Deserializer, Serialize};

// One list, so that a code cannot lack its status or title. `wire_enums!` has no place for these two.
macro_rules! codes {
    ($($(#[$doc:meta])+ $variant:ident = $text:tt $status:literal $title:literal),+ $(,)?) => {
        /// A stable code. REST and the socket use the same ones.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum ErrorCode {
            $($(#[$doc])+ #[serde(rename = $text)] $variant,)+
        }

        impl WireEnum for ErrorCode {
            const ALL: &'static [Self] = &[$(Self::$variant),+];
            const TEXTS: &'static [&'static str] = &[$($text),+];
            fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl<'de> Deserialize<'de> for ErrorCode {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                one_of(deserializer)
            }
        }

        impl ErrorCode {
            /// The HTTP status that goes with it.
            pub fn status(self) -> u16 {
                match self { $(Self::$variant => $status),+ }
            }

            /// The `title` of RFC 9457: the same for every occurrence.
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),+ }
            }
        }
    };
}

codes! {
    /// The request lacks something, or has something that is not allowed; `errors` lists the fields.
    InvalidRequest = "invalid_request" 400 "The request is not valid",
    /// No credentials were given.
    Unauthenticated = "unauthenticated" 401 "Sign in first",
    /// The token is unknown to this server, or of another kind.
    InvalidToken = "invalid_token" 401 "The token is not valid",
    /// The access token has ended: refresh it.
    TokenExpired = "token_expired" 401 "The access token has expired",
    /// The session was ended: log in again.
    SessionRevoked = "session_revoked" 401 "The session has ended",
    /// Address or password is wrong; the answer does not distinguish them.
    InvalidCredentials = "invalid_credentials" 401 "Email or password is wrong",
    /// The origin of the page that sent the request is not allowed.
    ForbiddenOrigin = "forbidden_origin" 403 "This origin is not allowed",
    /// The personal token lacks the scope that the request needs.
    InsufficientScope = "insufficient_scope" 403 "The token does not allow this",
    /// Registration is not open, and the request has no valid invitation or set-up code.
    RegistrationClosed = "registration_closed" 403 "Registration is closed",
    /// The object does not exist, or belongs to another user.
    NotFound = "not_found" 404 "Not found",
    /// The path exists, the method does not.
    MethodNotAllowed = "method_not_allowed" 405 "Method not allowed",
    /// The object has changed, or is not in the state that the request needs.
    Conflict = "conflict" 409 "Conflict with the current state",
    /// The key was used before with other arguments.
    IdempotencyConflict = "idempotency_conflict" 409 "The idempotency key was used for something else",
    /// The event log does not reach back so far: load a snapshot.
    Gone = "gone" 410 "No longer available",
    /// The user's storage is full: delete something first.
    Limit = "limit" 409 "The limit is reached",
    /// The body is larger than 1 MiB.
    PayloadTooLarge = "payload_too_large" 413 "The body is too large",
    /// The body is not `application/json`.
    UnsupportedMediaType = "unsupported_media_type" 415 "The content type is not supported",
    /// Too many requests: wait for `retry_after`.
    RateLimited = "rate_limited" 429 "Too many requests",
    /// The user has spent what a day allows: wait for `retry_after`, which is the next day of UTC. Without it, replies are turned
    /// off for the user.
    DailyLimit = "daily_limit" 429 "Today's limit is reached",
    /// The change is large: the user has to confirm it first.
    ConfirmationRequired = "confirmation_required" 409 "Needs confirmation",
    /// The server is at its limit: wait for `retry_after`.
    Overloaded = "overloaded" 503 "The server is busy",
    /// A service that the server depends on does not answer.
    Unavailable = "unavailable" 503 "Temporarily unavailable",
    /// A fault of the server; its log has the request id.
    Internal = "internal" 500 "Something went wrong on our side",
}

impl std::fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A field of a request and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// Name of the field, with dots into objects.
    pub field: String,
    /// What is wrong and what is expected.
    pub message: String,
}

/// The body of every refusal over REST, `application/problem+json` of RFC 9457.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// Names the kind of problem; `about:blank` with the code in `code`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Short, the same for every occurrence.
    pub title: String,
    /// The HTTP status again.
    pub status: u16,
    /// A stable code for programs.
    pub code: ErrorCode,
    /// What happened here and what to do.
    pub detail: String,
    /// Identifies the request in a report and in the server's log.
    pub request_id: String,
    /// The wrong fields of `invalid_request`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// With `conflict` on `if_rev`: the task as it is now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<Task>,
}
