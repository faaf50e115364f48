//! The hub and the messages of other nodes.

use super::*;

const REPLY: MessageId = MessageId(Uuid::from_u128(9));

fn control(hub: &Hub, control: Control) {
    hub.on_message(&user(), &BusMessage::Control(control));
}

fn delta(hub: &Hub, attempt: i64, offset: usize, text: &str) {
    let delta = Delta { message_id: REPLY, attempt, part: 0, offset, text: text.into(), kind: TextKind::Text };
    hub.on_message(&user(), &BusMessage::Delta(Arc::new(delta)));
}

/// Streamed text that waits for a device.
fn text(device: &Dev) -> String {
    let mut text = String::new();
    while let Some(frame) = device.queue.pop() {
        if let Some(ServerFrame::Delta(Delta { offset, text: delta, .. })) = frame_of(&frame) {
            assert_eq!(offset, text.len(), "the next delta follows");
            text += &delta;
        }
    }
    text
}

fn live(hub: &Hub, n: u128) -> Dev {
    let device = connect(hub, n);
    release(hub, &device, 0);
    device
}

#[test]
fn lost_text_is_requested_once_and_sent_again() {
    let (hub, mut signals) = Hub::new(20);
    let device = live(&hub, 1);
    delta(&hub, 1, 0, "one ");
    delta(&hub, 1, 8, "three ");
    delta(&hub, 1, 14, "four");
    let requests = std::iter::from_fn(|| signals.try_recv().ok()).filter(|signal| *signal == Signal::TextLost(user()));
    assert_eq!(requests.count(), 1);
    delta(&hub, 1, 0, "one two three four");
    delta(&hub, 1, 18, "!");
    assert_eq!(text(&device), "one two three four!");
    delta(&hub, 1, 99, "lost again");
    let requests = std::iter::from_fn(|| signals.try_recv().ok()).filter(|signal| *signal == Signal::TextLost(user()));
    assert_eq!(requests.count(), 1);
}

#[test]
fn the_text_so_far_is_sent_to_another_node() {
    let (here, there) = (Hub::new(20).0, Hub::new(20).0);
    let device = live(&there, 1);
    delta(&here, 2, 0, "one ");
    delta(&here, 2, 4, "two");
    for delta in here.text_so_far(&user()) {
        there.on_message(&user(), &BusMessage::Delta(Arc::new(delta)));
    }
    assert_eq!(text(&device), "one two");
}

#[test]
fn the_end_of_an_attempt_leaves_a_later_one_alone() {
    let (hub, _signals) = Hub::new(20);
    delta(&hub, 2, 0, "again");
    control(&hub, Control::RunEnded { message_id: REPLY, attempt: 1 });
    assert_eq!(hub.text_so_far(&user()).len(), 1);
    control(&hub, Control::RunEnded { message_id: REPLY, attempt: 2 });
    assert_eq!(hub.text_so_far(&user()), []);
    hub.check_invariants();
}

#[test]
fn replies_without_a_subscription_are_removed() {
    let (hub, _signals) = Hub::new(20);
    let device = live(&hub, 1);
    delta(&hub, 1, 0, "text");
    control(&hub, Control::Unsubscribed);
    assert_eq!(hub.text_so_far(&user()).len(), 1, "a device is here");
    hub.unregister(&user(), device.connection);
    control(&hub, Control::Unsubscribed);
    assert_eq!(hub.text_so_far(&user()), []);
    hub.check_invariants();
}

#[test]
fn devices_of_all_nodes_are_shown_together() {
    let (hub, mut signals) = Hub::new(20);
    let device = live(&hub, 1);
    let remote = |ids: &[&str]| Control::Presence {
        node: "b".into(),
        devices: ids
            .iter()
            .map(|id| PresentDevice {
                id: DeviceId::from(*id),
                name: String::new(),
                connected_at: Timestamp::from_millis(0),
            })
            .collect(),
    };
    let shown = || {
        hub.broadcast_presence(&user());
        let frames = std::iter::from_fn(|| device.queue.pop());
        let presence = frames.filter_map(|frame| match frame_of(&frame)? {
            ServerFrame::Presence(presence) => Some(presence.devices.len()),
            _ => None,
        });
        presence.last()
    };
    control(&hub, remote(&["2", "3", "1"]));
    let signalled = std::iter::from_fn(|| signals.try_recv().ok()).last();
    assert_eq!(signalled, Some(Signal::RemotePresenceChanged(user())));
    assert_eq!(shown(), Some(3), "the one that is at both is shown once");
    assert_eq!(hub.present(&user()).len(), 1, "the devices of this node alone");
    assert_eq!(hub.users_on_other_nodes(Instant::now()), [user()]);
    control(&hub, remote(&[]));
    assert_eq!(shown(), Some(1));
    assert!(hub.users_on_other_nodes(Instant::now()).is_empty());
}
