//! Snapshots and pages: read at another moment than the events, and never a step back.

use crate::samples::{REPLY, THREAD, at, conversation, delta, device_with, ended, event, reply, shown, snapshot, task};
use tandem_protocol::{
    MessageId, ReminderId,
    enums::{MessageState, Role, TaskStatus},
    live::EventBody,
    model::{Conversation, Message, Part},
    replica::{Change, Replica},
    rest::{Page, Snapshot},
};
use uuid::Uuid;

fn device() -> Replica {
    let mut replica = Replica::new();
    replica.load_snapshot(snapshot(10));
    replica
}

fn ids(replica: &Replica) -> Vec<u128> {
    replica.messages(THREAD).map(|message| message.id.0.as_u128()).collect()
}

#[test]
fn a_snapshot_drops_everything_that_was_known() {
    let mut replica = device_with(reply());
    replica.apply(&event(11, &EventBody::TaskCreated { task: task(5, 1) }));
    replica.apply(&delta(1, 0, 0, "Hello"));
    replica.load_snapshot(Snapshot { conversations: Page::whole(vec![conversation(3)]), ..snapshot(9) });
    assert_eq!((replica.seq(), replica.tasks().len(), replica.conversations().len()), (9, 0, 1));
    assert_eq!((replica.message(REPLY), replica.streams()), (None, vec![]));
}

#[test]
fn a_page_of_history_does_not_undo_what_events_said() {
    let mut replica = device();
    replica.apply(&event(11, &EventBody::MessageCompleted { message: ended("Hello") }));
    replica.load_messages(vec![Message { parts: vec![Part::text("Hel")], ..reply() }]);
    assert_eq!(shown(&replica), "Hello");
    assert_eq!(replica.message(REPLY).unwrap().state, MessageState::Complete);
}

#[test]
fn a_page_of_history_fills_gaps_and_ends_replies() {
    let mut replica = device_with(reply());
    replica.apply(&delta(1, 0, 0, "He"));
    replica.load_messages(vec![Message { parts: vec![Part::text("Hello")], ..reply() }]);
    assert_eq!(shown(&replica), "Hello");
    replica.load_messages(vec![ended("Hello world")]);
    assert_eq!(shown(&replica), "Hello world");
    // The events that lie between say older things; they change nothing.
    replica.apply(&event(11, &EventBody::MessageUpdated { message: reply() }));
    replica.apply(&delta(1, 0, 5, " wor"));
    assert_eq!((shown(&replica), replica.faults()), ("Hello world".into(), [].as_slice()));
}

#[test]
fn a_page_read_before_a_deletion_does_not_bring_things_back() {
    let mut replica = device();
    replica.load_tasks(vec![task(5, 1)]);
    assert_eq!(
        replica.apply(&event(11, &EventBody::TaskDeleted { task_id: task(5, 1).id })),
        Change::TaskRemoved(task(5, 1).id)
    );
    let deleted = EventBody::ConversationDeleted { conversation_id: THREAD };
    assert_eq!(replica.apply(&event(12, &deleted)), Change::ConversationRemoved(THREAD));
    replica.load_tasks(vec![task(5, 1)]);
    replica.load_conversations(vec![conversation(1)]);
    replica.load_messages(vec![ended("Hello")]);
    assert_eq!((replica.tasks().len(), replica.conversations().len(), ids(&replica)), (0, 0, vec![]));
    // An undo does.
    replica.apply(&event(13, &EventBody::TaskCreated { task: task(5, 2) }));
    replica.apply(&event(14, &EventBody::ConversationCreated { conversation: conversation(1) }));
    replica.load_messages(vec![ended("Hello")]);
    assert_eq!((replica.tasks().len(), replica.conversations().len(), ids(&replica).len()), (1, 1, 1));
}

#[test]
fn the_newest_revision_of_a_task_stays() {
    let mut replica = device();
    let id = task(5, 1).id;
    replica.load_tasks(vec![task(5, 3)]);
    assert_eq!(replica.apply(&event(11, &EventBody::TaskUpdated { task: task(5, 2) })), Change::None);
    replica.load_tasks(vec![task(5, 1)]);
    assert_eq!(replica.task(id).unwrap().rev, 3);
    replica.apply(&event(12, &EventBody::TaskUpdated { task: task(5, 4) }));
    assert_eq!(replica.task(id).unwrap().rev, 4);
    for (seq, rev, shown) in [(13, 5, 5), (14, 4, 5)] {
        let due = EventBody::ReminderDue {
            task_id: id,
            reminder_id: ReminderId(Uuid::nil()),
            at: at(0),
            late: false,
            task: task(5, rev),
        };
        replica.apply(&event(seq, &due));
        assert_eq!(replica.task(id).unwrap().rev, shown, "a reminder carries the task");
    }
}

#[test]
fn messages_stand_in_the_order_of_the_talk() {
    let mut replica = device();
    let message = |id: u128, millis, role| Message {
        id: MessageId(Uuid::from_u128(id)),
        created_at: at(millis),
        role,
        ..ended("")
    };
    // Question and answer of the same millisecond, with ids of clocks that differ; then an older page.
    let live = [message(9, 5, Role::User), message(8, 5, Role::Assistant)];
    for (message, seq) in live.into_iter().zip(11..) {
        replica.apply(&event(seq, &EventBody::MessageCreated { message }));
    }
    replica.load_messages(vec![message(7, 1, Role::User), message(6, 2, Role::Assistant)]);
    assert_eq!(ids(&replica), [7, 6, 9, 8]);
}

#[test]
fn conversations_stand_by_their_newest_activity() {
    let mut replica = Replica::new();
    let talked = |id, millis| Conversation { last_message_at: Some(at(millis)), ..conversation(id) };
    let empty = Conversation { created_at: at(20), ..conversation(3) };
    replica.load_snapshot(Snapshot {
        conversations: Page::whole(vec![talked(1, 10), talked(2, 30), empty]),
        ..snapshot(10)
    });
    let order = |replica: &Replica| replica.conversations().iter().map(|c| c.id.0.as_u128()).collect::<Vec<_>>();
    assert_eq!(order(&replica), [2, 3, 1]);
    replica.apply(&event(11, &EventBody::ConversationUpdated { conversation: talked(1, 40) }));
    assert_eq!(order(&replica), [1, 2, 3]);
}

#[test]
fn tasks_stand_by_their_place_then_by_number() {
    let mut replica = device();
    let mut placed = [task(1, 1), task(2, 1), task(3, 1)];
    placed[0].position = "b".into();
    placed[1].position = "a".into();
    placed[2].position = "a".into();
    placed[2].status = TaskStatus::Done;
    replica.load_tasks(placed.into());
    assert_eq!(replica.tasks().iter().map(|task| task.number).collect::<Vec<_>>(), [2, 3, 1]);
}
