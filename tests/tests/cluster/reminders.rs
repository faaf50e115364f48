//! Nodes that fire reminders are killed in the middle of a burst: every reminder fires, and none twice.
//!
//! All nodes look at the same moment, so that each has claimed a part of the burst when one of them dies. Victim and moment
//! come from a seed. `TANDEM_CLUSTER_KILLS` sets the number of kills.

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use std::env;
use tandem_tests::{Nodes, TestUser, bursts::Bursts, eventually};

/// Kills of an ordinary run.
const KILLS: usize = 2;
const USERS: usize = 8;
/// Tasks of each user in a burst: more than one transaction fires.
const EACH: usize = 12;
const SEED: u64 = 0x5eed;

/// How many reminders have fired, of all users.
async fn fired(nodes: &Nodes) -> usize {
    nodes.location().lines("select cast(count(*) as text) from events where name = 'reminder.due'").await[0]
        .parse()
        .expect("a number")
}

#[tokio::test]
async fn a_kill_of_a_node_that_fires_misses_none_and_doubles_none() {
    let kills: usize = env::var("TANDEM_CLUSTER_KILLS").map_or(KILLS, |text| text.parse().unwrap());
    let seed = env::var("TANDEM_SEED").map_or(SEED, |text| text.parse().unwrap());
    eprintln!("seed {seed}, {kills} kills");
    let mut rng = StdRng::seed_from_u64(seed);
    let nodes = Nodes::setup(3).env("TANDEM_ACCESS_TTL", "10h").start().await;
    let mut users = Vec::new();
    for _ in 0..USERS {
        users.push(TestUser::register(&nodes[0]).await);
    }
    let mut bursts = Bursts::of(users);
    for round in 1..=kills {
        let before = fired(&nodes).await;
        bursts.set(EACH, 2).await;
        let (victim, moment) = (rng.random_range(0..3), rng.random_range(1..USERS * EACH / 2));
        eventually(format_args!("{moment} reminders of burst {round}"), async || {
            (fired(&nodes).await >= before + moment).then_some(())
        })
        .await;
        nodes[victim].kill();
        bursts.switch_to(&nodes[(victim + 1) % 3]);
        nodes[victim].start().await;
    }
    bursts.check().await;
}
