//! One tool call, and how its arguments are read.
//!
//! Arguments are the text of a JSON object. Some servers encode that text twice, send it again whole at the end, or put
//! the objects of several calls one after the other; each of these has only one meaning. Others put more into a name than
//! that of the tool.

use crate::json;
use serde_json::{Deserializer, Map, Value};

/// What models write before the name of a tool: the namespace in the template of OpenAI's open models, and Gemini's.
const NAMESPACES: [&str; 3] = ["functions.", "function.", "default_api."];
/// Begins a token of a template, which some servers leave behind the name.
const TOKEN: &str = "<|";

/// How often a text of arguments may be encoded.
const MAX_ENCODED: usize = 3;

/// A part of a tool call. Which call it belongs to follows from index, id, name or order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CallDelta {
    /// Index among the calls of the answer; some providers have none.
    pub index: Option<u64>,
    /// May be an empty text.
    pub id: String,
    /// May be an empty text.
    pub name: String,
    /// More of the arguments' text.
    pub arguments: String,
    /// Fields that are not known here.
    pub extra: Map<String, Value>,
}

/// A tool call, complete once the answer has ended.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Call {
    pub index: Option<u64>,
    /// As the provider gave it; may be empty.
    pub id: String,
    pub name: String,
    /// The text of a JSON object, or what was received if it is none.
    pub arguments: String,
    /// What the provider expects back verbatim.
    pub extra: Map<String, Value>,
    /// Whether the arguments were too long; none of their text is kept then.
    pub oversized: bool,
    pub(crate) nesting: Nesting,
}

impl Call {
    /// A call that was received as a whole.
    #[must_use]
    pub fn new(name: &str, arguments: &str) -> Self {
        let mut nesting = Nesting::default();
        nesting.push(arguments);
        Self { name: name.to_owned(), arguments: arguments.to_owned(), nesting, ..Self::default() }
    }

    /// The parsed arguments, or `None` when they are not a JSON object. An empty text counts as an empty object.
    #[must_use]
    pub fn parsed(&self) -> Option<Value> {
        let mut objects = objects(&self.arguments)?;
        (objects.len() == 1).then(|| objects.remove(0))
    }

    /// Whether more arguments take the place of those so far, which would not be JSON with them appended: all of it as far
    /// as it has come, or the whole object again after a part of it.
    pub(crate) fn is_replaced_by(&self, delta: &CallDelta) -> bool {
        let so_far = self.arguments.trim_end();
        let Some(last) = so_far.chars().next_back() else { return false };
        let begins_object = so_far.starts_with('{') || so_far.starts_with("\"{");
        if begins_object && delta.arguments.starts_with(&self.arguments) {
            return true;
        }
        // An object fits between two quotation marks only if it is empty, and after these characters if it is a value.
        let fits = !self.nesting.in_string && [':', ',', '['].contains(&last);
        let is_repeated = !delta.id.is_empty() && delta.id == self.id && !delta.name.is_empty();
        is_repeated && so_far.starts_with('{') && !self.nesting.is_complete() && !fits && is_filled(&delta.arguments)
    }

    /// Whether the arguments are an object, or several.
    pub(crate) fn is_readable(&self) -> bool {
        objects(&self.arguments).is_some()
    }

    /// The calls that this one stands for: itself, or one for each object in its arguments.
    pub(crate) fn split(mut self) -> Vec<Self> {
        let mut objects = objects(&self.arguments).unwrap_or_default().into_iter();
        let Some(first) = objects.next() else { return vec![self] };
        let verbatim = self.arguments.trim().is_empty()
            || serde_json::from_str(&self.arguments).is_ok_and(|v: Value| v.is_object());
        if !verbatim {
            self.arguments = first.to_string();
        }
        let name = self.name.clone();
        let more = objects.map(|object| Self { name: name.clone(), arguments: object.to_string(), ..Self::default() });
        let more: Vec<_> = more.collect();
        [self].into_iter().chain(more).collect()
    }
}

/// The name of a tool in what a model wrote as such.
pub(crate) fn tool_name(text: &str) -> &str {
    let name = text.split_once(TOKEN).map_or(text, |(name, _)| name).trim();
    let bare = NAMESPACES.iter().find_map(|namespace| name.strip_prefix(namespace));
    bare.filter(|bare| !bare.is_empty()).unwrap_or(name)
}

/// Whether a text is a whole object that is not empty.
pub(crate) fn is_filled(text: &str) -> bool {
    serde_json::from_str(text).is_ok_and(|object: Map<String, Value>| !object.is_empty())
}

/// The objects in a text of arguments without repetitions; one at least. `None` for anything else.
fn objects(text: &str) -> Option<Vec<Value>> {
    let mut objects = Vec::new();
    collect(text, MAX_ENCODED, &mut objects)?;
    // Some servers begin with an empty object, and send the arguments afterwards.
    if objects.iter().any(|object| object != &empty()) {
        objects.retain(|object| object != &empty());
    }
    let mut distinct: Vec<Value> = Vec::new();
    for object in objects {
        // Only a repetition of what came just before is one: two equal calls are two ids, which are two calls already.
        if distinct.last() != Some(&object) {
            distinct.push(object);
        }
    }
    Some(distinct)
}

fn collect(text: &str, depth: usize, objects: &mut Vec<Value>) -> Option<()> {
    if text.trim().is_empty() {
        objects.push(empty());
        return Some(());
    }
    let values: Result<Vec<Value>, _> = Deserializer::from_str(text).into_iter().collect();
    let values = values.ok().or_else(|| Some(vec![json::parse(text)?]))?;
    for value in values {
        match value {
            Value::Null => objects.push(empty()),
            Value::String(inner) if depth > 0 => collect(&inner, depth - 1, objects)?,
            object @ Value::Object(_) => objects.push(object),
            // In PHP an empty object is a list.
            Value::Array(items) if items.is_empty() => objects.push(empty()),
            _ => return None,
        }
    }
    Some(())
}

fn empty() -> Value {
    Value::Object(Map::new())
}

/// Follows a text of JSON to see where a value ends, without parsing it again for each piece.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Nesting {
    depth: i64,
    in_string: bool,
    escaped: bool,
    begun: bool,
}

impl Nesting {
    pub(crate) fn push(&mut self, text: &str) {
        for byte in text.bytes() {
            self.begun |= !byte.is_ascii_whitespace();
            if self.in_string {
                if self.escaped {
                    self.escaped = false;
                } else {
                    self.escaped = byte == b'\\';
                    self.in_string = byte != b'"';
                }
                continue;
            }
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => self.depth -= 1,
                _ => {}
            }
        }
    }

    /// Whether the text so far ends after a value.
    pub(crate) fn is_complete(self) -> bool {
        self.begun && !self.in_string && self.depth <= 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn call(arguments: &str) -> Call {
        Call { id: "a".into(), name: "add_task".into(), arguments: arguments.into(), ..Call::default() }
    }

    #[test]
    fn arguments_are_objects_and_nothing_means_an_empty_one() {
        let parsed = |text: &str| call(text).parsed();
        for text in [" ", "null", "{}", "\"{}\"", "\"\"", "\"null\"", "{}{}", "[]", "\" [ ]\""] {
            assert_eq!(parsed(text), Some(json!({})), "{text}");
        }
        assert_eq!(parsed("{\"a\":1}"), Some(json!({ "a": 1 })));
        assert_eq!(parsed("{\"a\":NaN}"), Some(json!({ "a": null })));
        for text in ["{\"a\":", "3", "[{}]", "{\"a\":1} and", "\"text\""] {
            assert_eq!(parsed(text), None, "{text}");
        }
    }

    #[test]
    fn arguments_that_are_encoded_twice_or_sent_again_mean_the_same() {
        let plain = json!({ "title": "x" });
        let once = plain.to_string();
        let twice = Value::String(once.clone()).to_string();
        for text in [
            once.clone(),
            twice.clone(),
            format!("{once}{once}"),
            format!("{{}}{once}"),
            Value::String(twice).to_string(),
        ] {
            let calls = call(&text).split();
            assert_eq!((calls.len(), calls[0].parsed()), (1, Some(plain.clone())), "{text}");
        }
    }

    #[test]
    fn names_of_tools_have_neither_namespace_nor_tokens_of_a_template() {
        for text in ["add_task", "\tadd_task ", "functions.add_task", "default_api.add_task\n", "add_task <|message|>x"]
        {
            assert_eq!(tool_name(text), "add_task", "{text:?}");
        }
        assert_eq!([tool_name("functions."), tool_name(" <|call|>")], ["functions.", ""]);
    }

    #[test]
    fn different_objects_are_a_call_each() {
        let calls = call("{\"n\":1} {\"n\":2}").split();
        let seen: Vec<_> =
            calls.iter().map(|call| (call.id.as_str(), call.name.as_str(), call.arguments.as_str())).collect();
        assert_eq!(seen, [("a", "add_task", "{\"n\":1}"), ("", "add_task", "{\"n\":2}")]);
    }

    #[test]
    fn a_text_that_is_an_object_stays_verbatim() {
        for text in ["{ \"title\" : \"x\" }", " ", "{\"a\":"] {
            assert_eq!(call(text).split()[0].arguments, text);
        }
    }

    #[test]
    fn the_end_of_a_value_is_seen_in_any_pieces() {
        for (text, complete) in [
            ("{\"a\":\"}\\\"\"", false),
            ("{\"a\":\"}\\\"\"}", true),
            (" ", false),
            ("\"{\\\"a\\\":1}\"", true),
            ("\"{", false),
        ] {
            let mut nesting = Nesting::default();
            text.chars().for_each(|c| nesting.push(&c.to_string()));
            assert_eq!(nesting.is_complete(), complete, "{text}");
        }
    }
}
