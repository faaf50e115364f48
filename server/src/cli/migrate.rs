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
                let steps = database.migration_status().await?;
                // All after the last but one. Numbers need not follow each other.
                let last_but_one = steps.iter().filter(|step| step.applied).nth_back(1).map_or(0, |step| step.number);
                database.migrate_down(to.unwrap_or(last_but_one)).await?;
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
