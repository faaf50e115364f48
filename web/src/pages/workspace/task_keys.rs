//! The keys for tasks: from row to row, and what is done with the row that has the focus.
//!
//! The row is found by the focus, in the page as it is, so that no state has to follow it. Keys that type a text are left
//! alone while somebody writes.

use super::{ui::UiChange, use_ui};
use crate::platform::events::later;
use crate::{
    components::tasks::{Bulk, TaskAction},
    hooks::use_engine,
    platform::window::{document, focus_element, focus_first, focused, is_typing},
    state::ptr_eq::PtrEq,
};
use gloo_events::{EventListener, EventListenerOptions};
use tandem_protocol::{TaskId, enums::Priority};
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};
use yew::prelude::*;

/// `open`: the task whose details are shown. It stands for the row when no row has the focus.
#[hook]
pub(super) fn use_task_keys(act: &Callback<TaskAction>, open: Option<TaskId>, selected: &PtrEq<Vec<TaskId>>) {
    let (engine, ui) = (use_engine(), use_ui());
    let newest = use_mut_ref(|| (ui.clone(), open, selected.clone()));
    *newest.borrow_mut() = (ui, open, selected.clone());
    let act = act.clone();
    use_effect_with((), move |()| {
        let options = EventListenerOptions::enable_prevent_default();
        let listener = EventListener::new_with_options(&document(), "keydown", options, move |event| {
            let Some(event) = event.dyn_ref::<KeyboardEvent>().filter(|event| is_free(event)) else { return };
            let (ui, open, selected) = newest.borrow().clone();
            let row = focused_row();
            let current = row.as_ref().and_then(id_of).or(open);
            let Some(key) = key_of(event) else { return };
            event.prevent_default();
            match key {
                TaskKey::Undo => engine.undo_last(),
                TaskKey::Add => {
                    ui.change(UiChange::ShowTasks);
                    focus_first(".quick input");
                    // The field may be in a panel that is shown in the next render.
                    later(|| focus_first(".quick input"));
                }
                TaskKey::Next => go(row.as_ref(), open, 1),
                TaskKey::Previous => go(row.as_ref(), open, -1),
                TaskKey::Clear => act.emit(TaskAction::ClearSelection),
                TaskKey::Act(action) => {
                    if let Some(id) = current {
                        act.emit(action(id, &selected));
                    }
                }
            }
        });
        move || drop(listener)
    });
}

/// What a key does with a task, or with the selected ones.
type ActionOf = fn(TaskId, &[TaskId]) -> TaskAction;

#[derive(Clone, Copy)]
enum TaskKey {
    Add,
    Next,
    Previous,
    Undo,
    Clear,
    Act(ActionOf),
}

/// Whether no component has handled the key, and nothing lies over the page.
fn is_free(event: &KeyboardEvent) -> bool {
    let is_covered = || document().query_selector("dialog[open]").is_ok_and(|dialog| dialog.is_some());
    !event.default_prevented() && !event.is_composing() && !is_typing() && !is_covered()
}

fn key_of(event: &KeyboardEvent) -> Option<TaskKey> {
    let held = event.ctrl_key() || event.meta_key();
    if held || event.alt_key() {
        let is_undo = held && !event.alt_key() && !event.shift_key() && event.key().eq_ignore_ascii_case("z");
        return is_undo.then_some(TaskKey::Undo);
    }
    key(&event.key(), is_on_row())
}

/// The key without modifiers. `on_row`: whether a row has the focus, and not a button in it, which has keys of its own.
fn key(name: &str, on_row: bool) -> Option<TaskKey> {
    Some(match name {
        "q" => TaskKey::Add,
        "j" => TaskKey::Next,
        "k" => TaskKey::Previous,
        "x" => TaskKey::Act(|id, _| TaskAction::Select(id)),
        "e" => TaskKey::Act(|id, _| TaskAction::Edit(Some(id))),
        "t" => TaskKey::Act(|id, selected| TaskAction::AskDay(those(id, selected))),
        "1" => TaskKey::Act(|id, selected| set(id, selected, Priority::Urgent)),
        "2" => TaskKey::Act(|id, selected| set(id, selected, Priority::High)),
        "3" => TaskKey::Act(|id, selected| set(id, selected, Priority::Medium)),
        "4" => TaskKey::Act(|id, selected| set(id, selected, Priority::Low)),
        "Delete" => TaskKey::Act(|id, selected| {
            if selected.is_empty() {
                TaskAction::Delete(id)
            } else {
                TaskAction::Change(selected.to_vec(), Bulk::Delete)
            }
        }),
        "Enter" if on_row => TaskKey::Act(|id, _| TaskAction::Open(Some(id))),
        "Escape" if on_row => TaskKey::Clear,
        _ => return None,
    })
}

/// The selected tasks, or this one.
fn those(id: TaskId, selected: &[TaskId]) -> Vec<TaskId> {
    if selected.is_empty() { vec![id] } else { selected.to_vec() }
}

fn set(id: TaskId, selected: &[TaskId], priority: Priority) -> TaskAction {
    TaskAction::Change(those(id, selected), Bulk::Priority(priority))
}

fn focused_row() -> Option<Element> {
    focused()?.closest("[data-task]").ok().flatten()
}

fn is_on_row() -> bool {
    focused().is_some_and(|focused| focused.class_list().contains("task"))
}

fn id_of(row: &Element) -> Option<TaskId> {
    row.get_attribute("data-task")?.parse().ok()
}

/// Moves the focus to the next (1) or previous (-1) row of the list. Without a row, to the one whose details are shown, or
/// to the first one.
fn go(row: Option<&Element>, open: Option<TaskId>, step: i32) {
    let Ok(cards) = document().query_selector_all("#task-pane [data-task] > .task") else { return };
    let card = |index: u32| cards.get(index).and_then(|card| card.dyn_into::<Element>().ok());
    let is_at = |card: &Element, id: TaskId| card.parent_element().as_ref().and_then(id_of) == Some(id);
    let here = row.and_then(id_of);
    let at = |id: TaskId| (0..cards.length()).find(|index| card(*index).is_some_and(|card| is_at(&card, id)));
    let index = match (here.or(open).and_then(at), i64::from(step)) {
        (Some(index), step) => u32::try_from(i64::from(index) + step).unwrap_or(0),
        (None, _) => 0,
    };
    if let Some(card) = card(index.min(cards.length().saturating_sub(1))) {
        focus_element(&card);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::task_id;

    fn action(name: &str, selected: &[TaskId]) -> Option<TaskAction> {
        match key(name, true)? {
            TaskKey::Act(action) => Some(action(task_id(1), selected)),
            _ => None,
        }
    }

    #[test]
    fn a_key_concerns_the_row_or_what_is_selected() {
        let selected = [task_id(2), task_id(3)];
        assert_eq!(action("t", &[]), Some(TaskAction::AskDay(vec![task_id(1)])));
        assert_eq!(action("t", &selected), Some(TaskAction::AskDay(selected.to_vec())));
        let urgent = |ids: &[TaskId]| Some(TaskAction::Change(ids.to_vec(), Bulk::Priority(Priority::Urgent)));
        assert_eq!((action("1", &[]), action("1", &selected)), (urgent(&[task_id(1)]), urgent(&selected)));
        assert_eq!(action("Delete", &[]), Some(TaskAction::Delete(task_id(1))));
        assert_eq!(action("e", &selected), Some(TaskAction::Edit(Some(task_id(1)))));
    }

    #[test]
    fn a_button_in_a_row_keeps_its_enter() {
        assert!(key("Enter", true).is_some() && key("Enter", false).is_none());
    }
}
