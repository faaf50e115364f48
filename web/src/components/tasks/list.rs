//! The list of tasks. Its children are list items only; the style sheet draws the headings from `data-section`.

use super::{
    TaskAction, TaskNotes,
    draft::TaskEdit,
    editor::TaskEditor,
    focus::use_kept_focus,
    rank::between,
    row::TaskRow,
    sections::{Row, Section},
};
use crate::{
    components::{
        clock::Clock,
        shared::{Shared, TaskIndex},
    },
    platform::window::{focus_element, reveal},
};
use std::{cell::RefCell, cmp::Ordering, rc::Rc, sync::Arc};
use tandem_protocol::{enums::TaskStatus, id::TaskId, model::Task, rest::TaskPatch};
use web_sys::Element;
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct TaskListProps {
    pub sections: Vec<Section>,
    /// All known tasks, also those that no section shows.
    pub tasks: TaskIndex,
    /// Whether the tasks are still being loaded.
    pub loading: bool,
    pub notes: TaskNotes,
    /// Whether the rows are in the person's own order and can be moved.
    pub sortable: bool,
    /// The names of existing lists, for the editor.
    pub lists: Vec<String>,
    /// The task whose edit was interrupted by a reload.
    pub edited: Option<TaskId>,
    /// The stored edit of a task; empty if there is none.
    pub draft_of: Callback<TaskId, String>,
    /// The task to lead to, and the number of such requests.
    pub target: Option<(TaskId, u32)>,
    pub clock: Clock,
    pub on: Callback<TaskAction>,
}

/// The list `Task list`. One row at a time can be open in the editor.
#[component]
pub(crate) fn TaskList(props: &TaskListProps) -> Html {
    let editing = use_state_eq(|| props.edited);
    // Not in the state, because it is not drawn.
    let dragged = use_mut_ref(|| None::<TaskId>);
    let list = use_node_ref();
    use_kept_focus(&list);
    use_target(props.target, &props.sections, &list);
    let edited = use_edited(props, *editing);
    let rows = props
        .sections
        .iter()
        .flat_map(|section| section.rows.iter().enumerate().map(move |(index, row)| (section, index, row)));
    let is_shown =
        |id: TaskId| rows.clone().any(|(_, _, row)| row.task.id == id || row.parts.iter().any(|part| part.id == id));
    // The task that is edited may be deleted, completed or moved to another day meanwhile. Its editor stays.
    let apart = edited.as_ref().filter(|edited| !is_shown(edited.task.id));
    let view = ListView { props, editing: &editing, edited: edited.as_ref() };
    html! {
        <ul ref={list} aria-label="Task list">
            if let Some(edited) = apart {
                <li key={edited.task.id.to_string()} data-task={edited.task.id.to_string()}>{ view.editor(edited) }</li>
            }
            { for rows.map(|(section, index, row)| {
                let heading = (index == 0 && !section.name.is_empty()).then(|| section.name.clone());
                let id = row.task.id;
                // Text in a draggable element cannot be selected, so a row is not draggable while it is edited.
                let sorting = props.sortable && *editing != Some(id);
                let (ondragstart, ondragover, ondrop) = drag(props, section, index, &dragged);
                html! {
                    <li key={id.to_string()} data-task={id.to_string()} data-section={heading}
                        draggable={sorting.then_some("true")} {ondragstart} {ondragover} {ondrop}
                        onkeydown={keyboard(props, section, index)}>
                        { view.item(&row.task, &row.parts, section.is_today) }
                        if !row.parts.is_empty() {
                            <ul class="subtasks" aria-label={format!("Subtasks of {}", row.task.title)}>
                                { for row.parts.iter().map(|part| html! {
                                    <li key={part.id.to_string()} data-task={part.id.to_string()}>
                                        { view.item(part, &[], false) }
                                    </li>
                                }) }
                            </ul>
                        }
                    </li>
                }
            }) }
        </ul>
    }
}

/// Leads to a task as soon as it has a row.
#[hook]
fn use_target(target: Option<(TaskId, u32)>, sections: &[Section], list: &NodeRef) {
    let mut rows = sections.iter().flat_map(|section| &section.rows);
    let mut has_row = |id: TaskId| rows.any(|row| row.task.id == id || row.parts.iter().any(|part| part.id == id));
    let shown = target.filter(|(id, _)| has_row(*id));
    let list = list.clone();
    use_effect_with(shown, move |shown| {
        let Some(((id, _), list)) = shown.zip(list.cast::<Element>()) else { return };
        if let Ok(Some(row)) = list.query_selector(&format!("[data-task='{id}'] > .task")) {
            reveal(&row);
            focus_element(&row);
        }
    });
}

/// The task in the editor.
struct Edited {
    /// The task as it is now, or as it was before it was deleted.
    task: Arc<Task>,
    deleted: bool,
}

/// The task in the editor. One that is deleted meanwhile is kept, with the text of the person.
#[hook]
fn use_edited(props: &TaskListProps, editing: Option<TaskId>) -> Option<Edited> {
    let last = use_mut_ref(|| None::<Arc<Task>>);
    let id = editing?;
    if let Some(task) = props.tasks.get(id) {
        *last.borrow_mut() = Some(Arc::clone(task));
        return Some(Edited { task: Arc::clone(task), deleted: false });
    }
    if props.loading {
        return None;
    }
    let known = last.borrow().clone().filter(|task| task.id == id);
    // After a reload only the stored edit is left of a task that was deleted meanwhile.
    let restored = || {
        let edit = TaskEdit::restore(&props.draft_of.emit(id))?;
        Some(Arc::new(Task { title: edit.title().to_owned(), ..Task::empty(id, props.clock.now()) }))
    };
    Some(Edited { task: known.or_else(restored)?, deleted: true })
}

/// What the items of the list need to be drawn.
struct ListView<'a> {
    props: &'a TaskListProps,
    editing: &'a UseStateHandle<Option<TaskId>>,
    edited: Option<&'a Edited>,
}

impl ListView<'_> {
    fn item(&self, task: &Arc<Task>, parts: &[Arc<Task>], under_today: bool) -> Html {
        let props = self.props;
        if let Some(edited) = self.edited.filter(|edited| edited.task.id == task.id) {
            return self.editor(edited);
        }
        let on_edit = {
            let editing = self.editing.clone();
            Callback::from(move |id| editing.set(Some(id)))
        };
        html! {
            <TaskRow task={Shared::from(task)} parts={parts.len()}
                parts_done={parts.iter().filter(|part| part.status == TaskStatus::Done).count()}
                {under_today} note={props.notes.of(task.id)} clock={props.clock.clone()} {on_edit} on={props.on.clone()} />
        }
    }

    fn editor(&self, edited: &Edited) -> Html {
        let (props, id) = (self.props, edited.task.id);
        let on_close = {
            let editing = self.editing.clone();
            Callback::from(move |()| editing.set(None))
        };
        html! {
            <TaskEditor key={id.to_string()} task={Shared::from(&edited.task)} deleted={edited.deleted}
                by={props.notes.of(id).last_by} draft={props.draft_of.emit(id)} lists={props.lists.clone()}
                clock={props.clock.clone()} {on_close} on={props.on.clone()} />
        }
    }
}

type Drag = (Option<Callback<DragEvent>>, Option<Callback<DragEvent>>, Option<Callback<DragEvent>>);

/// The handlers that move a row to the place of the row on which it is dropped.
fn drag(props: &TaskListProps, section: &Section, index: usize, dragged: &Rc<RefCell<Option<TaskId>>>) -> Drag {
    if !props.sortable {
        return (None, None, None);
    }
    let id = section.rows[index].task.id;
    let start = {
        let dragged = dragged.clone();
        Callback::from(move |_: DragEvent| *dragged.borrow_mut() = Some(id))
    };
    // Browsers refuse a drop unless `dragover` is cancelled.
    let over = Callback::from(|event: DragEvent| event.prevent_default());
    let drop = {
        let (dragged, rows, on) = (dragged.clone(), section.rows.clone(), props.on.clone());
        Callback::from(move |event: DragEvent| {
            event.prevent_default();
            let from = dragged.take().and_then(|id| rows.iter().position(|row| row.task.id == id));
            if let Some(moved) = from.and_then(|from| move_row(&rows, from, index)) {
                on.emit(moved);
            }
        })
    };
    (Some(start), Some(over), Some(drop))
}

/// The handler that moves a row with Alt and an arrow key.
fn keyboard(props: &TaskListProps, section: &Section, index: usize) -> Option<Callback<KeyboardEvent>> {
    if !props.sortable {
        return None;
    }
    let (rows, on) = (section.rows.clone(), props.on.clone());
    Some(Callback::from(move |event: KeyboardEvent| {
        let to = match event.key().as_str() {
            "ArrowUp" if event.alt_key() => index.checked_sub(1),
            "ArrowDown" if event.alt_key() => Some(index + 1).filter(|to| *to < rows.len()),
            _ => return,
        };
        event.prevent_default();
        // Elsewhere the same keys switch between conversations.
        event.stop_propagation();
        if let Some(moved) = to.and_then(|to| move_row(&rows, index, to)) {
            on.emit(moved);
        }
    }))
}

/// The change that moves the row at `from` to the place of the row at `to`; `None` if there is no position between its
/// new neighbours.
fn move_row(rows: &[Row], from: usize, to: usize) -> Option<TaskAction> {
    let position = |at: Option<usize>| at.and_then(|at| rows.get(at)).map(|row| row.task.position.as_str());
    let (before, after) = match from.cmp(&to) {
        Ordering::Equal => return None,
        Ordering::Less => (Some(to), Some(to + 1)),
        Ordering::Greater => (to.checked_sub(1), Some(to)),
    };
    let position = between(position(before), position(after))?;
    Some(TaskAction::Update(rows[from].task.id, TaskPatch { position: Some(position), ..TaskPatch::default() }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::task;

    fn rows() -> Vec<Row> {
        (1..=3).map(|number| Row { task: Arc::new(task(number, "T")), parts: Vec::new() }).collect()
    }

    fn moved(from: usize, to: usize) -> Option<String> {
        match move_row(&rows(), from, to)? {
            TaskAction::Update(_, patch) => patch.position,
            _ => None,
        }
    }

    #[test]
    fn a_moved_row_stands_where_the_other_stood() {
        let positions: Vec<_> = rows().into_iter().map(|row| row.task.position.clone()).collect();
        let up = moved(2, 0).expect("a place");
        assert!(up < positions[0]);
        let down = moved(0, 1).expect("a place");
        assert!(positions[1] < down && down < positions[2]);
        let end = moved(0, 2).expect("a place");
        assert!(end > positions[2]);
        assert_eq!(moved(1, 1), None);
    }
}
