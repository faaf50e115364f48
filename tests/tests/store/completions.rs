//! What was done, and the parts of tasks.

use crate::fixtures::{at, refusal, task, user, uuid};
use jiff::civil::date;
use tandem_domain::{page::PageRequest, series::CompletionRecord};
use tandem_protocol::{
    CompletionId,
    enums::Anchor,
    model::{Completion, Due, Recurrence, Task},
};
use tandem_store::StoreError;
use tandem_tests::database::TestDatabase;

crate::on_both!(
    completions_come_back_newest_first,
    the_last_completion_knows_where_the_task_stood,
    parts_are_found_level_by_level,
    rows_of_the_version_before_get_their_series,
);

fn record(task: &Task, seconds: i64) -> CompletionRecord {
    CompletionRecord::new(CompletionId(uuid()), task, at(seconds))
}

fn recurring(number: i64) -> Task {
    let recurrence = Recurrence { rule: "FREQ=WEEKLY".into(), anchor: Anchor::Due, start: Some(date(2026, 11, 16)) };
    let due = Due { date: date(2026, 11, 24), time: None, time_zone: "UTC".into() };
    Task { due: Some(due), recurrence: Some(recurrence), occurrence: Some(date(2026, 11, 23)), ..task(number, "Water") }
}

async fn completions_come_back_newest_first(db: TestDatabase) {
    let (ann, ben) = (user(&*db.store, "ann").await, user(&*db.store, "ben").await);
    let milk = task(1, "Milk");
    // Two of one moment have the order of their ids.
    let records: Vec<_> = [1, 2, 2, 3].into_iter().map(|seconds| record(&milk, seconds)).collect();
    let mut tx = db.store.write(&ann).await.unwrap();
    for record in &records {
        tx.insert_completion(record).await.unwrap();
    }
    tx.commit().await.unwrap();
    let mut tx = db.store.read(&ann).await.unwrap();
    let mut newest: Vec<Completion> = records.iter().map(|record| record.completion.clone()).collect();
    newest.sort_by_key(|done| std::cmp::Reverse((done.completed_at, done.id)));
    let first = PageRequest { limit: 50, after: None };
    assert_eq!(tx.completions(None, None, &first).await.unwrap(), newest);
    assert_eq!(tx.completions(Some(at(2)), Some(at(3)), &first).await.unwrap(), newest[1..3]);
    let key = |done: &Completion| (done.completed_at.as_millis(), done.id);
    let rest = PageRequest { limit: 50, after: Some(key(&newest[1])) };
    assert_eq!(tx.completions(None, None, &rest).await.unwrap(), newest[2..]);
    let short = PageRequest { limit: 1, after: None };
    assert_eq!(tx.completions(None, None, &short).await.unwrap().len(), 2, "one more shows that there is more");
    assert_eq!(db.store.read(&ben).await.unwrap().completions(None, None, &first).await.unwrap(), []);
    let again = refusal(&*db.store, &ann, async |tx| tx.insert_completion(&records[0]).await.unwrap()).await;
    assert!(matches!(again, StoreError::Exists("completion")), "{again:?}");
}

async fn the_last_completion_knows_where_the_task_stood(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let (water, milk) = (recurring(1), task(2, "Milk"));
    let records = [record(&water, 2), record(&water, 1), record(&milk, 3)];
    let mut tx = db.store.write(&ann).await.unwrap();
    for record in &records {
        tx.insert_completion(record).await.unwrap();
    }
    assert_eq!(tx.last_completion(water.id).await.unwrap().as_ref(), Some(&records[0]));
    assert_eq!(tx.last_completion(milk.id).await.unwrap().as_ref(), Some(&records[2]));
    tx.delete_completion(records[0].completion.id).await.unwrap();
    tx.delete_completion(CompletionId(uuid())).await.unwrap();
    assert_eq!(tx.last_completion(water.id).await.unwrap().as_ref(), Some(&records[1]));
    tx.commit().await.unwrap();
    let stood = records[1].task_before.as_ref().expect("it recurs");
    let mut moved_on = Task { occurrence: None, due: None, ..water.clone() };
    stood.put_back(&mut moved_on);
    assert_eq!(moved_on, water);
}

async fn parts_are_found_level_by_level(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let whole = task(1, "Whole");
    let part = |number, of: &Task| Task { parent_id: Some(of.id), description: "notes".into(), ..task(number, "Part") };
    let (one, gone) = (part(2, &whole), part(3, &whole));
    let (below, under_gone) = (part(4, &one), part(5, &gone));
    let mut tx = db.store.write(&ann).await.unwrap();
    for task in [&below, &one, &whole, &gone, &under_gone, &task(6, "Another")] {
        tx.insert_task(task).await.unwrap();
    }
    tx.delete_task(gone.id, at(1)).await.unwrap();
    assert_eq!(tx.descendants(whole.id, 9).await.unwrap(), [one.clone(), below.clone()]);
    assert_eq!(tx.descendants(whole.id, 1).await.unwrap().len(), 1);
    assert_eq!(tx.descendants(below.id, 9).await.unwrap(), []);
    // A cycle must not be there, and ends nevertheless.
    tx.update_task(&Task { parent_id: Some(below.id), ..whole.clone() }, false).await.unwrap();
    assert_eq!(tx.descendants(whole.id, 9).await.unwrap().len(), 9);
}

async fn rows_of_the_version_before_get_their_series(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let (water, done) = (recurring(1), Task { completed_at: Some(at(7)), ..task(2, "Done") });
    let done = Task { status: tandem_protocol::enums::TaskStatus::Done, ..done };
    let mut tx = db.store.write(&ann).await.unwrap();
    tx.insert_task(&water).await.unwrap();
    tx.insert_task(&done).await.unwrap();
    tx.commit().await.unwrap();
    let step =
        db.migrations.migration_status().await.unwrap().iter().find(|step| step.name == "series").unwrap().number;
    db.migrations.migrate_down(step - 1).await.unwrap();
    db.migrations.migrate_up().await.unwrap();
    let mut tx = db.store.read(&ann).await.unwrap();
    let now = tx.task(water.id.into()).await.unwrap().unwrap();
    // Until this step every due date was a new start.
    let start = now.recurrence.and_then(|recurrence| recurrence.start);
    assert_eq!((now.occurrence, start), (Some(date(2026, 11, 24)), Some(date(2026, 11, 24))));
    let recorded = tx.completions(None, None, &PageRequest { limit: 9, after: None }).await.unwrap();
    assert_eq!(recorded.iter().map(|done| (done.task_id, done.completed_at)).collect::<Vec<_>>(), [(done.id, at(7))]);
    drop(tx);
    db.execute("update tasks set recurrence_start = null, occurrence = null").await;
    let now = db.store.read(&ann).await.unwrap().task(water.id.into()).await.unwrap().unwrap();
    assert_eq!(now.occurrence, Some(date(2026, 11, 24)), "a node of the version before has written it");
}
