//! The tools of the assistant in the form of MCP, and a call of one of them.
//!
//! A call has the same scope check, permit and unit of work as a command of the other transports.

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
    tools::specs().iter().map(mcp_tool).collect()
}

fn mcp_tool(spec: &ToolSpec) -> Tool {
    let schema = spec.schema.as_object().cloned().unwrap_or_default();
    let hints = ToolAnnotations::new()
        .read_only(spec.effect == Effect::Reads)
        .destructive(spec.effect == Effect::Deletes)
        .open_world(false);
    Tool::new(spec.name, spec.description, Arc::new(schema)).with_annotations(hints)
}

/// Runs a tool. A refusal is a result, which the model of the client reads and can react to; only the name of an
/// unknown tool is an error of the protocol.
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
    // The permit is returned when the answer has been sent, like that of every other route.
    held.hold(&caller);
    // On a task of its own: a client that disconnects must not cancel a change between its commit and its publication.
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

/// The result of a call that the tool or a limit refused.
fn refusal(refused: &ToolError) -> CallToolResult {
    CallToolResult::structured_error(serde_json::to_value(refused).unwrap_or_default())
}

/// Runs a tool in a view if it only reads, so that it never waits for a writer, and else in a unit of work: the change,
/// its event and its undo token are committed together.
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
