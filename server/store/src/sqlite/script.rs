//! Statements that go to the database together.
//!
//! Every call is a trip to the connection's thread and back, which costs several times what a small statement does.
//! Statements that belong together make the trip as one text; SQLite compiles them one after the other, and the driver
//! caches them as one.
//!
//! **Invariant:** values never become part of the text. Each statement counts its placeholders from `$1`; they are
//! renumbered when it is appended, because SQLite numbers the parameters of the whole text.

use super::{Conn, Db, Row};
use crate::{Result, StoreError, shared::Expects};
use anyhow::anyhow;
use futures_util::TryStreamExt as _;
use sqlx::{
    Arguments as _, AssertSqlSafe, Either, Encode, Executor as _, Type, error::BoxDynError, sqlite::SqliteArguments,
};
use std::fmt::Write as _;

/// Statements in the order in which they run, with their values.
#[derive(Default)]
pub(super) struct Script {
    text: String,
    values: SqliteArguments,
    expects: Vec<Expects>,
    unfit: Option<BoxDynError>,
}

impl Script {
    /// Adds a statement; bind its values next. Its placeholders are `$1` and so on, counted from its own first value.
    pub(super) fn add(&mut self, statement: &'static str, expects: Expects) -> Values<'_> {
        append(&mut self.text, statement, self.values.len());
        self.expects.push(expects);
        Values(self)
    }

    /// Whether there is nothing to run.
    pub(super) fn is_empty(&self) -> bool {
        self.expects.is_empty()
    }

    /// Runs everything, and returns the rows of each statement. The first statement that fails, or has not the required
    /// effect, ends it; what ran before stays until the transaction is rolled back.
    ///
    /// `first` are statements without values that run before; `between` is called whenever a statement has ended.
    pub(super) async fn run(
        self,
        first: &[&'static str],
        conn: &mut Conn,
        between: impl Fn() + Send,
    ) -> Result<Vec<Vec<Row>>> {
        // A value that could not be encoded is reported here and not by `bind`, whose calls are chained.
        if let Some(unfit) = self.unfit {
            return Err(StoreError::Broken(anyhow!(unfit)));
        }
        let text: String = first.iter().flat_map(|statement| [*statement, ";\n"]).chain([self.text.as_str()]).collect();
        let mut checks = first.iter().map(|_| Expects::Anything).chain(self.expects);
        let (mut rows, mut sets) = (Vec::new(), Vec::new());
        // Safe: the text is made of statements of this program, and holds no values.
        let mut results = conn.fetch_many(sqlx::query_with(AssertSqlSafe(text), self.values));
        while let Some(result) = results.try_next().await? {
            match result {
                Either::Right(row) => rows.push(row),
                Either::Left(done) => {
                    between();
                    checks.next().unwrap_or_default().check(done.rows_affected())?;
                    sets.push(std::mem::take(&mut rows));
                }
            }
        }
        // The rows of `first` are none of the caller's.
        Ok(sets.split_off(first.len().min(sets.len())))
    }
}

/// Takes the values of a statement.
pub(super) struct Values<'a>(&'a mut Script);

impl Values<'_> {
    pub(super) fn bind<'v, T: Encode<'v, Db> + Type<Db>>(self, value: T) -> Self {
        if let Err(unfit) = self.0.values.add(value) {
            self.0.unfit.get_or_insert(unfit);
        }
        self
    }
}

/// Appends a statement, its placeholders renumbered after the `before` earlier values.
fn append(text: &mut String, statement: &str, before: usize) {
    let mut rest = statement;
    while let Some((head, tail)) = rest.split_once('$') {
        let digits = tail.find(|c: char| !c.is_ascii_digit()).unwrap_or(tail.len());
        let (number, tail) = tail.split_at(digits);
        text.push_str(head);
        // Writing to a string cannot fail.
        let _ = match number.parse::<usize>() {
            Ok(number) => write!(text, "${}", number + before),
            Err(_) => write!(text, "${number}"),
        };
        rest = tail;
    }
    text.push_str(rest);
    text.push_str(";\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::{Connection as _, Row as _};

    #[test]
    fn placeholders_count_on_behind_earlier_values() {
        let mut text = String::new();
        append(&mut text, "select $1, $2, $10, '$.path'", 0);
        append(&mut text, "select $1, $1, $12", 11);
        assert_eq!(text, "select $1, $2, $10, '$.path';\nselect $12, $12, $23;\n");
    }

    async fn memory() -> Conn {
        let mut conn = Conn::connect("sqlite::memory:").await.unwrap();
        sqlx::query("create table things (id integer primary key, name text)").execute(&mut conn).await.unwrap();
        conn
    }

    #[tokio::test]
    async fn statements_run_in_order_and_each_has_its_rows() {
        let (mut conn, mut script) = (memory().await, Script::default());
        script.add("insert into things values ($1, $2)", Expects::Anything).bind(1).bind("one");
        script.add("insert into things values ($1, $2)", Expects::New("thing")).bind(2).bind("two");
        script.add("select name from things where id > $1 order by id", Expects::Anything).bind(0);
        let sets = script.run(&["begin", "savepoint txn"], &mut conn, || {}).await.unwrap();
        let names: Vec<Vec<String>> = sets.iter().map(|set| set.iter().map(|row| row.get(0)).collect()).collect();
        assert_eq!(names, [vec![], vec![], vec!["one".to_owned(), "two".to_owned()]]);
        sqlx::query("commit").execute(&mut conn).await.unwrap();
    }

    #[tokio::test]
    async fn a_statement_without_its_effect_fails() {
        let (mut conn, mut script) = (memory().await, Script::default());
        script.add("insert into things values ($1, 'first')", Expects::New("thing")).bind(7);
        script.add("insert into things values ($1, 'second') on conflict do nothing", Expects::New("thing")).bind(7);
        assert!(matches!(script.run(&[], &mut conn, || {}).await, Err(StoreError::Exists("thing"))));
        let mut script = Script::default();
        script.add("update things set name = 'x' where id = $1", Expects::Present("a thing is gone")).bind(8);
        assert!(matches!(script.run(&[], &mut conn, || {}).await, Err(StoreError::Broken(_))));
    }
}
