//! Why a tool did not do it, in words that a model or a program can act on.

use serde::Serialize;
use tandem_protocol::{ErrorCode, model::Task};
use tandem_service::ServiceError;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ToolErrorCode {
    /// The arguments break a rule; `message` says which.
    Validation,
    /// There is no such tool, task or change.
    NotFound,
    /// The thing is not in the state that this needs.
    Conflict,
    /// The user said no.
    Denied,
    /// A limit of the run was reached, or of what the user may have stored.
    Limit,
    /// Something that is needed does not answer; again later may help.
    Unavailable,
    /// A fault of ours.
    Internal,
}

/// A task that may have been meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Candidate {
    /// Takes the place of `task_id`.
    pub number: i64,
    pub title: String,
}

/// A refusal. Serialises to the tool's result: `{code, message, hint?, candidates?}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{message}")]
pub struct ToolError {
    pub code: ToolErrorCode,
    pub message: String,
    /// What to do instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Tasks that may have been meant.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Candidate>,
}

impl ToolError {
    /// A refusal without further help.
    #[must_use]
    pub fn new(code: ToolErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: None, candidates: Vec::new() }
    }

    /// The arguments break a rule.
    #[must_use]
    pub fn validation(message: impl Into<String>) -> Self {
        Self::new(ToolErrorCode::Validation, message)
    }

    /// The same with something to do instead.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(super) fn unknown_tool(name: &str) -> Self {
        let names: Vec<_> = super::specs().iter().map(|spec| spec.name).collect();
        Self::new(ToolErrorCode::NotFound, format!("There is no tool {name:?}."))
            .hint(format!("The tools are {}.", names.join(", ")))
    }

    pub(super) fn no_task(named: &str, similar: &[&Task]) -> Self {
        let candidates = similar.iter().map(|task| Candidate { number: task.number, title: task.title.clone() });
        Self {
            candidates: candidates.collect(),
            ..Self::new(ToolErrorCode::NotFound, format!("There is no task {named}."))
                .hint("Name a task by its number or id; list_tasks shows them.")
        }
    }

    /// The user refused this very call before.
    #[must_use]
    pub fn denied() -> Self {
        Self::new(ToolErrorCode::Denied, "The user said no to this.").hint("Do not try it again in this reply.")
    }

    /// Whether the fault is ours or passing, so that nothing in the arguments can mend it.
    #[must_use]
    pub fn is_fault(&self) -> bool {
        matches!(self.code, ToolErrorCode::Unavailable | ToolErrorCode::Internal)
    }
}

impl From<ServiceError> for ToolError {
    fn from(error: ServiceError) -> Self {
        let code = match error.code() {
            ErrorCode::NotFound => ToolErrorCode::NotFound,
            ErrorCode::Conflict | ErrorCode::IdempotencyConflict => ToolErrorCode::Conflict,
            ErrorCode::RateLimited | ErrorCode::Overloaded | ErrorCode::Unavailable => ToolErrorCode::Unavailable,
            ErrorCode::Internal => ToolErrorCode::Internal,
            ErrorCode::Limit => ToolErrorCode::Limit,
            _ => ToolErrorCode::Validation,
        };
        if matches!(error, ServiceError::Internal(_) | ServiceError::Unavailable(_)) {
            tracing::error!(error = format!("{error:?}"), "a task tool failed");
        }
        Self::new(code, error.detail())
    }
}
