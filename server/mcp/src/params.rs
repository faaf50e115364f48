//! The parameters of a request in the form that the library reads.
//!
//! The library takes a request whose parameters it cannot read for an unknown method, and says so to the client. So
//! what clients leave out or send as null is filled in here, and what no tool needs is dropped.

use serde_json::{Map, Value, json};

/// Returns the parameters of a method, or why they are refused.
///
/// # Errors
/// A sentence for the client.
pub(crate) fn read(method: &str, params: Option<Value>) -> Result<Option<Value>, &'static str> {
    let mut params = match params {
        // Null means that there are none.
        None | Some(Value::Null) => None,
        Some(Value::Object(params)) => Some(params),
        Some(_) => return Err("params must be an object."),
    };
    if let Some(params) = &mut params {
        params.retain(|name, value| match name.as_str() {
            "_meta" => value.is_object(),
            "cursor" => value.is_string(),
            _ => true,
        });
    }
    let params = match method {
        "initialize" => Some(initialize(params.unwrap_or_default())),
        "tools/call" => Some(call(params)?),
        _ => params,
    };
    Ok(params.map(Value::Object))
}

/// The parameters of `initialize`. The server asks nothing of the client, so its capabilities do not matter, and of what
/// it says about itself only name and version are required.
fn initialize(mut given: Map<String, Value>) -> Map<String, Value> {
    let text = |value: Option<&Value>, default: &str| match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => default.to_owned(),
    };
    let info = given.get("clientInfo");
    let info = json!({
        "name": text(info.and_then(|info| info.get("name")), "unknown"),
        "version": text(info.and_then(|info| info.get("version")), "unknown"),
    });
    // The library answers an unknown revision with the newest that has this request.
    let version = text(given.get("protocolVersion"), "unknown").into();
    given.retain(|name, _| name == "_meta");
    given.extend([
        ("protocolVersion".to_owned(), version),
        ("capabilities".to_owned(), json!({})),
        ("clientInfo".to_owned(), info),
    ]);
    given
}

fn call(params: Option<Map<String, Value>>) -> Result<Map<String, Value>, &'static str> {
    let mut params = params.unwrap_or_default();
    if !params.get("name").is_some_and(Value::is_string) {
        return Err("A call needs the name of a tool.");
    }
    params.retain(|name, value| name != "arguments" || !value.is_null());
    if params.get("arguments").is_some_and(|arguments| !arguments.is_object()) {
        return Err("arguments must be an object.");
    }
    Ok(params)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_leaves_out_of_initialize_is_filled_in() {
        let full = |version: &str, name: &str, of: &str| json!({ "protocolVersion": version, "capabilities": {}, "clientInfo": { "name": name, "version": of } });
        for (given, expected) in [
            (Value::Null, full("unknown", "unknown", "unknown")),
            (json!({ "protocolVersion": "2025-06-18" }), full("2025-06-18", "unknown", "unknown")),
            (json!({ "capabilities": null, "clientInfo": { "name": "a" } }), full("unknown", "a", "unknown")),
            (json!({ "capabilities": { "roots": true }, "clientInfo": "a" }), full("unknown", "unknown", "unknown")),
            (json!({ "clientInfo": { "name": "a", "version": 1.5, "title": 3 } }), full("unknown", "a", "1.5")),
        ] {
            assert_eq!(read("initialize", Some(given.clone())), Ok(Some(expected)), "{given}");
        }
    }

    #[test]
    fn parameters_of_another_type_are_refused() {
        for params in [json!([]), json!("a"), json!(1)] {
            assert!(read("ping", Some(params.clone())).is_err(), "{params}");
        }
        for params in [
            Value::Null,
            json!({}),
            json!({ "name": 3 }),
            json!({ "name": "undo", "arguments": "{}" }),
            json!({ "name": "undo", "arguments": [] }),
        ] {
            assert!(read("tools/call", Some(params.clone())).is_err(), "{params}");
        }
        let fine = read("tools/call", Some(json!({ "name": "undo", "arguments": null, "_meta": null })));
        assert_eq!(fine, Ok(Some(json!({ "name": "undo" }))));
        assert_eq!(read("ping", Some(Value::Null)), Ok(None));
        assert_eq!(read("tools/list", Some(json!({ "cursor": 3 }))), Ok(Some(json!({}))));
    }
}
