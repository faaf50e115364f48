//! Streamed text on another node than the one that writes it: byte for byte, joined at any moment.

use crate::support::{
    BUS_LIMIT, PACE, ScriptedReply, all_equal, assert_within, shared, start_reply, user_on_each_node,
};
use std::time::Instant;
use tandem_protocol::{
    enums::{MessageState, WelcomeMode},
    live::ServerFrame,
};
use tandem_tests::{
    Device, Nodes, Reply, TestUser,
    device::{Credentials, assert_equal, is_delta_of},
    provider::words,
};

/// Words before the pause of a reply, and after it.
const HALF: usize = 40;

/// A reply that has a pause in the middle.
fn halves() -> Reply {
    Reply::words(HALF, PACE).hold().and_words(HALF, HALF, PACE)
}

/// Offsets and lengths of the deltas after so many frames.
fn pieces(device: &Device, reply: &ScriptedReply, behind: usize) -> Vec<(usize, usize)> {
    device.look(|seen| {
        let deltas = seen.frames.iter().skip(behind).filter_map(|frame| match frame {
            ServerFrame::Delta(delta) if is_delta_of(frame, reply.reply) => Some((delta.offset, delta.text.len())),
            _ => None,
        });
        deltas.collect()
    })
}

/// Nothing came twice, nothing was left out, and the first piece begins at `have`.
#[track_caller]
fn follow_each_other(pieces: &[(usize, usize)], have: usize) {
    let mut end = have;
    for (offset, length) in pieces {
        assert_eq!(*offset, end, "{pieces:?} from {have}");
        end += length;
    }
    assert_eq!(end, words(2 * HALF).len(), "{pieces:?} from {have}");
}

/// A user with a device on this node only, and a reply that waits in the middle.
async fn amid_a_reply(nodes: &Nodes, number: usize) -> (TestUser, Device, ScriptedReply) {
    let user = TestUser::register(&nodes[number]).await;
    let first = Device::connected(&user, "first").await;
    let reply = start_reply(nodes, &first, [halves()]).await;
    first.text_of_at_least(reply.reply, words(HALF).len()).await;
    assert_eq!(nodes.writers(&reply.word), [number], "the node that received the message writes");
    (user, first, reply)
}

/// Releases the reply, and asserts that all devices are equal at the end.
async fn finish(nodes: &Nodes, reply: &ScriptedReply, first: &Device, other: &Device) {
    nodes.provider().release(&reply.word);
    for device in [first, other] {
        let message = device.ended(reply.reply).await;
        assert_eq!((message.state, message.text()), (MessageState::Complete, words(2 * HALF)));
    }
    other.load_history(reply.conversation).await;
    assert_equal(first, other).await;
}

/// Text reaches other nodes while it is written.
#[tokio::test]
async fn a_reply_is_streamed_to_every_node() {
    let nodes = shared().await;
    let (_, devices) = user_on_each_node(nodes).await;
    for writer in 0..nodes.count() {
        let reply = start_reply(nodes, &devices[writer], [halves()]).await;
        devices[writer].text_of_at_least(reply.reply, words(HALF).len()).await;
        let start = Instant::now();
        for device in &devices {
            assert_eq!(device.text_of_at_least(reply.reply, words(HALF).len()).await, words(HALF));
        }
        assert_within("half a reply to all nodes", start, BUS_LIMIT);
        nodes.provider().release(&reply.word);
        for device in &devices {
            assert_eq!(device.ended(reply.reply).await.text(), words(2 * HALF));
            let pieces = pieces(device, &reply, 0);
            assert!(pieces.len() > 2, "it came in {} pieces", pieces.len());
            follow_each_other(&pieces, 0);
        }
    }
    all_equal(&devices).await;
}

/// A node without earlier text of a reply fetches the whole text.
#[tokio::test]
async fn a_new_device_on_another_node_gets_the_earlier_text_first() {
    let nodes = shared().await;
    let (user, first, reply) = amid_a_reply(nodes, 0).await;
    let user = user.at(&nodes[1]);
    let mut late = Device::new(&user, "late");
    late.open(Credentials::Header(user.access_token())).await.expect("the credentials are right");
    late.load_snapshot().await;
    let have = late.text_of(reply.reply).len();
    late.hello().await;
    // The provider waits: all of this was written before the device came.
    assert_eq!(late.text_of_at_least(reply.reply, words(HALF).len()).await, words(HALF));
    let caught_up = pieces(&late, &reply, 0);
    assert!(caught_up.len() <= 1, "one piece for what it missed: {caught_up:?} from {have}");
    finish(nodes, &reply, &first, &late).await;
    follow_each_other(&pieces(&late, &reply, 0), have);
}

/// A device that changes nodes during a reply gets the missing text, and no byte twice.
#[tokio::test]
async fn a_device_that_moves_to_another_node_continues_byte_for_byte() {
    let nodes = shared().await;
    let (user, first, reply) = amid_a_reply(nodes, 1).await;
    let mut moving = Device::connected(&user, "moving").await;
    moving.text_of_at_least(reply.reply, words(HALF).len()).await;
    moving.cut();
    let (have, frames) = (moving.text_of(reply.reply).len(), moving.look(|seen| seen.frames.len()));
    assert_eq!(have, words(HALF).len());
    moving.switch_to(&nodes[2]);
    assert_eq!(moving.connect().await, WelcomeMode::Resumed, "resume works on any node");
    finish(nodes, &reply, &first, &moving).await;
    follow_each_other(&pieces(&moving, &reply, frames), have);
}

/// Text that a device missed between two nodes arrives immediately, without further text.
#[tokio::test]
async fn a_device_that_was_offline_gets_missed_events_from_another_node() {
    let nodes = shared().await;
    let user = TestUser::register(&nodes[0]).await;
    let first = Device::connected(&user, "first").await;
    let reply = Reply::words(HALF / 2, PACE).hold().and_words(HALF / 2, HALF / 2, PACE).hold();
    let reply = start_reply(nodes, &first, [reply.and_words(HALF, HALF, PACE)]).await;
    let mut moving = Device::connected(&user.at(&nodes[2]), "moving").await;
    moving.text_of_at_least(reply.reply, words(HALF / 2).len()).await;
    moving.cut();
    let (have, frames) = (moving.text_of(reply.reply).len(), moving.look(|seen| seen.frames.len()));
    nodes.provider().release(&reply.word);
    first.text_of_at_least(reply.reply, words(HALF).len()).await;

    moving.switch_to(&nodes[1]);
    assert_eq!(moving.connect().await, WelcomeMode::Resumed);
    moving.text_of_at_least(reply.reply, words(HALF).len()).await;
    let caught_up = pieces(&moving, &reply, frames);
    assert_eq!(caught_up, [(have, words(HALF).len() - have)], "one piece from where it was");
    finish(nodes, &reply, &first, &moving).await;
    follow_each_other(&pieces(&moving, &reply, frames), have);
}
