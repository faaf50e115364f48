//! Tests of one database only: the SQLite file and its mode, lost connections to PostgreSQL.

use crate::fixtures::{tasks, user};
use std::os::unix::fs::PermissionsExt as _;
use tandem_auth::Owner;
use tandem_protocol::enums::StatusFilter;
use tandem_store::{Result, Store, StoreError, sqlite::SqliteStore};
use tandem_tests::database::{DatabaseLocation, TestDatabase, administrator};

async fn count(store: &dyn Store, owner: &Owner) -> Result<usize> {
    Ok(store.read(owner).await?.all_tasks(StatusFilter::All).await?.len())
}

#[tokio::test]
async fn a_file_is_readable_by_its_owner_alone() {
    let db = TestDatabase::sqlite().await;
    let DatabaseLocation::Sqlite { file, folder } = &db.location else { panic!("this is a file") };
    let mut files = 0;
    for entry in folder.path().read_dir().unwrap() {
        let entry = entry.unwrap();
        files += 1;
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.file_name());
    }
    assert!(files >= 2, "the log is beside {}", file.display());
}

#[tokio::test]
async fn a_file_that_was_closed_opens_again_with_everything() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tandem.db");
    let first = SqliteStore::open(&file).await.unwrap();
    tandem_store::Migrations::migrate_up(&first).await.unwrap();
    let ann = user(&first, "ann").await;
    tasks(&first, &ann, &["Milk"]).await;
    let epoch = tandem_store::EventLogs::epoch(&first).await.unwrap();
    first.close().await.unwrap();
    drop(first);
    let second = SqliteStore::open(&file).await.unwrap();
    assert_eq!(count(&second, &ann).await.unwrap(), 1);
    assert_eq!(tandem_store::EventLogs::epoch(&second).await.unwrap(), epoch);
}

#[tokio::test]
async fn a_file_that_cannot_be_created_is_not_available() {
    let folder = tempfile::tempdir().unwrap();
    let opened = SqliteStore::open(&folder.path().join("absent/tandem.db")).await;
    assert!(matches!(opened, Err(StoreError::Unavailable(_))), "{opened:?}");
}

#[tokio::test]
async fn lost_connections_are_replaced() {
    let db = TestDatabase::postgres().await;
    let ann = user(&*db.store, "ann").await;
    let DatabaseLocation::Postgres { name } = &db.location else { panic!("this is a database of the cluster") };
    // Several transactions at once make several connections.
    let ben = user(&*db.store, "ben").await;
    let open = futures_util::future::join_all([&ann, &ben, &ann, &ben].map(|owner| db.store.read(owner))).await;
    assert!(open.iter().all(Result::is_ok));
    drop(open);
    sqlx::query(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()",
    )
    .bind(name)
    .execute(&mut administrator(name).await)
    .await
    .unwrap();
    let mut failures = 0;
    while let Err(error) = count(&*db.store, &ann).await {
        assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
        failures += 1;
        assert!(failures <= 8, "more failures than connections");
    }
    tasks(&*db.store, &ann, &["Milk"]).await;
    assert_eq!(count(&*db.store, &ann).await.unwrap(), 1);
}
