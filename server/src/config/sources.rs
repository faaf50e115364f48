//! The sources of settings: the file, the environment and flags.

use super::{ConfigError, SETTINGS, Setting, wrong};
use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::Path,
};

/// The file that is read if it exists.
const FILE: &str = "tandem.toml";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Default,
    File,
    Environment,
    Flag,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Default => "default",
            Self::File => FILE,
            Self::Environment => "environment",
            Self::Flag => "flag",
        })
    }
}

/// All values that were set, with their sources.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources {
    values: HashMap<&'static str, (String, Origin)>,
}

impl Sources {
    /// Reads `tandem.toml` in `folder` if it exists, then the given environment, then the flags.
    pub(crate) fn read(
        folder: &Path,
        environment: impl IntoIterator<Item = (String, String)>,
        flags: &BTreeMap<&'static str, String>,
    ) -> Result<Self, ConfigError> {
        let mut sources = Self::default();
        let path = folder.join(FILE);
        if path.exists() {
            sources.take_file(&path)?;
        }
        sources.take_environment(environment)?;
        for (variable, value) in flags {
            sources.values.insert(variable, (value.clone(), Origin::Flag));
        }
        Ok(sources)
    }

    /// The value of a setting, or its default.
    pub(crate) fn text(&self, variable: &str) -> String {
        self.with_origin(variable).0
    }

    /// The value of a setting, or `None` if it is empty.
    pub(crate) fn optional(&self, variable: &str) -> Option<String> {
        Some(self.text(variable)).filter(|text| !text.is_empty())
    }

    /// The value of a setting, or its default if it is empty, as compose files pass on what is not set.
    pub(crate) fn or_default(&self, variable: &str) -> (String, Origin) {
        let (value, origin) = self.with_origin(variable);
        if value.is_empty() { (default_of(variable), Origin::Default) } else { (value, origin) }
    }

    pub(crate) fn with_origin(&self, variable: &str) -> (String, Origin) {
        self.values.get(variable).cloned().unwrap_or_else(|| (default_of(variable), Origin::Default))
    }

    fn take_file(&mut self, path: &Path) -> Result<(), ConfigError> {
        let text = read(path)?;
        let wrong = |message: String| ConfigError::Toml { path: path.to_owned(), message };
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| wrong(error.to_string()))?;
        for (key, value) in table {
            let setting = SETTINGS.iter().find(|setting| setting.key() == key);
            let setting = setting.ok_or_else(|| wrong(format!("there is no setting {key}")))?;
            let text = match value {
                toml::Value::String(text) => text,
                toml::Value::Integer(number) => number.to_string(),
                _ => return Err(wrong(format!("{key}: expected text or a number"))),
            };
            self.values.insert(setting.variable, (text, Origin::File));
        }
        Ok(())
    }

    /// Takes the values of the environment. `NAME_FILE` is the path of a file with the value of `NAME`, as container
    /// platforms provide secrets. An empty `NAME` beside it, as compose files pass on what is not set, does not count.
    fn take_environment(&mut self, environment: impl IntoIterator<Item = (String, String)>) -> Result<(), ConfigError> {
        let environment: HashMap<String, String> = environment.into_iter().collect();
        // By the list of settings and not by the environment, where other programs have variables, too.
        for Setting { variable, .. } in SETTINGS {
            let file = environment.get(&format!("{variable}_FILE")).filter(|path| !path.is_empty());
            let value = match (environment.get(*variable), file) {
                (Some(value), None) => value.clone(),
                (Some(value), Some(_)) if !value.is_empty() => value.clone(),
                (_, Some(path)) => secret_file(variable, Path::new(path))?,
                (None, None) => continue,
            };
            self.values.insert(variable, (value, Origin::Environment));
        }
        Ok(())
    }
}

fn default_of(variable: &str) -> String {
    SETTINGS.iter().find(|setting| setting.variable == variable).map_or("", |known| known.default).to_owned()
}

/// The value in the file that `NAME_FILE` names.
fn secret_file(variable: &'static str, path: &Path) -> Result<String, ConfigError> {
    let text = fs::read_to_string(path).map_err(|source| ConfigError::SecretFile {
        variable,
        path: path.to_owned(),
        source,
    })?;
    // Editors end a file with a line break, and some begin it with a byte-order mark.
    let value = text.trim_start_matches('\u{feff}').trim();
    if value.is_empty() {
        let message =
            format!("the file {} is empty. Write the value into it, or unset {variable}_FILE", path.display());
        return Err(wrong(variable, message));
    }
    Ok(value.to_owned())
}

fn read(path: &Path) -> Result<String, ConfigError> {
    fs::read_to_string(path).map_err(|source| ConfigError::File { path: path.to_owned(), source })
}
