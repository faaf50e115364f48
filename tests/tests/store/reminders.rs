//! Which reminders are due: by the index, of all owners.

use crate::fixtures::{at, task, user};
use tandem_auth::Owner;
use tandem_protocol::{
    ReminderId, TaskId, Timestamp,
    enums::{ReminderState, TaskStatus},
    model::Task,
    reminder::Reminder,
};
use tandem_store::{DueReminder, Store};
use tandem_tests::database::TestDatabase;
use uuid::Uuid;

crate::on_both!(
    what_is_due_is_found_the_longest_ago_first,
    reminders_are_read_as_they_were_written,
    what_cannot_fire_is_not_found,
);

/// A task with a reminder at a time, in seconds.
fn reminding(number: i64, second: i64) -> Task {
    let reminder = Reminder {
        id: ReminderId(Uuid::from_u128(1)),
        before: Some("PT30M".parse().unwrap()),
        at: None,
        state: ReminderState::Pending,
        fires_at: at(second),
        snoozed_until: None,
    };
    Task { reminders: vec![reminder], ..task(number, "Call") }
}

async fn insert(store: &dyn Store, owner: &Owner, task: &Task) {
    let mut tx = store.write(owner).await.unwrap();
    tx.insert_task(task).await.unwrap();
    tx.commit().await.unwrap();
}

async fn due(store: &dyn Store, until: Timestamp, limit: u32) -> Vec<(String, TaskId)> {
    let found = store.due_reminders(until, limit).await.unwrap();
    found.into_iter().map(|DueReminder { user, task, .. }| (user.as_str().to_owned(), task)).collect()
}

async fn what_is_due_is_found_the_longest_ago_first(db: TestDatabase) {
    let (ann, bob) = (user(&*db.store, "ann").await, user(&*db.store, "bob").await);
    let (late, soon, later) = (reminding(1, 20), reminding(1, 10), reminding(2, 30));
    insert(&*db.store, &ann, &late).await;
    insert(&*db.store, &bob, &soon).await;
    insert(&*db.store, &bob, &later).await;
    insert(&*db.store, &bob, &task(3, "Without")).await;
    let expected = [(bob.user().as_str().to_owned(), soon.id), (ann.user().as_str().to_owned(), late.id)];
    assert_eq!(due(&*db.store, at(20), 10).await, expected);
    assert_eq!(due(&*db.store, at(20), 1).await, expected[..1]);
    assert_eq!(due(&*db.store, at(9), 10).await, []);
    assert_eq!(db.store.due_reminders(at(10), 10).await.unwrap()[0].at, at(10));
}

async fn reminders_are_read_as_they_were_written(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let mut known = reminding(1, 10);
    insert(&*db.store, &ann, &known).await;
    known.reminders[0].state = ReminderState::Snoozed;
    known.reminders[0].snoozed_until = Some(at(40));
    (known.rev, known.updated_at) = (known.rev + 1, at(5));
    let mut tx = db.store.write(&ann).await.unwrap();
    tx.update_reminders(&known).await.unwrap();
    assert_eq!(tx.whole_tasks(&[known.id]).await.unwrap(), [known.clone()]);
    tx.commit().await.unwrap();
    assert_eq!(due(&*db.store, at(39), 10).await, []);
    assert_eq!(due(&*db.store, at(40), 10).await.len(), 1);
    let mut tx = db.store.write(&ann).await.unwrap();
    tx.update_reminders(&reminding(9, 10)).await.unwrap();
    assert!(tx.commit().await.is_err(), "there is no such task");
}

async fn what_cannot_fire_is_not_found(db: TestDatabase) {
    let (ann, bob) = (user(&*db.store, "ann").await, user(&*db.store, "bob").await);
    let (done, gone, disabled) = (reminding(1, 10), reminding(2, 10), reminding(1, 10));
    insert(&*db.store, &ann, &Task { status: TaskStatus::Done, completed_at: Some(at(5)), ..done }).await;
    insert(&*db.store, &ann, &gone).await;
    insert(&*db.store, &bob, &disabled).await;
    let mut tx = db.store.write(&ann).await.unwrap();
    tx.delete_task(gone.id, at(6)).await.unwrap();
    assert_eq!(tx.whole_tasks(&[gone.id]).await.unwrap(), []);
    tx.commit().await.unwrap();
    let mut tx = db.store.write(&bob).await.unwrap();
    tx.delete_account(at(7)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(due(&*db.store, at(99), 10).await, []);
    let mut tx = db.store.write(&ann).await.unwrap();
    tx.update_task(&gone, true).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(due(&*db.store, at(99), 10).await.len(), 1, "an undo has brought it back");
}
