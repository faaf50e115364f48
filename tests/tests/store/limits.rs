//! Nobody waits for ever: what PostgreSQL and the pool of connections set an end to.

use crate::fixtures::{add_task, user};
use sqlx::Connection as _;
use std::time::Duration;
use tandem_server::{
    auth::Owner,
    store::{Store, StoreError, postgres::PostgresStore},
};
use tandem_tests::database::{Place, TestDatabase, administrator};
use tokio::time::timeout;

/// Longer than any limit but the last, with what a busy machine adds.
const SOON: Duration = Duration::from_secs(20);

async fn change(store: &dyn Store, owner: &Owner) -> Result<(), StoreError> {
    let mut tx = store.write(owner).await?;
    add_task(tx.as_mut(), "Milk").await;
    tx.commit().await
}

/// Does it, which ends in time, and says that trying again may help.
async fn unavailable<T>(attempt: impl Future<Output = Result<T, StoreError>>) {
    let outcome = timeout(SOON, attempt).await.expect("it waits for ever").map(|_| ());
    assert!(matches!(outcome, Err(StoreError::Unavailable(_) | StoreError::TooLong(_))), "{outcome:?}");
}

#[tokio::test]
async fn who_waits_for_another_writer_too_long_is_told() {
    let db = TestDatabase::postgres().await;
    let (ann, ben) = (user(&*db.store, "ann").await, user(&*db.store, "ben").await);
    let Place::Postgres { name } = &db.place else { panic!("this is a database of the cluster") };
    let mut superuser = administrator(name).await;
    let mut holder = superuser.begin().await.unwrap();
    sqlx::query("select id from users where id = $1 for update")
        .bind(ann.user().as_str())
        .execute(&mut *holder)
        .await
        .unwrap();
    let attempt = tokio::spawn({
        let (store, ann) = (db.store.clone(), ann.clone());
        async move { change(&*store, &ann).await }
    });
    change(&*db.store, &ben).await.expect("others do not wait");
    unavailable(async { attempt.await.unwrap() }).await;
    holder.rollback().await.unwrap();
    change(&*db.store, &ann).await.unwrap();
}

#[tokio::test]
async fn who_waits_for_a_connection_too_long_is_told() {
    let db = TestDatabase::postgres().await;
    let ann = user(&*db.store, "ann").await;
    let store = PostgresStore::connect(&db.place.url(), 1).await.unwrap();
    let only = store.read(&ann).await.unwrap();
    unavailable(store.read(&ann)).await;
    drop(only);
    change(&store, &ann).await.unwrap();
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_ended() {
    let db = TestDatabase::postgres().await;
    let ann = user(&*db.store, "ann").await;
    db.execute(
        "create function sleep() returns trigger language plpgsql as 'begin perform pg_sleep(60); return new; end'",
    )
    .await;
    db.execute("create trigger sleep before insert on tasks for each row execute function sleep()").await;
    unavailable(change(&*db.store, &ann)).await;
    db.execute("drop trigger sleep on tasks").await;
    change(&*db.store, &ann).await.unwrap();
}

#[tokio::test]
async fn a_change_that_nobody_goes_on_with_lets_others_write() {
    let db = TestDatabase::postgres().await;
    let ann = user(&*db.store, "ann").await;
    let mut left = db.store.write(&ann).await.unwrap();
    add_task(left.as_mut(), "Left").await;
    let others = async {
        while let Err(error) = change(&*db.store, &ann).await {
            assert!(matches!(error, StoreError::Unavailable(_) | StoreError::TooLong(_)), "{error:?}");
        }
    };
    timeout(Duration::from_mins(1), others).await.expect("it is held for ever");
    unavailable(left.commit()).await;
}

#[tokio::test]
async fn what_the_database_says_of_its_own_state_is_no_fault_of_the_statement() {
    let db = TestDatabase::postgres().await;
    let ann = user(&*db.store, "ann").await;
    db.execute("create function refuse() returns trigger language plpgsql as 'begin raise exception using errcode = tg_argv[0]; end'").await;
    // A transaction that stood still, a deadlock, too many connections, a lock, a statement that took too long, a stop.
    for code in ["25P03", "40P01", "53300", "55P03", "57014", "57P01"] {
        db.execute(&format!(
            "create trigger refuse before insert on tasks for each row execute function refuse('{code}')"
        ))
        .await;
        unavailable(change(&*db.store, &ann)).await;
        db.execute("drop trigger refuse on tasks").await;
    }
    change(&*db.store, &ann).await.unwrap();
}
