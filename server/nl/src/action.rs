//! The result of reading a message: actions of the task tools, a question, or a response; and what the reader needs.

use jiff::Zoned;
use tandem_protocol::TaskId;
use tandem_protocol::enums::{Priority, StatusFilter};
use tandem_protocol::model::Task;
use tandem_protocol::rest::{NewTask, TaskPatch};

/// What a message is read against.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The present, in the user's zone.
    pub now: &'a Zoned,
    /// Open tasks, then recently completed ones.
    pub tasks: &'a [&'a Task],
    /// The tasks of the numbered list (or choices) that was shown last, in order.
    pub shown: &'a [TaskId],
    /// The tasks that the last reply with an effect changed.
    pub last_touched: &'a [TaskId],
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
        choices: Vec<TaskId>,
    },
    /// Nothing to do, something to say.
    Respond(Response),
    /// Not understood: change nothing.
    Unknown {
        /// What the user could say instead, one sentence.
        hint: String,
    },
}

/// What is said when there is nothing to do; the caller puts it into words.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Response {
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
        ids: Vec<TaskId>,
    },
    /// `uncomplete_task`, for each id.
    Reopen {
        /// Never empty.
        ids: Vec<TaskId>,
    },
    /// `delete_task`, for each id; more than one waits for approval.
    Delete {
        /// Never empty.
        ids: Vec<TaskId>,
    },
    /// `update_task`
    Update {
        id: TaskId,
        /// Title, description, priority or list.
        patch: TaskPatch,
        add_labels: Vec<String>,
        remove_labels: Vec<String>,
    },
    /// `reschedule_task`
    Reschedule {
        id: TaskId,
        /// Due date or recurrence.
        patch: TaskPatch,
        /// Whether the change is to the whole series of a recurring task, not only to the next occurrence.
        series: bool,
    },
    /// `undo`, of the last thing done.
    Undo,
    /// `get_overview`: "what should I do next?", "plan my day".
    Overview,
    /// Part of the message spoke of a task that is not there, while other parts can be done: nothing to do, but to be
    /// said. Never alone.
    NoSuchTask {
        /// The words that were looked for.
        what: String,
    },
    /// Find by words, anywhere.
    Search {
        /// The words.
        query: String,
    },
}

/// Which tasks to list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// Open, done or both.
    pub status: StatusFilter,
    /// By date.
    pub due: Option<DueRange>,
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

/// Which tasks by date, in the user's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DueRange {
    /// Due before now.
    Overdue,
    /// No date.
    None,
    /// From the first to the last day, both included; one day when they are the same.
    Between(jiff::civil::Date, jiff::civil::Date),
}
