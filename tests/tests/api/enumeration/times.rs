//! How long answers take, as somebody measures it who looks for accounts: medians of many tries of each kind in turn, so that
//! other work on the machine slows all of them.

use super::{Kind, Site, TestServer};
use serde_json::json;
use std::time::Instant;
use tandem_protocol::ErrorCode;
use tandem_tests::{
    fresh,
    user::{PASSWORD, Visitor},
};

/// Tries of each kind.
const TRIES: usize = 200;
/// The largest difference of two medians, of the smaller one.
const TOLERANCE: f64 = 0.1;

/// Measures different tries. `ask` is given the number of the kind.
async fn measure(what: &str, kinds: usize, ask: impl AsyncFn(usize)) {
    let mut times = vec![Vec::new(); kinds];
    for _ in 0..TRIES {
        for (kind, times) in times.iter_mut().enumerate() {
            let begun = Instant::now();
            ask(kind).await;
            times.push(begun.elapsed().as_secs_f64() * 1000.0);
        }
    }
    let medians: Vec<f64> = times.into_iter().map(median).collect();
    let least = medians.iter().copied().fold(f64::INFINITY, f64::min);
    let most = medians.iter().copied().fold(0.0, f64::max);
    let shown: Vec<String> = medians.iter().map(|median| format!("{median:.2}")).collect();
    eprintln!("{what}: {} ms, {:.1} % apart", shown.join(" / "), (most / least - 1.0) * 100.0);
    assert!(most <= least * (1.0 + TOLERANCE), "{what}: the medians differ");
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

async fn all_on(kind: Kind) {
    let site = Site::with(kind, TestServer::setup().env("TANDEM_LOG", "warn")).await;
    measure(&format!("{kind:?}: registrations, taken and free"), 2, async |number| {
        let email = if number == 0 { site.known.email().to_owned() } else { fresh::email() };
        site.register(&email).await.expect(202);
    })
    .await;
    let links = site.refused_links(kind).await;
    measure(&format!("{kind:?}: links that are refused"), links.len(), async |number| {
        site.reset(&links[number]).await.refused(ErrorCode::InvalidToken);
    })
    .await;
    // Last: the access token of the owner ends before they do.
    let mut log_ins = site.refused_log_ins();
    for imports in ["without", "with"] {
        if imports == "with" {
            site.import().await;
            log_ins.push((site.imported.email().to_owned(), "not the password"));
        }
        let what = format!("{kind:?}: log-ins that are refused, {imports} imported accounts");
        measure(&what, log_ins.len(), async |number| {
            let (email, password) = &log_ins[number];
            site.log_in(email, password).await.refused(ErrorCode::InvalidCredentials);
        })
        .await;
    }
}

async fn invitations_on(kind: Kind) {
    let setup = TestServer::setup().env("TANDEM_LOG", "warn").env("TANDEM_REGISTRATION", "invite");
    let location = super::DatabaseLocation::new(kind).await;
    let server = setup.database(location.url()).without_rate_limits().start().await;
    let owner = super::TestUser::register(&server).await;
    let body = json!({ "uses": 2 * TRIES });
    let many: super::InvitationCreated = owner.post("/admin/invitations").json(body).await.expect(201).read();
    for (what, invitation, status) in [("with", many.token.as_str(), 202), ("with a wrong", "x", 403)] {
        measure(&format!("{kind:?}: {what} invitation, taken and free"), 2, async |number| {
            let email = if number == 0 { owner.email().to_owned() } else { fresh::email() };
            let body = json!({ "email": email, "password": PASSWORD, "invitation": invitation });
            Visitor::of(&server).post("/api/v1/auth/register").json(body).await.expect(status);
        })
        .await;
    }
}

#[tokio::test]
#[ignore = "a measurement for a quiet machine"]
async fn nobody_is_found_by_time_on_sqlite() {
    all_on(Kind::Sqlite).await;
}

#[tokio::test]
#[ignore = "a measurement for a quiet machine"]
async fn nobody_is_found_by_time_on_postgres() {
    all_on(Kind::Postgres).await;
}

#[tokio::test]
#[ignore = "a measurement for a quiet machine"]
async fn an_invitation_finds_nobody_by_time_on_sqlite() {
    invitations_on(Kind::Sqlite).await;
}

#[tokio::test]
#[ignore = "a measurement for a quiet machine"]
async fn an_invitation_finds_nobody_by_time_on_postgres() {
    invitations_on(Kind::Postgres).await;
}
