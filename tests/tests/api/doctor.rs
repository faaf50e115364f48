//! The command `tandem doctor`.

use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};
use tandem_store::postgres::PostgresStore;
use tandem_tests::{
    TestServer, TestUser,
    database::{DatabaseLocation, TestDatabase},
    postgres::{Cluster, SUPERUSER},
};

#[tokio::test]
async fn a_server_with_default_settings_has_no_problems() {
    let server = TestServer::new().await;
    let output = server.command(&["doctor"]).expect_success();
    for words in ["SQLite", "up to date", "listens on", "part of the server"] {
        assert!(output.contains(words), "{words}: {output}");
    }
    assert!(server.terminate().await.success());
    let output = server.command(&["doctor"]).expect_success();
    assert!(!output.contains("WARNING"), "{output}");
}

#[tokio::test]
async fn each_problem_is_reported_with_its_remedy() {
    let server = TestServer::new().await;
    let doctor = |settings: &[&str]| {
        let flags = settings.iter().flat_map(|setting| ["--set", setting]);
        server.command(&["doctor", "--json"].into_iter().chain(flags).collect::<Vec<_>>())
    };
    let database = Cluster::shared().url(SUPERUSER, "postgres");
    let output = doctor(&[
        &format!("TANDEM_DATABASE_URL={database}"),
        "TANDEM_NATS_URL=nats://127.0.0.1:1",
        "TANDEM_JWT_SECRETS=k:0123456789012345678901234567890123456789",
        "OPENAI_API_KEY=sk-nobody",
        "OPENAI_BASE_URL=http://127.0.0.1:1/v1",
    ])
    .output_of_failure();
    let findings: Vec<Value> = serde_json::from_str(&output).expect("the answer is JSON");
    let state_of = |subject: &str| {
        let finding = findings.iter().find(|finding| finding["subject"] == subject).expect("it was looked at");
        assert_eq!(finding["advice"].is_null(), finding["state"] == "ok", "{finding}");
        finding["state"].as_str().expect("a state is a word").to_owned()
    };
    assert_eq!(state_of("database role"), "failed");
    assert_eq!(state_of("bus"), "warning");
    assert_eq!(state_of("openai"), "warning");
    assert_eq!(state_of("builtin"), "ok");

    let output = doctor(&["TANDEM_DATABASE_URL=postgres://nobody@127.0.0.1:1/none"]).output_of_failure();
    assert!(output.contains("TANDEM_DATABASE_URL"), "{output}");
}

/// Every file under a folder with its bytes; folders without.
fn everything_in(folder: &Path) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    let mut seen = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            seen.extend(everything_in(&path));
            seen.insert(path, None);
        } else {
            let bytes = fs::read(&path).unwrap();
            seen.insert(path, Some(bytes));
        }
    }
    seen
}

#[tokio::test]
async fn looking_changes_nothing() {
    let server = TestServer::new().await;
    let folder = server.folder();
    let looks = |state: &str, expected: &str| {
        let before = everything_in(folder);
        let output = server.command(&["doctor"]).expect_success();
        assert!(output.contains(expected), "{state}: {output}");
        assert!(everything_in(folder) == before, "{state}: {:?}", everything_in(folder).keys());
    };
    TestUser::register(&server).await;
    // A killed server leaves a WAL beside its file.
    server.kill();
    looks("after a crash", "up to date");
    server.start().await;
    assert!(server.terminate().await.success());
    looks("after a stop in order", "up to date");
    fs::remove_dir_all(folder.join("data")).unwrap();
    looks("without a data folder", "made at the first start");
    assert!(!folder.join("data").exists());
    fs::create_dir(folder.join("data")).unwrap();
    fs::write(folder.join("data/tandem.db"), "").unwrap();
    looks("on an empty database", "steps missing");
}

#[tokio::test]
async fn an_empty_database_of_postgresql_stays_empty() {
    let location = DatabaseLocation::bare().await;
    let server = TestServer::setup().database(location.url()).start().await;
    assert!(server.terminate().await.success());
    let other = DatabaseLocation::bare().await;
    let output = server.command(&["doctor", "--set", &format!("TANDEM_DATABASE_URL={}", other.url())]).expect_success();
    assert!(output.contains("steps missing"), "{output}");
    let store = Arc::new(PostgresStore::connect(&other.url(), 1).await.unwrap());
    let other = TestDatabase { migrations: Arc::clone(&store) as _, store, location: other };
    let tables = other.lines("select tablename::text from pg_tables where schemaname = 'public'").await;
    assert!(tables.is_empty(), "{tables:?}");
}

#[tokio::test]
async fn files_that_others_can_read_are_named() {
    let server = TestServer::new().await;
    assert!(server.terminate().await.success());
    let data = server.folder().join("data");
    fs::set_permissions(&data, fs::Permissions::from_mode(0o755)).unwrap();
    let output = server.command(&["doctor"]).expect_success();
    assert!(output.contains("file modes") && output.contains("0755") && output.contains("chmod"), "{output}");
    server.start().await;
    assert!(server.log().contains("open to others than its owner (mode 0755)"), "{}", server.log());
}
