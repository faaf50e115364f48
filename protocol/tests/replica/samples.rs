//! Small objects and frames.

use serde_json::value::to_raw_value;
use tandem_protocol::{
    ConversationId, MessageId, TaskId, Timestamp,
    enums::{ActorKind, MessageState, Role, TextKind, ToolState, UserRole, WelcomeMode},
    id::ConnectionId,
    limits::Limits,
    live::{
        Actor, Event, EventBody, ServerFrame,
        server::{Delta, Welcome},
    },
    model::{Conversation, Message, Part, Task, ToolCall, User},
    replica::{PartView, Replica},
    rest::{Page, Snapshot},
    settings::UserSettings,
};
use uuid::Uuid;

pub(crate) const THREAD: ConversationId = ConversationId(Uuid::from_u128(1));
pub(crate) const REPLY: MessageId = MessageId(Uuid::from_u128(2));

pub(crate) fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(1_795_426_200_000 + millis)
}

pub(crate) fn user() -> User {
    User {
        id: "u1".into(),
        email: "ann@example.org".into(),
        name: String::new(),
        email_verified: false,
        image: None,
        time_zone: "UTC".into(),
        created_at: at(0),
        role: UserRole::Member,
        settings: UserSettings::default(),
    }
}

pub(crate) fn conversation(id: u128) -> Conversation {
    Conversation::empty(ConversationId(Uuid::from_u128(id)), at(0))
}

/// A running reply without text.
pub(crate) fn reply() -> Message {
    Message {
        id: REPLY,
        conversation_id: THREAD,
        parent_id: None,
        role: Role::Assistant,
        state: MessageState::Streaming,
        parts: Vec::new(),
        attempt: 1,
        provider: None,
        error: None,
        created_at: at(0),
        completed_at: None,
        usage: None,
        undo_token: None,
        summary: None,
    }
}

pub(crate) fn ended(text: &str) -> Message {
    Message { state: MessageState::Complete, parts: vec![Part::text(text)], completed_at: Some(at(9)), ..reply() }
}

pub(crate) fn call(state: ToolState) -> Part {
    Part::ToolCall(ToolCall {
        call_id: "c1".into(),
        name: "add_task".into(),
        arguments: serde_json::Value::Null,
        state,
        result: serde_json::Value::Null,
        undo_token: None,
        step: 0,
        decided: None,
    })
}

pub(crate) fn task(id: u128, rev: i64) -> Task {
    Task {
        number: i64::try_from(id).unwrap(),
        title: "Buy milk".into(),
        rev,
        updated_at: at(rev),
        ..Task::empty(TaskId(Uuid::from_u128(id)), at(0))
    }
}

pub(crate) fn event(seq: i64, body: &EventBody) -> ServerFrame {
    ServerFrame::Event(Event {
        seq,
        at: at(seq),
        name: body.name().into(),
        data: to_raw_value(body).unwrap(),
        actor: Actor { kind: ActorKind::User, device_id: None },
        command_id: None,
    })
}

pub(crate) fn delta(attempt: i64, part: usize, offset: usize, text: &str) -> ServerFrame {
    ServerFrame::Delta(Delta { message_id: REPLY, attempt, part, offset, text: text.into(), kind: TextKind::Text })
}

pub(crate) fn thought_delta(attempt: i64, part: usize, offset: usize, text: &str) -> ServerFrame {
    let kind = TextKind::Reasoning;
    ServerFrame::Delta(Delta { message_id: REPLY, attempt, part, offset, text: text.into(), kind })
}

pub(crate) fn thought(text: &str, duration_ms: u64) -> Part {
    Part::Reasoning { text: text.into(), duration_ms }
}

pub(crate) fn welcome(mode: WelcomeMode, epoch: &str, seq: i64) -> ServerFrame {
    ServerFrame::Welcome(Welcome {
        connection_id: ConnectionId(Uuid::nil()),
        epoch: epoch.into(),
        seq,
        mode,
        ping_interval_ms: 20_000,
        token_expires_in: 600,
        limits: Limits::default(),
    })
}

pub(crate) fn snapshot(seq: i64) -> Snapshot {
    Snapshot {
        epoch: "e1".into(),
        seq,
        user: user(),
        conversations: Page::whole(vec![conversation(1)]),
        tasks: Vec::new(),
        active_messages: Vec::new(),
    }
}

/// A device that has loaded a snapshot with a running reply in it.
pub(crate) fn device_with(message: Message) -> Replica {
    let mut replica = Replica::new();
    replica.load_snapshot(Snapshot { active_messages: vec![message], ..snapshot(10) });
    replica
}

/// The reply as it is shown, tool calls as their state in brackets.
pub(crate) fn shown(replica: &Replica) -> String {
    let parts = replica.parts(REPLY).map(|part| match part {
        PartView::Text(text) => text.to_owned(),
        PartView::Reasoning { text, duration_ms } => format!("({text}; {duration_ms})"),
        PartView::ToolCall(call) => format!("[{}]", call.state),
    });
    parts.collect()
}
