//! The two servers that the tests share.

use std::{
    future::IntoFuture as _,
    ops::Deref,
    sync::Arc,
    time::{Duration, Instant},
};
use tandem_protocol::Timestamp;
use tandem_store::{postgres::PostgresStore, sqlite::SqliteStore};
use tandem_tests::{
    TestServer, TestUser,
    database::{DatabaseLocation, TestDatabase},
    eventually::PATIENCE,
    postgres::{Cluster, ROLE},
    server::Setup,
};
use tempfile::TempDir;
use tokio::sync::{Mutex, OnceCell};

/// The message of a test that cannot read the database.
const OPENS: &str = "the server's database can be opened beside it";
const OWNER_RENEWED_AFTER: Duration = Duration::from_mins(4);

/// A server and its database.
#[derive(Debug)]
pub(crate) struct Site {
    server: TestServer,
    /// The first account, which is the owner's: all others are members.
    owner: TestUser,
    /// The last time that the owner got an access token.
    renewed: Mutex<Instant>,
    /// Name of the PostgreSQL database; none for SQLite.
    postgres: Option<String>,
}

impl Deref for Site {
    type Target = TestServer;
    fn deref(&self) -> &TestServer {
        &self.server
    }
}

/// The server on SQLite, as a newcomer has it, but that pushes may go to this machine.
pub(crate) async fn sqlite() -> &'static Site {
    static SITE: OnceCell<Site> = OnceCell::const_new();
    SITE.get_or_init(async || Site::of(setup().start().await, None).await).await.current().await
}

fn setup() -> Setup {
    TestServer::setup().env("TANDEM_PUSH_LOOPBACK", "on")
}

/// The server on PostgreSQL.
pub(crate) async fn postgres() -> &'static Site {
    static SITE: OnceCell<Site> = OnceCell::const_new();
    SITE.get_or_init(async || {
        let location = TestDatabase::postgres().await.location;
        let server = setup().database(location.url()).start().await;
        let DatabaseLocation::Postgres { name } = location else { unreachable!("PostgreSQL was requested") };
        Site::of(server, Some(name)).await
    })
    .await
    .current()
    .await
}

impl Site {
    async fn of(server: TestServer, postgres: Option<String>) -> Self {
        let owner = TestUser::register(&server).await.shared();
        Self { server, owner, renewed: Mutex::new(Instant::now()), postgres }
    }

    /// The same, with an access token of the owner that outlives a test: one lasts ten minutes, and a slow run longer.
    async fn current(&self) -> &Self {
        let mut renewed = self.renewed.lock().await;
        if renewed.elapsed() > OWNER_RENEWED_AFTER {
            self.owner.refresh().await;
            *renewed = Instant::now();
        }
        self
    }

    /// The owner of the server.
    pub(crate) fn owner(&self) -> &TestUser {
        &self.owner
    }

    /// The database of the server, for direct access.
    pub(crate) async fn database(&self) -> TestDatabase {
        if let Some(name) = &self.postgres {
            let url = Cluster::shared().url(ROLE, name);
            let store = Arc::new(PostgresStore::connect(&url, 1).await.expect(OPENS));
            let location = DatabaseLocation::Postgres { name: name.clone() };
            return TestDatabase { migrations: Arc::clone(&store) as _, store, location };
        }
        let file = self.server.folder().join("data/tandem.db");
        let store = Arc::new(SqliteStore::open(&file).await.expect(OPENS));
        let folder = TempDir::new_in(self.server.folder()).expect(OPENS);
        TestDatabase { migrations: Arc::clone(&store) as _, store, location: DatabaseLocation::Sqlite { file, folder } }
    }

    /// Moves the log-in of a user's session to another moment.
    pub(crate) async fn log_in_happened(&self, user: &TestUser, at: Timestamp) {
        let moment = if self.postgres.is_some() { format!("'{at}'") } else { at.as_millis().to_string() };
        let change = format!("update sessions set created_at = {moment} where user_id = '{}'", user.user().id);
        self.database().await.execute(&change).await;
    }
}

/// Turns each function into two tests: one on SQLite, one on PostgreSQL.
macro_rules! on_both {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {$(
            #[tokio::test]
            async fn $test() {
                super::$test(crate::support::sqlite().await).await;
            }
        )+}

        mod postgres {$(
            #[tokio::test]
            async fn $test() {
                super::$test(crate::support::postgres().await).await;
            }
        )+}
    };
}

/// Turns each function of a kind of database into two tests, for tests with a server of their own.
macro_rules! on_each {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {$(
            #[tokio::test]
            async fn $test() { super::$test(super::Kind::Sqlite).await; }
        )+}
        mod postgres {$(
            #[tokio::test]
            async fn $test() { super::$test(super::Kind::Postgres).await; }
        )+}
    };
}

/// Tests that end must not take the requests of others with them.
#[test]
fn a_shared_user_is_independent_of_the_runtime_of_a_test() {
    let [first, second] = [(); 2].map(|()| tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap());
    let (_server, user) = first.block_on(async {
        let server = TestServer::new().await;
        let user = TestUser::register(&server).await.shared();
        user.get("/me").await.expect(200);
        (server, user)
    });
    // Nothing runs on the first runtime any more, as after the end of a test.
    let answer = second.block_on(async { tokio::time::timeout(PATIENCE, user.get("/me").into_future()).await });
    answer.expect("the request has a connection of its own").expect(200);
}
