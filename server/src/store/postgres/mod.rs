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

#[path = "../shared/accounts.rs"]
mod accounts;
#[path = "../shared/allowances.rs"]
mod allowances;
#[path = "../shared/chat_reads.rs"]
mod chat_reads;
#[path = "../shared/chat_rows.rs"]
mod chat_rows;
#[path = "../shared/chat_writes.rs"]
mod chat_writes;
#[path = "../shared/directory.rs"]
mod directory;
#[path = "../shared/documents.rs"]
mod documents;
#[path = "../shared/events.rs"]
mod events;
#[path = "../shared/migrate.rs"]
mod migrate;
#[path = "../shared/prune.rs"]
mod prune;
#[path = "../shared/rows.rs"]
mod rows;
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
    codec::{At, ClockTime, Day, Json},
    script::Script,
};
use super::{Result, shared::Acting};
use sqlx::{
    Connection as _, PgConnection as Conn, PgPool, Postgres as Db, Transaction,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPoolOptions, PgRow as Row},
};
use std::{fmt, ops::DerefMut, time::Duration};

/// Waiting for a connection of the pool.
const PATIENCE: Duration = Duration::from_secs(5);
/// A connection idle for longer is tried before it is used: the database may have been restarted.
const STALE: Duration = Duration::from_secs(5);
/// Limits of a session: for a statement, for waiting on another writer, for a transaction that nobody goes on with.
const TIMEOUTS: [(&str, &str); 3] =
    [("statement_timeout", "10s"), ("lock_timeout", "5s"), ("idle_in_transaction_session_timeout", "30s")];
/// How statements are planned. PostgreSQL takes it for four times as dear to fetch a page out of order, as on disks that
/// turn, and would rather read all that somebody has and sort it than follow an index to one page of it. To compile a
/// plan takes longer than to run any of ours.
const PLANNING: [(&str, &str); 2] = [("random_page_cost", "1.1"), ("jit", "off")];

/// A PostgreSQL database.
#[derive(Clone)]
pub struct PostgresStore {
    pool: PgPool,
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
    /// Connects to a database, with at most so many connections. The schema is moved by [`super::Migrations`]; the role
    /// must own the database, and must not be a superuser, whom row-level security does not bind.
    pub async fn connect(url: &str, connections: u32) -> Result<Self> {
        let options: PgConnectOptions = url.parse()?;
        let options = options.application_name("tandem");
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(PATIENCE)
            .test_before_acquire(false)
            .before_acquire(|conn, about| {
                Box::pin(async move {
                    if about.idle_for > STALE {
                        conn.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_with(options.clone().options(TIMEOUTS).options(PLANNING))
            .await?;
        // Migrations change rows of everybody.
        Ok(Self { pool, patient: options.options([("tandem.system", "on")]) })
    }

    /// Closes every connection. Nothing can be done with the store afterwards.
    pub async fn close(&self) -> Result<()> {
        self.pool.close().await;
        Ok(())
    }

    /// A server of its own sees to it that nobody swaps its files.
    #[expect(clippy::unused_async, reason = "the other database has something to wait for")]
    async fn mark(&self) -> Result<()> {
        Ok(())
    }

    /// A connection for a look-up in tables that belong to nobody.
    async fn look(&self) -> Result<PoolConnection<Db>> {
        Ok(self.pool.acquire().await?)
    }

    /// A view of one moment.
    async fn snapshot(&self, acting: Acting<'_>) -> Result<Snapshot> {
        let mut tx = self.pool.begin_with("begin isolation level repeatable read, read only").await?;
        declare(&mut tx, acting).await?;
        Ok(Snapshot(tx))
    }

    /// A transaction that writes.
    async fn turn(&self, acting: Acting<'_>) -> Result<Turn> {
        self.measure();
        let mut tx = self.pool.begin().await?;
        declare(&mut tx, acting).await?;
        Ok(Turn(tx))
    }

    /// Says how many connections there are.
    fn measure(&self) {
        let idle = u32::try_from(self.pool.num_idle()).unwrap_or(u32::MAX);
        let used = self.pool.size().saturating_sub(idle);
        metrics::gauge!("tandem_database_connections", "state" => "idle").set(f64::from(idle));
        metrics::gauge!("tandem_database_connections", "state" => "used").set(f64::from(used));
    }

    /// The same, with the rows that the first statements give.
    async fn turn_with(&self, acting: Acting<'_>, first: Script) -> Result<(Turn, Vec<Vec<Row>>)> {
        let mut turn = self.turn(acting).await?;
        let rows = first.run(turn.conn()).await?;
        Ok((turn, rows))
    }

    /// A connection of its own, outside of any transaction.
    async fn exclusive(&self) -> Result<impl DerefMut<Target = Conn>> {
        Ok(Box::new(Conn::connect_with(&self.patient).await?))
    }
}

/// Says for whom a transaction works, until it ends.
async fn declare(conn: &mut Conn, acting: Acting<'_>) -> Result<()> {
    let statement = match acting {
        Acting::For(user) => sqlx::query("select set_config('tandem.user_id', $1, true)").bind(user.as_str()),
        Acting::System => sqlx::query("select set_config('tandem.system', 'on', true)"),
    };
    statement.execute(conn).await?;
    Ok(())
}

/// A view of one moment.
struct Snapshot(Transaction<'static, Db>);

impl Snapshot {
    fn conn(&mut self) -> &mut Conn {
        &mut self.0
    }
}

/// A transaction that writes. Dropped, it is rolled back.
struct Turn(Transaction<'static, Db>);

impl Turn {
    fn conn(&mut self) -> &mut Conn {
        &mut self.0
    }

    async fn commit(self) -> Result<()> {
        Ok(self.0.commit().await?)
    }
}
