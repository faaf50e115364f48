//! The tools of the assistant in the form of MCP, and a call of one of them.
//!
//! A call has the same scope check, permit and unit of work as a command of the other transports.

use rmcp::{
    ErrorData,
    model::{CallToolResult, JsonObject, Tool, ToolAnnotations},
};
use serde_json::{Value, json};
use std::sync::Arc;
use tandem_assistant::{
    arguments::normalized,
    tools::{self, Effect, ToolError, ToolSpec},
};
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
        .idempotent(spec.effect == Effect::Reads)
        .open_world(false);
    let mut tool = Tool::new(spec.name, spec.description, Arc::new(schema)).with_annotations(hints);
    tool.output_schema = Some(Arc::new(output_schema(spec)));
    tool
}

/// The schema of results. No field is required, because clients hold errors to it as well.
fn output_schema(spec: &ToolSpec) -> JsonObject {
    let mut properties = json!({
        "code": { "type": "string", "description": "Of an error: why the call was refused." },
        "message": { "type": "string", "description": "Of an error: what is wrong." },
        "hint": { "type": "string", "description": "Of an error: what to do." },
        "candidates": { "type": "array", "description": "Of an error: tasks that may have been meant." },
        "task": { "type": "object", "description": "The task." },
    });
    if spec.effect != Effect::Reads {
        properties["seq"] = json!({ "type": "integer", "description": "Number of the last change." });
        properties["undo_token"] = json!({ "type": ["string", "null"], "description": "Undoes this change." });
    }
    let schema = json!({ "type": "object", "properties": properties });
    schema.as_object().cloned().unwrap_or_default()
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
    let arguments = normalized(spec.name, Value::Object(arguments));
    let work = async move { run(&services, &caller, spec, &arguments).await };
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
    match tools::call(&mut unit, spec.name, arguments).await {
        Ok(value) => {
            unit.commit().await?;
            Ok(value)
        }
        refused => unit.leave(refused).await,
    }
}
