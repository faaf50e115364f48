//! One event to many sockets: a change of a task reaches a thousand sockets of its user.
//!
//! First one change at a time, then sixteen at once. The figure is the processor time of the server for a million deliveries,
//! including the commit of the change.
//!
//! With one change at a time, each delivery is a send, whose cost differs more between machines than between servers. So the
//! figure is also given in bare sends: those of a loop over the same number of sockets on the same machine.

use crate::{
    measure::{Check, Recorder, bare},
    scenario::{About, Outcome, RunContext, Scenario, ScenarioError, Size},
    scenarios::users::{check_and_close, connect_all, correctness, each, figure, join, wait_until_idle},
    virtual_user::VirtualUser,
};
use async_trait::async_trait;
use futures_util::future::join_all;
use serde_json::value::to_raw_value;
use std::time::Duration;
use tandem_protocol::{
    TaskId,
    enums::ActorKind,
    live::{Actor, Event, EventBody, ServerFrame},
    rest::{TaskPatch, TaskWritten},
};
use tokio::time::Instant;

/// Concurrent changes in the second half.
const BURST: usize = 16;
/// Time limit for a change to reach all sockets.
const SPREAD_TIMEOUT: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub struct FanOut;

#[async_trait]
impl Scenario for FanOut {
    fn about(&self) -> About {
        About {
            name: "fan-out",
            summary: "one event to a thousand sockets of its user, singly and in bursts: processor time of a delivery",
            size: Size { users: 1, devices: 1000, duration: Duration::from_secs(30) },
        }
    }

    async fn run(&self, run: &RunContext) -> Result<Outcome, ScenarioError> {
        let users = join(connect_all(run).await?, run.size.devices - 1).await?;
        let users = each(users, |_, user: VirtualUser| async move {
            let written = user.add_task("Sent to all devices").await;
            if let Some(written) = &written {
                // Every device must have the task before the measurement changes it.
                user.all_reach(written.seq, SPREAD_TIMEOUT).await;
            }
            (user, written)
        });
        let users = users.await?.into_iter().filter_map(|(user, written)| Some((user, written?)));
        let (mut frame, mut with_tasks) = (None, Vec::new());
        for (user, written) in users {
            with_tasks.push((user, written.task.id));
            frame = frame_of(written);
        }
        let begin = run.seconds();
        let (users, singly) = spread(run, with_tasks, 1).await?;
        let (users, bursts) = spread(run, users, BURST).await?;
        let end = run.seconds();
        // After the measurement, so that it does not compete with the server for the cores.
        let bare = match frame {
            Some(frame) => bare::sends(run.size.devices, frame).await,
            None => None,
        };
        let in_sends = singly.per_million.zip(bare).map(|(singly, bare)| singly / bare);
        check_and_close(users.into_iter().map(|(user, _)| user).collect()).await?;
        let mut checks = vec![
            Check::at_most("processor per million, one in flight", 3.5, "s", singly.per_million)
                .aiming_at(3.0)
                .where_known(),
            Check::at_most("the same, in bare sends of this machine", 2.5, "×", in_sends).aiming_at(1.2).where_known(),
            Check::at_most("processor per million, in bursts", 1.5, "s", bursts.per_million)
                .aiming_at(0.9)
                .where_known(),
        ];
        checks.extend(correctness(&run.meter));
        let latencies = vec![("event on every socket, singly", singly.latency), ("… in bursts", bursts.latency)];
        let counts =
            vec![("deliveries, one in flight", singly.deliveries), ("deliveries, in bursts", bursts.deliveries)];
        Ok(Outcome { checks, measured: (begin, end), latencies, counts, ..Outcome::default() })
    }
}

/// The frame that a device receives for a changed task.
fn frame_of(TaskWritten { seq, task, .. }: TaskWritten) -> Option<String> {
    let at = task.updated_at;
    let body = EventBody::TaskUpdated { task };
    let (name, data) = (body.name().to_owned(), to_raw_value(&body).ok()?);
    let actor = Actor { kind: ActorKind::User, device_id: None };
    Some(ServerFrame::Event(Event { seq, at, name, data, actor, command_id: None }).to_json())
}

/// The result of one half.
struct Spread {
    deliveries: u64,
    /// Processor seconds of the server for a million deliveries.
    per_million: Option<f64>,
    latency: Recorder,
}

/// All users change a task for half of the duration, `at_once` changes at a time.
async fn spread(
    run: &RunContext,
    users: Vec<(VirtualUser, TaskId)>,
    at_once: usize,
) -> Result<(Vec<(VirtualUser, TaskId)>, Spread), ScenarioError> {
    wait_until_idle(run).await;
    run.meter.begin();
    let before = run.usage();
    let until = Instant::now() + run.size.duration / 2;
    let done = each(users, move |_, (user, task): (VirtualUser, TaskId)| async move {
        let mut deliveries = 0;
        while Instant::now() < until {
            match change(&user, task, at_once).await {
                Some(seq) if user.all_reach(seq, SPREAD_TIMEOUT).await => deliveries += at_once * user.devices().len(),
                // The error is recorded; repeating it would add nothing.
                _ => break,
            }
        }
        ((user, task), deliveries)
    });
    let (users, deliveries): (Vec<_>, Vec<usize>) = done.await?.into_iter().unzip();
    let deliveries: usize = deliveries.iter().sum();
    let spent = before.zip(run.usage()).map(|(before, after)| after.processor - before.processor);
    let per_million = spent.filter(|_| deliveries > 0).map(|spent| spent / figure(deliveries) * 1e6);
    let deliveries = u64::try_from(deliveries).unwrap_or(u64::MAX);
    Ok((users, Spread { deliveries, per_million, latency: run.meter.spread.take() }))
}

/// Changes a task `at_once` times concurrently, each time from another device, and returns the last event number.
async fn change(user: &VirtualUser, task: TaskId, at_once: usize) -> Option<i64> {
    let changes = (0..at_once).map(|device| {
        let title = Some(format!("Sent to all devices by {device}, {}", user.rng.below(1_000_000)));
        user.update_task(device, task, TaskPatch { title, ..TaskPatch::default() })
    });
    let written: Option<Vec<_>> = join_all(changes).await.into_iter().collect();
    written?.iter().map(|written| written.seq).max()
}
