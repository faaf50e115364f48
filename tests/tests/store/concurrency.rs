//! Concurrent changes: one writer for each user, no gaps in the log, no effect of cancelled changes.

use crate::fixtures::{add_task, task, user};
use futures_util::future::{join_all, select};
use std::{collections::BTreeSet, pin::pin, sync::Arc};
use tandem_auth::Owner;
use tandem_protocol::enums::StatusFilter;
use tandem_store::{Store, StoreError};
use tandem_tests::database::TestDatabase;

crate::on_both!(
    a_transaction_that_is_dropped_or_left_is_rolled_back,
    a_dropped_change_does_not_take_its_neighbours_along,
    writers_of_one_user_leave_no_gap_and_lose_nothing,
    events_are_seen_in_the_order_of_their_commits,
    writers_of_many_users_all_succeed,
    a_writer_that_is_cancelled_at_any_moment_affects_no_other,
    a_reader_sees_one_moment,
    a_writer_sees_its_own_changes,
);

async fn log(store: &dyn Store, owner: &Owner) -> Vec<i64> {
    let mut tx = store.read(owner).await.unwrap();
    tx.events_after(0, 10_000).await.unwrap().into_iter().map(|event| event.seq).collect()
}

async fn titles(store: &dyn Store, owner: &Owner) -> BTreeSet<String> {
    let mut tx = store.read(owner).await.unwrap();
    tx.all_tasks(StatusFilter::All).await.unwrap().into_iter().map(|task| task.title).collect()
}

async fn add(store: &dyn Store, owner: &Owner, title: &str) -> Result<(), StoreError> {
    let mut tx = store.write(owner).await?;
    add_task(tx.as_mut(), title).await;
    tx.commit().await
}

async fn a_transaction_that_is_dropped_or_left_is_rolled_back(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let mut tx = db.store.write(&ann).await.unwrap();
    add_task(tx.as_mut(), "Given up").await;
    drop(tx);
    let mut tx = db.store.write(&ann).await.unwrap();
    add_task(tx.as_mut(), "Left").await;
    tx.leave().await.unwrap();
    add(&*db.store, &ann, "Kept").await.unwrap();
    assert_eq!(titles(&*db.store, &ann).await, BTreeSet::from(["Kept".to_owned()]));
    assert_eq!(log(&*db.store, &ann).await, [1]);
    let account = db.store.read(&ann).await.unwrap().account().await.unwrap();
    assert_eq!((account.seq, account.next_task_number), (1, 2));
}

async fn a_dropped_change_does_not_take_its_neighbours_along(db: TestDatabase) {
    let (ann, ben) = (user(&*db.store, "ann").await, user(&*db.store, "ben").await);
    let rounds = (0..20).map(|round| {
        let (store, ann, ben) = (Arc::clone(&db.store), ann.clone(), ben.clone());
        async move {
            let kept = format!("Kept {round}");
            let keep = add(&*store, &ann, &kept);
            let give_up = async {
                let mut tx = store.write(&ben).await.unwrap();
                add_task(tx.as_mut(), "Given up").await;
                drop(tx);
            };
            let (kept, ()) = futures_util::future::join(keep, give_up).await;
            kept.unwrap();
        }
    });
    join_all(rounds).await;
    assert_eq!(titles(&*db.store, &ann).await.len(), 20);
    assert_eq!(titles(&*db.store, &ben).await.len(), 0);
}

async fn writers_of_one_user_leave_no_gap_and_lose_nothing(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let writers = (0..40).map(|n| {
        let (store, ann) = (Arc::clone(&db.store), ann.clone());
        tokio::spawn(async move { add(&*store, &ann, &format!("Task {n}")).await })
    });
    for written in join_all(writers).await {
        written.unwrap().unwrap();
    }
    assert_eq!(log(&*db.store, &ann).await, (1..=40).collect::<Vec<_>>());
    assert_eq!(titles(&*db.store, &ann).await.len(), 40);
    let account = db.store.read(&ann).await.unwrap().account().await.unwrap();
    assert_eq!((account.seq, account.next_task_number), (40, 41));
}

async fn events_are_seen_in_the_order_of_their_commits(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let watcher = async {
        let mut seen = Vec::new();
        while seen.len() < 30 {
            let last = seen.last().copied().unwrap_or(0);
            let mut tx = db.store.read(&ann).await.unwrap();
            seen.extend(tx.events_after(last, 100).await.unwrap().into_iter().map(|event| event.seq));
            drop(tx);
            tokio::task::yield_now().await;
        }
        seen
    };
    let writers = join_all((0..30).map(|n| {
        let (store, ann) = (Arc::clone(&db.store), ann.clone());
        async move { add(&*store, &ann, &format!("Task {n}")).await.unwrap() }
    }));
    let (seen, _) = futures_util::future::join(watcher, writers).await;
    assert_eq!(seen, (1..=30).collect::<Vec<_>>(), "an event came after a later one");
}

async fn writers_of_many_users_all_succeed(db: TestDatabase) {
    let mut owners = Vec::new();
    for n in 0..12 {
        owners.push(user(&*db.store, &format!("user{n}")).await);
    }
    let writers = owners.iter().cycle().take(60).enumerate().map(|(n, owner)| {
        let (store, owner) = (Arc::clone(&db.store), owner.clone());
        tokio::spawn(async move { add(&*store, &owner, &format!("Task {n}")).await })
    });
    for written in join_all(writers.collect::<Vec<_>>()).await {
        written.unwrap().unwrap();
    }
    for owner in &owners {
        assert_eq!(log(&*db.store, owner).await, [1, 2, 3, 4, 5]);
    }
}

/// Polls a change a few times, then drops it.
async fn a_writer_that_is_cancelled_at_any_moment_affects_no_other(db: TestDatabase) {
    let (ann, ben) = (user(&*db.store, "ann").await, user(&*db.store, "ben").await);
    for patience in 0..40 {
        // On the heap, so that letting go of it drops it, and not only the pointer to it.
        let hasty = Box::pin(async {
            let mut tx = db.store.write(&ann).await.unwrap();
            tx.insert_task(&task(1000 + patience, "Hasty")).await.unwrap();
            tx.append(&crate::fixtures::created(&task(1, "Hasty"))).await.unwrap();
            tx.commit().await.unwrap();
        });
        let bored = pin!(async {
            for _ in 0..patience {
                tokio::task::yield_now().await;
            }
        });
        drop(select(hasty, bored).await);
        add(&*db.store, &ben, &format!("Task {patience}")).await.unwrap();
    }
    assert_eq!(titles(&*db.store, &ben).await.len(), 40);
    let log = log(&*db.store, &ann).await;
    assert_eq!(log, (1..=i64::try_from(log.len()).unwrap()).collect::<Vec<_>>(), "half a change was kept");
    let mut tx = db.store.read(&ann).await.unwrap();
    assert_eq!(tx.all_tasks(StatusFilter::All).await.unwrap().len(), log.len());
}

async fn a_reader_sees_one_moment(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    add(&*db.store, &ann, "Before").await.unwrap();
    let mut tx = db.store.read(&ann).await.unwrap();
    let seq = tx.account().await.unwrap().seq;
    add(&*db.store, &ann, "After").await.unwrap();
    assert_eq!(tx.events_after(seq, 10).await.unwrap(), []);
    assert_eq!(tx.all_tasks(StatusFilter::All).await.unwrap().len(), 1);
    assert_eq!(titles(&*db.store, &ann).await.len(), 2);
}

async fn a_writer_sees_its_own_changes(db: TestDatabase) {
    let ann = user(&*db.store, "ann").await;
    let mut tx = db.store.write(&ann).await.unwrap();
    let task = add_task(tx.as_mut(), "Milk").await;
    assert_eq!(tx.account().await.unwrap().seq, 1);
    assert_eq!(tx.events_after(0, 10).await.unwrap().len(), 1);
    assert_eq!(tx.task(task.id.into()).await.unwrap(), Some(task));
    assert_eq!(titles(&*db.store, &ann).await.len(), 0, "others see it before the commit");
    tx.commit().await.unwrap();
    assert_eq!(titles(&*db.store, &ann).await.len(), 1);
}
