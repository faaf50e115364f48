//! The API of the original system, for scripts that were written for it.

use crate::support::Site;
use reqwest::Method;
use serde_json::{Value, json};
use tandem_protocol::{ErrorCode, enums::Scope};
use tandem_tests::{
    Device, TestUser, fresh,
    user::{Answer, Visitor},
};

on_both!(
    tasks_are_added_changed_and_removed_by_number,
    a_chat_waits_for_its_reply_and_goes_on,
    another_users_path_is_refused_whoever_that_is,
    numbers_of_others_are_absent,
    bodies_and_callers_are_checked_as_everywhere,
);

/// A request to a path of the caller.
async fn ask(user: &TestUser, method: Method, path: &str, body: Option<Value>) -> Answer {
    ask_of(user, user.user().id.as_str(), method, path, body).await
}

async fn ask_of(user: &TestUser, named: &str, method: Method, path: &str, body: Option<Value>) -> Answer {
    let ask = user.anonymous_request(method, &format!("/api/{named}{path}")).bearer(&user.access_token());
    match body {
        Some(body) => ask.json(body).await,
        None => ask.await,
    }
}

fn numbers(answer: &Answer) -> Vec<i64> {
    answer.value().as_array().unwrap().iter().map(|task| task["id"].as_i64().unwrap()).collect()
}

async fn tasks_are_added_changed_and_removed_by_number(site: &Site) {
    let user = TestUser::register(site).await;
    let device = Device::connected(&user, "laptop").await;
    let body = json!({ "title": "Milk", "description": "two litres" });
    let added = ask(&user, Method::POST, "/tasks", Some(body)).await.expect(201).value();
    let id = user.user().id.to_string();
    let shown = ["id", "user_id", "title", "description", "completed"].map(|field| added[field].clone());
    assert_eq!(json!(shown), json!([1, id, "Milk", "two litres", false]));
    assert!(added["created_at"].is_string() && added["updated_at"].is_string());
    ask(&user, Method::POST, "/tasks", Some(json!({ "title": "Bread" }))).await.expect(201);
    device.wait("the task", |seen| seen.events().any(|event| event.name == "task.created").then_some(())).await;

    let changed = ask(&user, Method::PUT, "/tasks/1", Some(json!({ "title": "Oat milk", "completed": true }))).await;
    let changed = changed.expect(200).value();
    let shown = ["title", "description", "completed"].map(|field| changed[field].clone());
    assert_eq!(json!(shown), json!(["Oat milk", "two litres", true]));
    for (query, expected) in
        [("", vec![1, 2]), ("?status=all", vec![1, 2]), ("?status=pending", vec![2]), ("?status=completed", vec![1])]
    {
        assert_eq!(
            numbers(ask(&user, Method::GET, &format!("/tasks{query}"), None).await.expect(200)),
            expected,
            "{query}"
        );
    }
    // The same request twice leads back, and a stated end is one.
    for (body, done) in [(None, false), (None, true), (Some(json!({ "completed": true })), true)] {
        let answer = ask(&user, Method::PATCH, "/tasks/1/complete", body).await;
        assert_eq!(answer.expect(200).value()["completed"], done);
    }
    assert_eq!(ask(&user, Method::GET, "/tasks/1", None).await.expect(200).value()["title"], "Oat milk");
    ask(&user, Method::DELETE, "/tasks/1", None).await.expect(204);
    for method in [Method::GET, Method::DELETE] {
        ask(&user, method, "/tasks/1", None).await.refused(ErrorCode::NotFound);
    }
    assert_eq!(user.tasks("status=all").await.len(), 1);
}

async fn a_chat_waits_for_its_reply_and_goes_on(site: &Site) {
    let user = TestUser::register(site).await;
    let chat = async |body: Value| ask(&user, Method::POST, "/chat", Some(body)).await;
    let answer = chat(json!({ "message": "Add a task to buy milk" })).await.expect(200).value();
    let number = answer["conversation_id"].as_i64().unwrap();
    assert!(i32::try_from(number).is_ok() && number > 0);
    assert!(!answer["response"].as_str().unwrap().is_empty());
    assert_eq!(answer["tool_calls"][0]["name"], "add_task");
    assert_eq!(user.tasks("").await.len(), 1);

    let again =
        chat(json!({ "message": "Which tasks do I have?", "conversation_id": number })).await.expect(200).value();
    assert_eq!(again["conversation_id"], number);
    let history = ask(&user, Method::GET, &format!("/conversations/{number}"), None).await.expect(200).value();
    assert_eq!(history["id"], number);
    let messages = history["messages"].as_array().unwrap();
    let roles: Vec<_> = messages.iter().map(|message| message["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["user", "assistant", "user", "assistant"]);
    assert_eq!(messages[0]["content"], "Add a task to buy milk");
    assert_eq!(messages[3]["content"], again["response"]);
    chat(json!({ "message": "x", "conversation_id": 7 })).await.refused(ErrorCode::NotFound);
    // A retry with one key is the same message.
    let key = fresh::id();
    let send = async || {
        let path = format!("/api/{}/chat", user.user().id);
        let ask = user.anonymous_request(Method::POST, &path).bearer(&user.access_token());
        ask.key(key).json(json!({ "message": "hello" })).await.expect(200).value()["conversation_id"].clone()
    };
    assert_eq!(send().await, send().await);
    assert_eq!(user.snapshot().await.conversations.items.len(), 2);
}

/// Every route, with a body that it would accept.
fn routes() -> Vec<(Method, &'static str, Option<Value>)> {
    vec![
        (Method::GET, "/tasks", None),
        (Method::POST, "/tasks", Some(json!({ "title": "x" }))),
        (Method::GET, "/tasks/1", None),
        (Method::PUT, "/tasks/1", Some(json!({ "title": "x" }))),
        (Method::DELETE, "/tasks/1", None),
        (Method::PATCH, "/tasks/1/complete", None),
        (Method::POST, "/chat", Some(json!({ "message": "x" }))),
        (Method::GET, "/conversations/1", None),
    ]
}

async fn another_users_path_is_refused_whoever_that_is(site: &Site) {
    let (victim, intruder) = (TestUser::register(site).await, TestUser::register(site).await);
    let canary = fresh::word("canary");
    let named = victim.user().id.to_string();
    victim.add_task(&canary).await;
    let (foreign, absent) = (victim.user().id.to_string(), fresh::id().to_string());
    for (method, path, body) in routes() {
        let of = async |named: &str| ask_of(&intruder, named, method.clone(), path, body.clone()).await;
        let (foreign, absent) = (of(&foreign).await, of(&absent).await);
        assert_eq!(foreign.status, 403, "{method} {path}");
        assert_eq!(foreign.body_without_request_id(), absent.body_without_request_id(), "{method} {path}");
        assert!(!foreign.body.contains(&canary));
        let anonymous = Visitor::of(site).request(method.clone(), &format!("/api/{}{path}", victim.user().id));
        anonymous.await.refused(ErrorCode::Unauthenticated);
    }
    assert_eq!(victim.tasks("status=all").await.len(), 1);
    let wrong = Some(json!({ "nothing": "of this" }));
    let refused = ask_of(&intruder, &named, Method::POST, "/tasks", wrong).await;
    assert_eq!(refused.status, 403, "the path is refused before the body");
    // Not a user, but a path of ours that is not there.
    ask_of(&intruder, "v1", Method::POST, "/chat", Some(json!({ "message": "x" }))).await.refused(ErrorCode::NotFound);
}

async fn numbers_of_others_are_absent(site: &Site) {
    let (victim, intruder) = (TestUser::register(site).await, TestUser::register(site).await);
    let answer = ask(&victim, Method::POST, "/chat", Some(json!({ "message": "hello" }))).await.expect(200).value();
    victim.add_task("Milk").await;
    for path in [format!("/conversations/{}", answer["conversation_id"]), "/tasks/1".to_owned()] {
        let foreign = ask(&intruder, Method::GET, &path, None).await;
        let absent = ask(&intruder, Method::GET, &path.replace(char::is_numeric, "9"), None).await;
        foreign.refused(ErrorCode::NotFound);
        assert_eq!(foreign.body_without_request_id(), absent.body_without_request_id());
    }
    let chat = json!({ "message": "x", "conversation_id": answer["conversation_id"] });
    ask(&intruder, Method::POST, "/chat", Some(chat)).await.refused(ErrorCode::NotFound);
}

async fn bodies_and_callers_are_checked_as_everywhere(site: &Site) {
    let user = TestUser::register(site).await;
    let invalid = [
        (Method::POST, "/tasks", json!({ "title": "" })),
        (Method::POST, "/tasks", json!({ "title": "x", "user_id": "another" })),
        (Method::POST, "/chat", json!({ "message": " " })),
        (Method::POST, "/chat", json!({ "message": "x", "conversation_id": "seven" })),
    ];
    for (method, path, body) in invalid {
        ask(&user, method, path, Some(body)).await.refused(ErrorCode::InvalidRequest);
    }
    let blank = ask(&user, Method::POST, "/chat", Some(json!({ "message": " " }))).await.value();
    assert_eq!(blank["errors"][0]["field"], "message");
    ask(&user, Method::GET, "/tasks?status=maybe", None).await.refused(ErrorCode::InvalidRequest);
    for path in ["/tasks/x", "/tasks/99999999999999999999", "/conversations/x"] {
        ask(&user, Method::GET, path, None).await.refused(ErrorCode::NotFound);
    }
    ask(&user, Method::PATCH, "/chat", None).await.refused(ErrorCode::MethodNotAllowed);
    // A personal token works within its scope.
    let (token, _) = user.personal_token(&[Scope::Read]).await;
    let path = format!("/api/{}/tasks", user.user().id);
    user.anonymous_request(Method::GET, &path).bearer(&token).await.expect(200);
    let add = user.anonymous_request(Method::POST, &path).bearer(&token).json(json!({ "title": "x" })).await;
    add.refused(ErrorCode::InsufficientScope);
}
