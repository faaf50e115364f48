//! Why a tool refused a call, in a form that a model or a program can act on.

use serde::Serialize;
use tandem_protocol::{ErrorCode, model::Task};
use tandem_service::ServiceError;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ToolErrorCode {
    /// The arguments break a rule, which `message` names.
    Validation,
    /// There is no such tool, task or change.
    NotFound,
    /// The task is not in the state that the call needs.
    Conflict,
    /// The user refused the call.
    Denied,
    /// A limit of the run, or of what the user may store, was reached.
    Limit,
    /// Something does not answer; a later call may succeed.
    Unavailable,
    Internal,
}

/// A task that may have been meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Candidate {
    /// Usable as `task_id` in the next call.
    pub number: i64,
    pub title: String,
}

/// A refusal, serialised as the result of the tool: `{code, message, hint?, candidates?}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{message}")]
pub struct ToolError {
    pub code: ToolErrorCode,
    pub message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Tasks that may have been meant.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Candidate>,
}

impl ToolError {
    #[must_use]
    pub fn new(code: ToolErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: None, candidates: Vec::new() }
    }

    #[must_use]
    pub fn validation(message: impl Into<String>) -> Self {
        Self::new(ToolErrorCode::Validation, message)
    }

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

    /// A refusal because the user has refused this call before.
    #[must_use]
    pub fn denied() -> Self {
        Self::new(ToolErrorCode::Denied, "The user said no to this.").hint("Do not try it again in this reply.")
    }

    /// Whether the server is at fault, so that no other arguments can help.
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
