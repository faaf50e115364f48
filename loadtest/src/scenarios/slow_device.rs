//! A device that stops to read must not be felt by the others. Every user has ten devices and is told a stream of tokens
//! and events. Three phases of equal length: all devices read; one device of each user reads nothing; all read again. What
//! the other nine see in the second phase is compared with what they see in the first and the third.
//!
//! The stopped devices read again when the server has given them up by the contract: after 15 s without progress it closes
//! them with 4008, gives that 10 s to leave, then cuts the connection. They come back and resume without loss.

use crate::{
    measure::{CUT_OFF, Check, Recorder, recorder::Point},
    scenario::{Outcome, Scenario, ScenarioError, Size, World},
    scenarios::people::{arrive, check_and_leave, correctness, each, figure, join},
    virtual_user::{Door, Expected, VirtualUser, device::Device},
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

/// Share of the run after which the streams have begun everywhere.
const WARM_UP: u32 = 15;
/// A task is changed so often, and is so long, that a stopped device's network is full within two seconds or three.
const CHANGE_EVERY: Duration = Duration::from_millis(125);
const DESCRIPTION: usize = 4000;
/// A new conversation is begun after so many messages.
const TURNS_PER_CONVERSATION: usize = 6;
/// Between two looks at the server's memory.
const LOOK: Duration = Duration::from_millis(250);
/// A MiB of backlog is what the contract lets a device have.
const MEMORY_MIB: f64 = 1.0;

/// See the module. The size's duration is that of the three phases together.
#[derive(Debug)]
pub struct SlowDevice {
    /// When the stopped devices read again.
    pub reads_again: Duration,
    /// How long they may take to be closed and to come back after that.
    pub comes_back: Duration,
}

impl SlowDevice {
    /// They read again when the network has filled, the server has waited for progress and said farewell, and has not cut
    /// the connection yet.
    pub const BY_CONTRACT: Self =
        Self { reads_again: STALL_TIMEOUT.saturating_add(Duration::from_secs(9)), comes_back: Duration::from_secs(30) };
}

#[async_trait]
impl Scenario for SlowDevice {
    fn name(&self) -> &'static str {
        "slow-device"
    }

    fn summary(&self) -> &'static str {
        "one device of each user stops to read: what the others feel, what it costs, and that it comes back whole"
    }

    fn size(&self) -> Size {
        Size { users: 20, devices: 10, duration: Duration::from_mins(1) }
    }

    async fn run(&self, world: &World) -> Result<Outcome, ScenarioError> {
        let people = gather(world).await?;
        let over = Arc::new(AtomicBool::new(false));
        let expected = Expected::of(world.provider.as_ref());
        let load = tokio::spawn(each(people.clone(), busy(expected, Arc::clone(&over))));
        sleep(world.size.duration / WARM_UP).await;
        let begin = world.seconds();
        let before = phase(world).await;
        begin_anew(&people, self.comes_back).await;
        let stopped_at = Instant::now();
        hold(&people, true);
        let beside = phase(world).await;
        sleep_until(stopped_at + self.reads_again).await;
        come_back(&people, self.comes_back).await;
        let after = phase(world).await;
        let end = world.seconds();
        over.store(true, Ordering::Relaxed);
        load.await??;
        let people: Vec<_> = people.into_iter().filter_map(Arc::into_inner).collect();
        check_and_leave(people).await?;
        let checks = checks(world, &before, &beside, &after);
        let meter = &world.meter;
        let counts = vec![
            ("stopped devices", u64::try_from(world.size.users).unwrap_or(u64::MAX)),
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

/// Everyone with all devices; the last of each is far away.
async fn gather(world: &World) -> Result<Vec<Arc<VirtualUser>>, ScenarioError> {
    let people = join(arrive(world).await?, world.size.devices.saturating_sub(2)).await?;
    let people = each(people, |_, mut user: VirtualUser| async move {
        user.join(1, true).await?;
        Ok::<_, ScenarioError>(Arc::new(user))
    });
    people.await?.into_iter().collect()
}

/// The load of one user, until it is over: one reply after the other, and a stream of changes of a long task.
fn busy(
    expected: Option<Expected>,
    over: Arc<AtomicBool>,
) -> impl Fn(usize, Arc<VirtualUser>) -> BoxFuture<'static, ()> {
    move |_, user| {
        let over = Arc::clone(&over);
        async move {
            let Some(task) = user.add_task("A long one").await.map(|written| written.task.id) else { return };
            tokio::join!(talk(&user, expected, &over), change(&user, task, &over));
        }
        .boxed()
    }
}

async fn talk(user: &VirtualUser, expected: Option<Expected>, over: &AtomicBool) {
    let mut conversation = ConversationId(user.dice.uuid());
    for turn in 1.. {
        if over.load(Ordering::Relaxed) {
            return;
        }
        if turn % TURNS_PER_CONVERSATION == 0 {
            conversation = ConversationId(user.dice.uuid());
        }
        user.talk(conversation, format!("Tell me about {turn}"), Door::Rest, expected).await;
    }
}

async fn change(user: &VirtualUser, task: TaskId, over: &AtomicBool) {
    let mut ticks = interval(CHANGE_EVERY);
    let readers = user.devices().len() - 1;
    while !over.load(Ordering::Relaxed) {
        ticks.tick().await;
        let device = user.dice.below(readers);
        let description = format!("{:08} {}", user.dice.below(100_000_000), "x".repeat(DESCRIPTION));
        user.update_task(device, task, TaskPatch { description: Some(description), ..TaskPatch::default() }).await;
    }
}

/// What the devices that read saw in one phase, and the server's memory in MiB.
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

async fn phase(world: &World) -> Phase {
    world.meter.begin();
    let memory = || world.usage().map(|usage| usage.memory);
    let memory_at_start = memory();
    let mut memory_at_most = memory_at_start;
    let until = Instant::now() + world.size.duration / 3;
    while Instant::now() < until {
        sleep(LOOK.min(until.saturating_duration_since(Instant::now()))).await;
        memory_at_most = memory_at_most.zip(memory()).map(|(most, now)| most.max(now));
    }
    Phase { tokens: world.meter.token.take(), events: world.meter.spread.take(), memory_at_start, memory_at_most }
}

/// The last device of everyone stops to read, or reads on.
fn hold(people: &[Arc<VirtualUser>], still: bool) {
    for (_, device) in last_devices(people) {
        device.hold_still(still);
    }
}

/// The devices that are to stop connect anew: to a connection that has carried much, a system grants a buffer that would
/// take what is sent for another half minute.
async fn begin_anew(people: &[Arc<VirtualUser>], longest: Duration) {
    let lives: Vec<_> = last_devices(people).map(|(_, device)| device.lives()).collect();
    for (_, device) in last_devices(people) {
        device.cut();
    }
    live_after(people, lives, longest, "is not back after a cut").await;
}

/// The stopped devices read again, find themselves closed, and resume.
async fn come_back(people: &[Arc<VirtualUser>], longest: Duration) {
    let lives: Vec<_> = last_devices(people).map(|(_, device)| device.lives()).collect();
    hold(people, false);
    live_after(people, lives, longest, "was not closed after it stopped, or is not back").await;
}

fn last_devices(people: &[Arc<VirtualUser>]) -> impl Iterator<Item = (&VirtualUser, &Device)> {
    people.iter().filter_map(|user| Some((user.as_ref(), user.devices().last()?)))
}

async fn live_after(people: &[Arc<VirtualUser>], lives: Vec<u64>, longest: Duration, otherwise: &str) {
    let deadline = Instant::now() + longest;
    for ((user, device), lives) in last_devices(people).zip(lives) {
        if !device.live_after(lives, deadline.saturating_duration_since(Instant::now())).await {
            user.meter().error("device away", format!("the last device of {} {otherwise}", user.email()));
        }
    }
}

fn checks(world: &World, before: &Phase, beside: &Phase, after: &Phase) -> Vec<Check> {
    let ratio = |of: fn(&Phase) -> &Recorder| {
        let without: Vec<_> = [before, after].into_iter().flat_map(|phase| of(phase).points()).collect();
        Some(typical(&of(beside).points())? / typical(&without)?)
    };
    let users = figure(world.size.users);
    // The load alone makes it grow, too: by so much in a phase of the same length.
    let growth = beside.growth().zip(before.growth()).map(|(beside, before)| (beside - before).max(0.0) / users);
    let closed = world.meter.closes_of(CloseCode::SlowConsumer.code()) + world.meter.closes_of(CUT_OFF);
    let stopped = u64::try_from(world.size.users).unwrap_or(u64::MAX);
    let tokens = Check::at_most("p99 of tokens beside stopped devices", 1.1, "×", ratio(|phase| &phase.tokens));
    let mut checks = vec![
        if world.provider.is_some() { tokens } else { tokens.where_known() },
        Check::at_most("p99 of events beside stopped devices", 1.1, "×", ratio(|phase| &phase.events)),
        Check::at_most("memory of a stopped device", MEMORY_MIB, "MiB", growth).where_known(),
        Check::none("stopped devices that were not closed", stopped.saturating_sub(closed)),
        Check::none("devices that had to start over", world.meter.resyncs.get()),
    ];
    checks.extend(correctness(&world.meter));
    checks
}

/// The 99th percentile of a typical second: one bad second, which any machine has, says nothing about a phase.
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
