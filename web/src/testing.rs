//! Values that the tests of this crate share: a fixed present, ids, tasks, messages, a tool call.

use crate::components::clock::Clock;
use serde_json::Value;
use std::sync::Arc;
use tandem_protocol::{
    Timestamp,
    enums::{MessageState, Role, ToolState},
    id::{ConversationId, MessageId, TaskId},
    model::{Message, Part, Task, ToolCall},
};
use uuid::Uuid;

/// Monday 23 November 2026, 09:31 in UTC.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_millis(1_795_426_260_000)
}

/// A clock that stands still at [`now`], in UTC.
pub(crate) fn clock() -> Clock {
    let utc = jiff::tz::Offset::UTC;
    let all_day = jiff::civil::time(9, 0, 0, 0);
    Clock::new(
        "UTC",
        all_day,
        now,
        move |at| utc.to_datetime(at.to_jiff()),
        move |at, _| utc.to_timestamp(at).unwrap().into(),
    )
}

/// An id, the same for the same number.
pub(crate) fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// An open task of the inbox.
pub(crate) fn task(number: i64, title: &str) -> Task {
    Task {
        number,
        title: title.to_owned(),
        position: format!("{number:04}"),
        rev: 1,
        ..Task::empty(TaskId(id(u128::from(number.unsigned_abs()))), now())
    }
}

/// A complete reply of one text.
pub(crate) fn reply(text: &str) -> Message {
    Message {
        id: MessageId(id(1)),
        conversation_id: ConversationId(id(2)),
        parent_id: Some(MessageId(id(3))),
        role: Role::Assistant,
        state: MessageState::Complete,
        parts: vec![Part::text(text)],
        attempt: 1,
        provider: None,
        error: None,
        created_at: now(),
        completed_at: Some(now()),
        usage: None,
        undo_token: None,
        summary: None,
    }
}

/// A message of the person's.
pub(crate) fn question(text: &str) -> Message {
    Message { role: Role::User, parent_id: None, ..reply(text) }
}

/// A call that was done, without arguments and result.
pub(crate) fn tool_call(name: &str) -> ToolCall {
    ToolCall {
        call_id: format!("call-{name}"),
        name: name.to_owned(),
        arguments: Value::Null,
        state: ToolState::Done,
        result: Value::Null,
        undo_token: None,
        step: 0,
        decided: None,
    }
}

pub(crate) fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

pub(crate) fn task_id(number: u128) -> TaskId {
    TaskId(id(number))
}

pub(crate) fn message_id(number: u128) -> MessageId {
    MessageId(id(number))
}

/// The conversation of every [`message`].
pub(crate) fn conversation() -> ConversationId {
    ConversationId(id(0xC0))
}

/// Message `number`, after `parent`; 0 is no parent. Odd numbers are the person's, even ones replies.
pub(crate) fn message(number: u128, parent: u128, state: MessageState) -> Arc<Message> {
    Arc::new(Message {
        id: message_id(number),
        conversation_id: conversation(),
        parent_id: (parent > 0).then(|| message_id(parent)),
        role: if number % 2 == 1 { Role::User } else { Role::Assistant },
        state,
        created_at: at(i64::try_from(number).unwrap()),
        completed_at: None,
        ..reply(&format!("text {number}"))
    })
}
