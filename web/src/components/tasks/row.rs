//! One row of the task list.

use super::{TaskAction, TaskNote, meta};
use crate::components::{
    button::IconButton,
    clock::Clock,
    icon::{Icon, SvgIcon},
    shared::Shared,
};
use tandem_protocol::{enums::TaskStatus, id::TaskId, model::Task};
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub(super) struct TaskRowProps {
    pub task: Shared<Task>,
    pub parts_done: usize,
    pub parts: usize,
    /// Whether the heading above the row says `Today`.
    pub under_today: bool,
    pub note: TaskNote,
    pub clock: Clock,
    pub on_edit: Callback<TaskId>,
    pub on: Callback<TaskAction>,
}

/// The row of a task: checkbox, title, details, buttons.
#[component]
pub(super) fn TaskRow(props: &TaskRowProps) -> Html {
    let task = &props.task;
    let (id, title) = (task.id, &task.title);
    let done = task.status == TaskStatus::Done;
    let onchange =
        props.on.reform(move |_: Event| if done { TaskAction::Reopen(id) } else { TaskAction::Complete(id) });
    let line =
        meta::meta(task, (props.parts_done, props.parts), &props.note, props.under_today, props.clock.local_now());
    let changed = props.note.by.is_some();
    // Focusable, so that a tap on the row shows its buttons.
    html! {
        <div tabindex="-1" class={classes!("task", done.then_some("task-done"), changed.then_some("task-flash"))}>
            <label class="check">
                <input type="checkbox" aria-label={format!("Complete {title}")} checked={done} {onchange} />
                <SvgIcon icon={Icon::Check} />
            </label>
            <div class="task-t"><p class="task-n" dir="auto">{ title.clone() }</p>{ meta::view(line) }</div>
            <div class="task-acts">
                <IconButton icon={Icon::Pencil} label={format!("Edit {title}")}
                    onclick={props.on_edit.reform(move |()| id)} />
                <IconButton icon={Icon::Trash} label={format!("Delete {title}")}
                    onclick={props.on.reform(move |()| TaskAction::Delete(id))} />
            </div>
        </div>
    }
}
