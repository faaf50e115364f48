//! Every route and tool has a budget: a user without permits is refused, and other users are not.
//!
//! The tests iterate over the lists of routes and tools, so that a new one is covered.

use super::{Person, Server};
use crate::{ROUTES, TRANSPORTS};
use futures_util::future::join_all;
use http::{StatusCode, header};
use serde_json::json;
use std::time::Duration;
use tandem_assistant::tools;
use tandem_service::{Admitted, Work};
use tokio::time::timeout;

const ABSENT: &str = "01939c2e-7b1a-7c3e-9f00-2b6d1c0a4e55";
/// The answer of a tool without a permit.
const TOO_MANY: &str = "Too many requests. Try again in 1 s.";
/// Longer than it takes to acquire a free permit.
const NONE_LEFT: Duration = Duration::from_millis(250);

/// Acquires all permits of a person, of every kind of work.
async fn exhausted(person: &Person<'_>) -> Vec<Admitted> {
    let services = &person.server.services;
    let caller = services.authenticate(&person.token).await.unwrap().caller;
    let taken = Work::BUDGETED.map(async |work| {
        let mut held = Vec::new();
        while let Ok(permit) = timeout(NONE_LEFT, services.admit(caller.clone(), work)).await {
            held.push(permit.unwrap());
        }
        assert!(!held.is_empty() && held.len() < 1_000, "{work:?}: {} permits", held.len());
        held
    });
    join_all(taken).await.concat()
}

#[test]
fn every_route_of_a_user_has_a_kind_of_work() {
    for (method, path, work) in ROUTES {
        // The answer to a push is counted as a change of its user, who is known by the token in the body.
        let of_nobody = matches!(*path, "/api/v1/server" | "/api/openapi.json" | "/api/v1/push/answers");
        if path.starts_with("/api/") && !of_nobody {
            assert_ne!(*work, Work::Public, "{method} {path} has no budget");
        }
        let signs_in = *work == Work::SignIn;
        assert_eq!(signs_in, path.starts_with("/api/v1/auth/"), "{method} {path}: limited by address, or by user");
    }
    // One in the macro, the others for the transports: what is mounted in another way would be in no list.
    let mounted = include_str!("../lib.rs").matches(".route(").count();
    assert_eq!(mounted, 1 + TRANSPORTS.len(), "a route that is not in ROUTES has no budget");
}

#[tokio::test]
async fn a_user_without_permits_is_refused_on_every_route_and_others_are_not() {
    let server = Server::start().await;
    let (ann, ben) = (server.person("ann").await, server.person("ben").await);
    let _held = exhausted(&ann).await;
    let budgeted = || ROUTES.iter().filter(|(_, _, work)| Work::BUDGETED.contains(work));
    assert!(budgeted().count() > 30);
    let call = async |person: &Person<'_>, method: &str, path: &str| {
        person.call(&method.to_uppercase(), &path.replace("{id}", ABSENT), &json!({})).await
    };
    join_all(budgeted().map(async |(method, path, work)| {
        let refused = call(&ann, method, path).await;
        assert_eq!(refused.code(), "rate_limited", "{method} {path} is {work:?}");
        let wait = refused.headers[header::RETRY_AFTER].to_str().unwrap().parse::<u64>().unwrap();
        assert!(wait >= 1, "{method} {path}");
    }))
    .await;
    for (method, path, _) in budgeted() {
        assert_ne!(call(&ben, method, path).await.status, StatusCode::TOO_MANY_REQUESTS, "{method} {path}");
    }
}

#[tokio::test]
async fn a_user_without_permits_is_refused_by_every_tool_and_others_are_not() {
    let server = Server::start().await;
    let (ann, ben) = (server.person("ann").await, server.person("ben").await);
    let scopes = ["read", "write"];
    let (hers, his) = (ann.with_token(&scopes).await, ben.with_token(&scopes).await);
    let _held = exhausted(&ann).await;
    join_all(tools::specs().iter().map(async |spec| {
        let refused = hers.tool(spec.name, &json!({})).await;
        // Tools have codes of their own. This one means that a later call may succeed.
        let found = (&refused["isError"], &refused["structuredContent"]["code"]);
        assert_eq!(found, (&json!(true), &json!("unavailable")), "{}: {refused}", spec.name);
        assert_eq!(refused["structuredContent"]["message"], TOO_MANY, "{}", spec.name);
    }))
    .await;
    for spec in tools::specs() {
        let answer = his.tool(spec.name, &json!({})).await;
        assert_ne!(answer["structuredContent"]["message"], TOO_MANY, "{}", spec.name);
    }
}
