//! Statements of a change, run one after the other.
//!
//! PostgreSQL's extended protocol takes one statement at a time, so they do not share a trip as on SQLite. They are
//! gathered all the same: then errors of writes come at the same places on both databases.

use super::{Conn, Db, Row};
use crate::{Result, StoreError, shared::Expects};
use anyhow::anyhow;
use futures_util::TryStreamExt as _;
use sqlx::{Arguments as _, Either, Encode, Executor as _, Type, error::BoxDynError, postgres::PgArguments};

/// Statements in the order in which they run, with their values.
#[derive(Default)]
pub(super) struct Script {
    steps: Vec<(&'static str, PgArguments, Expects)>,
    unfit: Option<BoxDynError>,
}

impl Script {
    /// Adds a statement; bind its values next.
    pub(super) fn add(&mut self, statement: &'static str, expects: Expects) -> Values<'_> {
        self.steps.push((statement, PgArguments::default(), expects));
        Values(self)
    }

    /// Whether there is nothing to run.
    pub(super) fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Runs everything, and returns the rows of each statement. The first statement that fails, or has not the required
    /// effect, ends it; what ran before stays until the transaction is rolled back.
    pub(super) async fn run(self, conn: &mut Conn) -> Result<Vec<Vec<Row>>> {
        if let Some(unfit) = self.unfit {
            return Err(StoreError::Broken(anyhow!(unfit)));
        }
        let mut sets = Vec::with_capacity(self.steps.len());
        for (statement, values, expects) in self.steps {
            let mut rows = Vec::new();
            let mut results = conn.fetch_many(sqlx::query_with(statement, values));
            while let Some(result) = results.try_next().await? {
                match result {
                    Either::Right(row) => rows.push(row),
                    Either::Left(done) => expects.check(done.rows_affected())?,
                }
            }
            sets.push(rows);
        }
        Ok(sets)
    }
}

/// Takes the values of a statement.
pub(super) struct Values<'a>(&'a mut Script);

impl Values<'_> {
    pub(super) fn bind<'v, T: Encode<'v, Db> + Type<Db>>(self, value: T) -> Self {
        if let Some((_, values, _)) = self.0.steps.last_mut()
            && let Err(unfit) = values.add(value)
        {
            self.0.unfit.get_or_insert(unfit);
        }
        self
    }
}
