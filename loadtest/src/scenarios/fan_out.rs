//! One event to many sockets: a change of a task reaches a thousand sockets of its user. First one change at a time, then
//! sixteen at once; the server's processor time for a million deliveries is the figure, commit of the change included.
//!
//! Singly every delivery is a send, and what a send takes differs from machine to machine by more than servers do. The
//! figure is therefore also given in sends: those of a bare loop over as many sockets, made in the same run and read as
//! devices read.

use crate::{
    measure::{Check, Recorder, bare},
    scenario::{Outcome, Scenario, ScenarioError, Size, World},
    scenarios::people::{arrive, check_and_leave, correctness, each, figure, join, rest},
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

/// Changes that are under way at once in the second half.
const BURST: usize = 16;
/// How long a change may take to reach all sockets.
const SPREAD_TIMEOUT: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub struct FanOut;

#[async_trait]
impl Scenario for FanOut {
    fn name(&self) -> &'static str {
        "fan-out"
    }

    fn summary(&self) -> &'static str {
        "one event to a thousand sockets of its user, singly and in bursts: processor time of a delivery"
    }

    fn size(&self) -> Size {
        Size { users: 1, devices: 1000, duration: Duration::from_secs(30) }
    }

    async fn run(&self, world: &World) -> Result<Outcome, ScenarioError> {
        let people = join(arrive(world).await?, world.size.devices - 1).await?;
        let people = each(people, |_, user: VirtualUser| async move {
            let written = user.add_task("Told to everyone").await;
            if let Some(written) = &written {
                user.all_reach(written.seq, SPREAD_TIMEOUT).await;
            }
            (user, written)
        });
        let people = people.await?.into_iter().filter_map(|(user, written)| Some((user, written?)));
        let (mut frame, mut with_tasks) = (None, Vec::new());
        for (user, written) in people {
            with_tasks.push((user, written.task.id));
            frame = frame_of(written);
        }
        let begin = world.seconds();
        let (people, singly) = spread(world, with_tasks, 1).await?;
        let (people, bursts) = spread(world, people, BURST).await?;
        let end = world.seconds();
        let bare = match frame {
            Some(frame) => bare::sends(world.size.devices, frame).await,
            None => None,
        };
        let in_sends = singly.per_million.zip(bare).map(|(singly, bare)| singly / bare);
        check_and_leave(people.into_iter().map(|(user, _)| user).collect()).await?;
        let mut checks = vec![
            Check::at_most("processor per million, one in flight", 3.5, "s", singly.per_million)
                .aiming_at(3.0)
                .where_known(),
            Check::at_most("the same, in bare sends of this machine", 2.5, "×", in_sends).aiming_at(1.2).where_known(),
            Check::at_most("processor per million, in bursts", 1.5, "s", bursts.per_million)
                .aiming_at(0.9)
                .where_known(),
        ];
        checks.extend(correctness(&world.meter));
        let latencies = vec![("event on every socket, singly", singly.latency), ("… in bursts", bursts.latency)];
        let counts =
            vec![("deliveries, one in flight", singly.deliveries), ("deliveries, in bursts", bursts.deliveries)];
        Ok(Outcome { checks, measured: (begin, end), latencies, counts, ..Outcome::default() })
    }
}

/// What a device is told of a changed task.
fn frame_of(TaskWritten { seq, task, .. }: TaskWritten) -> Option<String> {
    let at = task.updated_at;
    let body = EventBody::TaskUpdated { task };
    let (name, data) = (body.name().to_owned(), to_raw_value(&body).ok()?);
    let actor = Actor { kind: ActorKind::User, device_id: None };
    Some(ServerFrame::Event(Event { seq, at, name, data, actor, command_id: None }).to_json())
}

/// What one half of the run came to.
struct Spread {
    deliveries: u64,
    /// Processor seconds of the server for a million deliveries.
    per_million: Option<f64>,
    latency: Recorder,
}

/// Everyone changes a task for half of the time, `at_once` changes under way.
async fn spread(
    world: &World,
    people: Vec<(VirtualUser, TaskId)>,
    at_once: usize,
) -> Result<(Vec<(VirtualUser, TaskId)>, Spread), ScenarioError> {
    rest(world).await;
    world.meter.begin();
    let before = world.usage();
    let until = Instant::now() + world.size.duration / 2;
    let done = each(people, move |_, (user, task): (VirtualUser, TaskId)| async move {
        let mut deliveries = 0;
        while Instant::now() < until {
            match change(&user, task, at_once).await {
                Some(seq) if user.all_reach(seq, SPREAD_TIMEOUT).await => deliveries += at_once * user.devices().len(),
                // What went wrong is noted; more of it would tell nothing new.
                _ => break,
            }
        }
        ((user, task), deliveries)
    });
    let (people, deliveries): (Vec<_>, Vec<usize>) = done.await?.into_iter().unzip();
    let deliveries: usize = deliveries.iter().sum();
    let spent = before.zip(world.usage()).map(|(before, after)| after.processor - before.processor);
    let per_million = spent.filter(|_| deliveries > 0).map(|spent| spent / figure(deliveries) * 1e6);
    let deliveries = u64::try_from(deliveries).unwrap_or(u64::MAX);
    Ok((people, Spread { deliveries, per_million, latency: world.meter.spread.take() }))
}

/// Changes a task several times at once, each time from another device, and tells the last event of it.
async fn change(user: &VirtualUser, task: TaskId, at_once: usize) -> Option<i64> {
    let changes = (0..at_once).map(|device| {
        let title = Some(format!("Told to everyone by {device}, {}", user.dice.below(1_000_000)));
        user.update_task(device, task, TaskPatch { title, ..TaskPatch::default() })
    });
    let written: Option<Vec<_>> = join_all(changes).await.into_iter().collect();
    written?.iter().map(|written| written.seq).max()
}
