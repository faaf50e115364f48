//! `tandem user`, `tandem invite` and `tandem audit`, with the server running and without it.

use serde_json::json;
use std::time::{Duration, Instant};
use tandem_protocol::{
    enums::AuditAction,
    live::CloseCode,
    rest::{AuditEntry, Invitation, ManagedUser},
};
use tandem_tests::{
    Device, TestServer, TestUser, assert_within,
    database::{DatabaseLocation, Kind},
    eventually, fresh,
    user::{PASSWORD, Visitor},
};

on_each!(
    accounts_are_managed_beside_the_server_and_without_it,
    people_are_invited,
    whatever_is_wrong_is_refused_in_words
);

/// Time limit of the protocol, and the time that a command takes to start.
const AT_ONCE: Duration = Duration::from_secs(4);

async fn reset(server: &TestServer, token: &str, password: &str) -> tandem_tests::user::Answer {
    Visitor::of(server).post("/api/v1/auth/reset").json(json!({ "token": token, "password": password })).await
}

/// The command line changes accounts while the server runs, and the server notices.
async fn accounts_are_managed_beside_the_server_and_without_it(kind: Kind) {
    let location = DatabaseLocation::new(kind).await;
    let server = TestServer::setup().database(location.url()).start().await;
    let (owner, user) = (TestUser::register(&server).await, TestUser::register(&server).await);
    let device = Device::connected(&user, "laptop").await;
    let list = server.command(&["user", "list", "--json"]).expect_success();
    let listed: Vec<ManagedUser> = serde_json::from_str(&list).unwrap();
    assert_eq!(listed.len(), 2);
    assert!(server.command(&["user", "list"]).expect_success().contains(user.email()));
    let start = Instant::now();
    server.command(&["user", "disable", user.email()]).expect_success();
    assert_eq!(device.closed().await.code, Some(CloseCode::SessionRevoked.code()));
    assert_within("the end of a socket by a command", start, AT_ONCE);
    server.command(&["user", "enable", user.email()]).expect_success();
    server.command(&["user", "verify", user.email()]).expect_success();
    let shown = server.command(&["user", "show", user.email(), "--json"]).expect_success();
    let shown: ManagedUser = serde_json::from_str(&shown).unwrap();
    assert!(shown.email_verified && !shown.disabled && shown.sessions == 0);
    let url = server.command(&["user", "reset-link", user.email()]).expect_success();
    let token = url.trim().split_once("/reset#").expect("a link").1;
    reset(&server, token, "a brand new password").await.expect(204);
    Visitor::of(&server).log_in(user.email(), "a brand new password").await.expect(200);
    assert!(server.command(&["user", "sessions", user.email()]).expect_success().contains("laptop"));
    server.command(&["user", "revoke-sessions", user.email()]).expect_success();
    server.command(&["user", "role", owner.email(), "member"]).expect_failure("only owner");
    server.command(&["user", "role", user.email(), "owner"]).expect_success();
    let audit = server.command(&["audit", "--user", user.email()]).expect_success();
    assert!(audit.contains(user.email()) && audit.contains("user_disable") && audit.contains("operator"), "{audit}");

    // The same without the server.
    server.kill();
    server.command(&["user", "role", owner.email(), "member"]).expect_success();
    server.command(&["user", "delete", owner.email()]).expect_failure("--yes");
    server.command(&["user", "delete", owner.email(), "--yes"]).expect_success();
    let audit = server.command(&["audit", "--json"]).expect_success();
    let audit: Vec<AuditEntry> = serde_json::from_str(&audit).unwrap();
    assert_eq!((audit[0].action, audit[0].actor.as_deref()), (AuditAction::UserDelete, Some("operator")));
    assert!(!audit.iter().any(|entry| entry.target.as_deref() == Some(owner.user().id.as_str())));
    server.start().await;
    eventually("the account to be gone", async || {
        (server.command(&["user", "list", "--json"]).expect_success().matches("\"email\"").count() == 1).then_some(())
    })
    .await;
}

async fn people_are_invited(kind: Kind) {
    let location = DatabaseLocation::new(kind).await;
    let setup = TestServer::setup().env("TANDEM_REGISTRATION", "invite").database(location.url());
    let server = setup.without_rate_limits().start().await;
    // Nobody invites before there is an owner: the first guest would be it.
    server.command(&["invite", "create"]).expect_failure("no owner yet");
    TestUser::register(&server).await;
    let register = async |token: &str| {
        let body = json!({ "email": fresh::email(), "password": PASSWORD, "invitation": token });
        Visitor::of(&server).post("/api/v1/auth/register").json(body).await.status
    };
    let url = server.command(&["invite", "create", "--uses", "2", "--expires", "12h"]).expect_success();
    let token = url.trim().split_once("/register#invite=").expect("a link").1.to_owned();
    assert_eq!(register(&token).await, 202);
    let list = server.command(&["invite", "list", "--json"]).expect_success();
    let list: Vec<Invitation> = serde_json::from_str(&list).unwrap();
    assert_eq!((list[0].used, list[0].uses, &list[0].created_by), (1, 2, &None));
    assert!(server.command(&["invite", "list"]).expect_success().contains("1 of 2"));
    server.kill();
    server.command(&["invite", "revoke", &list[0].id.to_string()]).expect_success();
    server.start().await;
    assert_eq!(register(&token).await, 403);
}

async fn whatever_is_wrong_is_refused_in_words(kind: Kind) {
    let location = DatabaseLocation::new(kind).await;
    let server = TestServer::setup().database(location.url()).start().await;
    let owner = TestUser::register(&server).await;
    let (nobody, email) = ("nobody@example.test", owner.email());
    let refused = |arguments: &[&str], words: &str| server.command(arguments).expect_failure(words);
    let misused = |arguments: &[&str], words: &str| server.command(arguments).expect_misuse(words);
    for command in ["show", "verify", "disable", "enable", "reset-link", "sessions", "revoke-sessions", "delete"] {
        refused(&["user", command, nobody], "nobody@example.test was not found: there is no such user");
        misused(&["user", command], "required arguments were not provided");
        misused(&["user", command, email, "more"], "unexpected argument");
    }
    refused(&["user", "role", nobody, "owner"], "there is no such user");
    misused(&["user", "role", email, "king"], "possible values: owner, member");
    refused(&["user", "role", email, "member"], "only owner");
    refused(&["user", "disable", email], "only owner");
    refused(&["user", "delete", email], "--yes");
    refused(&["user", "delete", email, "--yes"], "only owner");
    refused(&["user", "limit", nobody, "--replies", "1"], "there is no such user");
    misused(&["user", "limit", email], "<--replies <NUMBER>|--tokens <NUMBER>>");
    misused(&["user", "limit", email, "--replies=-1"], "expected a number");
    misused(&["user", "limit", email, "--tokens", "1000000001"], "expected a number");
    refused(&["user", "show", ""], "was not found");
    misused(&["user", "nothing"], "unrecognized subcommand");
    refused(&["invite", "create", "--uses", "0"], "uses");
    misused(&["invite", "create", "--uses", "many"], "invalid value");
    misused(&["invite", "create", "--expires", "soon"], "--expires");
    refused(&["invite", "create", "--expires", "1000d"], "expires_at");
    refused(&["invite", "create", "--email", "nobody"], "email");
    refused(&["invite", "revoke", "x"], "no id of an invitation");
    refused(&["invite", "revoke", &fresh::id().to_string()], "no such invitation");
    refused(&["audit", "--user", nobody], "there is no such user");
    misused(&["audit", "--limit", "x"], "invalid value");
    assert!(server.command(&["audit", "--user", "operator"]).expect_success().starts_with("AT"));
    assert!(server.command(&["audit", "--limit", "1"]).expect_success().lines().count() == 2);
    owner.get("/me").await.expect(200);
}

/// The commands work on the database alone: with PostgreSQL on any machine that reaches it.
#[tokio::test]
async fn commands_need_no_folder_of_the_server() {
    let location = DatabaseLocation::new(Kind::Postgres).await;
    let server = TestServer::setup().database(location.url()).start().await;
    let owner = TestUser::register(&server).await;
    let elsewhere = server.folder().join("elsewhere");
    let folder = elsewhere.display().to_string();
    let list = server.command(&["user", "list", "--data-dir", &folder]).expect_success();
    assert!(list.contains(owner.email()), "{list}");
    server.command(&["user", "reset-link", owner.email(), "--data-dir", &folder]).expect_success();
    assert!(!elsewhere.exists(), "a secret here would be mistaken for that of the server");
}
