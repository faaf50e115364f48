//! What a message can lead to: actions of the task tools, a question, or talk; and what the reader must know for it.

use jiff::Zoned;

use crate::{Due, Priority, Recurrence};

/// What the assistant knows of one of the user's tasks when it reads a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskRef {
    /// The id that actions carry.
    pub id: String,
    /// The number the user sees; never reused.
    pub number: i64,
    /// The title, as the user wrote it.
    pub title: String,
    /// Whether it is completed.
    pub done: bool,
    /// When it is due.
    pub due: Option<Due>,
    /// How much it matters.
    pub priority: Priority,
    /// The list it is on.
    pub list: Option<String>,
    /// Its labels.
    pub labels: Vec<String>,
    /// Whether it repeats.
    pub recurring: bool,
}

/// What a message is read against.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The present, in the user's zone.
    pub now: &'a Zoned,
    /// Open tasks and recently completed ones.
    pub tasks: &'a [TaskRef],
    /// Ids of the numbered list (or choices) last shown, in order.
    pub shown: &'a [String],
    /// Ids that the last acting turn changed.
    pub last_touched: &'a [String],
    /// The user's previous message, when the assistant answered it with a question.
    pub previous: Option<&'a str>,
}

/// What the assistant makes of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// Do these, in order. Never empty.
    Act(Vec<Action>),
    /// It is not clear which task is meant: ask, and do nothing yet.
    Ask {
        /// The question, one sentence.
        question: String,
        /// Ids of the tasks to choose from, at most five; empty when any task may be named.
        choices: Vec<String>,
    },
    /// Nothing to do, something to say.
    Say(Talk),
    /// Not understood: change nothing.
    Unknown {
        /// What the user could say instead, one sentence.
        hint: String,
    },
}

/// What is said when there is nothing to do; the caller puts it into words.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Talk {
    /// "Hello"
    Greeting,
    /// "Goodbye"
    Farewell,
    /// "Thanks"
    Thanks,
    /// "What can you do?"
    Help,
    /// "Are you a robot?"
    WhoAmI,
    /// "Yes", "the second one", "say that again", with no question open.
    NothingToConfirm,
    /// "No", "never mind", "maybe": a question, if there was one, is dropped.
    Dropped,
    /// The sentence was about tasks that are not there ("delete the milk task" without such a task).
    NoSuchTask {
        /// The words that were looked for.
        what: String,
    },
}

/// One call of one of the task tools, its tasks resolved to ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// `add_task`; several in a row are one `add_tasks`.
    Add(NewTask),
    /// `list_tasks`
    List(Filter),
    /// `complete_task`, for each id.
    Complete {
        /// Never empty.
        ids: Vec<String>,
    },
    /// `uncomplete_task`, for each id.
    Reopen {
        /// Never empty.
        ids: Vec<String>,
    },
    /// `delete_task`, for each id; more than one waits for approval.
    Delete {
        /// Never empty.
        ids: Vec<String>,
    },
    /// `update_task`
    Update {
        /// The task.
        id: String,
        /// What becomes different; at least one field is set.
        changes: Changes,
    },
    /// `reschedule_task`
    Reschedule {
        /// The task.
        id: String,
        /// The date.
        due: Edit<Due>,
        /// The rule; without one the task does not repeat.
        recurrence: Edit<Recurrence>,
        /// Of a repeating task: the whole series, not only the next occurrence.
        series: bool,
    },
    /// `undo`, of the last thing done.
    Undo,
    /// `get_overview`: "what should I do next?", "plan my day".
    Overview,
    /// Part of the message spoke of a task that is not there, while other parts can be done: nothing to do, but to be
    /// said. Never alone.
    Miss {
        /// The words that were looked for.
        what: String,
    },
    /// Find by words, anywhere.
    Search {
        /// The words.
        query: String,
    },
}

/// A task to be added.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewTask {
    /// The title, 1 to 500 characters.
    pub title: String,
    /// When it is due.
    pub due: Option<Due>,
    /// How it repeats.
    pub recurrence: Option<Recurrence>,
    /// How much it matters, when that was said.
    pub priority: Option<Priority>,
    /// Labels, without the `#`.
    pub labels: Vec<String>,
    /// The list, without the `+`.
    pub list: Option<String>,
}

/// What becomes of a field that can be empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Edit<T> {
    /// It stays as it is.
    #[default]
    Keep,
    /// It becomes empty.
    Clear,
    /// It gets this value.
    Set(T),
}

impl<T> From<Option<T>> for Edit<T> {
    /// A value to set, or none to clear.
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Clear, Self::Set)
    }
}

/// What is to become different in a task.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    /// The new title.
    pub title: Option<String>,
    /// The new description.
    pub description: Option<String>,
    /// The new priority; [`Priority::None`] takes it away.
    pub priority: Option<Priority>,
    /// The list it is on.
    pub list: Edit<String>,
    /// Labels to put on.
    pub add_labels: Vec<String>,
    /// Labels to take off.
    pub remove_labels: Vec<String>,
}

/// Which tasks to list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// Open, done or both.
    pub status: StatusFilter,
    /// By date.
    pub due: Option<DueFilter>,
    /// By priority, this one exactly.
    pub priority: Option<Priority>,
    /// By list.
    pub list: Option<String>,
    /// By label.
    pub label: Option<String>,
    /// Words that the title must have.
    pub query: Option<String>,
    /// "How many": the number is what was asked for.
    pub count: bool,
}

/// Which tasks by status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum StatusFilter {
    /// `pending` of the tools.
    #[default]
    Open,
    /// `completed` of the tools.
    Done,
    /// `all` of the tools.
    All,
}

/// Which tasks by date, in the user's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DueFilter {
    /// Due before now.
    Overdue,
    /// No date.
    None,
    /// From the first to the last day, both included; one day when they are the same.
    Between(jiff::civil::Date, jiff::civil::Date),
}
