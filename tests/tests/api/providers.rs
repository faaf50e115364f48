//! Providers that do not work: what an operator sees of them, and what a reply does.

use axum::{
    Json, Router,
    extract::Path,
    http::{StatusCode, header},
    response::{Html, IntoResponse as _, Response},
    routing::{get, post},
};
use serde_json::{Value, json};
use std::net::{SocketAddr, TcpListener};
use tandem_protocol::{ConversationId, enums::MessageState, model::Message};
use tandem_tests::{
    Reply, ScriptedProvider, TestServer, TestUser, eventually, fresh, plain, scripted_server::ScriptedServer,
};

/// A provider that behaves as the first part of its path says.
async fn provider() -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = Router::new()
        .route("/{case}/v1/chat/completions", post(complete))
        .route("/{case}/chat/completions", post(async || StatusCode::NOT_FOUND))
        .route("/{case}/v1/models", get(models));
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

async fn models(Path(case): Path<String>) -> Response {
    match case.as_str() {
        "login" => Html("<!doctype html><p>Sign in</p>").into_response(),
        "bare" => Json(json!({ "object": "list", "data": [] })).into_response(),
        "refused" => Json(json!({ "error": { "code": "invalid_api_key" } })).into_response(),
        "unlisted" | "api" => StatusCode::NOT_FOUND.into_response(),
        _ => Json(json!({ "data": [
            { "id": "other-model", "max_model_len": 9000 },
            { "id": "fine-model", "max_model_len": 16_000 },
        ] }))
        .into_response(),
    }
}

async fn complete(Path(case): Path<String>) -> Response {
    let stream = |body: &'static str| ([(header::CONTENT_TYPE, "text/event-stream")], body).into_response();
    let refused = |status, error: Value| (status, Json(json!({ "error": error }))).into_response();
    match case.as_str() {
        "fine" => stream(
            "data: {\"model\":\"fine-model\",\"choices\":[{\"delta\":{\"content\":\"Ready\\u001b[31m\"},\
             \"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n",
        ),
        "silent" => std::future::pending().await,
        "page" => Html("<p>Sign in</p>").into_response(),
        "broken" => stream("data: {\"choices\":[{\"delta\":{\"content\":\"Rea\"}}]}\n\n"),
        "empty" => stream("data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"),
        "long" => refused(StatusCode::BAD_REQUEST, json!({ "code": "context_length_exceeded", "message": "x" })),
        "spent" => refused(StatusCode::TOO_MANY_REQUESTS, json!({ "code": "insufficient_quota", "message": "x" })),
        status => {
            let status = StatusCode::from_u16(status.parse().unwrap()).unwrap();
            refused(status, json!({ "message": "canary" }))
        }
    }
}

/// The finding about a provider at an address, and whether the command succeeded.
fn asked(server: &TestServer, base_url: &str) -> (Value, bool) {
    let url = format!("OPENAI_BASE_URL={base_url}");
    let settings = ["OPENAI_API_KEY=sk-test", &url, "OPENAI_MODEL=fine-mode", "TANDEM_FIRST_TOKEN_TIMEOUT=700ms"];
    let flags = settings.iter().flat_map(|setting| ["--set", setting]);
    let (output, succeeded) =
        server.command(&["doctor", "--ask", "--json"].into_iter().chain(flags).collect::<Vec<_>>()).outcome();
    let findings: Vec<Value> = serde_json::from_str(&output).unwrap();
    (findings.into_iter().find(|finding| finding["subject"] == "openai").unwrap(), succeeded)
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_tells_the_failures_of_a_provider_apart() {
    let server = TestServer::new().await;
    let at = provider().await;
    for (case, result, advice) in [
        ("401", "key", "OPENAI_API_KEY"),
        ("402", "quota", "credit"),
        ("spent", "quota", "credit"),
        ("403", "forbidden", "OPENAI_MODEL"),
        ("404", "not_found", "such as fine-model"),
        ("413", "too_long", "context"),
        ("long", "too_long", "context"),
        ("429", "rate_limited", "wait"),
        ("500", "server", "later"),
        ("503", "server", "later"),
        ("400", "request", "log"),
        ("silent", "first_token_timeout", "TANDEM_FIRST_TOKEN_TIMEOUT"),
        ("page", "unreadable", "version path"),
        ("broken", "broken", "again"),
        ("empty", "empty", "again"),
    ] {
        let (finding, succeeded) = asked(&server, &format!("http://{at}/{case}/v1"));
        assert_eq!((&finding["result"], &finding["state"]), (&json!(result), &json!("failed")), "{case}: {finding}");
        assert!(!succeeded && finding["advice"].as_str().unwrap().contains(advice), "{case}: {finding}");
        assert!(!finding.to_string().contains("canary"), "what a provider writes is not repeated: {finding}");
        assert_eq!(
            finding["status"].as_u64().map(|status| status.to_string()).as_deref(),
            status_of(case),
            "{finding}"
        );
    }
    for (url, result) in [
        ("http://127.0.0.1:1/v1".to_owned(), "unreachable"),
        (format!("https://{at}/fine/v1"), "tls"),
        (format!("http://{at}/fine"), "not_found"),
    ] {
        let (finding, _) = asked(&server, &url);
        assert_eq!(finding["result"], result, "{finding}");
    }
    let (forgotten, _) = asked(&server, &format!("http://{at}/fine"));
    assert!(forgotten["advice"].as_str().unwrap().contains(&format!("http://{at}/fine/v1")), "{forgotten}");
    let (fine, succeeded) = asked(&server, &format!("http://{at}/fine/v1"));
    assert!(succeeded && fine["seen"] == "answered “Ready [31m”" && fine["model"] == "fine-model", "{fine}");
    assert!(fine["first_token_ms"].is_u64(), "{fine}");
}

/// The status in a finding, by the name of the case.
fn status_of(case: &str) -> Option<&str> {
    match case {
        "long" => Some("400"),
        "spent" => Some("429"),
        status => status.parse::<u16>().is_ok().then_some(status),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_is_not_listed_is_named_with_those_that_are() {
    let at = provider().await;
    let settings =
        TestServer::setup().env("OPENAI_BASE_URL", format!("http://{at}/fine/v1")).env("OPENAI_MODEL", "fine-mode");
    let server = settings.start().await;
    eventually("a warning about the model", async || {
        server
            .log()
            .lines()
            .find(|line| line.contains("does not list the model") && line.contains("fine-model"))
            .map(drop)
    })
    .await;
    let output = server.command(&["doctor"]).expect_success();
    assert!(output.contains("does not list fine-mode") && output.contains("fine-model, other-model"), "{output}");
    assert!(output.contains("did you mean fine-model?"), "{output}");
    for (case, seen, advice) in [
        ("login", "answers with a web page", "it should end with the version path"),
        ("bare", "has no model", "install fine-mode there"),
        ("refused", "does not accept the key", "correct OPENAI_API_KEY"),
        ("unlisted", "has no list of models", "--ask"),
    ] {
        let url = format!("OPENAI_BASE_URL=http://{at}/{case}/v1");
        let output = server.command(&["doctor", "--set", &url]).expect_success();
        assert!(output.contains(seen) && output.contains(advice), "{case}: {output}");
    }
    let listed = server.command(&["doctor", "--set", "OPENAI_MODEL=fine-model"]).expect_success();
    assert!(listed.contains("has fine-model, which reads 16000 tokens"), "{listed}");
}

/// Sends a message and waits for the end of its reply.
async fn converse(user: &TestUser, text: &str) -> Message {
    let conversation = ConversationId(fresh::id());
    let id = user.send_message(conversation, text).await.assistant_message.id;
    eventually("the end of the reply", async || {
        user.history(conversation).await.into_iter().find(|message| message.id == id && message.state.is_final())
    })
    .await
}

fn answered_by(reply: &Message) -> Option<&str> {
    assert_eq!(reply.state, MessageState::Complete, "{reply:?}");
    reply.provider.as_ref().map(|provider| provider.name.as_str())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_local_server_that_starts_later_is_found_without_a_restart() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let server = TestServer::setup().env("OPENAI_BASE_URL", format!("http://{address}/fine/v1")).start().await;
    let user = TestUser::register(&server).await;
    assert_eq!(answered_by(&converse(&user, "hello").await), Some("builtin"));
    eventually("a warning", async || server.log().contains("does not answer yet").then_some(())).await;

    let listener = tokio::net::TcpListener::bind(address).await.unwrap();
    let app = Router::new()
        .route("/{case}/v1/chat/completions", post(complete))
        .route("/{case}/v1/models", get(async || Json(json!({ "data": [{ "id": "gpt-4.1-mini", "n_ctx": 4096 }] }))));
    tokio::spawn(async move { axum::serve(listener, app).await });
    assert_eq!(answered_by(&converse(&user, "hello").await), Some("openai"));
    eventually("the list of models", async || server.log().contains("a provider has its model").then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_goes_on_after_the_times_that_are_set_and_metrics_name_the_reason() {
    let setup =
        TestServer::setup().env("TANDEM_FIRST_TOKEN_TIMEOUT", "300ms").env("TANDEM_NEXT_TOKEN_TIMEOUT", "400ms");
    let ScriptedServer { server, provider } = ScriptedServer::start(setup).await;
    let user = TestUser::register(&server).await;
    for (reply, reason) in [
        (Reply::default().hang(), "first_token_timeout"),
        (Reply::text("Half").hang(), "stalled"),
        (Reply::error(500), "server"),
        (Reply::error(400), "request"),
    ] {
        let word = script(&provider, reply);
        assert_eq!(answered_by(&converse(&user, &word).await), Some("builtin"), "{reason}");
        let metrics = plain::client().get(server.admin_url("/metrics")).send().await.unwrap().text().await.unwrap();
        let series = metrics.lines().find(|line| {
            line.starts_with("tandem_provider_failures_total") && line.contains(&format!("reason=\"{reason}\""))
        });
        assert!(series.is_some_and(|line| line.contains("provider=\"openai\"")), "{reason}: {series:?}");
    }
}

/// Sets the only reply to a new word, and returns the word.
fn script(provider: &ScriptedProvider, reply: Reply) -> String {
    let word = fresh::word("scripted");
    provider.answer(&word, [reply]);
    word
}
