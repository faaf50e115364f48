//! The standing scenario as a whole, against a small server in memory: it passes on a right one, and sees what a wrong one
//! does.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod account;
mod server;

use account::Flaw;
use std::{sync::Arc, time::Duration};
use tandem_loadtest::{
    clock::Clock,
    measure::Meter,
    provider::{FakeProvider, Pace},
    scenario::{self, Outcome, Size, World},
    virtual_user::Target,
};

const PACE: Pace = Pace { tokens: 20, every: Duration::from_millis(2) };

/// Two people with two devices each for three seconds.
async fn run_against(flaw: Flaw) -> (Outcome, Arc<Meter>) {
    let clock = Clock::start();
    let meter = Arc::new(Meter::new(clock));
    let address = server::start(clock, PACE, flaw).await;
    let target = Target { url: format!("http://{address}"), address, meter: Arc::clone(&meter) };
    // The small server stamps its tokens itself; the provider only says what to expect of them.
    let provider = Some(FakeProvider::start("127.0.0.1:0".parse().unwrap(), PACE, clock).await.unwrap());
    let size = Size { users: 2, devices: 2, duration: Duration::from_secs(3) };
    let world = World { size, target, meter: Arc::clone(&meter), provider, process: None, seed: 7 };
    let outcome = scenario::named("fifty-users").unwrap().run(&world).await.unwrap();
    (outcome, meter)
}

fn failed(outcome: &Outcome) -> Vec<&'static str> {
    outcome.checks.iter().filter(|check| !check.passed()).map(|check| check.name).collect()
}

/// Speed is not the point here: other tests run beside.
const SPEED: [&str; 3] = ["first token, added, p99", "each token, added, p99", "task change on every device, p99"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_right_server_passes_and_everything_is_measured() {
    let (outcome, meter) = run_against(Flaw::None).await;
    let failed: Vec<_> = failed(&outcome).into_iter().filter(|name| !SPEED.contains(name)).collect();
    assert!(failed.is_empty(), "{failed:?} {:?}", meter.errors());
    assert_eq!(meter.errors_in_all(), 0);
    // At least one full reply on two devices; the threads that were written before do not count.
    assert!((1..50).contains(&meter.replies.get()) && meter.tokens.get() >= 2 * 20, "{}", meter.tokens.get());
    let counts = [&meter.token, &meter.first_token, &meter.reply, &meter.sending, &meter.command, &meter.spread];
    assert!(counts.iter().all(|taken| taken.histogram().count() > 0));
    assert_eq!((meter.login.histogram().count(), meter.connect.histogram().count()), (4, 4));
    assert!(meter.history.histogram().count() > 0, "a page of 100 messages was read");
    assert_eq!(meter.sockets.get(), 0, "all sockets were closed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_a_device_does_not_get_is_a_loss_and_is_repaired() {
    let (outcome, meter) = run_against(Flaw::SkipsAnEvent).await;
    assert!(failed(&outcome).contains(&"lost events and tokens"));
    assert_eq!((meter.errors_of("event lost"), meter.errors_of("device differs")), (1, 0), "{:?}", meter.errors());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_comes_twice_is_seen() {
    let (outcome, meter) = run_against(Flaw::RepeatsAnEvent).await;
    assert!(failed(&outcome).contains(&"duplicated events and tokens"));
    assert_eq!((meter.errors_of("event duplicated"), meter.errors_of("event lost")), (1, 0), "{:?}", meter.errors());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reply_that_lacks_a_token_is_a_loss() {
    let (outcome, meter) = run_against(Flaw::SwallowsAToken).await;
    assert!(failed(&outcome).contains(&"lost events and tokens"));
    assert_eq!(meter.errors_of("token lost"), 2, "one token on two devices: {:?}", meter.errors());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_that_was_told_something_else_than_the_log_says_differs() {
    let (outcome, meter) = run_against(Flaw::TellsSomethingElse).await;
    assert!(failed(&outcome).contains(&"rules broken, devices that differ"));
    assert_eq!(meter.errors_of("device differs"), 1, "{:?}", meter.errors());
}
