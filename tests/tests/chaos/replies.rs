//! Replies survive a kill at any moment: soon after the restart they continue, end or are interrupted. No tool call takes
//! effect twice, and at most the text of the last second is lost.

use crate::{
    actor::pause,
    audit::Auditor,
    plan::{ChaosPlan, millis},
};
use futures_util::future::join_all;
use serde_json::json;
use std::time::{Duration, Instant};
use tandem_protocol::{
    ConversationId, MessageId,
    enums::{MessageState, ToolState},
    model::Message,
};
use tandem_tests::{
    Device, Reply, ScriptedProvider, TestServer, TestUser,
    database::{DatabaseLocation, Kind},
    fresh,
    provider::words,
    scripted_server::ScriptedServer,
};

/// Times that the server is killed.
const KILLS: u32 = 6;
/// Replies that are being written then.
const REPLIES: usize = 3;
/// Time limit for running replies after the start of a single node: 5 s and a margin for a busy machine.
const SETTLED: Duration = Duration::from_secs(8);
/// Maximum age of text that a kill may lose: it is saved every second, which takes some time itself.
const LOST_AT_MOST: Duration = Duration::from_millis(1400);

struct Fixture {
    server: TestServer,
    provider: ScriptedProvider,
    user: TestUser,
    _place: DatabaseLocation,
}

impl Fixture {
    async fn on(kind: Kind) -> Self {
        let location = DatabaseLocation::new(kind).await;
        let ScriptedServer { server, provider } =
            ScriptedServer::start(TestServer::setup().database(location.url())).await;
        Self { user: TestUser::register(&server).await, server, provider, _place: location }
    }

    /// Requests a reply in a new conversation.
    async fn request(&self, device: &Device, word: &str) -> (ConversationId, MessageId) {
        let conversation = ConversationId(fresh::id());
        (conversation, device.send_message(conversation, word).await.assistant_message.id)
    }

    /// Kills and starts the server, and waits until no reply is being written any more.
    async fn kill_and_settle(&self) {
        self.server.kill_and_restart().await;
        self.user.settled(SETTLED).await;
    }

    async fn message(&self, (conversation, id): (ConversationId, MessageId)) -> Message {
        let history = self.user.history(conversation).await;
        history.into_iter().find(|message| message.id == id).expect("an accepted message stays")
    }
}

async fn tools_on(kind: Kind) {
    let plan = ChaosPlan::from_env();
    eprintln!("{kind:?}: to repeat this: TANDEM_CHAOS_SEED={}", plan.seed);
    let fixture = Fixture::on(kind).await;
    let mut auditor = Auditor::new(&fixture.user).await;
    let mut device = Device::connected(&fixture.user, "laptop").await;
    let pace = Duration::from_millis(4);
    for round in 0..KILLS {
        let mut replies = Vec::new();
        for _ in 0..REPLIES {
            let word = fresh::word("tools");
            let titles = [fresh::word("first "), fresh::word("second ")];
            let add = |title: &String| Reply::call("add_task", &json!({ "title": title }));
            let script = [
                Reply::words(8, pace).then(add(&titles[0])),
                Reply::words(8, pace).then(add(&titles[1])),
                Reply::words(8, pace),
            ];
            fixture.provider.answer_by_progress(&word, script);
            replies.push((fixture.request(&device, &word).await, titles));
        }
        pause(millis(&mut plan.rng(round, 9), 0..220)).await;
        fixture.kill_and_settle().await;
        let tasks = fixture.user.tasks("status=all").await;
        for (reply, titles) in replies {
            let message = fixture.message(reply).await;
            assert_eq!(message.state, MessageState::Complete, "little was shown, so it continues: {message:?}");
            let calls: Vec<_> = message.parts.iter().filter_map(|part| part.as_tool_call()).collect();
            assert!(calls.len() == 2 && calls.iter().all(|call| call.state == ToolState::Done), "{calls:?}");
            for title in titles {
                assert_eq!(tasks.iter().filter(|task| task.title == title).count(), 1, "{title} of {message:?}");
            }
        }
        device.connect().await;
        let head = auditor.catch_up().await;
        device.reach(head).await;
        device.assert_faultless();
    }
}

#[tokio::test]
async fn no_tool_acts_twice_wherever_the_server_dies_on_sqlite() {
    tools_on(Kind::Sqlite).await;
}

#[tokio::test]
async fn no_tool_acts_twice_wherever_the_server_dies_on_postgres() {
    tools_on(Kind::Postgres).await;
}

async fn text_on(kind: Kind) {
    let plan = ChaosPlan::from_env();
    eprintln!("{kind:?}: to repeat this: TANDEM_CHAOS_SEED={}", plan.seed);
    let fixture = Fixture::on(kind).await;
    let mut devices = Vec::new();
    for number in 0..REPLIES {
        devices.push(Device::connected(&fixture.user, &format!("device {number}")).await);
    }
    // Some 30 bytes in 10 ms: the time for a checkpoint comes before its size does.
    let script = || Reply::words(3_000, Duration::from_millis(10));
    let mut replies = Vec::new();
    for device in &devices {
        let word = fresh::word("long");
        fixture.provider.answer(&word, [script()]);
        replies.push(fixture.request(device, &word).await);
    }
    let lived = millis(&mut plan.rng(0, 10), 2_500..4_000);
    let watched = join_all(devices.iter().zip(&replies).map(|(device, (_, reply))| watch(device, *reply, lived))).await;
    let killed = Instant::now();
    fixture.kill_and_settle().await;
    for (samples, reply) in watched.into_iter().zip(replies) {
        let message = fixture.message(reply).await;
        assert_eq!(message.state, MessageState::Interrupted, "much was shown, so it does not start over");
        let text = message.text();
        assert!(words(3_000).starts_with(&text));
        let shown = samples.iter().rev().find(|(at, _)| killed - *at >= LOST_AT_MOST).map_or(0, |(_, shown)| *shown);
        assert!(text.len() >= shown, "{} bytes are kept, {shown} were shown long before", text.len());
        assert!(shown > 0, "it was not watched for long enough");
    }
}

#[tokio::test]
async fn at_most_a_second_of_text_is_lost_when_the_server_dies_on_sqlite() {
    text_on(Kind::Sqlite).await;
}

#[tokio::test]
async fn at_most_a_second_of_text_is_lost_when_the_server_dies_on_postgres() {
    text_on(Kind::Postgres).await;
}

/// Samples the length of a reply on a device for the given time.
async fn watch(device: &Device, reply: MessageId, time: Duration) -> Vec<(Instant, usize)> {
    let start = Instant::now();
    let mut samples = Vec::new();
    while start.elapsed() < time {
        samples.push((Instant::now(), device.text_of(reply).len()));
        pause(Duration::from_millis(20)).await;
    }
    samples
}
