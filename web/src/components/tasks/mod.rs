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

pub(crate) use meta::recurrence_text;
pub(crate) use panel::TaskPanel;
pub(crate) use quick_add::Chip;
pub(crate) use sections::TaskFilter;

use crate::state::ptr_eq::PtrEq;
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
pub(crate) enum TaskAction {
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
pub(crate) struct TaskNote {
    /// Who just changed it, other than the person on this device: `by Assistant`, `by your phone`. The row is tinted
    /// while this is said, and flashes when it begins.
    pub by: Option<AttrValue>,
    /// A change of it waits for the connection.
    pub waiting: bool,
}

/// The notes of all rows. Equal when it is the same collection: make a new one at each change.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct TaskNotes(Option<PtrEq<Map<TaskId, TaskNote>>>);

impl FromIterator<(TaskId, TaskNote)> for TaskNotes {
    fn from_iter<I: IntoIterator<Item = (TaskId, TaskNote)>>(notes: I) -> Self {
        Self(Some(PtrEq::new(notes.into_iter().collect())))
    }
}

impl TaskNotes {
    fn of(&self, id: TaskId) -> TaskNote {
        self.0.as_ref().and_then(|notes| notes.get(&id)).cloned().unwrap_or_default()
    }
}
