//! Tasks, and the search over everything.

use super::Result;
use crate::domain::page::{PageRequest, PageRows};
use async_trait::async_trait;
use jiff::civil;
use tandem_protocol::{
    ConversationId, TaskId, TaskRef, Timestamp,
    model::Task,
    vocab::{DueFilter, Priority, StatusFilter, ThingKind},
};

/// Sort key of task lists: place, then number.
pub type TaskKey = (String, i64);

/// Sort key of search results: how many come before.
pub type SearchKey = (i64,);

/// Which tasks a list shows.
#[derive(Clone, Debug)]
pub struct TaskFilter {
    /// By status.
    pub status: StatusFilter,
    /// By due date, with today in the user's zone and now.
    pub due: Option<(DueFilter, civil::Date, Timestamp)>,
    /// Of this list.
    pub list: Option<String>,
    /// With this label.
    pub label: Option<String>,
    /// Of this priority.
    pub priority: Option<Priority>,
    /// Whose title or description holds this, without case.
    pub text: Option<String>,
}

impl TaskFilter {
    /// All tasks of a status.
    #[must_use]
    pub fn status(status: StatusFilter) -> Self {
        Self { status, due: None, list: None, label: None, priority: None, text: None }
    }
}

/// A search hit before its snippet is cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchRow {
    /// What was found.
    pub kind: ThingKind,
    /// Its id.
    pub id: String,
    /// Where a message or conversation is opened.
    pub conversation_id: Option<ConversationId>,
    /// Of the thing, or of the conversation it is in.
    pub title: String,
    /// All of its text.
    pub body: String,
}

/// Reading tasks.
#[async_trait]
pub trait TaskReads {
    /// A task that is not deleted.
    async fn task(&mut self, task: TaskRef) -> Result<Option<Task>>;
    /// A task, also one in the trash.
    async fn kept_task(&mut self, id: TaskId) -> Result<Option<Task>>;
    /// A page of tasks by place, then number. It ends early when it has a mebibyte of content.
    async fn tasks(&mut self, filter: &TaskFilter, page: &PageRequest<TaskKey>) -> Result<PageRows<Task>>;
    /// All tasks of a status, by place, then number.
    async fn all_tasks(&mut self, status: StatusFilter) -> Result<Vec<Task>>;
    /// Conversations, messages and tasks in which each word begins some word, best first.
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
