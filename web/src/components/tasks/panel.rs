//! The panel that contains the quick add field, the filters and the list.

use super::{
    QuickPreview, TaskAction, TaskNotes,
    list::TaskList,
    quick_add::QuickAdd,
    sections::{TaskFilter, TaskQuery, counts, sections},
};
use crate::{
    components::{
        button::{IconButton, truth},
        clock::Clock,
        icon::Icon,
        shared::TaskIndex,
        skeleton::{Skeleton, SkeletonOf},
    },
    platform::window::focus_element,
};
use litemap::LiteMap;
use tandem_protocol::TaskId;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct TaskPanelProps {
    /// The known tasks: all open ones, and the completed ones that were loaded.
    pub tasks: TaskIndex,
    pub filter: TaskFilter,
    #[prop_or_default]
    pub notes: TaskNotes,
    #[prop_or_default]
    pub quick_text: AttrValue,
    #[prop_or_default]
    pub quick: QuickPreview,
    #[prop_or_default]
    pub loading: bool,
    /// Whether the server has more completed tasks.
    #[prop_or_default]
    pub more_done: bool,
    /// Whether the panel overlays the page and can be closed.
    #[prop_or_default]
    pub overlay: bool,
    /// The task whose edit was interrupted by a reload.
    #[prop_or_default]
    pub edited: Option<TaskId>,
    /// The stored edit of a task; empty if there is none.
    pub draft_of: Callback<TaskId, String>,
    /// The task to lead to, and the number of such requests.
    #[prop_or_default]
    pub target: Option<(TaskId, u32)>,
    pub clock: Clock,
    #[prop_or_default]
    pub children: Children,
    pub on: Callback<TaskAction>,
}

#[component]
pub(crate) fn TaskPanel(props: &TaskPanelProps) -> Html {
    let query = use_state_eq(TaskQuery::default);
    let narrowed = use_state_eq(|| false);
    {
        let (narrowed, query) = (narrowed.clone(), query.clone());
        use_effect_with(props.target, move |target| {
            if target.is_some() {
                narrowed.set(false);
                query.set(TaskQuery::default());
            }
        });
    }
    let now = props.clock.local_now();
    let lists = distinct(props.tasks.iter().filter_map(|task| task.list.as_ref()));
    let toggle = {
        let (narrowed, query) = (narrowed.clone(), query.clone());
        Callback::from(move |()| {
            // Hidden fields must not filter the list.
            narrowed.set(!*narrowed);
            query.set(TaskQuery::default());
        })
    };
    let shown = sections(&props.tasks, props.filter, &query, now, |at| props.clock.local(at));
    let empty = shown.is_empty();
    html! {
        <aside class="tasks" id="tasks" aria-label="Tasks">
            <div class="tasks-h">
                <h2>{ "Tasks" }</h2><span class="grow" />
                <IconButton icon={Icon::Settings} label="Filter tasks" expanded={*narrowed} onclick={toggle} />
                if props.overlay {
                    <IconButton icon={Icon::Cross} label="Close tasks"
                        onclick={props.on.reform(|()| TaskAction::Close)} />
                }
            </div>
            <QuickAdd text={props.quick_text.clone()} preview={props.quick.clone()} on={props.on.clone()} />
            if *narrowed { { narrow(props, &query, &lists) } }
            <Tabs ..props.clone() />
            <div class="tasks-b" id="task-pane" role="tabpanel" aria-labelledby={props.filter.tab_id()} tabindex="0"
                aria-busy={props.loading.then(|| truth(true))}>
                { props.children.clone() }
                <TaskList sections={shown} tasks={props.tasks.clone()} loading={props.loading} notes={props.notes.clone()}
                    sortable={props.filter == TaskFilter::All} {lists} edited={props.edited}
                    draft_of={props.draft_of.clone()} target={props.target} clock={props.clock.clone()} on={props.on.clone()} />
                if props.loading {
                    <Skeleton of={SkeletonOf::Tasks} />
                } else if empty {
                    { nothing(props.filter, *query != TaskQuery::default()) }
                }
                if props.more_done && props.filter == TaskFilter::Done {
                    <button type="button" class="text-btn" onclick={props.on.reform(|_| TaskAction::MoreDone)}>
                        { "Show older" }
                    </button>
                }
            </div>
        </aside>
    }
}

/// The tablist `Task filter`, with the arrow keys of any tablist. The counts are not part of the names.
#[component]
fn Tabs(props: &TaskPanelProps) -> Html {
    let counts = counts(&props.tasks, props.clock.local_now());
    let list = use_node_ref();
    let onkeydown = {
        let (on, current, list) = (props.on.clone(), props.filter, list.clone());
        Callback::from(move |event: KeyboardEvent| {
            let step = match event.key().as_str() {
                "ArrowRight" => 1,
                // One step back, modulo the number of tabs.
                "ArrowLeft" => TaskFilter::ALL.len() - 1,
                _ => return,
            };
            event.prevent_default();
            let at = TaskFilter::ALL.iter().position(|filter| *filter == current).unwrap_or(0);
            let next = TaskFilter::ALL[(at + step) % TaskFilter::ALL.len()];
            on.emit(TaskAction::Show(next));
            let tab = list
                .cast::<web_sys::Element>()
                .and_then(|list| list.query_selector(&format!("#{}", next.tab_id())).ok().flatten());
            if let Some(tab) = tab {
                focus_element(&tab);
            }
        })
    };
    html! {
        <div ref={list} class="tabs" role="tablist" aria-label="Task filter" {onkeydown}>
            { for TaskFilter::ALL.into_iter().map(|filter| {
                // Only the selected tab is in the tab order; the arrow keys move between tabs ("roving tabindex").
                let selected = props.filter == filter;
                let count = match filter {
                    TaskFilter::Today => counts.today,
                    TaskFilter::Upcoming => counts.upcoming,
                    TaskFilter::All | TaskFilter::Done => 0,
                };
                html! {
                    <button type="button" role="tab" id={filter.tab_id()} aria-selected={truth(selected)}
                        aria-controls="task-pane" tabindex={if selected { "0" } else { "-1" }}
                        onclick={props.on.reform(move |_| TaskAction::Show(filter))}>
                        { filter.name() }
                        if count > 0 { <span class="count" aria-hidden="true">{ count }</span> }
                    </button>
                }
            }) }
        </div>
    }
}

/// The fields of [`TaskQuery`].
fn narrow(props: &TaskPanelProps, query: &UseStateHandle<TaskQuery>, lists: &[String]) -> Html {
    let labels = distinct(props.tasks.iter().flat_map(|task| &task.labels));
    let oninput = {
        let query = query.clone();
        Callback::from(move |event: InputEvent| {
            let text = event.target_unchecked_into::<HtmlInputElement>().value();
            query.set(TaskQuery { text, ..(*query).clone() });
        })
    };
    let choose = |set: fn(&mut TaskQuery, Option<String>)| {
        let query = query.clone();
        Callback::from(move |event: Event| {
            let value = event.target_unchecked_into::<HtmlSelectElement>().value();
            let mut changed = (*query).clone();
            set(&mut changed, (!value.is_empty()).then_some(value));
            query.set(changed);
        })
    };
    let options = |all: &'static str, names: Vec<String>, chosen: &Option<String>| {
        html! {
            <>
                <option value="" selected={chosen.is_none()}>{ all }</option>
                { for names.into_iter().map(|name| html! {
                    <option value={name.clone()} selected={chosen.as_ref() == Some(&name)}>{ name.clone() }</option>
                }) }
            </>
        }
    };
    html! {
        <div class="narrow">
            <input class="input" type="text" aria-label="Words in the task" placeholder="Words in the task"
                value={query.text.clone()} autocomplete="off" {oninput} />
            <select class="input" aria-label="List" onchange={choose(|query, list| query.list = list)}>
                { options("All lists", lists.to_vec(), &query.list) }
            </select>
            <select class="input" aria-label="Label" onchange={choose(|query, label| query.label = label)}>
                { options("All labels", labels, &query.label) }
            </select>
        </div>
    }
}

/// The text in place of an empty list.
fn nothing(filter: TaskFilter, narrowed: bool) -> Html {
    let (title, text) = match filter {
        _ if narrowed => ("Nothing fits", "Other words, or all lists and labels, may help."),
        TaskFilter::Today => ("Nothing due today", "Add one above, or ask the assistant."),
        TaskFilter::Upcoming => ("Nothing planned", "A task with a date later than today stands here."),
        TaskFilter::All => ("No open tasks", "Add one above, or ask the assistant."),
        TaskFilter::Done => ("Nothing done yet", "What you complete stands here."),
    };
    html! { <p class="blank"><b>{ title }</b>{ text }</p> }
}

/// The names without duplicates, in alphabetical order.
fn distinct<'a>(names: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut distinct = LiteMap::new_vec();
    for name in names {
        distinct.insert(name, ());
    }
    distinct.keys().map(|name| String::clone(name)).collect()
}
