//! The store on PostgreSQL, for many nodes.
//!
//! Row-level security stands behind the owner in every where-clause: a transaction says for whom it works
//! (`tandem.user_id`), and sees nothing else. Whoever writes for a user holds the row of the account until the commit.

#![expect(clippy::duplicate_mod, reason = "what is the same on both databases is written once; see `store::shared`")]

mod backups;
mod codec;
mod dialect;
mod facts;
mod migrations;
mod script;
mod search;

#[path = "../shared/account_lookups.rs"]
mod account_lookups;
#[path = "../shared/accounts.rs"]
mod accounts;
#[path = "../shared/ahead.rs"]
mod ahead;
#[path = "../shared/chat_reads.rs"]
mod chat_reads;
#[path = "../shared/chat_rows.rs"]
mod chat_rows;
#[path = "../shared/chat_writes.rs"]
mod chat_writes;
#[path = "../shared/deletion.rs"]
mod deletion;
#[path = "../shared/documents.rs"]
mod documents;
#[path = "../shared/events.rs"]
mod events;
#[path = "../shared/maintenance.rs"]
mod maintenance;
#[path = "../shared/migrate.rs"]
mod migrate;
#[path = "../shared/pages.rs"]
mod pages;
#[path = "../shared/prune.rs"]
mod prune;
#[path = "../shared/rate_limits.rs"]
mod rate_limits;
#[path = "../shared/rows.rs"]
mod rows;
#[path = "../shared/runs.rs"]
mod runs;
#[path = "../shared/store.rs"]
mod store;
#[path = "../shared/task_reads.rs"]
mod task_reads;
#[path = "../shared/task_rows.rs"]
mod task_rows;
#[path = "../shared/task_writes.rs"]
mod task_writes;
#[path = "../shared/tx.rs"]
mod tx;
#[path = "../shared/usage.rs"]
mod usage;

pub use backups::PostgresBackups;

use self::{
    codec::{At, ClockTime, Day, Json, Packed},
    script::Script,
};
use super::{
    Result, STATEMENT_LIMIT, StoreError,
    shared::{TenantScope, user_permit},
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

/// Waiting for a connection of the pool.
const PATIENCE: Duration = Duration::from_secs(5);
/// A connection idle for longer is tried before it is used: the database may have been restarted.
const STALE: Duration = Duration::from_secs(5);
/// Limits of a session: for waiting on another writer, and for a transaction that nobody goes on with.
const TIMEOUTS: [(&str, &str); 2] = [("lock_timeout", "5s"), ("idle_in_transaction_session_timeout", "30s")];
/// Longest wait for the user's permit before a connection is taken.
const TURN_PATIENCE: Duration = Duration::from_secs(30);
/// A connection to a server that only reads is replaced, at most so often: after a failover the name leads elsewhere.
const RENEW_EVERY: Duration = Duration::from_secs(1);
/// How statements are planned. PostgreSQL takes it for four times as dear to fetch a page out of order, as on disks that
/// turn, and would rather read all that somebody has and sort it than follow an index to one page of it. To compile a
/// plan takes longer than to run any of ours.
const PLANNING: [(&str, &str); 2] = [("random_page_cost", "1.1"), ("jit", "off")];

#[derive(Clone)]
pub struct PostgresStore {
    pool: PgPool,
    /// For look-ups before the owner is known, of sessions above all: a user whose work takes long keeps nobody from being
    /// recognised.
    lookup_readers: PgPool,
    /// One for each user who writes: the others hold no connection while they wait.
    writers: Arc<Permits<UserId>>,
    /// Half of the pool for each user who reads.
    of_user: Arc<Permits<UserId>>,
    renewal: Arc<Renewal>,
    /// To reach it without limits of time, for migrations.
    patient: PgConnectOptions,
}

use PostgresStore as Adapter;

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PostgresStore")
    }
}

impl PostgresStore {
    /// Connects to a database, with at most so many connections, a quarter of them for look-ups. The schema is moved by
    /// [`super::Migrations`]; the role must own the database, and must not be a superuser, whom row-level security does not
    /// bind.
    pub async fn connect(url: &str, connections: u32) -> Result<Self> {
        Self::connect_limited(url, connections, STATEMENT_LIMIT).await
    }

    /// The same; a statement for a user may take so long.
    pub async fn connect_limited(url: &str, connections: u32, limit: Duration) -> Result<Self> {
        let options: PgConnectOptions = url.parse()?;
        let options = options.application_name("tandem");
        let statement = [("statement_timeout", format!("{}ms", limit.as_millis().max(1)))];
        let impatient = options.clone().options(statement).options(TIMEOUTS).options(PLANNING);
        let renewal = Arc::<Renewal>::default();
        let lookup_readers = (connections / 4).max(1);
        let rest = connections.saturating_sub(lookup_readers).max(1);
        // A server that cannot be reached is found out at once.
        let pool = pool_of(rest, &renewal).connect_with(impatient.clone()).await?;
        Ok(Self {
            pool,
            lookup_readers: pool_of(lookup_readers, &renewal).connect_lazy_with(impatient),
            writers: Permits::new(1),
            of_user: Permits::new((rest as usize / 2).max(1)),
            renewal,
            // Migrations change rows of everybody.
            patient: options.options([("tandem.system", "on")]),
        })
    }

    /// Closes every connection. Nothing can be done with the store afterwards.
    pub async fn close(&self) -> Result<()> {
        self.pool.close().await;
        self.lookup_readers.close().await;
        Ok(())
    }

    /// A server of its own sees to it that nobody swaps its files.
    #[expect(clippy::unused_async, reason = "the other database has something to wait for")]
    async fn touch_fingerprint(&self) -> Result<()> {
        Ok(())
    }

    /// Whether the database answers, and takes changes.
    async fn ready(&self) -> Result<()> {
        let mut conn = self.lookup().await?;
        let only_reads: bool =
            sqlx::query_scalar("select current_setting('transaction_read_only') = 'on'").fetch_one(&mut *conn).await?;
        self.renewal.check(only_reads)
    }

    /// A connection for a look-up in tables that belong to nobody.
    async fn lookup(&self) -> Result<PoolConnection<Db>> {
        Ok(self.lookup_readers.acquire().await?)
    }

    /// A view of one moment.
    async fn snapshot(&self, acting: TenantScope<'_>) -> Result<Snapshot> {
        let permit = match acting {
            TenantScope::For(user) => Some(user_permit(&self.of_user, user, PATIENCE).await?),
            TenantScope::System => None,
        };
        let mut tx = self.begin_tx("begin isolation level repeatable read, read only").await?;
        declare(&mut tx, acting).await?;
        Ok(Snapshot { tx, _permit: permit })
    }

    /// Begins a transaction, to the end even if the caller goes away meanwhile: the driver would give the connection back
    /// without knowing that it has begun one, and the next who gets it would work inside of it.
    async fn begin_tx(&self, statement: &'static str) -> Result<Transaction<'static, Db>> {
        let pool = self.pool.clone();
        let begun = tokio::spawn(async move { pool.begin_with(statement).await }).await;
        Ok(begun.map_err(|panic| StoreError::Broken(panic.into()))??)
    }

    /// A transaction that writes.
    async fn turn(&self, acting: TenantScope<'_>) -> Result<WriteTxn> {
        let begun = Instant::now();
        let permit = match acting {
            TenantScope::For(user) => Some(user_permit(&self.writers, user, TURN_PATIENCE).await?),
            TenantScope::System => None,
        };
        self.measure();
        let mut tx = self.begin_tx("begin").await?;
        metrics::histogram!("tandem_database_turn_wait_seconds").record(begun.elapsed().as_secs_f64());
        self.renewal.check(declare(&mut tx, acting).await?)?;
        Ok(WriteTxn { tx, _permit: permit })
    }

    /// Says how many connections there are.
    fn measure(&self) {
        let both = [&self.pool, &self.lookup_readers];
        let size: u32 = both.iter().map(|pool| pool.size()).sum();
        let idle: usize = both.iter().map(|pool| pool.num_idle()).sum();
        let idle = u32::try_from(idle).unwrap_or(u32::MAX);
        metrics::gauge!("tandem_database_connections", "state" => "idle").set(f64::from(idle));
        metrics::gauge!("tandem_database_connections", "state" => "used").set(f64::from(size.saturating_sub(idle)));
    }

    /// The same, with the rows that the first statements give.
    async fn turn_with(&self, acting: TenantScope<'_>, first: Script) -> Result<(WriteTxn, Vec<Vec<Row>>)> {
        let mut turn = self.turn(acting).await?;
        let rows = turn.run(first).await?;
        Ok((turn, rows))
    }

    /// A connection of its own, outside of any transaction.
    async fn exclusive(&self) -> Result<impl DerefMut<Target = Conn>> {
        Ok(Box::new(Conn::connect_with(&self.patient).await?))
    }
}

/// A pool of so many connections.
fn pool_of(connections: u32, renewal: &Arc<Renewal>) -> PgPoolOptions {
    let renewal = Arc::clone(renewal);
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(PATIENCE)
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

/// Which connections are to be replaced: those from before the database was last found to read only. It may be a server
/// that was the first one before a failover, whose name leads to another by now.
#[derive(Debug, Default)]
struct Renewal(Mutex<Option<Instant>>);

impl Renewal {
    /// Refuses to write where it cannot be done, and has the connections replaced.
    fn check(&self, only_reads: bool) -> Result<()> {
        if !only_reads {
            return Ok(());
        }
        let mut since = self.0.lock().unwrap_or_else(PoisonError::into_inner);
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

/// Says for whom a transaction works, until it ends; gives whether the database only reads. What the server does for
/// itself has more time.
async fn declare(conn: &mut Conn, acting: TenantScope<'_>) -> Result<bool> {
    let statement = match acting {
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
    /// Of the user's permits to read; given back after the connection.
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
    /// The user's permit to write; given back after the connection.
    _permit: Option<Permit<UserId>>,
}

impl WriteTxn {
    fn conn(&mut self) -> &mut Conn {
        &mut self.tx
    }

    /// Runs statements, and gives the rows of each.
    async fn run(&mut self, script: Script) -> Result<Vec<Vec<Row>>> {
        script.run(self.conn()).await
    }

    async fn commit(self) -> Result<()> {
        Ok(self.tx.commit().await?)
    }

    /// The same: nobody shares a commit here.
    async fn commit_at_once(self) -> Result<()> {
        self.commit().await
    }
}
