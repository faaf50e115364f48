//! Time limits of PostgreSQL and of the connection pool.

use crate::fixtures::{add_task, user};
use sqlx::Connection as _;
use std::time::{Duration, Instant};
use tandem_auth::Owner;
use tandem_store::{Store, StoreError, postgres::PostgresStore};
use tandem_tests::{
    assert_within,
    database::{DatabaseLocation, TestDatabase, administrator},
    eventually::eventually,
};
use tokio::time::timeout;

/// Longer than any limit but the last, with what a busy machine adds.
const SOON: Duration = Duration::from_secs(20);

async fn change(store: &dyn Store, owner: &Owner) -> Result<(), StoreError> {
    let mut tx = store.write(owner).await?;
    add_task(tx.as_mut(), "Milk").await;
    tx.commit().await
}

/// Runs the change, which must end in time with an error that permits a retry.
async fn unavailable<T>(attempt: impl Future<Output = Result<T, StoreError>>) {
    let outcome = timeout(SOON, attempt).await.expect("it waits for ever").map(|_| ());
    assert!(matches!(outcome, Err(StoreError::Unavailable(_) | StoreError::TooLong(_))), "{outcome:?}");
}

#[tokio::test]
async fn waiting_too_long_for_another_writer_is_an_error() {
    let db = TestDatabase::postgres().await;
    let (ann, ben) = (user(&*db.store, "ann").await, user(&*db.store, "ben").await);
    let DatabaseLocation::Postgres { name } = &db.location else { panic!("this is a database of the cluster") };
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
async fn waiting_too_long_for_a_connection_is_an_error() {
    let db = TestDatabase::postgres().await;
    let ann = user(&*db.store, "ann").await;
    let store = PostgresStore::connect(&db.location.url(), 1).await.unwrap();
    let only = store.read(&ann).await.unwrap();
    unavailable(store.read(&ann)).await;
    drop(only);
    change(&store, &ann).await.unwrap();
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_ended() {
    let db = TestDatabase::postgres().await;
    let (ann, ben) = (user(&*db.store, "ann").await, user(&*db.store, "ben").await);
    db.execute(&format!(
        "create function sleep() returns trigger language plpgsql as
         'begin if new.user_id = ''{}'' then perform pg_sleep(60); end if; return new; end'",
        ann.user()
    ))
    .await;
    db.execute("create trigger sleep before insert on tasks for each row execute function sleep()").await;
    let begun = Instant::now();
    let (slow, other) = tokio::join!(change(&*db.store, &ann), change(&*db.store, &ben));
    assert!(matches!(slow, Err(StoreError::TooLong(_))), "{slow:?}");
    assert_within("the slow statement", begun, Duration::from_secs(8));
    other.expect("others are not disturbed");
    db.execute("drop trigger sleep on tasks").await;
    change(&*db.store, &ann).await.unwrap();
}

/// After a failover the name of the database leads to another server, while connections to the old one are open.
#[tokio::test]
async fn a_database_that_only_reads_is_unavailable_and_its_connections_are_renewed() {
    let db = TestDatabase::postgres().await;
    let ann = user(&*db.store, "ann").await;
    let DatabaseLocation::Postgres { name } = &db.location else { panic!("this is a database of the cluster") };
    let mut superuser = administrator("postgres").await;
    let mut set = async |value: &str| {
        let statement = format!("alter database \"{name}\" set default_transaction_read_only = {value}");
        sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&mut superuser).await.unwrap();
    };
    db.store.ready().await.unwrap();
    set("on").await;
    let mut ends = administrator(name).await;
    sqlx::query("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()")
        .execute(&mut ends)
        .await
        .unwrap();
    let refused = async || match change(&*db.store, &ann).await {
        Err(StoreError::Unavailable(why)) => why.to_string().contains("only reads").then_some(()),
        outcome => panic!("{outcome:?}"),
    };
    eventually("connections that only read", refused).await;
    unavailable(db.store.ready()).await;
    set("off").await;
    // Open sessions read only; only the store itself ends them.
    eventually("a connection that writes", async || change(&*db.store, &ann).await.ok()).await;
    eventually("readiness", async || db.store.ready().await.ok()).await;
}

#[tokio::test]
async fn an_abandoned_change_lets_others_write() {
    let db = TestDatabase::postgres().await;
    let ann = user(&*db.store, "ann").await;
    // A change blocks further changes of its user on the same node; those of other nodes must not wait.
    let node = PostgresStore::connect(&db.location.url(), 2).await.unwrap();
    let mut left = node.write(&ann).await.unwrap();
    add_task(left.as_mut(), "Left").await;
    let others = async {
        while let Err(error) = change(&*db.store, &ann).await {
            assert!(matches!(error, StoreError::Unavailable(_) | StoreError::TooLong(_)), "{error:?}");
        }
    };
    timeout(Duration::from_mins(1), others).await.expect("the user is blocked");
    unavailable(left.commit()).await;
}

#[tokio::test]
async fn an_unavailable_database_is_not_an_error_of_the_statement() {
    let db = TestDatabase::postgres().await;
    let ann = user(&*db.store, "ann").await;
    db.execute("create function refuse() returns trigger language plpgsql as 'begin raise exception using errcode = tg_argv[0]; end'").await;
    // A transaction that stood still, a database that only reads, a deadlock, too many connections, a lock, a statement that took too long, a stop, a disk.
    for code in ["25P03", "25006", "40P01", "53300", "55P03", "57014", "57P01", "58030"] {
        db.execute(&format!(
            "create trigger refuse before insert on tasks for each row execute function refuse('{code}')"
        ))
        .await;
        unavailable(change(&*db.store, &ann)).await;
        db.execute("drop trigger refuse on tasks").await;
    }
    change(&*db.store, &ann).await.unwrap();
}
