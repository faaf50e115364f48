//! The commands `tandem migrate up`, `down` and `status`.

use crate::{app, config::Config};
use clap::Subcommand;
use tandem_store::MigrationStatus;

#[derive(Debug, Subcommand)]
pub(super) enum Migrate {
    /// Apply all missing migrations.
    Up,
    /// Revert migrations: the last one, or all after the number `--to`.
    Down {
        /// The number of the last migration that stays; 0 removes all tables.
        #[arg(long)]
        to: Option<i64>,
    },
    /// List the migrations and whether they were applied. Fails if one is missing.
    Status,
}

impl Migrate {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<()> {
        let database = app::open_migrations(config).await?;
        match self {
            Self::Up => database.migrate_up().await?,
            Self::Down { to } => {
                let applied = database.migration_status().await?.iter().filter(|step| step.applied).count();
                // Migrations are numbered from 1, so that the number of applied ones is that of the last.
                let last = i64::try_from(applied)? - 1;
                database.migrate_down(to.unwrap_or(last.max(0))).await?;
            }
            Self::Status => {}
        }
        let steps = database.migration_status().await?;
        println!("{}", table(&steps));
        let missing = steps.iter().any(|step| !step.applied);
        anyhow::ensure!(
            !(missing && matches!(self, Self::Status)),
            "the schema is not up to date: run `tandem migrate up`"
        );
        Ok(())
    }
}

fn table(steps: &[MigrationStatus]) -> String {
    let line = |step: &MigrationStatus| {
        format!("{:04}  {:<24}  {}", step.number, step.name, if step.applied { "applied" } else { "missing" })
    };
    steps.iter().map(line).collect::<Vec<_>>().join("\n")
}
