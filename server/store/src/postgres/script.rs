//! Statements that are run one after the other. The protocol takes one at a time; what is gained is that nobody waits for
//! the first before the last is known.

use super::{Conn, Db, Row};
use crate::{Result, StoreError, shared::Expects};
use anyhow::anyhow;
use futures_util::TryStreamExt as _;
use sqlx::{Arguments as _, Either, Encode, Executor as _, Type, error::BoxDynError, postgres::PgArguments};

/// Statements in the order in which they are to be run, with their values.
#[derive(Default)]
pub(super) struct Script {
    steps: Vec<(&'static str, PgArguments, Expects)>,
    unfit: Option<BoxDynError>,
}

impl Script {
    /// Adds a statement; its values follow.
    pub(super) fn add(&mut self, statement: &'static str, expects: Expects) -> Values<'_> {
        self.steps.push((statement, PgArguments::default(), expects));
        Values(self)
    }

    /// Whether there is nothing to run.
    pub(super) fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Runs everything, and gives the rows of each statement. The first one that fails, or has not the effect that it was
    /// to have, decides; what ran before it stays until the transaction is rolled back.
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
