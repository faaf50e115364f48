//! The arguments of a call of a model: as they are shown and run, or why they cannot be.

use crate::{arguments, tools::ToolError};
use serde_json::{Value, json};
use tandem_completions::Call;

/// The error for arguments that no tool can accept.
pub(super) fn rejection(call: &Call) -> Option<ToolError> {
    if call.oversized {
        let error = ToolError::validation("The arguments are too long: they may have 256 KiB.");
        return Some(error.hint("Send less in one call."));
    }
    let unreadable = || ToolError::validation("The arguments are not a JSON object.");
    call.parsed().is_none().then(|| unreadable().hint("Send the call again with valid JSON."))
}

/// The arguments in the form that tools read; as text when they are not valid.
pub(super) fn shown(call: &Call) -> Value {
    if call.oversized {
        return json!({});
    }
    match call.parsed() {
        Some(parsed) => arguments::normalized(&call.name, parsed),
        None => Value::String(call.arguments.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_that_are_no_object_are_rejected_and_shown_as_text() {
        let call = |text: &str| Call::new("add_task", text);
        assert!(rejection(&call("{\"title\":")).is_some() && rejection(&call("")).is_none());
        assert_eq!(shown(&call("{\"title\":")), json!("{\"title\":"));
        assert_eq!(shown(&call("{\"title\":\"x\",\"due\":null}")), json!({ "title": "x" }));
        let mut long = call("");
        long.oversized = true;
        assert_eq!((rejection(&long).is_some(), shown(&long)), (true, json!({})));
    }
}
