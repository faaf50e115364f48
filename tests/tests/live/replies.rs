//! Running replies: joined at any moment, equal on all devices, stopped immediately.

use crate::support::{self, PACE};
use serde_json::json;
use std::time::Duration;
use tandem_protocol::{
    ConversationId,
    enums::{MessageState, ReplyErrorCode, ToolState},
    live::{Command, ServerFrame, command::MessageRefArgs},
};
use tandem_tests::{
    Device, Reply, TestServer, TestUser,
    device::{assert_equal, is_delta_of},
    eventually, fresh,
    provider::words,
    scripted_server::ScriptedServer,
};

#[tokio::test]
async fn every_device_that_joins_in_the_middle_sees_the_same_bytes() {
    let fixture = support::shared().await;
    let user = TestUser::register(&fixture.server).await;
    let first = Device::connected(&user, "first").await;
    let (word, reply) = fixture.start_reply(&first, [Reply::words(60, PACE).hold().and_words(60, 60, PACE)]).await;
    let mut joined = Vec::new();
    for shown in [1, 150, 300] {
        first.text_of_at_least(reply, shown).await;
        let late = Device::connected(&user, &format!("joined after {shown} bytes")).await;
        late.text_of_at_least(reply, shown).await;
        joined.push(late);
    }
    let half = first.text_of_at_least(reply, words(60).len()).await;
    assert_eq!(half, words(60));
    for late in &joined {
        assert_eq!(late.text_of_at_least(reply, half.len()).await, half);
    }
    fixture.provider.release(&word);
    for device in joined.iter().chain([&first]) {
        let message = device.ended(reply).await;
        assert_eq!((message.state, message.text()), (MessageState::Complete, words(120)));
        assert!(device.look(|seen| seen.frames.iter().any(|frame| is_delta_of(frame, reply))), "text was streamed");
    }
    let conversation = first.look(|seen| seen.replica.message(reply).map(|message| message.conversation_id));
    for late in &joined {
        late.load_history(conversation.expect("the reply is known")).await;
        assert_equal(&first, late).await;
    }
}

#[tokio::test]
async fn a_reply_outlives_its_sockets() {
    let fixture = support::shared().await;
    let user = TestUser::register(&fixture.server).await;
    let mut device = Device::connected(&user, "laptop").await;
    let (word, reply) = fixture.start_reply(&device, [Reply::words(10, PACE).hold().and_words(10, 10, PACE)]).await;
    device.text_of_at_least(reply, 1).await;
    device.cut();
    fixture.provider.release(&word);
    eventually("the reply to end without anybody watching", async || {
        user.snapshot().await.active_messages.is_empty().then_some(())
    })
    .await;
    device.connect().await;
    assert_eq!(device.ended(reply).await.text(), words(20));
    device.assert_faultless();
}

#[tokio::test]
async fn stopping_a_reply_keeps_its_text_and_hangs_up_on_the_provider() {
    let fixture = support::shared().await;
    let user = TestUser::register(&fixture.server).await;
    let (laptop, phone) = (Device::connected(&user, "laptop").await, Device::connected(&user, "phone").await);
    let (word, reply) = fixture.start_reply(&laptop, [Reply::words(10, PACE).hang()]).await;
    laptop.text_of_at_least(reply, words(10).len()).await;
    let stop = Command::MessageCancel(MessageRefArgs { message_id: reply });
    phone.command(&stop).await.expect("any device may stop it");
    let message = laptop.ended(reply).await;
    assert_eq!((message.state, message.text()), (MessageState::Cancelled, words(10)));
    fixture.provider.wait_for_hang_up(&word).await;
    assert_equal(&laptop, &phone).await;
}

#[tokio::test]
async fn further_messages_wait_behind_a_running_reply() {
    let fixture = support::shared().await;
    let user = TestUser::register(&fixture.server).await;
    let device = Device::connected(&user, "laptop").await;
    let (first, second) = (fresh::word("first"), fresh::word("second"));
    fixture.provider.answer(&first, [Reply::words(5, PACE).hold()]);
    fixture.provider.answer(&second, [Reply::text("The second.")]);
    let conversation = ConversationId(fresh::id());
    let running = device.send_message(conversation, &first).await.assistant_message.id;
    device.text_of_at_least(running, 1).await;
    let queued = device.send_message(conversation, &second).await.assistant_message;
    assert_eq!(queued.state, MessageState::Queued);
    assert!(fixture.provider.requests(&second).is_empty(), "one reply runs in a conversation");
    let elsewhere = device.send_message(ConversationId(fresh::id()), "hello").await.assistant_message.id;
    device.ended(elsewhere).await;

    fixture.provider.release(&first);
    assert_eq!(device.ended(running).await.state, MessageState::Complete);
    let message = device.ended(queued.id).await;
    assert_eq!((message.state, message.text().as_str()), (MessageState::Complete, "The second."));
    device.assert_faultless();
}

#[tokio::test]
async fn a_queued_message_can_be_stopped_before_it_starts() {
    let fixture = support::shared().await;
    let user = TestUser::register(&fixture.server).await;
    let device = Device::connected(&user, "laptop").await;
    let (first, second) = (fresh::word("first"), fresh::word("second"));
    fixture.provider.answer(&first, [Reply::words(5, PACE).hold()]);
    fixture.provider.answer(&second, [Reply::text("Never.")]);
    let conversation = ConversationId(fresh::id());
    let running = device.send_message(conversation, &first).await.assistant_message.id;
    let queued = device.send_message(conversation, &second).await.assistant_message.id;
    let stop = Command::MessageCancel(MessageRefArgs { message_id: queued });
    device.command(&stop).await.expect("what waits can be stopped");
    assert_eq!(device.ended(queued).await.state, MessageState::Cancelled);
    fixture.provider.release(&first);
    assert_eq!(device.ended(running).await.state, MessageState::Complete);
    assert!(fixture.provider.requests(&second).is_empty());
}

#[tokio::test]
async fn a_tool_call_and_its_task_are_visible_and_can_be_undone() {
    let fixture = support::shared().await;
    let user = TestUser::register(&fixture.server).await;
    let (laptop, phone) = (Device::connected(&user, "laptop").await, Device::connected(&user, "phone").await);
    let call = Reply::call("add_task", &json!({ "title": "Buy milk", "due": "tomorrow at 5pm" }));
    let (word, reply) = fixture.start_reply(&laptop, [call, Reply::text("Done, with milk.")]).await;
    let message = phone.ended(reply).await;
    assert_eq!(message.text(), "Done, with milk.");
    let tool = message.parts.iter().find_map(|part| part.as_tool_call()).expect("the call is part of the reply");
    assert_eq!((tool.name.as_str(), tool.state), ("add_task", ToolState::Done));
    let tasks = phone.look(|seen| seen.replica.tasks().into_iter().cloned().collect::<Vec<_>>());
    assert_eq!(tasks.len(), 1);
    assert_eq!(tasks[0].title, "Buy milk");
    let requests = fixture.provider.requests(&word);
    assert_eq!(requests.len(), 2, "the result went back to the model once");
    assert!(requests[1].body["messages"].to_string().contains("Buy milk"));

    let undo = json!({ "undo_token": tool.undo_token });
    user.post("/undo").json(undo).await.expect(200);
    phone.wait("the task to go", |seen| seen.replica.tasks().is_empty().then_some(())).await;
    phone
        .wait("the card to show it", |seen| {
            let message = seen.replica.message(reply)?;
            let tool = message.parts.iter().find_map(|part| part.as_tool_call())?;
            (tool.state == ToolState::Undone).then_some(())
        })
        .await;
    assert_equal(&laptop, &phone).await;
}

#[tokio::test]
async fn a_provider_that_refuses_is_replaced_by_the_built_in_assistant() {
    // A server of its own: a provider that fails rests for a while.
    let fixture = ScriptedServer::start(TestServer::setup()).await;
    let user = TestUser::register(&fixture.server).await;
    let device = Device::connected(&user, "laptop").await;
    let word = fresh::word("refused");
    fixture.provider.answer(&word, [Reply::error(401)]);
    let sent = device.send_message(ConversationId(fresh::id()), &format!("Add a task to call {word}")).await;
    let message = device.ended(sent.assistant_message.id).await;
    assert_eq!(message.state, MessageState::Complete);
    assert_eq!(message.provider.map(|provider| provider.name).as_deref(), Some("builtin"));
    assert_eq!(device.look(|seen| seen.replica.tasks().len()), 1);
}

#[tokio::test]
async fn a_reply_that_breaks_off_starts_over_and_shows_only_the_new_one() {
    let fixture = ScriptedServer::start(TestServer::setup()).await;
    let user = TestUser::register(&fixture.server).await;
    let device = Device::connected(&user, "laptop").await;
    let (_, reply) = fixture.start_reply(&device, [Reply::words(5, PACE).cut(), Reply::text("From the start.")]).await;
    let message = device.ended(reply).await;
    assert_eq!((message.state, message.text().as_str()), (MessageState::Complete, "From the start."));
    assert!(message.attempt >= 2);
    device.look(|seen| {
        let restarted = seen.events().any(|event| event.name == "message.restarted");
        assert!(restarted, "devices receive the restart of the reply");
    });
    device.assert_faultless();
}

#[tokio::test]
async fn a_long_reply_that_breaks_off_is_interrupted_and_keeps_its_text() {
    let fixture = ScriptedServer::start(TestServer::setup()).await;
    let user = TestUser::register(&fixture.server).await;
    let device = Device::connected(&user, "laptop").await;
    // Cut only once the server has read it all: what is on its way when a connection breaks is lost.
    let (word, reply) = fixture.start_reply(&device, [Reply::words(120, Duration::from_millis(1)).hold().cut()]).await;
    device.text_of_at_least(reply, words(120).len()).await;
    fixture.provider.release(&word);
    let message = device.ended(reply).await;
    assert_eq!((message.state, message.text()), (MessageState::Interrupted, words(120)));
    assert!(message.error.is_some_and(|error| error.code != ReplyErrorCode::Internal));
}

#[tokio::test]
async fn the_built_in_assistant_streams_its_words() {
    let server = TestServer::new().await;
    let user = TestUser::register(&server).await;
    let device = Device::connected(&user, "laptop").await;
    let sent = device.send_message(ConversationId(fresh::id()), "What can you do?").await;
    let message = device.ended(sent.assistant_message.id).await;
    let deltas = device.look(|seen| seen.frames.iter().filter(|frame| is_delta_of(frame, message.id)).count());
    assert!(deltas >= 3, "{deltas} deltas for {:?}", message.text());
}

#[tokio::test]
async fn deltas_count_bytes_and_follow_each_other() {
    let fixture = support::shared().await;
    let user = TestUser::register(&fixture.server).await;
    let device = Device::connected(&user, "laptop").await;
    let (_, reply) = fixture.start_reply(&device, [Reply::words(40, PACE)]).await;
    device.ended(reply).await;
    let mut end = 0;
    device.look(|seen| {
        for frame in &seen.frames {
            if let ServerFrame::Delta(delta) = frame
                && delta.message_id == reply
            {
                assert_eq!(delta.offset, end, "no byte twice, none left out");
                end += delta.text.len();
            }
        }
    });
    assert_eq!(end, words(40).len());
}
