//! Databases for tests: each test gets an empty one of its own, with the schema in place.

use crate::postgres::{Cluster, ROLE, SUPERUSER};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use std::{path::PathBuf, sync::Arc};
use tandem_store::{Migrations, Store, postgres::PostgresStore, sqlite::SqliteStore};
use tempfile::TempDir;
use tokio::sync::OnceCell;

/// Connections of a store under test. Few, so that they run out where more would hide it.
const CONNECTIONS: u32 = 8;

/// What a test stops with when its surroundings do not work.
const SETUP: &str = "the test's database works";

/// A database that lives as long as its test.
pub struct TestDatabase {
    /// The store under test.
    pub store: Arc<dyn Store>,
    pub migrations: Arc<dyn Migrations>,
    pub place: Place,
}

/// What a database can lie in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    /// A server of its own.
    Postgres,
}

impl Kind {
    /// Both, for tests that hold on both.
    pub const ALL: [Self; 2] = [Self::Sqlite, Self::Postgres];
}

/// Where a database lies, for tests that look at it from outside.
#[derive(Debug)]
pub enum Place {
    /// A file, in a folder that goes with the test.
    Sqlite { file: PathBuf, folder: TempDir },
    /// A database of the run's cluster.
    Postgres { name: String },
}

impl Place {
    /// An empty database for a server, which nothing else has open.
    ///
    /// # Panics
    /// When PostgreSQL is wanted and not installed; the message says what to do.
    pub async fn new(kind: Kind) -> Self {
        match kind {
            Kind::Sqlite => {
                let folder = TempDir::new().expect(SETUP);
                Self::Sqlite { file: folder.path().join("tandem.db"), folder }
            }
            Kind::Postgres => {
                let name = Cluster::shared().fresh_name();
                create(&name, template().await).await;
                Self::Postgres { name }
            }
        }
    }

    /// A PostgreSQL database without a schema, for servers that bring their own.
    ///
    /// # Panics
    /// When PostgreSQL is not installed; the message says what to do.
    pub async fn bare() -> Self {
        // The role that owns it is made with the template.
        template().await;
        let name = Cluster::shared().fresh_name();
        create(&name, "template0").await;
        Self::Postgres { name }
    }

    /// What `TANDEM_DATABASE_URL` says to have a server use it.
    #[must_use]
    pub fn url(&self) -> String {
        match self {
            Self::Sqlite { file, .. } => format!("sqlite:{}", file.display()),
            Self::Postgres { name } => Cluster::shared().url(ROLE, name),
        }
    }
}

impl TestDatabase {
    /// An empty file with the schema of today.
    ///
    /// # Panics
    /// When the machine has no room for one.
    pub async fn sqlite() -> Self {
        let place = Place::new(Kind::Sqlite).await;
        let Place::Sqlite { file, .. } = &place else { unreachable!("it was asked for") };
        let store = Arc::new(SqliteStore::open(file).await.expect(SETUP));
        store.migrate_up().await.expect(SETUP);
        Self { migrations: Arc::clone(&store) as _, store, place }
    }

    /// An empty database with the schema of today, in the cluster of this run.
    ///
    /// # Panics
    /// When PostgreSQL is not installed; the message says what to do.
    pub async fn postgres() -> Self {
        let place = Place::new(Kind::Postgres).await;
        let store = Arc::new(PostgresStore::connect(&place.url(), CONNECTIONS).await.expect(SETUP));
        Self { migrations: Arc::clone(&store) as _, store, place }
    }
}

/// The database that all others are copied from, migrated once.
async fn template() -> &'static str {
    static TEMPLATE: OnceCell<&str> = OnceCell::const_new();
    TEMPLATE
        .get_or_init(|| async {
            let mut admin = administrator("postgres").await;
            let role = format!("create role {ROLE} login");
            sqlx::query(AssertSqlSafe(role)).execute(&mut admin).await.expect(SETUP);
            create("migrated", "template0").await;
            let store = PostgresStore::connect(&Cluster::shared().url(ROLE, "migrated"), 1).await.expect(SETUP);
            store.migrate_up().await.expect(SETUP);
            store.close().await.expect(SETUP);
            "migrated"
        })
        .await
}

async fn create(name: &str, template: &str) {
    let statement = format!("create database {name} owner {ROLE} template {template}");
    let mut admin = administrator("postgres").await;
    sqlx::query(AssertSqlSafe(statement)).execute(&mut admin).await.expect(SETUP);
}

/// A connection of the superuser, whom row-level security does not bind.
///
/// # Panics
/// When PostgreSQL is not installed; the message says what to do.
pub async fn administrator(database: &str) -> PgConnection {
    PgConnection::connect(&Cluster::shared().url(SUPERUSER, database)).await.expect(SETUP)
}
