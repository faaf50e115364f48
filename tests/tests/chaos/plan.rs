//! The operations and faults of a round, drawn from the seed and the number of the round.

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use std::{env, ops::Range, time::Duration};
use tandem_tests::{fresh, proxy::Direction};

/// Rounds of an ordinary test run.
const ROUNDS: u32 = 10;

/// Number of operations of a device in a round.
const OPS: Range<usize> = 1..5;
/// Milliseconds between two operations.
const PAUSE: Range<u64> = 0..60;
/// Milliseconds from the start of a round to a fault.
const FAULT_AT: Range<u64> = 0..250;
/// Duration of a stall or an outage in milliseconds.
const FAULT_FOR: Range<u64> = 20..200;

/// Duration of an outage of NATS in milliseconds: shorter and longer than a client takes to reconnect.
const BUS_FAULT_FOR: Range<u64> = 20..1500;

/// The seed and the number of rounds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ChaosPlan {
    pub(crate) seed: u64,
    pub(crate) rounds: u32,
}

impl ChaosPlan {
    /// Reads both from the environment; the default is a new seed.
    pub(crate) fn from_env() -> Self {
        let number = |name: &str| env::var(name).ok().map(|text| text.parse::<u64>().expect("a number"));
        let seed = number("TANDEM_CHAOS_SEED").unwrap_or_else(|| fresh::id().as_u64_pair().1);
        let rounds = number("TANDEM_CHAOS_ROUNDS").map_or(ROUNDS, |rounds| u32::try_from(rounds).unwrap());
        Self { seed, rounds }
    }

    /// The generator for one purpose in one round.
    pub(crate) fn rng(self, round: u32, purpose: u64) -> StdRng {
        let mixed = self.seed ^ u64::from(round).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ purpose.rotate_left(40);
        StdRng::seed_from_u64(mixed)
    }
}

/// An operation of a user on a device. Its object is chosen later, among those that the device knows then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    SendMessage,
    SendAndStop,
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
    /// Cuts the connection; the next operation reconnects.
    Disconnect,
    /// Discards all state, as reloading the page does.
    Reload,
}

/// The relative frequency of each operation.
const OPS_BY_WEIGHT: [(Op, u32); 17] = [
    (Op::SendMessage, 24),
    (Op::SendAndStop, 5),
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
    (Op::Disconnect, 8),
    (Op::Reload, 2),
];

/// An operation and the pause before it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlannedOp {
    pub(crate) after: Duration,
    pub(crate) op: Op,
}

/// A fault of the network of one device.
#[derive(Clone, Copy, Debug)]
pub(crate) enum NetworkFault {
    Cut,
    CutAfter(Direction, usize),
    Stall(Direction, Duration),
    Delay(Direction, Duration),
    Down(Duration),
}

/// A fault of a server.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ServerFault {
    /// SIGKILL and a restart.
    Kill { at: Duration },
    /// SIGKILL and a restart, twice in a row.
    KillTwice { at: Duration },
    /// SIGTERM and a restart.
    Terminate { at: Duration },
    /// All connections to PostgreSQL are closed.
    LoseDatabase { at: Duration },
}

/// NATS is stopped and started again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BusFault {
    pub(crate) at: Duration,
    pub(crate) time: Duration,
}

/// The operations of one device in a round, and the fault of its network.
#[derive(Debug)]
pub(crate) struct DevicePlan {
    pub(crate) planned: Vec<PlannedOp>,
    pub(crate) network: Option<(Duration, NetworkFault)>,
}

impl DevicePlan {
    pub(crate) fn draw(rng: &mut StdRng) -> Self {
        let planned =
            (0..rng.random_range(OPS)).map(|_| PlannedOp { after: millis(rng, PAUSE), op: op(rng) }).collect();
        let network = rng.random_ratio(1, 3).then(|| (millis(rng, FAULT_AT), network_fault(rng)));
        Self { planned, network }
    }
}

/// The fault of the server in a round, if any.
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

/// The fault of the bus in a round, if any.
pub(crate) fn bus_fault(rng: &mut StdRng) -> Option<BusFault> {
    rng.random_ratio(1, 3).then(|| BusFault { at: millis(rng, FAULT_AT), time: millis(rng, BUS_FAULT_FOR) })
}

fn op(rng: &mut StdRng) -> Op {
    let all = OPS_BY_WEIGHT.iter().map(|(_, weight)| weight).sum();
    let mut draw = rng.random_range(0..all);
    for (op, weight) in OPS_BY_WEIGHT {
        if draw < weight {
            return op;
        }
        draw -= weight;
    }
    unreachable!("the draw is below the sum of the weights")
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
