//! One row of the task list.

use super::{TaskAction, TaskNote, meta};
use crate::components::{button::IconButton, clock::Clock, icon::Icon, shared::Shared};
use crate::text::tasks as text;
use tandem_protocol::{enums::TaskStatus, id::TaskId, model::Task};
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub(super) struct TaskRowProps {
    pub task: Shared<Task>,
    pub parts_done: usize,
    pub parts: usize,
    /// Whether the heading above the row says `Today`.
    pub under_today: bool,
    /// Whether it was completed a moment ago and is about to leave.
    pub held: bool,
    pub selected: bool,
    pub note: TaskNote,
    pub clock: Clock,
    pub on: Callback<TaskAction>,
}

/// The row of a task: checkbox, title, details, buttons.
#[component]
pub(super) fn TaskRow(props: &TaskRowProps) -> Html {
    let task = &props.task;
    let (id, title) = (task.id, &task.title);
    let done = task.status == TaskStatus::Done;
    let line = meta::meta(task, (props.parts_done, props.parts), &props.note, props.under_today, &props.clock);
    let class = classes!(
        "task",
        done.then_some("task-done"),
        (props.held && done).then_some("task-leave"),
        props.note.by.is_some().then_some("task-flash"),
        props.selected.then_some("task-selected"),
    );
    let button = |icon: Icon, label: String, action: fn(TaskId) -> TaskAction| {
        let onclick = props.on.reform(move |()| action(id));
        IconButton::new(icon, label, onclick).html()
    };
    // Focusable, so that a tap on the row shows its buttons, and that the keyboard can go from row to row.
    html! {
        <div tabindex="-1" {class}>
            { checkbox(id, title, done, &props.on) }
            <div class="task-t">
                <p class="task-n" dir="auto">{ name(task) }</p>
                if props.selected { <span class="sr">{ text::SELECTED }</span> }
                { meta::view(line) }
            </div>
            <div class="task-acts">
                if task.parent_id.is_none() && !done {
                    { button(Icon::Subtask, text::add_subtask_to(title), |id| TaskAction::Part(Some(id))) }
                }
                { button(Icon::Pencil, text::edit_task(title), |id| TaskAction::Edit(Some(id))) }
                { button(Icon::Trash, text::delete_task(title), TaskAction::Delete) }
            </div>
        </div>
    }
}

/// The title, which leads to the details as soon as the task has an address.
fn name(task: &Task) -> Html {
    if task.number == 0 {
        return Html::from(task.title.clone());
    }
    // The row is dragged, not the link.
    html! { <a href={format!("/t/{}", task.number)} draggable="false">{ task.title.clone() }</a> }
}

fn checkbox(id: TaskId, title: &str, done: bool, on: &Callback<TaskAction>) -> Html {
    let onchange = on.reform(move |_: Event| if done { TaskAction::Reopen(id) } else { TaskAction::Complete(id) });
    // The second click of a double click would take the first one back.
    let onclick = Callback::from(|event: MouseEvent| {
        if event.detail() > 1 {
            event.prevent_default();
        }
    });
    html! {
        <label class="check">
            <input type="checkbox" aria-label={text::complete_task(title)} checked={done} {onclick} {onchange} />
            { Icon::Check.html() }
        </label>
    }
}
