//! Commands over REST: their shapes, and that a retry is safe.

use super::{Person, Server, json_request};
use http::StatusCode;
use serde_json::{Value, json};

const KEY: &str = "01939c2e-7b1a-7c3e-9f00-2b6d1c0a4e55";

impl Person<'_> {
    async fn keyed(&self, key: &str, path: &str, body: &Value) -> super::Answer {
        let mut request = json_request("POST", path, body);
        request.headers_mut().insert("idempotency-key", key.parse().unwrap());
        self.send(request).await
    }
}

#[tokio::test]
async fn a_task_is_addressed_by_id_and_by_number() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    let made = ann.call("POST", "/api/v1/tasks", &json!({"title": " Milk ", "due": {"date": "2027-03-01"}})).await;
    assert_eq!(made.status, StatusCode::CREATED);
    let task = made.ok()["task"].clone();
    assert_eq!(
        (&task["title"], &task["number"], &task["due"]["time_zone"]),
        (&json!("Milk"), &json!(1), &json!("UTC"))
    );
    assert_eq!(ann.get("/api/v1/tasks/1").await.ok(), task, "one thing is answered bare");

    let id = task["id"].as_str().unwrap();
    let changed = ann.call("PATCH", &format!("/api/v1/tasks/{id}"), &json!({"due": null, "if_rev": 1})).await.ok();
    assert_eq!((&changed["task"]["due"], &changed["task"]["rev"]), (&Value::Null, &json!(2)));
    let stale = ann.call("PATCH", "/api/v1/tasks/1", &json!({"title": "Bread", "if_rev": 1})).await;
    assert_eq!((stale.code(), &stale.body["task"]["rev"]), ("conflict", &json!(2)), "the task as it is comes along");

    let done = ann.call("POST", "/api/v1/tasks/1/complete", &json!({})).await.ok();
    assert_eq!(done["task"]["status"], "done");
    let undone = ann.call("POST", "/api/v1/undo", &json!({"undo_token": done["undo_token"]})).await.ok();
    assert_eq!(undone["undone"][0]["action"], "reverted");
    let deleted = ann.call("DELETE", "/api/v1/tasks/1", &Value::Null).await.ok();
    assert!(deleted["seq"].is_number() && deleted["undo_token"].is_string());
    assert_eq!(ann.get("/api/v1/tasks/1").await.code(), "not_found");
    ann.call("POST", "/api/v1/undo", &Value::Null).await.ok();
    assert_eq!(ann.get("/api/v1/tasks").await.ok()["items"][0]["id"], id);
}

#[tokio::test]
async fn the_same_key_gives_the_first_answer_again() {
    let server = Server::start().await;
    let (ann, bob) = (server.person("ann").await, server.person("bob").await);
    let once = json!({"title": "Once"});
    let first = ann.keyed(KEY, "/api/v1/tasks", &once).await;
    let again = ann.keyed(KEY, "/api/v1/tasks", &once).await;
    assert_eq!((again.status, &again.text), (StatusCode::CREATED, &first.text));
    assert_eq!(ann.keyed(KEY, "/api/v1/tasks", &json!({"title": "Other"})).await.code(), "idempotency_conflict");
    assert_eq!(ann.keyed(KEY, "/api/v1/conversations", &once).await.code(), "idempotency_conflict");
    assert_eq!(ann.keyed("abc", "/api/v1/tasks", &once).await.code(), "invalid_request");
    assert_eq!(bob.keyed(KEY, "/api/v1/tasks", &once).await.status, StatusCode::CREATED, "a key is of one user");
    assert_eq!(ann.get("/api/v1/tasks").await.ok()["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_message_to_an_unknown_conversation_creates_it() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    let sent = ann.call("POST", &format!("/api/v1/conversations/{KEY}/messages"), &json!({"text": "hello"})).await;
    assert_eq!(sent.status, StatusCode::ACCEPTED);
    let sent = sent.ok();
    let reply = sent["assistant_message"]["id"].as_str().unwrap();
    assert_eq!(sent["assistant_message"]["parent_id"], sent["user_message"]["id"]);
    assert_eq!(ann.get(&format!("/api/v1/conversations/{KEY}")).await.ok()["title"], "hello");
    let page = ann.get(&format!("/api/v1/conversations/{KEY}/messages?limit=1")).await.ok();
    assert_eq!(page["items"][0]["id"], reply, "the newest page comes first");
    assert!(page["next_cursor"].is_string());
    assert_eq!(ann.call("POST", &format!("/api/v1/messages/{reply}/retry"), &Value::Null).await.code(), "conflict");
    let approve = json!({"call_id": "x", "decision": "maybe"});
    assert_eq!(
        ann.call("POST", &format!("/api/v1/messages/{reply}/approve"), &approve).await.code(),
        "invalid_request"
    );
    let snapshot = ann.get("/api/v1/snapshot").await.ok();
    assert_eq!(snapshot["active_messages"][0]["id"], reply);
    assert_eq!(snapshot["seq"], sent["seq"]);
}

#[tokio::test]
async fn the_log_names_the_transport_of_each_change() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    let script = ann.with_token(&["read", "write"]).await;
    ann.keyed(KEY, "/api/v1/tasks", &json!({"title": "by hand"})).await.ok();
    script.call("POST", "/api/v1/tasks", &json!({"title": "by script"})).await.ok();
    let events = ann.get("/api/v1/events?since=0").await.ok();
    let of_tasks: Vec<_> =
        events["items"].as_array().unwrap().iter().filter(|event| event["name"] == "task.created").collect();
    let [by_hand, by_script] = of_tasks.as_slice() else { panic!("{events}") };
    assert_eq!((&by_hand["actor"]["kind"], &by_hand["command_id"]), (&json!("user"), &json!(KEY)));
    assert_eq!((&by_script["actor"]["kind"], &by_script["command_id"]), (&json!("api"), &Value::Null));
    assert_eq!(ann.get("/api/v1/events?since=0&epoch=other").await.code(), "gone");
    assert_eq!(ann.get("/api/v1/search?q=scr").await.ok()["items"][0]["kind"], "task");
}
