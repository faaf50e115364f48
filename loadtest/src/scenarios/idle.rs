//! Many sockets without traffic: memory and processor time of each, and the cost of opening one.
//!
//! Memory is the difference of the resident memory of the idle server with and without the sockets. Memory that the log-ins
//! freed inside the process would hide a part of it, so the sockets are opened in two halves. The result is the larger one
//! of two figures: for all sockets, and for the second half.

use crate::{
    measure::{Check, process::Usage},
    scenario::{About, Outcome, RunContext, Scenario, ScenarioError, Size},
    scenarios::users::{check_and_close, connect_all, correctness, each, figure, join, wait_until_idle},
    virtual_user::VirtualUser,
};
use async_trait::async_trait;
use std::time::Duration;
use tokio::time::sleep;

/// Time limit for one change to reach all sockets of its user.
const SPREAD_TIMEOUT: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub struct Idle;

#[async_trait]
impl Scenario for Idle {
    fn about(&self) -> About {
        About {
            name: "idle",
            summary: "sockets that do nothing: memory and processor time of each, and what opening one costs",
            // A little more than two ping intervals.
            size: Size { users: 100, devices: 100, duration: Duration::from_secs(50) },
        }
    }

    async fn run(&self, run: &RunContext) -> Result<Outcome, ScenarioError> {
        let Size { devices, duration, .. } = run.size;
        let users = connect_all(run).await?;
        // Each user has connected one device already.
        let half = (devices - 1) / 2;
        let (users, first) = open(run, users, half).await?;
        let (users, second) = open(run, users, devices - 1 - half).await?;
        run.meter.begin();
        let begin = run.seconds();
        let idle = run.usage();
        sleep(duration).await;
        let idled = run.usage();
        let end = run.seconds();
        // One change reaches all sockets, so none of them was dead.
        let users = each(users, |_, user: VirtualUser| async move {
            if let Some(written) = user.add_task("Still there").await {
                user.all_reach(written.seq, SPREAD_TIMEOUT).await;
            }
            user
        });
        check_and_close(users.await?).await?;
        let per_socket = idle.zip(idled).map(|(idle, idled)| {
            (idled.processor - idle.processor) / (idled.at - idle.at) / figure(run.size.users * devices) * 1e6
        });
        let mut checks = checks(&first, &second, idled);
        checks.push(at_rest(per_socket));
        checks.extend(correctness(&run.meter));
        Ok(Outcome { checks, measured: (begin, end), ..Outcome::default() })
    }
}

/// Usage of the server around the opening of sockets.
struct Opening {
    sockets: usize,
    /// Idle, before the first socket.
    before: Option<Usage>,
    /// When the last socket was live.
    opened: Option<Usage>,
    /// Idle, after the last socket.
    after: Option<Usage>,
}

async fn open(
    run: &RunContext,
    users: Vec<VirtualUser>,
    more: usize,
) -> Result<(Vec<VirtualUser>, Opening), ScenarioError> {
    wait_until_idle(run).await;
    let before = run.usage();
    let users = join(users, more).await?;
    let opened = run.usage();
    wait_until_idle(run).await;
    let opening = Opening { sockets: more * users.len(), before, opened, after: run.usage() };
    Ok((users, opening))
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
    // Processor time is counted in hundredths of a second, so opening few sockets may take none.
    let rate = spent(first).zip(spent(second)).map(|(first, second)| sockets / (first + second));
    vec![
        Check::at_most("memory of an idle socket", 10.0, "KiB", memory).aiming_at(6.0).where_known(),
        Check::at_least("new sockets per core-second", 3000.0, "", rate.filter(|rate| rate.is_finite()))
            .aiming_at(7800.0)
            .where_known(),
    ]
}
