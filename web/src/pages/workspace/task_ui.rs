//! The state of the task panel that the server does not know: what is shown, edited, selected. Pure.

use crate::{
    components::tasks::{TaskAction, TaskFilter, TaskQuery},
    state::ptr_eq::PtrEq,
};
use std::rc::Rc;
use tandem_protocol::TaskId;
use yew::Reducible;

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct TaskUi {
    pub(super) filter: TaskFilter,
    pub(super) query: TaskQuery,
    pub(super) editing: Option<TaskId>,
    /// The task that gets subtasks.
    pub(super) adding: Option<TaskId>,
    /// Tasks that were completed a moment ago, and keep their rows for that long.
    pub(super) held: PtrEq<Vec<TaskId>>,
    pub(super) selected: PtrEq<Vec<TaskId>>,
    /// The tasks for which a day is asked.
    pub(super) asking: Vec<TaskId>,
    /// The task to lead to, and the number of such requests.
    pub(super) target: Option<(TaskId, u32)>,
}

#[derive(Clone, Debug)]
pub(super) enum TaskUiChange {
    /// What the person does with the panel. Changes of tasks are none of this state.
    Act(Box<TaskAction>),
    /// Leads to a task with this filter, which shows it.
    Find(TaskId, TaskFilter),
    Hold(Vec<TaskId>),
    Release(Vec<TaskId>),
}

/// The list with these tasks added, or without them.
fn changed(list: &PtrEq<Vec<TaskId>>, ids: &[TaskId], has: bool) -> PtrEq<Vec<TaskId>> {
    let mut next: Vec<TaskId> = list.iter().copied().filter(|id| !ids.contains(id)).collect();
    if has {
        next.extend(ids);
    }
    PtrEq::new(next)
}

impl TaskUi {
    fn seek(&mut self, id: TaskId) {
        self.target = Some((id, self.target.map_or(0, |(_, count)| count + 1)));
    }

    fn act(&mut self, action: TaskAction) {
        match action {
            TaskAction::Edit(id) => self.editing = id,
            TaskAction::Part(id) => self.adding = id,
            TaskAction::Select(id) => {
                let is_selected = self.selected.contains(&id);
                self.selected = changed(&self.selected, &[id], !is_selected);
            }
            TaskAction::ClearSelection => self.selected = PtrEq::default(),
            // What is done or gone cannot be seen to be selected.
            TaskAction::Complete(id) | TaskAction::Delete(id) if self.selected.contains(&id) => {
                self.selected = changed(&self.selected, &[id], false);
            }
            TaskAction::Change(ids, _) if ids.len() > 1 => self.selected = PtrEq::default(),
            TaskAction::AskDay(ids) => self.asking = ids,
            TaskAction::Seek(id) => self.seek(id),
            TaskAction::Show(filter) => {
                self.filter = filter;
                self.selected = PtrEq::default();
            }
            TaskAction::Narrow(query) => {
                self.query = query;
                self.selected = PtrEq::default();
            }
            _ => {}
        }
    }
}

impl Reducible for TaskUi {
    type Action = TaskUiChange;

    fn reduce(self: Rc<Self>, change: TaskUiChange) -> Rc<Self> {
        let mut next = (*self).clone();
        match change {
            TaskUiChange::Act(action) => next.act(*action),
            TaskUiChange::Find(id, filter) => {
                next.filter = filter;
                next.query = TaskQuery::default();
                next.seek(id);
            }
            TaskUiChange::Hold(ids) => next.held = changed(&self.held, &ids, true),
            TaskUiChange::Release(ids) => next.held = changed(&self.held, &ids, false),
        }
        if next == *self { self } else { Rc::new(next) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{components::tasks::Bulk, testing::task_id};

    fn after(changes: impl IntoIterator<Item = TaskUiChange>) -> Rc<TaskUi> {
        changes.into_iter().fold(Rc::default(), Reducible::reduce)
    }

    fn select(number: u128) -> TaskUiChange {
        TaskUiChange::Act(Box::new(TaskAction::Select(task_id(number))))
    }

    #[test]
    fn a_task_is_selected_once_and_no_longer() {
        let ui = after([select(1), select(2), select(1)]);
        assert_eq!(*ui.selected, [task_id(2)]);
        let other = ui.reduce(TaskUiChange::Act(Box::new(TaskAction::Show(TaskFilter::Done))));
        assert!(other.selected.is_empty(), "nothing is selected that is not shown");
    }

    #[test]
    fn a_change_of_several_ends_the_selection_and_one_of_a_row_does_not() {
        let change = |ids: Vec<_>| TaskUiChange::Act(Box::new(TaskAction::Change(ids, Bulk::Day(None))));
        assert!(after([select(1), select(2), change(vec![task_id(1), task_id(2)])]).selected.is_empty());
        assert_eq!(after([select(1), change(vec![task_id(3)])]).selected.len(), 1);
    }

    #[test]
    fn a_completed_task_is_held_and_released() {
        let ids = vec![task_id(1)];
        let held = after([TaskUiChange::Hold(ids.clone())]);
        assert_eq!(*held.held, ids);
        assert!(held.reduce(TaskUiChange::Release(ids)).held.is_empty());
    }
}
