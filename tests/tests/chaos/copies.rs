//! A copy of the SQLite files at one moment, like a snapshot of the file system, opens and is consistent.
//!
//! The server is frozen while its files are copied. Files that are copied one after the other beside a running server need
//! not fit together; `tandem backup` is for that.

use crate::{
    actor::pause,
    audit::Auditor,
    plan::{ChaosPlan, millis},
};
use futures_util::future::join_all;
use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, AtomicI64, Ordering},
    time::Duration,
};
use tandem_protocol::{ConversationId, live::Command, rest::TaskWritten};
use tandem_tests::{
    Device, Reply, ScriptedProvider, TestServer, TestUser, commands,
    database::{DatabaseLocation, Kind},
    fresh,
    scripted_server::ScriptedServer,
    user::Visitor,
};
use tempfile::TempDir;

const COPIES: u32 = 4;
/// Milliseconds between two copies.
const BETWEEN: std::ops::Range<u64> = 100..500;
/// Time limit for the replies that run in a copy.
const SETTLED: Duration = Duration::from_secs(10);

/// Queries that have no rows in a consistent database.
const BROKEN: [(&str, &str); 5] = [
    ("the number of a user's newest event", "select id from users as u where seq <> coalesce((select max(seq) from events where user_id = u.id), 0)"),
    ("events without holes", "select user_id from events group by user_id having min(seq) <> 1 or max(seq) <> count(*)"),
    ("the number of the next task", "select id from users as u where next_task_number <> 1 + coalesce((select max(number) from tasks where user_id = u.id), 0)"),
    ("a task for each that was added", "select json_extract(data, '$.task.id') from events as e where name = 'task.created'
        and not exists (select 1 from tasks as t where t.user_id = e.user_id and lower(hex(t.id)) = replace(json_extract(e.data, '$.task.id'), '-', ''))"),
    ("an event for each command", "select lower(hex(id)) from commands as c where not exists (select 1 from events as e where e.user_id = c.user_id and e.command_id = c.id)"),
];

/// A user who writes without pauses.
struct Writer {
    user: TestUser,
    device: Device,
    /// The newest event that was acknowledged.
    acknowledged: AtomicI64,
}

impl Writer {
    async fn new(server: &TestServer) -> Self {
        let user = TestUser::register(server).await;
        Self { device: Device::connected(&user, "writer").await, user, acknowledged: AtomicI64::new(0) }
    }

    async fn write(&self, provider: &ScriptedProvider, stop: &AtomicBool) {
        for number in 0.. {
            let add = commands::add_task(format!("task {number}"));
            let added: TaskWritten = serde_json::from_str(&self.request(&add).await).unwrap();
            self.request(&Command::TaskComplete(added.task.id.into())).await;
            if number % 10 == 0 {
                let word = fresh::word("tell");
                provider.answer(&word, [Reply::words(40, Duration::from_millis(5))]);
                let (conversation_id, text) = (ConversationId(fresh::id()), word);
                self.request(&commands::send_message(conversation_id, text)).await;
            }
            if stop.load(Ordering::Relaxed) {
                return;
            }
        }
    }

    async fn request(&self, command: &Command) -> String {
        let ack = self.device.command(command).await.unwrap_or_else(|error| panic!("{command:?}: {error:?}"));
        self.acknowledged.store(ack.seq, Ordering::Relaxed);
        ack.result.get().to_owned()
    }
}

/// A copy, and what had been acknowledged when it was taken.
struct Copy {
    location: DatabaseLocation,
    acknowledged: Vec<i64>,
}

async fn copy(server: &TestServer, file: &Path, writers: &[Writer], with_index: bool) -> Copy {
    server.freeze().await;
    let acknowledged = writers.iter().map(|writer| writer.acknowledged.load(Ordering::Relaxed)).collect();
    let folder = TempDir::new().unwrap();
    let beside = |suffix: &str| PathBuf::from(format!("{}{suffix}", file.display()));
    // SQLite recreates a missing index of the WAL, and must not trust one that it finds.
    let suffixes: &[&str] = if with_index { &["", "-wal", "-shm"] } else { &["", "-wal"] };
    for suffix in suffixes {
        fs::copy(beside(suffix), folder.path().join(format!("tandem.db{suffix}"))).unwrap();
    }
    server.thaw();
    Copy { location: DatabaseLocation::Sqlite { file: folder.path().join("tandem.db"), folder }, acknowledged }
}

async fn check(copy: Copy, writers: &[Writer], provider: &ScriptedProvider) {
    assert_eq!(copy.location.lines("pragma integrity_check").await, ["ok"]);
    assert!(copy.location.lines("pragma foreign_key_check").await.is_empty());
    for (what, query) in BROKEN {
        assert_eq!(copy.location.lines(query).await, Vec::<String>::new(), "{what}");
    }
    let server = TestServer::setup().openai(provider).database(copy.location.url()).start().await;
    for (writer, acknowledged) in writers.iter().zip(copy.acknowledged) {
        let user = Visitor::of(&server).sign_in(writer.user.email(), "restored").await;
        user.settled(SETTLED).await;
        let mut auditor = Auditor::new(&user).await;
        let snapshot = loop {
            let head = auditor.catch_up().await;
            let snapshot = user.snapshot().await;
            if snapshot.seq == head {
                break snapshot;
            }
        };
        assert!(auditor.seq() >= acknowledged, "the copy lacks a change that was acknowledged before");
        auditor.check_rest(snapshot.clone()).await;
        auditor.check_snapshot(&snapshot);
    }
}

#[tokio::test]
async fn a_copy_of_any_moment_is_consistent() {
    let plan = ChaosPlan::from_env();
    eprintln!("to repeat this: TANDEM_CHAOS_SEED={}", plan.seed);
    let location = DatabaseLocation::new(Kind::Sqlite).await;
    let DatabaseLocation::Sqlite { file, .. } = &location else { unreachable!("SQLite was requested") };
    let setup = TestServer::setup().database(location.url()).without_rate_limits();
    let ScriptedServer { server, provider } = ScriptedServer::start(setup).await;
    let mut writers = Vec::new();
    for _ in 0..3 {
        writers.push(Writer::new(&server).await);
    }
    let stop = AtomicBool::new(false);
    let writing = join_all(writers.iter().map(|writer| writer.write(&provider, &stop)));
    let copying = async {
        let mut copies = Vec::new();
        for number in 0..COPIES {
            pause(millis(&mut plan.rng(number, 8), BETWEEN)).await;
            copies.push(copy(&server, file, &writers, number % 2 == 1).await);
        }
        stop.store(true, Ordering::Relaxed);
        copies
    };
    let (_, copies) = tokio::join!(writing, copying);
    for copy in copies {
        check(copy, &writers, &provider).await;
    }
}
