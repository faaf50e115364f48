//! A reply is stopped, approved or queued on another node than the one that writes it.

use crate::support::{
    BUS_LIMIT, PACE, ScriptedReply, all_equal, assert_within, shared, start_reply, start_reply_in, user_on_each_node,
};
use serde_json::{Value, json};
use std::time::Instant;
use tandem_protocol::{
    enums::{Decision, MessageState, ToolState},
    live::{
        Command,
        command::{MessageApprove, MessageRefArgs},
    },
};
use tandem_tests::{Device, Nodes, Reply, eventually, provider::words};

/// A stop on another node cancels the request to the provider immediately, and every device receives it.
#[tokio::test]
async fn a_reply_is_stopped_from_another_node_at_once() {
    let nodes = shared().await;
    let (_, devices) = user_on_each_node(nodes).await;
    for (writer, stopper) in [(0, 1), (1, 2), (2, 0)] {
        let reply = start_reply(nodes, &devices[writer], [Reply::words(10, PACE).hang()]).await;
        devices[stopper].text_of_at_least(reply.reply, words(10).len()).await;
        let stop = Command::MessageCancel(MessageRefArgs { message_id: reply.reply });
        let start = Instant::now();
        let cancelling = devices[stopper].command(&stop);
        let (acknowledged, ()) = tokio::join!(cancelling, nodes.provider().wait_for_hang_up(&reply.word));
        acknowledged.expect("any device may stop it");
        assert_within("a stop on another node to the provider", start, BUS_LIMIT);
        for device in &devices {
            let message = device.ended(reply.reply).await;
            assert_eq!((message.state, message.text()), (MessageState::Cancelled, words(10)));
        }
    }
    all_equal(&devices).await;
}

/// REST on another node stops a reply as well.
#[tokio::test]
async fn a_reply_is_stopped_by_rest_on_another_node() {
    let nodes = shared().await;
    let (user, devices) = user_on_each_node(nodes).await;
    let reply = start_reply(nodes, &devices[0], [Reply::default().hang()]).await;
    eventually("the request", async || (!nodes.provider().requests(&reply.word).is_empty()).then_some(())).await;
    let start = Instant::now();
    user.at(&nodes[2]).post(&format!("/messages/{}/cancel", reply.reply)).await.expect(200);
    nodes.provider().wait_for_hang_up(&reply.word).await;
    assert_within("a stop by REST on another node to the provider", start, BUS_LIMIT);
    assert_eq!(devices[1].ended(reply.reply).await.state, MessageState::Cancelled);
    all_equal(&devices).await;
}

/// The calls of a reply that wait for an answer, once there are so many.
async fn waiting(device: &Device, reply: &ScriptedReply, count: usize) -> Vec<String> {
    device
        .wait(format_args!("{count} calls to wait"), |seen| {
            let message = seen.replica.message(reply.reply)?;
            let calls = message.parts.iter().filter_map(|part| part.as_tool_call());
            let calls: Vec<_> = calls.filter(|call| call.state == ToolState::AwaitingApproval).collect();
            (calls.len() == count).then(|| calls.iter().map(|call| call.call_id.clone()).collect())
        })
        .await
}

/// A script that deletes the tasks with these numbers.
fn deletes(numbers: impl IntoIterator<Item = usize>) -> [Reply; 2] {
    let calls: Vec<(&str, Value)> =
        numbers.into_iter().map(|number| ("delete_task", json!({ "task_id": number.to_string() }))).collect();
    [Reply::calls(calls), Reply::text("They are gone.")]
}

async fn approve(device: &Device, reply: &ScriptedReply, call_id: String, decision: Decision) {
    let answer = MessageApprove { message_id: reply.reply, call_id, decision };
    device.command(&Command::MessageApprove(answer)).await.expect("any device may answer");
}

async fn add_tasks(nodes: &Nodes, devices: &[Device], count: usize) {
    let user = devices[0].user().at(&nodes[0]);
    for number in 1..=count {
        user.add_task(&format!("task {number}")).await;
    }
}

/// Decisions on other nodes let the reply continue, and each call follows its decision.
#[tokio::test]
async fn an_approval_on_another_node_lets_the_reply_go_on() {
    let nodes = shared().await;
    let (_, devices) = user_on_each_node(nodes).await;
    add_tasks(nodes, &devices, 3).await;
    let reply = start_reply(nodes, &devices[0], deletes(1..=3)).await;
    let calls = waiting(&devices[1], &reply, 3).await;
    approve(&devices[1], &reply, calls[0].clone(), Decision::Approve).await;
    approve(&devices[2], &reply, calls[1].clone(), Decision::Deny).await;
    assert_eq!(devices[0].look(|seen| seen.replica.tasks().len()), 3, "nothing happens before the last answer");
    let start = Instant::now();
    approve(&devices[1], &reply, calls[2].clone(), Decision::Approve).await;
    for device in &devices {
        let message = device.ended(reply.reply).await;
        assert_eq!((message.state, message.text().as_str()), (MessageState::Complete, "They are gone."));
        let states: Vec<_> = message.parts.iter().filter_map(|part| Some(part.as_tool_call()?.state)).collect();
        assert_eq!(states, [ToolState::Done, ToolState::Denied, ToolState::Done]);
        let titles = device.look(|seen| seen.replica.tasks().iter().map(|task| task.title.clone()).collect::<Vec<_>>());
        assert_eq!(titles, ["task 2"]);
    }
    assert_within("an approved reply to its end", start, 2 * BUS_LIMIT);
    all_equal(&devices).await;
}

/// An answer in words on another node counts like a decision there, and any other text asks for one.
#[tokio::test]
async fn an_approval_is_answered_in_words_on_another_node() {
    let nodes = shared().await;
    let (_, devices) = user_on_each_node(nodes).await;
    add_tasks(nodes, &devices, 3).await;
    let reply = start_reply(nodes, &devices[0], deletes(1..=3)).await;
    waiting(&devices[1], &reply, 3).await;
    let sent = devices[2].send_message(reply.conversation, "yes, when I am home").await;
    let unclear = devices[2].ended(sent.assistant_message.id).await;
    assert!(unclear.text().contains("I need your answer first"), "{}", unclear.text());
    assert_eq!(devices[0].look(|seen| seen.replica.tasks().len()), 3, "nothing happens before the answer");
    let sent = devices[1].send_message(reply.conversation, "all but the first").await;
    let answer = devices[1].ended(sent.assistant_message.id).await;
    assert_eq!(answer.state, MessageState::Complete);
    for device in &devices {
        let message = device.ended(reply.reply).await;
        assert_eq!((message.state, message.text().as_str()), (MessageState::Complete, "They are gone."));
        let titles = device.look(|seen| seen.replica.tasks().iter().map(|task| task.title.clone()).collect::<Vec<_>>());
        assert_eq!(titles, ["task 1"]);
    }
    all_equal(&devices).await;
}

/// One decision counts for a call, whichever nodes receive decisions.
#[tokio::test]
async fn of_two_answers_at_once_on_two_nodes_one_counts() {
    let nodes = shared().await;
    let (user, devices) = user_on_each_node(nodes).await;
    add_tasks(nodes, &devices, 2).await;
    let reply = start_reply(nodes, &devices[0], deletes(1..=2)).await;
    let calls = waiting(&devices[0], &reply, 2).await;
    for call in &calls {
        let answer = |node: usize| {
            let body = json!({ "call_id": call, "decision": "approve" });
            let at = user.at(&nodes[node]);
            async move { at.post(&format!("/messages/{}/approve", reply.reply)).json(body).await.status }
        };
        let (one, other) = tokio::join!(answer(1), answer(2));
        let mut statuses = [one, other];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409]);
    }
    let message = devices[2].ended(reply.reply).await;
    assert_eq!((message.state, message.text().as_str()), (MessageState::Complete, "They are gone."));
    assert!(user.tasks("status=all").await.is_empty());
    all_equal(&devices).await;
}

/// Messages to one conversation on several nodes are answered one after the other.
#[tokio::test]
async fn one_reply_runs_in_a_conversation_whatever_the_node() {
    let nodes = shared().await;
    let (_, devices) = user_on_each_node(nodes).await;
    let first = start_reply(nodes, &devices[0], [Reply::words(5, PACE).hold()]).await;
    devices[1].text_of_at_least(first.reply, 1).await;
    let second = start_reply_in(nodes, &devices[1], first.conversation, [Reply::text("The second.")]).await;
    let third = start_reply_in(nodes, &devices[2], first.conversation, [Reply::text("The third.")]).await;
    for device in &devices {
        device
            .wait("both to wait", |seen| {
                let state = |reply: &ScriptedReply| seen.replica.message(reply.reply).map(|message| message.state);
                [&second, &third].iter().all(|reply| state(reply) == Some(MessageState::Queued)).then_some(())
            })
            .await;
    }
    assert!(nodes.provider().requests(&second.word).is_empty(), "one reply runs in a conversation");
    nodes.provider().release(&first.word);
    let start = Instant::now();
    assert_eq!(devices[2].ended(first.reply).await.text(), words(5));
    assert_eq!(devices[0].ended(second.reply).await.text(), "The second.");
    assert_eq!(devices[0].ended(third.reply).await.text(), "The third.");
    assert_within("two queued replies to their ends", start, 2 * BUS_LIMIT);
    all_equal(&devices).await;
}
