//! The document against the routes, its own references, and the copy in the repository.

use super::*;
use std::{collections::BTreeSet, fs, path::Path};
use tandem_protocol::ErrorCode;

const COPY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");

fn operations() -> impl Iterator<Item = (String, &'static Value)> {
    let paths = DOCUMENT["paths"].as_object().unwrap();
    paths.iter().flat_map(|(path, item)| {
        item.as_object().unwrap().iter().map(move |(method, operation)| (format!("{method} {path}"), operation))
    })
}

fn schema(name: &str) -> &'static Value {
    &DOCUMENT["components"]["schemas"][name]
}

#[test]
fn the_document_has_all_routes_and_no_others() {
    let routed: BTreeSet<_> = ROUTES.iter().map(|(method, path, _)| format!("{method} {path}")).collect();
    assert_eq!(routed, operations().map(|(name, _)| name).collect());
}

#[test]
fn the_copy_in_the_repository_is_the_document_that_the_server_serves() {
    let mut served = serde_json::to_string_pretty(&*DOCUMENT).unwrap();
    served.push('\n');
    if std::env::var_os("TANDEM_RENEW_OPENAPI").is_some() {
        fs::write(COPY, &served).unwrap();
    }
    let kept = fs::read_to_string(Path::new(COPY)).unwrap_or_default().replace("\r\n", "\n");
    assert!(
        kept == served,
        "docs/openapi.json is not what the server serves. If the change is meant, renew it and commit it:\n    \
         TANDEM_RENEW_OPENAPI=1 cargo test -p tandem-http --lib openapi"
    );
}

#[test]
fn every_reference_has_a_target() {
    for name in schemas::references(&DOCUMENT) {
        let is_there = schema(&name).is_object() || DOCUMENT["components"]["responses"][&name].is_object();
        assert!(is_there, "{name} is referred to and does not exist");
    }
}

#[test]
fn every_limit_is_that_of_a_field() {
    for (name, field, keywords) in schemas::limits() {
        let mut schema = schema(name).clone();
        let field_schema = &schemas::fields(&mut schema)[field];
        // A reference that may be null has its description inside.
        let is_field = ["description", "oneOf"].iter().any(|keyword| !field_schema[keyword].is_null());
        assert!(is_field, "{name}.{field} is not a field");
        for (keyword, value) in keywords.as_object().unwrap() {
            assert_eq!(&field_schema[keyword], value, "{name}.{field}");
        }
    }
    for (name, field) in schemas::OPTIONAL {
        assert!(schema(name)["properties"][field].is_object(), "{name}.{field} is not a field");
    }
}

#[test]
fn enums_are_written_as_on_the_wire() {
    use tandem_protocol::enums::*;
    fn check<T: WireEnum>(name: &str) {
        let words: Vec<_> = T::ALL.iter().map(|word| word.as_str()).collect();
        assert_eq!(schema(name)["enum"], json!(words), "{name}");
    }
    check::<ActorKind>("ActorKind");
    check::<Anchor>("Anchor");
    check::<Decision>("Decision");
    check::<DueFilter>("DueFilter");
    check::<ErrorCode>("ErrorCode");
    check::<MessageState>("MessageState");
    check::<Priority>("Priority");
    check::<ReplyErrorCode>("ReplyErrorCode");
    check::<Role>("Role");
    check::<Scope>("Scope");
    check::<StatusFilter>("StatusFilter");
    check::<TaskStatus>("TaskStatus");
    check::<ObjectKind>("ObjectKind");
    check::<TokenTransport>("TokenTransport");
    check::<ToolState>("ToolState");
    check::<UndoAction>("UndoAction");
    let capital = |word: &Value| word.as_str().is_some_and(|word| word.starts_with(char::is_uppercase));
    for (name, schema) in DOCUMENT["components"]["schemas"].as_object().unwrap() {
        assert!(!schema["enum"].as_array().is_some_and(|words| words.iter().any(capital)), "{name} has a Rust name");
    }
}

#[test]
fn operations_have_ids_of_their_own_and_name_their_refusals() {
    let ids: BTreeSet<_> = operations().map(|(_, operation)| operation["operationId"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), ROUTES.len());
    for (name, operation) in operations() {
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.keys().any(|status| status.starts_with('2')), "{name}");
        assert!(!responses.contains_key("default"), "{name}: every status is listed");
        for status in ["400", "403", "415", "500"] {
            assert!(responses.contains_key(status), "{name}: {status}");
        }
        for (status, response) in responses.iter().filter(|(_, response)| response["$ref"].is_null()) {
            assert!(response["description"].as_str().is_some_and(|text| !text.is_empty()), "{name} {status}");
        }
    }
}

#[test]
fn request_bodies_refuse_unknown_fields() {
    for (name, operation) in operations() {
        for body in schemas::references(&operation["requestBody"]) {
            assert_eq!(schema(&body)["additionalProperties"], false, "{name}: {body}");
        }
    }
}
