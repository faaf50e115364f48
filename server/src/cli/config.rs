//! The commands `tandem config show` and `tandem config check`.

use crate::config::{Config, SETTINGS, Sources};
use clap::Subcommand;
use std::fmt::Write as _;

#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// List every setting with its value and the source of that. Secrets are hidden.
    Show,
    /// Check the settings like the start of the server.
    Check,
}

impl ConfigCommand {
    pub(super) fn run(&self, sources: &Sources) -> anyhow::Result<()> {
        match self {
            Self::Show => print!("{}", table(sources)),
            Self::Check => {
                Config::load(sources)?;
                println!("The settings are valid.");
            }
        }
        Ok(())
    }
}

fn table(sources: &Sources) -> String {
    let mut lines = String::new();
    for setting in SETTINGS {
        let (value, origin) = sources.with_origin(setting.variable);
        let shown = if setting.secret && !value.is_empty() { "(set)".to_owned() } else { value };
        // Writing to a `String` cannot fail.
        let _ = writeln!(lines, "{:<24}  {shown:<44}  {origin:<12}  {}", setting.variable, setting.about);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{collections::BTreeMap, path::Path};

    #[test]
    fn secrets_are_not_shown() {
        let environment = [("OPENAI_API_KEY".to_owned(), "sk-canary".to_owned())];
        let sources = Sources::read(Path::new("/nonexistent"), environment, &BTreeMap::new()).unwrap();
        let shown = table(&sources);
        assert!(shown.contains("OPENAI_API_KEY") && shown.contains("(set)") && !shown.contains("sk-canary"));
    }
}
