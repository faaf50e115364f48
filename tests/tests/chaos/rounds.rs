//! Many rounds, with one server and with three nodes: every kind of fault, each at random moments.

use crate::{
    house::Build,
    ledger::Outcome,
    plan::Plan,
    world::{ChaosWorld, Tally},
};
use std::time::Instant;
use tandem_tests::database::Kind;

async fn rounds_on(build: Build) {
    let play = Plan::from_env();
    let Plan { seed, rounds } = play;
    // Shown when the test fails, and with `--nocapture`.
    eprintln!("{build:?}: to play this again: TANDEM_CHAOS_SEED={seed} TANDEM_CHAOS_ROUNDS={rounds}");
    let start = Instant::now();
    let mut world = ChaosWorld::open(build, play).await;
    for round in 1..=rounds {
        eprintln!("{build:?}: round {round} after {:.1} s", start.elapsed().as_secs_f64());
        world.round(round).await;
    }
    eprintln!("{build:?}: {rounds} rounds in {:.1} s, {}", start.elapsed().as_secs_f64(), account(&world));
}

/// What happened, in figures. What must not happen has stopped the test.
fn account(world: &ChaosWorld) -> String {
    let actors = || world.people.iter().flat_map(|person| &person.devices);
    let count = |wanted: fn(&Outcome) -> bool| {
        actors().flat_map(|actor| &actor.entries).filter(|entry| wanted(&entry.outcome)).count()
    };
    let acknowledged = count(|outcome| matches!(outcome, Outcome::Acknowledged(_)));
    let refused = count(|outcome| matches!(outcome, Outcome::Refused(_)));
    let unknown = count(|outcome| matches!(outcome, Outcome::Unknown));
    let connections: usize = actors().map(|actor| actor.connections).sum();
    let fault_injector: usize = actors()
        .map(|actor| {
            actor
                .device
                .look(|seen| seen.fault_injector.as_ref().map_or(0, tandem_tests::device::FrameFaultInjector::done))
        })
        .sum();
    let Tally { kills, drains, database_cuts, bus_stops, events } = world.tally;
    format!(
        "{kills} kills, {drains} drains, {database_cuts} connections to the database cut, {bus_stops} stops of the bus, {} devices, {connections} connections, {acknowledged} commands acknowledged, \
         {refused} refused, {unknown} given up, {events} events delivered, {fault_injector} frames repeated or late: \
         0 lost, 0 twice, 0 gaps",
        actors().count()
    )
}

#[tokio::test]
async fn nothing_is_lost_repeated_or_reordered_on_sqlite() {
    rounds_on(Build::One(Kind::Sqlite)).await;
}

#[tokio::test]
async fn nothing_is_lost_repeated_or_reordered_on_postgres() {
    rounds_on(Build::One(Kind::Postgres)).await;
}

#[tokio::test]
async fn nothing_is_lost_repeated_or_reordered_on_three_nodes() {
    rounds_on(Build::Many).await;
}
