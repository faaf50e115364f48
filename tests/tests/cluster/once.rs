//! A command that is sent to two nodes under one id takes effect once; two databases on one NATS are independent.

use crate::support::{BUS_LIMIT, PACE, all_equal, assert_within, shared, start_reply, user_on_each_node};
use futures_util::future::join_all;
use serde_json::json;
use std::{future::IntoFuture, sync::Arc, time::Instant};
use tandem_protocol::{
    CommandId, ConversationId, ErrorCode,
    live::{Command, server::Ack},
    rest::MessageSent,
};
use tandem_tests::{Device, Nats, Nodes, Reply, TestUser, commands, eventually, fresh, provider::words};

/// Sends until there is an answer: concurrent requests on two nodes may be refused with a retry.
async fn answered(device: &Device, id: CommandId, command: &Command) -> Ack {
    eventually("an answer", async || match device.command_as(id, command).await {
        Ok(ack) => Some(ack),
        Err(error) => {
            let again = [ErrorCode::Conflict, ErrorCode::Overloaded, ErrorCode::Unavailable];
            assert!(again.contains(&error.code), "{error:?}");
            None
        }
    })
    .await
}

/// A command that is sent to all nodes at once takes effect once, and every node returns the same answer.
#[tokio::test]
async fn a_command_sent_to_all_nodes_acts_once() {
    let nodes = shared().await;
    let (user, devices) = user_on_each_node(nodes).await;
    for _ in 0..5 {
        let add = commands::add_task(fresh::word("once "));
        let id = CommandId(fresh::id());
        let acks = join_all(devices.iter().map(|device| answered(device, id, &add))).await;
        for ack in &acks {
            assert_eq!((ack.seq, ack.result.get()), (acks[0].seq, acks[0].result.get()));
        }
    }
    assert_eq!(user.tasks("").await.len(), 5);
    all_equal(&devices).await;
}

/// A message that is sent to all nodes at once gets one reply.
#[tokio::test]
async fn a_message_sent_to_all_nodes_is_answered_once() {
    let nodes = shared().await;
    let (_, devices) = user_on_each_node(nodes).await;
    let (word, conversation_id) = (fresh::word("tell"), ConversationId(fresh::id()));
    nodes.provider().answer(&word, [Reply::words(10, PACE)]);
    let send = commands::send_message(conversation_id, word.clone());
    let id = CommandId(fresh::id());
    let acks = join_all(devices.iter().map(|device| answered(device, id, &send))).await;
    let sent: MessageSent = serde_json::from_str(acks[0].result.get()).expect("the ack carries REST's body");
    for (device, ack) in devices.iter().zip(&acks) {
        assert_eq!(ack.result.get(), acks[0].result.get());
        assert_eq!(device.ended(sent.assistant_message.id).await.text(), words(10));
    }
    assert_eq!(nodes.provider().requests(&word).len(), 1);
    all_equal(&devices).await;
}

/// A key of REST is valid on all nodes, and is the same as the id of a command.
#[tokio::test]
async fn a_key_is_known_on_all_nodes() {
    let nodes = shared().await;
    let (user, devices) = user_on_each_node(nodes).await;
    let key = fresh::id();
    let send = |number: usize| user.at(&nodes[number]).post("/tasks").key(key).json(json!({ "title": "Once" }));
    let first = send(0).await;
    first.expect(201);
    for number in [1, 2] {
        let again = send(number).await;
        assert_eq!((again.status, &again.body), (201, &first.body));
    }
    let add = commands::add_task("Once");
    let ack = devices[2].command_as(CommandId(key), &add).await.expect("it is the same command");
    assert_eq!(serde_json::from_str::<serde_json::Value>(ack.result.get()).expect("JSON"), first.value());
    let other = user.at(&nodes[1]).post("/tasks").key(key).json(json!({ "title": "Other" })).await;
    other.refused(ErrorCode::IdempotencyConflict);

    let key = fresh::id();
    let at_once =
        (0..12).map(|number| user.at(&nodes[number % 3]).post("/tasks").key(key).json(json!({ "title": "Raced" })));
    let answers = join_all(at_once.map(IntoFuture::into_future)).await;
    assert!(answers.iter().any(|answer| answer.status == 201));
    assert_eq!(user.tasks("").await.len(), 2);
    all_equal(&devices).await;
}

/// Two databases can share a NATS: no node receives changes of the other database.
#[tokio::test]
async fn two_databases_on_one_nats_do_not_mix() {
    let nats = Arc::new(Nats::new().await);
    let (one, other) = tokio::join!(Nodes::setup(2).nats(&nats).start(), Nodes::setup(2).nats(&nats).start());
    let here = user_on_each_node(&one).await;
    let there = user_on_each_node(&other).await;
    let work = async |nodes: &Nodes, (user, devices): &(TestUser, Vec<Device>), title: &str| {
        for number in 0..20 {
            user.at(&nodes[number % 2]).add_task(title).await;
        }
        let reply = start_reply(nodes, &devices[0], [Reply::words(10, PACE).hold()]).await;
        let start = Instant::now();
        devices[1].text_of_at_least(reply.reply, words(10).len()).await;
        assert_within("text to the other node of the same database", start, 2 * BUS_LIMIT);
        nodes.provider().release(&reply.word);
        devices[1].ended(reply.reply).await;
        user.settled(2 * BUS_LIMIT).await;
        for device in devices {
            let titles: Vec<String> =
                device.look(|seen| seen.replica.tasks().iter().map(|task| task.title.clone()).collect());
            assert!(titles.len() == 20 && titles.iter().all(|it| it == title), "{titles:?}");
            assert_eq!(device.look(|seen| seen.replica.conversations().len()), 1);
        }
        all_equal(devices).await;
    };
    tokio::join!(work(&one, &here, "here"), work(&other, &there, "there"));
}
