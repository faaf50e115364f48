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
    /// HTTP status, or the one in an error frame; 200, that of the answer, where the frame has none.
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
    /// The model, or its server as it was started, cannot use tools.
    NoTools,
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
const FILTER_PHRASES: [&str; 6] = [
    "content management policy",
    "content policy",
    "input was flagged",
    "content exists risk",
    "inappropriate content",
    "不安全或敏感",
];
/// Numbers in place of codes: those of Zhipu (four digits from 1100) and `MiniMax`.
const FILTER_NUMBERS: [u64; 3] = [1301, 1026, 1027];
const CONTEXTS: [&str; 5] =
    ["context_length", "exceed_context", "context_window", "request_too_large", "string_above_max_length"];
const CONTEXT_PHRASES: [&str; 17] = [
    "context length",
    "context too long",
    "context window",
    "context size",
    "maximum context",
    "prompt is too long",
    "prompt too long",
    "input is too long",
    "input too long",
    "too many tokens",
    "reduce the length",
    "input token count",
    "maximum prompt length",
    "model token limit",
    "range of input length",
    "`inputs` tokens",
    "`inputs` must have less",
];
const CONTEXT_NUMBERS: [u64; 2] = [1261, 1039];
const QUOTAS: [&str; 6] = [
    "insufficient_quota",
    "exceeded_current_quota",
    "billing_hard_limit",
    "billing_not_active",
    "insufficient_balance",
    "insufficient_credits",
];
/// Gemini's message for too many requests in a minute has "quota" and "billing" in it, so these words alone mean nothing.
const QUOTA_PHRASES: [&str; 5] =
    ["insufficient balance", "insufficient credit", "credit balance", "key limit exceeded", "余额不足"];
const QUOTA_NUMBERS: [u64; 2] = [1113, 1008];
const KEYS: [&str; 3] = ["invalid_api_key", "api_key_invalid", "api_key_expired"];
const KEY_PHRASES: [&str; 6] = [
    "api key not valid",
    "incorrect api key",
    "invalid api key",
    "api key expired",
    "api key has expired",
    "api key was reported",
];
const MODELS: [&str; 2] = ["model_not_found", "model_not_exist"];
const MODEL_PHRASES: [&str; 5] =
    ["model not exist", "model does not exist", "model not found", "not a valid model", "invalid model name"];
const MODEL_NUMBERS: [u64; 1] = [1211];
/// Those of Ollama, vLLM, llama.cpp and routers.
const TOOL_PHRASES: [&str; 10] = [
    "not support tool",
    "not support function call",
    "support tool use",
    "support tool calling",
    "tools is not supported",
    "tools are not supported",
    "tool use is not supported",
    "tool choice requires",
    "tool-call-parser",
    "tools param requires",
];
const RATES: [&str; 2] = ["rate_limit", "too_many_requests"];

impl Refusal {
    /// Classifies the body of a refusal with this status, or the error in a frame.
    #[must_use]
    pub fn classify(status: Option<u16>, body: &Value) -> Self {
        let mut reported = Reported::default();
        reported.collect(body, 0);
        let status = status.or(reported.status);
        Self { kind: reported.kind(status), status: status.unwrap_or(200) }
    }
}

/// What a body says, as far as it is of use.
#[derive(Debug, Default)]
struct Reported {
    codes: Vec<String>,
    /// Codes that are numbers, but no statuses.
    numbers: Vec<u64>,
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
                let number = field.as_u64().or_else(|| field.as_str()?.trim().parse().ok());
                match number.map(|number| u16::try_from(number).ok().filter(|status| (100..600).contains(status))) {
                    Some(Some(status)) => self.status = self.status.or(Some(status)),
                    Some(None) => self.numbers.extend(number),
                    None => self.codes.extend(field.as_str().map(normalized)),
                }
            }
            "metadata" if field.get("flagged_input").is_some() => self.codes.push("flagged".to_owned()),
            "message" | "error" | "error_message" | "error_msg" | "msg" | "status_msg" | "detail" | "details"
            | "errors" | "innererror" | "base_resp" | "metadata" => self.collect(field, level + 1),
            _ => {}
        }
    }

    /// The kind of a refusal; without a status, that of an error in a frame.
    fn kind(&self, status: Option<u16>) -> RefusalKind {
        let code = |parts: &[&str]| self.codes.iter().any(|code| parts.iter().any(|part| code.contains(part)));
        let phrase = |phrases: &[&str]| phrases.iter().any(|phrase| self.message.contains(phrase));
        let number = |numbers: &[u64]| self.numbers.iter().any(|number| numbers.contains(number));
        // A server that fails may have any words on its page.
        let is_failure = status.is_some_and(|status| status >= 500);
        let is_too_long = phrase(&CONTEXT_PHRASES) && (!is_failure || phrase(&["exceed"]));
        if code(&CONTEXTS) || number(&CONTEXT_NUMBERS) || is_too_long {
            return RefusalKind::TooLong;
        }
        let is_filtered = self.codes.iter().any(|code| is_filter(code)) || number(&FILTER_NUMBERS);
        if is_filtered || !is_failure && phrase(&FILTER_PHRASES) {
            return RefusalKind::ContentFilter;
        }
        let status = status.unwrap_or(500);
        if status == 402 || code(&QUOTAS) || number(&QUOTA_NUMBERS) || phrase(&QUOTA_PHRASES) {
            return RefusalKind::Quota;
        }
        if status == 401 || code(&KEYS) || phrase(&KEY_PHRASES) {
            return RefusalKind::Key;
        }
        // Before the status: some say 404 or 500 about a model without tools.
        if phrase(&TOOL_PHRASES) {
            return RefusalKind::NoTools;
        }
        if code(&MODELS) || number(&MODEL_NUMBERS) || phrase(&MODEL_PHRASES) {
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
mod tests;
