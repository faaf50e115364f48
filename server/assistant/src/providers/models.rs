//! The list of models of a provider, as far as servers agree on it.
//!
//! Every server has its own fields beside the name. What is of use here is how much the model reads: a conversation that is
//! cut to the right length needs no refusal first.

use serde_json::Value;
use std::cmp::Reverse;

/// Names that are suggested in place of one that is not listed.
const SUGGESTIONS: usize = 3;
/// The likeness, in thousandths, from which another name was probably meant.
const CLOSE: u32 = 700;
/// Characters of the longest name that is shown.
const MAX_NAME: usize = 120;
/// Contexts that a model may have, in tokens; other numbers mean something else.
const CONTEXTS: std::ops::RangeInclusive<usize> = 256..=100_000_000;
/// Fields with the context of a model. What is loaded comes before what the model was trained for.
const CONTEXT_FIELDS: [&str; 12] = [
    "loaded_context_length",
    "n_ctx",
    "max_model_len",
    "context_length",
    "context_window",
    "max_context_length",
    "max_context_window_tokens",
    "context_size",
    "max_input_tokens",
    "input_token_limit",
    "inputTokenLimit",
    "n_ctx_train",
];
/// Objects in an entry that may have one of these fields: llama.cpp and some routers have such.
const CONTEXT_PLACES: [&str; 5] = ["", "/meta", "/top_provider", "/limits", "/capabilities/limits"];

/// The models that a provider lists.
#[derive(Debug, Default, PartialEq)]
pub(super) struct ModelList(Vec<Listed>);

#[derive(Debug, PartialEq)]
struct Listed {
    name: String,
    /// Other names of the same model.
    aliases: Vec<String>,
    context: Option<usize>,
    /// Whether the server has this model alone, and answers with it whatever name a request has.
    is_served_always: bool,
}

/// What a list says about one model.
#[derive(Debug, PartialEq)]
pub(super) enum Lookup {
    Found {
        context: Option<usize>,
    },
    /// The names that are most like it, the nearest one first; none if no model is listed.
    Missing {
        nearest: Vec<String>,
        /// Whether the nearest one is so much like it that it was probably meant.
        is_close: bool,
    },
}

impl ModelList {
    /// Reads a list, which may be empty. `None` for a body without one.
    pub(super) fn parse(body: &Value) -> Option<Self> {
        let lists = [body.get("data"), body.get("models"), Some(body)];
        let lists = lists.into_iter().flatten().filter_map(Value::as_array);
        let entries = lists.max_by_key(|list| !list.is_empty())?;
        let models: Vec<Listed> = entries.iter().filter_map(Listed::parse).collect();
        (entries.is_empty() || !models.is_empty()).then_some(Self(models))
    }

    /// Looks a model up by the name that is requested.
    pub(super) fn lookup(&self, model: &str) -> Lookup {
        let wanted = normalized(model);
        // OpenRouter has variants of a model behind a colon, and Ollama versions.
        let plain = wanted.split(':').next().unwrap_or_default();
        let exact = self.0.iter().find(|listed| listed.names().any(|name| name == wanted));
        let latest = || self.0.iter().find(|listed| listed.names().any(|name| name == format!("{wanted}:latest")));
        let variant = || self.0.iter().find(|listed| wanted.contains(':') && listed.names().any(|name| name == plain));
        let only = || match &self.0[..] {
            [only] if only.is_served_always => Some(only),
            _ => None,
        };
        match exact.or_else(latest).or_else(variant).or_else(only) {
            Some(listed) => Lookup::Found { context: listed.context },
            None => self.missing(&wanted),
        }
    }

    fn missing(&self, wanted: &str) -> Lookup {
        let mut names: Vec<(u32, &str)> =
            self.0.iter().map(|listed| (likeness(&listed.name, wanted), listed.name.as_str())).collect();
        // A stable sort keeps the order of the list.
        names.sort_by_key(|(likeness, _)| Reverse(*likeness));
        let is_close = names.first().is_some_and(|(likeness, _)| *likeness >= CLOSE);
        Lookup::Missing {
            nearest: names.into_iter().take(SUGGESTIONS).map(|(_, name)| name.to_owned()).collect(),
            is_close,
        }
    }
}

/// How much a listed name is like a wanted one, from 0 to 1000: floats have no order. Routers put the vendor before a name.
fn likeness(name: &str, wanted: &str) -> u32 {
    let plain = |name: &str| name.rsplit('/').next().unwrap_or_default().to_owned();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a likeness is between 0 and 1")]
    let permille = |likeness: f64| (likeness * 1e3) as u32;
    permille(strsim::normalized_damerau_levenshtein(&plain(&normalized(name)), &plain(wanted)))
}

impl Listed {
    fn parse(entry: &Value) -> Option<Self> {
        let name = match entry {
            Value::String(name) => Some(name.as_str()),
            _ => ["id", "name", "model"].iter().find_map(|field| entry.get(field)?.as_str()),
        };
        let name = name.filter(|name| is_name(name))?.to_owned();
        let aliases = entry.get("aliases").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let aliases = aliases.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        let is_served_always = entry.get("owned_by").is_some_and(|owner| owner == "llamacpp");
        Some(Self { name, aliases, context: context(entry), is_served_always })
    }

    fn names(&self) -> impl Iterator<Item = String> {
        std::iter::once(&self.name).chain(&self.aliases).map(|name| normalized(name))
    }
}

/// The context of an entry in tokens, in whatever field it has it.
fn context(entry: &Value) -> Option<usize> {
    let places: Vec<&Value> = CONTEXT_PLACES.iter().filter_map(|place| entry.pointer(place)).collect();
    CONTEXT_FIELDS.iter().flat_map(|field| places.iter().filter_map(|place| number(place.get(*field)?))).next()
}

fn number(value: &Value) -> Option<usize> {
    let number = value.as_u64().or_else(|| value.as_str()?.trim().parse().ok());
    number.and_then(|number| usize::try_from(number).ok()).filter(|number| CONTEXTS.contains(number))
}

/// Whether a name can be shown: it comes from another server, and ends up in a log and on a terminal.
fn is_name(name: &str) -> bool {
    !name.trim().is_empty() && name.chars().count() <= MAX_NAME && !name.chars().any(char::is_control)
}

/// A name without what servers write differently: Gemini lists its models under `models/`.
fn normalized(name: &str) -> String {
    let name = name.trim();
    name.strip_prefix("models/").unwrap_or(name).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn lookup(body: &Value, model: &str) -> Lookup {
        ModelList::parse(body).unwrap().lookup(model)
    }

    fn found(context: usize) -> Lookup {
        Lookup::Found { context: Some(context) }
    }

    #[test]
    fn the_context_is_found_in_the_field_of_every_server() {
        for entry in [
            json!({ "id": "m", "context_length": 4096 }),
            json!({ "id": "m", "max_model_len": "4096" }),
            json!({ "id": "m", "context_window": 4096, "max_tokens": 8192 }),
            json!({ "id": "m", "meta": { "n_ctx_train": 4096 } }),
            json!({ "id": "m", "meta": { "n_ctx": 4096, "n_ctx_train": 131_072 } }),
            json!({ "id": "m", "loaded_context_length": 4096, "max_context_length": 131_072 }),
            json!({ "id": "m", "context_length": null, "top_provider": { "context_length": 4096 } }),
            json!({ "id": "m", "capabilities": { "limits": { "max_context_window_tokens": 4096 } } }),
            json!({ "name": "models/m", "inputTokenLimit": 4096 }),
        ] {
            assert_eq!(lookup(&json!({ "data": [entry] }), "m"), found(4096), "{entry}");
        }
        for context in [json!(0), json!(-1), json!("long"), json!(true), json!(u64::MAX)] {
            let body = json!({ "data": [{ "id": "m", "context_length": context }] });
            assert_eq!(lookup(&body, "m"), Lookup::Found { context: None }, "{body}");
        }
    }

    #[test]
    fn names_are_compared_as_servers_read_them() {
        let body = json!({ "data": [
            { "id": "models/gemini-2.5-flash", "context_window": 1000 },
            { "id": "llama3.2:latest", "context_window": 2000 },
            { "id": "openai/gpt-4.1-mini", "context_window": 3000, "aliases": ["mini"] },
        ] });
        for (model, context) in [
            ("gemini-2.5-flash", 1000),
            ("models/gemini-2.5-flash", 1000),
            ("Llama3.2", 2000),
            ("openai/gpt-4.1-mini:free", 3000),
            ("mini", 3000),
        ] {
            assert_eq!(lookup(&body, model), found(context), "{model}");
        }
        for (model, meant) in [
            ("gemini-2.5-flush", Some("models/gemini-2.5-flash")),
            ("gpt4.1-mini", Some("openai/gpt-4.1-mini")),
            ("azure/gpt-4.1-mini", Some("openai/gpt-4.1-mini")),
            ("qwen3-coder", None),
        ] {
            let Lookup::Missing { nearest, is_close } = lookup(&body, model) else { panic!("it is not listed") };
            assert_eq!(
                (is_close, is_close.then(|| &*nearest[0]), nearest.len()),
                (meant.is_some(), meant, 3),
                "{model}"
            );
        }
    }

    #[test]
    fn a_server_of_one_model_answers_to_every_name() {
        let one =
            json!({ "data": [{ "id": "/m/smollm.gguf", "owned_by": "llamacpp", "meta": { "n_ctx_train": 8192 } }] });
        assert_eq!(lookup(&one, "gpt-4.1-mini"), found(8192));
        let other = json!({ "data": [{ "id": "smollm", "owned_by": "vllm" }] });
        assert_eq!(lookup(&other, "gpt-4.1-mini"), Lookup::Missing { nearest: vec!["smollm".into()], is_close: false });
    }

    #[test]
    fn lists_have_several_forms_and_other_bodies_are_none() {
        for body in [json!(["m"]), json!({ "models": [{ "model": "m" }] }), json!({ "data": [], "models": ["m"] })] {
            assert_eq!(lookup(&body, "m"), Lookup::Found { context: None }, "{body}");
        }
        for body in [json!([]), json!({ "data": [] }), json!({ "data": [], "models": [] })] {
            assert_eq!(lookup(&body, "m"), Lookup::Missing { nearest: Vec::new(), is_close: false }, "{body}");
        }
        for body in [json!({}), json!({ "data": [{}, 3, { "id": "a\nb" }] }), json!("models")] {
            assert_eq!(ModelList::parse(&body), None, "{body}");
        }
    }
}
