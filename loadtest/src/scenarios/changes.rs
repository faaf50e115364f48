//! Durable changes at full speed: every device changes a task of its user again as soon as the change before is
//! acknowledged, and each change must reach all devices of the user.
//!
//! A change is acknowledged once it is on the disk. The figure is per processor second of the server, so it does not
//! depend on how many cores the server shares with this program.

use crate::{
    measure::Check,
    scenario::{About, Outcome, RunContext, Scenario, ScenarioError, Size},
    scenarios::users::{check_and_close, connect_all, correctness, each, join},
    virtual_user::VirtualUser,
};
use async_trait::async_trait;
use futures_util::future::join_all;
use std::time::Duration;
use tandem_protocol::{TaskId, rest::TaskPatch};
use tokio::time::Instant;

/// Time for the last change to reach all devices.
const SPREAD_TIMEOUT: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub struct Changes;

#[async_trait]
impl Scenario for Changes {
    fn about(&self) -> About {
        About {
            name: "changes",
            summary: "durable changes of tasks at full speed: how many in a processor second, and how late on devices",
            size: Size { users: 20, devices: 3, duration: Duration::from_secs(20) },
        }
    }

    async fn run(&self, run: &RunContext) -> Result<Outcome, ScenarioError> {
        let users = join(connect_all(run).await?, run.size.devices - 1).await?;
        let prepared = each(users, |_, user: VirtualUser| async move {
            let task = user.add_task("Changed all the time").await.map(|written| written.task.id);
            (user, task)
        });
        let users = prepared.await?;
        run.meter.begin();
        let (begin, before) = (run.seconds(), run.usage());
        let until = Instant::now() + run.size.duration;
        let changed = each(users, move |_, (user, task)| async move {
            if let Some(task) = task {
                change_until(&user, task, until).await;
            }
            user
        });
        let users = changed.await?;
        let (end, after) = (run.seconds(), run.usage());
        check_and_close(users).await?;
        let changes = run.meter.changes.get();
        let processor = before.zip(after).map(|(from, to)| to.processor - from.processor);
        let mut checks = vec![
            Check::at_least("changes per processor second", 3_000.0, "", per(changes, processor))
                .aiming_at(6_000.0)
                .where_known(),
            Check::at_most("change to each device, p99", 25.0, "ms", run.meter.spread.quantile(0.99)).aiming_at(15.0),
        ];
        checks.extend(correctness(&run.meter));
        let per_second = per(changes, Some(end - begin)).unwrap_or_default();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some thousands")]
        let counts = vec![("changes per second", per_second as u64)];
        Ok(Outcome { checks, measured: (begin, end), counts, ..Outcome::default() })
    }
}

/// Changes a task from every device at once.
async fn change_until(user: &VirtualUser, task: TaskId, until: Instant) {
    let devices = (0..user.devices().len()).map(|device| async move {
        let (mut number, mut last) = (0_u64, 0);
        while Instant::now() < until {
            number += 1;
            let patch = TaskPatch { title: Some(format!("Change {number} of {device}")), ..TaskPatch::default() };
            // An error is recorded; the next change may succeed.
            last = user.update_task(device, task, patch).await.map_or(last, |written| written.seq);
        }
        last
    });
    let last = join_all(devices).await.into_iter().max().unwrap_or_default();
    user.all_reach(last, SPREAD_TIMEOUT).await;
}

/// How many there were in each second; `None` when there was no time.
#[expect(clippy::cast_precision_loss, reason = "fewer than 2^52")]
fn per(count: u64, seconds: Option<f64>) -> Option<f64> {
    seconds.filter(|seconds| *seconds > 0.0).map(|seconds| count as f64 / seconds)
}
