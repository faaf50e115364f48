//! Many rounds with every kind of fault at random moments, on one server and on three nodes.

use crate::{
    ledger::Outcome,
    plan::ChaosPlan,
    servers::Topology,
    world::{ChaosWorld, FaultCounts},
};
use std::time::Instant;
use tandem_tests::database::Kind;

async fn rounds_on(topology: Topology) {
    let plan = ChaosPlan::from_env();
    let ChaosPlan { seed, rounds } = plan;
    // Printed when the test fails, and with `--nocapture`.
    eprintln!("{topology:?}: to repeat this: TANDEM_CHAOS_SEED={seed} TANDEM_CHAOS_ROUNDS={rounds}");
    let start = Instant::now();
    let mut world = ChaosWorld::open(topology, plan).await;
    for round in 1..=rounds {
        eprintln!("{topology:?}: round {round} after {:.1} s", start.elapsed().as_secs_f64());
        world.round(round).await;
    }
    eprintln!("{topology:?}: {rounds} rounds in {:.1} s, {}", start.elapsed().as_secs_f64(), summary(&world));
}

/// A summary in figures. Every violation has failed the test before.
fn summary(world: &ChaosWorld) -> String {
    let actors = || world.users.iter().flat_map(|user| &user.devices);
    let count = |wanted: fn(&Outcome) -> bool| {
        actors().flat_map(|actor| &actor.entries).filter(|entry| wanted(&entry.outcome)).count()
    };
    let acknowledged = count(|outcome| matches!(outcome, Outcome::Acknowledged(_)));
    let refused = count(|outcome| matches!(outcome, Outcome::Refused(_)));
    let unknown = count(|outcome| matches!(outcome, Outcome::Unknown));
    let connections: usize = actors().map(|actor| actor.connections).sum();
    let frame_faults: usize = actors()
        .map(|actor| {
            actor
                .device
                .look(|seen| seen.fault_injector.as_ref().map_or(0, tandem_tests::device::FrameFaultInjector::done))
        })
        .sum();
    let FaultCounts { kills, drains, database_cuts, bus_stops, events } = world.counts;
    format!(
        "{kills} kills, {drains} drains, {database_cuts} connections to the database cut, {bus_stops} stops of the bus, {} devices, {connections} connections, {acknowledged} commands acknowledged, \
         {refused} refused, {unknown} given up, {events} events delivered, {frame_faults} frames repeated or delayed: \
         0 lost, 0 twice, 0 gaps",
        actors().count()
    )
}

#[tokio::test]
async fn nothing_is_lost_repeated_or_reordered_on_sqlite() {
    rounds_on(Topology::One(Kind::Sqlite)).await;
}

#[tokio::test]
async fn nothing_is_lost_repeated_or_reordered_on_postgres() {
    rounds_on(Topology::One(Kind::Postgres)).await;
}

#[tokio::test]
async fn nothing_is_lost_repeated_or_reordered_on_three_nodes() {
    rounds_on(Topology::Many).await;
}
