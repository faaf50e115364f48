//! The task panel: quick add, filters, and the one list of tasks.

mod draft;
mod editor;
mod list;
mod meta;
mod panel;
mod quick_add;
mod rank;
mod row;
mod sections;

pub use editor::{TaskEditor, TaskEditorProps};
pub use list::{TaskList, TaskListProps};
pub use meta::recurrence_words;
pub use panel::{TaskPanel, TaskPanelProps};
pub use quick_add::{Chip, QuickAdd, QuickAddProps};
pub use sections::{Counts, TaskFilter, TaskQuery, counts};

use std::rc::Rc;
use tandem_protocol::{id::TaskId, map::Map, rest::TaskPatch};
use yew::AttrValue;

/// What a person does with tasks.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    not(target_arch = "wasm32"),
    expect(
        clippy::large_enum_variant,
        reason = "one is made for each act of a person; pointers are wider on the host"
    )
)]
pub enum TaskAction {
    /// The text of the quick add is this now: read it and hand the chips back.
    Type(String),
    /// Add what this line says.
    Add(String),
    Complete(TaskId),
    /// Mark as open again.
    Reopen(TaskId),
    Delete(TaskId),
    /// Change fields. A new place in the order comes this way too.
    Update(TaskId, TaskPatch),
    Show(TaskFilter),
    /// Load more of the tasks that are done.
    MoreDone,
    /// Close the panel, where it lies over the page.
    Close,
}

/// What is said of a row beside its task.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskNote {
    /// Who just changed it, other than the person on this device: `by Assistant`, `by your phone`. The row is tinted
    /// while this is said, and flashes when it begins.
    pub by: Option<AttrValue>,
    /// A change of it waits for the connection.
    pub waiting: bool,
}

/// The notes of all rows. Equal when it is the same collection: make a new one at each change.
#[derive(Clone, Debug, Default)]
pub struct TaskNotes(Option<Rc<Map<TaskId, TaskNote>>>);

impl PartialEq for TaskNotes {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(mine), Some(theirs)) => Rc::ptr_eq(mine, theirs),
            (None, None) => true,
            _ => false,
        }
    }
}

impl FromIterator<(TaskId, TaskNote)> for TaskNotes {
    fn from_iter<I: IntoIterator<Item = (TaskId, TaskNote)>>(notes: I) -> Self {
        Self(Some(Rc::new(notes.into_iter().collect())))
    }
}

impl TaskNotes {
    fn of(&self, id: TaskId) -> TaskNote {
        self.0.as_ref().and_then(|notes| notes.get(&id)).cloned().unwrap_or_default()
    }
}
