//! The other database, read in one transaction that cannot write.

use crate::{ImportError, row::Row};
use futures_util::{StreamExt as _, stream::BoxStream};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection, postgres::PgConnectOptions};
use std::collections::BTreeSet;
use url::Url;

/// One moment of the other database, whatever happens there meanwhile. Times with a zone are shown in UTC.
const BEGIN: [&str; 3] = [
    "set timezone = 'UTC'",
    "set statement_timeout = 0",
    "begin transaction isolation level repeatable read read only",
];

pub(crate) struct Source {
    connection: PgConnection,
    name: String,
    tables: BTreeSet<String>,
}

impl Source {
    /// Connects and begins to read.
    pub(crate) async fn open(url: &str) -> Result<Self, ImportError> {
        let options: PgConnectOptions = url.parse()?;
        let options = options.application_name("tandem import").disable_statement_logging();
        let mut connection = PgConnection::connect_with(&options).await?;
        for statement in BEGIN {
            sqlx::query(statement).execute(&mut connection).await?;
        }
        let tables = sqlx::query_scalar(
            "select c.relname::text from pg_class as c
              where c.relkind in ('r', 'p', 'v', 'm') and pg_table_is_visible(c.oid)",
        );
        let tables: Vec<String> = tables.fetch_all(&mut connection).await?;
        let source = Self { connection, name: name(url), tables: tables.into_iter().collect() };
        for table in ["user", "account"] {
            if !source.has(table) {
                return Err(ImportError::Missing(table));
            }
        }
        Ok(source)
    }

    /// Makes sure that no other import reads this database for the server `target`, until this one ends. Two would take each
    /// other's rows for those of an earlier run.
    pub(crate) async fn reserve(&mut self, target: &str) -> Result<(), ImportError> {
        // It ends with the transaction, and so with the process, and needs no right to write.
        let lock = sqlx::query_scalar("select pg_try_advisory_xact_lock(hashtext($1))").bind(target);
        let reserved: bool = lock.fetch_one(&mut self.connection).await?;
        if reserved { Ok(()) } else { Err(ImportError::Running) }
    }

    /// Host and database, without user and password.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn has(&self, table: &str) -> bool {
        self.tables.contains(table)
    }

    pub(crate) async fn count(&mut self, table: &str) -> Result<u64, ImportError> {
        let count = AssertSqlSafe(format!("select count(*) from \"{table}\""));
        let rows: i64 = sqlx::query_scalar(count).fetch_one(&mut self.connection).await?;
        Ok(rows.unsigned_abs())
    }

    /// The rows of a table as objects. `rest` is what follows the name, which is `t`.
    pub(crate) fn rows(&mut self, table: &str, rest: &str) -> BoxStream<'_, Result<Row, ImportError>> {
        let select = AssertSqlSafe(format!("select to_jsonb(t)::text from \"{table}\" as t {rest}"));
        let rows = sqlx::query_scalar::<_, String>(select).fetch(&mut self.connection);
        rows.map(|text| Ok(Row::parse(&text?)?)).boxed()
    }
}

/// What a report may name of an address.
fn name(url: &str) -> String {
    let Ok(url) = Url::parse(url) else { return "postgres".to_owned() };
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}{port}{}", url.host_str().unwrap_or("localhost"), url.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_no_password() {
        assert_eq!(name("postgres://ann:secret@db.example:5433/tasks?sslmode=require"), "db.example:5433/tasks");
        assert_eq!(name("not a url"), "postgres");
    }
}
