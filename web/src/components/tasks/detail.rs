//! The details of a task, beside the list, or in its place where there is room for one.

use super::{
    Bulk, TaskAction, TaskNote,
    list_events::{ListState, use_list_events},
    meta,
    row::TaskRow,
    sections::{Row, Section, SectionKind},
    subtasks::PartField,
};
use crate::platform::events::later;
use crate::text::tasks as text;
use crate::{
    components::{
        button::{IconButton, TextButton},
        clock::Clock,
        format,
        icon::Icon,
        markdown::notes,
        shared::{Shared, TaskIndex},
    },
    platform::window::{focus_element, focus_first, focus_is_lost},
    state::{drafts::DraftKey, ptr_eq::PtrEq},
};
use std::sync::Arc;
use tandem_protocol::{
    Timestamp,
    enums::{Priority, TaskStatus, WireEnum},
    model::Task,
};
use web_sys::{Element, HtmlSelectElement};
use yew::prelude::*;

/// Something that happened to a task: `Moved by Assistant`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TaskEvent {
    pub text: String,
    pub at: Timestamp,
}

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct TaskDetailProps {
    pub task: Shared<Task>,
    pub parts: PtrEq<Vec<Arc<Task>>>,
    /// The task that this one is part of.
    pub parent: Option<Shared<Task>>,
    pub tasks: TaskIndex,
    pub note: TaskNote,
    /// What happened to the task, newest first.
    pub history: Vec<TaskEvent>,
    /// The path and the title of the conversation that the task came from.
    pub source: Option<(String, String)>,
    /// The editor, while the task is edited here.
    pub editor: Option<Html>,
    /// The stored text of a field.
    pub draft_of: Callback<DraftKey, String>,
    pub clock: Clock,
    pub on: Callback<TaskAction>,
    pub on_copy: Callback<String>,
}

/// The region `Task details`. Esc closes it.
#[component]
pub(crate) fn TaskDetail(props: &TaskDetailProps) -> Html {
    let (task, id) = (&props.task, props.task.id);
    let heading = use_node_ref();
    {
        let heading = heading.clone();
        use_effect_with(id, move |_| {
            // Later, because a search that has led here still covers the page.
            later(move || {
                if let Some(heading) = heading.cast::<Element>() {
                    focus_element(&heading);
                }
            });
            move || {
                // Later, because the list may have been hidden until now.
                later(move || {
                    if focus_is_lost() {
                        focus_first(&format!("#task-pane [data-task='{id}'] > .task"));
                    }
                });
            }
        });
    }
    let onkeydown = {
        let on = props.on.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" && !event.is_composing() && !event.default_prevented() {
                event.prevent_default();
                event.stop_propagation();
                on.emit(TaskAction::Open(None));
            }
        })
    };
    let done = task.status == TaskStatus::Done;
    let (mark, icon) = if done { (text::MARK_OPEN, Icon::Undo) } else { (text::MARK_DONE, Icon::Check) };
    let action = |action: TaskAction| props.on.reform(move |()| action.clone());
    html! {
        <section class="detail" aria-label={text::TASK_DETAILS} {onkeydown}>
            <div class="detail-h">
                { IconButton::new(Icon::Left, text::CLOSE_DETAILS, action(TaskAction::Open(None))).html() }
                { TextButton::new(mark, action(if done { TaskAction::Reopen(id) } else { TaskAction::Complete(id) })).icon(icon).html() }
                <span class="grow" />
                { IconButton::new(Icon::Pencil, text::EDIT_TASK, action(TaskAction::Edit(Some(id)))).class("detail-edit").html() }
                { IconButton::new(Icon::Trash, text::DELETE_TASK, action(TaskAction::Delete(id))).html() }
            </div>
            <div class="detail-b">
                if let Some(parent) = &props.parent {
                    <p class="detail-of"><a href={format!("/t/{}", parent.number)}>{ parent.title.clone() }</a></p>
                }
                <h2 ref={heading} tabindex="-1" dir="auto" class={done.then_some("task-done")}>{ task.title.clone() }</h2>
                if let Some(editor) = &props.editor {
                    { editor.clone() }
                } else {
                    { facts(props) }
                    if !task.description.is_empty() {
                        { notes(&task.description, &props.on_copy) }
                    }
                }
                <Parts ..props.clone() />
                { history(props) }
            </div>
        </section>
    }
}

/// What a row says in its second line, and the controls for what is changed most.
fn facts(props: &TaskDetailProps) -> Html {
    let (task, id) = (&props.task, props.task.id);
    let plain = Task { description: String::new(), priority: Priority::None, ..Task::clone(task) };
    let onchange = {
        let on = props.on.clone();
        Callback::from(move |event: Event| {
            let value = event.target_unchecked_into::<HtmlSelectElement>().value();
            if let Some(priority) = Priority::from_wire(&value) {
                on.emit(TaskAction::Change(vec![id], Bulk::Priority(priority)));
            }
        })
    };
    html! {
        <>
            { meta::view(meta::meta(&plain, (0, 0), &props.note, false, &props.clock)) }
            <div class="detail-set">
                { TextButton::new(text::DUE_DATE, props.on.reform(move |()| TaskAction::AskDay(vec![id]))).icon(Icon::Calendar).html() }
                <label>
                    <span>{ text::PRIORITY }</span>
                    <select class="input" {onchange}>
                        { for Priority::ALL.iter().map(|&priority| html! {
                            <option value={priority.as_str()} selected={task.priority == priority}>
                                { format::priority(priority) }
                            </option>
                        }) }
                    </select>
                </label>
            </div>
        </>
    }
}

/// The subtasks, in their order, and the field for another one.
#[component]
fn Parts(props: &TaskDetailProps) -> Html {
    let (task, parts) = (&props.task, &props.parts);
    // The handlers of the list see the subtasks as those of the only row.
    let row = Row { task: Arc::clone(&task.0), parts: parts.to_vec() };
    let sections = vec![Section { name: String::new(), kind: SectionKind::Other, rows: vec![row] }];
    let events = use_list_events(ListState {
        sections: PtrEq::new(sections),
        tasks: props.tasks.clone(),
        selected: PtrEq::default(),
        clock: props.clock.clone(),
        on: props.on.clone(),
    });
    // One level is enough.
    if task.parent_id.is_some() && parts.is_empty() {
        return Html::default();
    }
    let done = parts.iter().filter(|part| part.status == TaskStatus::Done).count();
    html! {
        <div class="detail-parts">
            <h3>
                { Icon::Subtask.small() }{ text::SUBTASKS }
                if !parts.is_empty() { <span class="count">{ format!("{done}/{}", parts.len()) }</span> }
            </h3>
            <ul aria-label={text::SUBTASKS} ondragstart={events.dragstart} ondragover={events.dragover} ondrop={events.drop}
                ondragend={events.dragend} onkeydown={events.keydown}>
                { for parts.iter().map(|part| html! {
                    <li key={part.id.to_string()} data-task={part.id.to_string()} draggable="true">
                        <TaskRow task={Shared::from(part)} parts={0} parts_done={0} under_today=false held=false selected=false
                            note={TaskNote::default()} clock={props.clock.clone()} on={props.on.clone()} />
                    </li>
                }) }
            </ul>
            <PartField parent={task.id} label={text::ADD_A_SUBTASK} draft_of={props.draft_of.clone()} on={props.on.clone()} />
        </div>
    }
}

fn history(props: &TaskDetailProps) -> Html {
    let today = props.clock.today();
    html! {
        <div class="detail-past">
            <h3>{ Icon::Clock.small() }{ text::HISTORY }</h3>
            <ul aria-label={text::HISTORY}>
                { for props.history.iter().map(|event| html! {
                    <li><span>{ event.text.clone() }</span><time>{ format::moment(props.clock.local(event.at), today) }</time></li>
                }) }
            </ul>
            if let Some((path, title)) = &props.source {
                <p class="detail-of">{ text::FROM_THE_CONVERSATION }<a href={path.clone()} dir="auto">{ title.clone() }</a></p>
            }
        </div>
    }
}
