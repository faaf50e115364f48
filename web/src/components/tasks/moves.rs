//! Where a task goes when it is dragged or moved with the keyboard. Pure.
//!
//! The client names the task that the moved one stands behind; the server computes the position.

use super::{
    Bulk, TaskAction,
    sections::{Row, Section, SectionKind},
};
use std::sync::Arc;
use tandem_protocol::{
    id::{TaskId, TaskRef},
    model::Task,
    rest::TaskPatch,
};

/// A place beside a row of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spot {
    Before,
    After,
    /// Below the row, as its subtask.
    Into,
}

/// A row of the list, or one of a subtask.
#[derive(Clone, Copy, Debug)]
struct At<'a> {
    section: &'a Section,
    /// The index of the row in its section.
    index: usize,
    /// The index of the subtask in the row.
    part: Option<usize>,
}

impl<'a> At<'a> {
    fn find(sections: &'a [Section], id: TaskId) -> Option<Self> {
        sections.iter().find_map(|section| {
            section.rows.iter().enumerate().find_map(|(index, row)| {
                let part = row.parts.iter().position(|part| part.id == id);
                (row.task.id == id || part.is_some()).then_some(Self { section, index, part })
            })
        })
    }

    fn row(self) -> &'a Row {
        &self.section.rows[self.index]
    }

    fn task(self) -> &'a Arc<Task> {
        self.part.map_or(&self.row().task, |part| &self.row().parts[part])
    }

    /// The tasks among which this one is ordered, and its place.
    fn siblings(self) -> (Vec<TaskId>, usize) {
        match self.part {
            Some(part) => (self.row().parts.iter().map(|part| part.id).collect(), part),
            None => (self.section.rows.iter().map(|row| row.task.id).collect(), self.index),
        }
    }

    /// The order is the person's own: in lists, and among subtasks everywhere.
    fn is_ordered(self) -> bool {
        self.part.is_some() || matches!(self.section.kind, SectionKind::List(_))
    }
}

fn update(id: TaskId, patch: TaskPatch) -> Option<TaskAction> {
    (patch != TaskPatch::default()).then_some(TaskAction::Update(id, patch))
}

/// Behind a task of a list, or first.
fn behind(others: &[TaskId], index: usize) -> Option<TaskRef> {
    index.checked_sub(1).and_then(|before| others.get(before)).map(|id| TaskRef::Id(*id))
}

/// One place up (-1) or down (1) among its siblings.
pub(super) fn step(sections: &[Section], id: TaskId, step: i32) -> Option<TaskAction> {
    let at = At::find(sections, id).filter(|at| at.is_ordered())?;
    let (mut others, index) = at.siblings();
    others.remove(index);
    let to = usize::try_from(i32::try_from(index).ok()? + step).ok().filter(|to| *to <= others.len())?;
    update(id, TaskPatch { after: Some(behind(&others, to)), ..TaskPatch::default() })
}

/// Makes a task the last subtask of the row above it. A task with subtasks stays where it is: one level is enough.
pub(super) fn nest(sections: &[Section], id: TaskId) -> Option<TaskAction> {
    let at = At::find(sections, id).filter(|at| at.part.is_none() && at.row().parts.is_empty())?;
    let above = &at.section.rows[at.index.checked_sub(1)?];
    into(id, above)
}

fn into(id: TaskId, row: &Row) -> Option<TaskAction> {
    let last = row.parts.iter().rev().map(|part| part.id).find(|part| *part != id).unwrap_or(row.task.id);
    let parent_id = Some(Some(row.task.id.into()));
    update(id, TaskPatch { parent_id, after: Some(Some(last.into())), ..TaskPatch::default() })
}

/// Makes a subtask a task of its own, behind the one that it was part of.
pub(super) fn unnest(sections: &[Section], id: TaskId) -> Option<TaskAction> {
    let at = At::find(sections, id).filter(|at| at.part.is_some())?;
    let after = Some(Some(at.row().task.id.into()));
    update(id, TaskPatch { parent_id: Some(None), after, ..TaskPatch::default() })
}

/// Drops a task beside another one.
pub(super) fn drop_on(sections: &[Section], moved: &Task, target: TaskId, spot: Spot) -> Option<TaskAction> {
    let at = At::find(sections, target)?;
    if target == moved.id {
        return None;
    }
    match &at.section.kind {
        _ if at.part.is_some() || spot == Spot::Into => drop_as_part(at, moved, spot),
        SectionKind::List(list) => {
            let mut patch = place(at, moved, spot);
            if moved.list != *list {
                patch.list = Some(list.clone());
            }
            if moved.parent_id.is_some() {
                patch.parent_id = Some(None);
            }
            update(moved.id, patch)
        }
        // Where the order is that of time, a task is dropped on the day.
        SectionKind::Day(_) | SectionKind::Today(_) => drop_on_day(at.section, moved.id),
        SectionKind::Overdue | SectionKind::Other => None,
    }
}

fn drop_on_day(section: &Section, id: TaskId) -> Option<TaskAction> {
    let (SectionKind::Day(day) | SectionKind::Today(day)) = section.kind else { return None };
    let is_there = section.rows.iter().any(|row| row.task.id == id);
    (!is_there).then(|| TaskAction::Change(vec![id], Bulk::Day(Some(day))))
}

fn drop_as_part(at: At<'_>, moved: &Task, spot: Spot) -> Option<TaskAction> {
    let row = at.row();
    let has_parts = at.section.rows.iter().any(|row| row.task.id == moved.id && !row.parts.is_empty());
    if has_parts || row.task.id == moved.id {
        return None;
    }
    if at.part.is_none() {
        return into(moved.id, row);
    }
    let mut patch = place(at, moved, spot);
    if moved.parent_id != Some(row.task.id) {
        patch.parent_id = Some(Some(row.task.id.into()));
    }
    update(moved.id, patch)
}

/// The order alone; empty when it stands there already.
fn place(at: At<'_>, moved: &Task, spot: Spot) -> TaskPatch {
    let (mut others, _) = at.siblings();
    let old = others.iter().position(|id| *id == moved.id);
    others.retain(|id| *id != moved.id);
    let target = others.iter().position(|id| *id == at.task().id).unwrap_or(0);
    let index = if spot == Spot::Before { target } else { target + 1 };
    let after = if old == Some(index) { None } else { Some(behind(&others, index)) };
    TaskPatch { after, ..TaskPatch::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{task, task_id};
    use jiff::civil::date;

    /// Tasks 1 to 3 in one section, of which the first has the subtasks 4 and 5.
    fn sections(kind: SectionKind) -> Vec<Section> {
        let whole = task_id(1);
        let part = |number| Arc::new(Task { parent_id: Some(whole), ..task(number, "part") });
        let mut rows: Vec<Row> =
            (1..=3).map(|number| Row { task: Arc::new(task(number, "T")), parts: Vec::new() }).collect();
        rows[0].parts = vec![part(4), part(5)];
        vec![Section { name: String::new(), kind, rows }]
    }

    fn list() -> Vec<Section> {
        sections(SectionKind::List(None))
    }

    fn patch(action: Option<TaskAction>) -> TaskPatch {
        match action {
            Some(TaskAction::Update(_, patch)) => patch,
            other => panic!("{other:?}"),
        }
    }

    fn after(number: u128) -> TaskRef {
        task_id(number).into()
    }

    #[test]
    fn a_step_names_the_task_to_stand_behind() {
        assert_eq!(patch(step(&list(), task_id(1), 1)).after, Some(Some(after(2))));
        assert_eq!(patch(step(&list(), task_id(3), -1)).after, Some(Some(after(1))));
        assert_eq!(patch(step(&list(), task_id(2), -1)).after, Some(None));
        assert_eq!(patch(step(&list(), task_id(5), -1)).after, Some(None), "among subtasks");
        assert_eq!((step(&list(), task_id(1), -1), step(&list(), task_id(3), 1)), (None, None));
        assert_eq!(
            step(&sections(SectionKind::Today(date(2026, 11, 23))), task_id(1), 1),
            None,
            "the order is that of time"
        );
    }

    #[test]
    fn a_task_becomes_a_part_of_the_one_above_and_is_one_of_its_own_again() {
        let nested = patch(nest(&list(), task_id(2)));
        assert_eq!((nested.parent_id, nested.after), (Some(Some(after(1))), Some(Some(after(5)))));
        assert_eq!(nest(&list(), task_id(1)), None, "there is none above");
        let alone = patch(unnest(&list(), task_id(5)));
        assert_eq!((alone.parent_id, alone.after), (Some(None), Some(Some(after(1)))));
    }

    #[test]
    fn a_dropped_task_stands_beside_the_other() {
        let sections = list();
        let moved = Arc::clone(&sections[0].rows[2].task);
        let drop = |target, spot| drop_on(&sections, &moved, task_id(target), spot);
        assert_eq!(patch(drop(1, Spot::Before)).after, Some(None));
        assert_eq!(patch(drop(1, Spot::After)).after, Some(Some(after(1))));
        assert_eq!(drop(2, Spot::After), None, "where it is");
        let part = patch(drop(1, Spot::Into));
        assert_eq!((part.parent_id, part.after), (Some(Some(after(1))), Some(Some(after(5)))));
        let first = patch(drop(4, Spot::Before));
        assert_eq!((first.parent_id, first.after), (Some(Some(after(1))), Some(None)));
    }

    #[test]
    fn a_task_that_is_dropped_in_another_list_goes_there() {
        let sections = list();
        let moved = Task { list: Some("Move".into()), ..task(9, "box") };
        let dropped = patch(drop_on(&sections, &moved, task_id(2), Spot::After));
        assert_eq!((dropped.after, dropped.list), (Some(Some(after(2))), Some(None)));
    }

    #[test]
    fn a_task_that_is_dropped_on_a_day_is_due_then() {
        let day = date(2026, 11, 25);
        let moved = task(9, "box");
        let dropped = drop_on(&sections(SectionKind::Day(day)), &moved, task_id(2), Spot::After);
        assert_eq!(dropped, Some(TaskAction::Change(vec![moved.id], Bulk::Day(Some(day)))));
        assert_eq!(drop_on(&sections(SectionKind::Overdue), &moved, task_id(2), Spot::After), None);
    }

    #[test]
    fn one_level_of_subtasks_is_enough() {
        let sections = list();
        let whole = Arc::clone(&sections[0].rows[0].task);
        assert_eq!(drop_on(&sections, &whole, task_id(2), Spot::Into), None);
        assert_eq!(drop_on(&sections, &whole, task_id(4), Spot::After), None);
    }
}
