//! `tandem backup` and `tandem restore`, as an operator types them, and what devices notice.

use tandem_protocol::{ConversationId, enums::WelcomeMode};
use tandem_tests::{Device, TestServer, TestUser, fresh};

#[tokio::test]
async fn after_a_restore_every_device_starts_over() {
    let server = TestServer::new().await;
    let user = TestUser::register(&server).await;
    let mut device = Device::connected(&user, "laptop").await;
    device.send_message(ConversationId(fresh::id()), "Add a task to buy milk").await;

    let copy = server.folder().join("copy.db");
    let copy = copy.to_str().expect("the folder's name is text");
    server.command(&["backup", "--to", copy]).expect_success();
    server.command(&["backup", "--to", copy]).expect_failure("is there already");
    let named = server.command(&["backup"]).expect_success();
    let file = std::path::Path::new(named.trim());
    assert!(file.extension().is_some_and(|extension| extension == "db") && file.exists(), "{named:?}");
    server.command(&["restore", copy]).expect_failure("stop it first");

    device.cut();
    let added = user.post("/tasks").json(serde_json::json!({ "title": "Lost with the restore" })).await;
    added.expect(201);
    server.kill_and_restart().await;
    assert_eq!(device.connect().await, WelcomeMode::Resumed, "a crash is no restore");
    device.cut();
    assert!(server.terminate().await.success());
    let output = server.command(&["restore", copy]).expect_success();
    assert!(output.contains("tandem.db.before-"), "{output}");
    server.start().await;
    assert_eq!(device.connect().await, WelcomeMode::Resync);
    let titles: Vec<String> = user.tasks("").await.into_iter().map(|task| task.title).collect();
    assert!(!titles.iter().any(|title| title.starts_with("Lost")), "{titles:?}");
}
