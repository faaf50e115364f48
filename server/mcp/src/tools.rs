//! The assistant's tools as MCP shows them, and one call of one.

use rmcp::{
    ErrorData,
    model::{CallToolResult, JsonObject, Tool, ToolAnnotations},
};
use serde_json::Value;
use std::sync::Arc;
use tandem_assistant::tools::{self, Effect, ToolError, ToolSpec};
use tandem_auth::Caller;
use tandem_protocol::enums::Scope;
use tandem_runtime::tasks;
use tandem_service::{Held, ServiceError, Services};
use tracing::Instrument as _;

pub(super) fn list() -> Vec<Tool> {
    tools::specs().iter().map(shown).collect()
}

fn shown(spec: &ToolSpec) -> Tool {
    let schema = spec.schema.as_object().cloned().unwrap_or_default();
    let hints = ToolAnnotations::new()
        .read_only(spec.effect == Effect::Reads)
        .destructive(spec.effect == Effect::Deletes)
        .open_world(false);
    Tool::new(spec.name, spec.description, Arc::new(schema)).with_annotations(hints)
}

/// Runs a tool to its end, even if the program hangs up. What the tool refuses is a result, so that a model reads it;
/// an error of the protocol is only what names no tool.
pub(super) async fn call(
    services: &Services,
    caller: Caller,
    held: &Held,
    name: &str,
    arguments: JsonObject,
) -> Result<CallToolResult, ErrorData> {
    let Some(spec) = tools::spec(name) else {
        return Err(ErrorData::invalid_params(format!("there is no tool {name:?}"), None));
    };
    let caller = match services.admit(caller, spec.work()).await {
        Ok(caller) => caller,
        Err(refused) => return Ok(refusal(&refused.into())),
    };
    held.hold(&caller);
    let (tracker, services) = (services.tracker().clone(), services.clone());
    let work = async move { run(&services, &caller, spec, &Value::Object(arguments)).await };
    let span = tracing::info_span!("mcp_call", tool = spec.name);
    let ran = tasks::spawn(&tracker, work.instrument(span)).await;
    let result = ran.unwrap_or_else(|panic| Err(ServiceError::Internal(panic.into()).into()));
    Ok(match result {
        Ok(value) => CallToolResult::structured(value),
        Err(refused) => refusal(&refused),
    })
}

/// What a tool refuses, as its result.
fn refusal(refused: &ToolError) -> CallToolResult {
    CallToolResult::structured_error(serde_json::to_value(refused).unwrap_or_default())
}

/// What reads waits for nobody who writes. Else one unit: the change, its event and the token to take it back are there together or not at all.
async fn run(services: &Services, caller: &Caller, spec: &ToolSpec, arguments: &Value) -> Result<Value, ToolError> {
    let scope = if spec.effect == Effect::Reads { Scope::Read } else { Scope::Write };
    if !caller.may(scope) {
        return Err(ServiceError::InsufficientScope(Some(scope)).into());
    }
    if spec.effect == Effect::Reads {
        return tools::read(&mut services.view(caller).await?, spec.name, arguments).await;
    }
    let mut unit = services.begin(caller, None).await?;
    let value = tools::call(&mut unit, spec.name, arguments).await?;
    unit.commit().await?;
    Ok(value)
}
