//! The nodes that the tests share, devices on each of them, and helpers.

use std::time::Duration;
use tandem_protocol::{ConversationId, MessageId, model::Message};
pub(crate) use tandem_tests::assert_within;
use tandem_tests::{Device, Nodes, Reply, TestUser, device::assert_equal, fresh};
use tokio::sync::OnceCell;

/// Interval of the words of a reply: short, but long enough to join it.
pub(crate) const PACE: Duration = Duration::from_millis(5);

/// Time limit for messages of the bus, with a margin for a busy machine.
pub(crate) const BUS_LIMIT: Duration = Duration::from_secs(1);

/// Time limit for changes that the bus did not deliver, which the sweep finds.
pub(crate) const SWEEP_LIMIT: Duration = Duration::from_secs(5);

/// Time limit for the end of a reply after the loss of its node.
pub(crate) const TAKEOVER_LIMIT: Duration = Duration::from_secs(12);

/// The three nodes that tests without faults share.
pub(crate) async fn shared() -> &'static Nodes {
    static NODES: OnceCell<Nodes> = OnceCell::const_new();
    let start = async || {
        let nodes = Nodes::new(3).await;
        // The owner: the users of tests are members, who may delete their accounts.
        TestUser::register(&nodes[0]).await;
        nodes
    };
    NODES.get_or_init(start).await
}

/// A device of a user on each node, in the order of the nodes.
pub(crate) async fn on_each(nodes: &Nodes, user: &TestUser) -> Vec<Device> {
    let mut devices = Vec::new();
    for (number, server) in nodes.iter().enumerate() {
        devices.push(Device::connected(&user.at(server), &format!("on node {number}")).await);
    }
    devices
}

/// A new user with a device on each node.
pub(crate) async fn user_on_each_node(nodes: &Nodes) -> (TestUser, Vec<Device>) {
    let user = TestUser::register(&nodes[0]).await;
    let devices = on_each(nodes, &user).await;
    (user, devices)
}

/// A reply with a script of its own.
#[derive(Clone, Debug)]
pub(crate) struct ScriptedReply {
    pub(crate) conversation: ConversationId,
    pub(crate) reply: MessageId,
    /// The word of its script.
    pub(crate) word: String,
}

impl ScriptedReply {
    /// The reply as REST shows it.
    pub(crate) async fn message(&self, user: &TestUser) -> Message {
        let history = user.history(self.conversation).await;
        history.into_iter().find(|message| message.id == self.reply).expect("an accepted message stays")
    }
}

/// Sends a message with these scripted replies in a new conversation.
pub(crate) async fn start_reply(
    nodes: &Nodes,
    device: &Device,
    replies: impl IntoIterator<Item = Reply>,
) -> ScriptedReply {
    start_reply_in(nodes, device, ConversationId(fresh::id()), replies).await
}

/// Sends a message with these scripted replies in this conversation.
pub(crate) async fn start_reply_in(
    nodes: &Nodes,
    device: &Device,
    conversation: ConversationId,
    replies: impl IntoIterator<Item = Reply>,
) -> ScriptedReply {
    let word = fresh::word("tell");
    nodes.provider().answer(&word, replies);
    let sent = device.send_message(conversation, &format!("please {word}")).await;
    ScriptedReply { conversation, reply: sent.assistant_message.id, word }
}

/// Asserts that all devices are equal and the servers have broken no rule.
pub(crate) async fn all_equal(devices: &[Device]) {
    for two in devices.windows(2) {
        assert_equal(&two[0], &two[1]).await;
    }
    devices.iter().for_each(in_order);
}

/// Every event that a device was sent follows the one before.
pub(crate) fn in_order(device: &Device) {
    let seqs: Vec<i64> = device.look(|seen| seen.events().map(|event| event.seq).collect());
    assert!(seqs.windows(2).all(|two| two[0] + 1 == two[1]), "{}: {seqs:?}", device.id());
}

/// A device connects again if it lost its connection.
pub(crate) async fn back(device: &mut Device) {
    if !device.is_connected() {
        device.connect().await;
    }
}
