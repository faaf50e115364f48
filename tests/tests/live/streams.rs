//! Joining a reply at any moment, and the bytes that its stream needs.

use crate::support::{self, PACE};
use serde_json::json;
use std::time::Duration;
use tandem_protocol::{
    MessageId,
    enums::MessageState,
    live::{ServerFrame, StreamPosition, server::Delta},
    model::Part,
};
use tandem_tests::{
    Device, Reply, TestServer, TestUser,
    device::{Credentials, assert_equal},
    provider::words,
    scripted_server::ScriptedServer,
};

/// A reply is joined after each tenth of it.
const TENTHS: usize = 10;
/// Words of a tenth.
const WORDS: usize = 12;

/// A reply that waits after each tenth.
fn in_tenths() -> Reply {
    (0..TENTHS).fold(Reply::default(), |reply, tenth| reply.and_words(tenth * WORDS, WORDS, PACE).hold())
}

/// The text pieces of a reply that a device was sent.
fn deltas(device: &Device, reply: MessageId) -> Vec<Delta> {
    device.look(|seen| {
        let deltas = seen.frames.iter().filter_map(|frame| match frame {
            ServerFrame::Delta(delta) if delta.message_id == reply => Some(delta.clone()),
            _ => None,
        });
        deltas.collect()
    })
}

/// Asserts that the deltas start at `have`, have no gaps and contain the text of the reply. Returns their end.
fn assert_seamless(deltas: &[Delta], have: usize, text: &str) -> usize {
    deltas.iter().fold(have, |at, delta| {
        assert_eq!(delta.offset, at, "no byte twice, none left out");
        let end = at + delta.text.len();
        assert_eq!(text.get(at..end), Some(delta.text.as_str()));
        end
    })
}

/// A new device that resumes a reply at a given offset.
async fn join(user: &TestUser, name: String, streams: Vec<StreamPosition>) -> Device {
    let mut device = Device::new(user, &name);
    device.open(Credentials::Header(user.access_token())).await.expect("the credentials are right");
    device.hello_with_streams(None, streams).await;
    device.wait("live", |seen| seen.live.then_some(())).await;
    device
}

#[tokio::test]
async fn a_device_that_joins_after_any_tenth_has_the_reply_byte_for_byte() {
    let fixture = ScriptedServer::start(TestServer::setup().env("TANDEM_SOCKETS_PER_USER", "100")).await;
    let user = TestUser::register(&fixture.server).await;
    let first = Device::connected(&user, "first").await;
    let (word, reply) = fixture.start_reply(&first, [in_tenths()]).await;
    let text = words(TENTHS * WORDS);
    let at = |have| StreamPosition { message_id: reply, attempt: 1, part: 0, have };
    let mut joined = Vec::new();
    for tenth in 1..=TENTHS {
        let shown = words(tenth * WORDS).len();
        let inside = words(tenth * WORDS - WORDS / 2).len();
        first.text_of_at_least(reply, shown).await;
        for (what, streams, have) in [
            ("nothing", Vec::new(), 0),
            ("some", vec![at(inside)], inside),
            ("all", vec![at(shown)], shown),
            ("too much", vec![at(shown + 1000)], shown),
            ("an attempt that is over", vec![StreamPosition { attempt: 0, ..at(inside) }], 0),
        ] {
            let device = join(&user, format!("has {what} after {tenth} tenths"), streams).await;
            joined.push((device, have, shown));
        }
        fixture.provider.release(&word);
    }
    assert_eq!(first.ended(reply).await.text(), text);
    for (device, have, shown) in &joined {
        let message = device.ended(reply).await;
        assert_eq!((message.state, message.text()), (MessageState::Complete, text.clone()));
        let deltas = deltas(device, reply);
        assert_eq!(assert_seamless(&deltas, *have, &text), text.len());
        if have < shown {
            assert_eq!(have + deltas[0].text.len(), *shown, "first everything up to now, in one piece");
        }
        device.assert_faultless();
    }
}

#[tokio::test]
async fn a_device_with_a_snapshot_continues_from_the_text_in_it() {
    let fixture = support::shared().await;
    let user = TestUser::register(&fixture.server).await;
    let first = Device::connected(&user, "first").await;
    let (word, reply) = fixture.start_reply(&first, [in_tenths()]).await;
    let mut joined = Vec::new();
    for tenth in 1..=TENTHS {
        let shown = words(tenth * WORDS);
        first.text_of_at_least(reply, shown.len()).await;
        let device = Device::connected(&user, &format!("after {tenth} tenths")).await;
        assert_eq!(device.text_of_at_least(reply, shown.len()).await, shown);
        joined.push(device);
        fixture.provider.release(&word);
    }
    let message = first.ended(reply).await;
    assert_eq!(message.text(), words(TENTHS * WORDS));
    for device in &joined {
        assert_eq!(device.ended(reply).await, message);
        device.load_history(message.conversation_id).await;
        assert_equal(&first, device).await;
    }
}

#[tokio::test]
async fn a_device_that_joins_after_a_tool_call_gets_each_part_from_its_offset() {
    let fixture = support::shared().await;
    let user = TestUser::register(&fixture.server).await;
    let first = Device::connected(&user, "first").await;
    let call = Reply::words(10, PACE).then(Reply::call("add_task", &json!({ "title": "Milk" })));
    let (word, reply) =
        fixture.start_reply(&first, [call, Reply::words(10, PACE).hold().and_words(10, 10, PACE)]).await;
    first.text_of_at_least(reply, 2 * words(10).len()).await;
    let at = |part, have| StreamPosition { message_id: reply, attempt: 1, part, have };
    let (whole, half) = (words(10).len(), words(5).len());
    let mut joined = Vec::new();
    for (what, streams, have) in [
        ("nothing", Vec::new(), [0, 0]),
        ("the first part", vec![at(0, whole), at(2, 0)], [whole, 0]),
        ("half of each", vec![at(0, half), at(2, half)], [half, half]),
        ("all", vec![at(0, whole), at(2, whole)], [whole, whole]),
    ] {
        joined.push((join(&user, format!("has {what}"), streams).await, have));
    }
    fixture.provider.release(&word);
    let message = first.ended(reply).await;
    assert_eq!(
        message.parts.iter().map(Part::as_text).collect::<Vec<_>>(),
        [Some(&*words(10)), None, Some(&*words(20))]
    );
    for (device, have) in &joined {
        assert_eq!(device.ended(reply).await, message);
        let deltas = deltas(device, reply);
        for (part, have, text) in [(0, have[0], words(10)), (2, have[1], words(20))] {
            let deltas: Vec<_> = deltas.iter().filter(|delta| delta.part == part).cloned().collect();
            assert_eq!(assert_seamless(&deltas, have, &text), text.len());
        }
        device.assert_faultless();
    }
}

#[tokio::test]
async fn twice_the_reply_costs_twice_the_bytes() {
    let fixture = support::shared().await;
    let user = TestUser::register(&fixture.server).await;
    let asking = Device::connected(&user, "asking").await;
    let watching = Device::connected(&user, "watching").await;
    let mut cost = Vec::new();
    for count in [150, 300] {
        let before = watching.look(|seen| seen.bytes);
        // Word by word, or it would depend on the machine how many go together.
        let script = (0..count).fold(Reply::default(), |reply, word| reply.and_words(word, 1, Duration::ZERO).hold());
        let (word, reply) = fixture.start_reply(&asking, [script]).await;
        for shown in 1..=count {
            watching.text_of_at_least(reply, words(shown).len()).await;
            fixture.provider.release(&word);
        }
        watching.ended(reply).await;
        assert!(deltas(&watching, reply).len() >= count, "each word has come by itself");
        cost.push(watching.look(|seen| seen.bytes) - before);
    }
    // At most 2.1, in whole numbers.
    assert!(cost[1] * 10 <= cost[0] * 21, "{} bytes, then {}", cost[0], cost[1]);
    watching.assert_faultless();
}
