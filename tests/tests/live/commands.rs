//! Commands over the socket: each is answered once, with the body of REST.

use crate::support;
use serde_json::{Value, json};
use tandem_protocol::{
    CommandId, ConversationId, ErrorCode, MessageId,
    enums::Anchor,
    live::{
        Command,
        command::{
            ConversationCreate, ConversationRead, ConversationRefArgs, ConversationUpdate, MessageRefArgs, MessageSend,
            ReminderAck, ReminderSnooze, TaskComplete, TaskRefArgs, TaskUpdate,
        },
    },
    rest::{MessageSent, RecurrenceInput, TaskPatch, TaskWritten, UndoBody},
};
use tandem_tests::{Device, TestUser, commands, device::assert_equal, fresh};

/// Runs a command on one device and waits until the other has its event.
async fn shown_on_the_other(doer: &Device, witness: &Device, command: Command, event: &str) -> Value {
    let ack = doer.command(&command).await.unwrap_or_else(|error| panic!("{}: {error:?}", command.name()));
    let what = format!("{event} of {}", command.name());
    let came = witness.wait(what, |seen| {
        seen.events().find(|came| came.command_id == Some(ack.id) && came.name == event).map(|came| came.seq)
    });
    assert!(came.await <= ack.seq, "an ack tells the last event of its change");
    serde_json::from_str(ack.result.get()).expect("a result is JSON")
}

#[tokio::test]
async fn every_command_works_and_makes_its_event() {
    let fixture = support::shared().await;
    let user = TestUser::register(&fixture.server).await;
    let (doer, witness) = (Device::connected(&user, "doer").await, Device::connected(&user, "witness").await);
    let run = async |command: Command, event: &str| shown_on_the_other(&doer, &witness, command, event).await;

    let conversation_id = ConversationId(fresh::id());
    let create = ConversationCreate { id: Some(conversation_id), title: Some("Talk".to_owned()) };
    run(Command::ConversationCreate(create), "conversation.created").await;
    let rename = ConversationUpdate {
        title: Some("Renamed".to_owned()),
        pinned: Some(true),
        ..ConversationUpdate::of(conversation_id)
    };
    run(Command::ConversationUpdate(rename), "conversation.updated").await;

    let send = MessageSend { conversation_id, id: None, text: "hello".to_owned(), parent_id: None };
    let sent = run(Command::MessageSend(send), "message.created").await;
    let sent: MessageSent = serde_json::from_value(sent).expect("REST's body");
    let reply = MessageRefArgs { message_id: sent.assistant_message.id };
    witness.ended(reply.message_id).await;
    let read = ConversationRead { conversation_id, message_id: reply.message_id };
    run(Command::ConversationRead(read), "conversation.updated").await;
    run(Command::MessageRetry(reply), "message.created").await;
    doer.command(&Command::MessageCancel(reply)).await.expect("cancelling what has ended is no error");

    let task = run(commands::add_task("Task"), "task.created").await;
    let task: TaskWritten = serde_json::from_value(task).expect("REST's body");
    let task_id = task.task.id.into();
    let patch = TaskPatch { title: Some("Changed".to_owned()), ..TaskPatch::default() };
    run(Command::TaskUpdate(TaskUpdate { task_id, patch }), "task.updated").await;
    run(Command::TaskComplete(TaskComplete { task_id, occurrence: None }), "task.updated").await;
    run(Command::TaskReopen(TaskRefArgs { task_id }), "task.updated").await;
    let daily = RecurrenceInput { rule: "FREQ=DAILY".to_owned(), anchor: Anchor::Due, start: None };
    let patch = TaskPatch { recurrence: Some(Some(daily)), ..TaskPatch::default() };
    run(Command::TaskUpdate(TaskUpdate { task_id, patch }), "task.updated").await;
    run(Command::TaskSkip(TaskRefArgs { task_id }), "task.updated").await;
    let reminder_id = witness.look(|seen| seen.replica.task(task.task.id).map(|task| task.reminders[0].id)).unwrap();
    let duration = Some("PT10M".parse().expect("ten minutes"));
    let snooze = ReminderSnooze { task_id, reminder_id, duration, until: None };
    run(Command::ReminderSnooze(snooze), "task.updated").await;
    run(Command::ReminderAck(ReminderAck { task_id, reminder_id }), "task.updated").await;
    run(Command::TaskDelete(TaskRefArgs { task_id }), "task.deleted").await;
    run(Command::Undo(UndoBody::default()), "task.created").await;
    assert_eq!(
        witness.look(|seen| seen.replica.task(task.task.id).map(|task| task.title.clone())).as_deref(),
        Some("Changed")
    );
    run(Command::ConversationDelete(ConversationRefArgs { conversation_id }), "conversation.deleted").await;
    assert_equal(&doer, &witness).await;
}

#[tokio::test]
async fn a_repeated_command_gets_the_first_answer_over_both_transports() {
    let fixture = support::shared().await;
    let user = TestUser::register(&fixture.server).await;
    let device = Device::connected(&user, "laptop").await;
    let id = CommandId(fresh::id());
    let first = device.command_as(id, &commands::add_task("Once")).await.expect("a task can be added");
    let second = device.command_as(id, &commands::add_task("Once")).await.expect("a retry is no error");
    assert_eq!((second.seq, second.result.get()), (first.seq, first.result.get()));
    let over_rest = user.post("/tasks").key(id).json(json!({ "title": "Once" })).await;
    assert_eq!(over_rest.expect(201).body, first.result.get());
    let other = device.command_as(id, &commands::add_task("Other")).await.expect_err("the id means something else");
    assert_eq!((other.code, other.id), (ErrorCode::IdempotencyConflict, Some(id.to_string())));
    assert_eq!(user.tasks("").await.len(), 1);
    device.assert_faultless();
}

#[tokio::test]
async fn refused_commands_have_a_reason_and_keep_the_socket() {
    let fixture = support::shared().await;
    let user = TestUser::register(&fixture.server).await;
    let device = Device::connected(&user, "laptop").await;
    let nothing = fresh::id();
    let (invalid, absent) = (ErrorCode::InvalidRequest, ErrorCode::NotFound);
    let refused = [
        ("task.create", json!({ "title": "" }), invalid),
        ("task.create", json!({ "title": "x", "colour": 1 }), invalid),
        ("task.create", json!({}), invalid),
        ("task.create", json!([]), invalid),
        ("task.update", json!({ "task_id": nothing, "title": "x" }), absent),
        ("task.complete", json!({ "task_id": 999 }), absent),
        ("task.complete", json!({ "task_id": "nonsense" }), invalid),
        ("conversation.delete", json!({ "conversation_id": nothing }), absent),
        ("message.cancel", json!({ "message_id": nothing }), absent),
        ("message.send", json!({ "conversation_id": nothing, "text": "" }), invalid),
        ("message.send", json!({ "text": "hi" }), invalid),
        ("no.such", json!({}), invalid),
    ];
    for (name, args, code) in refused {
        let frame = json!({ "type": "command", "id": fresh::id(), "name": name, "args": args });
        let error = device.command_json(frame).await.expect_err(name);
        assert_eq!(error.code, code, "{name}: {error:?}");
        assert!(!error.message.is_empty());
    }
    let bad_id = json!({ "type": "command", "id": "seven", "name": "task.create", "args": { "title": "x" } });
    assert_eq!(device.command_json(bad_id).await.expect_err("an id is a UUID").code, invalid);
    assert_eq!(device.look(|seen| seen.events().count()), 0);
    device.command(&commands::add_task("Still alive")).await.expect("the socket works");
}

#[tokio::test]
async fn a_conflict_shows_the_current_task() {
    let fixture = support::shared().await;
    let user = TestUser::register(&fixture.server).await;
    let device = Device::connected(&user, "laptop").await;
    let task = user.add_task("First").await;
    let change = |title: &str| {
        let patch = TaskPatch { title: Some(title.to_owned()), if_rev: Some(task.rev), ..TaskPatch::default() };
        Command::TaskUpdate(TaskUpdate { task_id: task.id.into(), patch })
    };
    device.command(&change("Second")).await.expect("the revision is right");
    let error = device.command(&change("Third")).await.expect_err("the revision has passed");
    assert_eq!((error.code, error.task.map(|task| task.title)), (ErrorCode::Conflict, Some("Second".to_owned())));
}

#[tokio::test]
async fn a_message_to_a_new_conversation_makes_it() {
    let fixture = support::shared().await;
    let user = TestUser::register(&fixture.server).await;
    let device = Device::connected(&user, "laptop").await;
    let (conversation, id) = (ConversationId(fresh::id()), MessageId(fresh::id()));
    let send = MessageSend { conversation_id: conversation, id: Some(id), text: "hello".to_owned(), parent_id: None };
    device.command(&Command::MessageSend(send)).await.expect("the conversation is made");
    let title =
        device.wait("the conversation", |seen| seen.replica.conversation(conversation).map(|it| it.title.clone()));
    assert_eq!(title.await.as_deref(), Some("hello"));
    device.wait("the message", |seen| seen.replica.message(id).map(|_| ())).await;
}
