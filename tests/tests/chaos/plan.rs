//! What happens in a round, and when: drawn from the seed and the number of the round.

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use std::{env, ops::Range, time::Duration};
use tandem_tests::{fresh, proxy::Direction};

/// Rounds of an ordinary test run: enough to notice, few enough to wait for.
const ROUNDS: u32 = 10;

/// Deeds of a device in a round.
const DEEDS: Range<usize> = 1..5;
/// Milliseconds between two deeds.
const PAUSE: Range<u64> = 0..60;
/// Milliseconds from the start of a round to a fault.
const FAULT_AT: Range<u64> = 0..250;
/// Milliseconds that a stall or an outage lasts.
const FAULT_FOR: Range<u64> = 20..200;

/// Milliseconds that NATS is away: shorter and longer than a client takes to come back.
const BUS_FAULT_FOR: Range<u64> = 20..1500;

/// Which rounds are played.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) rounds: u32,
}

impl Plan {
    /// As the environment says; a new seed when it says nothing.
    pub(crate) fn from_env() -> Self {
        let number = |name: &str| env::var(name).ok().map(|text| text.parse::<u64>().expect("a number"));
        let seed = number("TANDEM_CHAOS_SEED").unwrap_or_else(|| fresh::id().as_u64_pair().1);
        let rounds = number("TANDEM_CHAOS_ROUNDS").map_or(ROUNDS, |rounds| u32::try_from(rounds).unwrap());
        Self { seed, rounds }
    }

    /// A generator for one purpose of one round.
    pub(crate) fn rng(self, round: u32, purpose: u64) -> StdRng {
        let mixed = self.seed ^ u64::from(round).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ purpose.rotate_left(40);
        StdRng::seed_from_u64(mixed)
    }
}

/// Something that a person does on a device. To what is chosen when its time comes, among what the device knows then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Say,
    SayAndStop,
    Stop,
    Retry,
    AddTask,
    ChangeTask,
    CompleteTask,
    ReopenTask,
    DeleteTask,
    Undo,
    StartConversation,
    RenameConversation,
    DeleteConversation,
    Read,
    /// Sends the last acknowledged command again, as a client does that missed the answer.
    Repeat,
    /// Goes offline without a word, and comes back with the next deed.
    Leave,
    /// Forgets everything, as a page that is loaded again.
    Reload,
}

/// What is drawn how often.
const DEEDS_BY_WEIGHT: [(Op, u32); 17] = [
    (Op::Say, 24),
    (Op::SayAndStop, 5),
    (Op::Stop, 6),
    (Op::Retry, 6),
    (Op::AddTask, 14),
    (Op::ChangeTask, 12),
    (Op::CompleteTask, 6),
    (Op::ReopenTask, 3),
    (Op::DeleteTask, 8),
    (Op::Undo, 6),
    (Op::StartConversation, 4),
    (Op::RenameConversation, 4),
    (Op::DeleteConversation, 4),
    (Op::Read, 4),
    (Op::Repeat, 6),
    (Op::Leave, 8),
    (Op::Reload, 2),
];

/// A deed and the pause before it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Act {
    pub(crate) after: Duration,
    pub(crate) deed: Op,
}

/// What a network does to a device.
#[derive(Clone, Copy, Debug)]
pub(crate) enum NetworkFault {
    Cut,
    CutAfter(Direction, usize),
    Stall(Direction, Duration),
    Delay(Direction, Duration),
    Down(Duration),
}

/// What happens to the server.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ServerFault {
    /// `kill -9`, and a start.
    Kill { at: Duration },
    /// The same, and once more as soon as it is up.
    KillTwice { at: Duration },
    /// SIGTERM, and a start.
    Terminate { at: Duration },
    /// Its connections to the database break, where it has any.
    LoseDatabase { at: Duration },
}

/// NATS is stopped, and started again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BusFault {
    pub(crate) at: Duration,
    pub(crate) time: Duration,
}

/// A round for one device.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) acts: Vec<Act>,
    pub(crate) network: Option<(Duration, NetworkFault)>,
}

impl Part {
    pub(crate) fn draw(rng: &mut StdRng) -> Self {
        let acts = (0..rng.random_range(DEEDS)).map(|_| Act { after: millis(rng, PAUSE), deed: deed(rng) }).collect();
        let network = rng.random_ratio(1, 3).then(|| (millis(rng, FAULT_AT), network_fault(rng)));
        Self { acts, network }
    }
}

/// What happens to the server in a round, if anything does.
pub(crate) fn server_fault(rng: &mut StdRng) -> Option<ServerFault> {
    let at = millis(rng, FAULT_AT);
    match rng.random_range(0..100) {
        0..40 => Some(ServerFault::Kill { at }),
        40..48 => Some(ServerFault::KillTwice { at }),
        48..55 => Some(ServerFault::Terminate { at }),
        55..70 => Some(ServerFault::LoseDatabase { at }),
        _ => None,
    }
}

/// What happens to the bus in a round, if anything does.
pub(crate) fn bus_fault(rng: &mut StdRng) -> Option<BusFault> {
    rng.random_ratio(1, 3).then(|| BusFault { at: millis(rng, FAULT_AT), time: millis(rng, BUS_FAULT_FOR) })
}

fn deed(rng: &mut StdRng) -> Op {
    let all = DEEDS_BY_WEIGHT.iter().map(|(_, weight)| weight).sum();
    let mut lot = rng.random_range(0..all);
    for (deed, weight) in DEEDS_BY_WEIGHT {
        if lot < weight {
            return deed;
        }
        lot -= weight;
    }
    unreachable!("the lot is below the sum of the weights")
}

fn network_fault(rng: &mut StdRng) -> NetworkFault {
    let direction = if rng.random_ratio(2, 3) { Direction::Down } else { Direction::Up };
    match rng.random_range(0..5) {
        0 => NetworkFault::Cut,
        1 => NetworkFault::CutAfter(direction, rng.random_range(0..6000)),
        2 => NetworkFault::Stall(direction, millis(rng, FAULT_FOR)),
        3 => NetworkFault::Delay(direction, millis(rng, 1..15)),
        _ => NetworkFault::Down(millis(rng, FAULT_FOR)),
    }
}

pub(crate) fn millis(rng: &mut StdRng, range: Range<u64>) -> Duration {
    Duration::from_millis(rng.random_range(range))
}
