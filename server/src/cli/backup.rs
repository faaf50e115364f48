//! The commands `tandem backup` and `tandem restore`.

use crate::{app, config::Config};
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct Backup {
    /// The file to write, which must not exist yet. By default a file in the folder `backups` of the data folder.
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Restore {
    /// A file that `tandem backup` has written.
    file: PathBuf,
}

impl Backup {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<()> {
        let file = app::back_up(config, self.to).await?;
        println!("{}", file.display());
        Ok(())
    }
}

impl Restore {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<()> {
        let aside = app::restore(config, &self.file).await?;
        if let Err(error) = app::offline::record_restore(config).await {
            // A copy of an older version has no record yet.
            eprintln!("The restore is not in the record of accounts: {error:#}");
        }
        println!("Restored from {}. The old database is in {}.", self.file.display(), aside.display());
        Ok(())
    }
}
