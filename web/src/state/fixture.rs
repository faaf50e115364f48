//! Things for the tests of this folder.

use std::sync::Arc;
use tandem_protocol::{
    ConversationId, MessageId, TaskId, Timestamp,
    enums::{MessageState, Role},
    model::{Message, Part, Task},
};
use uuid::Uuid;

pub(super) fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

pub(super) fn conversation() -> ConversationId {
    ConversationId(Uuid::from_u128(0xC0))
}

pub(super) fn message_id(number: u128) -> MessageId {
    MessageId(Uuid::from_u128(number))
}

/// Message `number`, after `parent`; 0 is no parent. Odd numbers are the person's, even ones replies.
pub(super) fn message(number: u128, parent: u128, state: MessageState) -> Arc<Message> {
    Arc::new(Message {
        id: message_id(number),
        conversation_id: conversation(),
        parent_id: (parent > 0).then(|| message_id(parent)),
        role: if number % 2 == 1 { Role::User } else { Role::Assistant },
        state,
        parts: vec![Part::text(format!("text {number}"))],
        attempt: 1,
        provider: None,
        error: None,
        created_at: at(i64::try_from(number).unwrap()),
        completed_at: None,
        usage: None,
    })
}

pub(super) fn task_id(number: u128) -> TaskId {
    TaskId(Uuid::from_u128(number))
}

pub(super) fn task(number: u128, title: &str) -> Arc<Task> {
    Arc::new(Task {
        number: i64::try_from(number).unwrap(),
        title: title.to_owned(),
        position: format!("{number:08}"),
        rev: 1,
        ..Task::empty(task_id(number), at(0))
    })
}
