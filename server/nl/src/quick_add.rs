//! The line of the task panel: dates, recurrence, `#label`, `+list`, `!high` or `p1`.

use jiff::Zoned;

use crate::{Due, Priority, Recurrence};

/// What was understood of a line of the task panel.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct QuickAdd {
    /// What is left when everything understood is taken out; may be empty.
    pub title: String,
    /// When it is due.
    pub due: Option<Due>,
    /// How it repeats.
    pub recurrence: Option<Recurrence>,
    /// Labels, without the `#`.
    pub labels: Vec<String>,
    /// The list, without the `+`.
    pub list: Option<String>,
    /// How much it matters, when that was said.
    pub priority: Option<Priority>,
}

/// Reads a line of the task panel. Text in quotes is left alone.
pub fn quick_add(text: &str, _now: &Zoned) -> QuickAdd {
    QuickAdd { title: text.trim().to_owned(), ..QuickAdd::default() }
}
