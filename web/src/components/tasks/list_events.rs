//! The handlers of a list of tasks. They serve all rows: the row is found by `data-task` around the target of the event.

use super::{
    Bulk, TaskAction,
    moves::{self, Spot},
    sections::{Section, SectionKind},
    swipe::{Swipe, SwipeEnd},
};
use crate::{
    components::{clock::Clock, shared::TaskIndex},
    state::ptr_eq::PtrEq,
};
use std::{cell::RefCell, rc::Rc};
use tandem_protocol::{calendar, id::TaskId};
use wasm_bindgen::JsCast;
use web_sys::Element;
use yew::prelude::*;

/// To the right of where a drag began, a task becomes a subtask.
const INDENT_PX: i32 = 40;

/// What the handlers need to know.
#[derive(Clone)]
pub(super) struct ListState {
    pub(super) sections: PtrEq<Vec<Section>>,
    pub(super) tasks: TaskIndex,
    pub(super) selected: PtrEq<Vec<TaskId>>,
    pub(super) clock: Clock,
    pub(super) on: Callback<TaskAction>,
}

/// The handlers. They are the same at each render.
#[derive(Clone)]
pub(super) struct ListEvents {
    pub(super) dragstart: Callback<DragEvent>,
    pub(super) dragover: Callback<DragEvent>,
    pub(super) drop: Callback<DragEvent>,
    pub(super) dragend: Callback<DragEvent>,
    pub(super) keydown: Callback<KeyboardEvent>,
    pub(super) click: Callback<MouseEvent>,
    pub(super) pointerdown: Callback<PointerEvent>,
    pub(super) pointermove: Callback<PointerEvent>,
    pub(super) pointerup: Callback<PointerEvent>,
    pub(super) pointercancel: Callback<PointerEvent>,
}

/// A drag in progress.
#[derive(Clone)]
struct Drag {
    id: TaskId,
    row: Element,
    /// The horizontal position where it began.
    x: i32,
    /// The row with the mark of where the task would go.
    over: Option<Element>,
}

#[hook]
pub(super) fn use_list_events(state: ListState) -> ListEvents {
    let newest = use_mut_ref(|| state.clone());
    *newest.borrow_mut() = state;
    (*use_memo((), |()| events(&newest))).clone()
}

fn events(newest: &Rc<RefCell<ListState>>) -> ListEvents {
    let drag = Rc::new(RefCell::new(None::<Drag>));
    let swipe = Rc::new(RefCell::new(Swipe::default()));
    let with = |act: fn(&ListState, &RefCell<Option<Drag>>, &DragEvent)| {
        let (newest, drag) = (Rc::clone(newest), Rc::clone(&drag));
        Callback::from(move |event: DragEvent| {
            let state = newest.borrow().clone();
            act(&state, &drag, &event);
        })
    };
    let pointer = |act: fn(&mut Swipe, &PointerEvent) -> Option<(TaskId, SwipeEnd)>| {
        let (newest, swipe) = (Rc::clone(newest), Rc::clone(&swipe));
        Callback::from(move |event: PointerEvent| {
            let end = act(&mut swipe.borrow_mut(), &event);
            if let Some((id, end)) = end {
                let state = newest.borrow().clone();
                swiped(&state, id, end);
            }
        })
    };
    let (keys, clicks) = (Rc::clone(newest), Rc::clone(newest));
    ListEvents {
        dragstart: with(|_, drag, event| begin(drag, event)),
        dragover: with(over),
        drop: with(drop_here),
        dragend: with(|_, drag, _| end(drag)),
        keydown: Callback::from(move |event: KeyboardEvent| {
            let state = keys.borrow().clone();
            key(&state, &event);
        }),
        click: Callback::from(move |event: MouseEvent| {
            let state = clicks.borrow().clone();
            click(&state, &event);
        }),
        pointerdown: pointer(|swipe, event| {
            swipe.begin(event);
            None
        }),
        pointermove: pointer(|swipe, event| {
            swipe.go_on(event);
            None
        }),
        pointerup: pointer(Swipe::end),
        pointercancel: pointer(|swipe, _| {
            swipe.cancel();
            None
        }),
    }
}

/// The row around the target of an event, and its task.
pub(super) fn row_of(event: &Event) -> Option<(Element, TaskId)> {
    let target: Element = event.target()?.dyn_into().ok()?;
    let row = target.closest("[data-task]").ok().flatten()?;
    let id = row.get_attribute("data-task")?.parse().ok()?;
    Some((row, id))
}

fn begin(drag: &RefCell<Option<Drag>>, event: &DragEvent) {
    let Some((row, id)) = row_of(event) else { return };
    // The row that is drawn at the pointer is the one before this mark.
    let _ = row.set_attribute("data-dragged", "");
    *drag.borrow_mut() = Some(Drag { id, row, x: event.client_x(), over: None });
}

/// Where the dragged task would go, if it may go there.
fn aim(state: &ListState, drag: &Drag, event: &DragEvent) -> Option<(Element, TaskId, Spot)> {
    let (row, id) = row_of(event)?;
    let card = row.query_selector(":scope > .task").ok().flatten()?;
    let rect = card.get_bounding_client_rect();
    let below = (f64::from(event.client_y()) - rect.top()) / rect.height().max(1.0);
    // A row that comes from above takes the place of this one as soon as a quarter of it is passed.
    let from_above = drag.row.get_bounding_client_rect().top() < rect.top();
    let after = below > if from_above { 0.25 } else { 0.75 };
    let spot = match after {
        true if event.client_x() - drag.x > INDENT_PX => Spot::Into,
        true => Spot::After,
        false => Spot::Before,
    };
    Some((row, id, spot)).filter(|(_, id, spot)| dropped(state, drag.id, *id, *spot).is_some())
}

fn dropped(state: &ListState, moved: TaskId, target: TaskId, spot: Spot) -> Option<TaskAction> {
    let task = state.tasks.get(moved)?;
    match moves::drop_on(&state.sections, task, target, spot)? {
        // All selected tasks go to the day.
        TaskAction::Change(_, change) if state.selected.contains(&moved) => {
            Some(TaskAction::Change(state.selected.to_vec(), change))
        }
        action => Some(action),
    }
}

fn mark(drag: &mut Drag, over: Option<(Element, Spot)>) {
    if let Some(row) = drag.over.take() {
        let _ = row.remove_attribute("data-drop");
    }
    if let Some((row, spot)) = over {
        let name = match spot {
            Spot::Before => "before",
            Spot::After => "after",
            Spot::Into => "into",
        };
        let _ = row.set_attribute("data-drop", name);
        drag.over = Some(row);
    }
}

fn over(state: &ListState, drag: &RefCell<Option<Drag>>, event: &DragEvent) {
    let mut drag = drag.borrow_mut();
    let Some(drag) = drag.as_mut() else { return };
    let aim = aim(state, drag, event);
    if aim.is_some() {
        // Browsers refuse a drop unless `dragover` is cancelled.
        event.prevent_default();
    }
    mark(drag, aim.map(|(row, _, spot)| (row, spot)));
}

fn drop_here(state: &ListState, drag: &RefCell<Option<Drag>>, event: &DragEvent) {
    event.prevent_default();
    let aimed = drag.borrow().as_ref().and_then(|drag| Some((drag.id, aim(state, drag, event)?)));
    end(drag);
    if let Some((moved, (_, target, spot))) = aimed
        && let Some(action) = dropped(state, moved, target, spot)
    {
        state.on.emit(action);
    }
}

fn end(drag: &RefCell<Option<Drag>>) {
    if let Some(mut drag) = drag.borrow_mut().take() {
        mark(&mut drag, None);
        let _ = drag.row.remove_attribute("data-dragged");
    }
}

/// Shift and a click select a row.
fn click(state: &ListState, event: &MouseEvent) {
    if let Some((_, id)) = row_of(event)
        && event.shift_key()
    {
        event.prevent_default();
        state.on.emit(TaskAction::Select(id));
    }
}

/// Moves a row: Alt and an arrow, or Tab where a row itself has the focus.
fn key(state: &ListState, event: &KeyboardEvent) {
    let Some((row, id)) = row_of(event) else { return };
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    // In the field of the editor these keys belong to the text.
    let in_field = target.as_ref().is_some_and(|target| target.closest("form").ok().flatten().is_some());
    let on_row = row.query_selector(":scope > .task").ok().flatten() == target;
    let sections = &state.sections;
    let action = match (event.key().as_str(), event.alt_key()) {
        _ if in_field => return,
        ("ArrowUp", true) => moves::step(sections, id, -1),
        ("ArrowDown", true) => moves::step(sections, id, 1),
        ("ArrowRight", true) => day(state, id, 1).or_else(|| moves::nest(sections, id)),
        ("ArrowLeft", true) => day(state, id, -1).or_else(|| moves::unnest(sections, id)),
        ("Tab", false) if on_row && event.shift_key() => moves::unnest(sections, id),
        ("Tab", false) if on_row => moves::nest(sections, id),
        _ => return,
    };
    // A Tab without effect moves the focus.
    if action.is_some() || event.alt_key() {
        event.prevent_default();
        // Elsewhere the same keys switch between conversations.
        event.stop_propagation();
    }
    if let Some(action) = action {
        state.on.emit(action);
    }
}

/// Moves a task to the next or previous day, where the list is one of days. Never into the past.
fn day(state: &ListState, id: TaskId, step: i64) -> Option<TaskAction> {
    let holds = |section: &&Section| section.rows.iter().any(|row| row.task.id == id);
    let section = state.sections.iter().find(holds)?;
    if !matches!(section.kind, SectionKind::Day(_) | SectionKind::Today(_)) {
        return None;
    }
    let due = state.clock.due(state.tasks.get(id)?.due.as_ref()?);
    let day = calendar::days(due.date, step).filter(|day| *day >= state.clock.today())?;
    Some(TaskAction::Change(vec![id], Bulk::Day(Some(day))))
}

fn swiped(state: &ListState, id: TaskId, end: SwipeEnd) {
    let tomorrow = calendar::days(state.clock.today(), 1);
    state.on.emit(match end {
        SwipeEnd::Complete => TaskAction::Complete(id),
        SwipeEnd::Postpone => TaskAction::Change(vec![id], Bulk::Day(tomorrow)),
    });
}
