//! A snapshot is consistent with its seq: it equals the log up to there, whatever is written meanwhile.

use crate::audit::Auditor;
use futures_util::future::join_all;
use std::sync::atomic::{AtomicBool, Ordering};
use tandem_protocol::{
    ConversationId,
    live::{
        Command,
        command::{ConversationRefArgs, ConversationUpdate, TaskComplete, TaskRefArgs},
    },
    rest::TaskWritten,
};
use tandem_tests::{
    Device, Reply, ScriptedProvider, TestServer, TestUser, commands,
    database::{DatabaseLocation, Kind},
    fresh,
    scripted_server::ScriptedServer,
};

/// Devices that write while snapshots are taken.
const WRITERS: usize = 4;
/// Minimum number of snapshots.
const SNAPSHOTS: usize = 60;
/// Minimum number of events that are written meanwhile.
const EVENTS: i64 = 100;

/// Adds, completes and deletes tasks, and starts, names and deletes conversations.
async fn write(device: &Device, provider: &ScriptedProvider, stop: &AtomicBool) {
    let ask = async |command: &Command| {
        let ack = device.command(command).await.unwrap_or_else(|error| panic!("{command:?}: {error:?}"));
        ack.result.get().to_owned()
    };
    while !stop.load(Ordering::Relaxed) {
        let title = fresh::word("task ");
        let added = ask(&commands::add_task(title)).await;
        let task = TaskRefArgs::from(serde_json::from_str::<TaskWritten>(&added).unwrap().task.id);
        let (conversation_id, word) = (ConversationId(fresh::id()), fresh::word("tell"));
        provider.answer(&word, [Reply::text("Done.")]);
        ask(&commands::send_message(conversation_id, word)).await;
        ask(&Command::TaskComplete(TaskComplete { task_id: task.task_id, occurrence: None })).await;
        ask(&Command::ConversationUpdate(ConversationUpdate {
            title: Some("named".to_owned()),
            ..ConversationUpdate::of(conversation_id)
        }))
        .await;
        ask(&Command::TaskDelete(task)).await;
        ask(&Command::ConversationDelete(ConversationRefArgs { conversation_id })).await;
    }
}

async fn one_moment_on(kind: Kind) {
    let location = DatabaseLocation::new(kind).await;
    let setup = TestServer::setup().database(location.url()).without_rate_limits();
    let ScriptedServer { server, provider } = ScriptedServer::start(setup).await;
    let user = TestUser::register(&server).await;
    let mut auditor = Auditor::new(&user).await;
    let mut devices = Vec::new();
    for number in 0..WRITERS {
        devices.push(Device::connected(&user, &format!("writer {number}")).await);
    }
    let stop = AtomicBool::new(false);
    let reading = async {
        let mut snapshots = vec![user.snapshot().await];
        let first = snapshots[0].seq;
        while snapshots.len() < SNAPSHOTS || snapshots.last().is_some_and(|last| last.seq - first < EVENTS) {
            snapshots.push(user.snapshot().await);
        }
        stop.store(true, Ordering::Relaxed);
        snapshots
    };
    let writing = join_all(devices.iter().map(|device| write(device, &provider, &stop)));
    let (snapshots, _) = tokio::join!(reading, writing);
    assert!(snapshots.windows(2).all(|two| two[0].seq <= two[1].seq), "the seq never decreases");
    for snapshot in snapshots {
        auditor.catch_up_to(snapshot.seq).await;
        auditor.check_snapshot(&snapshot);
    }
}

#[tokio::test]
async fn a_snapshot_is_of_one_moment_on_sqlite() {
    one_moment_on(Kind::Sqlite).await;
}

#[tokio::test]
async fn a_snapshot_is_of_one_moment_on_postgres() {
    one_moment_on(Kind::Postgres).await;
}
