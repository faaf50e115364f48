//! Values that many components hold at once: cheap to clone, and equal at a glance when nothing changed.

use crate::state::ptr_eq::PtrEq;
use std::{ops::Deref, sync::Arc};
use tandem_protocol::{
    id::{TaskId, TaskRef},
    map::Map,
    model::Task,
};

/// A shared value as a property. Two are equal at once when they are the same allocation, which is what nearly every
/// comparison of a render finds; only then are the values compared.
#[derive(Debug, Default)]
pub(crate) struct Shared<T>(pub Arc<T>);

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: PartialEq> PartialEq for Shared<T> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> From<Arc<T>> for Shared<T> {
    fn from(value: Arc<T>) -> Self {
        Self(value)
    }
}

impl<T> From<&Arc<T>> for Shared<T> {
    fn from(value: &Arc<T>) -> Self {
        Self(Arc::clone(value))
    }
}

/// The tasks that this device knows, to be looked up by id or number.
///
/// Equal when it is the same index: whoever changes a task makes a new one.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct TaskIndex(Option<PtrEq<Map<TaskId, Arc<Task>>>>);

impl FromIterator<Arc<Task>> for TaskIndex {
    fn from_iter<I: IntoIterator<Item = Arc<Task>>>(tasks: I) -> Self {
        Self(Some(PtrEq::new(tasks.into_iter().map(|task| (task.id, task)).collect())))
    }
}

impl TaskIndex {
    /// The task of this id.
    pub(crate) fn get(&self, id: TaskId) -> Option<&Arc<Task>> {
        self.0.as_ref()?.get(&id)
    }

    /// The task that this names.
    pub(crate) fn find(&self, name: TaskRef) -> Option<&Arc<Task>> {
        match name {
            TaskRef::Id(id) => self.get(id),
            TaskRef::Number(number) => self.iter().find(|task| task.number == number),
        }
    }

    /// Every task, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Task>> {
        self.0.iter().flat_map(|tasks| tasks.values())
    }
}
