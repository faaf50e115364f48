//! The API of the system that Tandem replaces, for scripts that were written for it.
//!
//! Each route is one of ours in other words, with the same callers, limits and refusals. Tasks and conversations have
//! numbers here; `docs/original-api.md` describes what differs.
//!
//! **Invariant:** the user in a path is the caller. Any other is refused before anything is looked up, whether or not there
//! is such a user.

pub(crate) mod chat;

use super::{Body, Commands, HttpState, OptionalBody, Params, Reader, Result, State};
use crate::error::Refusal;
use axum::{
    Json,
    extract::{FromRequestParts, Path},
};
use http::{StatusCode, request::Parts};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use tandem_protocol::{
    TaskRef, Timestamp, UserId,
    enums::{StatusFilter, TaskStatus},
    live::{
        Command,
        command::{TaskComplete, TaskRefArgs, TaskUpdate},
    },
    model::Task,
    rest::{Deleted, NewTask, TaskPatch, TaskQuery, TaskWritten},
};
use tandem_service::{Admitted, ServiceError};

/// Tasks of a page, and pages of a list: there are no more open tasks than that.
const PAGE: u32 = 200;
const PAGES: usize = 100;

/// A caller, and the number that the path ends with, if it does. The user in the path is the caller: any other is refused
/// before the body is read.
pub(crate) struct Own<C> {
    pub(crate) caller: C,
    pub(crate) number: Option<i64>,
}

impl<C> FromRequestParts<HttpState> for Own<C>
where
    C: FromRequestParts<HttpState, Rejection = Refusal> + AsRef<Admitted> + Send,
{
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &HttpState) -> Result<Self> {
        let path = Path::<HashMap<String, String>>::from_request_parts(parts, state).await;
        let Path(mut named) = path.map_err(|_| Refusal::NoSuchPath)?;
        let user = named.remove("user_id").filter(|user| user != "v1").ok_or(Refusal::NoSuchPath)?;
        let caller = C::from_request_parts(parts, state).await?;
        if user != caller.as_ref().owner.user().as_str() {
            return Err(Refusal::ForeignPath);
        }
        Ok(Self { caller, number: named.get("id").and_then(|number| number.parse().ok()) })
    }
}

impl<C> Own<C> {
    fn task(&self) -> Result<TaskRef> {
        Ok(TaskRef::Number(self.number.ok_or(ServiceError::NotFound("task"))?))
    }
}

/// A task as the original API shows it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct OriginalTask {
    /// The user's number of the task.
    id: i64,
    user_id: UserId,
    title: String,
    description: String,
    completed: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl OriginalTask {
    fn of(task: Task, caller: &Admitted) -> Json<Self> {
        Json(Self::from(task, caller))
    }

    fn from(task: Task, caller: &Admitted) -> Self {
        Self {
            id: task.number,
            user_id: caller.owner.user().clone(),
            title: task.title,
            description: task.description,
            completed: task.status == TaskStatus::Done,
            created_at: task.created_at,
            updated_at: task.updated_at,
        }
    }
}

/// Query of the list of tasks.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct OriginalQuery {
    /// Which tasks; all of them when not given.
    status: Option<OriginalStatus>,
}

/// Which tasks a list shows.
#[derive(Clone, Copy, Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OriginalStatus {
    All,
    Pending,
    Completed,
}

/// Body of a new task.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewOriginalTask {
    /// 1 to 500 characters.
    title: String,
    /// Up to 10,000 characters.
    description: Option<String>,
}

/// Body of a changed task; an absent field stays.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OriginalPatch {
    /// 1 to 500 characters.
    title: Option<String>,
    /// Up to 10,000 characters.
    description: Option<String>,
    /// Whether the task is done.
    completed: Option<bool>,
}

/// Body of a completion.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OriginalCompletion {
    /// Whether the task is done; the opposite of what it is when not given.
    completed: Option<bool>,
}

/// Lists the tasks, as an array.
#[utoipa::path(get, path = "/api/{user_id}/tasks", tag = "original", params(("user_id" = String, Path), OriginalQuery),
    responses((status = 200, body = Vec<OriginalTask>)))]
pub(crate) async fn tasks(
    State(state): State<HttpState>,
    Own { caller: Reader(caller), .. }: Own<Reader>,
    Params(query): Params<OriginalQuery>,
) -> Result<Json<Vec<OriginalTask>>> {
    let status = match query.status.unwrap_or(OriginalStatus::All) {
        OriginalStatus::All => StatusFilter::All,
        OriginalStatus::Pending => StatusFilter::Open,
        OriginalStatus::Completed => StatusFilter::Done,
    };
    let mut query = TaskQuery { status: Some(status), limit: Some(PAGE), ..TaskQuery::default() };
    let mut tasks = Vec::new();
    for _ in 0..PAGES {
        let page = state.services.tasks(&caller, query.clone()).await?;
        tasks.extend(page.items.into_iter().map(|task| OriginalTask::from(task, &caller)));
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            break;
        }
    }
    Ok(Json(tasks))
}

/// Adds a task to the inbox.
#[utoipa::path(post, path = "/api/{user_id}/tasks", tag = "original", params(("user_id" = String, Path)),
    request_body = NewOriginalTask, responses((status = 201, body = OriginalTask)))]
pub(crate) async fn add(
    Own { caller: commands, .. }: Own<Commands>,
    Body(body): Body<NewOriginalTask>,
) -> Result<(StatusCode, Json<OriginalTask>)> {
    let draft = NewTask { title: body.title, description: body.description, ..NewTask::default() };
    let TaskWritten { task, .. } = commands.outcome(Command::TaskCreate(draft)).await?;
    Ok((StatusCode::CREATED, OriginalTask::of(task, commands.caller())))
}

/// Returns one task by its number.
#[utoipa::path(get, path = "/api/{user_id}/tasks/{id}", tag = "original",
    params(("user_id" = String, Path), ("id" = i64, Path)), responses((status = 200, body = OriginalTask)))]
pub(crate) async fn task(State(state): State<HttpState>, own: Own<Reader>) -> Result<Json<OriginalTask>> {
    let task = state.services.task(own.caller.as_ref(), own.task()?).await?;
    Ok(OriginalTask::of(task, own.caller.as_ref()))
}

/// Changes a task. Absent fields stay.
#[utoipa::path(put, path = "/api/{user_id}/tasks/{id}", tag = "original",
    params(("user_id" = String, Path), ("id" = i64, Path)), request_body = OriginalPatch,
    responses((status = 200, body = OriginalTask)))]
pub(crate) async fn change(
    State(state): State<HttpState>,
    own: Own<Commands>,
    Body(body): Body<OriginalPatch>,
) -> Result<Json<OriginalTask>> {
    let (task_id, commands) = (own.task()?, own.caller);
    let mut task = state.services.task(commands.caller(), task_id).await?;
    let OriginalPatch { title, description, completed } = body;
    if title.is_some() || description.is_some() {
        let patch = TaskPatch { title, description, ..TaskPatch::default() };
        let update = Command::TaskUpdate(TaskUpdate { task_id, patch });
        let written: TaskWritten = commands.outcome(update).await?;
        task = written.task;
    }
    if let Some(done) = completed {
        task = set_done(&commands, task, task_id, done).await?;
    }
    Ok(OriginalTask::of(task, commands.caller()))
}

/// Deletes one task by its number.
#[utoipa::path(delete, path = "/api/{user_id}/tasks/{id}", tag = "original",
    params(("user_id" = String, Path), ("id" = i64, Path)), responses((status = 204)))]
pub(crate) async fn remove(own: Own<Commands>) -> Result<StatusCode> {
    let (task_id, commands) = (own.task()?, own.caller);
    let _: Deleted = commands.outcome(Command::TaskDelete(TaskRefArgs { task_id })).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Marks an open task as done, and one that is done as open.
#[utoipa::path(patch, path = "/api/{user_id}/tasks/{id}/complete", tag = "original",
    params(("user_id" = String, Path), ("id" = i64, Path)), request_body = Option<OriginalCompletion>,
    responses((status = 200, body = OriginalTask)))]
pub(crate) async fn complete(
    State(state): State<HttpState>,
    own: Own<Commands>,
    OptionalBody(body): OptionalBody<OriginalCompletion>,
) -> Result<Json<OriginalTask>> {
    let (task_id, commands) = (own.task()?, own.caller);
    let task = state.services.task(commands.caller(), task_id).await?;
    let done = body.completed.unwrap_or(task.status != TaskStatus::Done);
    let task = set_done(&commands, task, task_id, done).await?;
    Ok(OriginalTask::of(task, commands.caller()))
}

async fn set_done(commands: &Commands, task: Task, task_id: TaskRef, done: bool) -> Result<Task> {
    if (task.status == TaskStatus::Done) == done {
        return Ok(task);
    }
    let command = if done {
        Command::TaskComplete(TaskComplete { task_id, occurrence: None })
    } else {
        Command::TaskReopen(TaskRefArgs { task_id })
    };
    let TaskWritten { task, .. } = commands.outcome(command).await?;
    Ok(task)
}
