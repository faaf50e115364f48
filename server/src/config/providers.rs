//! The settings of providers: addresses, keys, models, and how long they may take.
//!
//! What is often pasted by mistake is refused at the start with a sentence that says what to write, because it would
//! otherwise show only as an error of the first reply.

use super::{
    Config, ConfigError, Sources,
    sources::Origin,
    values::{duration, list},
    wrong,
};
use http::Uri;
use std::{net::IpAddr, time::Duration};
use tandem_assistant::{Timeouts, providers::Endpoint};

/// The longest time that may be set for a reply.
const LONGEST_REPLY: Duration = Duration::from_hours(24);

/// Tokens of the smallest context that may be set: prompt and tools alone need some thousand.
const SMALLEST_CONTEXT: usize = 1_000;
/// The key that is sent to a server that needs none. Some libraries refuse an empty one.
const NO_KEY: &str = "none";
/// What is copied along with an address from the documentation of an API.
const METHODS: [&str; 10] = [
    "/chat/completions",
    "/completions",
    "/chat",
    "/messages",
    "/generate",
    "/models",
    "/responses",
    "/embeddings",
    "/engines",
    "/tags",
];
/// The beginning of the path of a deployment on Azure. Its addresses need a version in the query; the newer ones do not.
const DEPLOYMENTS: &str = "/openai/deployments/";
/// Where a text is a pattern for the one to write.
const PLACEHOLDERS: [char; 6] = ['<', '>', '$', '{', '}', '%'];
const QUOTES: [char; 7] = ['"', '\'', '`', '“', '”', '‘', '’'];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProviderKind {
    OpenAi,
    /// Gemini, through its OpenAI-compatible endpoint.
    Gemini,
    Builtin,
}

/// The variables of a provider over HTTP.
#[derive(Debug)]
pub(super) struct Names {
    key: &'static str,
    url: &'static str,
    model: &'static str,
    context: &'static str,
}

pub(super) const OPENAI: Names =
    Names { key: "OPENAI_API_KEY", url: "OPENAI_BASE_URL", model: "OPENAI_MODEL", context: "OPENAI_CONTEXT" };
pub(super) const GEMINI: Names =
    Names { key: "GEMINI_API_KEY", url: "GEMINI_BASE_URL", model: "GEMINI_MODEL", context: "GEMINI_CONTEXT" };

/// The endpoint of a provider, if it is to be used: it has a key, or the address of a server in this network, which needs
/// none.
pub(super) fn endpoint(sources: &Sources, names: &Names) -> Result<Option<Endpoint>, ConfigError> {
    let (url, origin) = sources.or_default(names.url);
    let base_url = base_url(names.url, &url)?;
    let api_key = match sources.optional(names.key) {
        Some(key) => key_of(names.key, &key)?,
        None if origin != Origin::Default && is_private(&base_url) => NO_KEY.to_owned(),
        None => return Ok(None),
    };
    let model = model(names.model, &sources.or_default(names.model).0)?;
    let context = sources.optional(names.context).map(|tokens| context(names.context, &tokens)).transpose()?;
    Ok(Some(Endpoint { api_key, base_url, model, context }))
}

/// The variables of addresses that are set for a provider that cannot be used, since it has no key.
pub(super) fn without_key(sources: &Sources, config: &Config) -> Vec<&'static str> {
    let unused = [(config.openai.is_none(), &OPENAI), (config.gemini.is_none(), &GEMINI)];
    let is_set = |names: &Names| sources.or_default(names.url).1 != Origin::Default;
    unused.into_iter().filter(|(unused, names)| *unused && is_set(names)).map(|(_, names)| names.url).collect()
}

/// The address of a provider without a slash at its end.
fn base_url(name: &'static str, text: &str) -> Result<String, ConfigError> {
    let example = || {
        wrong(
            name,
            "expected an address with scheme, host and version path, such as https://api.openai.com/v1 or \
             http://localhost:11434/v1",
        )
    };
    let clean: String = text.chars().filter(|c| !c.is_whitespace() && !QUOTES.contains(c)).collect();
    if clean.contains(PLACEHOLDERS) || clean.contains([',', '=']) && !clean.contains('?') {
        return Err(example());
    }
    let clean = clean.trim_end_matches('/');
    if clean.len() != text.trim_end_matches('/').len() {
        let message = format!("the address has quotation marks or white space in it. Write it without: {clean}");
        return Err(wrong(name, message));
    }
    let (scheme, rest) = clean.split_once("://").unwrap_or(("", clean));
    let scheme = scheme.to_ascii_lowercase();
    if scheme.is_empty() {
        return Err(with_scheme(clean)
            .map_or_else(example, |address| wrong(name, format!("the address has no scheme. Write {address}"))));
    }
    let clean = format!("{scheme}://{rest}");
    if let Some((extra, short)) = without_method(&clean) {
        return Err(wrong(name, format!("write the address without {extra}: {short}")));
    }
    let authority = rest.split('/').next().unwrap_or_default();
    if authority.contains('@') {
        return Err(wrong(name, "the address has a user name or a key in it. The key has a setting of its own"));
    }
    if let Some((host, rest)) = rest.split_once(DEPLOYMENTS) {
        let deployment = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let message = format!("write {scheme}://{host}/openai/v1, and {deployment} as the model");
        return Err(wrong(name, message));
    }
    // The parser accepts any text for the port.
    let is_whole = |uri: &Uri| uri.host().is_some_and(|host| host == authority || uri.port_u16().is_some());
    match clean.parse::<Uri>() {
        Ok(uri) if matches!(&*scheme, "http" | "https") && !authority.is_empty() && is_whole(&uri) => Ok(clean),
        _ => Err(example()),
    }
}

/// The address that was meant where the scheme is missing or misspelt.
fn with_scheme(text: &str) -> Option<String> {
    let after = |scheme: &str| {
        let start = text.get(..scheme.len()).filter(|start| start.eq_ignore_ascii_case(scheme))?;
        text[start.len()..].starts_with([':', '/']).then(|| text[start.len()..].trim_start_matches([':', '/']))
    };
    let written = after("https").map(|rest| ("https", rest)).or_else(|| Some(("http", after("http")?)));
    let likely = || if is_private(&format!("http://{text}")) { ("http", text) } else { ("https", text) };
    let (scheme, rest) = written.unwrap_or_else(likely);
    (!rest.is_empty() && !rest.starts_with([':', '/'])).then(|| format!("{scheme}://{rest}"))
}

/// What an address has after that of the API, and the address without it.
fn without_method(address: &str) -> Option<(&str, &str)> {
    let path = address.find(['?', '#']).map_or(address, |at| &address[..at]).trim_end_matches('/');
    let lower = path.to_ascii_lowercase();
    let method = METHODS.iter().find(|method| lower.ends_with(**method));
    let short = &path[..path.len() - method.map_or(0, |method| method.len())];
    let extra = &address[short.len()..];
    // The deployments of Azure have more to correct.
    (!extra.is_empty() && !short.contains(DEPLOYMENTS)).then_some((extra, short))
}

/// Whether an address is on this machine or in its network, where servers often need no key.
fn is_private(url: &str) -> bool {
    let Ok(uri) = url.parse::<Uri>() else { return false };
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']).to_ascii_lowercase();
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        Ok(IpAddr::V6(ip)) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
        // A name without a dot is one of a container or of a machine nearby.
        Err(_) => host.rsplit_once('.').is_none_or(|(_, last)| matches!(last, "local" | "localhost")),
    }
}

fn key_of(name: &'static str, key: &str) -> Result<String, ConfigError> {
    if let Some(copied) = ["bearer ", "authorization:", "x-api-key:"].iter().find(|copied| starts_with(key, copied)) {
        let word = key[..copied.len()].trim_end_matches([' ', ':']);
        let message = format!("write the key alone, without the word {word}");
        return Err(wrong(name, message));
    }
    if key.strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with('=')) {
        return Err(wrong(name, format!("write the key alone, without {name}=")));
    }
    if key.starts_with(['<', '$', '{']) {
        return Err(wrong(name, "the key is a placeholder. Write the one that the provider gave you"));
    }
    if key.contains(QUOTES) {
        return Err(wrong(name, "the key has quotation marks in it. Write it without"));
    }
    if key.contains(char::is_whitespace) {
        return Err(wrong(name, "the key has white space in it. Write it without, on one line"));
    }
    if !key.chars().all(|c| c.is_ascii_graphic()) {
        return Err(wrong(name, "the key has a character in it that no key has. Copy it again"));
    }
    Ok(key.to_owned())
}

fn starts_with(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|text| text.eq_ignore_ascii_case(start))
}

fn model(name: &'static str, model: &str) -> Result<String, ConfigError> {
    let clean = model.trim_matches(|c: char| c.is_whitespace() || QUOTES.contains(&c)).to_owned();
    if clean.contains(|c: char| c.is_whitespace() || QUOTES.contains(&c)) {
        return Err(wrong(
            name,
            "the name has quotation marks or white space in it. Write it as the provider lists it",
        ));
    }
    if clean.is_empty() {
        return Err(wrong(name, "expected the name of a model, as the provider lists it"));
    }
    if clean.len() != model.len() {
        let message = format!("the name has quotation marks or white space in it. Write it without: {clean}");
        return Err(wrong(name, message));
    }
    Ok(clean)
}

fn context(name: &'static str, text: &str) -> Result<usize, ConfigError> {
    match text.parse() {
        Ok(tokens) if tokens >= SMALLEST_CONTEXT => Ok(tokens),
        _ => {
            Err(wrong(name, format!("expected a number of tokens from {SMALLEST_CONTEXT}, such as 128000, or nothing")))
        }
    }
}

/// The providers in the order of `TANDEM_PROVIDERS`; by default those that can be used, and the built-in one last.
pub(super) fn chosen(config: &Config, names: &str) -> Result<Vec<ProviderKind>, ConfigError> {
    let has_key = |kind| match kind {
        ProviderKind::OpenAi => config.openai.is_some(),
        ProviderKind::Gemini => config.gemini.is_some(),
        ProviderKind::Builtin => true,
    };
    if names.is_empty() {
        // The builtin one is last, because it always answers.
        let all = [ProviderKind::OpenAi, ProviderKind::Gemini, ProviderKind::Builtin];
        return Ok(all.into_iter().filter(|kind| has_key(*kind)).collect());
    }
    let mut chosen = Vec::new();
    for name in list(names) {
        let kind = match name.as_str() {
            "openai" => ProviderKind::OpenAi,
            "gemini" => ProviderKind::Gemini,
            "builtin" => ProviderKind::Builtin,
            _ => return Err(wrong("TANDEM_PROVIDERS", "expected openai, gemini and builtin in any order")),
        };
        if !has_key(kind) {
            let set = name.to_uppercase();
            let message =
                format!("{name} has no key: set {set}_API_KEY, or {set}_BASE_URL to a server that needs none");
            return Err(wrong("TANDEM_PROVIDERS", message));
        }
        if !chosen.contains(&kind) {
            chosen.push(kind);
        }
    }
    Ok(chosen)
}

/// Parses the [`Timeouts`]. None may be longer than that of a reply, which would end first.
pub(super) fn timeouts(sources: &Sources) -> Result<Timeouts, ConfigError> {
    const REPLY: &str = "TANDEM_REPLY_TIMEOUT";
    let reply = duration(REPLY, &sources.text(REPLY))?;
    if reply > LONGEST_REPLY {
        return Err(wrong(REPLY, "expected a duration of up to 24h, such as 10m"));
    }
    let within_reply = |name| match duration(name, &sources.text(name))? {
        time if time > reply => Err(wrong(name, format!("expected a duration within that of a whole reply ({REPLY})"))),
        time => Ok(time),
    };
    Ok(Timeouts {
        connect: within_reply("TANDEM_PROVIDER_CONNECT_TIMEOUT")?,
        first_token: within_reply("TANDEM_FIRST_TOKEN_TIMEOUT")?,
        next_token: within_reply("TANDEM_NEXT_TOKEN_TIMEOUT")?,
        next_thought: within_reply("TANDEM_THINKING_TIMEOUT")?,
        reply,
    })
}
