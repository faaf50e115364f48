//! Many sockets that do nothing: what each costs the server in memory and processor time, and what it costs to open one.
//!
//! Memory is the difference of the server's resident memory with and without the sockets, at rest. What the log-ins before
//! left free inside the process would hide some of it, so that the sockets come in two halves, and the larger of two
//! figures counts: that of all sockets, and that of the second half.

use crate::{
    measure::{Check, process::Usage},
    scenario::{Outcome, Scenario, ScenarioError, Size, World},
    scenarios::people::{arrive, check_and_leave, correctness, each, figure, join, rest},
    virtual_user::VirtualUser,
};
use async_trait::async_trait;
use std::time::Duration;
use tokio::time::sleep;

/// How long one change may take to reach all sockets of its user.
const SPREAD_TIMEOUT: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub struct Idle;

#[async_trait]
impl Scenario for Idle {
    fn name(&self) -> &'static str {
        "idle"
    }

    fn summary(&self) -> &'static str {
        "sockets that do nothing: memory and processor time of each, and what opening one costs"
    }

    fn size(&self) -> Size {
        // Two heartbeats and some.
        Size { users: 100, devices: 100, duration: Duration::from_secs(50) }
    }

    async fn run(&self, world: &World) -> Result<Outcome, ScenarioError> {
        let Size { users, devices, duration } = world.size;
        let people = arrive(world).await?;
        let half = (devices - 1) / 2;
        let (people, first) = open(world, people, half).await?;
        let (people, second) = open(world, people, devices - 1 - half).await?;
        world.meter.begin();
        let begin = world.seconds();
        let idle = world.usage();
        sleep(duration).await;
        let idled = world.usage();
        let end = world.seconds();
        // They were not dead: one change reaches all of them.
        let people = each(people, |_, user: VirtualUser| async move {
            if let Some(written) = user.add_task("Still there").await {
                user.all_reach(written.seq, SPREAD_TIMEOUT).await;
            }
            user
        });
        check_and_leave(people.await?).await?;
        let per_socket = idle.zip(idled).map(|(idle, idled)| {
            (idled.processor - idle.processor) / (idled.at - idle.at) / figure(users * devices) * 1e6
        });
        let mut checks = checks(&first, &second, idled);
        checks.push(at_rest(per_socket));
        checks.extend(correctness(&world.meter));
        Ok(Outcome { checks, measured: (begin, end), ..Outcome::default() })
    }
}

/// What the server had used around the opening of sockets.
struct Opening {
    sockets: usize,
    /// At rest before it.
    before: Option<Usage>,
    /// When the last one was live.
    opened: Option<Usage>,
    /// At rest after it.
    after: Option<Usage>,
}

async fn open(
    world: &World,
    people: Vec<VirtualUser>,
    more: usize,
) -> Result<(Vec<VirtualUser>, Opening), ScenarioError> {
    rest(world).await;
    let before = world.usage();
    let people = join(people, more).await?;
    let opened = world.usage();
    rest(world).await;
    let opening = Opening { sockets: more * people.len(), before, opened, after: world.usage() };
    Ok((people, opening))
}

fn at_rest(per_socket: Option<f64>) -> Check {
    Check::at_most("processor of an idle socket", 2.2, "µs/s", per_socket).aiming_at(1.0).where_known()
}

fn checks(first: &Opening, second: &Opening, last: Option<Usage>) -> Vec<Check> {
    let sockets = figure(first.sockets + second.sockets);
    let kibibytes = |from: Usage, to: Usage, sockets: f64| (to.memory - from.memory) * 1024.0 / sockets;
    let of_all = first.before.zip(last).map(|(from, to)| kibibytes(from, to, sockets));
    let of_half = first.after.zip(second.after).map(|(from, to)| kibibytes(from, to, figure(second.sockets)));
    let memory = of_all.zip(of_half).map(|(all, half)| all.max(half));
    let spent = |opening: &Opening| Some(opening.opened?.processor - opening.before?.processor);
    let rate = spent(first).zip(spent(second)).map(|(first, second)| sockets / (first + second));
    vec![
        Check::at_most("memory of an idle socket", 10.0, "KiB", memory).aiming_at(6.0).where_known(),
        Check::at_least("new sockets per core-second", 3000.0, "", rate.filter(|rate| rate.is_finite()))
            .aiming_at(7800.0)
            .where_known(),
    ]
}
