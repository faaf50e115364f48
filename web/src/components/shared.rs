//! Shared values as properties: cheap to clone, and cheap to compare.
//!
//! Yew compares the properties of every component at each render of its parent. Comparing whole messages or lists there
//! would cost more than drawing.

use crate::state::ptr_eq::PtrEq;
use litemap::LiteMap;
use std::{ops::Deref, sync::Arc};
use tandem_protocol::{
    id::{TaskId, TaskRef},
    model::Task,
};

/// A shared value. Equal allocations are equal without a comparison of the values, which is nearly always the case.
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

/// The known tasks by id. Equal only to itself: every change of a task needs a new index.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct TaskIndex(Option<PtrEq<LiteMap<TaskId, Arc<Task>>>>);

impl FromIterator<Arc<Task>> for TaskIndex {
    fn from_iter<I: IntoIterator<Item = Arc<Task>>>(tasks: I) -> Self {
        // Inserted one by one: collecting would add a sort to the program, for lists that are short or in order.
        let mut index = LiteMap::new();
        for task in tasks {
            index.insert(task.id, task);
        }
        Self(Some(PtrEq::new(index)))
    }
}

impl TaskIndex {
    /// Whether the tasks are known, which they are not where a component does not need them.
    pub(crate) fn is_known(&self) -> bool {
        self.0.is_some()
    }

    pub(crate) fn get(&self, id: TaskId) -> Option<&Arc<Task>> {
        self.0.as_ref()?.get(&id)
    }

    /// Finds a task by id or number.
    pub(crate) fn find(&self, name: TaskRef) -> Option<&Arc<Task>> {
        match name {
            TaskRef::Id(id) => self.get(id),
            TaskRef::Number(number) => self.iter().find(|task| task.number == number),
        }
    }

    /// All tasks, ordered by id.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Task>> {
        self.0.iter().flat_map(|tasks| tasks.values())
    }
}
