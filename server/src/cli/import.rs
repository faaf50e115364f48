//! The command `tandem import`, with the server running or not.

use super::output::{self, Table};
use crate::{app::offline, config::Config};
use anyhow::Context as _;
use clap::Args;
use std::{
    collections::HashMap,
    io::{IsTerminal as _, Write as _},
    path::PathBuf,
};
use tandem_domain::{clock::Env, zone};
use tandem_import::{LeftOut, Options, Report};
use tandem_protocol::enums::AuditAction;
use uuid::Uuid;

/// The address of the other database, which has a password: not on the command line, where others could read it.
const SOURCE: &str = "TANDEM_IMPORT_FROM";

/// Reasons for rows that were left out, and ids of rows for each, that are shown; the report has all of them.
const REASONS: usize = 20;
const IDS: usize = 3;

#[derive(Debug, Args)]
pub(super) struct Import {
    /// The PostgreSQL database to read, `postgres://…`; by default the variable `TANDEM_IMPORT_FROM`.
    #[arg(long, value_name = "URL", conflicts_with = "undo")]
    from: Option<String>,
    /// Only report what would be imported.
    #[arg(long, conflicts_with = "undo")]
    dry_run: bool,
    /// In which zone times are meant that name none, such as `Europe/Berlin`.
    #[arg(long, value_name = "ZONE", default_value = "UTC", conflicts_with = "undo")]
    source_tz: String,
    /// Write the report here; `import-report-ID.json` by default.
    #[arg(long, value_name = "FILE", conflicts_with = "undo")]
    report: Option<PathBuf>,
    /// Take back what the run with this id has added.
    #[arg(long, value_name = "ID")]
    undo: Option<Uuid>,
}

impl Import {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<()> {
        match self.undo {
            Some(run) => undo(config, run).await,
            None => self.import(config).await,
        }
    }

    async fn import(self, config: &Config) -> anyhow::Result<()> {
        let from = self.from.or_else(|| std::env::var(SOURCE).ok());
        let from = from.with_context(|| format!("which database? Give its address with --from, or in {SOURCE}"))?;
        let zone = &self.source_tz;
        let env = Env::system();
        let options = Options {
            from: postgres(from)?,
            dry_run: self.dry_run,
            time_zone: zone::time_zone("source-tz", zone)
                .map_err(|_| anyhow::anyhow!("--source-tz: there is no time zone {zone}"))?,
            run: env.id(),
            now: env.now(),
        };
        let file = self.report.unwrap_or_else(|| format!("import-report-{}.json", options.run).into());
        let store = offline::open_store(config, offline::PATIENCE).await?;
        // Before the import: what is wrong with it is better known before all rows are here.
        let services = offline::open(config).await?;
        let mut progress = Progress::default();
        let done =
            tandem_import::run(store.as_ref(), &options, &mut |table, rows, all| progress.show(table, rows, all)).await;
        progress.end();
        let report = match done {
            Ok(report) => report,
            Err(error) => {
                let begun = store.imported(options.run).await.is_ok_and(|imported| imported.is_some());
                return Err(error).context(broken_off(&options, begun));
            }
        };
        if !options.dry_run {
            services.record_operation(AuditAction::Import, Some(options.run.to_string())).await?;
        }
        // Before the file, which may be one that cannot be written: the rows are here, and the id of the run is needed.
        print!("{}", summary(&report));
        std::fs::write(&file, serde_json::to_string_pretty(&report)?)
            .with_context(|| format!("the report {} cannot be written", file.display()))?;
        println!("\nThe report {} names every row that was left out or changed.", file.display());
        Ok(())
    }
}

/// What to do after a run that failed.
fn broken_off(options: &Options, begun: bool) -> String {
    if !begun {
        return "nothing was imported".into();
    }
    let run = options.run;
    format!(
        "the import broke off. What it has added stays; import again to add the rest, or take it back with \
         `tandem import --undo {run}`"
    )
}

/// The address, if it is one of PostgreSQL.
fn postgres(from: String) -> anyhow::Result<String> {
    let schemes = ["postgres://", "postgresql://"];
    // Without the address in the text: it has a password.
    anyhow::ensure!(
        schemes.iter().any(|scheme| from.starts_with(scheme)),
        "--from: expected the address of a PostgreSQL database, postgres://user:password@host/database"
    );
    Ok(from)
}

/// What a person reads at the end: the counts, the reasons, and what to do next.
fn summary(report: &Report) -> String {
    let mut table = Table::new(&["TABLE", "ROWS", "IMPORTED", "WERE HERE", "LEFT OUT"]);
    for counted in &report.tables {
        let numbers =
            [counted.rows, counted.imported, counted.present, counted.left_out].map(|number| number.to_string());
        let [rows, imported, present, left_out] = numbers;
        table.row([counted.table.clone(), rows, imported, present, left_out]);
    }
    let without_password = report.without_password.first().map_or_else(String::new, |first| {
        let (count, first) = (report.without_password.len(), output::plain(first));
        let have = if count == 1 { "account has" } else { "accounts have" };
        format!(
            "\n{count} {have} no password, such as that of {first}. `tandem user reset-link {first}` makes a link to set one.\n"
        )
    });
    let end = if report.dry_run {
        "This was a dry run: nothing was written. Without --dry-run the rows are imported.".to_owned()
    } else {
        format!("Import {}. `tandem import --undo {}` takes it back.", report.id, report.id)
    };
    let left_out = reasons("LEFT OUT OF", &report.left_out);
    let changed = reasons("CHANGED IN", &report.changed);
    format!("{table}{left_out}{changed}{without_password}\n{end}\n")
}

/// Why rows were left out or changed: how many for each reason, and which, as far as they fit.
fn reasons(heading: &'static str, rows: &[LeftOut]) -> String {
    let mut reasons: Vec<(&str, &str, Vec<&str>)> = Vec::new();
    let mut places = HashMap::new();
    for row in rows {
        let (table, reason) = (row.table.as_str(), row.reason.as_str());
        let place = *places.entry((table, reason)).or_insert_with(|| {
            reasons.push((table, reason, Vec::new()));
            reasons.len() - 1
        });
        reasons[place].2.push(&row.id);
    }
    if reasons.is_empty() {
        return String::new();
    }
    let mut table = Table::new(&[heading, "ROWS", "REASON", "IDS"]);
    for (name, reason, ids) in reasons.iter().take(REASONS) {
        let more = if ids.len() > IDS { ", …" } else { "" };
        let shown = ids.iter().take(IDS).copied().collect::<Vec<_>>().join(", ");
        table.row([(*name).to_owned(), ids.len().to_string(), (*reason).to_owned(), format!("{shown}{more}")]);
    }
    let more = reasons.len().saturating_sub(REASONS);
    if more > 0 { format!("\n{table}… and {more} more reasons\n") } else { format!("\n{table}") }
}

async fn undo(config: &Config, run: Uuid) -> anyhow::Result<()> {
    let store = offline::open_store(config, offline::PATIENCE).await?;
    let undone = tandem_import::undo(store.as_ref(), run, Env::system().now()).await?;
    offline::open(config).await?.record_operation(AuditAction::Import, Some(format!("{run} taken back"))).await?;
    println!(
        "Import {run} is taken back: {} accounts are deleted, and {} tasks and {} conversations of others.",
        undone.accounts, undone.tasks, undone.conversations
    );
    Ok(())
}

/// Shows on standard error how far the import is, in one line for each table.
#[derive(Default)]
struct Progress {
    last: (String, u64),
}

impl Progress {
    /// Steps of a bar.
    const STEPS: u64 = 20;

    fn show(&mut self, table: &str, rows: u64, all: u64) {
        // In a file each step would be another line.
        if !std::io::stderr().is_terminal() {
            return;
        }
        let step = rows * Self::STEPS / all.max(1);
        if self.last == (table.to_owned(), step) {
            return;
        }
        if self.last.0 != table {
            self.end();
        }
        self.last = (table.to_owned(), step);
        let done = "#".repeat(usize::try_from(step.min(Self::STEPS)).unwrap_or(0));
        // A bar of progress that cannot be shown stops nothing.
        let _ = write!(std::io::stderr(), "\r{table:<16} [{done:<20}] {rows} of {all}");
    }

    fn end(&mut self) {
        if !self.last.0.is_empty() {
            let _ = writeln!(std::io::stderr());
            self.last = Default::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tandem_import::Table as Counted;
    use tandem_protocol::Timestamp;

    #[test]
    fn a_summary_says_what_was_left_out_and_why() {
        let left_out = |id: &str, reason: &str| LeftOut { table: "tasks".into(), id: id.into(), reason: reason.into() };
        let mut rows: Vec<_> = (1..=5).map(|id| left_out(&id.to_string(), "its title is empty or too long")).collect();
        rows.push(left_out("9", "there is no user gh\u{1b}[2Jost"));
        let report = Report {
            version: 1,
            id: Uuid::nil(),
            dry_run: true,
            source: "db/tasks".into(),
            started_at: Timestamp::from_millis(0),
            tables: vec![Counted { table: "tasks".into(), rows: 8, imported: 2, present: 0, left_out: 6 }],
            without_password: vec!["dan@example.org".into()],
            left_out: rows,
            changed: vec![LeftOut { table: "user".into(), id: "u1".into(), reason: "its name was shortened".into() }],
        };
        let text = summary(&report);
        for line in [
            "TABLE  ROWS  IMPORTED  WERE HERE  LEFT OUT",
            "tasks  8     2         0          6",
            "LEFT OUT OF  ROWS  REASON                          IDS",
            "tasks        5     its title is empty or too long  1, 2, 3, …",
            "tasks        1     there is no user gh [2Jost      9",
            "CHANGED IN  ROWS  REASON                  IDS",
            "user        1     its name was shortened  u1",
            "1 account has no password, such as that of dan@example.org. `tandem user reset-link dan@example.org` makes a \
             link to set one.",
        ] {
            assert!(text.lines().any(|shown| shown == line), "{line}\n{text}");
        }
        let many = Report { left_out: (0..30).map(|id| left_out("1", &format!("reason {id}"))).collect(), ..report };
        assert!(summary(&many).contains("… and 10 more reasons"));
    }

    #[test]
    fn an_address_of_another_database_is_refused_without_its_password() {
        let refused = postgres("mysql://ann:secret@db/tasks".into()).unwrap_err().to_string();
        assert!(refused.contains("postgres://") && !refused.contains("secret"), "{refused}");
        assert!(postgres("postgresql://ann:secret@db/tasks".into()).is_ok());
    }
}
