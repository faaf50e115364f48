//! MCP as a program meets it: through the router, with a personal token.

use super::{Answer, Person, Server, json_request};
use http::{StatusCode, header};
use serde_json::{Value, json};

impl Person<'_> {
    async fn mcp(&self, headers: &[(&'static str, &str)], method: &str, params: &Value) -> Answer {
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let mut request = json_request("POST", "/mcp", &body);
        let accept = [("accept", "application/json, text/event-stream")];
        for (name, value) in accept.iter().chain(headers) {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        self.send(request).await
    }

    /// The result of a tool, by a program of a 2025 revision.
    pub(super) async fn tool(&self, name: &str, arguments: &Value) -> Value {
        let params = json!({"name": name, "arguments": arguments});
        let answer = self.mcp(&[("mcp-protocol-version", "2025-06-18")], "tools/call", &params).await;
        answer.ok()["result"].clone()
    }
}

#[tokio::test]
async fn a_program_of_2025_shakes_hands_and_gets_json() {
    let server = Server::start().await;
    let script = server.person("ann").await.with_token(&["read", "write"]).await;
    for version in ["2025-03-26", "2025-06-18", "2025-11-25"] {
        let hello =
            json!({"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}});
        let answer = script.mcp(&[], "initialize", &hello).await;
        assert_eq!(answer.headers[header::CONTENT_TYPE], "application/json");
        assert_eq!(answer.headers.get("mcp-session-id"), None, "there are no sessions");
        assert_eq!(answer.ok()["result"]["protocolVersion"], version);
    }
}

#[tokio::test]
async fn a_program_of_the_current_revision_needs_no_handshake() {
    let server = Server::start().await;
    let script = server.person("ann").await.with_token(&["read"]).await;
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": {"name": "t", "version": "1"},
    });
    let headers = [("mcp-protocol-version", "2026-07-28"), ("mcp-method", "tools/list")];
    let answer = script.mcp(&headers, "tools/list", &json!({"_meta": meta})).await;
    assert_eq!(answer.ok()["result"]["tools"].as_array().unwrap().len(), 11);
}

#[tokio::test]
async fn the_tools_are_the_assistants_and_their_changes_are_marked() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    let script = ann.with_token(&["read", "write"]).await;
    let listed = script.mcp(&[("mcp-protocol-version", "2025-06-18")], "tools/list", &json!({})).await.ok();
    let shown: Vec<_> = listed["result"]["tools"].as_array().unwrap().iter().map(|tool| &tool["name"]).collect();
    let known: Vec<_> = tandem_assistant::tools::specs().iter().map(|spec| spec.name).collect();
    assert_eq!(shown, known);
    assert!(!listed.to_string().contains("user_id"), "no tool names a user");

    let added = script.tool("add_task", &json!({"title": "From MCP"})).await;
    assert_ne!(added["isError"], true, "{added}");
    assert_eq!(ann.get("/api/v1/tasks").await.ok()["items"][0]["title"], "From MCP");
    let events = ann.get("/api/v1/events?since=0").await.ok();
    assert_eq!(events["items"].as_array().unwrap().last().unwrap()["actor"]["kind"], "mcp");
}

#[tokio::test]
async fn what_a_tool_refuses_is_a_result() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    let (reads, writes) = (ann.with_token(&["read"]).await, ann.with_token(&["read", "write"]).await);
    for (person, tool, arguments) in [
        (&writes, "add_task", json!({"title": "x", "user_id": "y"})),
        (&writes, "complete_task", json!({"task_id": 99})),
        (&reads, "add_task", json!({"title": "x"})),
    ] {
        let result = person.tool(tool, &arguments).await;
        assert_eq!(result["isError"], true, "{tool} {arguments}: {result}");
        assert!(result["structuredContent"]["code"].is_string(), "{result}");
    }
    assert_ne!(reads.tool("list_tasks", &json!({})).await["isError"], true);
    assert_eq!(ann.get("/api/v1/tasks").await.ok()["items"], json!([]), "nothing was written");
}

#[tokio::test]
async fn only_personal_tokens_are_accepted() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    let script = ann.with_token(&["read"]).await;
    assert_eq!(ann.mcp(&[], "tools/list", &json!({})).await.code(), "invalid_token", "a session is no personal token");
    let bogus = Person { server: &server, token: "tnd_bogus".into(), session: Value::Null };
    let refused = bogus.mcp(&[], "tools/list", &json!({})).await;
    assert_eq!(
        (refused.status, &refused.headers[header::WWW_AUTHENTICATE]),
        (StatusCode::UNAUTHORIZED, &"Bearer".parse().unwrap())
    );
    assert_eq!(script.get("/mcp").await.code(), "method_not_allowed");
    for headers in [[("origin", "https://evil.test")], [("origin", "null")], [("host", "evil.test")]] {
        assert_eq!(script.mcp(&headers, "tools/list", &json!({})).await.status, StatusCode::FORBIDDEN, "{headers:?}");
    }
    let own = script.mcp(&[("origin", super::PUBLIC_URL)], "tools/list", &json!({})).await;
    assert_eq!(own.status, StatusCode::OK, "{}", own.text);
}
