//! Problem documents: the answers to invalid requests.

use crate::support::Site;
use reqwest::Method;
use serde_json::{Value, json};
use tandem_protocol::ErrorCode;
use tandem_tests::{TestUser, user::Visitor};

on_both!(
    bodies_that_are_no_json_object_of_the_right_kind,
    other_content_types_are_not_read,
    a_body_is_at_most_one_mebibyte,
    unknown_paths_and_methods_answer_as_problems,
    a_token_in_the_query_is_refused_and_not_logged,
    refusals_of_fields_name_them,
    every_answer_carries_the_headers_of_the_contract,
);

async fn bodies_that_are_no_json_object_of_the_right_kind(site: &Site) {
    let user = TestUser::register(site).await;
    let deep = format!("{}{}", r#"{"title":"#.repeat(10_000), "}".repeat(10_000));
    let bodies = [
        "{nope",
        "",
        "[]",
        "null",
        "7",
        r#"["x"]"#,
        r#"{"title":"a","title":"b"}"#,
        r#"{"title":"a"} trailing"#,
        r#"{"title":"a","due":{"date":"2027-01-01","date":"2027-01-02"}}"#,
        r#"{"title":"\ud800"}"#,
        &deep,
    ];
    for body in bodies {
        user.post("/tasks").raw(body.to_owned()).await.refused(ErrorCode::InvalidRequest);
    }
    user.post("/tasks").raw(b"{\"title\":\"\xff\xfe\"}".to_vec()).await.refused(ErrorCode::InvalidRequest);
    assert!(user.tasks("").await.is_empty());
}

async fn other_content_types_are_not_read(site: &Site) {
    let user = TestUser::register(site).await;
    let body = r#"{"title":"x"}"#;
    for kind in [
        "application/x-www-form-urlencoded",
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-16",
        "application/json; charset=\"ISO-8859-1\"",
    ] {
        let ask = user.post("/tasks").header("content-type", kind).text(body);
        ask.await.refused(ErrorCode::UnsupportedMediaType);
    }
    user.post("/tasks").header("content-type", "application/json; charset=utf-8").text(body).await.expect(201);
}

async fn a_body_is_at_most_one_mebibyte(site: &Site) {
    let user = TestUser::register(site).await;
    let body = format!(r#"{{"title":"{}"}}"#, "x".repeat(2 * 1024 * 1024));
    user.post("/tasks").raw(body).await.refused(ErrorCode::PayloadTooLarge);
    user.get("/me").await.expect(200);
}

async fn unknown_paths_and_methods_answer_as_problems(site: &Site) {
    let user = TestUser::register(site).await;
    user.get("/nothing/here").await.refused(ErrorCode::NotFound);
    user.anonymous_request(Method::GET, "/api/nothing").await.refused(ErrorCode::NotFound);
    user.request(Method::PUT, "/me").json(json!({})).await.refused(ErrorCode::MethodNotAllowed);
    user.delete("/tasks").await.refused(ErrorCode::MethodNotAllowed);
    user.get("/auth/login").await.refused(ErrorCode::MethodNotAllowed);
    for id in ["not-an-id", "0", "-1", "99999999999999999999"] {
        let answer = user.get(&format!("/tasks/{id}")).await;
        assert!(matches!(answer.status, 400 | 404), "{answer:?}");
    }
}

async fn a_token_in_the_query_is_refused_and_not_logged(site: &Site) {
    let user = TestUser::register(site).await;
    let token = user.access_token();
    for parameter in ["token", "access_token"] {
        let ask = user.get(&format!("/me?{parameter}={token}")).anonymous();
        ask.await.refused(ErrorCode::InvalidRequest);
    }
    assert!(!site.log().contains(&token));
}

async fn refusals_of_fields_name_them(site: &Site) {
    let user = TestUser::register(site).await;
    let wrong: [(&str, Value); 3] = [
        ("title", json!({ "title": "" })),
        ("due", json!({ "title": "x", "due": { "date": "2027-01-01", "time_zone": "Mars/Base" } })),
        ("description", json!({ "title": "x", "description": "x".repeat(10_001) })),
    ];
    for (field, body) in wrong {
        let problem = user.post("/tasks").json(body).await.refused(ErrorCode::InvalidRequest);
        assert!(problem.errors.iter().any(|error| error.field.starts_with(field)), "{field}: {problem:?}");
    }
}

async fn every_answer_carries_the_headers_of_the_contract(site: &Site) {
    let user = TestUser::register(site).await;
    let answers = [
        user.get("/me").await,
        user.get("/nothing").await,
        Visitor::of(site).get("/api/v1/me").await,
        Visitor::of(site).get("/healthz").await,
    ];
    for answer in answers {
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{answer:?}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{answer:?}");
    }
    assert_eq!(user.get("/me").await.header("cache-control"), "no-store");
}
