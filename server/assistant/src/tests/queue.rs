//! How many replies run: of a user, of a node, and how often one is tried.

use super::{
    Node, TestDatabase, is_complete, openai, single_node,
    upstream::{Upstream, openai_calls, text},
};
use serde_json::json;
use std::time::Duration;
use tandem_auth::Caller;
use tandem_protocol::{
    ConversationId, MessageId,
    enums::{Decision, MessageState, ReplyErrorCode},
    live::{
        Command, EventBody,
        command::{ConversationRefArgs, MessageRefArgs, MessageSend},
    },
    rest::{MessageSent, PageQuery},
};
use tandem_service::{ServiceError, Services, Work, budget::Limits};
use uuid::Uuid;

fn conversation(number: u128) -> ConversationId {
    ConversationId(Uuid::from_u128(number))
}

async fn send(services: &Services, caller: &Caller, number: u128) -> Result<MessageSent, ServiceError> {
    let send = MessageSend { conversation_id: conversation(number), id: None, text: "hi".into(), parent_id: None };
    let caller = services.admit(caller.clone(), Work::Change).await?;
    let outcome = services.execute(caller, None, Command::MessageSend(send)).await?;
    Ok(serde_json::from_str(outcome.body.get())?)
}

impl Node {
    async fn sends(&self, number: u128) -> MessageSent {
        send(&self.services, &self.caller, number).await.unwrap()
    }

    async fn starts(&self, id: MessageId) {
        self.event(|body| match body {
            EventBody::MessageUpdated { message } if message.id == id => Some(()),
            _ => None,
        })
        .await;
    }

    /// Waits until so many requests have come to a provider, and some time in which one more would come.
    async fn until_requests(&self, upstream: &Upstream, count: usize) {
        self.until_so(|| upstream.requests().len() >= count).await;
        for _ in 0..50 {
            tokio::task::yield_now().await;
        }
        assert_eq!(upstream.requests().len(), count);
    }

    async fn until_so(&self, check: impl Fn() -> bool) {
        let wait = async {
            while !check() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(super::TIMEOUT, wait).await.unwrap();
    }
}

#[tokio::test]
async fn the_fifth_reply_of_a_user_is_queued_and_starts_when_one_ends() {
    let upstream = Upstream::start((0..4).map(|_| text(&["On"]).hang())).await;
    let (_database, node) = single_node(&upstream).await;
    let mut replies = Vec::new();
    for number in 1..=6 {
        replies.push(node.sends(number).await.assistant_message);
    }
    let states: Vec<_> = replies.iter().map(|reply| reply.state).collect();
    assert_eq!(states[..4], [MessageState::Streaming; 4]);
    assert_eq!(states[4..], [MessageState::Queued; 2]);
    node.until_requests(&upstream, 4).await;
    node.cancel(replies[1].id).await;
    node.starts(replies[4].id).await;
    is_complete(&node.ended(replies[4].id).await);
    is_complete(&node.ended(replies[5].id).await);
}

#[tokio::test]
async fn a_reply_that_waits_for_the_user_gives_its_place_back_and_queues_for_another() {
    let deletes = [("delete_task", json!({ "task_id": 1 })), ("delete_task", json!({ "task_id": 2 }))];
    let held = (0..4).map(|_| text(&["On"]).hang());
    let upstream = Upstream::start([openai_calls(&deletes)].into_iter().chain(held)).await;
    let (_database, node) = single_node(&upstream).await;
    node.add(&["Milk", "Eggs"]).await;
    let asking = node.sends(1).await.assistant_message.id;
    let waiting = node.waiting(asking, 2).await;
    let mut others = Vec::new();
    for number in 2..=5 {
        others.push(node.sends(number).await.assistant_message);
    }
    assert!(others.iter().all(|reply| reply.state == MessageState::Streaming));
    node.until_requests(&upstream, 5).await;
    for call in waiting {
        node.answer(asking, &call.call_id, Decision::Approve).await;
    }
    node.until_requests(&upstream, 5).await;
    assert_eq!(node.titles().await.len(), 2, "nothing is done before it has a place again");
    node.cancel(others[0].id).await;
    is_complete(&node.ended(asking).await);
    assert!(node.titles().await.is_empty());
}

#[tokio::test]
async fn deleting_a_conversation_gives_its_place_back() {
    let upstream = Upstream::start((0..4).map(|_| text(&["On"]).hang())).await;
    let (_database, node) = single_node(&upstream).await;
    for number in 1..=4 {
        node.sends(number).await;
    }
    let fifth = node.sends(5).await.assistant_message.id;
    node.until_requests(&upstream, 4).await;
    let delete = ConversationRefArgs { conversation_id: conversation(1) };
    node.execute::<serde_json::Value>(Command::ConversationDelete(delete)).await;
    is_complete(&node.ended(fifth).await);
}

#[tokio::test]
async fn queues_are_full_at_twenty_a_conversation_and_a_hundred_in_all_and_nothing_is_stored_then() {
    let database = TestDatabase::new().await;
    let (services, _heard, caller) = database.without_listener("a").await;
    let first = send(&services, &caller, 1).await.unwrap().assistant_message;
    for _ in 0..20 {
        send(&services, &caller, 1).await.unwrap();
    }
    let full = send(&services, &caller, 1).await.unwrap_err();
    assert!(matches!(full, ServiceError::QueueFull(_)), "{full:?}");
    for number in 2..=5 {
        for _ in 0..20 {
            send(&services, &caller, number).await.unwrap();
        }
    }
    // Conversations 2 to 4 run one each, so three are not queued.
    for _ in 0..3 {
        send(&services, &caller, 6).await.unwrap();
    }
    let full = send(&services, &caller, 7).await.unwrap_err();
    assert!(matches!(full, ServiceError::QueueFull(_)), "{full:?}");
    let caller = services.admit(caller.clone(), Work::Change).await.unwrap();
    let nothing = services.messages(&caller, conversation(7), PageQuery::default()).await;
    assert!(matches!(nothing, Err(ServiceError::NotFound(_))), "{nothing:?}");
    assert_eq!(first.state, MessageState::Streaming);
}

#[tokio::test]
async fn answering_again_is_queued_like_a_message() {
    let limits = Limits { user_replies: 1, conversation_queue: 1, ..Limits::default() };
    let database = TestDatabase::new().await;
    let (services, _heard, caller) = database.without_assistant("a", limits).await;
    send(&services, &caller, 1).await.unwrap();
    let queued = send(&services, &caller, 1).await.unwrap().assistant_message.id;
    let args = || MessageRefArgs { message_id: queued };
    let does = async |command| {
        let caller = services.admit(caller.clone(), Work::Change).await.unwrap();
        services.execute(caller, None, command).await
    };
    does(Command::MessageCancel(args())).await.unwrap();
    does(Command::MessageRetry(args())).await.unwrap();
    let full = does(Command::MessageRetry(args())).await.unwrap_err();
    assert!(matches!(full, ServiceError::QueueFull(_)), "{full:?}");
}

#[tokio::test]
async fn what_was_queued_is_written_after_the_node_is_gone() {
    let database = TestDatabase::new().await;
    // No run is claimed there, as if the node had failed at once.
    let (services, _heard, caller) = database.without_listener("a").await;
    let mut replies = Vec::new();
    for number in [1, 1, 2, 3, 4, 5, 6] {
        replies.push(send(&services, &caller, number).await.unwrap().assistant_message.id);
    }
    let upstream = Upstream::start([]).await;
    let node = database.node("b", vec![openai(&upstream)]).await;
    for id in replies {
        is_complete(&node.ended(id).await);
    }
}

#[tokio::test]
async fn a_node_writes_so_many_replies_at_once() {
    let limits = Limits { node_replies: 1, ..Limits::default() };
    let upstream = Upstream::start([text(&["On"]).hang(), text(&["Off"]).hang()]).await;
    let database = TestDatabase::new().await;
    let node = database.limited("a", vec![openai(&upstream)], limits).await;
    let first = node.sends(1).await.assistant_message.id;
    node.until(|_| node.streamed(first, 1).ends_with("On").then_some(())).await;
    let (second, third) = (node.sends(2).await.assistant_message, node.sends(3).await.assistant_message);
    assert_eq!(second.state, MessageState::Streaming, "for its user it runs; only the node is busy");
    node.until_requests(&upstream, 1).await;
    // One that waits can be cancelled, and a node that shuts down releases it.
    node.cancel(third.id).await;
    assert_eq!(node.ended(third.id).await.state, MessageState::Cancelled);
    node.assistant.drain(Duration::ZERO).await;
    let other = database.node("b", vec![openai(&Upstream::start([]).await)]).await;
    is_complete(&other.ended(second.id).await);
    assert_eq!(upstream.requests().len(), 1);
}

#[tokio::test]
async fn a_reply_that_ends_three_nodes_is_not_tried_a_fourth_time() {
    let upstream = Upstream::start((0..3).map(|_| text(&["Boom"]).hang())).await;
    let database = TestDatabase::new().await;
    let mut nodes = Vec::new();
    let mut id = None;
    for (name, attempt) in [("a", 1), ("b", 2), ("c", 3)] {
        let node = database.node(name, vec![openai(&upstream)]).await;
        let id = match id {
            Some(id) => id,
            None => *id.insert(node.send("crash").await),
        };
        node.until(|_| node.streamed(id, attempt).ends_with("Boom").then_some(())).await;
        nodes.push(node);
    }
    let last = database.node("d", vec![openai(&upstream)]).await;
    let reply = last.ended(id.unwrap()).await;
    let error = reply.error.unwrap();
    assert_eq!((reply.state, error.code), (MessageState::Interrupted, ReplyErrorCode::Interrupted));
    assert!(error.message.contains("interrupted three times"), "{}", error.message);
    assert_eq!(upstream.requests().len(), 3);
    is_complete(&last.ended(last.send("and now?").await).await);
}

#[tokio::test]
async fn a_released_reply_is_retried_as_often_as_needed() {
    let upstream = Upstream::start((0..5).map(|_| text(&["Half"]).hang())).await;
    let database = TestDatabase::new().await;
    let mut id = None;
    for (name, attempt) in [("a", 1), ("b", 2), ("c", 3), ("d", 4), ("e", 5)] {
        let node = database.node(name, vec![openai(&upstream)]).await;
        let id = match id {
            Some(id) => id,
            None => *id.insert(node.send("hi").await),
        };
        node.until(|_| node.streamed(id, attempt).ends_with("Half").then_some(())).await;
        node.assistant.drain(Duration::ZERO).await;
    }
    is_complete(&database.node("f", vec![openai(&upstream)]).await.ended(id.unwrap()).await);
}
