//! `tandem config show|check`.

use crate::config::{Config, SETTINGS, Sources};
use clap::Subcommand;

/// What to do with the settings.
#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// List every setting, its value and where that comes from. Secrets are not shown.
    Show,
    /// Check the settings as the start of the server does.
    Check,
}

impl ConfigCommand {
    pub(super) fn run(&self, sources: &Sources) -> anyhow::Result<()> {
        match self {
            Self::Show => print!("{}", table(sources)),
            Self::Check => {
                Config::load(sources)?;
                println!("The settings are good.");
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
        lines += &format!("{:<24}  {:<44}  {:<12}  {}\n", setting.variable, shown, origin, setting.about);
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
