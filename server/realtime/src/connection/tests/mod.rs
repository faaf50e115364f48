//! The loop of a socket over memory: the frames that a device reads, their order, and a device that does not read.

mod socket;

use super::*;
use crate::Hub;
use serde_json::{Value, json};
use socket::{ClientEnd, pair};
use tandem_bus::Bus as _;
use tandem_protocol::{
    MessageId,
    id::ConnectionId,
    live::EventBody,
    model::Part,
    rest::{Login, Register},
};
use tandem_service::{
    sessions::Client,
    testing::{Node, commit_event},
};
use tempfile::TempDir;

/// A node without listeners, and a user of it.
struct Fixture {
    handshake: Arc<Handshake>,
    access_token: String,
    _folder: TempDir,
}

impl Fixture {
    async fn new(rate_limits: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let Node { services, bus } = Node::open(folder.path(), "test", rate_limits).await;
        let hub = Arc::new(Hub::new(20).0);
        bus.listen(Arc::clone(&hub) as _);
        let (email, password) = ("ann@tandem.example".to_owned(), "correct horse".to_owned());
        let register = Register { email: email.clone(), password: password.clone(), ..Register::default() };
        services.register(register, &Client::default()).await.unwrap();
        let login = Login { email, password, device_name: None, transport: None };
        let access_token = services.log_in(login, Client::default(), None).await.unwrap().access_token;
        Self { handshake: Arc::new(Handshake::new(services, hub)), access_token, _folder: folder }
    }

    /// A socket of the user, and the task that serves it.
    async fn connect(&self) -> ClientEnd {
        let services = &self.handshake.services;
        let grant = services.authenticate(&self.access_token).await.unwrap();
        let identity = Identity {
            connection: ConnectionId(services.env().id()),
            session: grant.caller.session().unwrap(),
            expires_at: grant.expires_at.unwrap(),
            caller: grant.caller,
            before_hello: None,
        };
        let (server, client) = pair();
        tokio::spawn(serve(server, None, identity, Arc::clone(&self.handshake)));
        client
    }

    /// A device that is live.
    async fn device(&self) -> ClientEnd {
        let mut client = self.connect().await;
        client.send(&hello(&Value::Null));
        assert_eq!(client.types(2).await, ["welcome", "live"]);
        client
    }

    fn epoch(&self) -> &str {
        self.handshake.services.epoch()
    }
}

/// Writes an event that is larger than what a socket takes, as older versions did.
async fn write_oversized(fixture: &Fixture) {
    let services = &fixture.handshake.services;
    let caller = services.authenticate(&fixture.access_token).await.unwrap().caller;
    let part = Part::text("x".repeat(3 * 1024 * 1024));
    let message_id = MessageId(uuid::Uuid::from_u128(1));
    commit_event(services, &caller, EventBody::MessagePart { message_id, index: 0, part }).await;
}

fn hello(resume: &Value) -> Value {
    json!({"type": "hello", "version": 1, "device": {"id": "d", "name": "Test"}, "resume": resume,
           "streams": [], "caps": []})
}

fn create_task(n: u128, title: &str) -> Value {
    let id = uuid::Uuid::from_u128(n);
    json!({"type": "command", "id": id, "name": "task.create", "args": {"title": title}})
}

/// Writes tasks and waits for their answers. The first event of every user is the sign-in.
async fn write_tasks(client: &mut ClientEnd, numbers: std::ops::Range<u128>, title: &str) {
    for n in numbers {
        client.send(&create_task(n, title));
        client.until("ack").await;
    }
}

#[tokio::test]
async fn whatever_comes_before_hello_is_a_bad_frame() {
    let mut client = Fixture::new(false).await.connect().await;
    client.send(&create_task(1, "too early"));
    assert_eq!(client.read_to_close().await, (Some(4500), Some(4500)));
}

#[tokio::test]
async fn a_close_of_the_other_side_is_answered() {
    let mut client = Fixture::new(false).await.device().await;
    client.close();
    assert_eq!(client.read_to_close().await, (None, None), "closed in good order, without a bye");
}

#[tokio::test]
async fn every_command_is_answered_once_and_in_order() {
    let mut client = Fixture::new(false).await.device().await;
    (1..=30).for_each(|n| client.send(&create_task(n, "one of many")));
    let mut answered = Vec::new();
    while answered.len() < 30 {
        answered.push(client.until("ack").await["id"].as_str().unwrap().parse::<uuid::Uuid>().unwrap().as_u128());
    }
    assert_eq!(answered, (1..=30).collect::<Vec<_>>());
}

#[tokio::test]
async fn commands_over_the_limit_are_refused_and_then_the_socket_is_closed() {
    let mut client = Fixture::new(true).await.device().await;
    (0..200).for_each(|n| client.send(&create_task(n, "flood")));
    assert_eq!(client.until("error").await["code"], "rate_limited");
    assert_eq!(client.read_to_close().await, (Some(4029), Some(4029)));
}

#[tokio::test]
async fn a_flood_of_other_frames_is_closed() {
    let mut client = Fixture::new(true).await.device().await;
    (0..200).for_each(|_| client.send(&json!({"type": "pong", "seq": 0})));
    assert_eq!(client.read_to_close().await, (Some(4029), Some(4029)));
}

#[tokio::test]
async fn missed_events_are_replayed_in_order_from_memory_and_from_the_log() {
    let fixture = Fixture::new(false).await;
    let mut writer = fixture.device().await;
    write_tasks(&mut writer, 1..300, "one of so many that the memory of the hub does not hold all of them").await;
    for (since, source) in [(297, "the hub"), (3, "the log")] {
        let mut client = fixture.connect().await;
        client.send(&hello(&json!({"epoch": fixture.epoch(), "seq": since})));
        let welcome = client.next().await.unwrap();
        assert_eq!((&welcome["mode"], &welcome["seq"]), (&json!("resumed"), &json!(300)), "{source}");
        for seq in since + 1..=300 {
            assert_eq!(client.next().await.unwrap()["seq"], seq, "{source}");
        }
        assert_eq!(client.next().await.unwrap(), json!({"type": "live", "seq": 300}));
    }
}

#[tokio::test]
async fn events_that_are_written_during_a_long_replay_come_once() {
    let fixture = Fixture::new(false).await;
    let mut writer = fixture.device().await;
    write_tasks(&mut writer, 1..300, "one of so many that the memory of the hub does not hold all of them").await;
    let mut client = fixture.connect().await;
    client.stop_reading();
    client.send(&hello(&json!({"epoch": fixture.epoch(), "seq": 3})));
    while fixture.handshake.log_reads() < 2 {
        tokio::task::yield_now().await;
    }
    write_tasks(&mut writer, 300..310, "while the first page is on its way").await;
    client.read_on();
    let mut seqs = Vec::new();
    while seqs.last().is_none_or(|seq| *seq < 310) {
        let frame = client.next().await.unwrap();
        seqs.extend(frame["seq"].as_i64().filter(|_| frame["type"] == "event"));
    }
    write_tasks(&mut writer, 310..311, "later").await;
    seqs.push(client.until("event").await["seq"].as_i64().unwrap());
    assert_eq!(seqs, (4..=311).collect::<Vec<_>>());
}

#[tokio::test]
async fn devices_that_come_back_together_cost_one_read_of_the_log() {
    let fixture = Fixture::new(false).await;
    let mut writer = fixture.device().await;
    write_tasks(&mut writer, 1..20, "before the cut").await;
    drop(writer);
    while fixture.handshake.hub.counts() != (0, 0) {
        tokio::task::yield_now().await;
    }
    let mut devices = Vec::new();
    for seq in (8..=17).rev() {
        let mut client = fixture.connect().await;
        client.send(&hello(&json!({"epoch": fixture.epoch(), "seq": seq})));
        devices.push((client, seq));
    }
    for (client, seq) in &mut devices {
        assert_eq!(client.until("welcome").await["mode"], "resumed");
        for missed in *seq + 1..=20 {
            assert_eq!(client.next().await.unwrap()["seq"], missed);
        }
        assert_eq!(client.next().await.unwrap(), json!({"type": "live", "seq": 20}));
    }
    assert_eq!(fixture.handshake.log_reads(), 2, "one for the writer, one for the devices that reconnected");
}

#[tokio::test]
async fn a_device_that_stops_reading_is_closed_with_the_reason_while_another_goes_on() {
    let fixture = Fixture::new(false).await;
    let (mut stopped, mut reader) = (fixture.device().await, fixture.device().await);
    stopped.stop_reading();
    let long = "x".repeat(10_000);
    for n in 1..=120 {
        let args = json!({"title": "a long one", "description": long});
        reader.send(&json!({"type": "command", "id": uuid::Uuid::from_u128(n), "name": "task.create", "args": args}));
        reader.until("ack").await;
    }
    assert_eq!(fixture.handshake.hub.counts(), (1, 1), "the device that does not read is not in the hub any more");
    stopped.read_on();
    let (bye, close) = stopped.read_to_close().await;
    assert_eq!((bye, close), (Some(4008), Some(4008)));
    write_tasks(&mut reader, 200..201, "life goes on").await;
}

#[tokio::test]
async fn frames_that_wait_become_one_array_for_a_device_that_takes_arrays() {
    let fixture = Fixture::new(false).await;
    let mut client = fixture.connect().await;
    let mut hello_frame = hello(&Value::Null);
    hello_frame["caps"] = json!(["batch"]);
    client.send(&hello_frame);
    client.until("live").await;
    client.stop_reading();
    let mut writer = fixture.device().await;
    write_tasks(&mut writer, 1..40, "gathered").await;
    client.read_on();
    let mut seqs = Vec::new();
    while seqs.len() < 39 {
        seqs.push(client.until("event").await["seq"].as_i64().unwrap());
    }
    assert_eq!(seqs, (2..=40).collect::<Vec<_>>());
    assert!(client.messages() < 20, "{} messages", client.messages());
}

#[tokio::test]
async fn an_event_that_no_socket_takes_ends_in_a_new_start_and_never_without_a_code() {
    let fixture = Fixture::new(false).await;
    let mut live = fixture.device().await;
    write_tasks(&mut live, 1..3, "before").await;
    write_oversized(&fixture).await;
    let (bye, close) = live.read_to_close().await;
    assert!(bye.is_some() && close.is_some(), "a device that is there is closed with a code");
    // From the memory of the hub, from the log, and from a page of the log that is not the first.
    let mut other = fixture.connect().await;
    other.send(&hello(&json!({"epoch": fixture.epoch(), "seq": 2})));
    assert_eq!(other.next().await.unwrap()["mode"], "resync");
    let mut fresh = fixture.device().await;
    write_tasks(&mut fresh, 3..6, "after").await;
    let mut behind = fixture.connect().await;
    behind.send(&hello(&json!({"epoch": fixture.epoch(), "seq": 2})));
    assert_eq!(behind.next().await.unwrap()["mode"], "resync");
    let mut beyond = fixture.connect().await;
    beyond.send(&hello(&json!({"epoch": fixture.epoch(), "seq": 4})));
    assert_eq!(beyond.next().await.unwrap()["mode"], "resumed", "a device that is past the event goes on");
}

#[tokio::test]
async fn an_oversized_event_of_a_later_page_closes_with_a_code_and_then_is_a_new_start() {
    let fixture = Fixture::new(false).await;
    let mut writer = fixture.device().await;
    write_tasks(&mut writer, 1..300, "one of so many that they are several pages").await;
    write_oversized(&fixture).await;
    let mut client = fixture.connect().await;
    client.send(&hello(&json!({"epoch": fixture.epoch(), "seq": 3})));
    assert_eq!(client.next().await.unwrap()["mode"], "resumed");
    let mut seq = 3;
    while seq < 300 {
        seq = client.next().await.unwrap()["seq"].as_i64().unwrap();
    }
    assert_eq!(client.read_to_close().await, (Some(4002), Some(4002)));
    let mut client = fixture.connect().await;
    client.send(&hello(&json!({"epoch": fixture.epoch(), "seq": seq})));
    assert_eq!(client.next().await.unwrap()["mode"], "resync");
}
