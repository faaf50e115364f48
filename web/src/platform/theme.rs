//! Light, dark, or as the system has it: kept per browser, because it is the screen's and not the account's.

use super::{storage, window::document};

const KEY: &str = "tandem.theme";

/// What the person chose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the system has it.
    #[default]
    System,
    /// Light, whatever the system says.
    Light,
    /// Dark, whatever the system says.
    Dark,
}

impl Theme {
    /// What was chosen in this browser.
    #[must_use]
    pub fn chosen() -> Self {
        match storage::get(KEY).as_deref() {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::System,
        }
    }

    /// Shows the page so.
    pub fn apply(self) {
        let Some(root) = document().document_element() else { return };
        // Setting an attribute of a fixed, valid name does not fail.
        let _ = match self {
            Self::System => root.remove_attribute("data-theme"),
            Self::Light => root.set_attribute("data-theme", "light"),
            Self::Dark => root.set_attribute("data-theme", "dark"),
        };
    }

    /// Shows the page so, now and after a reload.
    pub fn choose(self) {
        match self {
            Self::System => storage::remove(KEY),
            Self::Light => drop(storage::set(KEY, "light")),
            Self::Dark => drop(storage::set(KEY, "dark")),
        }
        self.apply();
    }

    /// Whether the page is dark now.
    #[must_use]
    pub fn is_dark(self) -> bool {
        match self {
            Self::System => super::window::matches("(prefers-color-scheme: dark)"),
            Self::Light => false,
            Self::Dark => true,
        }
    }
}
