//! The oldest position from which a device can resume, on both databases: the last event of the log and not one before.

use crate::support;
use futures_util::future::join_all;
use serde_json::json;
use tandem_protocol::{
    ErrorCode,
    enums::WelcomeMode,
    limits::MAX_RESUME_EVENTS,
    live::client::ResumePoint,
    rest::{EventList, Snapshot},
};
use tandem_tests::{
    Device, TestServer, TestUser,
    database::{DatabaseLocation, Kind},
    device::{Credentials, Seen, assert_equal},
    scripted_server::ScriptedServer,
};

/// Copies the newest event of each user so often, directly in the database, which is faster than thousands of changes.
async fn lengthen_logs(location: &DatabaseLocation, by: i64) {
    let statement = format!(
        "with recursive n (i) as (select 1 union all select i + 1 from n where i < {by})
         insert into events (user_id, seq, at, name, data, actor_kind, device_id, command_id)
         select e.user_id, e.seq + n.i, e.at, e.name, e.data, e.actor_kind, e.device_id, e.command_id
           from events as e
           join users as u on u.id = e.user_id and u.seq = e.seq, n"
    );
    location.execute(&statement).await;
    location.execute(&format!("update users set seq = seq + {by} where seq > 0")).await;
}

/// Connects with a resume point and returns the mode. A device that may resume gets every event in order.
async fn resume(user: &TestUser, Snapshot { epoch, .. }: &Snapshot, seq: i64) -> WelcomeMode {
    let mut device = Device::new(user, &format!("from {seq}"));
    device.open(Credentials::Header(user.access_token())).await.expect("the credentials are right");
    let welcome = device.hello_with(Some(ResumePoint { epoch: epoch.clone(), seq })).await;
    if welcome.mode == WelcomeMode::Resumed {
        device.wait("live", |seen| seen.live.then_some(())).await;
        let seqs: Vec<i64> = device.look(|seen| seen.events().map(|event| event.seq).collect());
        assert!(seqs.into_iter().eq(seq + 1..=welcome.seq), "every event after its place, in order");
    }
    welcome.mode
}

/// Runs a test on a server of its own on each database.
async fn on_both(test: impl AsyncFn(&ScriptedServer, &DatabaseLocation)) {
    for kind in Kind::ALL {
        let location = DatabaseLocation::new(kind).await;
        test(&support::on(&location).await, &location).await;
    }
}

#[tokio::test]
async fn two_thousand_events_are_replayed_and_one_more_is_too_many() {
    on_both(async |fixture, location| {
        let user = TestUser::register(&fixture.server).await;
        user.add_task("flips").await;
        lengthen_logs(location, MAX_RESUME_EVENTS).await;
        let snapshot = user.snapshot().await;
        assert_eq!(resume(&user, &snapshot, snapshot.seq - MAX_RESUME_EVENTS).await, WelcomeMode::Resumed);
        assert_eq!(resume(&user, &snapshot, snapshot.seq - MAX_RESUME_EVENTS - 1).await, WelcomeMode::Resync);
        assert_eq!(resume(&user, &snapshot, snapshot.seq).await, WelcomeMode::Resumed);
        assert_eq!(resume(&user, &snapshot, snapshot.seq + 1).await, WelcomeMode::Resync, "the future");
        for nowhere in [-1, i64::MIN, i64::MAX] {
            assert_eq!(resume(&user, &snapshot, nowhere).await, WelcomeMode::Resync, "{nowhere}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_log_that_was_shortened_by_its_size_makes_a_device_start_over() {
    for kind in Kind::ALL {
        let location = DatabaseLocation::new(kind).await;
        let setup = TestServer::setup().database(location.url()).without_rate_limits();
        let server = setup.env("TANDEM_USER_LOG_BYTES", "64KiB").start().await;
        let user = TestUser::register(&server).await;
        user.add_task("Notes").await;
        for turn in 0..10 {
            let notes = format!("{turn} {}", "a".repeat(9_000));
            user.patch("/tasks/1").json(json!({ "description": notes })).await.expect(200);
        }
        let snapshot = user.snapshot().await;
        assert_eq!(resume(&user, &snapshot, 2).await, WelcomeMode::Resync);
        assert_eq!(resume(&user, &snapshot, snapshot.seq - 2).await, WelcomeMode::Resumed);
    }
}

#[tokio::test]
async fn changes_during_a_long_resume_arrive_once() {
    on_both(async |fixture, location| {
        let user = TestUser::register(&fixture.server).await;
        user.add_task("flips").await;
        lengthen_logs(location, 1_500).await;
        let Snapshot { epoch, seq, .. } = user.snapshot().await;
        let coming_back = join_all((1..=10).map(async |n| {
            let from = ResumePoint { epoch: epoch.clone(), seq: seq - 150 * n };
            let mut device = Device::new(&user, &format!("from {}", from.seq));
            device.open(Credentials::Header(user.access_token())).await.expect("the credentials are right");
            assert_eq!(device.hello_with(Some(from.clone())).await.mode, WelcomeMode::Resumed);
            (device, from.seq)
        }));
        let writing = async {
            for n in 0..100 {
                user.add_task(&format!("beside {n}")).await;
            }
        };
        let (devices, ()) = tokio::join!(coming_back, writing);
        let head = user.snapshot().await.seq;
        for (device, from) in devices {
            let newest = |seen: &Seen| seen.events().last().is_some_and(|event| event.seq >= head).then_some(());
            device.wait("the newest event", newest).await;
            let seqs: Vec<i64> = device.look(|seen| seen.events().map(|event| event.seq).collect());
            assert_eq!(seqs, (from + 1..=head).collect::<Vec<_>>(), "every event after {from}, once and in order");
        }
    })
    .await;
}

#[tokio::test]
async fn a_log_that_was_pruned_is_replayed_from_where_it_begins_now() {
    on_both(async |fixture, location| {
        let user = TestUser::register(&fixture.server).await;
        let mut behind = Device::connected(&user, "behind").await;
        behind.cut();
        for number in 0..10 {
            user.add_task(&format!("task {number}")).await;
        }
        let snapshot = user.snapshot().await;
        let oldest = snapshot.seq - 4;
        location.execute(&format!("delete from events where seq < {oldest}")).await;
        assert_eq!(resume(&user, &snapshot, oldest - 1).await, WelcomeMode::Resumed);
        assert_eq!(resume(&user, &snapshot, oldest - 2).await, WelcomeMode::Resync);
        let events = async |since: i64| user.get(&format!("/events?since={since}&epoch={}", snapshot.epoch)).await;
        events(oldest - 2).await.refused(ErrorCode::Gone);
        assert_eq!(events(oldest - 1).await.expect(200).read::<EventList>().items.len(), 5);
        assert_eq!(behind.connect().await, WelcomeMode::Resync);
        assert_equal(&behind, &Device::connected(&user, "fresh").await).await;
    })
    .await;
}

#[tokio::test]
async fn a_restored_database_is_another_log() {
    on_both(async |fixture, location| {
        let user = TestUser::register(&fixture.server).await;
        let mut device = Device::connected(&user, "laptop").await;
        user.add_task("before").await;
        device.wait("the task", |seen| (seen.replica.tasks().len() == 1).then_some(())).await;
        fixture.server.kill();
        location.execute("update epoch set value = 'restored'").await;
        fixture.server.start().await;
        assert_eq!(device.connect().await, WelcomeMode::Resync);
        assert_eq!(device.look(|seen| seen.replica.epoch().map(ToOwned::to_owned)).as_deref(), Some("restored"));
        user.add_task("after").await;
        device.wait("the other task", |seen| (seen.replica.tasks().len() == 2).then_some(())).await;
        device.assert_faultless();
    })
    .await;
}

#[tokio::test]
async fn a_pause_of_any_length_within_the_log_loses_nothing() {
    on_both(async |fixture, location| {
        let user = TestUser::register(&fixture.server).await;
        let witness = Device::connected(&user, "witness").await;
        let mut travelling = Device::connected(&user, "travelling").await;
        for (pause, events) in [1, 2, 17, 300].into_iter().enumerate() {
            travelling.cut();
            for number in 0..events {
                let title = format!("{pause} {number}");
                user.patch("/tasks/1").json(json!({ "title": title })).await;
                user.add_task(&title).await;
            }
            assert_eq!(travelling.connect().await, WelcomeMode::Resumed);
            assert_equal(&witness, &travelling).await;
        }
        let logs = [&witness, &travelling].map(|device| device.look(|seen| seen.events().cloned().collect::<Vec<_>>()));
        assert_eq!(logs[0], logs[1], "both have the same log");
        assert!(location.lines("select name from events").await.len() > 600);
    })
    .await;
}
