//! Edits of tasks that the server refused, because others have changed or deleted the task: see
//! [`task_merge`].

use super::{Effect, Model, RemoteChange};
use crate::state::{
    outbox::{Delivery, Entry},
    task_merge::{self, TaskField},
    tasks::is_named,
};
use std::sync::Arc;
use tandem_protocol::{
    CommandId, ErrorCode,
    id::TaskRef,
    live::{Command, command::TaskUpdate, server::ErrorFrame},
    model::Task,
    rest::TaskPatch,
};

/// An edit about which the person has to decide.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RefusedEdit {
    pub id: CommandId,
    /// The title that the task has, or had.
    pub title: String,
    pub deleted: bool,
    /// Who changed or deleted the task last, if that happened while the page was open.
    pub by: Option<RemoteChange>,
    /// The fields that both have changed, with the values of both.
    pub fields: Vec<TaskField>,
    pub mine: TaskPatch,
    pub theirs: TaskPatch,
}

/// What becomes of a refused edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EditDecision {
    UseMine,
    /// Fields that only this person has changed are still sent.
    KeepTheirs,
    /// The task was deleted: add a new one.
    SaveAsNew,
    /// The task was deleted: so is the edit.
    Discard,
}

impl Model {
    /// What the person saw in the fields that an edit changes, and the title.
    pub(super) fn seen_by(&self, command: &Command) -> Option<TaskPatch> {
        let Command::TaskUpdate(TaskUpdate { task_id, patch }) = command else { return None };
        // Without a revision the server refuses nothing: a new place in the list, for example.
        patch.if_rev?;
        let shown = self.task_view();
        let task = shown.tasks.iter().find(|task| is_named(task, *task_id))?;
        Some(TaskPatch { title: Some(task.title.clone()), ..task_merge::values(task, patch) })
    }

    /// Sends an edit again for the current revision, if the others have changed other fields. Returns `None` if the
    /// person has to decide, or if the refusal has another reason.
    pub(super) fn merge_edit(&mut self, id: CommandId, error: &ErrorFrame) -> Option<Vec<Effect>> {
        if error.code != ErrorCode::Conflict {
            return None;
        }
        let entry = self.outbox.get(id)?;
        let (Command::TaskUpdate(update), Some(seen)) = (&entry.command, &entry.seen) else { return None };
        let theirs = error.task.as_deref().or_else(|| self.known_task(update.task_id))?;
        // Else the same edit would be refused again, without end.
        if Some(theirs.rev) == update.patch.if_rev {
            return None;
        }
        let values = task_merge::values(theirs, &update.patch);
        if !task_merge::conflicts(&update.patch, seen, &values).is_empty() {
            return None;
        }
        let patch = TaskPatch { if_rev: Some(theirs.rev), ..update.patch.clone() };
        let again = Command::TaskUpdate(TaskUpdate { task_id: update.task_id, patch });
        Some(self.replace_edit(id, Some(again)))
    }

    /// The edits about which the person has to decide, oldest first.
    pub(super) fn refused_edits(&self) -> Vec<RefusedEdit> {
        self.outbox.entries().filter_map(|entry| self.refused_edit(entry)).collect()
    }

    fn refused_edit(&self, entry: &Entry) -> Option<RefusedEdit> {
        let Delivery::Failed { code, .. } = entry.delivery else { return None };
        let (Command::TaskUpdate(update), Some(seen)) = (&entry.command, &entry.seen) else { return None };
        let theirs = self.known_task(update.task_id).filter(|_| code != ErrorCode::NotFound);
        let values = theirs.map(|task| task_merge::values(task, &update.patch)).unwrap_or_default();
        let by = match update.task_id {
            TaskRef::Id(id) => self.remote_changes.get(&id).cloned(),
            TaskRef::Number(_) => None,
        };
        Some(RefusedEdit {
            id: entry.id,
            title: theirs.map(|task| task.title.clone()).or_else(|| seen.title.clone()).unwrap_or_default(),
            deleted: theirs.is_none(),
            by,
            fields: if theirs.is_some() { task_merge::conflicts(&update.patch, seen, &values) } else { Vec::new() },
            mine: update.patch.clone(),
            theirs: values,
        })
    }

    /// Carries out what the person decided about a refused edit.
    pub(crate) fn decide_edit(&mut self, id: CommandId, decision: EditDecision) -> Vec<Effect> {
        let Some(entry) = self.outbox.get(id) else { return Vec::new() };
        let Some(edit) = self.refused_edit(entry) else { return Vec::new() };
        let Command::TaskUpdate(TaskUpdate { task_id, .. }) = entry.command else { return Vec::new() };
        let if_rev = self.known_task(task_id).map(|task| task.rev);
        let update =
            |patch: TaskPatch| Command::TaskUpdate(TaskUpdate { task_id, patch: TaskPatch { if_rev, ..patch } });
        let again = match decision {
            EditDecision::UseMine => Some(update(edit.mine)),
            EditDecision::KeepTheirs => task_merge::without(edit.mine, &edit.fields).map(update),
            EditDecision::SaveAsNew => Some(Command::TaskCreate(task_merge::as_new(edit.mine, edit.title))),
            EditDecision::Discard => None,
        };
        self.replace_edit(id, again)
    }

    /// Removes an edit, and submits another command in its place.
    fn replace_edit(&mut self, id: CommandId, again: Option<Command>) -> Vec<Effect> {
        self.outbox.remove(id);
        self.dirty.tasks = true;
        // The new command is stored first, so that a crash in between loses nothing.
        again.map(Effect::Submit).into_iter().chain([Effect::Forget(id)]).collect()
    }

    fn known_task(&self, name: TaskRef) -> Option<&Task> {
        self.replica.tasks().into_iter().map(Arc::as_ref).find(|task| is_named(task, name))
    }
}
