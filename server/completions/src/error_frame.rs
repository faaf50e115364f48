//! Recognizes the frames that report an error.
//!
//! A server that fails during an answer has sent status 200 already, so the error comes as a frame, in a shape of its own,
//! and a good end may follow it. Other frames look alike and report success or progress. So one rule decides: a frame
//! reports an error if a field for errors has a value, a code is neither 0 nor one of success, `success` is false, or a
//! field for the state names a failure. Any other frame without choices means nothing.

use crate::refusal::normalized;
use serde_json::Value;

/// Fields that have a value only when there is an error.
const ERRORS: [&str; 7] = ["error", "exception", "error_message", "error_msg", "error_code", "error_type", "errors"];
/// Fields with a number, or the name of an error.
const CODES: [&str; 5] = ["code", "status_code", "err_code", "errcode", "errno"];
/// Fields with the kind or the state of a frame.
const STATES: [&str; 4] = ["object", "type", "event", "status"];
/// How the names of failed states and events end.
const FAILURES: [&str; 6] = ["error", "exception", "fail", "failed", "failure", "fatal"];
/// What fields for errors contain when there is none.
const NO_ERRORS: [&str; 12] =
    ["", "0", "null", "none", "ok", "okay", "success", "successful", "succeeded", "no_error", "noerror", "false"];

/// The error that a frame reports, in any shape.
pub(crate) fn error_of(frame: &Value, without_choices: bool) -> Option<&Value> {
    // Groq says in an object of its own why a stream was stopped early.
    error_field(frame).or_else(|| error_field(frame.get("x_groq")?)).or_else(|| {
        let text = |name: &str| frame.get(name).and_then(Value::as_str).unwrap_or_default();
        let is_error = STATES.iter().any(|name| is_failure(text(name)))
            || frame.get("success").is_some_and(is_false)
            // MiniMax repeats a status of zero in every frame.
            || frame.get("base_resp").and_then(|status| status.get("status_code")).is_some_and(is_given)
            || without_choices && (has_failed_code(frame) || has_detail(frame));
        is_error.then_some(frame)
    })
}

/// The error in a field for errors, of a frame or a part of it.
pub(crate) fn error_field(part: &Value) -> Option<&Value> {
    let name = ERRORS.iter().find(|name| part.get(**name).is_some_and(is_given))?;
    // An object has codes of its own; a bare text may have them beside it.
    part.get(*name).filter(|error| error.is_object()).or(Some(part))
}

/// Whether an event or a state of this name is a failure.
pub(crate) fn is_failure(name: &str) -> bool {
    let name = normalized(name);
    !NO_ERRORS.contains(&name.as_str()) && FAILURES.iter().any(|failure| name.ends_with(failure))
}

fn has_failed_code(frame: &Value) -> bool {
    let has_message = ["message", "msg"].iter().any(|name| frame.get(*name).is_some_and(is_given));
    // Text in place of a number needs a message beside it: progress is reported like that, too.
    let failed = |code: &Value| match number(code) {
        Some(number) => is_failed(number),
        None => has_message && code.is_string() && is_given(code),
    };
    CODES.iter().any(|name| frame.get(*name).is_some_and(failed))
        // Numbers of a state are not codes, unless they are those of HTTP.
        || frame.get("status").and_then(number).is_some_and(|status| (400.0..600.0).contains(&status))
}

/// Whether the frame has the details of an error, as `FastAPI` sends them, and not those of an event.
fn has_detail(frame: &Value) -> bool {
    let is_event = STATES.iter().any(|name| frame.get(*name).is_some_and(Value::is_string));
    !is_event && frame.get("detail").is_some_and(is_given)
}

/// Whether a value reports anything: servers send empty errors, and those of success, in good frames.
fn is_given(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::Bool(true) => true,
        Value::Number(_) => number(value).is_none_or(is_failed),
        Value::String(text) => match number(value) {
            Some(number) => is_failed(number),
            None => !NO_ERRORS.contains(&normalized(text).trim_matches('_')),
        },
        Value::Array(items) => items.iter().any(is_given),
        Value::Object(fields) => fields.values().any(is_given),
    }
}

/// A number, also as text.
fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// Whether a code is neither 0 nor a status of success.
fn is_failed(code: f64) -> bool {
    code != 0.0 && !(200.0..300.0).contains(&code)
}

fn is_false(value: &Value) -> bool {
    value == &Value::Bool(false) || value.as_str().is_some_and(|text| text.eq_ignore_ascii_case("false"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn errors_are_seen_in_every_shape() {
        let errors = [
            json!({ "error": { "message": "x" } }),
            json!({ "error": "x", "choices": null }),
            json!({ "error": true }),
            json!({ "exception": "worker died", "trace": [] }),
            json!({ "error_message": "x", "error_code": 400 }),
            json!({ "object": "error", "message": "x" }),
            json!({ "type": "error" }),
            json!({ "type": "response.failed" }),
            json!({ "event": "exception" }),
            json!({ "status": "Failed" }),
            json!({ "detail": "x" }),
            json!({ "detail": [{ "msg": "x" }] }),
            json!({ "message": "x", "code": 500 }),
            json!({ "msg": "busy", "code": 20031 }),
            json!({ "code": "-3" }),
            json!({ "message": "x", "code": "Throttling" }),
            json!({ "status": 502, "title": "Bad Gateway" }),
            json!({ "success": false, "data": null }),
            json!({ "base_resp": { "status_code": 1008 } }),
            json!({ "x_groq": { "id": "r", "error": "x" } }),
        ];
        for frame in errors {
            assert!(error_of(&frame, true).is_some(), "{frame}");
        }
    }

    #[test]
    fn empty_errors_success_and_progress_are_no_errors() {
        let fine = [
            json!({ "error": {} }),
            json!({ "error": "", "error_code": 0 }),
            json!({ "error": { "message": null, "code": null } }),
            json!({ "error": { "message": "OK", "code": 200 } }),
            json!({ "error": null, "detail": null }),
            json!({ "error_msg": "Success", "error_code": "0", "code": 0 }),
            json!({ "errors": ["none"], "error_type": "no error" }),
            json!({ "code": 201, "msg": "accepted" }),
            json!({ "code": "Success", "message": "started" }),
            json!({ "success": true, "message": "x" }),
            json!({ "base_resp": { "status_code": 0, "status_msg": "" } }),
            json!({ "message": "hello" }),
            json!({ "x_groq": { "id": "r", "usage": {} } }),
            json!({ "status": "processing", "message": "waiting" }),
            json!({ "status": 1, "message": "waiting" }),
            json!({ "type": "notice", "detail": { "position": 8 } }),
        ];
        for frame in fine {
            assert_eq!(error_of(&frame, true), None, "{frame}");
        }
        for frame in [json!({ "detail": "x" }), json!({ "code": 7 })] {
            assert_eq!(error_of(&frame, false), None, "with choices it is an answer: {frame}");
        }
    }

    #[test]
    fn events_that_count_errors_are_none() {
        assert!(["error", "Exception", "stream_error", "run.failed"].iter().all(|name| is_failure(name)));
        assert!(!["", "message", "error_count", "no_error", "delta"].iter().any(|name| is_failure(name)));
    }
}
