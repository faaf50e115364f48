//! The loop of a socket over memory: what a device reads, in which order, and what happens when it does not read.

mod socket;

use super::*;
use crate::{bus::Bus as _, realtime::Hub, service::sessions::Client, tests::Node};
use serde_json::{Value, json};
use socket::{Far, pair};
use tandem_protocol::{
    MessageId,
    id::ConnectionId,
    live::EventBody,
    model::Part,
    rest::{Login, Register},
};
use tempfile::TempDir;

/// A node without doors, and one user of it.
struct World {
    reception: Arc<Reception>,
    access_token: String,
    _folder: TempDir,
}

impl World {
    async fn new(rate_limits: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let Node { services, bus } = Node::open(folder.path(), "test", rate_limits).await;
        let hub = Arc::new(Hub::new(20).0);
        bus.listen(Arc::clone(&hub) as _);
        let (email, password) = ("ann@tandem.example".to_owned(), "correct horse".to_owned());
        let register = Register { email: email.clone(), password: password.clone(), name: None };
        services.register(register, &Client::default()).await.unwrap();
        let login = Login { email, password, device_name: None, transport: None };
        let access_token = services.log_in(login, Client::default(), None).await.unwrap().access_token;
        Self { reception: Arc::new(Reception::new(services, hub)), access_token, _folder: folder }
    }

    /// A socket of the user, and the task that serves it.
    async fn connect(&self) -> Far {
        let services = &self.reception.services;
        let grant = services.authenticate(&self.access_token).await.unwrap();
        let identity = Identity {
            connection: ConnectionId(services.env().id()),
            session: grant.caller.session().unwrap(),
            expires_at: grant.expires_at.unwrap(),
            caller: grant.caller,
            before_hello: None,
        };
        let (near, far) = pair();
        tokio::spawn(serve(near, None, identity, Arc::clone(&self.reception)));
        far
    }

    /// A device that is live.
    async fn device(&self) -> Far {
        let mut far = self.connect().await;
        far.say(&hello(&Value::Null));
        assert_eq!(far.types(2).await, ["welcome", "live"]);
        far
    }

    fn epoch(&self) -> &str {
        self.reception.services.epoch()
    }
}

/// Writes an event that is larger than what a socket takes, as older versions did.
async fn write_oversized(world: &World) {
    let services = &world.reception.services;
    let caller = services.authenticate(&world.access_token).await.unwrap().caller;
    let mut unit = services.begin(&caller, None).await.unwrap();
    let part = Part::text("x".repeat(3 * 1024 * 1024));
    let message_id = MessageId(uuid::Uuid::from_u128(1));
    unit.record(EventBody::MessagePart { message_id, index: 0, part }).await.unwrap();
    unit.commit().await.unwrap();
}

fn hello(resume: &Value) -> Value {
    json!({"type": "hello", "version": 1, "device": {"id": "d", "name": "Test"}, "resume": resume,
           "streams": [], "caps": []})
}

fn create_task(n: u128, title: &str) -> Value {
    let id = uuid::Uuid::from_u128(n);
    json!({"type": "command", "id": id, "name": "task.create", "args": {"title": title}})
}

/// Writes tasks and waits until all of them are kept. The first event of everybody is the sign-in.
async fn write_tasks(far: &mut Far, numbers: std::ops::Range<u128>, title: &str) {
    for n in numbers {
        far.say(&create_task(n, title));
        far.until("ack").await;
    }
}

#[tokio::test]
async fn whatever_comes_before_hello_is_a_bad_frame() {
    let mut far = World::new(false).await.connect().await;
    far.say(&create_task(1, "too early"));
    assert_eq!(far.farewell().await, (Some(4500), Some(4500)));
}

#[tokio::test]
async fn a_close_of_the_other_side_is_answered() {
    let mut far = World::new(false).await.device().await;
    far.close();
    assert_eq!(far.farewell().await, (None, None), "closed in good order, without a bye");
}

#[tokio::test]
async fn every_command_is_answered_once_and_in_order() {
    let mut far = World::new(false).await.device().await;
    (1..=30).for_each(|n| far.say(&create_task(n, "one of many")));
    let mut answered = Vec::new();
    while answered.len() < 30 {
        answered.push(far.until("ack").await["id"].as_str().unwrap().parse::<uuid::Uuid>().unwrap().as_u128());
    }
    assert_eq!(answered, (1..=30).collect::<Vec<_>>());
}

#[tokio::test]
async fn commands_over_the_limit_are_refused_and_then_the_socket_is_closed() {
    let mut far = World::new(true).await.device().await;
    (0..200).for_each(|n| far.say(&create_task(n, "flood")));
    assert_eq!(far.until("error").await["code"], "rate_limited");
    assert_eq!(far.farewell().await, (Some(4029), Some(4029)));
}

#[tokio::test]
async fn a_flood_of_other_frames_is_closed() {
    let mut far = World::new(true).await.device().await;
    (0..200).for_each(|_| far.say(&json!({"type": "pong", "seq": 0})));
    assert_eq!(far.farewell().await, (Some(4029), Some(4029)));
}

#[tokio::test]
async fn what_was_missed_is_replayed_in_order_from_memory_and_from_the_log() {
    let world = World::new(false).await;
    let mut writer = world.device().await;
    write_tasks(&mut writer, 1..300, "one of so many that the memory of the hub does not hold all of them").await;
    for (since, source) in [(297, "the hub"), (3, "the log")] {
        let mut far = world.connect().await;
        far.say(&hello(&json!({"epoch": world.epoch(), "seq": since})));
        let welcome = far.next().await.unwrap();
        assert_eq!((&welcome["mode"], &welcome["seq"]), (&json!("resumed"), &json!(300)), "{source}");
        for seq in since + 1..=300 {
            assert_eq!(far.next().await.unwrap()["seq"], seq, "{source}");
        }
        assert_eq!(far.next().await.unwrap(), json!({"type": "live", "seq": 300}));
    }
}

#[tokio::test]
async fn what_is_written_during_a_replay_of_several_pages_comes_once() {
    let world = World::new(false).await;
    let mut writer = world.device().await;
    write_tasks(&mut writer, 1..300, "one of so many that the memory of the hub does not hold all of them").await;
    let mut far = world.connect().await;
    far.stop_reading();
    far.say(&hello(&json!({"epoch": world.epoch(), "seq": 3})));
    while world.reception.log_reads() < 2 {
        tokio::task::yield_now().await;
    }
    write_tasks(&mut writer, 300..310, "while the first page is on its way").await;
    far.read_on();
    let mut seqs = Vec::new();
    while seqs.last().is_none_or(|seq| *seq < 310) {
        let frame = far.next().await.unwrap();
        seqs.extend(frame["seq"].as_i64().filter(|_| frame["type"] == "event"));
    }
    write_tasks(&mut writer, 310..311, "later").await;
    seqs.push(far.until("event").await["seq"].as_i64().unwrap());
    assert_eq!(seqs, (4..=311).collect::<Vec<_>>());
}

#[tokio::test]
async fn devices_that_come_back_together_cost_one_read_of_the_log() {
    let world = World::new(false).await;
    let mut writer = world.device().await;
    write_tasks(&mut writer, 1..20, "before the cut").await;
    drop(writer);
    while world.reception.hub.counts() != (0, 0) {
        tokio::task::yield_now().await;
    }
    let mut devices = Vec::new();
    for seq in (8..=17).rev() {
        let mut far = world.connect().await;
        far.say(&hello(&json!({"epoch": world.epoch(), "seq": seq})));
        devices.push((far, seq));
    }
    for (far, seq) in &mut devices {
        assert_eq!(far.until("welcome").await["mode"], "resumed");
        for missed in *seq + 1..=20 {
            assert_eq!(far.next().await.unwrap()["seq"], missed);
        }
        assert_eq!(far.next().await.unwrap(), json!({"type": "live", "seq": 20}));
    }
    assert_eq!(world.reception.log_reads(), 2, "one for the writer, one for those who came back");
}

#[tokio::test]
async fn a_device_that_stops_reading_is_cut_off_and_hears_why_while_another_goes_on() {
    let world = World::new(false).await;
    let (mut stopped, mut reader) = (world.device().await, world.device().await);
    stopped.stop_reading();
    let long = "x".repeat(10_000);
    for n in 1..=120 {
        let args = json!({"title": "a long one", "description": long});
        reader.say(&json!({"type": "command", "id": uuid::Uuid::from_u128(n), "name": "task.create", "args": args}));
        reader.until("ack").await;
    }
    assert_eq!(world.reception.hub.counts(), (1, 1), "who does not read is gone from the hub");
    stopped.read_on();
    let (bye, close) = stopped.farewell().await;
    assert_eq!((bye, close), (Some(4008), Some(4008)));
    write_tasks(&mut reader, 200..201, "life goes on").await;
}

#[tokio::test]
async fn frames_that_wait_become_one_array_for_a_device_that_takes_arrays() {
    let world = World::new(false).await;
    let mut far = world.connect().await;
    let mut greeting = hello(&Value::Null);
    greeting["caps"] = json!(["batch"]);
    far.say(&greeting);
    far.until("live").await;
    far.stop_reading();
    let mut writer = world.device().await;
    write_tasks(&mut writer, 1..40, "gathered").await;
    far.read_on();
    let mut seqs = Vec::new();
    while seqs.len() < 39 {
        seqs.push(far.until("event").await["seq"].as_i64().unwrap());
    }
    assert_eq!(seqs, (2..=40).collect::<Vec<_>>());
    assert!(far.messages() < 20, "{} messages", far.messages());
}

#[tokio::test]
async fn an_event_that_no_socket_takes_ends_in_a_new_start_and_never_without_a_code() {
    let world = World::new(false).await;
    let mut live = world.device().await;
    write_tasks(&mut live, 1..3, "before").await;
    write_oversized(&world).await;
    let (said, code) = live.farewell().await;
    assert!(said.is_some() && code.is_some(), "a device that is there is closed with a code");
    // From the memory of the hub, from the log, and from a page of the log that is not the first.
    let mut other = world.connect().await;
    other.say(&hello(&json!({"epoch": world.epoch(), "seq": 2})));
    assert_eq!(other.next().await.unwrap()["mode"], "resync");
    let mut fresh = world.device().await;
    write_tasks(&mut fresh, 3..6, "after").await;
    let mut behind = world.connect().await;
    behind.say(&hello(&json!({"epoch": world.epoch(), "seq": 2})));
    assert_eq!(behind.next().await.unwrap()["mode"], "resync");
    let mut beyond = world.connect().await;
    beyond.say(&hello(&json!({"epoch": world.epoch(), "seq": 4})));
    assert_eq!(beyond.next().await.unwrap()["mode"], "resumed", "what lies behind the event goes on");
}

#[tokio::test]
async fn an_oversized_event_of_a_later_page_closes_with_a_code_and_then_is_a_new_start() {
    let world = World::new(false).await;
    let mut writer = world.device().await;
    write_tasks(&mut writer, 1..300, "one of so many that they are several pages").await;
    write_oversized(&world).await;
    let mut far = world.connect().await;
    far.say(&hello(&json!({"epoch": world.epoch(), "seq": 3})));
    assert_eq!(far.next().await.unwrap()["mode"], "resumed");
    let mut seq = 3;
    while seq < 300 {
        seq = far.next().await.unwrap()["seq"].as_i64().unwrap();
    }
    assert_eq!(far.farewell().await, (Some(4002), Some(4002)));
    let mut far = world.connect().await;
    far.say(&hello(&json!({"epoch": world.epoch(), "seq": seq})));
    assert_eq!(far.next().await.unwrap()["mode"], "resync");
}
