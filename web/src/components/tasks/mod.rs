//! The task panel: quick add, filters, the list of tasks, and the details of one.

mod change;
mod conflict;
mod dates;
mod detail;
mod draft;
mod editor;
mod focus;
mod list;
mod list_events;
mod meta;
mod month;
mod moves;
mod panel;
mod quick_add;
pub(crate) mod reminder_words;
mod row;
mod samples;
mod sections;
mod selection;
mod subtasks;
mod swipe;
mod week;
mod window;

pub(crate) use change::{Bulk, patch_of, whole_tasks};
pub(crate) use conflict::EditConflict;
pub(crate) use dates::DateDialog;
pub(crate) use detail::{TaskDetail, TaskEvent};
pub(crate) use editor::TaskEditor;
pub(crate) use meta::recurrence_text;
pub(crate) use panel::{TaskPanel, list_names};
pub(crate) use quick_add::{Chip, QuickAdd, QuickPreview};
pub(crate) use sections::{Place, TaskFilter, TaskQuery, counts, parts_of, sections};

use crate::state::{drafts::DraftKey, ptr_eq::PtrEq};
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
    /// Change fields, including the place in the list.
    Update(TaskId, TaskPatch),
    /// The same change of several tasks, which one undo takes back.
    Change(Vec<TaskId>, Bulk),
    /// Delete all tasks with a label, done ones too, which one undo takes back.
    DeleteLabelled(&'static str),
    /// Add a task with these fields.
    Create(NewTask),
    /// The text of a field has changed; empty when nothing is to be kept.
    Draft(DraftKey, String),
    /// Open the editor of a task, or close it.
    Edit(Option<TaskId>),
    /// Show the details of a task, or no details.
    Open(Option<TaskId>),
    /// Open the field for subtasks of a task, or close it.
    Part(Option<TaskId>),
    /// Select a task, or no longer.
    Select(TaskId),
    ClearSelection,
    /// Ask for a day for these tasks.
    AskDay(Vec<TaskId>),
    /// Lead to a task in the list that is shown.
    Seek(TaskId),
    Show(TaskFilter),
    Narrow(TaskQuery),
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
    pub(crate) fn of(&self, id: TaskId) -> TaskNote {
        let note = self.0.iter().flat_map(|notes| notes.iter()).find(|(task, _)| *task == id);
        note.map(|(_, note)| note.clone()).unwrap_or_default()
    }
}
