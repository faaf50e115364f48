//! Backup and restore, and the detection of a file that was restored by hand.

use crate::fixtures::{at, tasks, user};
use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};
use tandem_auth::Owner;
use tandem_protocol::enums::StatusFilter;
use tandem_store::{
    BackupError, Backups, EventLogs as _, Maintenance as _, Migrations as _, RestoreOptions, STATEMENT_LIMIT, Store,
    StoreError,
    postgres::{PostgresBackups, PostgresStore},
    sqlite::{SqliteBackups, SqliteStore},
};
use tandem_tests::database::{DatabaseLocation, TestDatabase};
use tempfile::TempDir;

/// A data folder, and the server that may run on it.
struct Installation {
    folder: TempDir,
}

impl Installation {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn file(&self) -> PathBuf {
        self.path("tandem.db")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn backups(&self) -> SqliteBackups {
        SqliteBackups::of(&self.file())
    }

    /// Opens the store as a server does, and returns whether it detected a restored file.
    async fn open(&self) -> (SqliteStore, bool) {
        let store = SqliteStore::open_alone(&self.file(), STATEMENT_LIMIT).await.unwrap();
        store.migrate_up().await.unwrap();
        let copy = store.detect_restore().await.unwrap();
        (store, copy)
    }

    /// Opens and closes the store. Returns the epoch, and whether it detected a restored file.
    async fn run(&self) -> (String, bool) {
        let (store, copy) = self.open().await;
        let epoch = store.epoch().await.unwrap();
        store.close().await.unwrap();
        (epoch, copy)
    }
}

async fn count(store: &dyn Store, owner: &Owner) -> usize {
    store.read(owner).await.unwrap().all_tasks(StatusFilter::All).await.unwrap().len()
}

fn options(stamp: &str) -> RestoreOptions {
    RestoreOptions { now: at(0), stamp: stamp.to_owned(), keep_access: false }
}

fn mode(file: &Path) -> u32 {
    fs::metadata(file).unwrap().permissions().mode() & 0o777
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_is_consistent_while_others_write() {
    let installation = Installation::new();
    let (store, _) = installation.open().await;
    let store = std::sync::Arc::new(store);
    let ann = user(&*store, "ann").await;
    tasks(&*store, &ann, &["Milk"]).await;
    let busy = {
        let (store, ann) = (store.clone(), ann.clone());
        tokio::spawn(async move {
            for _ in 0..200 {
                tasks(&*store, &ann, &["Eggs", "Bread"]).await;
            }
        })
    };
    let to = installation.path("copy.db");
    installation.backups().back_up(&to).await.unwrap();
    assert_eq!(mode(&to), 0o600);
    busy.await.unwrap();

    let copy = SqliteStore::open(&to).await.unwrap();
    let seq = copy.read(&ann).await.unwrap().account().await.unwrap().seq;
    assert_eq!(i64::try_from(count(&copy, &ann).await).unwrap(), seq, "of each transaction all or nothing");
    assert_eq!(seq % 2, 1);
    assert_eq!(count(&*store, &ann).await, 401);
}

#[tokio::test]
async fn a_backup_overwrites_no_file_and_a_failure_leaves_none() {
    let installation = Installation::new();
    installation.run().await;
    fs::write(installation.path("there"), "precious").unwrap();
    let refused = installation.backups().back_up(&installation.path("there")).await;
    assert!(matches!(&refused, Err(BackupError::Exists(file)) if *file == installation.path("there")), "{refused:?}");
    assert_eq!(fs::read_to_string(installation.path("there")).unwrap(), "precious");

    let nothing = SqliteBackups::of(&installation.path("absent.db")).back_up(&installation.path("copy.db")).await;
    assert!(matches!(nothing, Err(BackupError::File { .. })), "{nothing:?}");
    fs::write(installation.path("noise.db"), "no database at all, but some text that is long enough").unwrap();
    SqliteBackups::of(&installation.path("noise.db")).back_up(&installation.path("copy.db")).await.unwrap_err();
    assert!(
        !installation.path("copy.db").exists()
            && !installation.path("copy.db.part").exists()
            && !installation.path("absent.db").exists()
    );
}

#[tokio::test]
async fn a_restored_database_has_a_new_epoch_and_the_old_file_is_kept() {
    let installation = Installation::new();
    let (store, _) = installation.open().await;
    let epoch = store.epoch().await.unwrap();
    let ann = user(&store, "ann").await;
    tasks(&store, &ann, &["Milk"]).await;
    let copy = installation.path("copy.db");
    installation.backups().back_up(&copy).await.unwrap();
    tasks(&store, &ann, &["Eggs"]).await;
    let refused = installation.backups().restore(&copy, &options("now")).await;
    assert!(matches!(refused, Err(BackupError::InUse)), "a server runs: {refused:?}");
    store.close().await.unwrap();
    drop(store);

    let aside = installation.backups().restore(&copy, &options("20261123T093000Z")).await.unwrap().aside;
    assert_eq!(aside, installation.path("tandem.db.before-20261123T093000Z"));
    assert_eq!((mode(&aside), mode(&installation.file())), (0o600, 0o600));
    let (restored, taken_for_a_copy) = installation.open().await;
    assert_eq!(count(&restored, &ann).await, 1);
    let new_epoch = restored.epoch().await.unwrap();
    assert!(new_epoch != epoch && !taken_for_a_copy, "one new epoch, not two");
    assert_eq!(count(&SqliteStore::open(&aside).await.unwrap(), &ann).await, 2);
    restored.close().await.unwrap();
    drop(restored);
    assert_eq!(installation.run().await, (new_epoch, false));

    // The same again, onto a machine that has nothing yet.
    let elsewhere = Installation::new();
    let restored = elsewhere.backups().restore(&copy, &options("now")).await.unwrap();
    assert!(!restored.ended.unwrap().compared, "there was nothing to compare with");
    assert_ne!(elsewhere.run().await, (epoch, false));
}

#[tokio::test]
async fn a_file_that_is_not_a_backup_is_refused_and_the_database_stays() {
    let installation = Installation::new();
    let epoch = installation.run().await.0;
    fs::write(installation.path("noise"), "no database at all, but some text that is long enough").unwrap();
    let newer = Installation::new();
    newer.run().await;
    let db = TestDatabase {
        store: std::sync::Arc::new(SqliteStore::open(&newer.file()).await.unwrap()),
        migrations: std::sync::Arc::new(SqliteStore::open(&newer.file()).await.unwrap()),
        location: DatabaseLocation::Sqlite { file: newer.file(), folder: tempfile::tempdir().unwrap() },
    };
    db.execute(
        "update _sqlx_migrations set version = 9999 where version = (select max(version) from _sqlx_migrations)",
    )
    .await;
    for file in [installation.path("noise"), newer.file()] {
        let refused = installation.backups().restore(&file, &options("now")).await;
        assert!(matches!(refused, Err(BackupError::NotABackup { .. })), "{refused:?}");
    }
    let absent = installation.backups().restore(&installation.path("absent"), &options("now")).await;
    assert!(matches!(absent, Err(BackupError::File { .. })), "{absent:?}");
    assert_eq!(installation.run().await, (epoch, false));
}

#[tokio::test]
async fn a_file_belongs_to_one_server() {
    let installation = Installation::new();
    let (first, _) = installation.open().await;
    let second = SqliteStore::open_alone(&installation.file(), STATEMENT_LIMIT).await;
    assert!(matches!(second, Err(StoreError::Unavailable(_))), "{second:?}");
    drop(first);
    installation.run().await;
}

/// An empty file beside the note of its mark has lost what it held; a server would begin anew as if nothing had been there.
#[tokio::test]
async fn an_emptied_or_missing_file_is_refused() {
    let installation = Installation::new();
    installation.run().await;
    for missing in [false, true] {
        if missing { fs::remove_file(installation.file()) } else { fs::write(installation.file(), "") }.unwrap();
        let opened = SqliteStore::open_alone(&installation.file(), STATEMENT_LIMIT).await;
        let Err(StoreError::Unavailable(why)) = opened else { panic!("it was opened: {opened:?}") };
        assert!(why.to_string().contains("tandem restore"), "{why}");
    }
    fs::remove_file(installation.path("tandem.db.mark")).unwrap();
    installation.run().await;
}

#[tokio::test]
async fn starts_stops_and_crashes_keep_the_epoch() {
    let installation = Installation::new();
    let epoch = installation.run().await.0;
    let mark = installation.path("tandem.db.mark");
    for _ in 0..3 {
        assert_eq!(installation.run().await, (epoch.clone(), false));
        // Killed: nothing is closed.
        let (store, copy) = installation.open().await;
        store.touch_fingerprint().await.unwrap();
        drop(store);
        assert!(!copy);
        assert_eq!(mode(&mark), 0o600);
    }
    // Cut off after each of the steps in which the mark is renewed: only the small file knows the new one, both do.
    let carried = fs::read_to_string(&mark).unwrap();
    for noted in [format!("{carried}new\n"), format!("old\n{carried}")] {
        assert_eq!(installation.run().await, (epoch.clone(), false), "{noted:?}");
        let now = fs::read_to_string(&mark).unwrap();
        fs::write(&mark, noted.replace(&carried, &now)).unwrap();
    }
    assert_eq!(installation.run().await, (epoch, false));
}

#[tokio::test]
async fn an_older_file_restored_by_hand_is_detected() {
    let installation = Installation::new();
    let epoch = installation.run().await.0;
    // Copied when it was stopped, and by the command while it ran.
    let (stopped, running) = (installation.path("stopped.db"), installation.path("running.db"));
    fs::copy(installation.file(), &stopped).unwrap();
    let (store, _) = installation.open().await;
    installation.backups().back_up(&running).await.unwrap();
    store.close().await.unwrap();
    drop(store);
    let mut last = epoch;
    for copy in [stopped, running.clone()] {
        assert_eq!(installation.run().await, (last.clone(), false));
        fs::copy(&copy, installation.file()).unwrap();
        let (new, recognised) = installation.run().await;
        assert!(recognised && new != last, "{}", copy.display());
        assert_eq!(installation.run().await, (new.clone(), false), "once is enough");
        last = new;
    }
    // On another machine, without the small file.
    let elsewhere = Installation::new();
    fs::copy(&running, elsewhere.file()).unwrap();
    assert!(elsewhere.run().await.1);
}

#[tokio::test]
async fn a_backup_of_postgres_is_restored_with_a_new_epoch() {
    let db = TestDatabase::postgres().await;
    let folder = tempfile::tempdir().unwrap();
    let backups = PostgresBackups::of(&db.location.url(), folder.path());
    let ann = user(&*db.store, "ann").await;
    tasks(&*db.store, &ann, &["Milk"]).await;
    let epoch = db.store.epoch().await.unwrap();
    let schema = db.schema().await;
    let copy = folder.path().join("copy.dump");
    backups.back_up(&copy).await.unwrap();
    assert_eq!(mode(&copy), 0o600);
    assert!(matches!(backups.back_up(&copy).await, Err(BackupError::Exists(_))));
    tasks(&*db.store, &ann, &["Eggs"]).await;
    assert!(matches!(backups.restore(&copy, &options("now")).await, Err(BackupError::InUse)));
    db.store.close().await.unwrap();

    fs::write(folder.path().join("noise"), "no dump").unwrap();
    backups.restore(&folder.path().join("noise"), &options("now")).await.unwrap_err();
    let aside = backups.restore(&copy, &options("now")).await.unwrap().aside;
    assert_eq!(db.schema().await, schema, "policies, constraints and all");
    let restored = PostgresStore::connect(&db.location.url(), 2).await.unwrap();
    assert_eq!(count(&restored, &ann).await, 1);
    assert_ne!(restored.epoch().await.unwrap(), epoch);
    restored.migrate_up().await.unwrap();
    restored.close().await.unwrap();
    backups.restore(&aside, &options("later")).await.unwrap();
    let again = PostgresStore::connect(&db.location.url(), 2).await.unwrap();
    assert_eq!(count(&again, &ann).await, 2);
}
