//! A node drains: its reply ends there, another node claims queued replies, and devices reconnect.

use crate::support::{
    BUS_LIMIT, PACE, ScriptedReply, assert_within, in_order, start_reply, start_reply_in, user_on_each_node,
};
use std::time::{Duration, Instant};
use tandem_protocol::{
    enums::{MessageState, WelcomeMode},
    live::CloseCode,
};
use tandem_tests::{
    Nodes, Reply,
    device::{assert_equal, is_delta_of},
    eventually,
    provider::words,
};

/// Time limit for the start of a queued reply on another node.
const CLAIM_LIMIT: Duration = Duration::from_secs(3);

/// Words before the pause of a reply, and after it.
const HALF: usize = 20;

/// Waits until a queued reply is requested, and returns the node that did.
async fn claimed_by(nodes: &Nodes, queued: &ScriptedReply) -> usize {
    eventually("the queued reply to begin", async || nodes.writers(&queued.word).last().copied()).await
}

/// A drain loses nothing: the running reply ends on its node, its text still reaches the device that reconnected, and
/// the next reply starts on another node.
#[tokio::test]
async fn a_drained_node_ends_its_reply_and_another_claims_the_next() {
    let nodes = Nodes::new(2).await;
    let (_, mut devices) = user_on_each_node(&nodes).await;
    let reply = Reply::words(HALF, PACE).hold().and_words(HALF, HALF, PACE);
    let running = start_reply(&nodes, &devices[0], [reply]).await;
    devices[0].text_of_at_least(running.reply, words(HALF).len()).await;
    let queued = start_reply_in(&nodes, &devices[0], running.conversation, [Reply::text("The second.")]).await;
    nodes[0].send_sigterm();
    let closed = devices[0].closed().await;
    assert_eq!(closed.code, Some(CloseCode::Draining.code()));
    assert!(closed.bye.is_some_and(|bye| bye.reconnect_after_ms.is_some()), "the bye has a reconnect delay");

    let frames = devices[0].look(|seen| seen.frames.len());
    devices[0].switch_to(&nodes[1]);
    assert_eq!(devices[0].connect().await, WelcomeMode::Resumed);
    nodes.provider().release(&running.word);
    for device in &devices {
        let message = device.ended(running.reply).await;
        assert_eq!((message.state, message.text(), message.attempt), (MessageState::Complete, words(2 * HALF), 1));
    }
    let start = Instant::now();
    let streamed = devices[0].look(|seen| seen.frames[frames..].iter().any(|frame| is_delta_of(frame, running.reply)));
    assert!(streamed, "text continues after the move");
    assert_eq!(claimed_by(&nodes, &queued).await, 1, "a draining node starts nothing");
    assert_within("a queued reply of a drained node to its start elsewhere", start, CLAIM_LIMIT);
    for device in &devices {
        assert_eq!(device.ended(queued.reply).await.text(), "The second.");
    }
    assert!(nodes[0].ended().await.success());
    assert_equal(&devices[0], &devices[1]).await;
    devices.iter().for_each(in_order);
}

/// A drain does not affect replies on other nodes.
#[tokio::test]
async fn a_drained_node_leaves_the_replies_of_others_alone() {
    let nodes = Nodes::new(2).await;
    let (_, mut devices) = user_on_each_node(&nodes).await;
    let running = start_reply(&nodes, &devices[1], [Reply::words(HALF, PACE).hold().and_words(HALF, HALF, PACE)]).await;
    devices[0].text_of_at_least(running.reply, words(HALF).len()).await;
    let start = Instant::now();
    assert!(nodes[0].terminate().await.success());
    assert_within("a node without work to its end", start, 4 * BUS_LIMIT);
    nodes.provider().release(&running.word);
    assert_eq!(devices[1].ended(running.reply).await.text(), words(2 * HALF));
    nodes[0].start().await;
    nodes.wait_until_connected().await;
    devices[0].connect().await;
    assert_eq!(devices[0].ended(running.reply).await.attempt, 1);
    assert_equal(&devices[0], &devices[1]).await;
}
