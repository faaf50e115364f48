//! `tandem doctor`, as an operator types it.

use serde_json::Value;
use tandem_tests::{
    TestServer,
    postgres::{Cluster, SUPERUSER},
};

#[tokio::test]
async fn a_newcomers_server_is_well() {
    let server = TestServer::new().await;
    let said = server.command(&["doctor"]).expect_success();
    for words in ["SQLite", "up to date", "listens on", "part of the server"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(server.terminate().await.success());
    let said = server.command(&["doctor"]).expect_success();
    assert!(!said.contains("WARNING"), "{said}");
}

#[tokio::test]
async fn what_is_wrong_is_said_with_what_to_do() {
    let server = TestServer::new().await;
    let doctor = |settings: &[&str]| {
        let flags = settings.iter().flat_map(|setting| ["--set", setting]);
        server.command(&["doctor", "--json"].into_iter().chain(flags).collect::<Vec<_>>())
    };
    let database = Cluster::shared().url(SUPERUSER, "postgres");
    let said = doctor(&[
        &format!("TANDEM_DATABASE_URL={database}"),
        "TANDEM_NATS_URL=nats://127.0.0.1:1",
        "TANDEM_JWT_SECRETS=k:0123456789012345678901234567890123456789",
        "OPENAI_API_KEY=sk-nobody",
        "OPENAI_BASE_URL=http://127.0.0.1:1/v1",
    ])
    .output_of_failure();
    let findings: Vec<Value> = serde_json::from_str(&said).expect("the answer is JSON");
    let state_of = |subject: &str| {
        let finding = findings.iter().find(|finding| finding["subject"] == subject).expect("it was looked at");
        assert_eq!(finding["advice"].is_null(), finding["state"] == "ok", "{finding}");
        finding["state"].as_str().expect("a state is a word").to_owned()
    };
    assert_eq!(state_of("database role"), "failed");
    assert_eq!(state_of("bus"), "warning");
    assert_eq!(state_of("openai"), "warning");
    assert_eq!(state_of("builtin"), "ok");

    let said = doctor(&["TANDEM_DATABASE_URL=postgres://nobody@127.0.0.1:1/none"]).output_of_failure();
    assert!(said.contains("TANDEM_DATABASE_URL"), "{said}");
}
