//! Kill, drain and restart: acknowledged changes survive, and no reply stays running.

use crate::support::PACE;
use serde_json::json;
use std::{collections::BTreeSet, time::Duration};
use tandem_protocol::{
    ConversationId, MessageId,
    enums::{MessageState, WelcomeMode},
    live::CloseCode,
    model::Message,
};
use tandem_tests::{
    Device, Reply, ScriptedProvider, TestServer, TestUser, commands, device::assert_equal, eventually,
    eventually::within, fresh, provider::words, scripted_server::ScriptedServer,
};

/// Time limit for a running reply after the start of a single node: 5 s and a margin for a busy machine.
const SETTLED: Duration = Duration::from_secs(10);

/// Well before the leases of the node that died end.
const RESUME_LIMIT: Duration = Duration::from_secs(6);

async fn message(user: &TestUser, conversation: ConversationId, id: MessageId) -> Message {
    let history = user.history(conversation).await;
    history.into_iter().find(|message| message.id == id).expect("an accepted message stays")
}

#[tokio::test]
async fn a_reply_that_had_begun_ends_after_a_crash_and_loses_no_text() {
    let fixture = ScriptedServer::start(TestServer::setup()).await;
    let user = TestUser::register(&fixture.server).await;
    let (mut laptop, mut phone) = (Device::connected(&user, "laptop").await, Device::connected(&user, "phone").await);
    let conversation = ConversationId(fresh::id());
    let word = fresh::word("long");
    fixture.provider.answer(&word, [Reply::words(400, PACE).hang(), Reply::words(400, Duration::ZERO)]);
    let reply = laptop.send_message(conversation, &word).await.assistant_message.id;
    laptop.text_of_at_least(reply, words(200).len()).await;
    fixture.server.kill_and_restart().await;
    user.settled(SETTLED).await;

    let message = message(&user, conversation, reply).await;
    match message.state {
        MessageState::Complete => assert_eq!(message.text(), words(400)),
        MessageState::Interrupted => assert!(words(400).starts_with(&message.text()), "{:?}", message.text()),
        other => panic!("a reply does not end as {other} because a node died"),
    }
    for device in [&mut laptop, &mut phone] {
        assert_eq!(device.connect().await, WelcomeMode::Resumed, "the log outlives the process");
        assert_eq!(device.ended(reply).await, message);
    }
    assert_equal(&laptop, &phone).await;
}

#[tokio::test]
async fn a_reply_that_had_shown_nothing_starts_again_by_itself() {
    let fixture = ScriptedServer::start(TestServer::setup()).await;
    let user = TestUser::register(&fixture.server).await;
    let mut device = Device::connected(&user, "laptop").await;
    let (word, reply) = fixture.start_reply(&device, [Reply::default().hang(), Reply::text("After all.")]).await;
    eventually("the first request", async || (!fixture.provider.requests(&word).is_empty()).then_some(())).await;
    fixture.server.kill_and_restart().await;
    device.connect().await;
    let message = device.ended(reply).await;
    assert_eq!((message.state, message.text().as_str()), (MessageState::Complete, "After all."));
}

#[tokio::test]
async fn every_reply_is_resumed_immediately_however_many_there_were() {
    const REPLIES: usize = 120;
    let provider = ScriptedProvider::start().await;
    let setup = TestServer::setup().openai(&provider).without_rate_limits();
    // Replies of one user are sufficient here.
    let setup = setup.env("TANDEM_USER_REPLIES", REPLIES.to_string());
    let fixture = ScriptedServer { server: setup.start().await, provider };
    let user = TestUser::register(&fixture.server).await;
    let device = Device::connected(&user, "laptop").await;
    let word = fresh::word("many");
    fixture.provider.answer(&word, [Reply::default().hang()]);
    for _ in 0..REPLIES {
        device.send_message(ConversationId(fresh::id()), &word).await;
    }
    let requested = |count: usize| (fixture.provider.requests(&word).len() >= count).then_some(());
    eventually("every reply to be requested", async || requested(REPLIES)).await;
    fixture.server.kill_and_restart().await;
    within(RESUME_LIMIT, "every reply to be requested again", async || requested(2 * REPLIES)).await;
}

#[tokio::test]
async fn a_tool_that_ran_before_a_crash_does_not_run_again() {
    let fixture = ScriptedServer::start(TestServer::setup()).await;
    let user = TestUser::register(&fixture.server).await;
    let mut device = Device::connected(&user, "laptop").await;
    let call = Reply::call("add_task", &json!({ "title": "Only once" }));
    let (word, reply) = fixture.start_reply(&device, [call, Reply::default().hang(), Reply::text("It is done.")]).await;
    eventually("the result to go back", async || (fixture.provider.requests(&word).len() == 2).then_some(())).await;
    fixture.server.kill_and_restart().await;
    device.connect().await;
    let message = device.ended(reply).await;
    assert_eq!(user.tasks("status=all").await.len(), 1);
    assert!(matches!(message.state, MessageState::Complete | MessageState::Interrupted), "{message:?}");
    device.assert_faultless();
}

#[tokio::test]
async fn messages_that_waited_are_answered_after_a_crash() {
    let fixture = ScriptedServer::start(TestServer::setup()).await;
    let user = TestUser::register(&fixture.server).await;
    let device = Device::connected(&user, "laptop").await;
    let (first, second) = (fresh::word("first"), fresh::word("second"));
    fixture.provider.answer(&first, [Reply::words(3, PACE).hang(), Reply::text("The first.")]);
    fixture.provider.answer(&second, [Reply::text("The second.")]);
    let conversation = ConversationId(fresh::id());
    let running = device.send_message(conversation, &first).await.assistant_message.id;
    device.text_of_at_least(running, 1).await;
    let queued = device.send_message(conversation, &second).await.assistant_message.id;
    fixture.server.kill_and_restart().await;
    user.settled(SETTLED).await;
    assert!(message(&user, conversation, running).await.state.is_final());
    let answered = message(&user, conversation, queued).await;
    assert_eq!((answered.state, answered.text().as_str()), (MessageState::Complete, "The second."));
}

#[tokio::test]
async fn acknowledged_changes_survive_a_crash() {
    let server = TestServer::new().await;
    let user = TestUser::register(&server).await;
    let device = Device::connected(&user, "laptop").await;
    let mut acknowledged = BTreeSet::new();
    for round in 0..3 {
        let device = Device::connected(&user, &format!("writer {round}")).await;
        for number in 0..20 {
            let title = format!("{round}.{number}");
            let add = commands::add_task(title.clone());
            device.command(&add).await.expect("a task can be added");
            acknowledged.insert(title);
        }
        server.kill_and_restart().await;
    }
    let kept: BTreeSet<String> = user.tasks("").await.into_iter().map(|task| task.title).collect();
    assert_eq!(kept, acknowledged);
    assert!(device.closed().await.bye.is_none(), "a killed server sends no bye");
}

#[tokio::test]
async fn a_drained_server_sends_bye_and_leaves_no_reply_running() {
    let fixture = ScriptedServer::start(TestServer::setup()).await;
    let user = TestUser::register(&fixture.server).await;
    let mut device = Device::connected(&user, "laptop").await;
    let conversation = ConversationId(fresh::id());
    let word = fresh::word("long");
    fixture.provider.answer(&word, [Reply::words(30, PACE).hang(), Reply::words(30, Duration::ZERO)]);
    let reply = device.send_message(conversation, &word).await.assistant_message.id;
    device.text_of_at_least(reply, words(30).len()).await;
    let status = fixture.server.terminate().await;
    assert!(status.success(), "{status}");
    let closed = device.closed().await;
    assert_eq!(closed.code, Some(CloseCode::Draining.code()));
    assert!(closed.bye.is_some_and(|bye| bye.reconnect_after_ms.is_some()), "the bye has a reconnect delay");

    fixture.server.start().await;
    user.settled(SETTLED).await;
    let message = message(&user, conversation, reply).await;
    assert!(words(30).starts_with(&message.text()) || message.state == MessageState::Complete, "{message:?}");
    device.connect().await;
    assert_eq!(device.ended(reply).await, message);
    device.assert_faultless();
}

#[tokio::test]
async fn sessions_survive_a_restart() {
    let server = TestServer::new().await;
    let user = TestUser::register(&server).await;
    server.kill_and_restart().await;
    user.get("/me").await.expect(200);
    user.refresh().await;
    Device::connected(&user, "laptop").await;
}
