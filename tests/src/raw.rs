//! Direct access to the database of a test, without the store: statements, searches for a text, the schema.

use crate::database::{DatabaseLocation, TestDatabase, administrator};
use sqlx::{AssertSqlSafe, Connection as _, Row as _, SqliteConnection, sqlite::SqliteConnectOptions};
use std::path::Path;

/// The message of a test with an invalid statement.
const ASKED: &str = "the statement of the test works";

/// Queries for the whole schema on PostgreSQL, as lines of text.
const POSTGRES_SCHEMA: &str = "
    select concat_ws(' ', 'column', table_name, column_name, data_type, collation_name, is_nullable, column_default,
                     is_identity)
      from information_schema.columns where table_schema = 'public'
    union all
    select concat_ws(' ', 'index', indexdef) from pg_indexes where schemaname = 'public'
    union all
    select concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid))
      from pg_constraint where connamespace = 'public'::regnamespace
    union all
    select concat_ws(' ', 'policy', tablename, policyname, permissive, roles, cmd, qual, with_check)
      from pg_policies where schemaname = 'public'
    union all
    select concat_ws(' ', 'relation', relname, relkind, relpersistence, relrowsecurity, relforcerowsecurity)
      from pg_class where relnamespace = 'public'::regnamespace
    union all
    select concat_ws(' ', 'routine', proname) from pg_proc where pronamespace = 'public'::regnamespace
    order by 1";

/// Queries for the whole schema on SQLite.
const SQLITE_SCHEMA: &str = "select concat_ws(' ', type, name, tbl_name, sql) from sqlite_schema order by 1";

impl DatabaseLocation {
    /// Runs a statement behind the back of whoever works there, with all rights.
    ///
    /// # Panics
    /// When the database refuses it.
    pub async fn execute(&self, statement: &str) {
        let statement = AssertSqlSafe(statement.to_owned());
        match self {
            Self::Sqlite { file, .. } => {
                sqlx::query(statement).execute(&mut connect(file).await).await.expect(ASKED);
            }
            Self::Postgres { name } => {
                sqlx::query(statement).execute(&mut administrator(name).await).await.expect(ASKED);
            }
        }
    }

    /// Runs many statements, with all rights.
    ///
    /// # Panics
    /// When the database refuses one.
    pub async fn script(&self, statements: &str) {
        let statements = AssertSqlSafe(statements.to_owned());
        match self {
            Self::Sqlite { file, .. } => {
                sqlx::raw_sql(statements).execute(&mut connect(file).await).await.expect(ASKED);
            }
            Self::Postgres { name } => {
                sqlx::raw_sql(statements).execute(&mut administrator(name).await).await.expect(ASKED);
            }
        }
    }

    /// The first column of what a query gives, as text.
    ///
    /// # Panics
    /// When the database refuses it.
    pub async fn lines(&self, query: &str) -> Vec<String> {
        let query = AssertSqlSafe(query.to_owned());
        match self {
            Self::Sqlite { file, .. } => {
                let rows = sqlx::query(query).fetch_all(&mut connect(file).await).await.expect(ASKED);
                rows.iter().map(|row| row.get(0)).collect()
            }
            Self::Postgres { name } => {
                let rows = sqlx::query(query).fetch_all(&mut administrator(name).await).await.expect(ASKED);
                rows.iter().map(|row| row.get(0)).collect()
            }
        }
    }
}

impl DatabaseLocation {
    /// Breaks every connection to the database, in the middle of whatever it does. Says how many there were: a file has
    /// none.
    pub async fn cut_connections(&self) -> usize {
        // Collect the ids first: a statement that also terminates could terminate itself.
        const CUT: &str = "with others as materialized
                             (select pid from pg_stat_activity
                               where datname = current_database() and pid <> pg_backend_pid())
                           select pid::text from others where pg_terminate_backend(pid)";
        match self {
            Self::Sqlite { .. } => 0,
            Self::Postgres { .. } => self.lines(CUT).await.len(),
        }
    }
}

/// A connection of the test's own to a file.
async fn connect(file: &Path) -> SqliteConnection {
    SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(file)).await.expect(ASKED)
}

impl TestDatabase {
    /// Runs a statement behind the store's back, with all rights.
    ///
    /// # Panics
    /// When the database refuses it.
    pub async fn execute(&self, statement: &str) {
        self.location.execute(statement).await;
    }

    /// The first column of what a query gives, as text.
    ///
    /// # Panics
    /// When the database refuses it.
    pub async fn lines(&self, query: &str) -> Vec<String> {
        self.location.lines(query).await
    }

    /// The whole schema, in a fixed order.
    pub async fn schema(&self) -> Vec<String> {
        match &self.location {
            DatabaseLocation::Sqlite { .. } => self.lines(SQLITE_SCHEMA).await,
            DatabaseLocation::Postgres { .. } => self.lines(POSTGRES_SCHEMA).await,
        }
    }

    /// As [`DatabaseLocation::tables_holding`].
    pub async fn tables_holding(&self, text: &str) -> Vec<String> {
        self.location.tables_holding(text).await
    }
}

impl DatabaseLocation {
    /// The tables with rows that contain a text, including the bytes of the search index.
    pub async fn tables_holding(&self, text: &str) -> Vec<String> {
        let tables = match self {
            Self::Sqlite { .. } => self.lines("select name from sqlite_schema where type = 'table' order by 1").await,
            Self::Postgres { .. } => {
                self.lines("select tablename::text from pg_tables where schemaname = 'public' order by 1").await
            }
        };
        let mut holding = Vec::new();
        for table in tables {
            if self.holds(&table, text).await {
                holding.push(table);
            }
        }
        holding
    }

    /// The tables with rows of users.
    ///
    /// # Panics
    /// When the schema cannot be read.
    pub async fn tables_of_users(&self) -> Vec<String> {
        let tables = match self {
            Self::Sqlite { .. } => {
                "select m.name from sqlite_schema as m join pragma_table_info(m.name) as c
                  where m.type = 'table' and c.name = 'user_id'"
            }
            Self::Postgres { .. } => {
                "select c.relname::text from pg_class as c join pg_attribute as a on a.attrelid = c.oid
                  where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and a.attname = 'user_id'"
            }
        };
        let tables = self.lines(tables).await;
        assert!(tables.len() > 10, "no tables were found: {tables:?}");
        tables
    }

    async fn holds(&self, table: &str, text: &str) -> bool {
        let condition = match self {
            Self::Sqlite { .. } => {
                let columns = self.lines(&format!("select name from pragma_table_info('{table}')")).await;
                let find = |column: &String| format!("instr(cast({column} as blob), cast('{text}' as blob)) > 0");
                columns.iter().map(find).collect::<Vec<_>>().join(" or ")
            }
            Self::Postgres { .. } => format!("strpos(t::text, '{text}') > 0"),
        };
        // The whole-row columns of FTS5 (`search_index`, `rank`) are no columns of a row; its shadow tables have it all.
        if matches!(table, "search_index" | "search_words") {
            return false;
        }
        let found = self.lines(&format!("select 'found' from {table} as t where {condition} limit 1")).await;
        !found.is_empty()
    }
}
