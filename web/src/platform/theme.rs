//! Light, dark, or as the system has it: kept per browser, because it is the screen's and not the account's.

use super::{storage, window::document};

const KEY: &str = "tandem.theme";

/// What the person chose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Theme {
    /// As the system has it.
    #[default]
    System,
    /// Light, whatever the system says.
    Light,
    /// Dark, whatever the system says.
    Dark,
}

impl Theme {
    /// Every choice, in the order in which they are offered.
    pub(crate) const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// The value of `data-theme` on the root element, and of the stored setting.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// What was chosen in this browser.
    pub(crate) fn chosen() -> Self {
        let stored = storage::get(KEY);
        Self::ALL.into_iter().find(|theme| Some(theme.as_str()) == stored.as_deref()).unwrap_or_default()
    }

    /// Shows the page so.
    pub(crate) fn apply(self) {
        let Some(root) = document().document_element() else { return };
        // Setting an attribute of a fixed, valid name does not fail.
        let _ = match self {
            Self::System => root.remove_attribute("data-theme"),
            Self::Light | Self::Dark => root.set_attribute("data-theme", self.as_str()),
        };
    }

    /// Shows the page so, now and after a reload.
    pub(crate) fn choose(self) {
        match self {
            Self::System => storage::remove(KEY),
            Self::Light | Self::Dark => drop(storage::set(KEY, self.as_str())),
        }
        self.apply();
    }

    /// Whether the page is dark now.
    pub(crate) fn is_dark(self) -> bool {
        match self {
            Self::System => super::window::matches("(prefers-color-scheme: dark)"),
            Self::Light => false,
            Self::Dark => true,
        }
    }
}
