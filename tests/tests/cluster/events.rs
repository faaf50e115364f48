//! Events: all devices of a user get the same ones in the same order, on any node.

use crate::support::{BUS_LIMIT, all_equal, assert_within, shared, user_on_each_node};
use futures_util::future::join_all;
use serde_json::json;
use std::time::Instant;
use tandem_protocol::{
    ConversationId,
    limits::{MAX_DESCRIPTION_CHARS, MAX_MESSAGE_CHARS},
};
use tandem_tests::{Device, Nodes, Reply, TestUser, commands, fresh};

/// Writers of each kind at each node.
const WRITERS: usize = 5;
/// Number of changes by each device.
const WRITES: usize = 10;

/// A change on one node appears on all nodes immediately.
#[tokio::test]
async fn a_task_added_on_one_node_is_seen_on_all() {
    let nodes = shared().await;
    let (user, devices) = user_on_each_node(nodes).await;
    for (number, server) in nodes.iter().enumerate() {
        let title = format!("added on node {number}");
        let task = user.at(server).add_task(&title).await;
        let start = Instant::now();
        for device in &devices {
            device.wait(&title, |seen| seen.replica.task(task.id).map(drop)).await;
        }
        assert_within("a task to all nodes", start, BUS_LIMIT);
    }
    all_equal(&devices).await;
}

/// Concurrent changes of one user on several nodes result in one log, and all devices have all of it.
#[tokio::test]
async fn writes_at_several_nodes_at_once_are_one_order_everywhere() {
    let nodes = Nodes::new(2).await;
    let (user, devices) = user_on_each_node(&nodes).await;
    let extra = Device::connected(&user, "late").await;
    let mut writers = Vec::new();
    for (number, device) in devices.iter().enumerate() {
        for _ in 0..WRITERS {
            writers.push(write(user.at(&nodes[number]), None));
            writers.push(write(user.clone(), Some(device)));
        }
    }
    join_all(writers).await;
    let wanted = 4 * WRITERS * WRITES;
    let tasks = user.tasks("").await;
    assert_eq!(tasks.len(), wanted);
    let head = user.snapshot().await.seq;
    for device in devices.iter().chain([&extra]) {
        device.reach(head).await;
        assert_eq!(device.look(|seen| seen.replica.tasks().len()), wanted);
    }
    let devices: Vec<Device> = devices.into_iter().chain([extra]).collect();
    all_equal(&devices).await;
}

/// Writes by the device, or by REST where there is none.
async fn write(user: TestUser, device: Option<&Device>) {
    for _ in 0..WRITES {
        let title = fresh::word("task ");
        match device {
            Some(device) => {
                let add = commands::add_task(title);
                let ack = device.command(&add).await.expect("a task can be added");
                device.reach(ack.seq).await;
            }
            None => drop(user.add_task(&title).await),
        }
    }
}

/// An event that is too large for the bus arrives immediately as well.
#[tokio::test]
async fn an_event_that_is_too_large_for_the_bus_is_seen_on_all() {
    let nodes = shared().await;
    let (user, devices) = user_on_each_node(nodes).await;
    // Four bytes each.
    let description = "🙂".repeat(MAX_DESCRIPTION_CHARS);
    let start = Instant::now();
    let task = user.add(json!({ "title": "Long", "description": description })).await;
    for device in &devices {
        let found = device.wait("the long task", |seen| seen.replica.task(task.id).cloned()).await;
        assert_eq!(found.description, description);
    }
    assert_within("a task of 40 kB to all nodes", start, BUS_LIMIT);

    let word = fresh::word("tell");
    nodes.provider().answer(&word, [Reply::text("So long.")]);
    let text = format!("{word} {}", "🙂".repeat(MAX_MESSAGE_CHARS - word.chars().count() - 1));
    let sent = user.send_message(ConversationId(fresh::id()), &text).await;
    for device in &devices {
        assert_eq!(device.ended(sent.assistant_message.id).await.text(), "So long.");
        let question = device.look(|seen| seen.replica.message(sent.user_message.id).cloned());
        assert_eq!(question.expect("the question is known").text(), text);
    }
    all_equal(&devices).await;
}

/// Large and small changes in quick succession stay in order.
#[tokio::test]
async fn large_and_small_events_stay_in_order() {
    let nodes = shared().await;
    let (user, devices) = user_on_each_node(nodes).await;
    for number in 0..20 {
        let description = if number % 2 == 0 { "🙂".repeat(MAX_DESCRIPTION_CHARS) } else { String::new() };
        let at = user.at(&nodes[number % nodes.count()]);
        at.add(json!({ "title": format!("task {number}"), "description": description })).await;
    }
    let head = user.snapshot().await.seq;
    for device in &devices {
        device.reach(head).await;
    }
    all_equal(&devices).await;
}

/// Presence contains the devices on all nodes.
#[tokio::test]
async fn presence_names_the_devices_of_all_nodes() {
    let nodes = shared().await;
    let (_, mut devices) = user_on_each_node(nodes).await;
    let present = |wanted: usize| {
        move |seen: &tandem_tests::device::Seen| (seen.replica.presence().len() == wanted).then_some(())
    };
    for device in &devices {
        device.wait("all three devices", present(3)).await;
    }
    devices[0].cut();
    for device in &devices[1..] {
        device.wait("one to be gone", present(2)).await;
    }
}
