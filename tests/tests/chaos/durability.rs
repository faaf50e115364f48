//! Acknowledged changes are durable: after a kill at any moment, each of them exists exactly once.

use crate::{
    actor::pause,
    plan::{ChaosPlan, millis},
};
use futures_util::future::join_all;
use std::collections::BTreeSet;
use tandem_protocol::{
    CommandId, TaskId,
    live::{Command, ServerFrame},
    rest::NewTask,
};
use tandem_tests::{
    Device, TestServer, TestUser,
    database::{DatabaseLocation, Kind},
    device::Seen,
    fresh,
};

const KILLS: u32 = 5;
/// Devices that write concurrently.
const WRITERS: usize = 4;
/// Commands that a device sends without waiting for answers.
const AHEAD: usize = 200;
/// Milliseconds from the first answer to the kill.
const UNTIL: std::ops::Range<u64> = 0..250;

/// Sends commands without waiting for answers, as fast as the connection accepts them.
async fn flood(device: &Device) -> Vec<(CommandId, TaskId)> {
    let mut sent = Vec::new();
    for _ in 0..AHEAD {
        let (command, task) = (CommandId(fresh::id()), TaskId(fresh::id()));
        let add = Command::TaskCreate(NewTask { id: Some(task), title: task.to_string(), ..NewTask::default() });
        device.begin_command(command, &add).await;
        sent.push((command, task));
    }
    sent
}

async fn acknowledged_is_durable_on(kind: Kind) {
    let plan = ChaosPlan::from_env();
    eprintln!("{kind:?}: to repeat this: TANDEM_CHAOS_SEED={}", plan.seed);
    let location = DatabaseLocation::new(kind).await;
    let setup = TestServer::setup().database(location.url()).without_rate_limits();
    let server = setup.start().await;
    let user = TestUser::register(&server).await;
    let (mut acknowledged, mut sent) = (BTreeSet::new(), BTreeSet::new());
    for round in 0..KILLS {
        let mut devices = Vec::new();
        for number in 0..WRITERS {
            devices.push(Device::connected(&user, &format!("writer {round} {number}")).await);
        }
        let killed = async {
            let answered = |seen: &Seen| seen.frames.iter().any(|frame| matches!(frame, ServerFrame::Ack(_)));
            devices[0].wait("the first answer", |seen| answered(seen).then_some(())).await;
            pause(millis(&mut plan.rng(round, 7), UNTIL)).await;
            server.kill();
        };
        let (sent_by_device, ()) = tokio::join!(join_all(devices.iter().map(flood)), killed);
        for (device, sent_by_device) in devices.iter().zip(sent_by_device) {
            device.closed().await;
            for (command, task) in sent_by_device {
                sent.insert(task);
                if device.look(|seen| seen.answers(&command.to_string()).any(|answer| answer.is_ok())) {
                    acknowledged.insert(task);
                }
            }
        }
        server.start().await;
        let tasks = user.tasks("").await;
        let there: BTreeSet<TaskId> = tasks.iter().map(|task| task.id).collect();
        assert_eq!(there.len(), tasks.len(), "a task exists twice");
        assert!(acknowledged.is_subset(&there), "lost: {:?}", acknowledged.difference(&there).collect::<Vec<_>>());
        assert!(there.is_subset(&sent), "not requested: {:?}", there.difference(&sent).collect::<Vec<_>>());
        let numbers: BTreeSet<i64> = tasks.iter().map(|task| task.number).collect();
        assert!(numbers.into_iter().eq(1..=i64::try_from(tasks.len()).unwrap()), "a number is missing");
    }
    eprintln!("{kind:?}: {KILLS} kills, {} of {} commands acknowledged, 0 lost", acknowledged.len(), sent.len());
}

#[tokio::test]
async fn acknowledged_changes_survive_a_kill_on_sqlite() {
    acknowledged_is_durable_on(Kind::Sqlite).await;
}

#[tokio::test]
async fn acknowledged_changes_survive_a_kill_on_postgres() {
    acknowledged_is_durable_on(Kind::Postgres).await;
}
