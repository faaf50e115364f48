//! Calls that only read: they look at the user's data of one moment, and nobody who writes waits for them. Their result is
//! recorded by a change of its own; a call whose result was lost reads again.

use super::{Run, end::RunResult};
use crate::tools::{self, ToolError};
use serde_json::{Value, json};
use tandem_protocol::{enums::ToolState, model::ToolCall};

impl Run {
    /// Runs one call that only reads.
    pub(super) async fn run_reading(&mut self, call: &ToolCall, part: usize) -> RunResult<()> {
        let (state, result) = match self.read(call).await {
            Ok(result) => (ToolState::Done, result),
            Err(error) => (ToolState::Failed, json!(error)),
        };
        let unit = self.begin(None).await?;
        self.record(unit, part, state, result).await
    }

    async fn read(&self, call: &ToolCall) -> Result<Value, ToolError> {
        let mut view = self.services.view(&self.claimed.caller).await?;
        tools::read(&mut view, &call.name, &call.arguments).await
    }
}
