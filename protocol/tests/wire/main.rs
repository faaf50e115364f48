//! The wire format, pinned: what every frame, event, command and body looks like, and what is refused.
//!
//! The snapshots are the contract's text. A change in one of them is a change of the contract: additions are welcome,
//! anything else breaks clients that nobody here knows.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod bodies;
mod frames;
mod parsing;
mod refusal;
mod samples;

use serde::{Serialize, de::DeserializeOwned};
use std::fmt::Write;

/// One line of JSON for each named value, as it goes over the wire.
fn listing<T: Serialize>(values: impl IntoIterator<Item = (&'static str, T)>) -> String {
    let mut out = String::new();
    for (name, value) in values {
        writeln!(out, "{name}\n  {}", json(&value)).unwrap();
    }
    out
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap()
}

fn parse<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

/// The same object with one more field.
fn with_surprise(object: &str) -> String {
    let rest = object.strip_prefix('{').unwrap();
    let comma = if rest == "}" { "" } else { "," };
    format!("{{\"surprise\":[1]{comma}{rest}")
}

/// The same document once for each object in it, with one more field in that object.
fn with_each_surprise(document: &str) -> Vec<String> {
    let at = document.match_indices('{').map(|(at, _)| at);
    at.map(|at| format!("{}{}", &document[..at], with_surprise(&document[at..]))).collect()
}
