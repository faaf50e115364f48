//! Tasks, and the search over everything.

use super::Result;
use async_trait::async_trait;
use jiff::civil;
use tandem_domain::page::{PageRequest, PageRows};
use tandem_protocol::{
    ConversationId, TaskId, TaskRef, Timestamp,
    enums::{DueFilter, Priority, StatusFilter, ThingKind},
    model::Task,
};

/// Sort key of task lists: place, then number.
pub type TaskKey = (String, i64);

/// Tasks that a page of a list looks at, when no index serves its filter.
pub const WINDOW: usize = 1_000;

/// Sort key of search results: how many come before.
pub type SearchKey = (i64,);

/// Which tasks a list shows.
#[derive(Clone, Debug)]
pub struct TaskFilter {
    /// Tasks with one of these states.
    pub status: StatusFilter,
    /// By due date, with today in the user's zone and now.
    pub due: Option<(DueFilter, civil::Date, Timestamp)>,
    pub list: Option<String>,
    pub label: Option<String>,
    pub priority: Option<Priority>,
    /// Whose title or description holds each of these, in lower case.
    pub texts: Vec<String>,
    /// Due on one of the days from the first to the last.
    pub days: Option<(civil::Date, civil::Date)>,
    /// Late at this time.
    pub late_at: Option<Timestamp>,
    /// Whether list and label are compared without the case of ASCII letters.
    pub any_case: bool,
    /// Which stand no further down than this place, see [`TaskReads::window`].
    pub until: Option<TaskKey>,
}

impl TaskFilter {
    /// All tasks of a status.
    #[must_use]
    pub fn status(status: StatusFilter) -> Self {
        Self {
            status,
            due: None,
            list: None,
            label: None,
            priority: None,
            texts: Vec::new(),
            days: None,
            late_at: None,
            any_case: false,
            until: None,
        }
    }

    /// Whether an index holds the tasks of this filter in their order. Of others, each task is looked at.
    #[must_use]
    pub fn is_indexed(&self) -> bool {
        let by_list = self.list.is_some();
        self.due.is_none()
            && self.label.is_none()
            && self.priority.is_none()
            && self.texts.is_empty()
            && self.days.is_none()
            && self.late_at.is_none()
            && !(by_list && (self.any_case || self.status != StatusFilter::All))
    }
}

/// The moment for which tasks are counted.
#[derive(Clone, Copy, Debug)]
pub struct Today {
    pub now: Timestamp,
    /// The day in the user's zone.
    pub date: civil::Date,
    /// When that day began and when it ends.
    pub day: (Timestamp, Timestamp),
}

/// How many tasks there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TaskCounts {
    pub open: i64,
    /// Of them, those that are late.
    pub overdue: i64,
    /// Those due today that are not late.
    pub due_today: i64,
    /// Those due in the six days after today.
    pub due_this_week: i64,
    pub done_today: i64,
}

/// A search hit before its snippet is cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchRow {
    pub kind: ThingKind,
    pub id: String,
    /// Where a message or conversation is opened.
    pub conversation_id: Option<ConversationId>,
    /// Of the thing, or of the conversation it is in.
    pub title: String,
    /// All of its text.
    pub body: String,
}

#[async_trait]
pub trait TaskReads: Send {
    /// A task that is not deleted.
    async fn task(&mut self, task: TaskRef) -> Result<Option<Task>>;
    /// A task, also one in the trash.
    async fn kept_task(&mut self, id: TaskId) -> Result<Option<Task>>;
    /// A page of tasks by place, then number. It ends early when it has a mebibyte of content.
    async fn tasks(&mut self, filter: &TaskFilter, page: &PageRequest<TaskKey>) -> Result<PageRows<Task>>;
    /// Where a list has to stop: the place of the last task of the first [`WINDOW`] after the page's start that an index
    /// gives. `None` when there are fewer, or when the filter needs no look at each task.
    async fn window(&mut self, filter: &TaskFilter, after: Option<&TaskKey>) -> Result<Option<TaskKey>>;
    /// Tasks by place, without their descriptions.
    async fn brief_tasks(&mut self, filter: &TaskFilter, limit: usize) -> Result<Vec<Task>>;
    /// How many tasks a filter finds.
    async fn count_tasks(&mut self, filter: &TaskFilter) -> Result<i64>;
    /// How many tasks there are of each kind.
    async fn task_counts(&mut self, today: Today) -> Result<TaskCounts>;
    /// Open tasks among which is what to do next, without their descriptions, in no order: the longest late, the next due,
    /// urgent ones and the first of the list, `limit` of each at the most.
    async fn next_tasks(&mut self, now: Timestamp, limit: usize) -> Result<Vec<Task>>;
    /// Open tasks from the end of the list, the last one first, without their descriptions.
    async fn last_tasks(&mut self, limit: usize) -> Result<Vec<Task>>;
    /// Tasks that were done last, newest first, without their descriptions.
    async fn done_tasks(&mut self, limit: usize) -> Result<Vec<Task>>;
    /// The tasks of these numbers and ids that are there, without their descriptions, in no order.
    async fn named_tasks(&mut self, numbers: &[i64], ids: &[TaskId]) -> Result<Vec<Task>>;
    /// Tasks in which any of the words begins some word, as far as the search knows them.
    async fn find_tasks(&mut self, words: &[String], limit: usize) -> Result<Vec<TaskId>>;
    /// The task and those that it is part of, from itself upwards, `limit` at the most.
    async fn ancestors(&mut self, task: TaskId, limit: usize) -> Result<Vec<TaskId>>;
    /// All tasks of a status, by place, then number.
    async fn all_tasks(&mut self, status: StatusFilter) -> Result<Vec<Task>>;
    /// Conversations, messages and tasks in which each word begins some word, best first. Of very
    /// many, the newest are ranked and given.
    async fn search(&mut self, words: &[String], page: &PageRequest<SearchKey>) -> Result<Vec<SearchRow>>;
}

/// Changing tasks. To change one that never was is a fault ([`super::StoreError::Broken`]); to delete it is none.
#[async_trait]
pub trait TaskWrites {
    /// Adds a task and sets the account's next number past it; `Exists` when the owner has used the id.
    async fn insert_task(&mut self, task: &Task) -> Result<()>;
    /// Writes everything but id, number and creation; brings a deleted task back. `reworded` says whether its words may be
    /// others than the search knows: so it is with a deleted one.
    async fn update_task(&mut self, task: &Task, reworded: bool) -> Result<()>;
    /// Moves a task to the trash.
    async fn delete_task(&mut self, id: TaskId, now: Timestamp) -> Result<()>;
}
