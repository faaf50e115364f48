//! JSON-RPC as clients send it: batches, broken JSON and arguments of the wrong type.
//!
//! The library reads one message and answers anything else in plain text, which clients of MCP cannot interpret. So each
//! body is looked at here first: a batch (revision 2025-03-26) is passed on message by message, and what is no message gets
//! the error that JSON-RPC 2.0 (section 5.1) has for it.

use crate::params;
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
    if message.get("id").is_some_and(|given| *given != id || id.is_null()) {
        return Err(error(&Value::Null, INVALID_REQUEST, "id must be a text or a whole number of at most 53 bits."));
    }
    let is_message = message["jsonrpc"] == "2.0"
        && (message["method"].is_string() || message.get("result").is_some() || message.get("error").is_some());
    if !is_message {
        return Err(error(&id, INVALID_REQUEST, "This is no message of JSON-RPC 2.0."));
    }
    let Some(fields) = message.as_object_mut() else { return Ok(message) };
    if let Some(Value::String(method)) = fields.get("method").cloned() {
        let read = params::read(&method, fields.remove("params"));
        let params = read.map_err(|reason| error(&id, INVALID_PARAMS, reason))?;
        fields.extend(params.map(|params| ("params".to_owned(), params)));
    }
    Ok(message)
}

/// The id of a message; null if it has none that can be repeated. A larger number has lost digits already, here or in
/// the client, so that an answer with it might not be found.
pub(crate) fn id_of(message: &Value) -> Value {
    match message.get("id") {
        Some(id @ Value::String(_)) => id.clone(),
        Some(id @ Value::Number(number)) if number.as_f64().is_some_and(is_exact) => id.clone(),
        _ => Value::Null,
    }
}

fn is_exact(number: f64) -> bool {
    number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0
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
        let call = json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": [] });
        assert_eq!(code(checked(call)), (json!(7), INVALID_PARAMS));
    }

    #[test]
    fn an_id_that_cannot_be_repeated_is_refused_with_null() {
        let ping = |id: &str| read(format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"ping\"}}").as_bytes());
        for id in ["null", "[1]", "{}", "true", "1.5", "1e300", "18446744073709551615", "99999999999999999999999"] {
            let Ok(Body::One(message)) = ping(id) else { panic!("{id}") };
            assert_eq!(code(checked(message)), (Value::Null, INVALID_REQUEST), "{id}");
        }
        for id in ["0", "-1", "1.0", "\"\"", "9007199254740991"] {
            let Ok(Body::One(message)) = ping(id) else { panic!("{id}") };
            assert!(checked(message).is_ok(), "{id}");
        }
    }
}
