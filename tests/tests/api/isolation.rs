//! No user can access items of another. Every route of the `OpenAPI` document and every command of the socket is tested
//! with the ids of another user. A new route or command fails these tests until it is added to them.

mod commands;
mod routes;
mod victim;

use crate::support::Site;
use reqwest::Method;
use routes::{Attempt, attempt};
use serde_json::Value;
use tandem_protocol::{ErrorCode, live::Command};
use tandem_tests::{Device, TestUser, fresh};
use victim::{CANARY, Victim};

on_both!(
    no_route_reaches_items_of_another_user,
    no_command_reaches_items_of_another_user,
    another_persons_cursors_show_nothing,
);

/// The routes of a document: method and path below `/api/v1`.
async fn routes_of(user: &TestUser) -> Vec<(Method, String)> {
    let document: Value = user.anonymous_request(Method::GET, "/api/openapi.json").await.expect(200).read();
    let paths = document["paths"].as_object().expect("the document has paths");
    let mut routes = Vec::new();
    for (path, methods) in paths {
        let Some(path) = path.strip_prefix("/api/v1") else { continue };
        for method in methods.as_object().expect("a path has methods").keys() {
            if let Ok(method) = method.to_uppercase().parse::<Method>()
                && method.as_str() != "PARAMETERS"
            {
                routes.push((method, path.to_owned()));
            }
        }
    }
    assert!(routes.len() >= 36, "the contract has more routes than {}", routes.len());
    routes
}

async fn no_route_reaches_items_of_another_user(site: &Site) {
    let victim = Victim::register(site).await;
    let before = victim.everything().await;
    let intruder = TestUser::register(site).await;
    for (method, path) in routes_of(&intruder).await {
        let what = format!("{method} {path}");
        match attempt(&method, &path, &victim) {
            Attempt::Foreign { path, absent, body } => {
                let foreign = ask(&intruder, &method, &path, body.as_ref()).await;
                let absent = ask(&intruder, &method, &absent, body.as_ref()).await;
                foreign.refused(ErrorCode::NotFound);
                assert_eq!(foreign.body_without_request_id(), absent.body_without_request_id(), "{what}");
            }
            Attempt::ForeignInBody { path, foreign, absent } => {
                let foreign = ask(&intruder, &method, &path, Some(&foreign)).await;
                let absent = ask(&intruder, &method, &path, Some(&absent)).await;
                assert_eq!(foreign.status, absent.status, "{what}: {foreign:?}");
                assert!(foreign.status >= 400, "{what}: {foreign:?}");
                assert_eq!(foreign.body_without_request_id(), absent.body_without_request_id(), "{what}");
            }
            Attempt::ShowsOwnOnly(query) => {
                let answer = ask(&intruder, &method, &format!("{path}{query}"), None).await;
                assert!(!answer.expect(200).body.contains(CANARY), "{what} shows what is not its caller's");
            }
            Attempt::OwnersOnly => {
                let answer = ask(&intruder, &method, &path, None).await;
                let absent = ask(&intruder, &method, "/admin/nothing", None).await;
                answer.refused(ErrorCode::NotFound);
                assert_eq!(answer.body_without_request_id(), absent.body_without_request_id(), "{what}");
            }
            Attempt::NamesNothing => {}
        }
    }
    assert_eq!(victim.everything().await, before, "the owner's things are as they were");
}

async fn ask(user: &TestUser, method: &Method, path: &str, body: Option<&Value>) -> tandem_tests::user::Answer {
    let ask = user.request(method.clone(), path);
    match body {
        Some(body) => ask.json(body.clone()).await,
        None => ask.await,
    }
}

async fn no_command_reaches_items_of_another_user(site: &Site) {
    let victim = Victim::register(site).await;
    let before = victim.everything().await;
    let intruder = TestUser::register(site).await;
    let device = Device::connected(&intruder, "intruder").await;
    for name in Command::NAMES {
        let (foreign, absent) = commands::arguments(name, &victim);
        let send_command = async |args: Value| {
            let frame = serde_json::json!({ "type": "command", "id": fresh::id(), "name": name, "args": args });
            device.command_json(frame).await.expect_err(name)
        };
        let foreign = send_command(foreign).await;
        let absent = send_command(absent).await;
        assert_eq!((foreign.code, &foreign.message), (absent.code, &absent.message), "{name}");
        assert!(foreign.task.is_none(), "{name}: {foreign:?}");
    }
    device.look(|seen| {
        assert!(
            seen.frames.iter().all(|frame| !frame.to_json().contains(CANARY)),
            "a frame shows another person's text"
        );
        assert_eq!(seen.events().count(), 0, "nothing has changed for the intruder either");
    });
    device.assert_faultless();
    assert_eq!(victim.everything().await, before, "the owner's things are as they were");
}

async fn another_persons_cursors_show_nothing(site: &Site) {
    let victim = Victim::register(site).await;
    let page: Value = victim.user.get("/tasks?limit=1").await.expect(200).read();
    let cursor = page["next_cursor"].as_str().expect("the victim has two tasks");
    let intruder = TestUser::register(site).await;
    let answer = intruder.get(&format!("/tasks?limit=1&cursor={cursor}")).await;
    assert!(matches!(answer.status, 200 | 400), "{answer:?}");
    assert!(!answer.body.contains(CANARY), "{answer:?}");
}
