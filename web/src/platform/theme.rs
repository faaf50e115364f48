//! The choice of light or dark colours. It is stored per browser, because it depends on the screen and not on the
//! account.

use super::{storage, window::document};

const KEY: &str = "tandem.theme";

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Theme {
    /// Follows the setting of the system.
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    /// All choices, in the order in which they are offered.
    pub(crate) const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// The value of `data-theme` on the root element, and of the stored setting.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The stored choice of this browser.
    pub(crate) fn chosen() -> Self {
        let stored = storage::get(KEY);
        Self::ALL.into_iter().find(|theme| Some(theme.as_str()) == stored.as_deref()).unwrap_or_default()
    }

    /// Applies the choice to the page.
    pub(crate) fn apply(self) {
        let Some(root) = document().document_element() else { return };
        // Setting an attribute with a valid name does not fail.
        let _ = match self {
            Self::System => root.remove_attribute("data-theme"),
            Self::Light | Self::Dark => root.set_attribute("data-theme", self.as_str()),
        };
    }

    /// Stores the choice and applies it.
    pub(crate) fn choose(self) {
        match self {
            // No stored choice means to follow the system.
            Self::System => storage::remove(KEY),
            Self::Light | Self::Dark => drop(storage::set(KEY, self.as_str())),
        }
        self.apply();
    }

    /// Whether the page is dark with this choice.
    pub(crate) fn is_dark(self) -> bool {
        match self {
            Self::System => super::window::matches("(prefers-color-scheme: dark)"),
            Self::Light => false,
            Self::Dark => true,
        }
    }
}
