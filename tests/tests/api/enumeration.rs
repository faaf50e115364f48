//! Who has an account is not shown: not by the bytes of an answer, not by its headers, and not by its time.
//!
//! A time is compared over many tries of each kind in turn, so that other work on the machine slows all of them. What
//! differs by a hash, or by a look-up that is left out, differs in every round; what differs by chance does not. So one of
//! some rounds has to agree.

use serde_json::json;
use std::time::{Duration, Instant};
use tandem_protocol::{ErrorCode, rest::ResetLink};
use tandem_tests::{
    TestServer, TestUser,
    database::{DatabaseLocation, Kind},
    fresh,
    user::{Answer, PASSWORD, Visitor},
};

on_each!(
    refused_log_ins_are_the_same_for_every_address,
    log_ins_take_the_same_time_for_every_address,
    registrations_take_the_same_time_for_every_address,
    refused_links_are_the_same_for_every_reason,
);

/// Tries of each kind in a round. Fewer than a limit of attempts, which is off here.
const TRIES: usize = 12;
const ROUNDS: usize = 5;
/// The largest difference of typical times, of the smaller one, and in seconds beside that: a hash takes 13 ms or more.
const TOLERANCE: f64 = 0.1;
const NOISE: f64 = 0.003;

/// Accounts in different states, and addresses without one.
struct Site {
    server: TestServer,
    owner: TestUser,
    known: TestUser,
    disabled: TestUser,
    /// Keeps the database.
    location: DatabaseLocation,
}

impl Site {
    async fn on(kind: Kind) -> Self {
        let location = DatabaseLocation::new(kind).await;
        let server = TestServer::setup().database(location.url()).without_rate_limits().start().await;
        let owner = TestUser::register(&server).await;
        let (known, disabled) = (TestUser::register(&server).await, TestUser::register(&server).await);
        let path = format!("/admin/users/{}", disabled.user().id);
        owner.patch(&path).json(json!({ "disabled": true })).await.expect(200);
        Self { server, owner, known, disabled, location }
    }

    /// Logs in, on a machine that may be too busy to hash a password now.
    async fn log_in(&self, email: &str, password: &str) -> Answer {
        patient(async || Visitor::of(&self.server).log_in(email, password).await).await
    }

    async fn register(&self, email: &str) -> Answer {
        patient(async || Visitor::of(&self.server).register(email, PASSWORD).await).await
    }

    async fn reset(&self, token: &str) -> Answer {
        let body = json!({ "token": token, "password": "a brand new password" });
        Visitor::of(&self.server).post("/api/v1/auth/reset").json(body).await
    }

    async fn link(&self, user: &TestUser) -> ResetLink {
        self.owner.post(&format!("/admin/users/{}/reset-link", user.user().id)).await.expect(201).read()
    }
}

async fn patient(ask: impl AsyncFn() -> Answer) -> Answer {
    loop {
        let answer = ask().await;
        if answer.status != 503 {
            return answer;
        }
    }
}

/// What of an answer could show something: status, headers and body, without what is different each time.
fn shape(answer: &Answer) -> (u16, Vec<(String, String)>, String) {
    let changing = ["date", "x-request-id"];
    let headers = answer.headers.iter().filter(|(name, _)| !changing.contains(&name.as_str()));
    let headers = headers.map(|(name, value)| (name.to_string(), format!("{value:?}"))).collect();
    (answer.status, headers, answer.body_without_request_id())
}

/// The lower quartile: other work on the machine makes some tries longer, and none shorter.
fn typical(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 4].as_secs_f64()
}

/// Compares how long different tries take. `ask` is given the number of the kind.
async fn take_the_same_time(kinds: usize, ask: impl AsyncFn(usize)) {
    let mut seen = Vec::new();
    for _ in 0..ROUNDS {
        let mut times = vec![Vec::new(); kinds];
        for _ in 0..TRIES {
            for (kind, times) in times.iter_mut().enumerate() {
                let begun = Instant::now();
                ask(kind).await;
                times.push(begun.elapsed());
            }
        }
        let times: Vec<f64> = times.into_iter().map(typical).collect();
        let least = times.iter().copied().fold(f64::INFINITY, f64::min);
        let most = times.iter().copied().fold(0.0, f64::max);
        if most <= least * (1.0 + TOLERANCE) + NOISE {
            return;
        }
        seen.push(times);
    }
    panic!("the times differ in every round: {seen:?}");
}

async fn refused_log_ins_are_the_same_for_every_address(kind: Kind) {
    let site = Site::on(kind).await;
    let wrong = site.log_in(site.known.email(), "not the password").await;
    wrong.refused(ErrorCode::InvalidCredentials);
    let others = [
        (site.disabled.email(), PASSWORD),
        (site.disabled.email(), "not the password"),
        (&fresh::email(), PASSWORD),
        ("no address", PASSWORD),
        ("", ""),
        (&format!("{}@example.test", "x".repeat(300)), PASSWORD),
        ("ann@example.test\r\nX-Header: 1", PASSWORD),
    ];
    for (email, password) in others {
        assert_eq!(shape(&site.log_in(email, password).await), shape(&wrong), "{email:?} {password:?}");
    }
}

async fn log_ins_take_the_same_time_for_every_address(kind: Kind) {
    let site = Site::on(kind).await;
    let emails = [site.known.email(), site.disabled.email(), "nobody@example.test"];
    take_the_same_time(emails.len(), async |number| {
        site.log_in(emails[number], "not the password").await.refused(ErrorCode::InvalidCredentials);
    })
    .await;
}

async fn registrations_take_the_same_time_for_every_address(kind: Kind) {
    let site = Site::on(kind).await;
    let free = site.register(&fresh::email()).await;
    assert_eq!(site.register(site.known.email()).await.body, free.body);
    take_the_same_time(2, async |number| {
        let email = if number == 0 { site.known.email().to_owned() } else { fresh::email() };
        site.register(&email).await.expect(202);
    })
    .await;
}

async fn refused_links_are_the_same_for_every_reason(kind: Kind) {
    let site = Site::on(kind).await;
    let unknown = site.reset(&fresh::word("link")).await;
    unknown.refused(ErrorCode::InvalidToken);
    let replaced = site.link(&site.known).await;
    let of_disabled = site.link(&site.disabled).await;
    let expired = site.link(&site.owner).await;
    site.link(&site.known).await;
    let past = if kind == Kind::Postgres { "'2020-01-01T00:00:00Z'" } else { "1577836800000" };
    let owner = site.owner.user().id;
    site.location.execute(&format!("update reset_links set expires_at = {past} where user_id = '{owner}'")).await;
    let tokens = [unknown_token(), replaced.token, of_disabled.token, expired.token];
    for token in &tokens {
        assert_eq!(shape(&site.reset(token).await), shape(&unknown));
    }
    take_the_same_time(tokens.len(), async |number| {
        site.reset(&tokens[number]).await.refused(ErrorCode::InvalidToken);
    })
    .await;
}

fn unknown_token() -> String {
    fresh::word("link")
}
