//! What is persisted of a run besides its message: for each answer that requested tools, its calls and its cost.
//!
//! A message contains calls as people see them. A provider has to receive them as it sent them, with its own ids and
//! extras, and the limits need what each call did. The JSON is read by later versions: fields keep their names, and new
//! ones have defaults.

use super::outcome::RunResult;
use crate::tools::CallImpact;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tandem_protocol::MessageId;
use tandem_service::{UnitOfWork, runs};

/// An answer that requested tools. It is stored until the run ends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Step {
    pub(super) provider: String,
    pub(super) model: String,
    /// In the order of the answer.
    pub(super) calls: Vec<StepCall>,
    /// Number of parts of the message after this step; later ones belong to the next.
    pub(super) parts: usize,
    pub(super) prompt_tokens: u64,
    pub(super) completion_tokens: u64,
    /// Milliseconds of work until the first text, if there was any by then.
    pub(super) first_token_ms: Option<u64>,
    /// Milliseconds that the run had worked by then, without waits for the user.
    pub(super) worked_ms: u64,
    /// Whether a limit was reached: the calls are run, then the run ends.
    pub(super) last: bool,
    /// The fields with the thoughts that the provider expects back with the results. Steps of older versions have none.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(super) echo: Map<String, Value>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct StepCall {
    /// Index of its part in the message.
    pub(super) part: usize,
    pub(super) name: String,
    /// The text of the arguments, verbatim.
    pub(super) arguments: String,
    /// Fields that the provider expects back verbatim.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(super) extra: Map<String, Value>,
    /// What it would do to tasks. Steps of older versions do not have it.
    #[serde(default, rename = "weight", skip_serializing_if = "Option::is_none")]
    pub(super) impact: Option<CallImpact>,
    /// Whether the user was asked to approve it.
    #[serde(default, rename = "asked")]
    pub(super) approval_required: bool,
}

impl Step {
    /// Writes the step under this index, in place of an earlier version of it.
    pub(super) async fn save(&self, unit: &mut UnitOfWork, message: MessageId, index: usize) -> RunResult<()> {
        Ok(runs::save_step(unit, message, index, self).await?)
    }
}
