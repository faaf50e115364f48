//! What is persisted of a run besides its message: per answer of a provider, the calls verbatim and what it cost.

use crate::tools::Weight;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One answer of a provider that asked for tools. Kept until the run ends, so that another node can go on from it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Step {
    pub(crate) provider: String,
    pub(crate) model: String,
    /// The tool calls, in order.
    pub(crate) calls: Vec<StepCall>,
    /// Parts of the message when the step was over; later ones belong to the next step.
    pub(crate) parts: usize,
    pub(crate) prompt_tokens: u64,
    pub(crate) completion_tokens: u64,
    /// Milliseconds from the start of the run to the first text, if there was one by then.
    pub(crate) first_token_ms: Option<u64>,
    /// Milliseconds that the run has worked by then, without waits for the user.
    pub(crate) worked_ms: u64,
    /// Whether a limit was reached: the calls are run, then the run ends.
    pub(crate) last: bool,
}

/// A tool call as the provider made it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct StepCall {
    /// Its part of the message.
    pub(crate) part: usize,
    pub(crate) name: String,
    /// The text of the arguments, verbatim.
    pub(crate) arguments: String,
    /// What the provider wants back verbatim.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(crate) extra: Map<String, Value>,
    /// What it was found to do. Absent from steps of an older version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) weight: Option<Weight>,
    /// Whether it was put before the user.
    #[serde(default)]
    pub(crate) asked: bool,
}
