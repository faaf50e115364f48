//! The node that writes is frozen (SIGSTOP) for longer than its lease: another one completes its replies, and its later
//! writes are refused.

use crate::{
    support::{PACE, ScriptedReply, TAKEOVER_LIMIT, all_equal, assert_within, back, start_reply, user_on_each_node},
    takeover::ended_with,
    watch::Watch,
};
use serde_json::json;
use std::time::{Duration, Instant};
use tandem_protocol::{enums::MessageState, model::Message};
use tandem_tests::{Device, Nodes, Reply, eventually, provider::words};

/// Words that are shown when the node stops.
const SHOWN: usize = 20;

/// The events of a reply that came behind its end.
fn behind_the_end(device: &Device, reply: &ScriptedReply) -> Vec<String> {
    let id = reply.reply.to_string();
    device.look(|seen| {
        let of_it = seen.events().filter(|event| event.data.get().contains(&id));
        let names: Vec<String> =
            of_it.map(|event| event.name.clone()).filter(|name| name.starts_with("message.")).collect();
        let end = names.iter().position(|name| name == "message.completed").expect("it has ended");
        names[end + 1..].to_vec()
    })
}

/// The state of the provider when a frozen node continues.
struct Frozen {
    /// The provider sends nothing more: the node has to cancel.
    hanging: ScriptedReply,
    /// The provider sends the rest, which must not be written.
    flowing: ScriptedReply,
    /// Its provider calls a tool: it must not act.
    acting: ScriptedReply,
}

impl Frozen {
    async fn begin(nodes: &Nodes, device: &Device) -> Self {
        let half = || Reply::words(SHOWN, PACE);
        let again = || Reply::words(SHOWN, Duration::ZERO);
        let call = Reply::call("add_task", &json!({ "title": "By the node that stood still" }));
        let frozen = Self {
            hanging: start_reply(nodes, device, [half().hang(), again()]).await,
            flowing: start_reply(nodes, device, [half().hold().and_words(SHOWN, SHOWN, PACE), again()]).await,
            acting: start_reply(nodes, device, [half().hold().then(call), again()]).await,
        };
        for reply in frozen.all() {
            device.text_of_at_least(reply.reply, words(SHOWN).len()).await;
        }
        frozen
    }

    fn all(&self) -> [&ScriptedReply; 3] {
        [&self.hanging, &self.flowing, &self.acting]
    }

    /// Releases the providers, and waits until the old node has read the rest or cancelled.
    async fn go_on(&self, nodes: &Nodes) {
        nodes.provider().release(&self.flowing.word);
        nodes.provider().release(&self.acting.word);
        for reply in self.all() {
            eventually("the old node to be done with its provider", async || {
                let first = nodes.provider().requests(&reply.word).into_iter().next()?;
                (first.hung_up || first.finished).then_some(())
            })
            .await;
        }
        nodes.provider().wait_for_hang_up(&self.hanging.word).await;
    }
}

/// No write is possible with an expired lease, and no text disappears on a device of another node.
#[tokio::test]
async fn a_node_that_was_frozen_cannot_write_a_reply_that_another_has_ended() {
    let nodes = Nodes::new(2).await;
    let (user, mut devices) = user_on_each_node(&nodes).await;
    let frozen = Frozen::begin(&nodes, &devices[0]).await;
    for reply in frozen.all() {
        devices[1].text_of_at_least(reply.reply, words(SHOWN).len()).await;
    }
    let watches = frozen.all().map(|reply| Watch::begin(&devices[1], reply.reply));
    nodes[0].freeze().await;
    let start = Instant::now();
    let mut ends: Vec<Message> = Vec::new();
    for reply in frozen.all() {
        let message = devices[1].ended(reply.reply).await;
        ended_with(&message, &words(SHOWN));
        ends.push(message);
    }
    assert_within("replies of a frozen node to their ends", start, TAKEOVER_LIMIT);
    for watch in watches {
        watch.assert_never_shrank(&devices[1]);
    }

    nodes[0].thaw();
    frozen.go_on(&nodes).await;
    nodes.wait_until_connected().await;
    back(&mut devices[0]).await;
    // Written by the old node behind whatever else it wanted to write.
    let last = start_reply(&nodes, &devices[0], [Reply::text("It goes on.")]).await;
    for device in &devices {
        assert_eq!(device.ended(last.reply).await.state, MessageState::Complete);
    }
    for (reply, end) in frozen.all().into_iter().zip(ends) {
        assert_eq!(reply.message(&user).await, end, "it stays as the other node ended it");
        for device in &devices {
            assert_eq!(device.ended(reply.reply).await, end);
            assert_eq!(behind_the_end(device, reply), [""; 0]);
        }
    }
    assert!(user.tasks("status=all").await.is_empty(), "a tool does not act under a lease that has ended");
    all_equal(&devices).await;
}
