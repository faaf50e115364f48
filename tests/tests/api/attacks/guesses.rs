//! Guesses at whatever lets somebody in: counted by the address of the connection, whatever its headers name.

use futures_util::future::join_all;
use serde_json::{Value, json};
use std::future::IntoFuture as _;
use tandem_protocol::{ErrorCode, rest::InvitationCreated};
use tandem_tests::{
    TestServer, TestUser,
    database::{DatabaseLocation, Kind},
    fresh,
    server::Setup,
    user::{Answer, PASSWORD, Visitor},
};

on_each!(
    every_limit_counts_the_real_address,
    a_thousand_guesses_at_an_account_are_refused,
    two_hundred_log_ins_at_once_are_answered_or_refused
);

/// Headers by which proxies name a client.
const CLIENT_HEADERS: [&str; 6] =
    ["x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip", "x-forwarded-host", "forwarded"];

/// A server whose clients are no proxies that it trusts.
async fn server(kind: Kind, setup: Setup) -> (TestServer, DatabaseLocation) {
    let location = DatabaseLocation::new(kind).await;
    (setup.database(location.url()).env("TANDEM_TRUSTED_PROXIES", "192.0.2.1").start().await, location)
}

/// A request of a client that names another address each time, in every header that it knows.
async fn spoofed(server: &TestServer, path: &str, body: Value) -> Answer {
    // `Visitor` sends an `X-Forwarded-For` of its own.
    let ask = Visitor::of(server).post(&format!("/api/v1/auth/{path}"));
    let ask = CLIENT_HEADERS.into_iter().fold(ask, |ask, header| {
        let address = fresh::network_address();
        ask.header(header, &if header == "forwarded" { format!("for={address}") } else { address })
    });
    ask.json(body).await
}

/// Asks until the limit is reached, which has to be after its hundred, and not much later.
async fn limited_after_a_hundred(server: &TestServer, path: &str, refusal: u16, body: impl Fn() -> Value) {
    let mut attempts = 0;
    let limited = loop {
        let answers = join_all((0..10).map(|_| spoofed(server, path, body()))).await;
        attempts += answers.iter().filter(|answer| answer.status != 429).count();
        // A busy machine refuses some for want of a core, which count as well.
        assert!(answers.iter().all(|answer| [refusal, 429, 503].contains(&answer.status)), "{path}: {answers:?}");
        if let Some(limited) = answers.into_iter().find(|answer| answer.status == 429) {
            break limited;
        }
        // On a slow machine some uses come back meanwhile.
        assert!(attempts < 400, "{path} is not limited");
    };
    // A user of the test may have come in from the same address.
    assert!(attempts >= 95, "{path}: {attempts}");
    limited.refused(ErrorCode::RateLimited);
    assert!(limited.header("retry-after").parse::<u64>().is_ok_and(|seconds| (1..=60).contains(&seconds)), "{path}");
}

async fn every_limit_counts_the_real_address(kind: Kind) {
    let account = |field: &str, secret: &str| json!({ "email": fresh::email(), "password": PASSWORD, field: secret });
    let (setup_code, _first) =
        server(kind, TestServer::setup().public().env("TANDEM_SETUP_CODE", "a code of the operator")).await;
    limited_after_a_hundred(&setup_code, "register", 403, || account("setup_code", &fresh::word("guess"))).await;

    let (site, _second) = server(kind, TestServer::setup().env("TANDEM_REGISTRATION", "invite")).await;
    let owner = TestUser::register(&site).await;
    let tied = json!({ "email": fresh::email() });
    let tied: InvitationCreated = owner.post("/admin/invitations").json(tied).await.expect(201).read();
    // Guesses, and an invitation of somebody else.
    limited_after_a_hundred(&site, "register", 403, || account("invitation", &tied.token)).await;
    let reset = || json!({ "token": fresh::word("guess"), "password": "a brand new password" });
    limited_after_a_hundred(&site, "reset", 401, reset).await;
    let log_in = || json!({ "email": fresh::email(), "password": "a wrong guess" });
    limited_after_a_hundred(&site, "login", 401, log_in).await;
    // Whoever is in already notices nothing.
    owner.get("/me").await.expect(200);

    let (open, _third) = server(kind, TestServer::setup()).await;
    limited_after_a_hundred(&open, "register", 202, || json!({ "email": fresh::email(), "password": PASSWORD })).await;
}

async fn a_thousand_guesses_at_an_account_are_refused(kind: Kind) {
    // As behind a proxy that is trusted: every guess comes from an address of its own.
    let location = DatabaseLocation::new(kind).await;
    let site = TestServer::setup().database(location.url()).start().await;
    let user = TestUser::register(&site).await;
    let mut compared = 0;
    for _ in 0..20 {
        let guesses = (0..50).map(|_| Visitor::of(&site).log_in(user.email(), "a wrong guess").into_future());
        let answers = join_all(guesses).await;
        assert!(answers.iter().all(|answer| [401, 429, 503].contains(&answer.status)), "{answers:?}");
        compared += answers.iter().filter(|answer| answer.status == 401).count();
    }
    // One more is allowed every half minute: a slow machine may see one or two more.
    assert!((1..=23).contains(&compared), "{compared} of 1,000 guesses were compared");
    user.get("/me").await.expect(200);
    let known = Visitor::of(&site).log_in(user.email(), PASSWORD);
    known.header("cookie", &format!("tandem_refresh={}", user.refresh_token())).await.expect(200);
}

async fn two_hundred_log_ins_at_once_are_answered_or_refused(kind: Kind) {
    let location = DatabaseLocation::new(kind).await;
    let site = TestServer::setup().database(location.url()).start().await;
    let user = TestUser::register(&site).await;
    let before = site.resident_memory();
    let log_ins = (0..200).map(|_| Visitor::of(&site).log_in(user.email(), PASSWORD).into_future());
    let answers = join_all(log_ins).await;
    assert!(answers.iter().any(|answer| answer.status == 200));
    assert!(answers.iter().all(|answer| [200, 429, 503].contains(&answer.status)), "{answers:?}");
    for refused in answers.iter().filter(|answer| answer.status != 200) {
        assert!(refused.header("retry-after").parse::<u64>().is_ok(), "{refused:?}");
    }
    // A hash takes 19 MiB, and there is one for each core.
    let grown = site.resident_memory().saturating_sub(before) / 1024 / 1024;
    assert!(grown < 64 + 20 * std::thread::available_parallelism().unwrap().get() as u64, "it took {grown} MiB");
    user.add_task("works").await;
}
