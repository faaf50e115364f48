//! Keeps the keyboard focus in the list when a row changes under it.
//!
//! A row that is completed, deleted, moved or replaced by its editor takes its buttons with it, and the browser then moves
//! the focus to the page, so that the keyboard has to begin at the top again. So before each render the list notes where
//! the focus is, and afterwards, if the focus was lost, moves it to the same place or to the next row.

use crate::platform::window::{focus_element, focus_is_lost, focused};
use tandem_protocol::id::TaskId;
use web_sys::Element;
use yew::prelude::*;

/// Where the focus was in the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Place {
    /// The ids of all rows, in their order.
    rows: Vec<String>,
    /// The index of the row with the focus.
    index: usize,
    /// The section of that row.
    section: Option<usize>,
    /// The selector of the control with the focus within its row; empty for the row itself.
    control: String,
}

/// The box that completes a task. In another row it is the safest place.
const BOX: &str = "input";

impl Place {
    /// The ids of the rows to try, best first: the same one, unless it has gone to another section; then those after it,
    /// then those before it.
    fn candidates(&self, stays: bool) -> impl Iterator<Item = &str> {
        let same = self.rows.get(self.index).filter(|_| stays);
        let after = self.rows.iter().skip(self.index + 1);
        same.into_iter().chain(after).chain(self.rows[..self.index].iter().rev()).map(String::as_str)
    }
}

/// `shown`: what the list is drawn from. Nothing is restored while it stays the same, as when the list is scrolled.
#[hook]
pub(super) fn use_kept_focus<T: PartialEq + 'static>(list: &NodeRef, shown: T) {
    let before = list.cast::<Element>().and_then(|list| place_in(&list));
    let list = list.clone();
    use_effect_with(shown, move |_| {
        if let (Some(before), Some(list)) = (before, list.cast::<Element>())
            && focus_is_lost()
        {
            restore(&list, &before);
        }
    });
}

/// The task of the row that has the focus, or contains what has it.
pub(super) fn focused_row(list: &NodeRef) -> Option<TaskId> {
    let list = list.cast::<Element>()?;
    let focused = focused().filter(|focused| list.contains(Some(focused)))?;
    focused.closest("[data-task]").ok()??.get_attribute("data-task")?.parse().ok()
}

fn place_in(list: &Element) -> Option<Place> {
    let focused = focused().filter(|focused| list.contains(Some(focused)))?;
    let row = focused.closest("[data-task]").ok()??.get_attribute("data-task")?;
    let rows = rows_of(list);
    let index = rows.iter().position(|known| *known == row)?;
    let control = control_of(&focused);
    Some(Place { section: section_of(list, &row), rows, index, control })
}

/// The buttons are counted from the last one, because the first ones are not in every row. Those in an editor stand for the
/// button that has opened it.
fn control_of(focused: &Element) -> String {
    let button = |from_last: u32| format!(".task-acts > :nth-last-child({from_last})");
    if focused.closest("form").ok().flatten().is_some() {
        return button(2);
    }
    if focused.tag_name() == "INPUT" {
        return BOX.to_owned();
    }
    if focused.closest(".task-acts").ok().flatten().is_none() {
        return String::new();
    }
    let (mut from_last, mut at) = (1, focused.next_element_sibling());
    while let Some(next) = at {
        (from_last, at) = (from_last + 1, next.next_element_sibling());
    }
    button(from_last)
}

fn restore(list: &Element, before: &Place) {
    let row = before.rows.get(before.index).map(String::as_str).unwrap_or_default();
    // The focus of an editor, and of a button of the row, follows the task to its new place; that of its box does not.
    let stays = before.control.starts_with('.') || section_of(list, row) == before.section;
    for id in before.candidates(stays) {
        let control = if id == row { before.control.as_str() } else { BOX };
        let selector = format!("[data-task='{id}'] > .task {control}");
        if let Ok(Some(element)) = list.query_selector(selector.trim_end()) {
            return focus_element(&element);
        }
    }
    crate::platform::window::focus_first(".quick input");
}

fn rows_of(list: &Element) -> Vec<String> {
    all(list, "[data-task]").into_iter().filter_map(|row| row.get_attribute("data-task")).collect()
}

/// The number of the section heading above a row.
fn section_of(list: &Element, row: &str) -> Option<usize> {
    let mut section = 0;
    for element in all(list, "[data-task]") {
        section += usize::from(element.has_attribute("data-section"));
        if element.get_attribute("data-task").as_deref() == Some(row) {
            return Some(section);
        }
    }
    None
}

fn all(list: &Element, selector: &str) -> Vec<Element> {
    let Ok(found) = list.query_selector_all(selector) else { return Vec::new() };
    (0..found.length())
        .filter_map(|index| found.get(index))
        .filter_map(|node| wasm_bindgen::JsCast::dyn_into(node).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(index: usize) -> Place {
        let rows = ["a", "b", "c"].map(str::to_owned).to_vec();
        Place { rows, index, section: Some(1), control: BOX.to_owned() }
    }

    #[test]
    fn a_row_that_is_still_there_keeps_the_focus() {
        assert_eq!(place(1).candidates(true).collect::<Vec<_>>(), ["b", "c", "a"]);
    }

    #[test]
    fn a_row_that_has_gone_gives_it_to_the_next_one_and_the_last_to_the_one_before() {
        assert_eq!(place(0).candidates(false).collect::<Vec<_>>(), ["b", "c"]);
        assert_eq!(place(2).candidates(false).collect::<Vec<_>>(), ["b", "a"]);
    }
}
