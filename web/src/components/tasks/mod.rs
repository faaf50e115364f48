//! The task panel: quick add, filters, and the list of tasks.

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
use tandem_protocol::{id::TaskId, rest::TaskPatch};
use yew::AttrValue;

/// What a person can do with tasks.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    not(target_arch = "wasm32"),
    expect(
        clippy::large_enum_variant,
        reason = "one is made for each act of a person; pointers are wider on the host"
    )
)]
pub(crate) enum TaskAction {
    /// The text of the quick add field changed; the parent parses it and passes the chips back.
    Type(String),
    /// Add the task that this line describes.
    Add(String),
    Complete(TaskId),
    Reopen(TaskId),
    Delete(TaskId),
    /// Change fields, including the position in the list.
    Update(TaskId, TaskPatch),
    Show(TaskFilter),
    /// Load older completed tasks.
    MoreDone,
    /// Close the panel that overlays the page.
    Close,
}

/// A note beside a task.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TaskNote {
    /// Who has just changed the task, other than the person on this device: `by Assistant`, `on Ann's phone`. The row
    /// is tinted as long as the note is there.
    pub by: Option<AttrValue>,
    /// Whether a change of the task waits for the connection.
    pub waiting: bool,
}

/// The notes by task. Equal only to itself: every change needs a new collection.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct TaskNotes(Option<PtrEq<Vec<(TaskId, TaskNote)>>>);

impl FromIterator<(TaskId, TaskNote)> for TaskNotes {
    fn from_iter<I: IntoIterator<Item = (TaskId, TaskNote)>>(notes: I) -> Self {
        Self(Some(PtrEq::new(notes.into_iter().collect())))
    }
}

impl TaskNotes {
    fn of(&self, id: TaskId) -> TaskNote {
        let note = self.0.iter().flat_map(|notes| notes.iter()).find(|(task, _)| *task == id);
        note.map(|(_, note)| note.clone()).unwrap_or_default()
    }
}
