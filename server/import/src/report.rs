//! What a run has done, for people and programs.

use crate::Options;
use serde::Serialize;
use tandem_domain::text;
use tandem_protocol::Timestamp;
use uuid::Uuid;

/// The version of the report's shape.
const VERSION: u32 = 1;

/// What a run has done. It names rows by their ids, and holds nothing that users write.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    pub version: u32,
    /// The id of the run, by which it is taken back.
    pub id: Uuid,
    pub dry_run: bool,
    /// Host and database that were read.
    pub source: String,
    pub started_at: Timestamp,
    pub tables: Vec<Table>,
    /// Accounts that have no password here: their users need a link to set one.
    pub without_password: Vec<String>,
    /// The rows that were left out.
    pub left_out: Vec<LeftOut>,
    /// The rows of which something is not as it was there.
    pub changed: Vec<LeftOut>,
}

/// What became of the rows of a table. `rows` is the sum of the other three.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Table {
    pub table: String,
    pub rows: u64,
    /// Rows that were added, or would be without `dry_run`.
    pub imported: u64,
    /// Rows that were here before.
    pub present: u64,
    pub left_out: u64,
}

/// A row that was left out, or a part of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    pub table: String,
    pub id: String,
    pub reason: String,
}

/// What of a row could not be kept as it was.
#[derive(Debug, Default)]
pub(crate) struct Changes(Vec<&'static str>);

impl Changes {
    /// Notes that a value was there and is not kept.
    pub(crate) fn lost(&mut self, reason: &'static str) {
        self.0.push(reason);
    }

    /// A line of the row. One that cannot be kept as it is becomes what fits, and that is noted.
    pub(crate) fn line(&mut self, given: Option<String>, max: usize, reason: &'static str) -> Option<String> {
        let given = given.filter(|given| !given.trim().is_empty())?;
        text::line("", &given, max).ok().or_else(|| {
            self.lost(reason);
            text::fitted(&given, max)
        })
    }
}

/// What becomes of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Imported,
    Present,
    LeftOut(String),
}

impl Fate {
    pub(crate) fn left_out(reason: impl Into<String>) -> Self {
        Self::LeftOut(reason.into())
    }
}

impl Report {
    pub(crate) fn begin(options: &Options, source: &str) -> Self {
        Self {
            version: VERSION,
            id: options.run,
            dry_run: options.dry_run,
            source: source.to_owned(),
            started_at: options.now,
            tables: Vec::new(),
            without_password: Vec::new(),
            left_out: Vec::new(),
            changed: Vec::new(),
        }
    }

    /// Lists what of a row is not as it was there.
    pub(crate) fn change(&mut self, table: &str, id: &str, reasons: Changes) {
        let listed = |reason: &str| LeftOut { table: table.to_owned(), id: id.to_owned(), reason: reason.to_owned() };
        self.changed.extend(reasons.0.into_iter().map(listed));
    }

    /// Counts a row of a table by its fate.
    pub(crate) fn count(&mut self, table: &str, id: &str, fate: Fate) {
        let counted = self.table(table);
        counted.rows += 1;
        match fate {
            Fate::Imported => counted.imported += 1,
            Fate::Present => counted.present += 1,
            Fate::LeftOut(reason) => {
                counted.left_out += 1;
                self.left_out.push(LeftOut { table: table.to_owned(), id: id.to_owned(), reason });
            }
        }
    }

    /// The counts of a table, which is listed from now on.
    pub(crate) fn table(&mut self, table: &str) -> &mut Table {
        let index = self.tables.iter().position(|known| known.table == table).unwrap_or_else(|| {
            self.tables.push(Table { table: table.to_owned(), ..Table::default() });
            self.tables.len() - 1
        });
        &mut self.tables[index]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_counted_once() {
        let now = Timestamp::from_millis(0);
        let options =
            Options { from: String::new(), dry_run: true, time_zone: jiff::tz::TimeZone::UTC, run: Uuid::nil(), now };
        let mut report = Report::begin(&options, "db/tasks");
        for fate in [Fate::Imported, Fate::Present, Fate::left_out("no title"), Fate::Imported] {
            report.count("tasks", "7", fate);
        }
        let expected = Table { table: "tasks".into(), rows: 4, imported: 2, present: 1, left_out: 1 };
        assert_eq!(report.tables, [expected]);
        assert_eq!((report.left_out.len(), report.left_out[0].reason.as_str()), (1, "no title"));
    }
}
