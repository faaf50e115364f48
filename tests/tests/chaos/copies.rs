//! A copy of the SQLite files as a snapshot of the file system makes it: all of them at one moment, in the middle of
//! writing. It opens, and is whole.
//!
//! The server stands still while its files are copied, which is what makes it one moment. Files copied one after the
//! other beside a server that writes fit together by luck alone; `tandem backup` is for that.

use crate::{
    actor::pause,
    audit::Auditor,
    plan::{Plan, millis},
};
use futures_util::future::join_all;
use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, AtomicI64, Ordering},
    time::Duration,
};
use tandem_protocol::{
    ConversationId,
    live::{
        Command,
        command::{MessageSend, TaskRefArgs},
    },
    rest::{NewTask, TaskWritten},
};
use tandem_tests::{
    Device, FakeProvider, Reply, TestServer, TestUser,
    database::{Kind, Place},
    fresh,
    user::Visitor,
};
use tempfile::TempDir;

const COPIES: u32 = 4;
/// Milliseconds between two copies.
const BETWEEN: std::ops::Range<u64> = 100..500;
/// Replies that run in a copy have ended by then.
const SETTLED: Duration = Duration::from_secs(10);

/// What no whole database has a row of.
const BROKEN: [(&str, &str); 5] = [
    ("the number of a user's newest event", "select id from users as u where seq <> coalesce((select max(seq) from events where user_id = u.id), 0)"),
    ("events without holes", "select user_id from events group by user_id having min(seq) <> 1 or max(seq) <> count(*)"),
    ("the number of the next task", "select id from users as u where next_task_number <> 1 + coalesce((select max(number) from tasks where user_id = u.id), 0)"),
    ("a task for each that was added", "select json_extract(data, '$.task.id') from events as e where name = 'task.created'
        and not exists (select 1 from tasks as t where t.user_id = e.user_id and lower(hex(t.id)) = replace(json_extract(e.data, '$.task.id'), '-', ''))"),
    ("an event for each command", "select lower(hex(id)) from commands as c where not exists (select 1 from events as e where e.user_id = c.user_id and e.command_id = c.id)"),
];

/// Somebody who writes without pause.
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

    async fn write(&self, provider: &FakeProvider, stop: &AtomicBool) {
        for number in 0.. {
            let add = Command::TaskCreate(NewTask { title: format!("task {number}"), ..NewTask::default() });
            let added: TaskWritten = serde_json::from_str(&self.ask(&add).await).unwrap();
            self.ask(&Command::TaskComplete(TaskRefArgs::from(added.task.id))).await;
            if number % 10 == 0 {
                let word = fresh::word("tell");
                provider.answer(&word, [Reply::words(40, Duration::from_millis(5))]);
                let (conversation_id, text) = (ConversationId(fresh::id()), word);
                self.ask(&Command::MessageSend(MessageSend { conversation_id, id: None, text, parent_id: None })).await;
            }
            if stop.load(Ordering::Relaxed) {
                return;
            }
        }
    }

    async fn ask(&self, command: &Command) -> String {
        let ack = self.device.command(command).await.unwrap_or_else(|error| panic!("{command:?}: {error:?}"));
        self.acknowledged.store(ack.seq, Ordering::Relaxed);
        ack.result.get().to_owned()
    }
}

/// A copy, and what had been acknowledged when it was taken.
struct Copy {
    place: Place,
    acknowledged: Vec<i64>,
}

async fn copy(server: &TestServer, file: &Path, writers: &[Writer], with_index: bool) -> Copy {
    server.freeze().await;
    let acknowledged = writers.iter().map(|writer| writer.acknowledged.load(Ordering::Relaxed)).collect();
    let folder = TempDir::new().unwrap();
    let beside = |suffix: &str| PathBuf::from(format!("{}{suffix}", file.display()));
    // The index of the log is made anew where it is missing, and must not be believed where it is not.
    let suffixes: &[&str] = if with_index { &["", "-wal", "-shm"] } else { &["", "-wal"] };
    for suffix in suffixes {
        fs::copy(beside(suffix), folder.path().join(format!("tandem.db{suffix}"))).unwrap();
    }
    server.thaw();
    Copy { place: Place::Sqlite { file: folder.path().join("tandem.db"), folder }, acknowledged }
}

async fn check(copy: Copy, writers: &[Writer], provider: &FakeProvider) {
    assert_eq!(copy.place.lines("pragma integrity_check").await, ["ok"]);
    assert!(copy.place.lines("pragma foreign_key_check").await.is_empty());
    for (what, query) in BROKEN {
        assert_eq!(copy.place.lines(query).await, Vec::<String>::new(), "{what}");
    }
    let server = TestServer::setup().openai(provider).database(copy.place.url()).start().await;
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
        assert!(auditor.seq() >= acknowledged, "the copy lacks what was acknowledged before it was taken");
        auditor.check_rest(snapshot.clone()).await;
        auditor.check_snapshot(&snapshot);
    }
}

#[tokio::test]
async fn a_copy_taken_at_any_moment_is_whole() {
    let play = Plan::from_env();
    eprintln!("to play this again: TANDEM_CHAOS_SEED={}", play.seed);
    let place = Place::new(Kind::Sqlite).await;
    let Place::Sqlite { file, .. } = &place else { unreachable!("it was asked for") };
    let provider = FakeProvider::start().await;
    let setup = TestServer::setup().openai(&provider).database(place.url());
    let server = setup.env("TANDEM_RATE_LIMIT", "off").start().await;
    let mut writers = Vec::new();
    for _ in 0..3 {
        writers.push(Writer::new(&server).await);
    }
    let stop = AtomicBool::new(false);
    let writing = join_all(writers.iter().map(|writer| writer.write(&provider, &stop)));
    let copying = async {
        let mut copies = Vec::new();
        for number in 0..COPIES {
            pause(millis(&mut play.rng(number, 8), BETWEEN)).await;
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
