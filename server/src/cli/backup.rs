//! The commands `tandem backup` and `tandem restore`.

use crate::{app, config::Config};
use clap::Args;
use std::path::PathBuf;
use tandem_store::{Ended, Restored};

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
    /// Lets in whoever the copy lets in: for a move to another machine, when nothing was ended since the copy.
    #[arg(long)]
    keep_access: bool,
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
        let Restored { aside, ended } = app::restore(config, &self.file, self.keep_access).await?;
        if let Err(error) = app::offline::record_restore(config).await {
            // A copy of an older version has no record yet.
            eprintln!("The restore is not in the record of accounts: {error:#}");
        }
        println!("Restored from {}. The old database is in {}.", self.file.display(), aside.display());
        if let Some(ended) = ended {
            print!("{}", said(&ended));
        }
        Ok(())
    }
}

/// What the operator has to know about what does not admit anybody any more.
fn said(ended: &Ended) -> String {
    let counts = [
        (ended.sessions, "session"),
        (ended.tokens, "personal token"),
        (ended.feeds, "calendar feed"),
        (ended.invitations, "invitation"),
    ];
    let counted = counts.iter().filter(|(count, _)| *count > 0);
    let counted: Vec<_> =
        counted.map(|(count, what)| format!("{count} {what}{}", if *count == 1 { "" } else { "s" })).collect();
    let counted = counted.join(", ");
    let what_ended = match (counted.is_empty(), ended.compared) {
        (true, _) => String::new(),
        (false, true) => format!("What was ended after the copy stays ended: {counted}.\n"),
        (false, false) => format!(
            "There was no database that shows what was ended after the copy, so everybody has to sign in again, and ended are: \
             {counted}. If nothing was, restore it once more with --keep-access.\n"
        ),
    };
    if ended.returned.is_empty() {
        return what_ended;
    }
    let who = ended.returned.join(", ");
    format!("{what_ended}These accounts are back, which were deleted after the copy: {who}.\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restore_names_what_it_has_ended_and_who_is_back() {
        let ended =
            Ended { compared: true, tokens: 1, feeds: 2, returned: vec!["ann@example.org".into()], ..Ended::default() };
        assert_eq!(
            said(&ended),
            "What was ended after the copy stays ended: 1 personal token, 2 calendar feeds.\n\
             These accounts are back, which were deleted after the copy: ann@example.org.\n"
        );
        assert_eq!(said(&Ended { compared: true, ..Ended::default() }), "");
        assert!(said(&Ended { sessions: 1, ..Ended::default() }).contains("everybody has to sign in again"));
    }
}
