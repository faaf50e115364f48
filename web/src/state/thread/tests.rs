//! The path through the versions of a conversation.

use super::*;
use crate::{
    state::outbox::Outbox,
    testing::{at, conversation, message, message_id},
};
use tandem_protocol::CommandId;
use uuid::Uuid;

const DONE: MessageState = MessageState::Complete;

fn shown(known: &[Arc<Message>], choices: &Choices) -> Vec<MessageId> {
    let known: Vec<_> = known.iter().collect();
    path(&known, std::iter::empty(), choices).iter().map(|item| item.message.id).collect()
}

fn ids(numbers: &[u128]) -> Vec<MessageId> {
    numbers.iter().copied().map(message_id).collect()
}

fn sending(id: u128, parent: Option<u128>) -> Outbox {
    let mut outbox = Outbox::default();
    let send = MessageSend {
        conversation_id: conversation(),
        id: Some(message_id(id)),
        text: "on its way".into(),
        parent_id: parent.map(|parent| Some(message_id(parent))),
    };
    outbox.push(CommandId(Uuid::from_u128(1)), Command::MessageSend(send), None, at(100));
    outbox
}

#[test]
fn a_conversation_without_versions_is_shown_whole() {
    let known = [message(1, 0, DONE), message(2, 1, DONE), message(3, 2, DONE), message(4, 3, DONE)];
    assert_eq!(shown(&known, &Choices::new()), ids(&[1, 2, 3, 4]));
}

#[test]
fn the_path_leads_to_the_newest_message() {
    // 5 edits 3; then the conversation goes on from the older version.
    let known = [
        message(1, 0, DONE),
        message(2, 1, DONE),
        message(3, 2, DONE),
        message(4, 3, DONE),
        message(5, 2, DONE),
        message(6, 5, DONE),
        message(7, 4, DONE),
    ];
    assert_eq!(shown(&known, &Choices::new()), ids(&[1, 2, 3, 4, 7]));
}

#[test]
fn a_chosen_version_is_shown_with_what_follows_it() {
    let known = [message(1, 0, DONE), message(2, 1, DONE), message(4, 1, DONE), message(5, 4, DONE)];
    let choices = Choices::from_iter([(Some(message_id(1)), message_id(2))]);
    assert_eq!(shown(&known, &choices), ids(&[1, 2]));
    let known: Vec<_> = known.iter().collect();
    let path = path(&known, std::iter::empty(), &choices);
    assert_eq!((path[1].position(), path[1].versions.len()), (1, 2));
}

#[test]
fn a_page_in_the_middle_begins_where_it_begins() {
    let known = [message(4, 3, DONE), message(5, 4, DONE), message(6, 5, DONE)];
    assert_eq!(shown(&known, &Choices::new()), ids(&[4, 5, 6]));
}

#[test]
fn a_message_is_there_in_the_moment_in_which_it_is_sent() {
    let (one, two) = (message(1, 0, DONE), message(2, 1, DONE));
    let outbox = sending(3, None);
    let path = path(&[&one, &two], outbox.entries(), &Choices::new());
    assert_eq!(path.iter().map(|item| item.message.id).collect::<Vec<_>>(), ids(&[1, 2, 3]));
    assert_eq!(path[2].status, SendStatus::Waiting);
}

#[test]
fn a_message_that_arrived_is_not_shown_twice() {
    let (one, two, three) = (message(1, 0, DONE), message(2, 1, DONE), message(3, 2, DONE));
    let outbox = sending(3, None);
    let path = path(&[&one, &two, &three], outbox.entries(), &Choices::new());
    assert_eq!(path.iter().map(|item| item.message.id).collect::<Vec<_>>(), ids(&[1, 2, 3]));
    assert_eq!(path[2].status, SendStatus::Stored);
}

#[test]
fn an_edit_on_its_way_replaces_what_followed() {
    let known = [message(1, 0, DONE), message(2, 1, DONE), message(3, 2, DONE), message(4, 3, DONE)];
    let known: Vec<_> = known.iter().collect();
    let outbox = sending(5, Some(2));
    let path = path(&known, outbox.entries(), &Choices::new());
    assert_eq!(path.iter().map(|item| item.message.id).collect::<Vec<_>>(), ids(&[1, 2, 5]));
    assert_eq!((path[2].position(), path[2].versions.len()), (2, 2));
}

#[test]
fn a_queued_reply_is_shown_by_its_message() {
    let known = [
        message(1, 0, DONE),
        message(2, 1, MessageState::Streaming),
        message(3, 2, DONE),
        message(4, 3, MessageState::Queued),
    ];
    let known: Vec<_> = known.iter().collect();
    let path = path(&known, std::iter::empty(), &Choices::new());
    assert_eq!(path.iter().map(|item| item.message.id).collect::<Vec<_>>(), ids(&[1, 2, 3]));
    assert_eq!(path[2].status, SendStatus::Queued { reply: message_id(4), elsewhere: false });
    assert_eq!(running(&known), Some(message_id(2)));
    assert_eq!(waiting(&known), None);
    assert_eq!(parent_for_new(&path, &known), None);
}

#[test]
fn a_reply_may_wait_for_those_of_other_conversations() {
    let queued = MessageState::Queued;
    let known = [message(1, 0, DONE), message(2, 1, queued), message(3, 2, DONE), message(4, 3, queued)];
    let known: Vec<_> = known.iter().collect();
    let path = path(&known, std::iter::empty(), &Choices::new());
    assert_eq!(path[0].status, SendStatus::Queued { reply: message_id(2), elsewhere: true });
    assert_eq!(running(&known), None);
    assert_eq!(waiting(&known), Some(message_id(2)));
}

#[test]
fn a_new_message_follows_the_version_that_is_looked_at() {
    let known = [message(1, 0, DONE), message(2, 1, DONE), message(4, 1, DONE)];
    let known: Vec<_> = known.iter().collect();
    let newest = path(&known, std::iter::empty(), &Choices::new());
    assert_eq!(parent_for_new(&newest, &known), None);
    let older = path(&known, std::iter::empty(), &Choices::from_iter([(Some(message_id(1)), message_id(2))]));
    assert_eq!(parent_for_new(&older, &known), Some(message_id(2)));
}

#[test]
fn parents_in_a_circle_do_not_hang_the_page() {
    let known = [message(1, 2, DONE), message(2, 1, DONE)];
    assert!(shown(&known, &Choices::new()).len() <= 2);
}
