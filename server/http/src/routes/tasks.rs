//! Tasks, which are addressed by id or number.

use super::{Body, Commands, HttpState, Id, Json, Nothing, OptionalBody, Params, Reader, Result, State};
use axum::response::Response;
use tandem_protocol::{
    TaskRef,
    live::{
        Command,
        command::{TaskComplete, TaskRefArgs, TaskUpdate},
    },
    model::{Completion, Task},
    rest::{CompleteBody, CompletionsQuery, Deleted, NewTask, Page, TaskHistory, TaskPatch, TaskQuery, TaskWritten},
};

/// Lists the tasks by position, the open ones by default.
#[utoipa::path(get, path = "/api/v1/tasks", tag = "tasks", params(TaskQuery),
    responses((status = 200, body = Page<Task>)))]
pub(crate) async fn list(
    State(state): State<HttpState>,
    Reader(caller): Reader,
    Params(query): Params<TaskQuery>,
) -> Result<Json<Page<Task>>> {
    Ok(Json(state.services.tasks(&caller, query).await?))
}

/// Adds a task to a list.
#[utoipa::path(post, path = "/api/v1/tasks", tag = "tasks", request_body = NewTask,
    responses((status = 201, body = TaskWritten)))]
pub(crate) async fn create(commands: Commands, Body(draft): Body<NewTask>) -> Result<Response> {
    commands.run(Command::TaskCreate(draft)).await
}

/// Returns one task of the user.
#[utoipa::path(get, path = "/api/v1/tasks/{id}", tag = "tasks", params(("id" = TaskRef, Path)),
    responses((status = 200, body = Task)))]
pub(crate) async fn show(
    State(state): State<HttpState>,
    Reader(caller): Reader,
    Id(task): Id<TaskRef>,
) -> Result<Json<Task>> {
    Ok(Json(state.services.task(&caller, task).await?))
}

/// Changes fields of a task.
#[utoipa::path(patch, path = "/api/v1/tasks/{id}", tag = "tasks", params(("id" = TaskRef, Path)),
    request_body = TaskPatch, responses((status = 200, body = TaskWritten)))]
pub(crate) async fn update(
    commands: Commands,
    Id(task_id): Id<TaskRef>,
    Body(patch): Body<TaskPatch>,
) -> Result<Response> {
    commands.run(Command::TaskUpdate(TaskUpdate { task_id, patch })).await
}

/// Deletes a task. This can be undone.
#[utoipa::path(delete, path = "/api/v1/tasks/{id}", tag = "tasks", params(("id" = TaskRef, Path)),
    responses((status = 200, body = Deleted)))]
pub(crate) async fn delete(commands: Commands, Id(task_id): Id<TaskRef>) -> Result<Response> {
    commands.run(Command::TaskDelete(TaskRefArgs { task_id })).await
}

/// Marks a task and its subtasks as done. A recurring one moves to its next date.
#[utoipa::path(post, path = "/api/v1/tasks/{id}/complete", tag = "tasks", params(("id" = TaskRef, Path)),
    request_body = Option<CompleteBody>, responses((status = 200, body = TaskWritten)))]
pub(crate) async fn complete(
    commands: Commands,
    Id(task_id): Id<TaskRef>,
    OptionalBody(CompleteBody { occurrence }): OptionalBody<CompleteBody>,
) -> Result<Response> {
    commands.run(Command::TaskComplete(TaskComplete { task_id, occurrence })).await
}

/// Moves a recurring task to its next date without a completion.
#[utoipa::path(post, path = "/api/v1/tasks/{id}/skip", tag = "tasks", params(("id" = TaskRef, Path)),
    request_body = Option<Nothing>, responses((status = 200, body = TaskWritten)))]
pub(crate) async fn skip(
    commands: Commands,
    Id(task_id): Id<TaskRef>,
    OptionalBody(Nothing {}): OptionalBody<Nothing>,
) -> Result<Response> {
    commands.run(Command::TaskSkip(TaskRefArgs { task_id })).await
}

/// Marks a completed task as open. Of a recurring one, takes its last completion back.
#[utoipa::path(post, path = "/api/v1/tasks/{id}/reopen", tag = "tasks", params(("id" = TaskRef, Path)),
    request_body = Option<Nothing>, responses((status = 200, body = TaskWritten)))]
pub(crate) async fn reopen(
    commands: Commands,
    Id(task_id): Id<TaskRef>,
    OptionalBody(Nothing {}): OptionalBody<Nothing>,
) -> Result<Response> {
    commands.run(Command::TaskReopen(TaskRefArgs { task_id })).await
}

/// Lists the newest changes of a task, as far as the log of changes goes back, and names the conversation that it came
/// from.
#[utoipa::path(get, path = "/api/v1/tasks/{id}/history", tag = "tasks", params(("id" = TaskRef, Path)),
    responses((status = 200, body = TaskHistory)))]
pub(crate) async fn history(
    State(state): State<HttpState>,
    Reader(caller): Reader,
    Id(task): Id<TaskRef>,
) -> Result<Json<TaskHistory>> {
    Ok(Json(state.services.task_history(&caller, task).await?))
}

/// Lists what was done and when, newest first. A recurring task is listed each time.
#[utoipa::path(get, path = "/api/v1/completions", tag = "tasks", params(CompletionsQuery),
    responses((status = 200, body = Page<Completion>)))]
pub(crate) async fn completions(
    State(state): State<HttpState>,
    Reader(caller): Reader,
    Params(query): Params<CompletionsQuery>,
) -> Result<Json<Page<Completion>>> {
    Ok(Json(state.services.completions(&caller, query).await?))
}
