//! Messages and replies, as REST shows them.

use crate::support::Site;
use serde_json::json;
use tandem_protocol::{
    ConversationId, ErrorCode, MessageId,
    enums::{MessageState, Role},
    model::Message,
    rest::{MessageRetried, MessageSent, MessageWritten},
};
use tandem_tests::{Device, TestUser, eventually, fresh};

on_both!(
    a_message_is_accepted_and_answered,
    a_message_is_at_most_32_000_characters,
    history_comes_in_pages_newest_first_each_ascending,
    a_retry_is_a_sibling_and_the_old_reply_stays,
    an_edit_is_a_sibling_of_the_older_message,
    an_edit_of_the_first_message_follows_nothing,
    cancelling_a_finished_reply_changes_nothing,
    approving_a_call_that_does_not_wait_is_refused,
    missing_messages_and_conversations_are_not_found,
);

/// Says something and waits until it is answered.
async fn converse(user: &TestUser, conversation: ConversationId, text: &str) -> (MessageSent, Message) {
    let sent = user.send_message(conversation, text).await;
    let reply = ended(user, conversation, sent.assistant_message.id).await;
    (sent, reply)
}

async fn ended(user: &TestUser, conversation: ConversationId, id: MessageId) -> Message {
    eventually(format_args!("the reply {id}"), async || {
        let history = user.history(conversation).await;
        history.into_iter().find(|message| message.id == id && message.state.is_final())
    })
    .await
}

async fn a_message_is_accepted_and_answered(site: &Site) {
    let user = TestUser::register(site).await;
    let (conversation, id) = (ConversationId(fresh::id()), MessageId(fresh::id()));
    let body = json!({ "id": id, "text": "Add a task to buy milk tomorrow at 5pm" });
    let path = format!("/conversations/{conversation}/messages");
    let sent: MessageSent = user.post(&path).json(body).await.expect(202).read();
    assert_eq!((sent.user_message.id, sent.user_message.state), (id, MessageState::Complete));
    assert_eq!(sent.assistant_message.parent_id, Some(id));

    let reply = ended(&user, conversation, sent.assistant_message.id).await;
    assert_eq!((reply.role, reply.state), (Role::Assistant, MessageState::Complete));
    assert_eq!(reply.provider.as_ref().map(|provider| provider.name.as_str()), Some("builtin"));
    assert!(reply.completed_at.is_some() && !reply.text().trim().is_empty(), "{reply:?}");
    let tasks = user.tasks("").await;
    assert_eq!(tasks.len(), 1);
    assert_eq!(tasks[0].title.to_lowercase(), "buy milk");
    assert_eq!(tasks[0].due.as_ref().and_then(|due| due.time), Some(jiff::civil::time(17, 0, 0, 0)));
}

async fn a_message_is_at_most_32_000_characters(site: &Site) {
    let user = TestUser::register(site).await;
    let path = format!("/conversations/{}/messages", fresh::id());
    for text in ["", " \n\t ", &"x".repeat(32_001)] {
        user.post(&path).json(json!({ "text": text })).await.refused(ErrorCode::InvalidRequest);
    }
    let sent: MessageSent = user.post(&path).json(json!({ "text": "ä".repeat(32_000) })).await.expect(202).read();
    assert_eq!(sent.user_message.text().chars().count(), 32_000);
}

async fn history_comes_in_pages_newest_first_each_ascending(site: &Site) {
    let user = TestUser::register(site).await;
    let conversation = ConversationId(fresh::id());
    let mut sent_ids = Vec::new();
    for number in 0..4 {
        let (sent, reply) = converse(&user, conversation, &format!("hello {number}")).await;
        sent_ids.extend([sent.user_message.id, reply.id]);
    }
    let path = format!("/conversations/{conversation}/messages");
    let pages: Vec<Vec<Message>> = user.pages(&path, "limit=3").await;
    let ids: Vec<Vec<MessageId>> = pages.iter().map(|page| page.iter().map(|message| message.id).collect()).collect();
    assert_eq!(ids, [sent_ids[5..].to_vec(), sent_ids[2..5].to_vec(), sent_ids[..2].to_vec()]);
}

async fn a_retry_is_a_sibling_and_the_old_reply_stays(site: &Site) {
    let user = TestUser::register(site).await;
    let conversation = ConversationId(fresh::id());
    let (sent, reply) = converse(&user, conversation, "hello").await;
    let retried: MessageRetried = user.post(&format!("/messages/{}/retry", reply.id)).await.expect(202).read();
    assert_eq!(retried.assistant_message.parent_id, Some(sent.user_message.id));
    ended(&user, conversation, retried.assistant_message.id).await;
    let history = user.history(conversation).await;
    assert_eq!(history.len(), 3);
    assert!(history.contains(&reply), "the old reply is as it was");
}

async fn an_edit_is_a_sibling_of_the_older_message(site: &Site) {
    let user = TestUser::register(site).await;
    let conversation = ConversationId(fresh::id());
    let (_, first) = converse(&user, conversation, "hello").await;
    let (second, _) = converse(&user, conversation, "how are you").await;
    assert_eq!(second.user_message.parent_id, Some(first.id), "a message follows the newest one");
    let path = format!("/conversations/{conversation}/messages");
    let edit = json!({ "text": "what can you do", "parent_id": first.id });
    let edited: MessageSent = user.post(&path).json(edit).await.expect(202).read();
    assert_eq!(edited.user_message.parent_id, second.user_message.parent_id);
    ended(&user, conversation, edited.assistant_message.id).await;
    assert_eq!(user.history(conversation).await.len(), 6);
}

async fn an_edit_of_the_first_message_follows_nothing(site: &Site) {
    let user = TestUser::register(site).await;
    let conversation = ConversationId(fresh::id());
    let (first, _) = converse(&user, conversation, "hello").await;
    assert_eq!(first.user_message.parent_id, None);
    let path = format!("/conversations/{conversation}/messages");
    let edit = json!({ "text": "good morning", "parent_id": null });
    let over_rest: MessageSent = user.post(&path).json(edit).await.expect(202).read();
    assert_eq!(over_rest.user_message.parent_id, None, "null is not the same as absent");
    ended(&user, conversation, over_rest.assistant_message.id).await;

    let device = Device::connected(&user, "laptop").await;
    let args = json!({ "conversation_id": conversation, "text": "good evening", "parent_id": null });
    let frame = json!({ "type": "command", "id": fresh::id(), "name": "message.send", "args": args });
    let ack = device.command_json(frame).await.expect("the edit is taken");
    let over_socket: MessageSent = serde_json::from_str(ack.result.get()).expect("the ack carries REST's body");
    assert_eq!(over_socket.user_message.parent_id, None);
    ended(&user, conversation, over_socket.assistant_message.id).await;
    let (newest, _) = converse(&user, conversation, "hello again").await;
    assert_eq!(newest.user_message.parent_id, Some(over_socket.assistant_message.id), "absent is after the newest");
}

async fn cancelling_a_finished_reply_changes_nothing(site: &Site) {
    let user = TestUser::register(site).await;
    let conversation = ConversationId(fresh::id());
    let (_, reply) = converse(&user, conversation, "hello").await;
    let before = user.snapshot().await.seq;
    let answer: MessageWritten = user.post(&format!("/messages/{}/cancel", reply.id)).await.expect(200).read();
    assert_eq!(answer.message, reply);
    assert_eq!(user.snapshot().await.seq, before);
}

async fn approving_a_call_that_does_not_wait_is_refused(site: &Site) {
    let user = TestUser::register(site).await;
    let (_, reply) = converse(&user, ConversationId(fresh::id()), "hello").await;
    let answer = |decision: &str| json!({ "call_id": "none", "decision": decision });
    let path = format!("/messages/{}/approve", reply.id);
    user.post(&path).json(answer("maybe")).await.refused(ErrorCode::InvalidRequest);
    let answer = user.post(&path).json(answer("approve")).await;
    assert!(matches!(answer.status, 404 | 409), "{answer:?}");
}

async fn missing_messages_and_conversations_are_not_found(site: &Site) {
    let user = TestUser::register(site).await;
    let nothing = fresh::id();
    user.get(&format!("/conversations/{nothing}/messages")).await.refused(ErrorCode::NotFound);
    user.post(&format!("/messages/{nothing}/cancel")).await.refused(ErrorCode::NotFound);
    user.post(&format!("/messages/{nothing}/retry")).await.refused(ErrorCode::NotFound);
    let follows_nothing = json!({ "text": "hello", "parent_id": nothing });
    let path = format!("/conversations/{}/messages", fresh::id());
    let refused = user.post(&path).json(follows_nothing).await;
    assert!(matches!(refused.status, 400 | 404), "{refused:?}");
    assert_eq!(user.snapshot().await.conversations.items.len(), 0, "a refused message leaves no conversation behind");
}
