//! Refusals in the words and with the codes of every vendor that is known.

use super::*;
use serde_json::json;

fn kind(status: u16, body: &Value) -> RefusalKind {
    Refusal::classify((status != 0).then_some(status), body).kind
}

#[test]
fn content_filters_are_recognised_by_every_vendors_name() {
    let bodies = [
        (
            400,
            json!({ "error": { "code": "content_filter", "innererror": { "code": "ResponsibleAIPolicyViolation" } } }),
        ),
        (400, json!({ "error": { "code": "data_inspection_failed", "message": "x" } })),
        (400, json!({ "error": { "message": "blocked by our content management policy" } })),
        (400, json!({ "error": { "message": "Content Exists Risk" } })),
        (400, json!({ "error": { "code": 1301, "message": "…" } })),
        (0, json!({ "base_resp": { "status_code": 1027 } })),
        (
            403,
            json!({ "error": { "code": 403, "message": "x", "metadata": { "reasons": ["hate"], "flagged_input": "…" } } }),
        ),
        (400, json!([{ "error": { "status": "INVALID_ARGUMENT", "details": [{ "reason": "PROHIBITED_CONTENT" }] } }])),
    ];
    for (status, body) in bodies {
        assert_eq!(kind(status, &body), RefusalKind::ContentFilter, "{body}");
    }
}

#[test]
fn a_conversation_that_is_too_long_is_recognised() {
    let bodies = [
        (400, json!({ "error": { "code": "context_length_exceeded", "message": "x" } })),
        (400, json!({ "object": "error", "message": "This model's maximum context length is 4096 tokens" })),
        (400, json!({ "error": { "type": "exceed_context_size_error" } })),
        (413, Value::Null),
        (422, json!({ "error": "`inputs` must have less than 2048 tokens. Given: 3000", "error_type": "validation" })),
        (400, json!({ "message": "The input is too long for this model." })),
        (400, json!({ "error": { "message": "your request exceeded model token limit: 4096" } })),
        (400, json!({ "error": { "message": "Range of input length should be [1, 6000]" } })),
        (
            500,
            json!({ "error": { "message": "The request exceeds the available context size.", "type": "server_error" } }),
        ),
        (400, json!({ "error": { "code": "1261" } })),
        (0, json!({ "error": "the prompt is too long" })),
    ];
    for (status, body) in bodies {
        assert_eq!(kind(status, &body), RefusalKind::TooLong, "{body}");
    }
}

#[test]
fn a_model_without_tools_is_recognised_whatever_the_status_is() {
    for (status, message) in [
        (400, "registry.ollama.ai/library/gemma:2b does not support tools"),
        (400, "\"auto\" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set"),
        (404, "No endpoints found that support tool use. To learn more, visit the documentation."),
        (500, "tools param requires --jinja flag"),
    ] {
        assert_eq!(kind(status, &json!({ "error": { "message": message } })), RefusalKind::NoTools, "{message}");
    }
}

#[test]
fn keys_quotas_models_and_rates_are_told_apart() {
    let cases = [
        (429, json!({ "error": { "code": "insufficient_quota" } }), RefusalKind::Quota),
        (402, Value::Null, RefusalKind::Quota),
        (403, json!({ "error": { "message": "Key limit exceeded (total limit)" } }), RefusalKind::Quota),
        (429, json!({ "error": { "type": "exceeded_current_quota_error" } }), RefusalKind::Quota),
        (400, json!({ "error": { "message": "Your credit balance is too low." } }), RefusalKind::Quota),
        (429, json!({ "error": { "code": "1113" } }), RefusalKind::Quota),
        (429, json!({ "error": { "message": "You exceeded your quota; see billing" } }), RefusalKind::RateLimited),
        (400, json!({ "error": { "message": "API key expired. Renew it." } }), RefusalKind::Key),
        (400, json!({ "error": { "message": "Model Not Exist" } }), RefusalKind::NotFound),
        (400, json!({ "error": { "message": "x is not a valid model ID" } }), RefusalKind::NotFound),
        (500, json!("a page about the context window"), RefusalKind::Server),
        (400, json!({ "error": { "message": "the context of your request is fine" } }), RefusalKind::Request),
        (429, json!({ "error": { "code": "rate_limit_exceeded", "message": "quota" } }), RefusalKind::RateLimited),
        (400, json!([{ "error": { "message": "API key not valid. Please pass a valid API key." } }]), RefusalKind::Key),
        (401, Value::Null, RefusalKind::Key),
        (403, Value::Null, RefusalKind::Forbidden),
        (404, json!("404 page not found"), RefusalKind::NotFound),
        (400, json!({ "error": { "code": "model_not_found" } }), RefusalKind::NotFound),
        (308, Value::Null, RefusalKind::NotFound),
        (503, json!({ "error": "x" }), RefusalKind::Server),
        (422, json!({ "message": "Extra inputs are not permitted: stream_options" }), RefusalKind::StreamOptions),
        (422, json!({ "detail": [{ "msg": "field required" }] }), RefusalKind::Request),
    ];
    for (status, body, expected) in cases {
        assert_eq!(kind(status, &body), expected, "{status} {body}");
    }
}

#[test]
fn errors_in_frames_have_the_status_that_they_name() {
    let status = |body: Value| Refusal::classify(None, &body).status;
    assert_eq!(status(json!({ "message": "overloaded", "code": 503 })), 503);
    assert_eq!(status(json!({ "message": "x", "code": "429" })), 429);
    assert_eq!(status(json!({ "message": "x", "code": "insufficient_quota" })), 200);
    assert_eq!(status(json!("just text")), 200);
    assert_eq!(kind(0, &json!({ "error": "rate limited: rate limit reached" })), RefusalKind::RateLimited);
}
