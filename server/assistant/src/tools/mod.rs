//! The task tools, one file each: what the assistant and programs over MCP can do for a user.
//!
//! A tool acts in the unit of whoever calls it, so it reaches that user's data and nothing else; no argument names a
//! user. One that only reads gets a view and never holds up a change. What it refuses is an answer to the caller ([`ToolError`]), not a failure of the run. After an error the unit
//! must be dropped: the tool may have written a part of its work.

mod add_task;
mod add_tasks;
mod args;
mod dates;
mod error;
mod get_overview;
mod impact;
mod list_tasks;
mod lookup;
mod reschedule_task;
mod single_task;
mod summary;
mod undo;
mod update_task;

pub use error::{Candidate, ToolError, ToolErrorCode};
pub use impact::{CallImpact, assess};

use serde_json::Value;
use std::sync::LazyLock;
use tandem_service::{UnitOfWork, View, Work};

/// What a tool may do to the user's data.
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
    /// When to use it and what it answers.
    pub description: &'static str,
    /// Plain JSON Schema of its arguments: type, properties, required, enum, description, items.
    pub schema: Value,
    /// What it may do.
    pub effect: Effect,
}

impl ToolSpec {
    /// The work that a call is, when a program makes it. In a reply the run's own permits cover it.
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
        single_task::uncomplete_spec(),
        single_task::delete_spec(),
        undo::spec(),
        get_overview::spec(),
    ]
});

/// Every tool, in an order that never changes: providers cache the start of a prompt.
#[must_use]
pub fn specs() -> &'static [ToolSpec] {
    &SPECS
}

/// The tool of this name.
#[must_use]
pub fn spec(name: &str) -> Option<&'static ToolSpec> {
    specs().iter().find(|spec| spec.name == name)
}

/// Whether a tool of this name only reads: it is run by [`read`], others by [`call`].
#[must_use]
pub fn only_reads(name: &str) -> bool {
    spec(name).is_some_and(|spec| spec.effect == Effect::Reads)
}

/// Runs a tool that only reads.
pub async fn read(view: &mut View, name: &str, arguments: &Value) -> Result<Value, ToolError> {
    match name {
        list_tasks::NAME => list_tasks::call(view, arguments).await,
        single_task::GET => single_task::get(view, arguments).await,
        get_overview::NAME => get_overview::call(view, arguments).await,
        _ => Err(ToolError::unknown_tool(name)),
    }
}

/// Runs a tool that changes something. The caller commits the unit, or drops it after an error.
pub async fn call(unit: &mut UnitOfWork, name: &str, arguments: &Value) -> Result<Value, ToolError> {
    match name {
        add_task::NAME => add_task::call(unit, arguments).await,
        add_tasks::NAME => add_tasks::call(unit, arguments).await,
        update_task::NAME => update_task::call(unit, arguments).await,
        reschedule_task::NAME => reschedule_task::call(unit, arguments).await,
        single_task::COMPLETE => single_task::complete(unit, arguments).await,
        single_task::UNCOMPLETE => single_task::uncomplete(unit, arguments).await,
        single_task::DELETE => single_task::delete(unit, arguments).await,
        undo::NAME => undo::call(unit, arguments).await,
        _ => Err(ToolError::unknown_tool(name)),
    }
}

/// How many changes a call asks for, read from its arguments: 0 for a tool that only reads.
#[must_use]
pub fn writes(name: &str, arguments: &Value) -> usize {
    CallImpact::of_arguments(name, arguments).writes
}
