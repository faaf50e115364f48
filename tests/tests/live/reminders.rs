//! Reminders and a server that stops: what was due meanwhile fires soon after the start, late, and once.

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use serde_json::json;
use std::{env, time::Duration};
use tandem_protocol::live::EventBody;
use tandem_tests::{
    Device, TestServer, TestUser,
    bursts::{Bursts, moment},
    database::{DatabaseLocation, Kind},
    eventually,
};

/// How soon after the start of a server, with a margin for a busy machine.
const STARTED: Duration = Duration::from_secs(10);
/// Kills of an ordinary run.
const KILLS: usize = 2;
const EACH: usize = 16;
const SEED: u64 = 0x5eed;

#[tokio::test]
async fn what_was_due_while_the_server_was_off_fires_late() {
    let location = DatabaseLocation::new(Kind::Sqlite).await;
    let server = TestServer::setup().database(location.url()).start().await;
    let user = TestUser::register(&server).await;
    let mut device = Device::connected(&user, "laptop").await;
    // More than a minute ago, as after a longer time off.
    let late = user.add(json!({ "title": "Late", "reminders": [{ "at": moment(1) }] })).await;
    server.kill();
    let of_task = format!("where id = x'{}'", late.id.0.simple());
    let past = late.reminders[0].fires_at.plus_millis(-120_000);
    let (millis, known) = (past.as_millis(), late.reminders[0].fires_at);
    let set = format!("set reminder_at = {millis}, reminders = replace(reminders, '{known}', '{past}')");
    location.execute(&format!("update tasks {set} {of_task}")).await;
    server.start().await;
    device.connect().await;
    let due = device.wait_within(STARTED, "the reminder", |seen| {
        seen.events().find_map(|event| match event.body() {
            Ok(Some(EventBody::ReminderDue { task_id, at, late, .. })) => Some((task_id, at, late)),
            _ => None,
        })
    });
    assert_eq!(due.await, (late.id, past, true));
    device.assert_faultless();
}

#[tokio::test]
async fn a_kill_in_a_burst_misses_none_and_doubles_none() {
    let kills: usize = env::var("TANDEM_CLUSTER_KILLS").map_or(KILLS, |text| text.parse().expect("a number"));
    let mut rng = StdRng::seed_from_u64(SEED);
    let server = TestServer::setup().without_rate_limits().env("TANDEM_ACCESS_TTL", "10h").start().await;
    let mut users = Vec::new();
    for _ in 0..4 {
        users.push(TestUser::register(&server).await);
    }
    let watched = users[0].clone();
    let mut bursts = Bursts::of(users);
    for round in 1..=kills {
        let mut device = Device::connected(&watched, "laptop").await;
        bursts.set(EACH, 2).await;
        let some = rng.random_range(1..EACH / 2);
        let came = |seen: &tandem_tests::device::Seen| {
            (seen.events().filter(|event| event.name == "reminder.due").count() >= some).then_some(())
        };
        device.wait(format!("{some} reminders of burst {round}"), came).await;
        server.kill_and_restart().await;
        device.cut();
    }
    eventually("the server", async || (watched.get("/me").await.status == 200).then_some(())).await;
    bursts.check().await;
}
