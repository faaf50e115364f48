//! Statements that take too long, transactions that do too much, and a disk that takes nothing.

use super::*;
use crate::{EventLogs as _, Maintenance as _, Migrations as _};
use std::time::Instant;
use tandem_protocol::UserId;
use tempfile::TempDir;

const LIMIT: Duration = Duration::from_millis(100);
const ENDLESS: &str = "with recursive n (i) as (values (1) union all select i + 1 from n) select max(i) from n";
const ENDLESS_WRITE: &str = "insert into allowances (key, full_at)
    with recursive n (i) as (values (1) union all select i + 1 from n) select 'endless ' || i, i from n";

async fn store() -> (SqliteStore, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open_limited(&folder.path().join("tandem.db"), LIMIT).await.unwrap();
    store.migrate_up().await.unwrap();
    (store, folder)
}

async fn add(store: &SqliteStore, user: &str, key: &str) -> Result<()> {
    let user = UserId::from(user);
    let mut txn = store.write_txn(TenantScope::For(&user)).await?;
    sqlx::query("insert into allowances (key, full_at) values ($1, 1)").bind(key).execute(txn.conn()).await?;
    txn.commit().await
}

async fn count(store: &SqliteStore) -> i64 {
    let mut snapshot = store.snapshot(TenantScope::System).await.unwrap();
    sqlx::query_scalar("select count(*) from allowances").fetch_one(snapshot.conn()).await.unwrap()
}

fn assert_too_long<T: fmt::Debug>(outcome: Result<T, sqlx::Error>) {
    let outcome = outcome.map_err(StoreError::from);
    assert!(matches!(outcome, Err(StoreError::TooLong(_))), "{outcome:?}");
}

#[tokio::test]
async fn a_long_read_is_ended_and_the_reader_goes_on() {
    let (store, _folder) = store().await;
    let ann = UserId::from("ann");
    let begun = Instant::now();
    let mut snapshot = store.snapshot(TenantScope::For(&ann)).await.unwrap();
    assert_too_long(sqlx::query(ENDLESS).execute(snapshot.conn()).await);
    assert!((LIMIT..LIMIT * 50).contains(&begun.elapsed()), "{:?}", begun.elapsed());
    sqlx::query("select 1").execute(snapshot.conn()).await.unwrap();
    assert_too_long(sqlx::query(ENDLESS).execute(&mut *store.lookup().await.unwrap()).await);
}

#[tokio::test]
async fn a_long_read_in_a_change_is_ended_and_its_neighbours_are_kept() {
    let (store, _folder) = store().await;
    let ben = UserId::from("ben");
    let mut long = store.write_txn(TenantScope::For(&ben)).await.unwrap();
    // They stand in line, so that they share a commit.
    let line = futures_util::future::join_all((0..4).map(|n| {
        let (store, key) = (store.clone(), format!("kept {n}"));
        tokio::spawn(async move { add(&store, &key, &key).await })
    }));
    assert_too_long(sqlx::query(ENDLESS).execute(long.conn()).await);
    drop(long);
    for kept in line.await {
        kept.unwrap().unwrap();
    }
    assert_eq!(count(&store).await, 4);
}

#[tokio::test]
async fn a_long_write_is_ended_and_nobody_is_told_of_a_commit_that_was_none() {
    let (store, _folder) = store().await;
    let first = store.write_txn(TenantScope::System).await.unwrap();
    let mut tasks = Vec::new();
    for n in 0..8 {
        let store = store.clone();
        tasks.push(tokio::spawn(async move {
            if n != 4 {
                return add(&store, &format!("user {n}"), &format!("key {n}")).await;
            }
            let ben = UserId::from("ben");
            let mut txn = store.write_txn(TenantScope::For(&ben)).await?;
            sqlx::query(ENDLESS_WRITE).execute(txn.conn()).await?;
            txn.commit().await
        }));
        tokio::task::yield_now().await;
    }
    drop(first);
    let mut kept = 0;
    for (n, task) in tasks.into_iter().enumerate() {
        match task.await.unwrap() {
            Ok(()) => kept += 1,
            Err(StoreError::TooLong(_)) => assert_eq!(n, 4),
            Err(error) => assert!(matches!(error, StoreError::Unavailable(_)), "{n}: {error:?}"),
        }
    }
    assert_eq!(count(&store).await, kept, "what was said to be kept is kept, and nothing else");
    add(&store, "ben", "after").await.unwrap();
    assert_eq!(count(&store).await, kept + 1);
}

#[tokio::test]
async fn work_of_no_user_has_no_limit() {
    let (store, _folder) = store().await;
    let mut txn = store.write_txn(TenantScope::System).await.unwrap();
    let slow = "with recursive n (i) as (values (1) union all select i + 1 from n limit 3000000) select max(i) from n";
    let begun = Instant::now();
    while begun.elapsed() < LIMIT * 2 {
        sqlx::query(slow).execute(txn.conn()).await.unwrap();
    }
    txn.commit().await.unwrap();
}

#[tokio::test]
async fn a_disk_that_takes_nothing_is_no_fault_of_the_server_and_it_is_ready_when_it_does_again() {
    let (store, _folder) = store().await;
    store.ready().await.unwrap();
    sqlx::query("pragma query_only = on").execute(&mut *store.exclusive().await.unwrap()).await.unwrap();
    let refused = add(&store, "ann", "a").await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    for _ in 0..2 {
        let ready = store.ready().await;
        assert!(matches!(ready, Err(StoreError::Unavailable(_))), "{ready:?}");
    }
    store.epoch().await.expect("reading goes on");
    sqlx::query("pragma query_only = off").execute(&mut *store.exclusive().await.unwrap()).await.unwrap();
    store.ready().await.unwrap();
    add(&store, "ann", "a").await.unwrap();
}

#[tokio::test]
async fn a_full_disk_refuses_what_does_not_fit_and_keeps_the_rest() {
    let (store, _folder) = store().await;
    let pages: i64 = {
        let mut conn = store.exclusive().await.unwrap();
        let pages = sqlx::query_scalar("pragma page_count").fetch_one(&mut *conn).await.unwrap();
        sqlx::query(sqlx::AssertSqlSafe(format!("pragma max_page_count = {pages}"))).execute(&mut *conn).await.unwrap();
        pages
    };
    assert!(pages > 0);
    let refused = add(&store, "ann", &"k".repeat(100_000)).await;
    let Err(StoreError::Unavailable(cause)) = refused else { panic!("{refused:?}") };
    assert_eq!(format!("{cause:#}").matches("disk is full").count(), 1, "the cause is said once: {cause:#}");
    add(&store, "ben", "fits").await.unwrap();
    assert_eq!(count(&store).await, 1);
}

/// Counts the commits of the store from here on.
async fn commits(store: &SqliteStore) -> Arc<std::sync::atomic::AtomicUsize> {
    let commits = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = Arc::clone(&commits);
    store.exclusive().await.unwrap().lock_handle().await.unwrap().set_commit_hook(move || {
        counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        true
    });
    commits
}

/// Many writes of one user share commits, as those of many users do.
#[tokio::test]
async fn writes_of_one_user_share_commits() {
    let (store, _folder) = store().await;
    let commits = commits(&store).await;
    let first = store.write_txn(TenantScope::System).await.unwrap();
    let writes = futures_util::future::join_all((0..40).map(|n| {
        let store = store.clone();
        tokio::spawn(async move { add(&store, "ann", &format!("key {n}")).await })
    }));
    drop(first);
    for written in writes.await {
        written.unwrap().unwrap();
    }
    assert_eq!(count(&store).await, 40);
    let commits = commits.load(std::sync::atomic::Ordering::Relaxed);
    assert!(commits <= 10, "{commits} commits for 40 writes");
}

/// Begins and ends a change that nobody waits for.
async fn add_soon(store: &SqliteStore, key: &str) -> Result<()> {
    let mut txn = store.write_txn(TenantScope::System).await?;
    sqlx::query("insert into allowances (key, full_at) values ($1, 1)").bind(key).execute(txn.conn()).await?;
    txn.commit_soon().await
}

#[tokio::test]
async fn a_change_that_nobody_waits_for_shares_the_next_commit() {
    let (store, _folder) = store().await;
    let commits = commits(&store).await;
    let mut fewest = usize::MAX;
    // Several times, because a machine may be too busy for a change to come in time.
    for n in 0..10 {
        add(&store, "ann", &format!("before {n}")).await.unwrap();
        let before = commits.load(std::sync::atomic::Ordering::Relaxed);
        let soon = {
            let (store, key) = (store.clone(), format!("soon {n}"));
            tokio::spawn(async move { add_soon(&store, &key).await })
        };
        while store.queue.commit_put_off().await.is_none() && !soon.is_finished() {
            tokio::task::yield_now().await;
        }
        add(&store, "ann", &format!("after {n}")).await.unwrap();
        soon.await.unwrap().unwrap();
        assert_eq!(count(&store).await, 3 * (n + 1));
        fewest = fewest.min(commits.load(std::sync::atomic::Ordering::Relaxed) - before);
    }
    assert_eq!(fewest, 1, "commits of two changes");
}

#[tokio::test]
async fn a_change_that_nobody_waits_for_is_committed_though_no_other_comes_and_nobody_looks() {
    let (store, _folder) = store().await;
    for n in 0..3 {
        add(&store, "ann", &format!("before {n}")).await.unwrap();
        let begun = Instant::now();
        add_soon(&store, &format!("soon {n}")).await.unwrap();
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
        add(&store, "ann", &format!("again {n}")).await.unwrap();
        let soon = {
            let (store, key) = (store.clone(), format!("given up {n}"));
            tokio::spawn(async move { add_soon(&store, &key).await })
        };
        while store.queue.commit_put_off().await.is_none() && !soon.is_finished() {
            tokio::task::yield_now().await;
        }
        soon.abort();
        while count(&store).await < 4 * (n + 1) {
            tokio::task::yield_now().await;
        }
    }
}

/// A transaction sees what shares the commit with it. Who answers from that must not do so before the commit.
#[tokio::test]
async fn what_a_transaction_has_read_is_durable_when_it_is_left() {
    let (store, _folder) = store().await;
    for n in 0..20 {
        let first = store.write_txn(TenantScope::System).await.unwrap();
        let key = format!("key {n}");
        let (writing, reading) = (store.clone(), store.clone());
        let (added, sought) = (key.clone(), key);
        let write = tokio::spawn(async move { add(&writing, "ann", &added).await });
        let read = tokio::spawn(async move {
            let mut txn = reading.write_txn(TenantScope::For(&UserId::from("ben"))).await.unwrap();
            let seen = sqlx::query_scalar("select count(*) from allowances where key = $1").bind(&sought);
            let seen: i64 = seen.fetch_one(txn.conn()).await.unwrap();
            txn.leave().await.unwrap();
            (seen, reading)
        });
        drop(first);
        let (seen, reading) = read.await.unwrap();
        assert!(count(&reading).await >= n + seen, "it was seen, and is not durable");
        write.await.unwrap().unwrap();
    }
}

/// A change that waits for its commit gets it, though others keep coming who have nothing to commit in the end.
#[tokio::test]
async fn turns_that_end_without_a_commit_do_not_put_off_that_of_others() {
    let (store, _folder) = store().await;
    let idle: Vec<_> = (0..3)
        .map(|n| {
            let store = store.clone();
            tokio::spawn(async move {
                loop {
                    drop(store.write_txn(TenantScope::For(&UserId::from(format!("idle {n}")))).await.unwrap());
                }
            })
        })
        .collect();
    for n in 0..3 {
        let key = format!("key {n}");
        let added = tokio::time::timeout(Duration::from_secs(10), add(&store, "ann", &key)).await;
        added.expect("its commit is put off").unwrap();
    }
    idle.iter().for_each(tokio::task::JoinHandle::abort);
}

/// A user whose account has ended, with documents in the search, and no word in two of them.
async fn ended_with_documents(store: &SqliteStore, documents: u32) -> UserId {
    let ann = UserId::from("ann");
    let mut txn = store.write_txn(TenantScope::System).await.unwrap();
    let user = "insert into users (id, email, name, email_verified, time_zone, created_at)
                values ('ann', 'deleted:ann', '', true, 'UTC', 0)";
    sqlx::query(user).execute(txn.conn()).await.unwrap();
    for document in 0..documents {
        let words: Vec<String> = (0..100).map(|word| format!("{:x}", (document * 100 + word) * 7919)).collect();
        let id = document.to_be_bytes().repeat(4);
        sqlx::query(
            "insert into tasks (user_id, id, number, title, description, folded, status, priority, labels, reminders,
                                position, rev, created_at, updated_at)
             values ('ann', $1, $2, 'A', $3, '', 'open', 'none', '[]', '[]', '1', 1, 0, 0)",
        )
        .bind(&id)
        .bind(document)
        .bind(words.join(" "))
        .execute(txn.conn())
        .await
        .unwrap();
        let pending = "insert into search_pending (user_id, id, kind) values ('ann', $1, 'task')";
        sqlx::query(pending).bind(id).execute(txn.conn()).await.unwrap();
    }
    txn.commit().await.unwrap();
    while store.index_documents(&ann).await.unwrap() {}
    let mut txn = store.write_txn(TenantScope::System).await.unwrap();
    sqlx::query("update users set deleted_at = 0").execute(txn.conn()).await.unwrap();
    txn.commit().await.unwrap();
    ann
}

/// A number, as somebody sees it who has the next transaction.
async fn seen(store: &SqliteStore, query: &'static str) -> i64 {
    let mut txn = store.write_txn(TenantScope::System).await.unwrap();
    sqlx::query_scalar(query).fetch_one(txn.conn()).await.unwrap()
}

/// For every 64 documents removed FTS5 would merge its index at once, in a commit that nothing ends. And what is only
/// marked as removed would be read by the next merge as a whole, in somebody's change.
#[tokio::test]
async fn a_removal_has_the_index_of_the_search_merged_a_little_at_a_time() {
    const DOCUMENTS: &str = "select count(*) from search_documents";
    const PAGES: &str = "select count(*) from search_words_data";
    let (store, _folder) = store().await;
    let ann = ended_with_documents(&store, 600).await;
    let pages = seen(&store, PAGES).await;
    let mut txn = store.write_txn(TenantScope::System).await.unwrap();
    sqlx::query("insert into search_words (search_words, rank) values ('automerge', 7)")
        .execute(txn.conn())
        .await
        .unwrap();
    txn.commit().await.unwrap();
    let removal = tokio::spawn({
        let store = store.clone();
        async move { store.remove_deleted(&ann).await }
    });
    let (mut most, mut last) = (0, seen(&store, DOCUMENTS).await);
    while last > 0 {
        let left = seen(&store, DOCUMENTS).await;
        (most, last) = (most.max(last - left), left);
    }
    removal.await.unwrap().unwrap();
    assert!(most < 64, "{most} documents in a txn");
    let left = seen(&store, PAGES).await;
    assert!(left < pages / 4, "{left} of {pages} pages are left");
    let kept = seen(&store, "select v from search_words_config where k = 'automerge'").await;
    assert_eq!(kept, 7, "later changes merge as before");
}
