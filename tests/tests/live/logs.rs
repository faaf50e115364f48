//! The log: every line says which request, socket, command or run it belongs to.

use crate::support::PACE;
use serde_json::{Value, json};
use tandem_protocol::{ConversationId, enums::Scope, rest::MessageSent};
use tandem_tests::{
    Device, Reply, TestServer, TestUser, eventually, fresh, scripted_server::ScriptedServer, user::Visitor,
};

/// A server that also writes a line for each change and each statement.
async fn verbose() -> ScriptedServer {
    ScriptedServer::start(
        TestServer::setup().env("TANDEM_LOG", "info,tandem_service=debug,tandem_store=debug,sqlx=debug"),
    )
    .await
}

/// The lines that have a text in them, as they are written.
fn lines(server: &TestServer, text: &str) -> Vec<Value> {
    let log = server.log();
    let lines = log.lines().filter(|line| line.contains(text));
    lines.map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

/// The line with this message, once it is written.
async fn line(server: &TestServer, text: &str, message: &str) -> Value {
    eventually(format_args!("the line {message:?} of {text}"), async || {
        lines(server, text).into_iter().find(|line| line["message"] == message)
    })
    .await
}

/// The names of the spans around a line, from the outside in, without those of single functions.
fn spans(line: &Value) -> Vec<&str> {
    let all = line["spans"].as_array().into_iter().flatten().filter_map(|span| span["name"].as_str());
    all.filter(|name| ["request", "socket", "command", "mcp_call", "run", "attempt", "tool"].contains(name)).collect()
}

/// Whether a line was written within a function of the store or the services.
fn is_within(line: &Value, function: &str) -> bool {
    line["spans"].as_array().into_iter().flatten().any(|span| span["name"] == function)
}

/// A field of the span of this name.
fn field<'a>(line: &'a Value, span: &str, field: &str) -> &'a str {
    let mut spans = line["spans"].as_array().into_iter().flatten();
    let span = spans.find(|known| known["name"] == span).unwrap_or_else(|| panic!("no span {span}: {line}"));
    span[field].as_str().unwrap_or_else(|| panic!("no field {field}: {line}"))
}

#[tokio::test]
async fn the_id_of_a_reply_leads_from_the_device_to_the_end() {
    let scripted = verbose().await;
    let user = TestUser::register(&scripted.server).await;
    let device = Device::connected(&user, "laptop").await;
    let (_, reply) = scripted.start_reply(&device, [Reply::words(3, PACE)]).await;
    device.ended(reply).await;
    let id = reply.to_string();

    let recorded = line(&scripted.server, &id, "a reply is recorded").await;
    assert_eq!(spans(&recorded), ["request", "socket", "command"]);
    assert_eq!(field(&recorded, "socket", "user"), user.user().id.to_string());
    assert_eq!(field(&recorded, "socket", "device"), device.id());
    assert_eq!(field(&recorded, "command", "command"), "message.send");
    for message in ["a reply is claimed", "a reply has ended"] {
        let line = line(&scripted.server, &id, message).await;
        assert!(spans(&line).ends_with(&["run", "attempt"]), "{line}");
        assert_eq!(field(&line, "run", "message_id"), id);
    }
    let statement = |line: &Value| line["target"] == "sqlx::query" && spans(line).contains(&"attempt");
    let statements = lines(&scripted.server, &id).into_iter().filter(statement).count();
    assert!(statements > 0, "the statements of the run, which the thread of the database writes");
    let commits = lines(&scripted.server, &id);
    assert!(commits.iter().any(|line| is_within(line, "commit")), "the commits of the run");
}

#[tokio::test]
async fn the_id_of_a_request_is_in_the_lines_of_what_it_did() {
    let scripted = verbose().await;
    let user = TestUser::register(&scripted.server).await;
    let conversation = ConversationId(fresh::id());
    let answer = user.post(&format!("/conversations/{conversation}/messages")).json(json!({ "text": "hello" })).await;
    let reply = answer.expect(202).read::<MessageSent>().assistant_message.id.to_string();
    let recorded = line(&scripted.server, &reply, "a reply is recorded").await;
    assert_eq!(spans(&recorded), ["request", "command"]);
    assert_eq!(field(&recorded, "request", "request_id"), answer.header("x-request-id"));
    assert_eq!(field(&recorded, "request", "user"), user.user().id.to_string());
    line(&scripted.server, answer.header("x-request-id"), "answered").await;
}

#[tokio::test]
async fn a_tool_of_a_program_is_in_the_lines_of_what_it_did() {
    let scripted = verbose().await;
    let user = TestUser::register(&scripted.server).await;
    let (token, _) = user.personal_token(&[Scope::Read, Scope::Write]).await;
    let call = json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": { "name": "add_task", "arguments": { "title": "Water the plants" } },
    });
    let answer = Visitor::of(&scripted.server)
        .post("/mcp")
        .bearer(&token)
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", "2025-06-18")
        .json(call)
        .await;
    let request = answer.expect(200).header("x-request-id").to_owned();
    let committed = line(&scripted.server, &request, "the change is committed").await;
    assert_eq!(spans(&committed), ["request", "mcp_call"]);
    assert_eq!(field(&committed, "mcp_call", "tool"), "add_task");
}
