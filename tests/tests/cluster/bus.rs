//! NATS stops and starts: nothing is lost, all devices catch up, and the nodes report their state.

use crate::support::{
    BUS_LIMIT, PACE, SWEEP_LIMIT, ScriptedReply, TAKEOVER_LIMIT, all_equal, assert_within, start_reply, start_reply_in,
    user_on_each_node,
};
use std::time::Instant;
use tandem_protocol::{
    enums::MessageState,
    live::{Command, command::MessageRefArgs},
    model::Task,
};
use tandem_tests::{Device, Nodes, Reply, TestUser, provider::words};

/// Nodes that have noticed the loss of NATS.
async fn without_bus(nodes: &Nodes) {
    nodes.nats().stop();
    for number in 0..nodes.count() {
        nodes.wait_for_status(number, "degraded").await;
    }
}

/// Adds a task at node 0. The devices there have it at once, those elsewhere soon.
async fn add_and_sweep(user: &TestUser, devices: &[Device]) {
    let task = user.add_task("while the bus is away").await;
    let start = Instant::now();
    shown(&devices[0], &task).await;
    assert_within("a task on the node that writes", start, BUS_LIMIT);
    for device in &devices[1..] {
        shown(device, &task).await;
    }
    assert_within("a task on other nodes without the bus", start, SWEEP_LIMIT);
}

async fn shown(device: &Device, task: &Task) {
    device.wait("the task", |seen| seen.replica.task(task.id).map(drop)).await;
}

/// Events and text go live between all nodes.
pub(crate) async fn live_again(nodes: &Nodes, devices: &[Device]) {
    nodes.wait_until_connected().await;
    for writer in 0..nodes.count() {
        let task = devices[writer].user().add_task("after the bus came back").await;
        let start = Instant::now();
        for device in devices {
            shown(device, &task).await;
        }
        assert_within("a task to all nodes again", start, BUS_LIMIT);
        let reply = start_reply(nodes, &devices[writer], [Reply::words(20, PACE).hold()]).await;
        devices[writer].text_of_at_least(reply.reply, words(20).len()).await;
        let start = Instant::now();
        for device in devices {
            device.text_of_at_least(reply.reply, words(20).len()).await;
        }
        assert_within("text to all nodes again", start, BUS_LIMIT);
        nodes.provider().release(&reply.word);
        for device in devices {
            assert_eq!(device.ended(reply.reply).await.text(), words(20));
        }
    }
    all_equal(devices).await;
}

/// The bus is a hint: without it, devices on the node that writes notice nothing, and the others catch up through the
/// database.
#[tokio::test]
async fn while_nats_is_stopped_devices_catch_up_and_nothing_is_lost() {
    let nodes = Nodes::new(2).await;
    let (user, devices) = user_on_each_node(&nodes).await;
    without_bus(&nodes).await;
    for _ in 0..3 {
        add_and_sweep(&user, &devices).await;
    }
    let reply = start_reply(&nodes, &devices[0], [Reply::words(20, PACE).hold()]).await;
    let start = Instant::now();
    devices[0].text_of_at_least(reply.reply, words(20).len()).await;
    assert_within("text on the node that writes", start, 2 * BUS_LIMIT);
    nodes.provider().release(&reply.word);
    assert_eq!(devices[0].ended(reply.reply).await.text(), words(20));
    let start = Instant::now();
    assert_eq!(devices[1].ended(reply.reply).await.text(), words(20));
    assert_within("the end of a reply on another node without the bus", start, SWEEP_LIMIT);
    all_equal(&devices).await;

    nodes.nats().start().await;
    live_again(&nodes, &devices).await;
}

/// Changes around the moment when NATS stops or starts reach all devices.
#[tokio::test]
async fn nothing_is_lost_when_nats_stops_and_starts() {
    let nodes = Nodes::new(2).await;
    let (user, devices) = user_on_each_node(&nodes).await;
    let users = [user.clone(), user.at(&nodes[1])];
    for round in 0..4 {
        let write = async || {
            for number in 0..20 {
                users[number % 2].add_task(&format!("{round}.{number}")).await;
            }
        };
        let turn = async {
            users[0].add_task("before it stops").await;
            if round % 2 == 0 { nodes.nats().stop() } else { nodes.nats().start().await }
        };
        tokio::join!(write(), turn);
        let (head, start) = (user.snapshot().await.seq, Instant::now());
        for device in &devices {
            device.reach(head).await;
        }
        assert_within("all devices to the end of the log", start, SWEEP_LIMIT);
    }
    all_equal(&devices).await;
}

/// A stop and a queued reply reach the right node without the bus.
#[tokio::test]
async fn without_nats_a_reply_is_stopped_and_the_next_one_starts() {
    let nodes = Nodes::new(2).await;
    let (_, devices) = user_on_each_node(&nodes).await;
    without_bus(&nodes).await;
    let first = start_reply(&nodes, &devices[0], [Reply::words(10, PACE).hang()]).await;
    devices[0].text_of_at_least(first.reply, words(10).len()).await;
    let known = |reply: &ScriptedReply| {
        let reply = reply.reply;
        move |seen: &tandem_tests::device::Seen| seen.replica.message(reply).map(drop)
    };
    devices[1].wait("the reply", known(&first)).await;
    let second = start_reply_in(&nodes, &devices[1], first.conversation, [Reply::text("The second.")]).await;
    let stop = Command::MessageCancel(MessageRefArgs { message_id: first.reply });
    let start = Instant::now();
    devices[1].command(&stop).await.expect("any device may stop it");
    nodes.provider().wait_for_hang_up(&first.word).await;
    assert_within("a stop on another node without the bus to the provider", start, SWEEP_LIMIT);
    for device in &devices {
        assert_eq!(device.ended(first.reply).await.state, MessageState::Cancelled);
        assert_eq!(device.ended(second.reply).await.text(), "The second.");
    }
    assert_within("the end of the next reply without the bus", start, TAKEOVER_LIMIT);
    all_equal(&devices).await;
}

/// Nodes start in any order: without NATS they serve, with it they find each other.
#[tokio::test]
async fn a_node_that_starts_without_nats_serves_and_finds_the_others_later() {
    let nodes = Nodes::new(2).await;
    let (user, mut devices) = user_on_each_node(&nodes).await;
    nodes.nats().stop();
    nodes[1].kill_and_restart().await;
    nodes.wait_for_status(1, "degraded").await;
    devices[1].connect().await;
    add_and_sweep(&user, &devices).await;
    nodes.nats().start().await;
    live_again(&nodes, &devices).await;
}
