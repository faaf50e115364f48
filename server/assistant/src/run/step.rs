//! What is persisted of a run besides its message: per answer of a provider, the calls verbatim and what it cost.

use super::outcome::RunResult;
use crate::tools::CallImpact;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tandem_protocol::MessageId;
use tandem_service::{ServiceError, UnitOfWork};

/// One answer of a provider that asked for tools. Kept until the run ends, so that another node can go on from it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Step {
    pub(super) provider: String,
    pub(super) model: String,
    /// The tool calls, in order.
    pub(super) calls: Vec<StepCall>,
    /// Parts of the message when the step was over; later ones belong to the next step.
    pub(super) parts: usize,
    pub(super) prompt_tokens: u64,
    pub(super) completion_tokens: u64,
    /// Milliseconds from the start of the run to the first text, if there was one by then.
    pub(super) first_token_ms: Option<u64>,
    /// Milliseconds that the run has worked by then, without waits for the user.
    pub(super) worked_ms: u64,
    /// Whether a limit was reached: the calls are run, then the run ends.
    pub(super) last: bool,
}

/// A tool call as the provider made it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct StepCall {
    /// Its part of the message.
    pub(super) part: usize,
    pub(super) name: String,
    /// The text of the arguments, verbatim.
    pub(super) arguments: String,
    /// What the provider wants back verbatim.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(super) extra: Map<String, Value>,
    /// What it was found to do. Absent from steps of an older version.
    #[serde(default, rename = "weight", skip_serializing_if = "Option::is_none")]
    pub(super) impact: Option<CallImpact>,
    /// Whether it was put before the user.
    #[serde(default, rename = "asked")]
    pub(super) approval_required: bool,
}

impl Step {
    /// Writes the step as the one with this index, in place of what is there.
    pub(super) async fn save(&self, unit: &mut UnitOfWork, message: MessageId, index: usize) -> RunResult<()> {
        let index = i64::try_from(index).unwrap_or(i64::MAX);
        let value = serde_json::to_value(self).map_err(ServiceError::from)?;
        Ok(unit.tx.save_run_step(message, index, &value).await.map_err(ServiceError::from)?)
    }
}
