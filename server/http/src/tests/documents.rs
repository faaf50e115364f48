//! Exports and snapshots: complete, of the documented shape, and one at a time.

use super::{Person, Server, json_request};
use axum::body::Body;
use http::{HeaderMap, StatusCode, header};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tandem_protocol::rest::{Export, Snapshot};
use tower::ServiceExt as _;

/// A user with more tasks than one read returns, and more text than the spool keeps in memory.
async fn busy(server: &Server) -> Person<'_> {
    let ann = server.person("ann").await;
    for number in 0..120 {
        let task = json!({"title": format!("Task {number}"), "description": "word ".repeat(1_000)});
        ann.call("POST", "/api/v1/tasks", &task).await.ok();
    }
    ann.call("POST", "/api/v1/tasks/1/complete", &json!({})).await.ok();
    for number in 0..60 {
        ann.call("POST", "/api/v1/conversations", &json!({"title": format!("Talk {number}")})).await.ok();
    }
    let talk = ann.get("/api/v1/conversations").await.ok()["items"][0]["id"].as_str().unwrap().to_owned();
    ann.call("POST", &format!("/api/v1/conversations/{talk}/messages"), &json!({"text": "hello"})).await.ok();
    ann
}

/// Parses a body, and checks that the type encodes to the same text: no field is missing or in another place.
fn same<T: serde::de::DeserializeOwned + serde::Serialize>(text: &str) -> T {
    let read: T = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), text);
    read
}

#[tokio::test]
async fn an_export_is_everything_in_one_document() {
    let server = Server::start().await;
    let ann = busy(&server).await;
    let answer = ann.get("/api/v1/me/export").await;
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/json");
    assert_eq!(answer.headers[header::CONTENT_LENGTH], answer.text.len().to_string());
    let export: Export = same(&answer.text);
    assert_eq!((export.tasks.len(), export.conversations.len(), export.messages.len()), (120, 60, 2));
    let mut numbers: Vec<i64> = export.tasks.iter().map(|task| task.number).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=120).collect::<Vec<i64>>());
    assert_eq!((export.sessions.len(), export.tokens.len()), (1, 0));

    let ben = server.person("ben").await;
    let empty: Export = same(&ben.get("/api/v1/me/export").await.text);
    assert!(empty.tasks.is_empty() && empty.conversations.is_empty() && empty.messages.is_empty());
}

#[tokio::test]
async fn a_snapshot_has_all_open_tasks_and_the_replies_that_wait() {
    let server = Server::start().await;
    let ann = busy(&server).await;
    let answer = ann.get("/api/v1/snapshot").await;
    assert_eq!(answer.headers[header::CONTENT_LENGTH], answer.text.len().to_string());
    let snapshot: Snapshot = same(&answer.text);
    assert_eq!((snapshot.tasks.len(), snapshot.active_messages.len()), (119, 1));
    assert_eq!(snapshot.conversations.items.len(), 50);
    assert!(snapshot.conversations.next_cursor.is_some());
}

#[tokio::test]
async fn an_export_that_is_not_read_keeps_its_permit_and_nothing_else() {
    let server = Server::start().await;
    let ann = busy(&server).await;
    let call = || {
        let mut request = json_request("GET", "/api/v1/me/export", &Value::Null);
        request.headers_mut().insert(header::AUTHORIZATION, format!("Bearer {}", ann.token).parse().unwrap());
        server.router.clone().oneshot(request)
    };
    let (unread, refused) = (call().await.unwrap(), call().await.unwrap());
    assert_eq!((unread.status(), refused.status()), (StatusCode::OK, StatusCode::TOO_MANY_REQUESTS));
    assert!(waits_a_second(refused.headers()));
    // The database is free meanwhile, for this user and others.
    ann.call("POST", "/api/v1/tasks", &json!({"title": "More"})).await.ok();
    let ben = server.person("ben").await;
    ben.get("/api/v1/me/export").await.ok();

    let body: Body = unread.into_body();
    let export: Export = same(std::str::from_utf8(&body.collect().await.unwrap().to_bytes()).unwrap());
    assert_eq!(export.tasks.len(), 120, "of the moment of the request");
    assert_eq!(call().await.unwrap().status(), StatusCode::OK, "the permit was returned");
}

fn waits_a_second(headers: &HeaderMap) -> bool {
    headers[header::RETRY_AFTER].to_str().unwrap().parse::<u64>().is_ok_and(|seconds| seconds >= 1)
}
