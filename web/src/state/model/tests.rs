//! The model receives events and returns the right effects.

mod edits;

use super::*;
use crate::{
    state::{connection::ConnectionStatus, notice::NoticeKind, thread::SendStatus},
    testing::{at, conversation, message, message_id},
};
use serde_json::{Value, json};
use tandem_protocol::{
    enums::{Decision, TaskStatus},
    live::{
        ServerFrame,
        command::{
            ConversationRefArgs, ConversationUpdate, MessageApprove, MessageRefArgs, MessageSend, TaskComplete,
            TaskRefArgs, TaskUpdate,
        },
    },
    model::Message,
    rest::{NewTask, Page, TaskPatch, UndoBody},
};
use uuid::Uuid;

pub(super) const TASK: &str = "01939c2e-7b1a-7c3e-9f00-2b6d1c0a4e01";

fn user() -> User {
    serde_json::from_value(json!({
        "id": "u", "email": "ann@example.org", "name": "Ann", "email_verified": false, "image": null,
        "time_zone": "Europe/Berlin", "created_at": "2026-11-23T09:00:00.000Z"
    }))
    .unwrap()
}

fn task(status: &str, rev: i64) -> Value {
    json!({
        "id": TASK, "number": 1, "title": "Buy milk", "description": "", "status": status, "priority": "none",
        "due": null, "recurrence": null, "labels": [], "list": null, "parent_id": null, "position": "a", "rev": rev,
        "created_at": "2026-11-23T09:00:00.000Z", "updated_at": "2026-11-23T09:00:00.000Z", "completed_at": null
    })
}

pub(super) fn command_id(number: u128) -> CommandId {
    CommandId(Uuid::from_u128(number))
}

pub(super) fn frame(value: &Value) -> ServerFrame {
    ServerFrame::parse(&value.to_string()).unwrap().remove(0)
}

fn event(seq: i64, name: &str, data: &Value, actor: &str) -> ServerFrame {
    frame(&json!({
        "type": "event", "seq": seq, "at": "2026-11-23T09:00:00.000Z", "name": name, "data": data,
        "actor": { "kind": actor, "device_id": null }, "command_id": null
    }))
}

#[test]
fn a_list_without_conversations_is_known_to_be_empty_with_the_snapshot() {
    let before = Model::new(user(), "this".into(), "Firefox on Linux".into(), at(0));
    assert!(!before.thread_list_view().loaded);
    assert!(device().thread_list_view().loaded);
}

/// A device that has loaded a snapshot with one open task.
pub(super) fn device() -> Model {
    let mut model = Model::new(user(), "this".into(), "Firefox on Linux".into(), at(0));
    let snapshot = json!({
        "epoch": "e", "seq": 7, "user": user(), "conversations": { "items": [], "next_cursor": null },
        "tasks": [task("open", 1)], "active_messages": []
    });
    model.load_snapshot(serde_json::from_value(snapshot).unwrap(), None);
    model
}

pub(super) fn connect(model: &mut Model) -> Vec<Effect> {
    let limits = json!({
        "frame_bytes": 1, "message_chars": 1, "commands_per_second": 1, "command_burst": 1, "resume_events": 1
    });
    model.frame(
        &frame(&json!({
            "type": "welcome", "connection_id": Uuid::from_u128(5), "epoch": "e", "seq": 7, "mode": "resumed",
            "ping_interval_ms": 20_000, "token_expires_in": 600, "limits": limits
        })),
        at(10),
    );
    model.frame(&frame(&json!({ "type": "live", "seq": 7 })), at(20))
}

pub(super) fn complete() -> Command {
    Command::TaskComplete(TaskComplete { task_id: TASK.parse().unwrap(), occurrence: None })
}

fn say(text: &str) -> Command {
    Command::MessageSend(MessageSend {
        conversation_id: conversation(),
        id: Some(message_id(1)),
        text: text.into(),
        parent_id: None,
    })
}

fn sent(effects: &[Effect]) -> Vec<String> {
    let name = |effect: &Effect| match effect {
        Effect::Send(ClientFrame::Command { name, .. }) => Some(name.clone()),
        _ => None,
    };
    effects.iter().filter_map(name).collect()
}

#[test]
fn hello_contains_the_point_to_resume_from() {
    let ClientFrame::Hello(hello) = device().hello() else { panic!("hello comes first") };
    assert_eq!(hello.resume.unwrap().seq, 7);
    assert!(hello.caps.contains(&"batch".to_owned()));
}

#[test]
fn what_is_done_offline_is_kept_and_goes_out_once_when_connected() {
    let mut model = device();
    let effects = model.submit(command_id(1), complete(), at(1));
    assert!(matches!(effects.as_slice(), [Effect::Persist(id, _)] if *id == command_id(1)));
    assert_eq!(sent(&connect(&mut model)), ["task.complete"]);
    assert!(sent(&model.send_due(at(30))).is_empty());
}

#[test]
fn a_change_shows_at_once_and_stays_until_its_event_has_come() {
    let mut model = device();
    connect(&mut model);
    model.submit(command_id(1), complete(), at(1));
    assert_eq!(model.task_view().tasks[0].status, TaskStatus::Done);

    let ack = json!({ "type": "ack", "id": command_id(1), "seq": 8, "result": { "undo_token": "back" } });
    let effects = model.frame(&frame(&ack), at(2));
    assert!(matches!(&effects[0], Effect::Forget(id) if *id == command_id(1)));
    assert_eq!(effects.len(), 1, "the notice is there since the person has done it");
    assert_eq!(model.task_view().tasks[0].status, TaskStatus::Done);

    model.frame(&event(8, "task.updated", &json!({ "task": task("done", 2) }), "user"), at(3));
    assert_eq!(model.outbox().entries().count(), 0);
    assert_eq!(model.task_view().tasks[0].status, TaskStatus::Done);
}

#[test]
fn a_refused_change_is_rolled_back_with_its_reason() {
    let mut model = device();
    connect(&mut model);
    model.submit(command_id(1), complete(), at(1));
    let error = json!({ "type": "error", "id": command_id(1), "code": "conflict", "message": "it changed" });
    let effects = model.frame(&frame(&error), at(2));
    assert_eq!(model.task_view().tasks[0].status, TaskStatus::Open);
    let notice_in = effects.iter().find_map(|effect| match effect {
        Effect::Notify(notice) => Some(notice),
        _ => None,
    });
    let notice_in = notice_in.unwrap();
    assert_eq!(notice_in.kind, NoticeKind::Failed);
    assert!(notice_in.text.contains("Buy milk") && notice_in.text.contains("it changed"), "{}", notice_in.text);
}

#[test]
fn a_message_is_shown_while_it_waits_and_while_it_goes() {
    let mut model = device();
    model.begin(conversation());
    model.open(Some(conversation()));
    model.submit(command_id(1), say("hello"), at(1));
    assert_eq!(model.thread_view().items[0].status, SendStatus::Waiting);
    connect(&mut model);
    assert_eq!(model.thread_view().items[0].status, SendStatus::Sending);
    assert_eq!(model.thread_list_view().entries[0].conversation.id, conversation());
}

#[test]
fn a_refused_message_stays_and_can_be_sent_again_under_another_id() {
    let mut model = device();
    connect(&mut model);
    model.open(Some(conversation()));
    model.submit(command_id(1), say("hello"), at(1));
    let error = json!({ "type": "error", "id": command_id(1), "code": "limit", "message": "full" });
    model.frame(&frame(&error), at(2));
    assert_eq!(model.thread_view().items[0].status, SendStatus::Failed("full".into()));
    let effects = model.resend(message_id(1), command_id(2), at(3));
    assert!(matches!(&effects[0], Effect::Forget(id) if *id == command_id(1)));
    assert_eq!(sent(&effects), ["message.send"]);
}

#[test]
fn a_gap_leads_to_a_reconnect_and_nothing_is_patched() {
    let mut model = device();
    connect(&mut model);
    let effects = model.frame(&event(9, "task.updated", &json!({ "task": task("done", 2) }), "user"), at(3));
    assert!(matches!(effects.as_slice(), [Effect::Reconnect]));
    assert_eq!(model.task_view().tasks[0].status, TaskStatus::Open);
}

#[test]
fn a_conversation_in_which_somebody_writes_is_not_deleted_any_more() {
    let mut model = device();
    connect(&mut model);
    let deletion = Command::ConversationDelete(ConversationRefArgs { conversation_id: conversation() });
    model.submit(command_id(1), deletion, at(1));
    let said = json!({ "message": Message::clone(&message(2, 0, MessageState::Complete)) });
    let effects = model.frame(&event(8, "message.created", &said, "user"), at(2));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Forget(id) if *id == command_id(1))), "{effects:?}");
    assert!(notice_in(effects).text.contains("not deleted"));
    assert_eq!(sent(&model.send_due(at(20_000))), [] as [&str; 0]);
}

#[test]
fn a_ping_is_answered_with_what_was_applied() {
    let mut model = device();
    let effects = model.frame(&frame(&json!({ "type": "ping", "seq": 7 })), at(3));
    assert!(matches!(effects.as_slice(), [Effect::Send(ClientFrame::Pong { seq: 7 })]));
}

#[test]
fn streamed_text_marks_the_stream_and_nothing_else() {
    let mut model = device();
    connect(&mut model);
    model.open(Some(conversation()));
    let mut reply = Message::clone(&message(2, 0, MessageState::Streaming));
    reply.parts.clear();
    model.frame(&event(8, "message.created", &json!({ "message": reply }), "assistant"), at(3));
    model.take_dirty();
    let delta =
        json!({ "type": "delta", "message_id": message_id(2), "attempt": 1, "part": 0, "offset": 0, "text": "Hi" });
    model.frame(&frame(&delta), at(4));
    assert_eq!(model.take_dirty(), Dirty { stream: true, ..Dirty::default() });
    assert_eq!(model.stream_view().reply.unwrap().text(), "Hi");
}

#[test]
fn a_task_changed_by_others_shows_by_which_kind_of_actor() {
    let mut model = device();
    connect(&mut model);
    model.frame(&event(8, "task.updated", &json!({ "task": task("done", 2) }), "assistant"), at(3));
    let remote_changes = model.task_view().remote_changes;
    assert_eq!(remote_changes.values().next().unwrap().by, tandem_protocol::enums::ActorKind::Assistant);
}

#[test]
fn a_reminder_that_fires_is_no_change_by_another_device() {
    let mut model = device();
    connect(&mut model);
    let due = json!({ "task_id": TASK, "reminder_id": TASK, "at": at(3), "late": false, "task": task("open", 2) });
    model.frame(&event(8, "reminder.due", &due, "user"), at(3));
    assert!(model.take_dirty().tasks);
    assert_eq!(model.task_view().remote_changes.len(), 0);
}

#[test]
fn a_conversation_deleted_elsewhere_is_missing() {
    let mut model = device();
    connect(&mut model);
    model.open(Some(conversation()));
    let data = json!({ "conversation_id": conversation() });
    model.frame(&event(8, "conversation.deleted", &data, "user"), at(3));
    assert_eq!(model.thread_view().history, History::Missing);
}

#[test]
fn commands_survive_a_reload() {
    let mut before = device();
    let new = NewTask { title: "Call Ann".into(), ..NewTask::default() };
    let effects = before.submit(command_id(1), Command::TaskCreate(new), at(1));
    let Effect::Persist(_, kept) = &effects[0] else { panic!("commands are kept first") };
    let mut after = device();
    after.restore_outbox([kept.as_str()]);
    assert_eq!(sent(&connect(&mut after)), ["task.create"]);
}

#[test]
fn a_lost_connection_returns_the_pause_that_the_server_requested() {
    let mut model = device();
    connect(&mut model);
    let bye = json!({ "type": "bye", "code": 4001, "reason": "draining", "reconnect_after_ms": 1_500 });
    model.frame(&frame(&bye), at(100));
    assert_eq!(model.connection_lost(at(100)), Some(1_500));
    assert_eq!(model.connection_lost(at(100)), None);
    assert_eq!(model.connection().status(at(1_200)), ConnectionStatus::Reconnecting);
}

fn refusal(number: u128, code: &str, message: &str) -> ServerFrame {
    frame(&json!({ "type": "error", "id": command_id(number), "code": code, "message": message }))
}

fn notice_in(effects: Vec<Effect>) -> Notice {
    let notice = |effect| match effect {
        Effect::Notify(notice) => Some(notice),
        _ => None,
    };
    effects.into_iter().find_map(notice).expect("something is notice_in")
}

/// Every command that a person gives, but for messages, which stay where they were written.
fn changes() -> Vec<Command> {
    let message_id = message_id(1);
    let conversation_id = conversation();
    vec![
        Command::TaskCreate(NewTask { title: "Buy milk".into(), ..NewTask::default() }),
        Command::TaskUpdate(TaskUpdate { task_id: TASK.parse().unwrap(), patch: TaskPatch::default() }),
        complete(),
        Command::TaskReopen(TaskRefArgs { task_id: TASK.parse().unwrap() }),
        Command::TaskDelete(TaskRefArgs { task_id: TASK.parse().unwrap() }),
        Command::Undo(UndoBody { undo_token: Some("token".into()), undo_tokens: None }),
        Command::ConversationUpdate(ConversationUpdate {
            title: Some("Plans".into()),
            ..ConversationUpdate::of(conversation_id)
        }),
        Command::ConversationDelete(ConversationRefArgs { conversation_id }),
        Command::MessageRetry(MessageRefArgs { message_id }),
        Command::MessageApprove(MessageApprove { message_id, call_id: "c".into(), decision: Decision::Approve }),
    ]
}

#[test]
fn a_change_refused_for_full_storage_shows_the_reason_and_can_be_retried() {
    for command in changes() {
        let mut model = device();
        connect(&mut model);
        model.submit(command_id(1), command.clone(), at(1));
        let notice = notice_in(model.frame(&refusal(1, "limit", "Your storage is full."), at(2)));
        assert!(notice.text.ends_with("Your storage is full."), "{}", notice.text);
        assert_eq!(notice.retry.as_deref(), Some(&command));
        let has_words =
            matches!(command, Command::TaskCreate(_) | Command::TaskUpdate(_) | Command::ConversationUpdate(_));
        assert_eq!(notice.is_kept(), has_words, "{command:?}");
        // By hand, as the button does it.
        let mut effects = model.submit(command_id(2), command.clone(), at(3));
        // A deletion can be taken back for some seconds.
        effects.extend(model.send_due(at(20_000)));
        assert_eq!(sent(&effects), [command.name()]);
    }
}

#[test]
fn a_change_that_can_never_be_done_offers_no_second_try() {
    let mut model = device();
    connect(&mut model);
    model.submit(command_id(1), complete(), at(1));
    assert_eq!(notice_in(model.frame(&refusal(1, "conflict", "It has changed."), at(2))).retry, None);
}

#[test]
fn a_change_stays_on_the_page_while_the_server_is_busy() {
    for code in ["rate_limited", "overloaded", "unavailable"] {
        for command in changes() {
            let mut model = device();
            connect(&mut model);
            model.submit(command_id(1), command.clone(), at(1));
            let effects = model.frame(&refusal(1, code, "Not now."), at(2));
            assert!(effects.is_empty(), "{code}: {effects:?}");
            assert!(model.outbox().entries().all(Entry::is_shown));
            let again = model.outbox().next_try().unwrap();
            assert_eq!(sent(&model.send_due(again)), [command.name()]);
        }
    }
}

#[test]
fn a_busy_server_causes_one_notice_and_the_change_is_kept() {
    let mut model = device();
    connect(&mut model);
    model.submit(command_id(1), complete(), at(1));
    let mut notices = Vec::new();
    for _ in 0..6 {
        let effects = model.frame(&refusal(1, "unavailable", "The database only reads."), at(2));
        notices.extend(effects.into_iter().filter(|effect| matches!(effect, Effect::Notify(_))));
        model.send_due(model.outbox().next_try().unwrap());
    }
    let notice = notice_in(notices);
    assert_eq!(
        notice.text,
        "Could not complete the task \u{201c}Buy milk\u{201d} yet: The database only reads. It is kept and tried again."
    );
    assert_eq!(model.task_view().tasks[0].status, TaskStatus::Done);
}

#[test]
fn a_message_that_is_refused_stays_with_the_reason_and_can_be_sent_by_hand() {
    for code in ["limit", "rate_limited", "overloaded", "unavailable", "internal"] {
        let mut model = device();
        connect(&mut model);
        model.open(Some(conversation()));
        model.submit(command_id(1), say("precious"), at(1));
        for _ in 0..3 {
            model.frame(&refusal(1, code, "Not now."), at(2));
            model.send_due(at(60_000));
        }
        let view = model.thread_view();
        let item = view.items.last().expect("the message stays");
        assert_eq!(item.message.text(), "precious");
        assert_eq!(item.status, SendStatus::Failed("Not now.".into()), "{code}");
        let effects = model.resend(message_id(1), command_id(2), at(70_000));
        assert_eq!(sent(&effects), ["message.send"], "{code}");
    }
}

#[test]
fn a_message_that_is_refused_survives_a_reload() {
    let mut before = device();
    connect(&mut before);
    let effects = before.submit(command_id(1), say("precious"), at(1));
    let Effect::Persist(_, kept) = &effects[0] else { panic!("commands are kept first") };
    let effects = before.frame(&refusal(1, "limit", "Your storage is full."), at(2));
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Forget(_))), "{effects:?}");
    let mut after = device();
    after.restore_outbox([kept.as_str()]);
    assert_eq!(sent(&connect(&mut after)), ["message.send"]);
}
