//! Firing by a clock that the tests set: forwards, backwards, and with two nodes at once.

use super::*;
use crate::testing::{self, Node};
use futures_util::FutureExt as _;
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};
use tandem_domain::clock::{Clock, Env, SystemIds};
use tandem_protocol::{
    live::EventBody,
    model::User,
    reminder::{ReminderInput, ReminderTimeInput},
    rest::NewTask,
    settings::UserSettings,
    time::ClockTime,
};
use tempfile::TempDir;

const HOUR: i64 = 3_600_000;

#[derive(Clone, Debug, Default)]
struct TestClock(Arc<AtomicI64>);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }
}

impl TestClock {
    fn set(&self, at: Timestamp) {
        self.0.store(at.as_millis(), Ordering::Relaxed);
    }
}

struct World {
    folder: TempDir,
    clock: TestClock,
    node: Node,
}

/// Noon in UTC.
fn noon() -> Timestamp {
    Timestamp::parse("2026-11-23T12:00:00Z").unwrap()
}

fn ann() -> UserId {
    "ann".into()
}

impl World {
    async fn new() -> Self {
        let (folder, clock) = (tempfile::tempdir().unwrap(), TestClock::default());
        clock.set(noon());
        let user = User {
            id: ann(),
            email: "ann@example.org".into(),
            name: String::new(),
            email_verified: false,
            image: None,
            time_zone: "UTC".into(),
            created_at: noon(),
            role: tandem_protocol::enums::UserRole::Member,
            settings: UserSettings::default(),
        };
        testing::register(folder.path(), user).await;
        let node = Self::node(&folder, &clock, "one").await;
        Self { folder, clock, node }
    }

    async fn node(folder: &TempDir, clock: &TestClock, name: &str) -> Node {
        let env = Env { clock: Arc::new(clock.clone()), ids: Arc::new(SystemIds) };
        Node::with_env(folder.path(), name, env).await
    }

    /// Adds a task with a reminder at a time.
    async fn remind(&self, at: Timestamp) {
        let civil = jiff::tz::Offset::UTC.to_datetime(at.to_jiff());
        let time = ReminderTimeInput { date: civil.date(), time: ClockTime(civil.time()), time_zone: None };
        let reminders = Some(vec![ReminderInput::at(time)]);
        let mut unit = self.node.services.begin(&reminder_caller(&ann()), None).await.unwrap();
        tasks::create(&mut unit, NewTask { title: "Call".into(), reminders, ..NewTask::default() }).await.unwrap();
        unit.commit().await.unwrap();
    }

    /// Looks at a time; returns how many fired.
    async fn look(&self, at: Timestamp) -> usize {
        self.clock.set(at);
        self.node.services.fire_reminders().await.unwrap().fired
    }

    /// The times of all reminders that have fired, and whether they were late.
    async fn fired(&self) -> Vec<(Timestamp, bool)> {
        let mut tx = self.node.services.store().read(&reminder_caller(&ann()).owner).await.unwrap();
        let events = tx.events_after(0, 1_000).await.unwrap();
        events
            .iter()
            .filter_map(|event| match event.body().unwrap()? {
                EventBody::ReminderDue { at, late, .. } => Some((at, late)),
                _ => None,
            })
            .collect()
    }
}

fn after(millis: i64) -> Timestamp {
    noon().plus_millis(millis)
}

#[tokio::test]
async fn each_look_finds_what_is_due_and_when_the_next_is() {
    let world = World::new().await;
    for seconds in [60, 61, 120] {
        world.remind(after(seconds * 1_000)).await;
    }
    assert_eq!(world.look(after(59_000)).await, 0);
    let next = world.node.services.fire_reminders().await.unwrap().next;
    assert_eq!(next, Some(after(60_000)));
    assert_eq!(world.look(after(60_000)).await, 1);
    assert_eq!(world.look(after(60_000)).await, 0);
    assert_eq!(world.look(after(61_500)).await, 1);
    assert_eq!(world.node.services.fire_reminders().await.unwrap(), Look { fired: 0, next: None });
    assert_eq!(world.look(after(121_000)).await, 1);
    assert_eq!(world.fired().await, [60_000, 61_000, 120_000].map(|millis| (after(millis), false)));
}

#[tokio::test]
async fn a_clock_that_jumps_loses_none_and_fires_none_twice() {
    let world = World::new().await;
    for minutes in [10, 30, 90] {
        world.remind(after(minutes * 60_000)).await;
    }
    assert_eq!(world.look(after(10 * 60_000)).await, 1);
    // An hour forwards, and back again.
    assert_eq!(world.look(after(HOUR + 10 * 60_000)).await, 1);
    assert_eq!(world.look(after(10 * 60_000)).await, 0);
    // Set while the clock is an hour behind what it was.
    world.remind(after(20 * 60_000)).await;
    assert_eq!(world.look(after(20 * 60_000)).await, 1);
    assert_eq!(world.look(after(31 * 60_000)).await, 0);
    assert_eq!(world.look(after(90 * 60_000)).await, 1);
    let times = [(10, false), (30, true), (20, false), (90, false)];
    assert_eq!(world.fired().await, times.map(|(minutes, late)| (after(minutes * 60_000), late)));
}

#[tokio::test]
async fn many_nodes_fire_each_once_the_longest_ago_first() {
    let world = World::new().await;
    let count = 3 * FIRED_TOGETHER + 7;
    for seconds in (0..count).rev() {
        world.remind(after(i64::try_from(seconds).unwrap() * 1_000)).await;
    }
    let other = World::node(&world.folder, &world.clock, "two").await;
    world.clock.set(after(HOUR));
    let (one, two) = tokio::join!(world.node.services.fire_reminders(), other.services.fire_reminders());
    assert_eq!(one.unwrap().fired + two.unwrap().fired, count);
    let fired: Vec<_> = world.fired().await.into_iter().map(|(at, _)| at).collect();
    assert_eq!(fired.len(), count);
    assert!(fired.iter().take(FIRED_TOGETHER).all(|at| *at < after(1_000 * i64::try_from(FIRED_TOGETHER).unwrap())));
}

#[tokio::test]
async fn a_reminder_that_is_set_at_the_last_moment_wakes_the_loop() {
    let world = World::new().await;
    let woken = || world.node.services.reminder_soon.notified().now_or_never().is_some();
    world.remind(after(HOUR)).await;
    assert!(!woken(), "the next look is soon enough");
    world.remind(after(500)).await;
    assert!(woken());
}
