//! The role and accessible name of an element.

use std::fmt;

/// A role and an accessible name, optionally inside of another element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    pub(super) role: &'static str,
    pub(super) name: String,
    pub(super) exact: bool,
    pub(super) within: Option<Box<Named>>,
}

/// The element with this role and exactly this name.
#[must_use]
pub fn named(role: &'static str, name: impl Into<String>) -> Named {
    Named { role, name: name.into(), exact: true, within: None }
}

/// The elements with this role whose names start with this text; with an empty text, all with this role.
#[must_use]
pub fn starting(role: &'static str, name: impl Into<String>) -> Named {
    Named { role, name: name.into(), exact: false, within: None }
}

impl Named {
    /// Only inside of that element.
    #[must_use]
    pub fn within(self, outer: Named) -> Self {
        Self { within: Some(Box::new(outer)), ..self }
    }

    /// As the script in the page expects it: outermost first.
    pub(super) fn path(&self) -> Vec<serde_json::Value> {
        let mut path = self.within.as_ref().map(|outer| outer.path()).unwrap_or_default();
        path.push(serde_json::json!({ "role": self.role, "name": self.name, "exact": self.exact }));
        path
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}{}`", self.role, self.name, if self.exact { "" } else { "…" })?;
        match &self.within {
            Some(outer) => write!(f, " in {outer}"),
            None => Ok(()),
        }
    }
}
