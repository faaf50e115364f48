//! All sockets are cut at once and reconnect, each after the random pause of the protocol.
//!
//! Within 15 seconds every device must be live again, with the changes that it missed. The server must read the database at
//! most once for each user, however many devices that user has.

use crate::{
    measure::Check,
    scenario::{About, Outcome, RunContext, Scenario, ScenarioError, Size},
    scenarios::users::{check_and_close, connect_all, correctness, each, figure, join, wait_until_idle},
    virtual_user::{VirtualUser, device::Device},
};
use async_trait::async_trait;
use std::time::Duration;
use tokio::time::Instant;

/// Counter of the server: reads of the database that resume devices.
const READS: &str = "tandem_resume_reads_total";

/// The scenario `reconnect-storm`. The duration of its size is the time limit for the last device.
#[derive(Debug)]
pub struct ReconnectStorm;

#[async_trait]
impl Scenario for ReconnectStorm {
    fn about(&self) -> About {
        About {
            name: "reconnect-storm",
            summary: "all sockets are cut at once: how long until all are back with what they missed, and what the server reads",
            size: Size { users: 200, devices: 50, duration: Duration::from_mins(1) },
        }
    }

    async fn run(&self, run: &RunContext) -> Result<Outcome, ScenarioError> {
        let users = join(connect_all(run).await?, run.size.devices - 1).await?;
        wait_until_idle(run).await;
        run.meter.begin();
        let reads = run.counter(READS).await;
        let before = run.usage();
        let begin = run.seconds();
        let longest = run.size.duration;
        let users = each(users, move |_, user| storm(user, longest)).await?;
        let end = run.seconds();
        let after = run.usage();
        // A counter is exported from its first increment on, so a missing one is zero.
        let read = run.counter(READS).await.map(|after| after - reads.unwrap_or(0.0));
        check_and_close(users).await?;
        let sockets = run.size.users * run.size.devices;
        let all_back = run.meter.back.count() == u64::try_from(sockets).unwrap_or(u64::MAX);
        // While a device is missing, the time of the last one is not known.
        let last = run.meter.back.quantile(1.0).filter(|_| all_back).map(|millis| millis / 1000.0);
        let reads = Check::at_most("database reads per user", 1.0, "", read.map(|read| read / figure(run.size.users)));
        let mut checks = vec![
            Check::at_most("all back and resumed", 15.0, "s", last).aiming_at(5.0),
            reads.required_if(run.exported.is_some()),
            Check::none("devices that had to start over", run.meter.resyncs.get()),
        ];
        checks.extend(correctness(&run.meter));
        let spent = before.zip(after).map(|(before, after)| after.processor - before.processor);
        let counts = spent.map(|spent| ("server processor for it, ms", millis(spent))).into_iter().collect();
        Ok(Outcome { checks, measured: (begin, end), counts, ..Outcome::default() })
    }
}

/// Cuts every device of a user and changes a task before they are back.
async fn storm(user: VirtualUser, longest: Duration) -> VirtualUser {
    // Read before the cut, so that a fast reconnect is not missed.
    let live_count: Vec<_> = user.devices().iter().map(Device::live_count).collect();
    for device in user.devices() {
        device.cut();
    }
    let written = user.add_task("Missed by all").await;
    let deadline = Instant::now() + longest;
    for (device, live_count) in user.devices().iter().zip(live_count) {
        if !device.live_after(live_count, deadline.saturating_duration_since(Instant::now())).await {
            user.meter().error("device away", format!("a device of {} is not back after {longest:?}", user.email()));
        }
    }
    if let Some(written) = written {
        user.all_reach(written.seq, longest).await;
    }
    user
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "processor time of minutes at most")]
fn millis(seconds: f64) -> u64 {
    (seconds * 1000.0).max(0.0) as u64
}
