//! The order of events: duplicates, gaps, where to resume, when to start over.

use crate::samples::{at, event, snapshot, task, user, welcome};
use serde_json::value::RawValue;
use tandem_protocol::{
    enums::{ActorKind, WelcomeMode},
    live::{
        Actor, Event, EventBody, ServerFrame,
        client::ResumePoint,
        server::{Live, Ping, Presence, PresentDevice},
    },
    model::User,
    replica::{Change, ContractBreach, Replica},
};

fn created(seq: i64) -> ServerFrame {
    event(seq, &EventBody::TaskCreated { task: task(seq.unsigned_abs().into(), 1) })
}

fn device() -> Replica {
    let mut replica = Replica::new();
    replica.load_snapshot(snapshot(10));
    replica
}

fn at_seq(seq: i64) -> ResumePoint {
    ResumePoint { epoch: "e1".into(), seq }
}

#[test]
fn events_up_to_the_snapshot_are_known() {
    let mut replica = device();
    assert_eq!(replica.apply(&created(10)), Change::Duplicate);
    assert_eq!(replica.apply(&created(1)), Change::Duplicate);
    assert_eq!(replica.apply(&created(11)), Change::Task(task(11, 1).id));
    assert_eq!((replica.tasks().len(), replica.faults()), (1, [].as_slice()));
    assert_eq!(replica.resume_point(), Some(at_seq(11)));
}

#[test]
fn an_event_that_comes_twice_is_ignored_and_noted() {
    let mut replica = device();
    replica.apply(&created(11));
    assert_eq!(replica.apply(&created(11)), Change::Duplicate);
    assert_eq!(replica.take_faults(), [ContractBreach::EventTwice { seq: 11 }]);
    assert_eq!(replica.seq(), 11);
}

#[test]
fn a_missing_event_is_told_and_nothing_is_applied_until_it_comes() {
    let mut replica = device();
    assert_eq!(replica.apply(&created(12)), Change::Gap { expected: 11, got: 12 });
    assert_eq!((replica.tasks().len(), replica.resume_point()), (0, Some(at_seq(10))));
    replica.apply(&created(11));
    replica.apply(&created(12));
    assert_eq!((replica.tasks().len(), replica.resume_point()), (2, Some(at_seq(12))));
    assert_eq!(replica.take_faults(), [ContractBreach::EventGap { expected: 11, got: 12 }]);
}

#[test]
fn a_loss_at_the_end_shows_at_the_next_ping_or_live() {
    let mut replica = device();
    assert_eq!(replica.apply(&ServerFrame::Live(Live { seq: 10 })), Change::Live);
    assert_eq!(replica.apply(&ServerFrame::Ping(Ping { seq: 10 })), Change::None);
    assert_eq!(replica.faults(), []);
    assert_eq!(replica.apply(&ServerFrame::Ping(Ping { seq: 12 })), Change::Gap { expected: 11, got: 12 });
    assert_eq!(replica.apply(&ServerFrame::Live(Live { seq: 11 })), Change::Gap { expected: 11, got: 11 });
}

#[test]
fn a_device_without_a_snapshot_starts_where_the_welcome_says() {
    let mut replica = Replica::new();
    assert_eq!(replica.resume_point(), None);
    assert_eq!(replica.apply(&welcome(WelcomeMode::Fresh, "e1", 7)), Change::Welcome(WelcomeMode::Fresh));
    assert_eq!(replica.apply(&created(8)), Change::Task(task(8, 1).id));
    assert_eq!(replica.resume_point(), Some(at_seq(8)));
}

#[test]
fn a_fresh_start_of_a_device_that_has_something_is_a_gap_when_more_happened() {
    let mut replica = device();
    assert_eq!(replica.apply(&welcome(WelcomeMode::Fresh, "e1", 10)), Change::Welcome(WelcomeMode::Fresh));
    assert_eq!(replica.apply(&welcome(WelcomeMode::Fresh, "e1", 12)), Change::Gap { expected: 11, got: 12 });
    assert_eq!(replica.faults(), []);
}

#[test]
fn after_a_resync_nothing_is_applied_before_the_next_snapshot() {
    for mut replica in [device(), Replica::new()] {
        assert_eq!(replica.apply(&welcome(WelcomeMode::Resync, "e2", 3)), Change::Resync);
        assert_eq!(replica.resume_point(), None);
        assert_eq!(replica.apply(&created(11)), Change::None);
        assert_eq!(replica.tasks().len(), 0);
        replica.load_snapshot(snapshot(20));
        assert_eq!(replica.apply(&created(21)), Change::Task(task(21, 1).id));
        assert_eq!(replica.resume_point(), Some(at_seq(21)));
    }
}

#[test]
fn another_epoch_is_a_resync_whatever_the_server_calls_it() {
    let mut replica = device();
    assert_eq!(replica.apply(&welcome(WelcomeMode::Resumed, "e2", 10)), Change::Resync);
    assert_eq!(replica.resume_point(), None);
}

#[test]
fn an_event_of_unknown_name_counts_and_changes_nothing() {
    let mut replica = device();
    let unknown = Event {
        seq: 11,
        at: at(1),
        name: "task.painted".into(),
        data: RawValue::from_string("{}".into()).unwrap(),
        actor: Actor { kind: ActorKind::Mcp, device_id: None },
        command_id: None,
    };
    assert_eq!(replica.apply(&ServerFrame::Event(unknown.clone())), Change::None);
    assert_eq!((replica.seq(), replica.faults()), (11, [].as_slice()));
    let broken = Event { seq: 12, name: "task.deleted".into(), ..unknown };
    assert_eq!(replica.apply(&ServerFrame::Event(broken)), Change::None);
    assert!(matches!(replica.faults(), [ContractBreach::UnreadableEvent { seq: 12, .. }]));
    assert_eq!(replica.seq(), 12);
}

#[test]
fn account_and_devices_are_told() {
    let mut replica = device();
    let ann = User { name: "Ann".into(), ..user() };
    assert_eq!(replica.apply(&event(11, &EventBody::UserUpdated { user: ann.clone() })), Change::User);
    assert_eq!(replica.user().map(AsRef::as_ref), Some(&ann));
    let laptop = PresentDevice { id: "laptop".into(), name: "Laptop".into(), connected_at: at(0) };
    let present = ServerFrame::Presence(Presence { devices: vec![laptop.clone()] });
    assert_eq!(replica.apply(&present), Change::Presence);
    assert_eq!(replica.presence().as_ref(), [laptop]);
}

#[test]
fn an_oracle_is_not_drowned_in_faults() {
    let mut replica = device();
    for _ in 0..1000 {
        replica.apply(&created(12));
    }
    assert_eq!(replica.faults().len(), 100);
}
