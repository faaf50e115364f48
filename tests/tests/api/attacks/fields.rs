//! A body never names who acts. Every route of the `OpenAPI` document and every command of the socket is sent fields that
//! would do so.

use crate::support::Site;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tandem_protocol::{ErrorCode, live::Command};
use tandem_tests::{Device, TestUser, fresh};

on_both!(no_body_takes_a_field_that_is_not_its_own, no_command_takes_a_field_that_is_not_its_own);

/// What somebody would send to act for another user, or to be more than a member.
const FIELDS: [&str; 7] = ["user_id", "owner", "owner_id", "email_verified", "role", "id", "sub"];

/// The fields of a schema, wherever they are defined.
fn fields(schema: &Value, document: &Value, found: &mut BTreeSet<String>) {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.strip_prefix("#/components/schemas/")) {
        fields(&document["components"]["schemas"][name], document, found);
    }
    found.extend(schema["properties"].as_object().into_iter().flat_map(|properties| properties.keys().cloned()));
    for parts in ["allOf", "oneOf", "anyOf"] {
        for part in schema[parts].as_array().into_iter().flatten() {
            fields(part, document, found);
        }
    }
}

/// Every route with a body: method, path, and the fields that the body has.
fn routes(document: &Value) -> Vec<(Method, String, BTreeSet<String>)> {
    let mut routes = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            if !schema.is_null() && path.starts_with("/api/") {
                let mut found = BTreeSet::new();
                fields(schema, document, &mut found);
                routes.push((method.to_uppercase().parse().unwrap(), path.clone(), found));
            }
        }
    }
    assert!(routes.len() > 20, "the document has more bodies: {routes:?}");
    routes
}

async fn no_body_takes_a_field_that_is_not_its_own(site: &Site) {
    let document: Value = site.owner().anonymous_request(Method::GET, "/api/openapi.json").await.expect(200).read();
    let victim = TestUser::register(site).await.user().id;
    for field in FIELDS {
        let user = TestUser::register(site).await;
        for (method, path, own) in routes(&document) {
            if own.contains(field) {
                continue;
            }
            let caller = if path.starts_with("/api/v1/admin/") { site.owner() } else { &user };
            let path = path.replace("{user_id}", user.user().id.as_str());
            // Tasks of the original API have numbers.
            let id = if path.starts_with("/api/v1/") { fresh::id().to_string() } else { "1".to_owned() };
            let path = path.replace("{id}", &id).replace("{reminder_id}", &id);
            let ask = caller.anonymous_request(method.clone(), &path).bearer(&caller.access_token());
            let problem = ask.json(json!({ field: victim })).await.refused(ErrorCode::InvalidRequest);
            assert_eq!(problem.errors.first().map(|error| error.field.as_str()), Some(field), "{method} {path}");
        }
        let me = user.get("/me").await.expect(200).value();
        assert_eq!((&me["role"], &me["email_verified"]), (&json!("member"), &json!(false)));
    }
}

async fn no_command_takes_a_field_that_is_not_its_own(site: &Site) {
    let (user, victim) = (TestUser::register(site).await, TestUser::register(site).await);
    let device = Device::connected(&user, "laptop").await;
    for name in Command::NAMES {
        let frame =
            json!({ "type": "command", "id": fresh::id(), "name": name, "args": { "user_id": victim.user().id } });
        let refused = device.command_json(frame).await.expect_err(name);
        assert_eq!(refused.code, ErrorCode::InvalidRequest, "{name}: {refused:?}");
    }
    device.look(|seen| assert_eq!(seen.events().count(), 0));
}
