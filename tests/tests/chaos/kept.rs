//! Acknowledged means kept: whenever the server is killed, everything that it had acknowledged is there, once.

use crate::{
    actor::pause,
    plan::{Plan, millis},
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
    database::{Kind, Place},
    device::Seen,
    fresh,
};

/// Times that the server is killed.
const KILLS: u32 = 5;
/// Devices that write at once.
const WRITERS: usize = 4;
/// Commands that a device sends before it looks for the first answer.
const AHEAD: usize = 200;
/// Milliseconds from the first answer to the kill.
const UNTIL: std::ops::Range<u64> = 0..250;

/// Sends commands without waiting for answers, as fast as the connection takes them.
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

async fn kept_on(kind: Kind) {
    let play = Plan::from_env();
    eprintln!("{kind:?}: to play this again: TANDEM_CHAOS_SEED={}", play.seed);
    let place = Place::new(kind).await;
    let setup = TestServer::setup().database(place.url()).env("TANDEM_RATE_LIMIT", "off");
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
            pause(millis(&mut play.rng(round, 7), UNTIL)).await;
            server.kill();
        };
        let (asked, ()) = tokio::join!(join_all(devices.iter().map(flood)), killed);
        for (device, asked) in devices.iter().zip(asked) {
            device.closed().await;
            for (command, task) in asked {
                sent.insert(task);
                if device.look(|seen| seen.answers(&command.to_string()).any(|answer| answer.is_ok())) {
                    acknowledged.insert(task);
                }
            }
        }
        server.start().await;
        let tasks = user.tasks("").await;
        let there: BTreeSet<TaskId> = tasks.iter().map(|task| task.id).collect();
        assert_eq!(there.len(), tasks.len(), "a task is there twice");
        assert!(acknowledged.is_subset(&there), "lost: {:?}", acknowledged.difference(&there).collect::<Vec<_>>());
        assert!(there.is_subset(&sent), "not asked for: {:?}", there.difference(&sent).collect::<Vec<_>>());
        let numbers: BTreeSet<i64> = tasks.iter().map(|task| task.number).collect();
        assert!(numbers.into_iter().eq(1..=i64::try_from(tasks.len()).unwrap()), "a number is missing");
    }
    eprintln!("{kind:?}: {KILLS} kills, {} of {} commands acknowledged, 0 lost", acknowledged.len(), sent.len());
}

#[tokio::test]
async fn what_was_acknowledged_before_a_kill_is_there_on_sqlite() {
    kept_on(Kind::Sqlite).await;
}

#[tokio::test]
async fn what_was_acknowledged_before_a_kill_is_there_on_postgres() {
    kept_on(Kind::Postgres).await;
}
