//! Tells apart why a provider refuses a request or breaks off an answer.
//!
//! The status alone does not say it: a content filter, a conversation that is too long and a wrong key are all a 400
//! somewhere. So the codes in the body decide first, then a few phrases of its message, and the status last.
//!
//! **Invariant:** a [`Refusal`] contains no text of the provider, which may quote what users wrote.

use serde_json::Value;

/// Why a provider refused, and with which status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub kind: RefusalKind,
    /// HTTP status, or the one in an error frame; 500 where there is none.
    pub status: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalKind {
    /// The content is not allowed.
    ContentFilter,
    /// The conversation is too long for the model or for the server.
    TooLong,
    /// The quota or credit of the account is spent.
    Quota,
    /// The key is not accepted.
    Key,
    /// The key may not use this model or this address.
    Forbidden,
    /// There is no such model, or nothing at this address.
    NotFound,
    /// Too many requests for now.
    RateLimited,
    /// The option `stream_options` is not known to this server.
    StreamOptions,
    /// A failure of the server, which may pass.
    Server,
    /// Anything else that the same request would meet again.
    Request,
}

/// Parts of the codes with which vendors name a content filter.
const FILTERS: [&str; 27] = [
    "content_filter",
    "contentfilter",
    "content_policy",
    "policy_violation",
    "responsibleai",
    "safety",
    "recitation",
    "prohibited",
    "blocklist",
    "spii",
    "refusal",
    "sensitive",
    "moderat",
    "toxic",
    "unsafe",
    "harmful",
    "inappropriate",
    "risk_control",
    "riskcontrol",
    "guardrail",
    "data_inspection",
    "blocked",
    "risk_content",
    "content_risk",
    "flagged",
    "censor",
    "content_violation",
];
const CONTEXTS: [&str; 5] =
    ["context_length", "exceed_context", "context_window", "request_too_large", "string_above_max_length"];
const CONTEXT_PHRASES: [&str; 10] = [
    "context length",
    "context too long",
    "context window",
    "context size",
    "maximum context",
    "prompt is too long",
    "too many tokens",
    "reduce the length",
    "input token count",
    "maximum prompt length",
];
const FILTER_PHRASES: [&str; 3] = ["content management policy", "content policy", "input was flagged"];
const QUOTAS: [&str; 5] =
    ["insufficient_quota", "billing_hard_limit", "billing_not_active", "insufficient_balance", "insufficient_credits"];
const QUOTA_PHRASES: [&str; 2] = ["insufficient balance", "insufficient credit"];
const KEYS: [&str; 2] = ["invalid_api_key", "api_key_invalid"];
const KEY_PHRASES: [&str; 3] = ["api key not valid", "incorrect api key", "invalid api key"];
const MODELS: [&str; 2] = ["model_not_found", "model_not_exist"];
const RATES: [&str; 2] = ["rate_limit", "too_many_requests"];

impl Refusal {
    /// Classifies the body of a refusal with this status, or the error in a frame.
    #[must_use]
    pub fn classify(status: Option<u16>, body: &Value) -> Self {
        let mut reported = Reported::default();
        reported.collect(body, 0);
        let status = status.or(reported.status).unwrap_or(500);
        Self { kind: reported.kind(status), status }
    }
}

/// What a body says, as far as it is of use.
#[derive(Debug, Default)]
struct Reported {
    codes: Vec<String>,
    /// All messages in lower case.
    message: String,
    status: Option<u16>,
}

impl Reported {
    /// Levels of lists and objects that are read. Google has a list of details in an error in a list.
    const LEVELS: usize = 6;

    fn collect(&mut self, value: &Value, level: usize) {
        match value {
            Value::String(text) => {
                self.message.push_str(&text.to_lowercase());
                self.message.push('\n');
            }
            Value::Array(items) if level < Self::LEVELS => items.iter().for_each(|item| self.collect(item, level + 1)),
            Value::Object(fields) if level < Self::LEVELS => {
                for (name, field) in fields {
                    self.collect_field(name, field, level);
                }
            }
            _ => {}
        }
    }

    fn collect_field(&mut self, name: &str, field: &Value, level: usize) {
        match name {
            "code" | "type" | "status" | "error_code" | "error_type" | "reason" | "status_code" | "err_code" => {
                let status = field.as_u64().or_else(|| field.as_str()?.trim().parse().ok());
                match status.and_then(|status| u16::try_from(status).ok()).filter(|status| (100..600).contains(status))
                {
                    Some(status) => self.status = self.status.or(Some(status)),
                    None => self.codes.extend(field.as_str().map(normalized)),
                }
            }
            "metadata" if field.get("flagged_input").is_some() => self.codes.push("flagged".to_owned()),
            "message" | "error" | "error_message" | "error_msg" | "msg" | "status_msg" | "detail" | "details"
            | "errors" | "innererror" | "base_resp" | "metadata" => self.collect(field, level + 1),
            _ => {}
        }
    }

    fn kind(&self, status: u16) -> RefusalKind {
        let code = |parts: &[&str]| self.codes.iter().any(|code| parts.iter().any(|part| code.contains(part)));
        let phrase = |phrases: &[&str]| phrases.iter().any(|phrase| self.message.contains(phrase));
        if code(&CONTEXTS) || status < 500 && phrase(&CONTEXT_PHRASES) {
            return RefusalKind::TooLong;
        }
        if self.codes.iter().any(|code| is_filter(code)) || status < 500 && phrase(&FILTER_PHRASES) {
            return RefusalKind::ContentFilter;
        }
        if status == 402 || code(&QUOTAS) || phrase(&QUOTA_PHRASES) {
            return RefusalKind::Quota;
        }
        if status == 401 || code(&KEYS) || phrase(&KEY_PHRASES) {
            return RefusalKind::Key;
        }
        if code(&MODELS) {
            return RefusalKind::NotFound;
        }
        match status {
            300..=399 | 404 | 405 => RefusalKind::NotFound,
            403 => RefusalKind::Forbidden,
            413 => RefusalKind::TooLong,
            429 => RefusalKind::RateLimited,
            _ if code(&RATES) || status >= 500 && phrase(&["rate limit"]) => RefusalKind::RateLimited,
            408 | 409 | 425 | 500.. => RefusalKind::Server,
            _ if phrase(&["stream_options"]) => RefusalKind::StreamOptions,
            _ => RefusalKind::Request,
        }
    }
}

/// A code without differences of case and punctuation.
pub(crate) fn normalized(code: &str) -> String {
    code.trim().chars().map(|c| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect()
}

/// Whether a normalized code or end reason is that of a content filter, by any vendor's name.
pub(crate) fn is_filter(code: &str) -> bool {
    // The name of Gemini's reason for a call that it could not write has "filter" in it on some proxies.
    !code.contains("malformed") && FILTERS.iter().any(|part| code.contains(part))
}

#[cfg(test)]
mod tests {
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
            (
                403,
                json!({ "error": { "code": 403, "message": "x", "metadata": { "reasons": ["hate"], "flagged_input": "…" } } }),
            ),
            (
                400,
                json!([{ "error": { "status": "INVALID_ARGUMENT", "details": [{ "reason": "PROHIBITED_CONTENT" }] } }]),
            ),
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
        ];
        for (status, body) in bodies {
            assert_eq!(kind(status, &body), RefusalKind::TooLong, "{body}");
        }
    }

    #[test]
    fn keys_quotas_models_and_rates_are_told_apart() {
        let cases = [
            (429, json!({ "error": { "code": "insufficient_quota" } }), RefusalKind::Quota),
            (402, Value::Null, RefusalKind::Quota),
            (429, json!({ "error": { "code": "rate_limit_exceeded", "message": "quota" } }), RefusalKind::RateLimited),
            (
                400,
                json!([{ "error": { "message": "API key not valid. Please pass a valid API key." } }]),
                RefusalKind::Key,
            ),
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
        assert_eq!(status(json!({ "message": "x", "code": "insufficient_quota" })), 500);
        assert_eq!(status(json!("just text")), 500);
        assert_eq!(kind(0, &json!({ "error": "rate limited: rate limit reached" })), RefusalKind::RateLimited);
    }
}
