//! All sockets are cut at once and come back, each after the contract's pause: within 15 seconds every device must be
//! live again, with what its user changed meanwhile, and the server must have read the database once for each user at
//! most, however many devices that user has.

use crate::{
    measure::Check,
    scenario::{Outcome, Scenario, ScenarioError, Size, World},
    scenarios::people::{arrive, check_and_leave, correctness, each, figure, join, rest},
    virtual_user::{VirtualUser, device::Device},
};
use async_trait::async_trait;
use std::time::Duration;
use tokio::time::Instant;

/// A counter of the server: reads of the database made to resume devices.
const READS: &str = "tandem_resume_reads_total";

/// See the module. The size's duration is how long is waited for the last device.
#[derive(Debug)]
pub struct ReconnectStorm;

#[async_trait]
impl Scenario for ReconnectStorm {
    fn name(&self) -> &'static str {
        "reconnect-storm"
    }

    fn summary(&self) -> &'static str {
        "all sockets are cut at once: how long until all are back with what they missed, and what the server reads"
    }

    fn size(&self) -> Size {
        Size { users: 200, devices: 50, duration: Duration::from_mins(1) }
    }

    async fn run(&self, world: &World) -> Result<Outcome, ScenarioError> {
        let people = join(arrive(world).await?, world.size.devices - 1).await?;
        rest(world).await;
        world.meter.begin();
        let reads = world.counter(READS).await;
        let before = world.usage();
        let begin = world.seconds();
        let longest = world.size.duration;
        let people = each(people, move |_, user| storm(user, longest)).await?;
        let end = world.seconds();
        let after = world.usage();
        let read = world.counter(READS).await.map(|after| after - reads.unwrap_or(0.0));
        check_and_leave(people).await?;
        let sockets = world.size.users * world.size.devices;
        let all_back = world.meter.back.count() == u64::try_from(sockets).unwrap_or(u64::MAX);
        let last = world.meter.back.quantile(1.0).filter(|_| all_back).map(|millis| millis / 1000.0);
        let reads =
            Check::at_most("database reads per user", 1.0, "", read.map(|read| read / figure(world.size.users)));
        let mut checks = vec![
            Check::at_most("all back and resumed", 15.0, "s", last).aiming_at(5.0),
            if world.exported.is_some() { reads } else { reads.where_known() },
            Check::none("devices that had to start over", world.meter.resyncs.get()),
        ];
        checks.extend(correctness(&world.meter));
        let spent = before.zip(after).map(|(before, after)| after.processor - before.processor);
        let counts = spent.map(|spent| ("server processor for it, ms", millis(spent))).into_iter().collect();
        Ok(Outcome { checks, measured: (begin, end), counts, ..Outcome::default() })
    }
}

/// Every device of a user is cut, and something changes meanwhile.
async fn storm(user: VirtualUser, longest: Duration) -> VirtualUser {
    let lives: Vec<_> = user.devices().iter().map(Device::lives).collect();
    for device in user.devices() {
        device.cut();
    }
    let written = user.add_task("Missed by all").await;
    let deadline = Instant::now() + longest;
    for (device, lives) in user.devices().iter().zip(lives) {
        if !device.live_after(lives, deadline.saturating_duration_since(Instant::now())).await {
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
