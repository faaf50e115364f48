//! The two servers that the tests share.

use sqlx::{AssertSqlSafe, Connection as _, SqliteConnection};
use std::ops::Deref;
use tandem_tests::{
    TestServer,
    database::{Place, TestDatabase, administrator},
};
use tokio::sync::OnceCell;

/// A server and the way to look into its database.
#[derive(Debug)]
pub(crate) struct Site {
    server: TestServer,
    /// Name of the PostgreSQL database; none for SQLite.
    postgres: Option<String>,
}

impl Deref for Site {
    type Target = TestServer;
    fn deref(&self) -> &TestServer {
        &self.server
    }
}

/// The server on SQLite, as a newcomer has it.
pub(crate) async fn sqlite() -> &'static Site {
    static SITE: OnceCell<Site> = OnceCell::const_new();
    SITE.get_or_init(async || Site { server: TestServer::new().await, postgres: None }).await
}

/// The server on PostgreSQL.
pub(crate) async fn postgres() -> &'static Site {
    static SITE: OnceCell<Site> = OnceCell::const_new();
    SITE.get_or_init(async || {
        let place = TestDatabase::postgres().await.place;
        let server = TestServer::setup().database(place.url()).start().await;
        let Place::Postgres { name } = place else { unreachable!("a PostgreSQL database lies in PostgreSQL") };
        Site { server, postgres: Some(name) }
    })
    .await
}

impl Site {
    /// Every row of every table as text, to see what is left of somebody.
    pub(crate) async fn dump(&self) -> String {
        match &self.postgres {
            Some(database) => {
                let mut admin = administrator(database).await;
                let tables = "select quote_ident(table_name) from information_schema.tables \
                              where table_schema = 'public' and table_type = 'BASE TABLE'";
                let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut admin).await.unwrap();
                let mut rows = Vec::new();
                for table in tables {
                    let all = AssertSqlSafe(format!("select row::text from {table} as row"));
                    rows.extend(sqlx::query_scalar::<_, String>(all).fetch_all(&mut admin).await.unwrap());
                }
                rows.join("\n")
            }
            None => dump_sqlite(&self.server.folder().join("data/tandem.db").display().to_string()).await,
        }
    }
}

async fn dump_sqlite(file: &str) -> String {
    let mut database = SqliteConnection::connect(&format!("sqlite:{file}?mode=ro")).await.unwrap();
    let columns = "select t.name, group_concat('quote(\"' || c.name || '\")', ' || '' '' || ') \
                   from sqlite_master t join pragma_table_info(t.name) c where t.type = 'table' group by t.name";
    let tables: Vec<(String, String)> = sqlx::query_as(columns).fetch_all(&mut database).await.unwrap();
    let mut rows = Vec::new();
    for (table, columns) in tables {
        let all = AssertSqlSafe(format!("select {columns} from \"{table}\""));
        rows.extend(sqlx::query_scalar::<_, String>(all).fetch_all(&mut database).await.unwrap());
    }
    rows.join("\n")
}

/// Makes each function two tests: one on SQLite, one on PostgreSQL.
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
