//! The connection of one node to NATS is cut or stalled, while the others stay connected.

use crate::{
    bus::live_again,
    support::{BUS_LIMIT, PACE, SWEEP_LIMIT, all_equal, assert_within, start_reply, user_on_each_node},
};
use std::time::Instant;
use tandem_protocol::model::Task;
use tandem_tests::{Device, Nodes, Reply, TestUser, provider::words, proxy::Direction};

/// The node whose connection is cut.
const LONELY: usize = 2;

async fn shown(device: &Device, task: &Task) {
    device.wait("the task", |seen| seen.replica.task(task.id).map(drop)).await;
}

/// Changes on each side reach all nodes: immediately among connected ones, otherwise by the sweep.
async fn both_sides_catch_up(nodes: &Nodes, user: &TestUser, devices: &[Device]) {
    let task = user.add_task("written among the others").await;
    let start = Instant::now();
    shown(&devices[0], &task).await;
    shown(&devices[1], &task).await;
    assert_within("a task among connected nodes", start, BUS_LIMIT);
    shown(&devices[LONELY], &task).await;
    assert_within("a task to the lonely node", start, SWEEP_LIMIT);

    let task = user.at(&nodes[LONELY]).add_task("written alone").await;
    let start = Instant::now();
    shown(&devices[LONELY], &task).await;
    assert_within("a task on the lonely node itself", start, BUS_LIMIT);
    for device in devices {
        shown(device, &task).await;
    }
    assert_within("a task from the lonely node", start, SWEEP_LIMIT);
}

/// A cut affects only the disconnected node, which catches up afterwards.
#[tokio::test]
async fn a_node_that_was_disconnected_from_nats_catches_up() {
    let nodes = Nodes::setup(3).with_nats_proxies().start().await;
    let (user, devices) = user_on_each_node(&nodes).await;
    nodes.nats_proxy(LONELY).go_down();
    nodes.wait_for_status(LONELY, "degraded").await;
    for number in [0, 1] {
        assert_eq!(nodes.ready(number).await, (200, "ok".to_owned()));
    }
    both_sides_catch_up(&nodes, &user, &devices).await;
    let reply = start_reply(&nodes, &devices[LONELY], [Reply::words(20, PACE)]).await;
    for device in &devices {
        assert_eq!(device.ended(reply.reply).await.text(), words(20));
    }
    nodes.nats_proxy(LONELY).recover();
    live_again(&nodes, &devices).await;
}

/// A stalled connection is no worse than one that is cut, and delays no other node.
#[tokio::test]
async fn a_stalled_connection_to_nats_delays_no_other_node() {
    let nodes = Nodes::setup(3).with_nats_proxies().start().await;
    let (user, devices) = user_on_each_node(&nodes).await;
    for direction in [Direction::Up, Direction::Down] {
        nodes.nats_proxy(LONELY).stall(direction);
        both_sides_catch_up(&nodes, &user, &devices).await;
        nodes.nats_proxy(LONELY).recover();
        all_equal(&devices).await;
    }
    live_again(&nodes, &devices).await;
}

/// Short cuts during traffic lose nothing.
#[tokio::test]
async fn cuts_in_the_middle_of_traffic_lose_nothing() {
    let nodes = Nodes::setup(3).with_nats_proxies().start().await;
    let (user, devices) = user_on_each_node(&nodes).await;
    for round in 0..10_usize {
        let lonely = round % nodes.count();
        let direction = if round % 2 == 0 { Direction::Up } else { Direction::Down };
        nodes.nats_proxy(lonely).cut_after(direction, 300 * (round + 1));
        let reply = start_reply(&nodes, &devices[lonely], [Reply::words(30, PACE)]).await;
        for server in nodes.iter() {
            user.at(server).add_task(&format!("round {round}")).await;
        }
        for device in &devices {
            assert_eq!(device.ended(reply.reply).await.text(), words(30));
        }
    }
    let (head, start) = (user.snapshot().await.seq, Instant::now());
    for device in &devices {
        device.reach(head).await;
    }
    assert_within("all devices to the end of the log", start, SWEEP_LIMIT);
    nodes.wait_until_connected().await;
    all_equal(&devices).await;
}
