//! `tandem backup` and `tandem restore`, as an operator types them, and what devices notice.

use serde_json::{Value, json};
use tandem_protocol::{
    ConversationId, ErrorCode,
    enums::{Scope, WelcomeMode},
    rest::{InvitationCreated, ResetLink},
};
use tandem_tests::{
    Device, TestServer, TestUser,
    database::{DatabaseLocation, Kind},
    fresh,
    user::{Answer, PASSWORD, Visitor},
};

on_each!(a_restore_opens_no_door_that_was_closed_since,);

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

/// A server that takes people by invitation, and its owner.
struct Site {
    server: TestServer,
    owner: TestUser,
}

impl Site {
    async fn invitation(&self) -> InvitationCreated {
        self.owner.post("/admin/invitations").json(json!({})).await.expect(201).read()
    }

    async fn register(&self, email: &str, invitation: &str) -> Answer {
        let body = json!({ "email": email, "password": PASSWORD, "invitation": invitation });
        Visitor::of(&self.server).post("/api/v1/auth/register").json(body).await
    }

    async fn user(&self) -> TestUser {
        let email = fresh::email();
        self.register(&email, &self.invitation().await.token).await.expect(202);
        self.sign_in(&email, PASSWORD).await
    }

    async fn sign_in(&self, email: &str, password: &str) -> TestUser {
        Visitor::of(&self.server).sign_in_with(email, password, "laptop").await
    }

    async fn feed(&self, user: &TestUser) -> (String, String) {
        let feed: Value = user.post("/feeds").json(json!({ "name": "Phone" })).await.expect(201).read();
        (format!("/feeds/{}", feed["id"].as_str().unwrap()), feed["url"].as_str().unwrap().to_owned())
    }
}

async fn a_restore_opens_no_door_that_was_closed_since(kind: Kind) {
    let location = DatabaseLocation::new(kind).await;
    let setup = TestServer::setup().database(location.url()).env("TANDEM_REGISTRATION", "invite");
    let server = setup.without_rate_limits().start().await;
    let owner = TestUser::register(&server).await;
    let site = Site { server, owner };
    let (ben, dan, eve) = (site.user().await, site.user().await, site.user().await);
    let phone = site.sign_in(ben.email(), PASSWORD).await;
    let [(ended_token, ended), (kept_token, _)] =
        [ben.personal_token(&[Scope::Read]).await, ben.personal_token(&[Scope::Read]).await];
    let [(ended_feed, ended_calendar), (_, kept_calendar)] = [site.feed(&ben).await, site.feed(&ben).await];
    let [used, revoked, kept] = [site.invitation().await, site.invitation().await, site.invitation().await];
    let path = |user: &TestUser| format!("/admin/users/{}", user.user().id);
    let link: ResetLink = site.owner.post(&format!("{}/reset-link", path(&dan))).await.expect(201).read();
    let reset = async |password: &str| {
        let body = json!({ "token": link.token, "password": password });
        Visitor::of(&site.server).post("/api/v1/auth/reset").json(body).await
    };
    let first_refresh = ben.refresh_token();

    let copy = site.server.folder().join("copy");
    let copy = copy.to_str().expect("the folder's name is text");
    site.server.command(&["backup", "--to", copy]).expect_success();

    phone.post("/auth/logout").await.expect(204);
    ben.delete(&format!("/tokens/{}", ended.id)).await.expect(200);
    ben.delete(&ended_feed).await.expect(200);
    site.register(&fresh::email(), &used.token).await.expect(202);
    site.owner.delete(&format!("/admin/invitations/{}", revoked.info.id)).await.expect(204);
    reset("a brand new password").await.expect(204);
    site.owner.patch(&path(&eve)).json(json!({ "disabled": true })).await.expect(200);
    ben.refresh().await;
    ben.refresh().await;

    assert!(site.server.terminate().await.success());
    let output = site.server.command(&["restore", copy]).expect_success();
    assert!(output.contains("1 personal token, 1 calendar feed, 1 invitation"), "{output}");
    site.server.start().await;

    site.owner.get("/me").await.expect(200);
    ben.get("/me").await.expect(200);
    phone.get("/me").await.refused(ErrorCode::SessionRevoked);
    ben.get("/me").bearer(&ended_token).await.refused(ErrorCode::InvalidToken);
    ben.get("/me").bearer(&kept_token).await.expect(200);
    let visitor = Visitor::of(&site.server);
    visitor.get(&ended_calendar).await.expect(404);
    visitor.get(&kept_calendar).await.expect(200);
    for invitation in [&used, &revoked] {
        site.register(&fresh::email(), &invitation.token).await.refused(ErrorCode::RegistrationClosed);
    }
    site.register(&fresh::email(), &kept.token).await.expect(202);
    reset("another new password").await.refused(ErrorCode::InvalidToken);
    visitor.log_in(dan.email(), PASSWORD).await.refused(ErrorCode::InvalidCredentials);
    site.sign_in(dan.email(), "a brand new password").await;
    visitor.log_in(eve.email(), PASSWORD).await.refused(ErrorCode::InvalidCredentials);
    // The device goes on with its newest token, and the one of the copy shows that it was copied.
    ben.refresh().await;
    let body = json!({ "refresh_token": first_refresh });
    visitor.post("/api/v1/auth/refresh").json(body).await.refused(ErrorCode::SessionRevoked);
}

/// Onto a machine that has nothing, a copy comes with passwords only, unless the operator knows better.
#[tokio::test]
async fn nothing_but_a_password_admits_to_a_copy_on_another_machine() {
    let server = TestServer::setup().without_rate_limits().start().await;
    let user = TestUser::register(&server).await;
    let (token, _) = user.personal_token(&[Scope::Read]).await;
    let copy = server.folder().join("copy.db");
    let copy = copy.to_str().expect("the folder's name is text");
    server.command(&["backup", "--to", copy]).expect_success();
    for keep in [false, true] {
        assert!(server.terminate().await.success());
        for name in ["tandem.db", "tandem.db.mark"] {
            std::fs::remove_file(server.folder().join("data").join(name)).unwrap();
        }
        let flags: &[&str] = if keep { &["restore", copy, "--keep-access"] } else { &["restore", copy] };
        let output = server.command(flags).expect_success();
        assert_eq!(output.contains("everybody has to sign in again"), !keep, "{output}");
        server.start().await;
        let status = if keep { 200 } else { 401 };
        assert_eq!(user.get("/me").await.status, status);
        assert_eq!(user.get("/me").bearer(&token).await.status, status);
        Visitor::of(&server).sign_in(user.email(), "laptop").await;
    }
}
