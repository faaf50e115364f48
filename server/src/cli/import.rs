//! The command `tandem import`, with the server running or not.

use super::output::{self, Table};
use crate::{app::offline, config::Config};
use anyhow::Context as _;
use clap::Args;
use std::{io::Write as _, path::PathBuf};
use tandem_domain::{clock::Env, zone};
use tandem_import::{Options, Report};
use tandem_protocol::enums::AuditAction;
use uuid::Uuid;

/// The address of the other database, which has a password: not on the command line, where others could read it.
const SOURCE: &str = "TANDEM_IMPORT_FROM";

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
            from,
            dry_run: self.dry_run,
            time_zone: zone::time_zone("source-tz", zone)
                .map_err(|_| anyhow::anyhow!("--source-tz: there is no time zone {zone}"))?,
            run: env.id(),
            now: env.now(),
        };
        let file = self.report.unwrap_or_else(|| format!("import-report-{}.json", options.run).into());
        let store = offline::open_store(config, offline::PATIENCE).await?;
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
        std::fs::write(&file, serde_json::to_string_pretty(&report)?)
            .with_context(|| format!("the report {} cannot be written", file.display()))?;
        if !options.dry_run {
            offline::open(config).await?.record_operation(AuditAction::Import).await?;
        }
        show(&report);
        println!("\nThe report {} lists what was left out, and why.", file.display());
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

fn show(report: &Report) {
    let mut table = Table::new(&["TABLE", "ROWS", "IMPORTED", "WERE HERE", "LEFT OUT"]);
    for counted in &report.tables {
        let numbers =
            [counted.rows, counted.imported, counted.present, counted.left_out].map(|number| number.to_string());
        let [rows, imported, present, left_out] = numbers;
        table.row([counted.table.clone(), rows, imported, present, left_out]);
    }
    print!("{table}");
    if !report.without_password.is_empty() {
        println!(
            "\n{} of the accounts have no password, such as {}. `tandem user reset-link` makes a link to set one.",
            report.without_password.len(),
            output::plain(&report.without_password[0])
        );
    }
    if report.dry_run {
        println!("\nThis was a dry run: nothing was written. Without --dry-run the rows are imported.");
    } else {
        println!("\nImport {}. `tandem import --undo {}` takes it back.", report.id, report.id);
    }
}

async fn undo(config: &Config, run: Uuid) -> anyhow::Result<()> {
    let store = offline::open_store(config, offline::PATIENCE).await?;
    let undone = tandem_import::undo(store.as_ref(), run, Env::system().now()).await?;
    offline::open(config).await?.record_operation(AuditAction::Import).await?;
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
