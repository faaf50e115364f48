//! What a renderer and an oracle compare: pointers and digests.

use crate::samples::{REPLY, at, conversation, delta, device_with, ended, event, reply, task};
use std::sync::Arc;
use tandem_protocol::{
    ReminderId,
    live::EventBody,
    model::{Conversation, Message, Part},
    replica::{Change, PartView, Replica},
};

fn device() -> Replica {
    let mut replica = device_with(reply());
    replica.load_tasks(vec![task(5, 1), task(6, 1)]);
    replica
}

#[test]
fn an_apply_replaces_only_what_changed() {
    let mut replica = device();
    let before = replica.clone();
    replica.apply(&event(11, &EventBody::TaskUpdated { task: task(5, 2) }));
    let same = |id| Arc::ptr_eq(replica.task(task(id, 1).id).unwrap(), before.task(task(id, 1).id).unwrap());
    assert!(!same(5) && same(6));
    assert!(Arc::ptr_eq(replica.user().unwrap(), before.user().unwrap()));
    assert!(Arc::ptr_eq(replica.message(REPLY).unwrap(), before.message(REPLY).unwrap()));
    assert!(Arc::ptr_eq(replica.conversations()[0], before.conversations()[0]));
}

#[test]
fn a_delta_replaces_no_object_and_copies_no_text() {
    let mut replica = device();
    let before = Arc::clone(replica.message(REPLY).unwrap());
    let piece = "0123456789abcdef";
    let mut buffers = 0;
    let mut last = std::ptr::null();
    for n in 0..8192 {
        let change = replica.apply(&delta(1, 0, n * piece.len(), piece));
        assert_eq!(change, Change::Text { message_id: REPLY, part: 0, from: n * piece.len() });
        let Some(PartView::Text(text)) = replica.parts(REPLY).next() else { panic!("the text is shown") };
        buffers += usize::from(text.as_ptr() != last);
        last = text.as_ptr();
    }
    assert!(Arc::ptr_eq(&before, replica.message(REPLY).unwrap()));
    // The buffer doubles, so 128 KiB take at most 17 of them; a copy per delta would take thousands.
    assert!(buffers <= 17, "{buffers} buffers");
}

#[test]
fn devices_that_learnt_the_same_in_different_ways_are_equal() {
    let mut by_delta = device();
    by_delta.apply(&delta(1, 0, 0, "Hello"));
    let mut by_snapshot = device_with(Message { parts: vec![Part::text("Hello")], ..reply() });
    by_snapshot.load_tasks(vec![task(6, 1), task(5, 1)]);
    assert_eq!(by_delta.digest().difference(&by_snapshot.digest()), None);
    for replica in [&mut by_delta, &mut by_snapshot] {
        replica.apply(&event(11, &EventBody::MessageCompleted { message: ended("Hello") }));
    }
    assert_eq!(by_delta.digest(), by_snapshot.digest());
}

#[test]
fn every_difference_shows() {
    let base = device();
    let unread = Conversation { unread: 1, ..conversation(1) };
    let changes = [
        EventBody::TaskUpdated { task: task(5, 2) },
        EventBody::ReminderDue {
            task_id: task(5, 2).id,
            reminder_id: ReminderId(uuid::Uuid::nil()),
            at: at(0),
            late: false,
            task: task(5, 2),
        },
        EventBody::TaskDeleted { task_id: task(5, 1).id },
        EventBody::ConversationUpdated { conversation: unread },
        EventBody::MessageUpdated { message: Message { completed_at: Some(at(1)), ..reply() } },
        EventBody::SessionRevoked { session_id: tandem_protocol::SessionId(uuid::Uuid::nil()) },
    ];
    for body in changes {
        let mut other = base.clone();
        other.apply(&event(11, &body));
        assert!(base.digest().difference(&other.digest()).is_some(), "{}", body.name());
    }
    let mut other = base.clone();
    other.apply(&delta(1, 0, 0, "Hello"));
    let difference = base.digest().difference(&other.digest()).unwrap();
    assert!(difference.starts_with(&format!("{REPLY:?}")) && difference.contains("Hello"), "{difference}");
}

#[test]
fn the_whole_log_makes_the_account() {
    let mut folded = Replica::at_start("e1");
    let log = [
        EventBody::ConversationCreated { conversation: conversation(1) },
        EventBody::MessageCreated { message: reply() },
        EventBody::MessageCompleted { message: ended("Hello") },
    ];
    for (body, seq) in log.into_iter().zip(1..) {
        folded.apply_read(seq, body);
    }
    let mut live = folded.clone();
    live.apply(&delta(1, 0, 5, "late"));
    assert_eq!((folded.digest().difference(&live.digest()), folded.seq()), (None, 3));
}
