//! Who may register, and who becomes the owner.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tandem_protocol::{
    ErrorCode,
    enums::{RegistrationMode, UserRole},
    rest::ServerInfo,
};
use tandem_tests::{
    TestServer, TestUser,
    database::{DatabaseLocation, Kind},
    eventually, fresh,
    server::Setup,
    user::{Answer, PASSWORD, Visitor},
};

on_each!(
    the_first_account_on_this_machine_is_the_owner,
    of_twenty_first_registrations_at_once_one_is_the_owner,
    a_public_server_needs_its_set_up_code,
    a_configured_code_is_the_only_one,
    a_closed_server_answers_the_same_for_every_address,
    an_existing_database_stays_closed_after_a_restart,
);

/// A server on an empty database that lives as long as the location.
async fn server(kind: Kind, setup: Setup) -> (TestServer, DatabaseLocation) {
    let location = DatabaseLocation::new(kind).await;
    (setup.database(location.url()).start().await, location)
}

async fn info(server: &TestServer) -> ServerInfo {
    Visitor::of(server).get("/api/v1/server").await.expect(200).read()
}

async fn register(server: &TestServer, email: &str, with: Value) -> Answer {
    let mut body = json!({ "email": email, "password": PASSWORD });
    body.as_object_mut().unwrap().extend(with.as_object().cloned().unwrap());
    Visitor::of(server).post("/api/v1/auth/register").json(body).await
}

async fn role(server: &TestServer, email: &str) -> UserRole {
    Visitor::of(server).sign_in(email, "laptop").await.user().role
}

/// The codes that a server has printed so far.
async fn setup_codes(server: &TestServer, count: usize) -> Vec<String> {
    eventually("the set-up code", async || {
        let log = server.log();
        let codes: Vec<_> = log.lines().filter_map(|line| line.strip_prefix("Set-up code: ")).collect();
        (codes.len() == count).then(|| codes.into_iter().map(str::to_owned).collect())
    })
    .await
}

async fn the_first_account_on_this_machine_is_the_owner(kind: Kind) {
    let (server, _location) = server(kind, TestServer::setup()).await;
    let before = info(&server).await;
    assert_eq!((before.registration, before.setup_needed), (RegistrationMode::Open, true));
    assert!(!before.setup_code_needed && !before.version.is_empty());
    let (first, second) = (TestUser::register(&server).await, TestUser::register(&server).await);
    assert_eq!((first.user().role, second.user().role), (UserRole::Owner, UserRole::Member));
    assert!(!info(&server).await.setup_needed);
    assert!(!server.log().contains("Set-up code"));
}

async fn of_twenty_first_registrations_at_once_one_is_the_owner(kind: Kind) {
    let (server, location) = server(kind, TestServer::setup()).await;
    let emails: Vec<String> = (0..20).map(|_| fresh::email()).collect();
    let answers = join_all(emails.iter().map(|email| register(&server, email, json!({})))).await;
    // A loaded machine may refuse some for want of a core.
    assert!(answers.iter().any(|answer| answer.status == 202));
    let owners = location.lines("select id from users where role = 'owner'").await;
    assert_eq!(owners.len(), 1);
}

async fn a_public_server_needs_its_set_up_code(kind: Kind) {
    // Even when anybody may register afterwards.
    let (server, location) = server(kind, TestServer::setup().public().env("TANDEM_REGISTRATION", "open")).await;
    let codes = setup_codes(&server, 1).await;
    assert!(info(&server).await.setup_code_needed);
    assert!(server.log().contains(&format!("https://tandem.example/register#setup={}", codes[0])));
    let refused = register(&server, &fresh::email(), json!({})).await;
    refused.refused(ErrorCode::RegistrationClosed);
    let wrong = register(&server, &fresh::email(), json!({ "setup_code": "of another server" })).await;
    assert_eq!(
        wrong.refused(ErrorCode::RegistrationClosed).detail,
        refused.refused(ErrorCode::RegistrationClosed).detail
    );

    server.kill_and_restart().await;
    let codes = setup_codes(&server, 2).await;
    assert_ne!(codes[0], codes[1]);
    for code in &codes {
        let stored =
            location.lines(&format!("select 'x' from setup_codes where cast(hash as text) like '%{code}%'")).await;
        assert!(stored.is_empty(), "a copy of the database does not show the code");
    }
    // Both work, and whichever is first ends the other.
    let emails = [fresh::email(), fresh::email()];
    let answers =
        join_all([0, 1].map(|number| register(&server, &emails[number], json!({ "setup_code": codes[number] })))).await;
    let accepted: Vec<usize> = (0..2).filter(|&number| answers[number].status == 202).collect();
    assert_eq!(accepted.len(), 1, "{answers:?}");
    answers[1 - accepted[0]].refused(ErrorCode::RegistrationClosed);
    assert_eq!(role(&server, &emails[accepted[0]]).await, UserRole::Owner);
    let late = register(&server, &fresh::email(), json!({})).await;
    late.expect(202);
    assert!(!info(&server).await.setup_needed);
    assert!(location.lines("select 'x' from setup_codes").await.is_empty());
}

async fn a_configured_code_is_the_only_one(kind: Kind) {
    let setup = TestServer::setup().public().env("TANDEM_SETUP_CODE", "a code of the operator");
    let (server, _location) = server(kind, setup).await;
    let with = |code: &str| json!({ "setup_code": code });
    register(&server, &fresh::email(), with("a code of the operato")).await.refused(ErrorCode::RegistrationClosed);
    let email = fresh::email();
    register(&server, &email, with("a code of the operator")).await.expect(202);
    assert_eq!(role(&server, &email).await, UserRole::Owner);
    register(&server, &fresh::email(), with("a code of the operator")).await.refused(ErrorCode::RegistrationClosed);
    assert!(!server.log().contains("Set-up code"));
}

async fn a_closed_server_answers_the_same_for_every_address(kind: Kind) {
    for mode in ["closed", "invite"] {
        let (server, _location) = server(kind, TestServer::setup().env("TANDEM_REGISTRATION", mode)).await;
        // The first account of a server on this machine needs nothing, whatever the mode.
        let owner = TestUser::register(&server).await;
        assert_eq!(owner.user().role, UserRole::Owner);
        let taken = register(&server, owner.email(), json!({})).await;
        taken.refused(ErrorCode::RegistrationClosed);
        let others = [
            register(&server, &fresh::email(), json!({})).await,
            register(&server, "no address", json!({})).await,
            register(&server, &fresh::email(), json!({ "invitation": "x" })).await,
            register(&server, &fresh::email(), json!({ "setup_code": "x" })).await,
        ];
        for other in others {
            assert_eq!(other.body_without_request_id(), taken.body_without_request_id());
        }
    }
}

async fn an_existing_database_stays_closed_after_a_restart(kind: Kind) {
    let (server, location) = server(kind, TestServer::setup()).await;
    TestUser::register(&server).await;
    drop(server);
    let server = TestServer::setup().public().database(location.url()).start().await;
    assert_eq!((info(&server).await.registration, info(&server).await.setup_needed), (RegistrationMode::Invite, false));
    register(&server, &fresh::email(), json!({})).await.refused(ErrorCode::RegistrationClosed);
    assert!(!server.log().contains("Set-up code"));
}
