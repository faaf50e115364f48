//! No user can access items of another. Every route of the `OpenAPI` document and every command of the socket is tested
//! with the ids of another user. A new route or command fails these tests until it is added to them.

mod commands;
mod routes;
mod victim;

use crate::support::Site;
use reqwest::Method;
use routes::{Attempt, attempt};
use serde_json::{Value, json};
use tandem_protocol::{
    ErrorCode,
    enums::Scope,
    live::{Command, ServerFrame, StreamPosition, client::ResumePoint},
};
use tandem_tests::{Device, TestUser, device::Credentials, fresh, user::Visitor};
use victim::{CANARY, Victim};

on_both!(
    no_route_reaches_items_of_another_user,
    no_command_reaches_items_of_another_user,
    another_persons_cursors_show_nothing,
    no_tool_of_a_program_reaches_items_of_another_user,
    another_persons_point_to_resume_shows_nothing,
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

/// Asks the MCP server, as a program with a personal token of the user.
async fn program(site: &Site, token: &str, method: &str, params: Value) -> Value {
    let ask = Visitor::of(site).post("/mcp").bearer(token).header("accept", "application/json, text/event-stream");
    let call = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    ask.header("mcp-protocol-version", "2025-06-18").json(call).await.expect(200).value()
}

/// Every argument of a schema that could name an item, with one of the victim.
fn arguments_that_name(victim: &Victim, schema: &Value, only_required: bool) -> Value {
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let properties = schema["properties"].as_object().into_iter().flatten();
    let chosen = properties.filter(|(name, _)| !only_required || required.contains(&json!(name)));
    let value = |name: &str, property: &Value| match (name, property["type"].as_str()) {
        ("undo_token", _) => json!(victim.undo_token),
        ("reminder_id", _) => json!(victim.reminder),
        (name, _) if name.ends_with("_id") => json!(victim.task),
        (_, Some("array")) => json!([{ "title": "x", "task_id": victim.task }]),
        (_, Some("integer" | "number")) => json!(1),
        (_, Some("boolean")) => json!(true),
        _ => json!(victim.task),
    };
    chosen.map(|(name, property)| (name.clone(), value(name, property))).collect::<serde_json::Map<_, _>>().into()
}

async fn no_tool_of_a_program_reaches_items_of_another_user(site: &Site) {
    let victim = Victim::register(site).await;
    let before = victim.everything().await;
    let intruder = TestUser::register(site).await;
    let (token, _) = intruder.personal_token(&[Scope::Read, Scope::Write]).await;
    let tools = program(site, &token, "tools/list", json!({})).await["result"]["tools"].clone();
    let tools = tools.as_array().expect("there are tools");
    assert!(tools.len() > 10);
    for tool in tools {
        for only_required in [true, false] {
            let arguments = arguments_that_name(&victim, &tool["inputSchema"], only_required);
            let names_an_item = arguments.as_object().unwrap().keys().any(|name| name.ends_with("_id"));
            let answer =
                program(site, &token, "tools/call", json!({ "name": tool["name"], "arguments": arguments })).await;
            assert!(!answer.to_string().contains(CANARY), "{answer}");
            assert!(!names_an_item || answer["result"]["isError"] == true, "{} {arguments}: {answer}", tool["name"]);
        }
    }
    assert_eq!(victim.everything().await, before, "the owner's things are as they were");
}

async fn another_persons_point_to_resume_shows_nothing(site: &Site) {
    let victim = Victim::register(site).await;
    let snapshot = victim.user.snapshot().await;
    let intruder = TestUser::register(site).await;
    let streams = || vec![StreamPosition { message_id: victim.reply, attempt: 1, part: 0, have: 0 }];
    for seq in [0, 1, snapshot.seq - 1, snapshot.seq, i64::MAX] {
        let mut device = Device::new(&intruder, "intruder");
        device.open(Credentials::Header(intruder.access_token())).await.expect("the credentials are right");
        device.hello_with_streams(Some(ResumePoint { epoch: snapshot.epoch.clone(), seq }), streams()).await;
        // Whatever would be replayed comes before the answer to this.
        let frame = json!({ "type": "command", "id": fresh::id(), "name": "task.complete", "args": { "task_id": 1 } });
        device.command_json(frame).await.expect_err("there is no such task");
        device.look(|seen| {
            let shown = seen.frames.iter().map(ServerFrame::to_json).collect::<Vec<_>>().concat();
            assert!(!shown.contains(CANARY) && !shown.contains(&victim.reply.to_string()), "{shown}");
        });
    }
}
