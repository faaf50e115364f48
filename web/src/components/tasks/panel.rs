//! The panel that contains the quick add field, the filters and the list.

use super::{
    TaskAction, TaskNotes,
    list::TaskList,
    month::Month,
    samples,
    sections::{Place, Section, SectionKind, TaskFilter, TaskQuery, counts},
    selection::selection_bar,
    week::week_strip,
};
use crate::platform::events::later;
use crate::text::tasks as text;
use crate::{
    components::{
        button::{IconButton, TextButton, truth},
        clock::Clock,
        icon::Icon,
        shared::TaskIndex,
        skeleton::{Skeleton, SkeletonOf},
    },
    platform::window::{focus_element, focus_first},
    state::{drafts::DraftKey, ptr_eq::PtrEq},
};
use litemap::LiteMap;
use tandem_protocol::{TaskId, enums::TaskStatus};
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
#[expect(clippy::struct_excessive_bools, reason = "independent properties, each with a default")]
pub(crate) struct TaskPanelProps {
    /// The known tasks: all open ones, and the completed ones that were loaded.
    pub tasks: TaskIndex,
    /// What of them is shown.
    pub sections: PtrEq<Vec<Section>>,
    pub filter: TaskFilter,
    pub query: TaskQuery,
    #[prop_or_default]
    pub notes: TaskNotes,
    /// The quick add, with a context of its own: a key in it does not draw the list.
    #[prop_or_default]
    pub quick: Html,
    #[prop_or_default]
    pub loading: bool,
    /// Whether the server has more completed tasks.
    #[prop_or_default]
    pub more_done: bool,
    /// Whether the panel overlays the page and can be closed.
    #[prop_or_default]
    pub overlay: bool,
    /// Whether the details of a task cover the panel.
    #[prop_or_default]
    pub covered: bool,
    /// The task that is edited in the list.
    #[prop_or_default]
    pub editing: Option<TaskId>,
    /// The task that gets subtasks.
    #[prop_or_default]
    pub adding: Option<TaskId>,
    /// Tasks that were completed a moment ago.
    #[prop_or_default]
    pub held: PtrEq<Vec<TaskId>>,
    #[prop_or_default]
    pub selected: PtrEq<Vec<TaskId>>,
    /// The stored text of a field; empty if there is none.
    pub draft_of: Callback<DraftKey, String>,
    /// The task to lead to, and the number of such requests.
    #[prop_or_default]
    pub target: Option<(TaskId, u32)>,
    pub clock: Clock,
    #[prop_or_default]
    pub children: Html,
    pub on: Callback<TaskAction>,
}

#[component]
pub(crate) fn TaskPanel(props: &TaskPanelProps) -> Html {
    let narrowed = use_state_eq(|| false);
    let lists = use_memo(props.tasks.clone(), list_names);
    let toggle = {
        let (narrowed, on) = (narrowed.clone(), props.on.clone());
        Callback::from(move |()| {
            // A hidden field must not filter the list.
            narrowed.set(!*narrowed);
            later(|| focus_first(".narrow input"));
            on.emit(TaskAction::Narrow(TaskQuery::default()));
        })
    };
    let empty = props.sections.is_empty();
    html! {
        <aside class="tasks" id="tasks" aria-label={text::TASKS} hidden={props.covered}>
            <div class="tasks-h">
                <h2>{ text::TASKS }</h2>
                { places(props) }
                <span class="grow" />
                { IconButton::new(Icon::Search, text::FILTER_TASKS, toggle).expanded(*narrowed).html() }
                if props.overlay {
                    { IconButton::new(Icon::Cross, text::CLOSE_TASKS, props.on.reform(|()| TaskAction::Close)).html() }
                }
            </div>
            { props.quick.clone() }
            if *narrowed { { words(props) } }
            <Tabs ..props.clone() />
            { selection_bar(props, &lists) }
            <div class="tasks-b" id="task-pane" role="tabpanel" aria-labelledby={props.filter.tab_id()} tabindex="0"
                aria-busy={props.loading.then(|| truth(true))}>
                { props.children.clone() }
                if props.filter == TaskFilter::Upcoming {
                    { week_strip(props) }
                    <Month ..props.clone() />
                }
                { overdue(props) }
                <TaskList sections={props.sections.clone()} tasks={props.tasks.clone()} loading={props.loading}
                    notes={props.notes.clone()} lists={PtrEq::from(lists)} editing={props.editing} adding={props.adding}
                    held={props.held.clone()} selected={props.selected.clone()} draft_of={props.draft_of.clone()}
                    target={props.target} clock={props.clock.clone()} on={props.on.clone()} />
                if props.loading {
                    <Skeleton of={SkeletonOf::Tasks} />
                } else if empty {
                    { nothing(props.filter, props.query != TaskQuery::default()) }
                    { samples::offer(props) }
                }
                { samples::removal(props) }
                if props.more_done && props.filter == TaskFilter::Done {
                    <button type="button" class="text-btn" onclick={props.on.reform(|_| TaskAction::MoreDone)}>
                        { text::SHOW_OLDER }
                    </button>
                }
            </div>
        </aside>
    }
}

/// The button that moves everything that is late.
fn overdue(props: &TaskPanelProps) -> Html {
    let late = props.sections.iter().find(|section| section.kind == SectionKind::Overdue);
    let Some(late) = late else { return Html::default() };
    let ids: Vec<TaskId> = late.rows.iter().map(|row| row.task.id).collect();
    let text = text::reschedule_overdue(ids.len());
    html! {
        { TextButton::new(text, props.on.reform(move |()| TaskAction::AskDay(ids.clone()))).icon(Icon::Calendar).html() }
    }
}

/// The lists and labels as places, with the numbers of their open tasks.
fn places(props: &TaskPanelProps) -> Html {
    let open = || props.tasks.iter().filter(|task| task.status == TaskStatus::Open);
    let lists = distinct(open().filter_map(|task| task.list.as_ref()));
    let labels = distinct(open().flat_map(|task| &task.labels));
    if lists.is_empty() && labels.is_empty() && props.query.place == Place::All {
        return Html::default();
    }
    let onchange = {
        let (on, query) = (props.on.clone(), props.query.clone());
        Callback::from(move |event: Event| {
            let value = event.target_unchecked_into::<HtmlSelectElement>().value();
            let place = match (value.strip_prefix('+'), value.strip_prefix('#')) {
                (Some(list), _) => Place::List(list.to_owned()),
                (_, Some(label)) => Place::Label(label.to_owned()),
                _ => Place::All,
            };
            on.emit(TaskAction::Narrow(TaskQuery { place, ..query.clone() }));
        })
    };
    let group = |label: &'static str, mark: char, names: Vec<String>, place: fn(String) -> Place| {
        if names.is_empty() {
            return Html::default();
        }
        html! {
            <optgroup {label}>
                { for names.into_iter().map(|name| {
                    let place = place(name.clone());
                    let count = open().filter(|task| place.admits(task)).count();
                    html! {
                        <option value={format!("{mark}{name}")} selected={props.query.place == place}>
                            { format!("{name} ({count})") }
                        </option>
                    }
                }) }
            </optgroup>
        }
    };
    html! {
        <select class="place" aria-label={text::PLACE} {onchange}>
            <option value="" selected={props.query.place == Place::All}>{ text::everything_open(open().count()) }</option>
            { group(text::LISTS, '+', lists, Place::List) }
            { group(text::LABELS, '#', labels, Place::Label) }
        </select>
    }
}

/// The tablist `Task filter`, with the arrow keys of any tablist. The counts are not part of the names.
#[component]
fn Tabs(props: &TaskPanelProps) -> Html {
    let counts = counts(props.tasks.iter(), &props.clock);
    let list = use_node_ref();
    let onkeydown = {
        let (on, current, list) = (props.on.clone(), props.filter, list.clone());
        Callback::from(move |event: KeyboardEvent| {
            let at = TaskFilter::ALL.iter().position(|filter| *filter == current).unwrap_or(0);
            let last = TaskFilter::ALL.len() - 1;
            let to = match event.key().as_str() {
                "ArrowRight" => at + 1,
                // One step back, modulo the number of tabs.
                "ArrowLeft" => at + last,
                "Home" => 0,
                "End" => last,
                _ => return,
            };
            event.prevent_default();
            let next = TaskFilter::ALL[to % TaskFilter::ALL.len()];
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
        <div ref={list} class="tabs" role="tablist" aria-label={text::TASK_FILTER} {onkeydown}>
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

/// The field for words that must be in the task.
fn words(props: &TaskPanelProps) -> Html {
    let oninput = {
        let (on, query) = (props.on.clone(), props.query.clone());
        Callback::from(move |event: InputEvent| {
            let text = event.target_unchecked_into::<HtmlInputElement>().value();
            on.emit(TaskAction::Narrow(TaskQuery { text, ..query.clone() }));
        })
    };
    html! {
        <div class="narrow">
            <input class="input" type="text" aria-label={text::WORDS_IN_THE_TASK} placeholder={text::WORDS_IN_THE_TASK}
                value={props.query.text.clone()} autocomplete="off" {oninput} />
        </div>
    }
}

/// The text in place of an empty list.
fn nothing(filter: TaskFilter, narrowed: bool) -> Html {
    let (title, text) = match filter {
        _ if narrowed => (text::NOTHING_FITS, text::HOW_TO_FIND_MORE),
        TaskFilter::Today => (text::NOTHING_DUE_TODAY, text::HOW_TO_ADD_ONE),
        TaskFilter::Upcoming => (text::NOTHING_PLANNED, text::WHAT_IS_UPCOMING),
        TaskFilter::All => (text::NO_OPEN_TASKS, text::HOW_TO_ADD_ONE),
        TaskFilter::Done => (text::NOTHING_DONE_YET, text::WHAT_IS_DONE),
    };
    html! { <p class="blank"><b>{ title }</b>{ text }</p> }
}

/// The names of all lists, in alphabetical order.
pub(crate) fn list_names(tasks: &TaskIndex) -> Vec<String> {
    distinct(tasks.iter().filter_map(|task| task.list.as_ref()))
}

/// The names without duplicates, in alphabetical order.
fn distinct<'a>(names: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut distinct = LiteMap::new_vec();
    for name in names {
        distinct.insert(name, ());
    }
    distinct.keys().map(|name| String::clone(name)).collect()
}
