//! The list of tasks. Its children are list items only; the style sheet draws the headings from `data-section`.

use super::{
    TaskAction, TaskNotes,
    editor::TaskEditor,
    rank::between,
    row::TaskRow,
    sections::{Row, Section},
};
use crate::components::{clock::Clock, shared::Shared};
use std::{cell::RefCell, cmp::Ordering, rc::Rc, sync::Arc};
use tandem_protocol::{enums::TaskStatus, id::TaskId, model::Task, rest::TaskPatch};
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct TaskListProps {
    pub sections: Vec<Section>,
    pub notes: TaskNotes,
    /// Whether the rows are in the person's own order and can be moved.
    pub sortable: bool,
    /// The names of existing lists, for the editor.
    pub lists: Vec<String>,
    pub clock: Clock,
    pub on: Callback<TaskAction>,
}

/// The list `Task list`. One row at a time can be open in the editor.
#[component]
pub(crate) fn TaskList(props: &TaskListProps) -> Html {
    let editing = use_state_eq(|| None::<TaskId>);
    // Not in the state, because it is not drawn.
    let dragged = use_mut_ref(|| None::<TaskId>);
    let rows = props
        .sections
        .iter()
        .flat_map(|section| section.rows.iter().enumerate().map(move |(index, row)| (section, index, row)));
    html! {
        <ul aria-label="Task list">
            { for rows.map(|(section, index, row)| {
                let heading = (index == 0 && !section.name.is_empty()).then(|| section.name.clone());
                let id = row.task.id;
                // Text in a draggable element cannot be selected, so a row is not draggable while it is edited.
                let sorting = props.sortable && *editing != Some(id);
                let (ondragstart, ondragover, ondrop) = drag(props, section, index, &dragged);
                html! {
                    <li key={id.to_string()} data-section={heading} draggable={sorting.then_some("true")}
                        {ondragstart} {ondragover} {ondrop} onkeydown={keyboard(props, section, index)}>
                        { item(props, &row.task, &row.parts, section.is_today, &editing) }
                        if !row.parts.is_empty() {
                            <ul class="subtasks" aria-label={format!("Subtasks of {}", row.task.title)}>
                                { for row.parts.iter().map(|part| html! {
                                    <li key={part.id.to_string()}>{ item(props, part, &[], false, &editing) }</li>
                                }) }
                            </ul>
                        }
                    </li>
                }
            }) }
        </ul>
    }
}

fn item(
    props: &TaskListProps,
    task: &Arc<Task>,
    parts: &[Arc<Task>],
    under_today: bool,
    editing: &UseStateHandle<Option<TaskId>>,
) -> Html {
    let set = |id: Option<TaskId>| {
        let editing = editing.clone();
        Callback::from(move |()| editing.set(id))
    };
    if **editing == Some(task.id) {
        return html! {
            <TaskEditor task={Shared::from(task)} lists={props.lists.clone()} clock={props.clock.clone()}
                on_close={set(None)} on={props.on.clone()} />
        };
    }
    let on_edit = {
        let editing = editing.clone();
        Callback::from(move |id| editing.set(Some(id)))
    };
    html! {
        <TaskRow task={Shared::from(task)} parts={parts.len()}
            parts_done={parts.iter().filter(|part| part.status == TaskStatus::Done).count()}
            {under_today} note={props.notes.of(task.id)} clock={props.clock.clone()} {on_edit} on={props.on.clone()} />
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
