//! JSON-RPC as clients send it: batches, broken JSON and arguments of the wrong type.
//!
//! The library reads one message and answers anything else in plain text, which clients of MCP cannot interpret. So each
//! body is looked at here first: a batch (revision 2025-03-26) is passed on message by message, and what is no message gets
//! the error that JSON-RPC 2.0 (section 5.1) has for it.

use serde_json::{Value, json};

/// The most messages of a batch; a client has no use for more, and each is a request of its own.
pub(crate) const MAX_BATCH: usize = 50;

const PARSE_ERROR: i64 = -32700;
const INVALID_REQUEST: i64 = -32600;
const INVALID_PARAMS: i64 = -32602;

/// What a body contains.
#[derive(Debug, PartialEq)]
pub(crate) enum Body {
    One(Value),
    Batch(Vec<Value>),
}

/// Reads a body.
///
/// # Errors
/// The answer to a body that is neither a message nor a batch.
pub(crate) fn read(bytes: &[u8]) -> Result<Body, Value> {
    match serde_json::from_slice(bytes) {
        Err(_) => Err(error(&Value::Null, PARSE_ERROR, "The body is not valid JSON.")),
        Ok(Value::Array(batch)) if batch.is_empty() || batch.len() > MAX_BATCH => {
            Err(error(&Value::Null, INVALID_REQUEST, "A batch has 1 to 50 messages."))
        }
        Ok(Value::Array(batch)) => Ok(Body::Batch(batch)),
        Ok(message) => Ok(Body::One(message)),
    }
}

/// Returns a message in the form that the library reads.
///
/// # Errors
/// The answer to a value that is no message, or whose parameters have another type than the protocol says.
pub(crate) fn checked(mut message: Value) -> Result<Value, Value> {
    let id = id_of(&message);
    let is_message = message["jsonrpc"] == "2.0"
        && (message["method"].is_string() || message.get("result").is_some() || message.get("error").is_some())
        && matches!(message.get("id"), None | Some(Value::String(_) | Value::Number(_)));
    if !is_message {
        return Err(error(&id, INVALID_REQUEST, "This is no message of JSON-RPC 2.0."));
    }
    let Some(fields) = message.as_object_mut() else { return Ok(message) };
    // Null means that there are none.
    fields.retain(|name, value| name != "params" || !value.is_null());
    if fields.get("params").is_some_and(|params| !params.is_object()) {
        return Err(error(&id, INVALID_PARAMS, "params must be an object."));
    }
    if fields["jsonrpc"] == "2.0" && fields.get("method").is_some_and(|method| method == "tools/call") {
        let Some(params) = fields.get_mut("params").and_then(Value::as_object_mut) else {
            return Err(error(&id, INVALID_PARAMS, "A call needs the name of a tool."));
        };
        if !params.get("name").is_some_and(Value::is_string) {
            return Err(error(&id, INVALID_PARAMS, "A call needs the name of a tool."));
        }
        params.retain(|name, value| name != "arguments" || !value.is_null());
        if params.get("arguments").is_some_and(|arguments| !arguments.is_object()) {
            return Err(error(&id, INVALID_PARAMS, "arguments must be an object."));
        }
    }
    Ok(message)
}

/// The id of a message; null if it has none that can be repeated.
pub(crate) fn id_of(message: &Value) -> Value {
    match message.get("id") {
        Some(id @ (Value::String(_) | Value::Number(_))) => id.clone(),
        _ => Value::Null,
    }
}

/// The answer to a message that the library refused in plain text.
pub(crate) fn refused(id: &Value, reason: &str) -> Value {
    error(id, INVALID_REQUEST, reason)
}

fn error(id: &Value, code: i64, message: &str) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": message } })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(refused: Result<Value, Value>) -> (Value, i64) {
        let answer = refused.unwrap_err();
        (answer["id"].clone(), answer["error"]["code"].as_i64().unwrap())
    }

    #[test]
    fn a_body_is_a_message_or_a_batch() {
        assert_eq!(read(b"{\"id\":1}").unwrap(), Body::One(json!({ "id": 1 })));
        assert_eq!(read(b"[{},3]").unwrap(), Body::Batch(vec![json!({}), json!(3)]));
        for (body, expected) in [("", PARSE_ERROR), ("{", PARSE_ERROR), ("[]", INVALID_REQUEST)] {
            assert_eq!(read(body.as_bytes()).unwrap_err()["error"]["code"], expected, "{body}");
        }
    }

    #[test]
    fn what_is_no_message_is_refused_with_its_id() {
        for message in [
            json!(3),
            json!({}),
            json!({ "jsonrpc": "1.0", "id": 1, "method": "ping" }),
            json!({ "jsonrpc": "2.0", "id": 1 }),
        ] {
            let id = if message.is_object() && message.get("id").is_some() { json!(1) } else { Value::Null };
            assert_eq!(code(checked(message)), (id, INVALID_REQUEST));
        }
        let ping = json!({ "jsonrpc": "2.0", "id": "a", "method": "ping" });
        let mut with_null = ping.clone();
        with_null["params"] = Value::Null;
        assert_eq!(checked(with_null), Ok(ping));
    }

    #[test]
    fn parameters_of_another_type_are_invalid() {
        let call =
            |params: Value| checked(json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params }));
        for params in [
            json!([]),
            Value::Null,
            json!({}),
            json!({ "name": 3 }),
            json!({ "name": "undo", "arguments": "{}" }),
            json!({ "name": "undo", "arguments": [] }),
        ] {
            assert_eq!(code(call(params.clone())), (json!(7), INVALID_PARAMS), "{params}");
        }
        let fine = call(json!({ "name": "undo", "arguments": null })).unwrap();
        assert_eq!(fine["params"], json!({ "name": "undo" }));
    }
}
