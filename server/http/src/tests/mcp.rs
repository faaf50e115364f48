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
    for version in ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"] {
        let hello =
            json!({"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}});
        let answer = script.mcp(&[], "initialize", &hello).await;
        assert_eq!(answer.headers[header::CONTENT_TYPE], "application/json");
        assert_eq!(answer.headers.get("mcp-session-id"), None, "there are no sessions");
        assert_eq!(answer.ok()["result"]["protocolVersion"], version);
    }
}

#[tokio::test]
async fn a_handshake_may_leave_everything_out() {
    let server = Server::start().await;
    let script = server.person("ann").await.with_token(&["read"]).await;
    for (params, version) in [
        (Value::Null, "2025-11-25"),
        (json!({}), "2025-11-25"),
        (json!({"protocolVersion": 1, "capabilities": null}), "2025-11-25"),
        (json!({"protocolVersion": "2025-06-18"}), "2025-06-18"),
        (json!({"protocolVersion": "2025-06-18", "capabilities": null, "clientInfo": {"name": "t"}}), "2025-06-18"),
        (json!({"protocolVersion": "2024-11-05", "capabilities": {"roots": true}, "clientInfo": null}), "2024-11-05"),
    ] {
        let answer = script.mcp(&[], "initialize", &params).await;
        assert_eq!(answer.body["result"]["protocolVersion"], version, "{params}: {}", answer.text);
    }
    let without = script.mcp_body("/mcp", &[], "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\"}").await;
    assert!(without.body["result"]["capabilities"]["tools"].is_object(), "{}", without.text);
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
    assert_eq!(answer.ok()["result"]["tools"].as_array().unwrap().len(), tandem_assistant::tools::specs().len());
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

impl Person<'_> {
    /// Sends any body to the endpoint.
    async fn mcp_body(&self, path: &'static str, headers: &[(&'static str, &str)], body: &str) -> Answer {
        let mut request = json_request("POST", path, &Value::Null);
        *request.body_mut() = axum::body::Body::from(body.to_owned());
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        self.send(request).await
    }
}

#[tokio::test]
async fn every_answer_is_one_of_json_rpc() {
    let server = Server::start().await;
    let script = server.person("ann").await.with_token(&["read", "write"]).await;
    let call = |arguments: &str| {
        format!(
            "{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{{\"name\":\"add_task\",\"arguments\":{arguments}}}}}"
        )
    };
    let cases = [
        ("{\"jsonrpc\":".to_owned(), -32700, Value::Null),
        ("[]".to_owned(), -32600, Value::Null),
        ("{\"jsonrpc\":\"2.0\",\"id\":1}".to_owned(), -32600, json!(1)),
        (call("\"{}\""), -32602, json!(1)),
        (call("[1]"), -32602, json!(1)),
        ("{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"no/such\"}".to_owned(), -32601, json!("a")),
        ("{\"jsonrpc\":\"2.0\",\"id\":99999999999999999999999,\"method\":\"ping\"}".to_owned(), -32600, Value::Null),
        ("{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"ping\"}".to_owned(), -32600, Value::Null),
        ("{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":\"x\"}".to_owned(), -32600, json!(1)),
    ];
    for (body, code, id) in cases {
        let answer = script.mcp_body("/mcp", &[], &body).await;
        assert_ne!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{body}");
        let json: Value = serde_json::from_str(&answer.text).unwrap();
        assert_eq!((&json["error"]["code"], &json["id"]), (&json!(code), &id), "{body}: {}", answer.text);
    }
}

#[tokio::test]
async fn batches_any_accept_header_and_a_trailing_slash_are_accepted() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    let script = ann.with_token(&["read", "write"]).await;
    let message =
        |id: u32, method: &str, params: Value| json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
    let add =
        |id: u32| message(id, "tools/call", json!({"name": "add_task", "arguments": {"title": format!("Task {id}")}}));
    let batch = json!([add(1), {"jsonrpc": "2.0", "method": "notifications/initialized"}, 3, add(2)]);
    let answer = script.mcp_body("/mcp", &[("accept", "*/*")], &batch.to_string()).await.ok();
    let ids: Vec<&Value> = answer.as_array().unwrap().iter().map(|answer| &answer["id"]).collect();
    assert_eq!(ids, [&json!(1), &Value::Null, &json!(2)]);
    assert_eq!(ann.get("/api/v1/tasks").await.ok()["items"].as_array().unwrap().len(), 2);
    let notification = json!([{"jsonrpc": "2.0", "method": "notifications/initialized"}]);
    assert_eq!(script.mcp_body("/mcp", &[], &notification.to_string()).await.status, StatusCode::ACCEPTED);
    let listed = script.mcp_body("/mcp/", &[], &message(1, "tools/list", Value::Null).to_string()).await.ok();
    for tool in listed["result"]["tools"].as_array().unwrap() {
        assert_eq!(tool["outputSchema"]["type"], "object", "{tool}");
        assert!(tool["annotations"]["readOnlyHint"].is_boolean(), "{tool}");
    }
}

#[tokio::test]
async fn arguments_that_a_client_fills_in_mean_nothing() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    let script = ann.with_token(&["read", "write"]).await;
    let full =
        json!({"title": "one", "description": "notes", "due": "2030-01-02", "labels": "[\"home\"]", "list": "Office"});
    assert_ne!(script.tool("add_task", &full).await["isError"], true);
    let blank = json!({"task_id": 1.0, "title": "two", "description": "", "due": null, "recurrence": "", "priority": null, "list": ""});
    assert_ne!(script.tool("update_task", &blank).await["isError"], true);
    let task = &ann.get("/api/v1/tasks").await.ok()["items"][0];
    let kept = (&task["title"], &task["description"], &task["list"], &task["labels"], task["due"].is_object());
    assert_eq!(kept, (&json!("two"), &json!("notes"), &json!("Office"), &json!(["home"]), true));
    assert_ne!(
        script.tool("update_task", &json!({"task_id": 1, "description": "none", "due": "none"})).await["isError"],
        true
    );
    let task = &ann.get("/api/v1/tasks").await.ok()["items"][0];
    assert_eq!((&task["description"], &task["due"]), (&json!(""), &Value::Null));
}

#[tokio::test]
async fn a_tool_names_the_field_that_it_refuses() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    let script = ann.with_token(&["read", "write"]).await;
    for (tool, arguments, message) in [
        ("add_task", json!({"title": [42]}), "title must be a text, not a list."),
        ("add_task", json!({"title": "x", "labels": 1}), "labels must be a list of texts, not a number."),
        ("list_tasks", json!({"status": "foo"}), "status must be one of all, pending, completed."),
        ("list_tasks", json!({"limit": 2}), "There is no field \"limit\"."),
        ("delete_task", json!({"task_id": null}), "task_id is missing."),
    ] {
        let result = script.tool(tool, &arguments).await;
        assert_eq!(result["structuredContent"]["message"], message, "{tool} {arguments}: {result}");
    }
    let result = script.tool("add_tasks", &json!({"tasks": ["j4", {"title": "x", "priority": 1}]})).await;
    let errors: Vec<_> = result["structuredContent"]["results"].as_array().unwrap().iter().collect();
    assert_eq!(errors[0]["error"]["message"], "An object with fields was expected, not a text.");
    let words = "priority must be one of none, low, medium, high, urgent, not a number.";
    assert_eq!(errors[1]["error"]["message"], words);

    for (tool, arguments, kept) in [
        ("add_task", json!({"title": "x", "labels": "home"}), json!(["home"])),
        ("update_task", json!({"task_id": 1, "labels": "none"}), json!([])),
    ] {
        assert_ne!(script.tool(tool, &arguments).await["isError"], true, "{arguments}");
        assert_eq!(ann.get("/api/v1/tasks").await.ok()["items"][0]["labels"], kept);
    }
}
