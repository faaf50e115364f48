//! `tandem backup` and `tandem restore`.

use crate::{app, config::Config};
use clap::Args;
use std::path::PathBuf;

/// Where a copy goes.
#[derive(Debug, Args)]
pub(super) struct Backup {
    /// The file to write; one in the folder `backups` of the data folder when left out. It must not be there yet.
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
}

/// Where a copy is.
#[derive(Debug, Args)]
pub(super) struct Restore {
    /// The file that `tandem backup` has written.
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
        println!("Restored from {}. What was there before is in {}.", self.file.display(), aside.display());
        Ok(())
    }
}
