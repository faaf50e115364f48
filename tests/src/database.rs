//! Databases for tests: each test has an empty one of its own, with the current schema.

use crate::postgres::{Cluster, ROLE, SUPERUSER};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use std::{path::PathBuf, sync::Arc};
use tandem_store::{Migrations, Store, postgres::PostgresStore, sqlite::SqliteStore};
use tempfile::TempDir;
use tokio::sync::OnceCell;

/// Connections of a store under test: few, so that a test notices when one is not returned.
const CONNECTIONS: u32 = 8;

/// The message of a test whose database does not work.
const SETUP: &str = "the test's database works";

/// A database that lives as long as its test.
pub struct TestDatabase {
    /// The store under test.
    pub store: Arc<dyn Store>,
    pub migrations: Arc<dyn Migrations>,
    pub location: DatabaseLocation,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    /// A server of its own.
    Postgres,
}

impl Kind {
    /// Both, for tests that run on both.
    pub const ALL: [Self; 2] = [Self::Sqlite, Self::Postgres];
}

/// The file or the name of a database, for direct access.
#[derive(Debug)]
pub enum DatabaseLocation {
    /// A file in a temporary folder.
    Sqlite { file: PathBuf, folder: TempDir },
    /// A database in the cluster of this process.
    Postgres { name: String },
}

impl DatabaseLocation {
    /// An empty database for a server.
    ///
    /// # Panics
    /// When PostgreSQL is requested and not installed; the message contains the command that installs it.
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

    /// A PostgreSQL database without a schema, for servers that migrate it.
    ///
    /// # Panics
    /// When PostgreSQL is not installed; the message contains the command that installs it.
    pub async fn bare() -> Self {
        // Creating the template also creates the role that owns databases.
        template().await;
        let name = Cluster::shared().fresh_name();
        create(&name, "template0").await;
        Self::Postgres { name }
    }

    /// The address of a PostgreSQL database for somebody with all rights.
    ///
    /// # Panics
    /// For SQLite.
    #[must_use]
    pub fn superuser_url(&self) -> String {
        let Self::Postgres { name } = self else { panic!("a file has no users") };
        Cluster::shared().url(SUPERUSER, name)
    }

    /// The value of `TANDEM_DATABASE_URL` for a server.
    #[must_use]
    pub fn url(&self) -> String {
        match self {
            Self::Sqlite { file, .. } => format!("sqlite:{}", file.display()),
            Self::Postgres { name } => Cluster::shared().url(ROLE, name),
        }
    }
}

impl TestDatabase {
    /// An empty file with the current schema.
    ///
    /// # Panics
    /// When there is no disk space.
    pub async fn sqlite() -> Self {
        let location = DatabaseLocation::new(Kind::Sqlite).await;
        let DatabaseLocation::Sqlite { file, .. } = &location else { unreachable!("SQLite was requested") };
        let store = Arc::new(SqliteStore::open(file).await.expect(SETUP));
        store.migrate_up().await.expect(SETUP);
        Self { migrations: Arc::clone(&store) as _, store, location }
    }

    /// An empty database with the current schema, in the cluster of this process.
    ///
    /// # Panics
    /// When PostgreSQL is not installed; the message contains the command that installs it.
    pub async fn postgres() -> Self {
        let location = DatabaseLocation::new(Kind::Postgres).await;
        let store = Arc::new(PostgresStore::connect(&location.url(), CONNECTIONS).await.expect(SETUP));
        Self { migrations: Arc::clone(&store) as _, store, location }
    }
}

/// The migrated database from which all others are copied.
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

/// A connection of the superuser, which row-level security does not restrict.
///
/// # Panics
/// When PostgreSQL is not installed; the message contains the command that installs it.
pub async fn administrator(database: &str) -> PgConnection {
    PgConnection::connect(&Cluster::shared().url(SUPERUSER, database)).await.expect(SETUP)
}
