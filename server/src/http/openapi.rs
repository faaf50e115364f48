//! The `OpenAPI` document, made from the handlers and the types of the protocol.

use super::routes::{auth, conversations, health, me, messages, search, sessions, sync, tasks, tokens, undo};
use axum::Json;
use std::sync::LazyLock;
use tandem_protocol::{
    enums::{DueFilter, StatusFilter},
    error::Problem,
};
use utoipa::{
    Modify, OpenApi, ToSchema as _,
    openapi::{
        ContentBuilder, Ref, RefOr, ResponseBuilder,
        path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem},
        schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type},
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

#[derive(OpenApi)]
#[openapi(
    info(title = "Tandem", description = "Chat and tasks. Errors are problem documents (RFC 9457) with a stable `code`."),
    security(("bearer" = [])),
    modifiers(&Shared),
    // Words that only queries hold are found by no body.
    components(schemas(Problem, DueFilter, StatusFilter)),
    paths(
        auth::register, auth::login, auth::refresh, auth::logout,
        me::show, me::update, me::delete, me::change_password, me::export, me::storage,
        sessions::list, sessions::revoke, sessions::revoke_others,
        tokens::list, tokens::create, tokens::delete,
        conversations::list, conversations::create, conversations::show, conversations::update, conversations::delete,
        conversations::mark_read, conversations::messages, conversations::send,
        messages::cancel, messages::retry, messages::approve,
        tasks::list, tasks::create, tasks::show, tasks::update, tasks::delete, tasks::complete, tasks::reopen,
        undo::undo, search::search, sync::snapshot, sync::events,
        show, health::live, health::ready,
    )
)]
struct Document;

/// What all operations share: the token, the refusals, and the key of changes that can be tried again.
struct Shared;

impl Modify for Shared {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        for (path, item) in &mut document.paths.paths {
            let repeatable = ["/conversations", "/messages", "/tasks", "/undo"];
            let is_change = repeatable.iter().any(|part| path.starts_with(&format!("/api/v1{part}")));
            for (operation, changes) in operations(item) {
                let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(Problem::name()))).build();
                let refusal =
                    ResponseBuilder::new().description("Refused").content("application/problem+json", content);
                operation.responses.responses.insert("default".into(), RefOr::T(refusal.build()));
                if changes && is_change {
                    operation.parameters.get_or_insert_default().push(idempotency_key().into());
                }
            }
        }
    }
}

/// The operations of a path, each with whether it changes something.
fn operations(item: &mut PathItem) -> impl Iterator<Item = (&mut Operation, bool)> {
    let all = [(&mut item.get, false), (&mut item.post, true), (&mut item.patch, true), (&mut item.delete, true)];
    all.into_iter().filter_map(|(operation, changes)| operation.as_mut().map(|operation| (operation, changes)))
}

fn idempotency_key() -> Parameter {
    let uuid =
        ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)));
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .description(Some("Makes a retry safe: the same key and arguments give the first answer again."))
        .schema(Some(uuid))
        .build()
}

static DOCUMENT: LazyLock<utoipa::openapi::OpenApi> = LazyLock::new(Document::openapi);

/// This document.
#[utoipa::path(get, path = "/api/openapi.json", tag = "health", security(()), responses((status = 200, body = Object)))]
pub(super) async fn show() -> Json<&'static utoipa::openapi::OpenApi> {
    Json(&DOCUMENT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_document_has_the_routes_that_there_are_and_no_others() {
        let routed: BTreeSet<_> =
            super::super::ROUTES.iter().map(|(method, path, _)| format!("{method} {path}")).collect();
        let mut documented = BTreeSet::new();
        for (path, item) in &DOCUMENT.paths.paths {
            let methods = [("get", &item.get), ("post", &item.post), ("patch", &item.patch), ("delete", &item.delete)];
            let there = methods.into_iter().filter(|(_, operation)| operation.is_some());
            documented.extend(there.map(|(method, _)| format!("{method} {path}")));
        }
        assert_eq!(routed, documented);
    }

    #[test]
    fn every_schema_that_is_referred_to_is_there() {
        let text = serde_json::to_string(&*DOCUMENT).unwrap();
        let schemas = &DOCUMENT.components.as_ref().unwrap().schemas;
        for reference in text.split("\"#/components/schemas/").skip(1) {
            let name = reference.split('"').next().unwrap();
            assert!(schemas.contains_key(name), "{name} is referred to and not there");
        }
    }
}
