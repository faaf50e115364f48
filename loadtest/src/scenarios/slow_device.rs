//! A device that stops reading must not delay the others.
//!
//! Every user has ten devices that receive tokens and events. Three phases of equal length: all devices read; one device of
//! each user does not; all read again. The latencies of the other nine in the second phase are compared with the other two.
//!
//! The stopped devices read again after the server has given up on them: after 15 s without progress it sends close code
//! 4008, waits 10 s for the device, and cuts the connection. They must come back and resume without a loss.

use crate::{
    measure::{CUT_OFF, Check, Recorder, recorder::Point},
    scenario::{About, Outcome, RunContext, Scenario, ScenarioError, Size},
    scenarios::users::{check_and_close, connect_all, correctness, each, figure, join},
    virtual_user::{Expected, Transport, VirtualUser, device::Device},
};
use async_trait::async_trait;
use futures_util::{FutureExt, future::BoxFuture};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tandem_protocol::{ConversationId, TaskId, limits::STALL_TIMEOUT, live::CloseCode, rest::TaskPatch};
use tokio::time::{Instant, interval, sleep, sleep_until};

/// The duration divided by this is the time after which all streams have begun.
const WARM_UP: u32 = 15;
/// Interval of changes of a task whose size fills the buffers of a stopped device within three seconds.
const CHANGE_EVERY: Duration = Duration::from_millis(125);
const DESCRIPTION_BYTES: usize = 4000;
/// Messages in a conversation before the next one.
const MESSAGES_PER_CONVERSATION: usize = 6;
/// Interval of memory samples.
const SAMPLE_INTERVAL: Duration = Duration::from_millis(250);
/// The backlog that the protocol allows a device, in MiB.
const MEMORY_MIB: f64 = 1.0;

/// The scenario `slow-device`. The duration of its size is that of the three phases together.
#[derive(Debug)]
pub struct SlowDevice {
    /// When the stopped devices read again, after they have stopped.
    pub reads_again: Duration,
    /// Time limit for them to be closed and to come back after that.
    pub comes_back: Duration,
}

impl SlowDevice {
    /// They read again after the server has sent the close code and before it cuts the connection.
    pub const BY_PROTOCOL: Self =
        Self { reads_again: STALL_TIMEOUT.saturating_add(Duration::from_secs(9)), comes_back: Duration::from_secs(30) };
}

#[async_trait]
impl Scenario for SlowDevice {
    fn about(&self) -> About {
        About {
            name: "slow-device",
            summary: "one device of each user stops to read: what the others feel, what it costs, and that it comes back whole",
            size: Size { users: 20, devices: 10, duration: Duration::from_mins(1) },
        }
    }

    async fn run(&self, run: &RunContext) -> Result<Outcome, ScenarioError> {
        let users = gather(run).await?;
        let over = Arc::new(AtomicBool::new(false));
        let expected = Expected::of(run.provider.as_ref());
        let load = tokio::spawn(each(users.clone(), busy(expected, Arc::clone(&over))));
        sleep(run.size.duration / WARM_UP).await;
        let begin = run.seconds();
        let before = phase(run).await;
        reconnect_last_devices(&users, self.comes_back).await;
        let stopped_at = Instant::now();
        pause_reading(&users, true);
        let beside = phase(run).await;
        // The phase may be shorter than the time until the server closes the stopped devices.
        sleep_until(stopped_at + self.reads_again).await;
        come_back(&users, self.comes_back).await;
        let after = phase(run).await;
        let end = run.seconds();
        over.store(true, Ordering::Relaxed);
        load.await??;
        // The tasks have ended, so these are the last references.
        let users: Vec<_> = users.into_iter().filter_map(Arc::into_inner).collect();
        check_and_close(users).await?;
        let checks = checks(run, &before, &beside, &after);
        let meter = &run.meter;
        let counts = vec![
            ("stopped devices", u64::try_from(run.size.users).unwrap_or(u64::MAX)),
            ("of them closed with 4008", meter.closes_of(CloseCode::SlowConsumer.code())),
            ("of them cut without a close", meter.closes_of(CUT_OFF)),
        ];
        let latencies = vec![
            ("each token, all devices read", before.tokens),
            ("each token, beside stopped devices", beside.tokens),
            ("each event, all devices read", before.events),
            ("each event, beside stopped devices", beside.events),
        ];
        Ok(Outcome { checks, measured: (begin, end), latencies, counts, ..Outcome::default() })
    }
}

/// Connects all devices; the last one of each user has small buffers.
async fn gather(run: &RunContext) -> Result<Vec<Arc<VirtualUser>>, ScenarioError> {
    let users = join(connect_all(run).await?, run.size.devices.saturating_sub(2)).await?;
    let users = each(users, |_, mut user: VirtualUser| async move {
        user.join(1, true).await?;
        Ok::<_, ScenarioError>(Arc::new(user))
    });
    users.await?.into_iter().collect()
}

/// The load of one user until `over` is set: replies, and changes of a long task.
fn busy(
    expected: Option<Expected>,
    over: Arc<AtomicBool>,
) -> impl Fn(usize, Arc<VirtualUser>) -> BoxFuture<'static, ()> {
    move |_, user| {
        let over = Arc::clone(&over);
        async move {
            let Some(task) = user.add_task("A long one").await.map(|written| written.task.id) else { return };
            tokio::join!(chat(&user, expected, &over), change(&user, task, &over));
        }
        .boxed()
    }
}

async fn chat(user: &VirtualUser, expected: Option<Expected>, over: &AtomicBool) {
    let mut conversation = ConversationId(user.rng.uuid());
    for number in 1.. {
        if over.load(Ordering::Relaxed) {
            return;
        }
        if number % MESSAGES_PER_CONVERSATION == 0 {
            conversation = ConversationId(user.rng.uuid());
        }
        user.send_and_wait(conversation, format!("Tell me about {number}"), Transport::Rest, expected).await;
    }
}

async fn change(user: &VirtualUser, task: TaskId, over: &AtomicBool) {
    let mut ticks = interval(CHANGE_EVERY);
    // The last device is the one that stops reading.
    let readers = user.devices().len() - 1;
    while !over.load(Ordering::Relaxed) {
        ticks.tick().await;
        let device = user.rng.below(readers);
        let description = format!("{:08} {}", user.rng.below(100_000_000), "x".repeat(DESCRIPTION_BYTES));
        user.update_task(device, task, TaskPatch { description: Some(description), ..TaskPatch::default() }).await;
    }
}

/// Latencies of the devices that read, and the memory of the server in MiB.
struct Phase {
    tokens: Recorder,
    events: Recorder,
    memory_at_start: Option<f64>,
    memory_at_most: Option<f64>,
}

impl Phase {
    fn growth(&self) -> Option<f64> {
        Some(self.memory_at_most? - self.memory_at_start?)
    }
}

async fn phase(run: &RunContext) -> Phase {
    run.meter.begin();
    let memory = || run.usage().map(|usage| usage.memory);
    let memory_at_start = memory();
    let mut memory_at_most = memory_at_start;
    let until = Instant::now() + run.size.duration / 3;
    while Instant::now() < until {
        sleep(SAMPLE_INTERVAL.min(until.saturating_duration_since(Instant::now()))).await;
        memory_at_most = memory_at_most.zip(memory()).map(|(most, now)| most.max(now));
    }
    Phase { tokens: run.meter.token.take(), events: run.meter.spread.take(), memory_at_start, memory_at_most }
}

/// Stops or continues reading on the last device of each user.
fn pause_reading(users: &[Arc<VirtualUser>], paused: bool) {
    for (_, device) in last_devices(users) {
        device.pause_reading(paused);
    }
}

/// Reconnects the devices that are to stop.
async fn reconnect_last_devices(users: &[Arc<VirtualUser>], longest: Duration) {
    // A connection that has carried much data has large buffers, which would take half a minute to fill.
    let live_count: Vec<_> = last_devices(users).map(|(_, device)| device.live_count()).collect();
    for (_, device) in last_devices(users) {
        device.cut();
    }
    live_after(users, live_count, longest, "is not back after a cut").await;
}

/// Lets the stopped devices read again, and waits until they have been closed and have resumed.
async fn come_back(users: &[Arc<VirtualUser>], longest: Duration) {
    let live_count: Vec<_> = last_devices(users).map(|(_, device)| device.live_count()).collect();
    pause_reading(users, false);
    live_after(users, live_count, longest, "was not closed after it stopped, or is not back").await;
}

fn last_devices(users: &[Arc<VirtualUser>]) -> impl Iterator<Item = (&VirtualUser, &Device)> {
    users.iter().filter_map(|user| Some((user.as_ref(), user.devices().last()?)))
}

async fn live_after(users: &[Arc<VirtualUser>], live_count: Vec<u64>, longest: Duration, otherwise: &str) {
    let deadline = Instant::now() + longest;
    for ((user, device), live_count) in last_devices(users).zip(live_count) {
        if !device.live_after(live_count, deadline.saturating_duration_since(Instant::now())).await {
            user.meter().error("device away", format!("the last device of {} {otherwise}", user.email()));
        }
    }
}

fn checks(run: &RunContext, before: &Phase, beside: &Phase, after: &Phase) -> Vec<Check> {
    let ratio = |of: fn(&Phase) -> &Recorder| {
        let without: Vec<_> = [before, after].into_iter().flat_map(|phase| of(phase).points()).collect();
        Some(typical(&of(beside).points())? / typical(&without)?)
    };
    let users = figure(run.size.users);
    // The load alone increases the memory as well: subtract the growth of the first phase, which has the same length.
    let growth = beside.growth().zip(before.growth()).map(|(beside, before)| (beside - before).max(0.0) / users);
    let closed = run.meter.closes_of(CloseCode::SlowConsumer.code()) + run.meter.closes_of(CUT_OFF);
    let stopped = u64::try_from(run.size.users).unwrap_or(u64::MAX);
    let tokens = Check::at_most("p99 of tokens beside stopped devices", 1.1, "×", ratio(|phase| &phase.tokens));
    let mut checks = vec![
        tokens.required_if(run.provider.is_some()),
        Check::at_most("p99 of events beside stopped devices", 1.1, "×", ratio(|phase| &phase.events)),
        Check::at_most("memory of a stopped device", MEMORY_MIB, "MiB", growth).where_known(),
        Check::none("stopped devices that were not closed", stopped.saturating_sub(closed)),
        Check::none("devices that had to start over", run.meter.resyncs.get()),
    ];
    checks.extend(correctness(&run.meter));
    checks
}

/// The 99th percentile of the median second: a single bad second happens on any machine.
fn typical(points: &[Point]) -> Option<f64> {
    let mut seconds: Vec<f64> = points.iter().map(|point| point.p99).collect();
    seconds.sort_by(f64::total_cmp);
    seconds.get(seconds.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bad_second_does_not_count() {
        let points = [2.0, 90.0, 3.0].map(|p99| Point { second: 0, count: 1, p50: 1.0, p99, max: p99 });
        assert_eq!((typical(&points), typical(&[])), (Some(3.0), None));
    }
}
