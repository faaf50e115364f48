//! Clients that exceed a limit.

use crate::{handshake::assert_ended_with, support};
use serde_json::{Value, json};
use tandem_protocol::{
    ConversationId, ErrorCode,
    enums::MessageState,
    limits::{COMMAND_BURST, MAX_RESUME_EVENTS},
    live::{
        CloseCode, Command, ServerFrame,
        command::{MessageRefArgs, MessageSend},
    },
};
use tandem_tests::{
    Device, Reply, TestServer, TestUser,
    device::{Credentials, Seen},
    eventually, fresh,
    scripted_server::ScriptedServer,
};
use uuid::Uuid;

/// Sends many commands without waiting for answers.
async fn flood(device: &Device, count: u32) {
    for _ in 0..count {
        device.send_text(nonsense(fresh::id()).to_string()).await;
    }
}

/// A command that is refused, and costs little.
fn nonsense(id: Uuid) -> Value {
    json!({ "type": "command", "id": id, "name": "task.complete", "args": { "task_id": 999 } })
}

fn refused(device: &Device) -> usize {
    device.look(|seen| {
        let errors = seen.frames.iter().filter(|frame| match frame {
            ServerFrame::Error(error) => error.code == ErrorCode::RateLimited && error.retry_after_ms.is_some(),
            _ => false,
        });
        errors.count()
    })
}

#[tokio::test]
async fn commands_over_the_limit_are_refused_then_the_socket_is_closed() {
    let fixture = support::shared().await;
    let user = TestUser::register(&fixture.server).await;
    let (busy, calm) = (Device::connected(&user, "busy").await, Device::connected(&user, "calm").await);
    flood(&busy, COMMAND_BURST + 20).await;
    busy.wait("a refusal", |seen| {
        seen.frames
            .iter()
            .any(|frame| matches!(frame, ServerFrame::Error(error) if error.code == ErrorCode::RateLimited))
            .then_some(())
    })
    .await;
    assert!(refused(&busy) > 0, "a refusal has a retry delay");
    // One after the other: a client that does not read while it writes may lose the goodbye with the connection.
    for _ in 0..2_000 {
        let id = fresh::id();
        busy.send_text(nonsense(id).to_string()).await;
        let answered = |seen: &Seen| seen.closed.is_some() || seen.answers(&id.to_string()).next().is_some();
        busy.wait("an answer, or the end", |seen| answered(seen).then_some(())).await;
        if busy.look(|seen| seen.closed.is_some()) {
            break;
        }
    }
    assert_ended_with(&busy.closed().await, CloseCode::RateLimited);
    assert!(calm.look(|seen| seen.closed.is_none()), "other devices are not disturbed");
    user.add_task("works").await;
    calm.wait("the task", |seen| (seen.replica.tasks().len() == 1).then_some(())).await;
}

#[tokio::test]
async fn a_message_to_a_full_queue_is_refused_on_the_socket_and_over_rest_and_not_kept() {
    let fixture = ScriptedServer::start(TestServer::setup()).await;
    let user = TestUser::register(&fixture.server).await;
    let device = Device::connected(&user, "laptop").await;
    let (word, conversation) = (fresh::word("slow"), ConversationId(fresh::id()));
    fixture.provider.answer(&word, [Reply::default().hang()]);
    let running = device.send_message(conversation, &word).await.assistant_message;
    for _ in 0..20 {
        assert_eq!(device.send_message(conversation, &word).await.assistant_message.state, MessageState::Queued);
    }
    let send = MessageSend { conversation_id: conversation, id: None, text: word.clone(), parent_id: None };
    let refused = device.command(&Command::MessageSend(send)).await.expect_err("the queue is full");
    assert_eq!((refused.code, refused.retry_after_ms.is_some()), (ErrorCode::RateLimited, true));
    assert!(refused.message.contains("wait for a reply already"), "{}", refused.message);
    let path = format!("/conversations/{conversation}/messages");
    let refused = user.post(&path).json(json!({ "text": word })).await;
    assert!(refused.header("retry-after").parse::<u64>().is_ok(), "{refused:?}");
    refused.refused(ErrorCode::RateLimited);
    assert_eq!(user.history(conversation).await.len(), 42);
    assert_eq!(running.state, MessageState::Streaming);
}

#[tokio::test]
async fn four_replies_of_a_user_run_at_once() {
    let fixture = ScriptedServer::start(TestServer::setup()).await;
    let user = TestUser::register(&fixture.server).await;
    let device = Device::connected(&user, "laptop").await;
    let word = fresh::word("slow");
    fixture.provider.answer(&word, [Reply::default().hang()]);
    let mut replies = Vec::new();
    for _ in 0..8 {
        replies.push(device.send_message(ConversationId(fresh::id()), &word).await.assistant_message);
    }
    let requested = |count: usize| (fixture.provider.requests(&word).len() == count).then_some(());
    eventually("four replies to be requested", async || requested(4)).await;
    assert!(replies[4..].iter().all(|reply| reply.state == MessageState::Queued), "{replies:?}");
    let stop = Command::MessageCancel(MessageRefArgs { message_id: replies[0].id });
    device.command(&stop).await.expect("a reply can be stopped");
    device.ended(replies[0].id).await;
    eventually("the fifth to be requested", async || requested(5)).await;
}

#[tokio::test]
async fn with_too_many_sockets_the_oldest_is_closed() {
    let server = TestServer::setup().env("TANDEM_SOCKETS_PER_USER", "2").start().await;
    let user = TestUser::register(&server).await;
    let oldest = Device::connected(&user, "oldest").await;
    let second = Device::connected(&user, "second").await;
    let third = Device::connected(&user, "third").await;
    assert_ended_with(&oldest.closed().await, CloseCode::Replaced);
    for device in [second, third] {
        assert!(device.look(|seen| seen.closed.is_none()));
    }
}

#[tokio::test]
async fn a_device_too_far_behind_starts_over() {
    let server = TestServer::setup().without_rate_limits().start().await;
    let user = TestUser::register(&server).await;
    let mut behind = Device::connected(&user, "behind").await;
    behind.cut();
    let past = behind.look(|seen| seen.replica.seq());
    user.add_task("flips").await;
    let flips = usize::try_from(MAX_RESUME_EVENTS).unwrap() + 1;
    for batch in 0..flips.div_ceil(50) {
        let asks = (0..50).map(|number| {
            let priority = ["low", "high"][number % 2];
            let title = format!("{batch} {number}");
            IntoFuture::into_future(user.patch("/tasks/1").json(json!({ "title": title, "priority": priority })))
        });
        futures_util::future::join_all(asks).await;
    }
    assert!(user.snapshot().await.seq > past + MAX_RESUME_EVENTS);
    let mode = behind.connect().await;
    assert_eq!(mode, tandem_protocol::enums::WelcomeMode::Resync);
    let fresh = Device::connected(&user, "fresh").await;
    tandem_tests::device::assert_equal(&behind, &fresh).await;
}

/// Each may hold a frame that is half there: ten accounts had 1.2 GB in them.
#[tokio::test]
async fn sockets_without_a_hello_are_as_few_as_those_with_one() {
    let server = TestServer::setup().env("TANDEM_SOCKETS_PER_USER", "2").start().await;
    let (user, other) = (TestUser::register(&server).await, TestUser::register(&server).await);
    let open = async |user: &TestUser, name: &str| {
        let mut device = Device::new(user, name);
        device.open(Credentials::Header(user.access_token())).await.map(|()| device)
    };
    let (first, _second) = (open(&user, "first").await.unwrap(), open(&user, "second").await.unwrap());
    let refused = open(&user, "third").await.unwrap_err();
    assert_eq!(refused.status.as_u16(), 429, "{}", refused.body);
    open(&other, "another person's").await.unwrap();
    first.hello().await;
    open(&user, "third").await.unwrap();
}
