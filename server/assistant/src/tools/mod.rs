//! The task tools: what the assistant, and programs over MCP, can do for a user.
//!
//! A tool works in the unit or view of its caller, so it reaches that user's data only; no argument names a user. One
//! that only reads gets a view and holds up no change. What a tool refuses is its result ([`ToolError`]), not a failure
//! of the run: models often correct a call when they read why.
//!
//! **Invariant:** after an error the unit is dropped: the tool may have written a part of its work.

mod add_task;
mod add_tasks;
mod args;
mod dates;
mod dismiss_reminder;
mod error;
mod explain;
mod get_overview;
mod impact;
mod list_tasks;
mod lookup;
mod reminders;
mod reschedule_task;
mod single_task;
mod snooze_reminder;
mod summary;
mod undo;
mod update_task;

pub use error::{Candidate, ToolError, ToolErrorCode};
pub use impact::{CallImpact, assess};

pub(crate) use args::means_none;
pub(crate) use reminders::{HAS_FIRED, USUAL};

use serde_json::Value;
use std::sync::LazyLock;
use tandem_protocol::model::Task;
use tandem_service::{Moment as _, UnitOfWork, View, Work};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    Reads,
    Writes,
    Deletes,
}

/// A tool as models and programs see it.
#[derive(Clone, Debug)]
pub struct ToolSpec {
    pub name: &'static str,
    /// When to use the tool, and what it returns.
    pub description: &'static str,
    /// JSON Schema of the arguments, limited to what all providers accept: type, properties, required, enum,
    /// description, items.
    pub schema: Value,
    pub effect: Effect,
}

impl ToolSpec {
    /// The kind of work that a call counts as, when a program makes it. In a reply the permits of the run cover it.
    #[must_use]
    pub fn work(&self) -> Work {
        match self.effect {
            Effect::Reads => Work::Page,
            Effect::Writes | Effect::Deletes => Work::Change,
        }
    }
}

static SPECS: LazyLock<Vec<ToolSpec>> = LazyLock::new(|| {
    vec![
        add_task::spec(),
        add_tasks::spec(),
        list_tasks::spec(),
        single_task::get_spec(),
        update_task::spec(),
        reschedule_task::spec(),
        single_task::complete_spec(),
        single_task::skip_spec(),
        single_task::uncomplete_spec(),
        single_task::delete_spec(),
        snooze_reminder::spec(),
        dismiss_reminder::spec(),
        undo::spec(),
        get_overview::spec(),
    ]
});

/// All tools, in an order that never changes: providers cache the start of a prompt.
#[must_use]
pub fn specs() -> &'static [ToolSpec] {
    &SPECS
}

#[must_use]
pub fn spec(name: &str) -> Option<&'static ToolSpec> {
    specs().iter().find(|spec| spec.name == name)
}

/// Whether this tool only reads, so that it is run by [`read`] and not by [`call`].
#[must_use]
pub fn only_reads(name: &str) -> bool {
    spec(name).is_some_and(|spec| spec.effect == Effect::Reads)
}

/// Runs a tool that only reads.
///
/// # Errors
/// When there is no such tool, or the tool refuses the arguments; with code `unavailable` or `internal` when the store
/// fails.
pub async fn read(view: &mut View, name: &str, arguments: &Value) -> Result<Value, ToolError> {
    match name {
        list_tasks::NAME => list_tasks::call(view, arguments).await,
        single_task::GET => single_task::get(view, arguments).await,
        get_overview::NAME => get_overview::call(view, arguments).await,
        _ => Err(ToolError::unknown_tool(name)),
    }
}

/// Runs a tool that changes something. The caller commits the unit.
///
/// # Errors
/// As [`read`]. The caller must drop the unit then: it may hold a part of the work.
pub async fn call(unit: &mut UnitOfWork, name: &str, arguments: &Value) -> Result<Value, ToolError> {
    match name {
        add_task::NAME => add_task::call(unit, arguments).await,
        add_tasks::NAME => add_tasks::call(unit, arguments).await,
        update_task::NAME => update_task::call(unit, arguments).await,
        reschedule_task::NAME => reschedule_task::call(unit, arguments).await,
        single_task::COMPLETE => single_task::complete(unit, arguments).await,
        single_task::SKIP => single_task::skip(unit, arguments).await,
        single_task::UNCOMPLETE => single_task::uncomplete(unit, arguments).await,
        single_task::DELETE => single_task::delete(unit, arguments).await,
        snooze_reminder::NAME => snooze_reminder::call(unit, arguments).await,
        dismiss_reminder::NAME => dismiss_reminder::call(unit, arguments).await,
        undo::NAME => undo::call(unit, arguments).await,
        _ => Err(ToolError::unknown_tool(name)),
    }
}

/// The task that the arguments of a call name, if there is such a task.
///
/// # Errors
/// When the store fails.
pub async fn named_task(unit: &mut UnitOfWork, arguments: &Value) -> tandem_service::Result<Option<Task>> {
    match arguments.get("task_id").and_then(args::named_task).as_deref().and_then(args::task_ref) {
        Some(task) => Ok(unit.tasks().task(task).await?),
        None => Ok(None),
    }
}

/// The number of changes that a call requests, from its arguments: 0 for a tool that only reads.
#[must_use]
pub fn writes(name: &str, arguments: &Value) -> usize {
    CallImpact::of_arguments(name, arguments).writes
}
