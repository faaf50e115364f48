//! The node that writes replies is killed: another one completes them, no command takes effect twice, and no text
//! disappears from a connected device.

use crate::{
    support::{
        PACE, ScriptedReply, TAKEOVER_LIMIT, all_equal, assert_within, start_reply, start_reply_in, user_on_each_node,
    },
    watch::Watch,
};
use serde_json::json;
use std::{
    env,
    time::{Duration, Instant},
};
use tandem_protocol::{
    enums::{MessageState, ToolState},
    model::Message,
};
use tandem_tests::{Device, Nodes, Reply, TestUser, eventually, fresh, provider::words};

/// Kills of an ordinary run: each of the two nodes that have devices.
const KILLS: usize = 2;
/// Words of a reply that is too long to start over.
const LONG: usize = 120;
/// Words of one that is not over when its node dies.
const FLOW: usize = 2_000;
/// Words of one that is short enough to start over.
const SHORT: usize = 10;

/// The number of kills.
fn kills() -> usize {
    env::var("TANDEM_CLUSTER_KILLS").map_or(KILLS, |text| text.parse().expect("a number"))
}

/// The replies that run when their node is killed.
struct Replies {
    silent: ScriptedReply,
    short: ScriptedReply,
    long: ScriptedReply,
    flowing: ScriptedReply,
    /// A reply that has called a tool.
    tool: ScriptedReply,
    /// Waits behind the silent one.
    queued: ScriptedReply,
    /// Title of the task that the tool adds.
    title: String,
}

impl Replies {
    /// Starts all replies, and waits until each has the state in which its node is killed.
    async fn begin(nodes: &Nodes, device: &Device) -> Self {
        let title = fresh::word("only once ");
        let call = Reply::call("add_task", &json!({ "title": title }));
        let silent = start_reply(nodes, device, [Reply::default().hang(), Reply::text("After all.")]).await;
        let rest = Reply::words(3 * SHORT, Duration::ZERO);
        let replies = Self {
            short: start_reply(nodes, device, [Reply::words(SHORT, PACE).hang(), rest]).await,
            long: start_reply(nodes, device, [Reply::words(LONG, PACE).hang(), Reply::words(LONG, Duration::ZERO)])
                .await,
            flowing: start_reply(nodes, device, [Reply::words(FLOW, PACE)]).await,
            tool: start_reply(nodes, device, [call, Reply::default().hang(), Reply::text("It is done.")]).await,
            queued: start_reply_in(nodes, device, silent.conversation, [Reply::text("The next.")]).await,
            silent,
            title,
        };
        let reply = |word: &str, count: usize| (nodes.provider().requests(word).len() == count).then_some(());
        eventually("the silent reply to be requested", async || reply(&replies.silent.word, 1)).await;
        eventually("the result of the tool to go back", async || reply(&replies.tool.word, 2)).await;
        device.text_of_at_least(replies.short.reply, words(SHORT).len()).await;
        device.text_of_at_least(replies.long.reply, words(LONG).len()).await;
        device.text_of_at_least(replies.flowing.reply, words(LONG).len()).await;
        replies
    }

    fn all(&self) -> [&ScriptedReply; 6] {
        [&self.silent, &self.short, &self.long, &self.flowing, &self.tool, &self.queued]
    }

    /// The replies have ended as after the kill of a node.
    async fn check(&self, user: &TestUser, kept: &str) {
        let silent = self.silent.message(user).await;
        assert_eq!((silent.state, silent.text().as_str()), (MessageState::Complete, "After all."));
        ended_with(&self.short.message(user).await, &words(3 * SHORT));
        let long = self.long.message(user).await;
        ended_with(&long, &words(LONG));
        assert!(long.text().starts_with(kept), "{} of {} bytes are left", long.text().len(), kept.len());
        ended_with(&self.flowing.message(user).await, &words(FLOW));
        let tool = self.tool.message(user).await;
        let calls: Vec<_> = tool.parts.iter().filter_map(|part| part.as_tool_call()).collect();
        assert!(calls.len() == 1 && calls[0].state == ToolState::Done, "{tool:?}");
        let tasks = user.tasks("status=all").await;
        assert_eq!(tasks.iter().filter(|task| task.title == self.title).count(), 1, "a tool acts once");
        let queued = self.queued.message(user).await;
        assert_eq!((queued.state, queued.text().as_str()), (MessageState::Complete, "The next."));
    }
}

/// Complete with all of it, or interrupted with the beginning of it.
#[track_caller]
pub(crate) fn ended_with(message: &Message, text: &str) {
    match message.state {
        MessageState::Complete => assert_eq!(message.text(), text),
        MessageState::Interrupted => assert!(text.starts_with(&message.text()), "{:?}", message.text()),
        other => panic!("a reply does not end as {other} because its node died"),
    }
}

/// Kills one of the two nodes that have devices in the middle of its replies, and has another end them; then it starts
/// again.
async fn kill(nodes: &Nodes, victim: usize, user: &TestUser, devices: &mut [Device]) {
    let living = 1 - victim;
    let replies = Replies::begin(nodes, &devices[victim]).await;
    assert_eq!(nodes.writers(&replies.long.word), [victim], "the node that received the message writes");
    devices[living].text_of_at_least(replies.long.reply, words(LONG).len()).await;
    let watches = replies.all().map(|reply| Watch::begin(&devices[living], reply.reply));
    let kept = devices[living].text_of(replies.long.reply);
    nodes[victim].kill();
    let start = Instant::now();
    for reply in replies.all() {
        devices[living].ended(reply.reply).await;
    }
    assert_within("replies of a killed node to their ends", start, TAKEOVER_LIMIT);
    let user = user.at(&nodes[living]);
    replies.check(&user, &kept).await;
    for watch in watches {
        watch.assert_never_shrank(&devices[living]);
    }
    assert!(user.snapshot().await.active_messages.is_empty(), "no reply is left running");
    nodes[victim].start().await;
    devices[victim].connect().await;
    nodes.wait_until_connected().await;
    all_equal(devices).await;
}

/// Repeated kills of the node that writes. The third node has no device of the user, so when it resumes a reply, the
/// shown text is on another node.
#[tokio::test]
async fn a_kill_of_the_node_that_writes_ends_no_reply_badly() {
    // A hundred kills take longer than a token is valid by default. All kinds of replies of the user run at once.
    let nodes = Nodes::setup(3).env("TANDEM_ACCESS_TTL", "10h").env("TANDEM_USER_REPLIES", "6").start().await;
    let (user, mut devices) = user_on_each_node(&nodes).await;
    devices.truncate(2);
    for round in 0..kills() {
        kill(&nodes, round % 2, &user, &mut devices).await;
    }
}

/// The remaining node completes the reply also without connected devices and without NATS.
#[tokio::test]
async fn a_reply_of_a_killed_node_ends_with_no_device_and_no_bus() {
    let nodes = Nodes::new(2).await;
    let user = TestUser::register(&nodes[0]).await;
    let device = Device::connected(&user, "laptop").await;
    nodes.nats().stop();
    let reply =
        start_reply(&nodes, &device, [Reply::words(SHORT, PACE).hang(), Reply::words(SHORT, Duration::ZERO)]).await;
    device.text_of_at_least(reply.reply, words(SHORT).len()).await;
    nodes[0].kill();
    let start = Instant::now();
    let user = user.at(&nodes[1]);
    user.settled(TAKEOVER_LIMIT).await;
    assert_within("a reply of a killed node without the bus to its end", start, TAKEOVER_LIMIT);
    ended_with(&reply.message(&user).await, &words(SHORT));
    let mut device = device;
    device.switch_to(&nodes[1]);
    device.connect().await;
    assert_eq!(device.ended(reply.reply).await, reply.message(&user).await);
    device.assert_faultless();
}
