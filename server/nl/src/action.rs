//! The result of reading a message: actions of the task tools, a question, or a response; and what the reader needs.

use jiff::Zoned;
use jiff::civil::{Time, time};
use tandem_protocol::TaskId;
use tandem_protocol::enums::{Priority, StatusFilter};
use tandem_protocol::model::Task;
use tandem_protocol::reminder::ReminderInput;
use tandem_protocol::rest::{NewTask, TaskPatch};
use tandem_protocol::settings::DateStyle;

use crate::mood::Unreal;
use crate::understood::Actions;

/// The time of day of a user who has chosen none, as the settings of the protocol have it.
pub const MORNING: Time = time(9, 0, 0, 0);

/// The state of the conversation that a message is read against.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The current time in the user's zone.
    pub now: &'a Zoned,
    /// The user's time of day, at which reminders of a day without a time ring; [`MORNING`] where the settings have none.
    pub all_day: Time,
    /// How dates and times are written in questions.
    pub style: DateStyle,
    /// Open tasks, then recently completed ones.
    pub tasks: &'a [&'a Task],
    /// The tasks of the numbered list (or choices) that was shown last, in order.
    pub shown: &'a [TaskId],
    /// The tasks that the last reply with an effect changed.
    pub last_touched: &'a [TaskId],
    /// The user's previous message, when the assistant answered it with a question.
    pub previous: Option<&'a str>,
    /// The user's previous message, when the reply to it changed something: what a correction is about.
    pub request: Option<&'a str>,
}

impl<'a> Context<'a> {
    /// That of the first message of a conversation, of a user who has chosen no time of day.
    #[must_use]
    pub fn new(now: &'a Zoned, tasks: &'a [&'a Task]) -> Self {
        let style = DateStyle::default();
        Self { now, all_day: MORNING, style, tasks, shown: &[], last_touched: &[], previous: None, request: None }
    }
}

/// The meaning of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// Perform these actions in order.
    Act(Actions),
    /// It is not clear which task is meant: the user has to choose, and nothing is done yet.
    Ask {
        /// The question, one sentence.
        question: String,
        /// Ids of the tasks to choose from, at most five, or those that a question about all of them lists; empty when any task
        /// may be named.
        choices: Vec<TaskId>,
    },
    /// There is nothing to do, only something to answer.
    Respond(Response),
    /// The message was not understood; nothing is changed.
    Unknown {
        /// Examples of what the user could write instead, one sentence.
        hint: String,
    },
}

/// An answer to a message that changes nothing; the caller puts it into words.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Response {
    Greeting,
    Goodbye,
    Thanks,
    /// To "what can you do?".
    Help,
    /// To "make a list called camping": a list is there when a task is on it.
    HowLists,
    /// To "what time is it?", "what day is today?".
    Now,
    /// To "are you a robot?".
    WhoAmI,
    /// To "yes" or "the second one" when no question is open.
    NothingToConfirm,
    /// To "no", "never mind", "maybe": a question, if one was open, is dropped.
    Dropped,
    /// The message is about a task, but nothing of it is to be changed: "I didn't call Ann", "I should call Ann".
    NotAsked(Unreal),
    /// To "I couldn't reach the dentist", "the report is nearly done": the task is open, and stays so.
    StaysOpen {
        title: String,
    },
    /// To "move", "rename" and the like alone: what else has to be said, as in this sentence.
    Incomplete {
        example: &'static str,
    },
    /// To "how many days until Christmas?".
    DaysUntil(jiff::civil::Date),
    /// The message refers to a task that does not exist ("delete the milk task").
    NoSuchTask {
        /// The words that were looked for.
        what: String,
    },
    /// A part of the message was not understood; nothing is changed.
    NotUnderstood {
        /// The words that were not understood.
        words: String,
    },
    /// The request is clear, but cannot be carried out as it was said; nothing is changed.
    Refused(Refusal),
}

/// Why a request is not carried out.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// The field that was to be cleared is clear.
    NotSet(Field),
    /// A reminder was to be taken from the task of this title, which has none.
    NoReminder { title: String },
    /// The reminder that rings was to be answered, and none does.
    NotRinging,
    /// The reminder of a task was to be snoozed, and does not ring; the words that named the task.
    NothingToSnooze { what: String },
    /// One label was to be taken off a task with several.
    WhichLabel,
    /// A list was to be deleted, of which only the name was given.
    DeleteList(String),
    /// Other occurrences of a task that repeats, or several of them, were to be skipped. Only its next one can be: on this
    /// day.
    OnlyNext(jiff::civil::Date),
    /// Only one occurrence of a task that repeats was to have another title, list or the like.
    WholeSeries,
    /// A task was to be changed to these words, which fit more than one field.
    WhichField(String),
    /// A task was to be moved to a range, which has an end.
    NoEnd,
    /// A task was to be moved by an amount of time from a date or time that it does not have.
    NothingToCountFrom,
}

/// A field of a task that can be cleared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    Reminders,
    Date,
    Time,
    Priority,
    Repetition,
    /// A label that is taken off, with all others that stay.
    Label,
    Labels,
    List,
    Notes,
}

/// One call of one of the task tools, its tasks resolved to ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// `add_task`; several in a row are one `add_tasks`. A reminder without a rule rings at the user's time of day.
    Add(NewTask),
    List(Filter),
    /// `complete_task` for each id, at least one.
    Complete {
        ids: Vec<TaskId>,
    },
    /// `uncomplete_task` for each id, at least one.
    Reopen {
        ids: Vec<TaskId>,
    },
    /// `delete_task` for each id, at least one; more than one waits for approval.
    Delete {
        ids: Vec<TaskId>,
    },
    /// `skip_task`: the next occurrence of a task that repeats.
    Skip {
        id: TaskId,
    },
    /// `snooze_reminder` of the reminder of a task.
    Snooze {
        id: TaskId,
        /// How long or until when, in ISO 8601.
        until: String,
    },
    /// `dismiss_reminder` of the reminder of a task that rings.
    Dismiss {
        id: TaskId,
    },
    /// `update_task` with one more reminder.
    Remind {
        id: TaskId,
        reminder: ReminderInput,
    },
    Update {
        id: TaskId,
        /// Title, description, priority or list.
        patch: TaskPatch,
        add_labels: Vec<String>,
        remove_labels: Vec<String>,
    },
    Reschedule {
        id: TaskId,
        /// Due date or recurrence.
        patch: TaskPatch,
        /// Whether the change is to the whole series of a recurring task, not only to the next occurrence.
        series: bool,
    },
    /// `undo` of the newest change.
    Undo,
    /// `get_overview`: "what should I do next?", "plan my day".
    Overview,
    /// A part of the message refers to a task that does not exist, while other parts can be done. Never the only action.
    NoSuchTask {
        /// The words that were looked for.
        what: String,
    },
    /// `list_tasks` of open and completed tasks with these words.
    Search {
        query: String,
    },
}

impl Action {
    /// Whether the action changes a task.
    #[must_use]
    pub fn changes(&self) -> bool {
        !matches!(self, Self::List(_) | Self::Overview | Self::Search { .. } | Self::NoSuchTask { .. })
    }
}

/// The tasks that `list_tasks` returns.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    pub status: StatusFilter,
    pub due: Option<DueRange>,
    /// Only tasks that were completed on one of these days, first and last included.
    pub completed: Option<(jiff::civil::Date, jiff::civil::Date)>,
    /// Only tasks of exactly this priority.
    pub priority: Option<Priority>,
    pub list: Option<String>,
    pub label: Option<String>,
    /// Words that the title has to contain.
    pub query: Option<String>,
    /// Whether only the number of tasks was requested ("how many").
    pub count: bool,
}

/// A filter by due date, in the user's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DueRange {
    Overdue,
    /// Tasks without a due date.
    None,
    /// From the first to the last day, both included.
    Between(jiff::civil::Date, jiff::civil::Date),
}
