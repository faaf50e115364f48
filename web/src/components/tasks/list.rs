//! The list of tasks. Its children are list items only; the style sheet draws the headings from `data-section`.
//!
//! One set of event handlers serves all rows ([`list_events`](super::list_events)), and only the rows near the view are
//! mounted ([`window`](super::window)).

use super::{
    TaskAction, TaskNotes,
    draft::TaskEdit,
    editor::TaskEditor,
    focus::{focused_row, use_kept_focus},
    list_events::{ListState, use_list_events},
    row::TaskRow,
    sections::{Row, Section, SectionKind},
    subtasks::PartField,
    window::{Tenths, View, mounted, spaces},
};
use crate::platform::events::{later, on};
use crate::text::tasks as text;
use crate::{
    components::{
        clock::Clock,
        shared::{Shared, TaskIndex},
    },
    platform::window::reveal,
    state::{drafts::DraftKey, ptr_eq::PtrEq},
};
use gloo_events::EventListener;
use litemap::LiteMap;
use std::{cell::RefCell, iter, rc::Rc, sync::Arc};
use tandem_protocol::{enums::TaskStatus, id::TaskId, model::Task};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, ResizeObserver};
use yew::prelude::*;

/// The height of a row that was never mounted, and of a subtask and a heading.
const ROW: Tenths = 620;
const PART: Tenths = 440;
const HEADING: Tenths = 340;

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct TaskListProps {
    pub sections: PtrEq<Vec<Section>>,
    /// All known tasks, also those that no section shows.
    pub tasks: TaskIndex,
    /// Whether the tasks are still being loaded.
    pub loading: bool,
    pub notes: TaskNotes,
    /// The names of existing lists, for the editor.
    pub lists: PtrEq<Vec<String>>,
    /// The task that is edited here.
    pub editing: Option<TaskId>,
    /// The task that gets subtasks.
    pub adding: Option<TaskId>,
    /// Tasks that were completed a moment ago.
    pub held: PtrEq<Vec<TaskId>>,
    pub selected: PtrEq<Vec<TaskId>>,
    /// The stored text of a field; empty if there is none.
    pub draft_of: Callback<DraftKey, String>,
    /// The task to lead to, and the number of such requests.
    pub target: Option<(TaskId, u32)>,
    pub clock: Clock,
    pub on: Callback<TaskAction>,
}

/// The list `Task list`. One row at a time can be open in the editor.
#[component]
pub(crate) fn TaskList(props: &TaskListProps) -> Html {
    let list = use_node_ref();
    // First, because the others scroll, and the list has its height only then.
    let (heights, view) = use_heights(&list);
    use_kept_focus(&list, (props.sections.clone(), props.editing));
    let events = use_list_events(ListState {
        sections: props.sections.clone(),
        tasks: props.tasks.clone(),
        selected: props.selected.clone(),
        clock: props.clock.clone(),
        on: props.on.clone(),
    });
    let edited = use_edited(props);
    let rows: Vec<_> = props
        .sections
        .iter()
        .flat_map(|section| section.rows.iter().enumerate().map(move |(index, row)| (section, index, row)))
        .collect();
    let has = |row: &Row, id: TaskId| row.task.id == id || row.parts.iter().any(|part| part.id == id);
    let place = |id: Option<TaskId>| id.and_then(|id| rows.iter().position(|(_, _, row)| has(row, id)));
    use_target(props.target.filter(|(id, _)| place(Some(*id)).is_some()), &list);
    // The task that is edited may be deleted, completed or moved to another day meanwhile. Its editor stays.
    let apart = edited.as_ref().filter(|edited| place(Some(edited.task.id)).is_none());
    // So does a subtask that was being written when its parent was deleted.
    let is_gone = |id: &TaskId| !props.loading && props.tasks.get(*id).is_none();
    let orphan = props.adding.filter(is_gone).filter(|id| !props.draft_of.emit(DraftKey::Part(*id)).is_empty());
    let known = heights.borrow();
    let heights: Vec<Tenths> = rows
        .iter()
        .map(|(_, index, row)| known.get(&row.task.id).copied().unwrap_or_else(|| estimate(row, *index)))
        .collect();
    let focus = place(focused_row(&list));
    let around = focus.into_iter().flat_map(|at| [at.saturating_sub(1), at, at + 1]);
    let kept = [place(props.editing), place(props.adding), place(props.target.map(|(id, _)| id))];
    let kept: Vec<usize> = around.chain(kept.into_iter().flatten()).collect();
    let shown = mounted(&heights, view, &kept);
    let (before, after) = spaces(&heights, &shown);
    let whole = shown.len() == rows.len();
    let view = ListView { props, edited: edited.as_ref() };
    html! {
        <ul ref={list} aria-label={text::TASK_LIST}
            ondragstart={events.dragstart} ondragover={events.dragover} ondrop={events.drop} ondragend={events.dragend}
            onkeydown={events.keydown} onclick={events.click} onpointerdown={events.pointerdown}
            onpointermove={events.pointermove} onpointerup={events.pointerup} onpointercancel={events.pointercancel}>
            if let Some(edited) = apart {
                <li key={edited.task.id.to_string()} data-task={edited.task.id.to_string()}>{ view.editor(edited) }</li>
            }
            if let Some(parent) = orphan {
                <li key="orphan">
                    <PartField {parent} orphan=true label={text::SUBTASK_OF_A_DELETED_TASK} draft_of={props.draft_of.clone()}
                        on={props.on.clone()} />
                </li>
            }
            // A list of their own: beside children without a key all of them would be matched by their place.
            <>{ for shown.iter().zip(before).flat_map(|(&at, skipped)| {
                let (section, index, row) = rows[at];
                let heading = (index == 0 && !section.name.is_empty()).then(|| section.name.clone());
                let id = row.task.id.to_string();
                // Text in a draggable element cannot be selected, so a row is not draggable while it is edited.
                let draggable = section.kind != SectionKind::Other && props.editing != Some(row.task.id);
                let space = space(skipped, &id);
                let shown = html! {
                    <li key={id.clone()} data-task={id} data-section={heading}
                        aria-setsize={(!whole).then(|| rows.len().to_string())}
                        aria-posinset={(!whole).then(|| (at + 1).to_string())} draggable={draggable.then_some("true")}>
                        { view.item(&row.task, &row.parts, matches!(section.kind, SectionKind::Today(_))) }
                        { view.parts(row) }
                    </li>
                };
                space.into_iter().chain([shown])
            }).chain(space(after, "")) }</>
        </ul>
    }
}

fn estimate(row: &Row, index: usize) -> Tenths {
    let parts = Tenths::try_from(row.parts.len()).unwrap_or(0);
    ROW + parts * PART + if index == 0 { HEADING } else { 0 }
}

/// What takes the place of the rows before `next`, or of the last ones, that are not mounted. It is a picture, because its
/// height is an attribute: the content security policy refuses an attribute `style`, and a style that an effect sets is late.
/// The browser may show, and scroll, what a render has made before its effects run.
fn space(height: Tenths, next: &str) -> Option<Html> {
    (height > 0).then(|| {
        html! {
            <li key={format!("before {next}")} class="space" aria-hidden="true">
                <svg height={format!("{}.{}", height / 10, height % 10)} />
            </li>
        }
    })
}

#[expect(clippy::cast_possible_truncation, reason = "no page is two hundred million pixels high")]
fn tenths(pixels: f64) -> Tenths {
    (pixels * 10.0) as Tenths
}

type Heights = Rc<RefCell<LiteMap<TaskId, Tenths>>>;

/// The heights of the rows that were mounted before, and what is visible of the list.
#[hook]
fn use_heights(list: &NodeRef) -> (Heights, View) {
    let heights = use_memo((), |()| RefCell::new(LiteMap::new()));
    let view = use_state_eq(View::default);
    {
        let (list, heights) = (list.clone(), Rc::clone(&heights));
        use_effect(move || {
            if let Some(list) = list.cast::<Element>() {
                measure(&list, &heights);
            }
        });
    }
    {
        let (list, view) = (list.clone(), view.setter());
        use_effect_with((), move |()| {
            let scroller = list.cast::<Element>().and_then(|list| list.parent_element());
            let listening = scroller.map(|scroller| watch(&scroller, list, move |now| view.set(now)));
            move || drop(listening)
        });
    }
    (heights, *view)
}

/// Calls `changed` with what is visible of the list: now, when it is scrolled, and when the window changes.
fn watch(scroller: &Element, list: NodeRef, changed: impl Fn(View) + 'static) -> (EventListener, Observing) {
    let report = {
        let scroller = scroller.clone();
        Rc::new(move || {
            if let Some(list) = list.cast::<Element>() {
                let (outer, inner) = (scroller.get_bounding_client_rect(), list.get_bounding_client_rect());
                changed(View::rounded(tenths(outer.top() - inner.top()).max(0), tenths(outer.height())));
            }
        })
    };
    report();
    let resized = Rc::clone(&report);
    let callback = Closure::<dyn FnMut()>::new(move || resized());
    let observer = ResizeObserver::new(callback.as_ref().unchecked_ref()).ok();
    if let Some(observer) = &observer {
        observer.observe(scroller);
    }
    (on(scroller, "scroll", move |_| report()), Observing { observer, _callback: callback })
}

struct Observing {
    observer: Option<ResizeObserver>,
    _callback: Closure<dyn FnMut()>,
}

impl Drop for Observing {
    fn drop(&mut self) {
        if let Some(observer) = &self.observer {
            observer.disconnect();
        }
    }
}

/// Measures the rows that are mounted.
fn measure(list: &Element, heights: &RefCell<LiteMap<TaskId, Tenths>>) {
    let mut heights = heights.borrow_mut();
    for row in iter::successors(list.first_element_child(), Element::next_element_sibling) {
        let id = row.get_attribute("data-task").and_then(|id| id.parse().ok());
        let height = tenths(row.get_bounding_client_rect().height());
        // A hidden panel has no heights.
        if let Some(id) = id.filter(|_| height > 0) {
            heights.insert(id, height);
        }
    }
}

/// Leads to a task as soon as it has a row.
#[hook]
fn use_target(shown: Option<(TaskId, u32)>, list: &NodeRef) {
    let list = list.clone();
    use_effect_with(shown, move |shown| {
        let Some(((id, _), list)) = shown.zip(list.cast::<Element>()) else { return };
        if let Ok(Some(row)) = list.query_selector(&format!("[data-task='{id}'] > .task")) {
            // After the search has given the focus back, which may scroll.
            later(move || reveal(&row));
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
fn use_edited(props: &TaskListProps) -> Option<Edited> {
    let last = use_mut_ref(|| None::<Arc<Task>>);
    let id = props.editing?;
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
        let edit = TaskEdit::restore(&props.draft_of.emit(DraftKey::Task(id)))?;
        Some(Arc::new(Task { title: edit.title().to_owned(), ..Task::empty(id, props.clock.now()) }))
    };
    Some(Edited { task: known.or_else(restored)?, deleted: true })
}

/// What the items of the list need to be drawn.
struct ListView<'a> {
    props: &'a TaskListProps,
    edited: Option<&'a Edited>,
}

impl ListView<'_> {
    fn item(&self, task: &Arc<Task>, parts: &[Arc<Task>], under_today: bool) -> Html {
        let (props, id) = (self.props, task.id);
        if let Some(edited) = self.edited.filter(|edited| edited.task.id == id) {
            return self.editor(edited);
        }
        html! {
            <TaskRow task={Shared::from(task)} parts={parts.len()}
                parts_done={parts.iter().filter(|part| part.status == TaskStatus::Done).count()}
                {under_today} held={props.held.contains(&id)} selected={props.selected.contains(&id)}
                note={props.notes.of(id)} clock={props.clock.clone()} on={props.on.clone()} />
        }
    }

    /// The subtasks of a row, and the field for another one.
    fn parts(&self, row: &Row) -> Html {
        let (props, id) = (self.props, row.task.id);
        let adding = props.adding == Some(id);
        html! {
            <>
                if !row.parts.is_empty() {
                    <ul class="subtasks" aria-label={text::subtasks_of(&row.task.title)}>
                        { for row.parts.iter().map(|part| html! {
                            <li key={part.id.to_string()} data-task={part.id.to_string()} draggable="true">
                                { self.item(part, &[], false) }
                            </li>
                        }) }
                    </ul>
                }
                if adding {
                    <PartField parent={id} label={text::subtask_of(&row.task.title)} focus=true
                        draft_of={props.draft_of.clone()} on={props.on.clone()} />
                }
            </>
        }
    }

    fn editor(&self, edited: &Edited) -> Html {
        let (props, id) = (self.props, edited.task.id);
        html! {
            <TaskEditor key={id.to_string()} task={Shared::from(&edited.task)} deleted={edited.deleted}
                by={props.notes.of(id).last_by} draft={props.draft_of.emit(DraftKey::Task(id))} lists={props.lists.clone()}
                clock={props.clock.clone()} on={props.on.clone()} />
        }
    }
}
