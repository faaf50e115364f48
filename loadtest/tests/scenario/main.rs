//! The scenarios as a whole, at small size, against a small server in memory.
//!
//! They must pass with a correct server and detect each flaw of an incorrect one.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod account;
mod crowd;
mod fifty_users;
mod server;
mod slow_device;

use account::Flaw;
use std::{sync::Arc, time::Duration};
use tandem_loadtest::{
    clock::Clock,
    measure::Meter,
    provider::{Pace, StampingProvider},
    scenario::{Outcome, RunContext, Scenario, Size},
    scenarios,
    virtual_user::Target,
};

const PACE: Pace = Pace { tokens: 20, every: Duration::from_millis(2) };

/// A scenario by its name, of some users with some devices each, for some seconds.
async fn run(name: &str, users: usize, devices: usize, seconds: f64, flaw: Flaw) -> (Outcome, Arc<Meter>) {
    run_scenario(
        scenarios::named(name).unwrap(),
        Size { users, devices, duration: Duration::from_secs_f64(seconds) },
        flaw,
    )
    .await
}

async fn run_scenario(scenario: &dyn Scenario, size: Size, flaw: Flaw) -> (Outcome, Arc<Meter>) {
    let clock = Clock::start();
    let meter = Arc::new(Meter::new(clock));
    let address = server::start(clock, PACE, flaw).await;
    let target = Target::new(format!("http://{address}"), address, Arc::clone(&meter));
    // The small server stamps its tokens itself; the provider only supplies the expected number.
    let provider = Some(StampingProvider::start("127.0.0.1:0".parse().unwrap(), PACE, clock).await.unwrap());
    let run = RunContext {
        size,
        target,
        meter: Arc::clone(&meter),
        provider,
        process: None,
        peers: Vec::new(),
        exported: None,
        seed: 7,
    };
    let outcome = scenario.run(&run).await.unwrap();
    assert_eq!(meter.sockets.get(), 0, "all sockets were closed");
    (outcome, meter)
}

/// The checks that failed, except those of speed, because other tests run at the same time.
fn failed(outcome: &Outcome) -> Vec<&'static str> {
    let of_speed = |unit| ["ms", "×"].contains(&unit);
    let failed = outcome.checks.iter().filter(|check| !check.passed() && !of_speed(check.unit));
    failed.map(|check| check.name).collect()
}
