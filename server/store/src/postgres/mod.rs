//! The store on PostgreSQL, for many nodes.
//!
//! A change locks the row of the account (`for update`) until its commit: that is what "holding the log" is here, and
//! works across nodes.
//!
//! **Invariant:** row-level security stands behind the owner in every where-clause: a transaction declares the user that
//! it works for (`tandem.user_id`), and sees nothing else.
//!
//! **Invariant:** a user waits for permits before taking a connection, so that no user takes all connections.

#![expect(clippy::duplicate_mod, reason = "what is the same on both databases is written once; see `store::shared`")]

mod backups;
mod codec;
mod dialect;
mod facts;
mod script;
mod search;
mod updates;

#[path = "../shared/sql.rs"]
mod sql;

pub use backups::PostgresBackups;

use self::{
    codec::{At, ClockTime, Day, Json, Packed},
    script::Script,
    sql::{access, documents, migrate, rows},
};
use super::{
    Result, STATEMENT_LIMIT, StoreError,
    shared::{Step, TenantScope, steps, user_permit},
};
use anyhow::anyhow;
use sqlx::{
    Connection as _, PgConnection as Conn, PgPool, Postgres as Db, Transaction,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPoolOptions, PgRow as Row},
};
use std::{
    fmt,
    ops::DerefMut,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tandem_protocol::UserId;
use tandem_runtime::permits::{Permit, Permits};

/// The longest wait for a connection of the pool.
const PATIENCE: Duration = Duration::from_secs(5);
/// A connection that was idle for longer is pinged before it is used: the database may have been restarted.
const STALE: Duration = Duration::from_secs(5);
/// Limits of a session: of waiting for a lock, and of a transaction that is left idle.
const TIMEOUTS: [(&str, &str); 2] = [("lock_timeout", "5s"), ("idle_in_transaction_session_timeout", "30s")];
/// Longest wait for the user's permit before a connection is taken.
const WRITE_PATIENCE: Duration = Duration::from_secs(30);
/// How often connections to a read-only server are replaced at most: after a failover the name may lead to another
/// server.
const RENEW_EVERY: Duration = Duration::from_secs(1);
/// How statements are planned. By default PostgreSQL takes reading a page out of order for four times as expensive as
/// in order, as on spinning disks, and would rather read and sort all rows of a user than follow an index to one page
/// of them. JIT compilation takes longer than any of our statements.
const PLANNING: [(&str, &str); 2] = [("random_page_cost", "1.1"), ("jit", "off")];

const STEPS: &[Step] = steps!("postgres");

#[derive(Clone)]
pub struct PostgresStore {
    pool: PgPool,
    /// For look-ups before the owner is known, of sessions above all: a user whose work takes long must not keep others
    /// from signing in.
    lookup_readers: PgPool,
    /// One permit for each user who writes: other changes of the user wait without a connection.
    writers: Arc<Permits<UserId>>,
    /// Permits of each user who reads: half of the pool.
    of_user: Arc<Permits<UserId>>,
    renewal: Arc<Renewal>,
    /// For connections without time limits, for migrations.
    patient: PgConnectOptions,
}

use PostgresStore as Adapter;

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PostgresStore")
    }
}

impl PostgresStore {
    /// Connects to a database, with at most this many connections, a quarter of them for look-ups. The schema is
    /// migrated by [`super::Migrations`]; the role must own the database, and must not be a superuser, which bypasses
    /// row-level security.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the server cannot be reached, [`StoreError::Broken`] when the URL is not one.
    pub async fn connect(url: &str, connections: u32) -> Result<Self> {
        Self::connect_limited(url, connections, STATEMENT_LIMIT).await
    }

    /// The same; a statement for a user may take as long as `limit`.
    ///
    /// # Errors
    /// Those of [`PostgresStore::connect`].
    pub async fn connect_limited(url: &str, connections: u32, limit: Duration) -> Result<Self> {
        let options: PgConnectOptions = url.parse()?;
        let options = options.application_name("tandem");
        let statement = [("statement_timeout", format!("{}ms", limit.as_millis().max(1)))];
        let impatient = options.clone().options(statement).options(TIMEOUTS).options(PLANNING);
        let renewal = Arc::<Renewal>::default();
        let lookup_readers = (connections / 4).max(1);
        let rest = connections.saturating_sub(lookup_readers).max(1);
        // Connects at once, so that a server that cannot be reached is reported now.
        let pool = pool_of(rest, &renewal).connect_with(impatient.clone()).await?;
        Ok(Self {
            pool,
            lookup_readers: pool_of(lookup_readers, &renewal).connect_lazy_with(impatient),
            writers: Permits::new(1),
            of_user: Permits::new((rest as usize / 2).max(1)),
            renewal,
            // Migrations change rows of all users.
            patient: options.options([("tandem.system", "on")]),
        })
    }

    /// Closes every connection. The store cannot be used afterwards.
    ///
    /// # Errors
    /// Never; the other database has something to write.
    pub async fn close(&self) -> Result<()> {
        self.pool.close().await;
        self.lookup_readers.close().await;
        Ok(())
    }

    /// Does nothing: nobody replaces the files of a database server unnoticed.
    #[expect(clippy::unused_async, reason = "the other database has something to wait for")]
    async fn touch_fingerprint(&self) -> Result<()> {
        Ok(())
    }

    /// Checks that the database answers and takes changes.
    async fn ready(&self) -> Result<()> {
        let mut conn = self.lookup().await?;
        let only_reads: bool =
            sqlx::query_scalar("select current_setting('transaction_read_only') = 'on'").fetch_one(&mut *conn).await?;
        self.renewal.check(only_reads)
    }

    /// A connection for a look-up before the owner is known.
    #[tracing::instrument(level = "debug", skip_all)]
    async fn lookup(&self) -> Result<PoolConnection<Db>> {
        Ok(self.lookup_readers.acquire().await?)
    }

    /// Begins a transaction that reads one moment.
    #[tracing::instrument(level = "debug", skip_all)]
    async fn snapshot(&self, scope: TenantScope<'_>) -> Result<Snapshot> {
        let permit = match scope {
            TenantScope::For(user) => Some(user_permit(&self.of_user, user, PATIENCE).await?),
            TenantScope::System => None,
        };
        // Repeatable read: all statements see the same moment.
        let mut tx = self.begin_tx("begin isolation level repeatable read, read only").await?;
        declare(&mut tx, scope).await?;
        Ok(Snapshot { tx, _permit: permit })
    }

    async fn begin_tx(&self, statement: &'static str) -> Result<Transaction<'static, Db>> {
        // In a task of its own, which runs to its end even when the caller is dropped: the driver would return the
        // connection to the pool without knowing that it is in a transaction, and the next user of the connection would
        // work inside of it.
        let pool = self.pool.clone();
        let begun = tokio::spawn(async move { pool.begin_with(statement).await }).await;
        Ok(begun.map_err(|panic| StoreError::Broken(panic.into()))??)
    }

    /// Waits for the user's permit and begins a write transaction.
    #[tracing::instrument(level = "debug", skip_all)]
    async fn write_txn(&self, scope: TenantScope<'_>) -> Result<WriteTxn> {
        let begun = Instant::now();
        let permit = match scope {
            TenantScope::For(user) => Some(user_permit(&self.writers, user, WRITE_PATIENCE).await?),
            TenantScope::System => None,
        };
        self.measure();
        let mut tx = self.begin_tx("begin").await?;
        metrics::histogram!("tandem_database_turn_wait_seconds").record(begun.elapsed().as_secs_f64());
        // After a failover the old primary may still accept connections: it is found out before anything is written.
        self.renewal.check(declare(&mut tx, scope).await?)?;
        Ok(WriteTxn { tx, _permit: permit })
    }

    fn measure(&self) {
        let both = [&self.pool, &self.lookup_readers];
        let size: u32 = both.iter().map(|pool| pool.size()).sum();
        // The driver counts idle connections without a lock: the number may be below zero for a moment, and wraps.
        let idle = |pool: &&PgPool| u32::try_from(pool.num_idle()).unwrap_or(0).min(pool.size());
        let idle: u32 = both.iter().map(idle).sum();
        metrics::gauge!("tandem_database_connections", "state" => "idle").set(f64::from(idle));
        metrics::gauge!("tandem_database_connections", "state" => "used").set(f64::from(size.saturating_sub(idle)));
    }

    /// The same; returns also the rows of the first statements.
    #[tracing::instrument(level = "debug", skip_all)]
    async fn write_txn_with(&self, scope: TenantScope<'_>, first: Script) -> Result<(WriteTxn, Vec<Vec<Row>>)> {
        let mut txn = self.write_txn(scope).await?;
        let rows = txn.run(first).await?;
        Ok((txn, rows))
    }

    /// A connection of its own, outside of any transaction.
    async fn exclusive(&self) -> Result<impl DerefMut<Target = Conn>> {
        // Not from the pool, whose connections have the time limits of users.
        Ok(Box::new(Conn::connect_with(&self.patient).await?))
    }
}

fn pool_of(connections: u32, renewal: &Arc<Renewal>) -> PgPoolOptions {
    let renewal = Arc::clone(renewal);
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(PATIENCE)
        // The driver would test with a round trip at each use; here only connections that were idle are tested.
        .test_before_acquire(false)
        .before_acquire(move |conn, about| {
            let good = renewal.is_good(about.age);
            Box::pin(async move {
                if good && about.idle_for > STALE {
                    conn.ping().await?;
                }
                Ok(good)
            })
        })
}

/// Which connections are replaced: those from before the database was last found read-only, see [`RENEW_EVERY`].
#[derive(Debug, Default)]
struct Renewal(Mutex<Option<Instant>>);

impl Renewal {
    /// Refuses a read-only database, and has the connections replaced.
    fn check(&self, only_reads: bool) -> Result<()> {
        if !only_reads {
            return Ok(());
        }
        let mut since = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Not at each refusal: as long as the name leads to the old primary, new connections are no better.
        if since.is_none_or(|since| since.elapsed() > RENEW_EVERY) {
            *since = Some(Instant::now());
        }
        Err(StoreError::Unavailable(anyhow!("the database only reads")))
    }

    /// Whether a connection of this age may be used.
    fn is_good(&self, age: Duration) -> bool {
        let since = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        since.is_none_or(|since| since.elapsed() >= age)
    }
}

/// Declares the user that a transaction works for, until it ends; returns whether the database is read-only. Statements
/// of the server itself have a longer timeout.
async fn declare(conn: &mut Conn, scope: TenantScope<'_>) -> Result<bool> {
    // One statement for both, because every transaction begins with this trip.
    let statement = match scope {
        TenantScope::For(user) => sqlx::query_scalar(
            "select current_setting('transaction_read_only') = 'on'
               from set_config('tandem.user_id', $1, true)",
        )
        .bind(user.as_str()),
        TenantScope::System => sqlx::query_scalar(
            "select current_setting('transaction_read_only') = 'on'
               from set_config('tandem.system', 'on', true) as system,
                    set_config('statement_timeout', '10s', true) as patience",
        ),
    };
    Ok(statement.fetch_one(conn).await?)
}

/// A view of one moment.
struct Snapshot {
    tx: Transaction<'static, Db>,
    /// One of the user's permits to read; released after the connection.
    _permit: Option<Permit<UserId>>,
}

impl Snapshot {
    fn conn(&mut self) -> &mut Conn {
        &mut self.tx
    }
}

/// A transaction that writes. Dropped, it is rolled back.
struct WriteTxn {
    tx: Transaction<'static, Db>,
    /// The user's permit to write; released after the connection.
    _permit: Option<Permit<UserId>>,
}

impl WriteTxn {
    fn conn(&mut self) -> &mut Conn {
        &mut self.tx
    }

    /// Runs statements, and returns the rows of each.
    async fn run(&mut self, script: Script) -> Result<Vec<Vec<Row>>> {
        script.run(self.conn()).await
    }

    async fn commit(self) -> Result<()> {
        Ok(self.tx.commit().await?)
    }

    /// The same: commits are not shared here.
    async fn commit_soon(self) -> Result<()> {
        self.commit().await
    }

    /// The same: there is no batch.
    async fn commit_at_once(self) -> Result<()> {
        self.commit().await
    }

    /// Rolls back. Nothing can be read here before it is durable.
    async fn leave(self) -> Result<()> {
        Ok(self.tx.rollback().await?)
    }
}
