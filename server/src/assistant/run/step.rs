//! What is persisted of a run besides its message: per answer of a provider, the calls verbatim and what it cost.

use crate::assistant::tools::Weight;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One answer of a provider that asked for tools. Kept until the run ends, so that another node can go on from it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::assistant) struct Step {
    /// Who answered.
    pub(in crate::assistant) provider: String,
    /// With which model.
    pub(in crate::assistant) model: String,
    /// The tool calls, in order.
    pub(in crate::assistant) calls: Vec<StepCall>,
    /// Parts of the message when the step was over; later ones belong to the next step.
    pub(in crate::assistant) parts: usize,
    /// Tokens read.
    pub(in crate::assistant) prompt_tokens: u64,
    /// Tokens written.
    pub(in crate::assistant) completion_tokens: u64,
    /// Milliseconds from the start of the run to the first text, if there was one by then.
    pub(in crate::assistant) first_token_ms: Option<u64>,
    /// Milliseconds that the run has worked by then, without waits for the user.
    pub(in crate::assistant) worked_ms: u64,
    /// Whether a limit was reached: the calls are run, then the run ends.
    pub(in crate::assistant) last: bool,
}

/// A tool call as the provider made it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::assistant) struct StepCall {
    /// Its part of the message.
    pub(in crate::assistant) part: usize,
    /// The tool.
    pub(in crate::assistant) name: String,
    /// The text of the arguments, verbatim.
    pub(in crate::assistant) arguments: String,
    /// What the provider wants back verbatim.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(in crate::assistant) extra: Map<String, Value>,
    /// What it was found to do. Absent from steps of an older version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::assistant) weight: Option<Weight>,
    /// Whether it was put before the user.
    #[serde(default)]
    pub(in crate::assistant) asked: bool,
}
