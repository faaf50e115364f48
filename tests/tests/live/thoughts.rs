//! The thoughts of a model, on several devices.

use crate::support::{self, PACE};
use std::time::{Duration, Instant};
use tandem_protocol::{
    enums::{MessageState, TextKind},
    live::{Command, ServerFrame, command::MessageRefArgs},
    model::Part,
};
use tandem_tests::{
    Device, Reply, TestServer, TestUser, device::assert_equal, eventually, provider::words,
    scripted_server::ScriptedServer,
};

/// Words of half a thought.
const HALF: usize = 30;

/// A model that thinks, waits, thinks on, and writes.
fn thinking() -> Reply {
    Reply::default().and_thoughts(0, HALF, PACE).hold().and_thoughts(HALF, HALF, PACE).and_words(0, 10, PACE)
}

fn shape(parts: &[Part]) -> Vec<(TextKind, String)> {
    parts.iter().filter_map(Part::as_streamed).map(|(kind, text)| (kind, text.to_owned())).collect()
}

#[tokio::test]
async fn every_device_has_a_thought_byte_for_byte_wherever_it_joins() {
    let fixture = support::shared().await;
    let user = TestUser::register(&fixture.server).await;
    let first = Device::connected(&user, "first").await;
    let mut away = Device::connected(&user, "away for a while").await;
    let (word, reply) = fixture.start_reply(&first, [thinking()]).await;
    away.thoughts_of_at_least(reply, words(HALF / 2).len()).await;
    away.cut();
    let half = words(HALF);
    assert_eq!(first.thoughts_of_at_least(reply, half.len()).await, half);
    // In the middle of the thought: one device resumes, another one joins with a snapshot.
    away.connect().await;
    let late = Device::connected(&user, "late").await;
    for device in [&away, &late] {
        assert_eq!(device.thoughts_of_at_least(reply, half.len()).await, half);
    }
    fixture.provider.release(&word);
    let message = first.ended(reply).await;
    assert_eq!(message.state, MessageState::Complete);
    assert_eq!(shape(&message.parts), [(TextKind::Reasoning, words(2 * HALF)), (TextKind::Text, words(10))]);
    for device in [&away, &late] {
        assert_eq!(device.ended(reply).await, message);
        device.load_history(message.conversation_id).await;
        assert_equal(&first, device).await;
    }
    // Each device was sent each byte once.
    let mut had = 0;
    first.look(|seen| {
        for frame in &seen.frames {
            if let ServerFrame::Delta(delta) = frame
                && delta.message_id == reply
                && delta.kind == TextKind::Reasoning
            {
                assert_eq!((delta.part, delta.offset), (0, had));
                had += delta.text.len();
            }
        }
    });
    assert_eq!(had, words(2 * HALF).len());
}

#[tokio::test]
async fn the_time_of_a_thought_comes_before_the_end_of_the_reply() {
    let fixture = support::shared().await;
    let user = TestUser::register(&fixture.server).await;
    let device = Device::connected(&user, "first").await;
    let script = Reply::default().and_thoughts(0, 10, PACE).and_words(0, 5, PACE).hold();
    let (word, reply) = fixture.start_reply(&device, [script]).await;
    let known = device.wait("the time of the thought", |seen| match seen.replica.message(reply)?.parts.first()? {
        Part::Reasoning { text, duration_ms } if *duration_ms > 0 => Some((text.clone(), *duration_ms)),
        _ => None,
    });
    let (text, duration_ms) = known.await;
    assert_eq!(text, words(10));
    fixture.provider.release(&word);
    let thought = Part::Reasoning { text, duration_ms };
    assert_eq!(device.ended(reply).await.parts, [thought, Part::text(words(5))]);
}

#[tokio::test]
async fn stop_ends_a_thought_and_its_request() {
    let fixture = support::shared().await;
    let user = TestUser::register(&fixture.server).await;
    let (first, second) = (Device::connected(&user, "first").await, Device::connected(&user, "second").await);
    let mut times = Vec::new();
    for _ in 0..5 {
        let (word, reply) = fixture.start_reply(&first, [Reply::default().and_thoughts(0, 10, PACE).hang()]).await;
        second.thoughts_of_at_least(reply, words(10).len()).await;
        let stopped = Instant::now();
        let stop = Command::MessageCancel(MessageRefArgs { message_id: reply });
        second.command(&stop).await.expect("a reply can be stopped");
        fixture.provider.wait_for_hang_up(&word).await;
        times.push(stopped.elapsed());
        let message = first.ended(reply).await;
        assert_eq!(
            (message.state, shape(&message.parts)),
            (MessageState::Cancelled, vec![(TextKind::Reasoning, words(10))])
        );
    }
    eprintln!("from the command to the end of the request: {times:?}");
    // Other tests may hold the processors for a while, but not five times in a row.
    assert!(times.iter().min().is_some_and(|time| *time <= Duration::from_millis(200)), "{times:?}");
    assert_equal(&first, &second).await;
}

#[tokio::test]
async fn a_thought_outlives_its_server_by_starting_over() {
    let fixture = ScriptedServer::start(TestServer::setup()).await;
    let user = TestUser::register(&fixture.server).await;
    let mut device = Device::connected(&user, "first").await;
    let again = Reply::default().and_thoughts(HALF, 5, PACE).and_words(0, 5, PACE);
    let (_, reply) = fixture.start_reply(&device, [thinking(), again]).await;
    let half = words(HALF);
    device.thoughts_of_at_least(reply, half.len()).await;
    eventually("the checkpoint of the thought", async || {
        let stored = user.snapshot().await.active_messages;
        stored.iter().any(|message| shape(&message.parts) == [(TextKind::Reasoning, half.clone())]).then_some(())
    })
    .await;
    device.cut();
    fixture.server.kill_and_restart().await;
    device.connect().await;
    let message = device.ended(reply).await;
    assert_eq!((message.state, message.attempt), (MessageState::Complete, 2));
    let thought: String = words(HALF + 5)[half.len()..].to_owned();
    assert_eq!(shape(&message.parts), [(TextKind::Reasoning, thought), (TextKind::Text, words(5))]);
    device.assert_faultless();
}
