//! The task panel: quick add, filters, and the list of tasks.

mod conflict;
mod draft;
mod editor;
mod focus;
mod list;
mod meta;
mod panel;
mod quick_add;
mod rank;
mod row;
mod sections;

pub(crate) use conflict::EditConflict;
pub(crate) use meta::recurrence_text;
pub(crate) use panel::TaskPanel;
pub(crate) use quick_add::{Chip, QuickPreview};
pub(crate) use sections::TaskFilter;

use crate::state::ptr_eq::PtrEq;
use tandem_protocol::{
    id::TaskId,
    rest::{NewTask, TaskPatch},
};
use yew::AttrValue;

/// What a person can do with tasks.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TaskAction {
    /// The text of the quick add field changed; the parent parses it and passes the chips back.
    Type(String),
    /// These words, which were understood, stay in the title.
    Keep(Vec<String>),
    /// Add the task that this line describes.
    Add(String),
    Complete(TaskId),
    Reopen(TaskId),
    Delete(TaskId),
    /// Change fields, including the position in the list.
    Update(TaskId, TaskPatch),
    /// Add a task with these fields, in place of one that was deleted while it was edited.
    Create(NewTask),
    /// The fields of the editor have changed, to this stored form; empty when nothing is to be kept.
    Draft(TaskId, String),
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
    /// Who has changed the task last, in the same words, however long ago.
    pub last_by: Option<AttrValue>,
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
    /// The note of a task; an empty one if there is none.
    fn of(&self, id: TaskId) -> TaskNote {
        let note = self.0.iter().flat_map(|notes| notes.iter()).find(|(task, _)| *task == id);
        note.map(|(_, note)| note.clone()).unwrap_or_default()
    }
}
