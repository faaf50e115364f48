//! Why something was refused: what a transport turns into a problem document, an `error` frame or a tool's result.
//!
//! **Invariant:** what a client reads ([`ServiceError::detail`]) never shows internals; the source of a fault is for
//! the log.

use crate::{registration::NeededToRegister, unit::Spent};
use std::time::Duration;
use tandem_auth::{password::PasswordError, token::TokenError};
use tandem_domain::{Invalid, change::ChangedSince, task::NotRecurring};
use tandem_protocol::{
    ErrorCode,
    enums::{Scope, WireEnum as _},
    error::FieldError,
    model::Task,
};
use tandem_store::StoreError;

/// A refusal, or a fault of ours.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// Fields break their rules.
    #[error("invalid request: {0:?}")]
    Invalid(Vec<FieldError>),
    /// There is nothing of this kind with this id, or it is another user's.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// The object is not in the state that this needs. The message is for the user; `task` is the task in its present
    /// state, when `if_rev` failed.
    #[error("conflict: {message}")]
    Conflict { message: String, task: Option<Box<Task>> },
    /// The command id was used with other arguments.
    #[error("idempotency conflict")]
    IdempotencyConflict,
    /// The log does not reach back that far, or is another one.
    #[error("the event log does not reach back")]
    Gone,
    #[error("no credentials")]
    Unauthenticated,
    #[error("invalid token")]
    InvalidToken,
    #[error("token expired")]
    TokenExpired,
    #[error("session revoked")]
    SessionRevoked,
    #[error("invalid credentials")]
    InvalidCredentials,
    /// A link to set a password is not one of ours, or over.
    #[error("invalid link")]
    InvalidLink,
    /// The caller has no right to register; the reason is not shown.
    #[error("registration closed")]
    RegistrationClosed(NeededToRegister),
    /// The personal token does not have this scope; `None`: it takes a signed-in session.
    #[error("insufficient scope")]
    InsufficientScope(Option<Scope>),
    /// The password or a confirmation is needed; the sentence is for the user.
    #[error("confirmation required: {0}")]
    ConfirmationRequired(&'static str),
    /// Too many requests or attempts; may be tried again after this long.
    #[error("rate limited for {0:?}")]
    RateLimited(Duration),
    /// As many replies of the user are queued as may be.
    #[error("the queue of replies is full for {0:?}")]
    QueueFull(Duration),
    /// The user has spent what a day allows; the next one begins after this long.
    #[error("the daily limit of {most} {what:?} is reached for {wait:?}")]
    DailyLimit { what: Spent, most: i64, wait: Duration },
    /// The storage of the user is used up; the sentence is for the user.
    #[error("limit: {0}")]
    Limit(String),
    /// The node or the database has too much work.
    #[error("overloaded")]
    Overloaded,
    /// Something that is needed does not answer, such as the database.
    #[error("unavailable")]
    Unavailable(#[source] anyhow::Error),
    #[error("internal error")]
    Internal(#[source] anyhow::Error),
}

/// The sentence of [`ServiceError::DailyLimit`]. A limit of 0 has no end.
fn daily_limit(what: Spent, most: i64, wait: Duration) -> String {
    if most == 0 {
        return "Replies are turned off for your account. Ask whoever runs this server to turn them on.".into();
    }
    let what = match (what, most) {
        (Spent::Replies, 1) => "reply",
        (Spent::Replies, _) => "replies",
        (Spent::Tokens, _) => "tokens of the AI provider",
    };
    let minutes = wait.as_secs().div_ceil(60);
    let (hours, minutes) = (minutes / 60, minutes % 60);
    let wait = if hours == 0 { format!("{minutes} min") } else { format!("{hours} h {minutes} min") };
    format!("You have used your {most} {what} for today. You can go on in {wait}, at midnight UTC.")
}

/// The seconds after which to try again, rounded up: a client that waits for less would be refused once more.
pub fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

impl ServiceError {
    pub fn invalid(field: &'static str, message: impl Into<String>) -> Self {
        Invalid::new(field, message).into()
    }

    pub fn conflict(message: impl Into<String>) -> Self {
        Self::Conflict { message: message.into(), task: None }
    }

    pub fn unavailable(why: &'static str) -> Self {
        Self::Unavailable(anyhow::anyhow!(why))
    }

    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Invalid(_) => ErrorCode::InvalidRequest,
            Self::NotFound(_) => ErrorCode::NotFound,
            Self::Conflict { .. } => ErrorCode::Conflict,
            Self::IdempotencyConflict => ErrorCode::IdempotencyConflict,
            Self::Gone => ErrorCode::Gone,
            Self::Unauthenticated => ErrorCode::Unauthenticated,
            Self::InvalidToken | Self::InvalidLink => ErrorCode::InvalidToken,
            Self::TokenExpired => ErrorCode::TokenExpired,
            Self::SessionRevoked => ErrorCode::SessionRevoked,
            Self::InvalidCredentials => ErrorCode::InvalidCredentials,
            Self::RegistrationClosed(_) => ErrorCode::RegistrationClosed,
            Self::InsufficientScope(_) => ErrorCode::InsufficientScope,
            Self::ConfirmationRequired(_) => ErrorCode::ConfirmationRequired,
            Self::RateLimited(_) | Self::QueueFull(_) => ErrorCode::RateLimited,
            Self::DailyLimit { .. } => ErrorCode::DailyLimit,
            Self::Limit(_) => ErrorCode::Limit,
            Self::Overloaded => ErrorCode::Overloaded,
            Self::Unavailable(_) => ErrorCode::Unavailable,
            Self::Internal(_) => ErrorCode::Internal,
        }
    }

    /// What happened and what to do, for people. Never shows internals.
    pub fn detail(&self) -> String {
        match self {
            Self::Invalid(errors) => match errors.first() {
                Some(first) => format!("{}: {}.", first.field, first.message),
                None => "The request is not valid.".into(),
            },
            Self::NotFound(what) => format!("There is no such {what}, or it is not yours."),
            Self::Conflict { message, .. } | Self::Limit(message) => message.clone(),
            Self::IdempotencyConflict => {
                "This id was used for another command. Use a new one for a new command.".into()
            }
            Self::Gone => "The event log does not reach back to there. Load /snapshot and go on from its seq.".into(),
            Self::Unauthenticated => "Send an access token as Authorization: Bearer.".into(),
            Self::InvalidToken => "The token is not one of this server's. Log in again.".into(),
            Self::TokenExpired => "The access token has expired. Refresh it at /auth/refresh.".into(),
            Self::SessionRevoked => "This session has ended. Log in again.".into(),
            Self::InvalidCredentials => "Email or password is wrong.".into(),
            Self::InvalidLink => "This link was used already, or has expired. Ask for a new one.".into(),
            Self::RegistrationClosed(needed) => needed.sentence().into(),
            Self::InsufficientScope(Some(scope)) => format!("This needs a token with the scope {}.", scope.as_str()),
            Self::InsufficientScope(None) => "This needs a signed-in session, not a personal token.".into(),
            Self::ConfirmationRequired(sentence) => (*sentence).into(),
            Self::RateLimited(wait) => format!("Too many requests. Try again in {} s.", whole_seconds(*wait).max(1)),
            Self::QueueFull(_) => {
                "Many of your messages wait for a reply already. Send this one when a reply has ended, or \
                                   answer what asks for your approval first."
                    .into()
            }
            Self::DailyLimit { what, most, wait } => daily_limit(*what, *most, *wait),
            Self::Overloaded => "The server is busy. Try again in a moment.".into(),
            Self::Unavailable(_) => "Something that the server needs does not answer. Try again in a moment.".into(),
            Self::Internal(_) => "Something went wrong on our side. Nothing was changed.".into(),
        }
    }

    /// How long to wait before the next attempt, where that helps.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited(wait) | Self::QueueFull(wait) => Some((*wait).max(Duration::from_secs(1))),
            // A limit of 0 does not end at midnight.
            Self::DailyLimit { most: 0, .. } => None,
            Self::DailyLimit { wait, .. } => Some(*wait),
            Self::Overloaded | Self::Unavailable(_) => Some(Duration::from_secs(1)),
            _ => None,
        }
    }

    pub fn fields(&self) -> &[FieldError] {
        if let Self::Invalid(fields) = self { fields } else { &[] }
    }

    /// The task in its present state, when `if_rev` failed.
    pub fn current_task(&self) -> Option<&Task> {
        if let Self::Conflict { task: Some(task), .. } = self { Some(task) } else { None }
    }
}

impl From<Invalid> for ServiceError {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(vec![invalid.into()])
    }
}

impl From<NotRecurring> for ServiceError {
    fn from(_: NotRecurring) -> Self {
        Self::conflict("This task does not repeat, so there is nothing to skip.")
    }
}

impl From<ChangedSince> for ServiceError {
    fn from(_: ChangedSince) -> Self {
        Self::conflict("This was changed since, so it cannot be taken back any more.")
    }
}

impl From<StoreError> for ServiceError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Exists(what) => Self::conflict(format!("A {what} with this id exists already.")),
            // An account ends with all of its sessions.
            StoreError::NoAccount => Self::SessionRevoked,
            StoreError::Unavailable(source) => Self::Unavailable(source),
            StoreError::TooLong(source) => {
                tracing::warn!(error = format!("{source:#}"), "a statement took too long and was ended");
                Self::Overloaded
            }
            StoreError::Broken(source) => Self::Internal(source),
        }
    }
}

impl From<TokenError> for ServiceError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Invalid => Self::InvalidToken,
            TokenError::Expired => Self::TokenExpired,
        }
    }
}

impl From<PasswordError> for ServiceError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy => Self::Overloaded,
            broken @ PasswordError::Broken(_) => Self::Internal(broken.into()),
        }
    }
}

impl From<serde_json::Error> for ServiceError {
    fn from(error: serde_json::Error) -> Self {
        Self::Internal(error.into())
    }
}
