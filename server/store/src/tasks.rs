//! Tasks, and the search over everything.

use super::Result;
use async_trait::async_trait;
use tandem_domain::{
    due::{DueCondition, Today},
    page::{PageRequest, PageRows},
    series::CompletionRecord,
};
use tandem_protocol::{
    CompletionId, ConversationId, TaskId, TaskRef, Timestamp,
    enums::{ObjectKind, Priority, StatusFilter},
    model::{Completion, Task},
};

/// Sort key of task lists: position, then number.
pub type TaskKey = (String, i64);

/// Tasks that a page of a list examines, when no index serves its filter.
pub const WINDOW: usize = 1_000;

/// Sort key of search results: how many come before.
pub type SearchKey = (i64,);

/// Sort key of completions, newest first: milliseconds since 1970, then id.
pub type CompletionKey = (i64, CompletionId);

/// Which tasks a list shows.
#[derive(Clone, Debug)]
pub struct TaskFilter {
    pub status: StatusFilter,
    pub due: Option<DueCondition>,
    pub list: Option<String>,
    pub label: Option<String>,
    pub priority: Option<Priority>,
    /// The status of the task that they are part of; parts of any task, and others, when absent.
    pub parent: Option<StatusFilter>,
    /// Texts that title or description contain, whatever their case and accents.
    pub texts: Vec<String>,
    /// Whether list and label are compared without the case of ASCII letters.
    pub any_case: bool,
    /// The last position that is examined, see [`TaskReads::window`].
    pub until: Option<TaskKey>,
}

impl TaskFilter {
    pub fn status(status: StatusFilter) -> Self {
        Self {
            status,
            due: None,
            list: None,
            label: None,
            priority: None,
            parent: None,
            texts: Vec::new(),
            any_case: false,
            until: None,
        }
    }

    /// Whether an index has the tasks of this filter in order. For other filters each task is examined.
    pub fn is_indexed(&self) -> bool {
        let by_list = self.list.is_some();
        self.due.is_none()
            && self.label.is_none()
            && self.priority.is_none()
            && self.parent.is_none()
            && self.texts.is_empty()
            && !(by_list && (self.any_case || self.status != StatusFilter::All))
    }
}

/// How many tasks there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TaskCounts {
    pub open: i64,
    /// Open tasks that are overdue.
    pub overdue: i64,
    /// Open tasks due today that are not overdue.
    pub due_today: i64,
    /// Open tasks due in the six days after today.
    pub due_this_week: i64,
    pub done_today: i64,
}

/// What tasks are named by, of which a user may have a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskName {
    Label,
    List,
}

/// The names of a kind that a user's tasks have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NameCounts {
    pub all: i64,
    /// How many of the given ones are among them.
    pub known: i64,
}

/// A search hit before its snippet is cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchRow {
    pub kind: ObjectKind,
    pub id: String,
    /// The conversation in which it is opened.
    pub conversation_id: Option<ConversationId>,
    /// The title of the task, or of the conversation.
    pub title: String,
    pub body: String,
}

#[async_trait]
pub trait TaskReads: Send {
    /// A task that is not deleted.
    async fn task(&mut self, task: TaskRef) -> Result<Option<Task>>;
    /// A task, also one in the trash.
    async fn kept_task(&mut self, id: TaskId) -> Result<Option<Task>>;
    /// A page of tasks by position, then number. It ends early at a mebibyte of content.
    async fn tasks(&mut self, filter: &TaskFilter, page: &PageRequest<TaskKey>) -> Result<PageRows<Task>>;
    /// The tasks up to a position, itself included, from there backwards.
    async fn tasks_before(&mut self, upto: &TaskKey, limit: u32) -> Result<Vec<Task>>;
    /// The end of what a page may examine: the position of the last of the first [`WINDOW`] tasks after the page's
    /// start, in the order of an index. `None` when there are fewer, or when the filter needs no examination of each
    /// task.
    async fn window(&mut self, filter: &TaskFilter, after: Option<&TaskKey>) -> Result<Option<TaskKey>>;
    /// Tasks by position, without their descriptions.
    async fn brief_tasks(&mut self, filter: &TaskFilter, limit: usize) -> Result<Vec<Task>>;
    async fn count_tasks(&mut self, filter: &TaskFilter) -> Result<i64>;
    /// How many labels or lists there are, and how many of `names` are among them.
    async fn count_names(&mut self, kind: TaskName, names: &[String]) -> Result<NameCounts>;
    async fn task_counts(&mut self, today: &Today) -> Result<TaskCounts>;
    /// Open tasks among which are the next ones to do, without their descriptions, in no order: the longest overdue,
    /// the next due, urgent ones and the first of the list, `limit` of each at most.
    async fn next_tasks(&mut self, now: Timestamp, limit: usize) -> Result<Vec<Task>>;
    /// Open tasks from the end of the list, the last one first, without their descriptions.
    async fn last_tasks(&mut self, limit: usize) -> Result<Vec<Task>>;
    /// Tasks that were done last, newest first, without their descriptions.
    async fn done_tasks(&mut self, limit: usize) -> Result<Vec<Task>>;
    /// The tasks with these numbers and ids, without their descriptions, in no order.
    async fn named_tasks(&mut self, numbers: &[i64], ids: &[TaskId]) -> Result<Vec<Task>>;
    /// The tasks with these ids that are not deleted, in no order.
    async fn whole_tasks(&mut self, ids: &[TaskId]) -> Result<Vec<Task>>;
    /// Tasks in which any of the words begins some word, as far as they are indexed.
    async fn find_tasks(&mut self, words: &[String], limit: usize) -> Result<Vec<TaskId>>;
    /// The task and those above it, from itself upwards, `limit` at most.
    async fn ancestors(&mut self, task: TaskId, limit: usize) -> Result<Vec<TaskId>>;
    /// The tasks below a task, `limit` at most, each before its own parts.
    async fn descendants(&mut self, task: TaskId, limit: usize) -> Result<Vec<Task>>;
    /// A page of what was done from a time on and before another, newest first.
    async fn completions(
        &mut self,
        since: Option<Timestamp>,
        until: Option<Timestamp>,
        page: &PageRequest<CompletionKey>,
    ) -> Result<Vec<Completion>>;
    /// The newest completion of a task.
    async fn last_completion(&mut self, task: TaskId) -> Result<Option<CompletionRecord>>;
    /// All tasks of a status, by position, then number.
    async fn all_tasks(&mut self, status: StatusFilter) -> Result<Vec<Task>>;
    /// Conversations, messages and tasks in which each word begins some word, best first. Of very many only the newest
    /// are ranked.
    async fn search(&mut self, words: &[String], page: &PageRequest<SearchKey>) -> Result<Vec<SearchRow>>;
}

/// Changing tasks. To change one that never was is a fault ([`super::StoreError::Broken`]); to delete it is none.
#[async_trait]
pub trait TaskWrites {
    /// Adds a task and sets the account's next number past it; `Exists` when the owner has used the id.
    async fn insert_task(&mut self, task: &Task) -> Result<()>;
    /// Writes everything but id, number and creation; brings a deleted task back. `reworded` is whether its texts may
    /// differ from those in the index, as those of a deleted task do.
    async fn update_task(&mut self, task: &Task, reworded: bool) -> Result<()>;
    /// Writes reminders, revision and time of change, and no more.
    async fn update_reminders(&mut self, task: &Task) -> Result<()>;
    async fn delete_task(&mut self, id: TaskId, now: Timestamp) -> Result<()>;
    /// Records a completion; `Exists` when the owner has used its id.
    async fn insert_completion(&mut self, record: &CompletionRecord) -> Result<()>;
    /// Removes the record of a completion, if it is there.
    async fn delete_completion(&mut self, id: CompletionId) -> Result<()>;
}
