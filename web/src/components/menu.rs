//! A button that opens a list of actions.
//!
//! All menus of the page are this component. The list is placed by its button and not by the style sheet, because a
//! list that scrolls would cut it off.
//!
//! **Invariant:** when the list closes, the focus is never lost: it returns to the button before an action runs, which
//! may move it further.

use crate::{
    components::{
        button::truth,
        callbacks::{press, set_to},
        dialog::use_layer,
        icon::Icon,
        keys::{Key, key_of},
    },
    platform::window::{document, focus_element, focused},
};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, Node};
use yew::prelude::*;

/// The distance between list, button and edge of the page, in pixels.
const GAP: f64 = 4.0;

/// An action of a menu.
#[derive(Clone, PartialEq)]
pub(crate) struct MenuItem {
    pub icon: Icon,
    pub text: AttrValue,
    /// A second line below the text; empty for none.
    pub note: AttrValue,
    /// For one of several that exclude each other: whether it is chosen.
    pub chosen: Option<bool>,
    pub on: Callback<()>,
}

impl MenuItem {
    pub(crate) fn new(icon: Icon, text: impl Into<AttrValue>, on: Callback<()>) -> Self {
        Self { icon, text: text.into(), note: AttrValue::default(), chosen: None, on }
    }
}

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct MenuProps {
    /// The accessible name of the button and of the list.
    pub label: AttrValue,
    /// What is in the button.
    pub button: Html,
    #[prop_or(AttrValue::Static("icon-btn"))]
    pub class: AttrValue,
    /// What stands above the actions.
    #[prop_or_default]
    pub head: Html,
    pub items: Vec<MenuItem>,
    /// Called when the list opens.
    #[prop_or_default]
    pub on_open: Callback<()>,
}

/// The button and, while it is open, the list. Esc, Back, a click elsewhere and moving the focus out close it; the arrow
/// keys go through it.
#[component]
pub(crate) fn Menu(props: &MenuProps) -> Html {
    let open = use_state_eq(|| false);
    let (button, list) = (use_node_ref(), use_node_ref());
    use_layer((*open).then(|| set_to(&open, false)));
    {
        let (button, list) = (button.clone(), list.clone());
        use_effect_with(*open, move |open| {
            if *open {
                place(&button, &list);
            }
        });
    }
    let refocus = {
        let button = button.clone();
        move || {
            if let Some(button) = button.cast::<Element>() {
                focus_element(&button);
            }
        }
    };
    let onkeydown = {
        let (open, refocus, list) = (open.clone(), refocus.clone(), list.clone());
        Callback::from(move |event: KeyboardEvent| {
            let key = key_of(&event);
            if !*open || !matches!(key, Key::Escape | Key::Up | Key::Down) {
                return;
            }
            event.prevent_default();
            event.stop_propagation();
            if key == Key::Escape {
                open.set(false);
                refocus();
            } else {
                step(&list, key == Key::Down);
            }
        })
    };
    let onfocusout = {
        let open = open.clone();
        Callback::from(move |event: FocusEvent| {
            if !stays_inside(&event) {
                open.set(false);
            }
        })
    };
    let on_toggle = {
        let (open, on_open) = (open.clone(), props.on_open.clone());
        Callback::from(move |()| {
            if !*open {
                on_open.emit(());
            }
            open.set(!*open);
        })
    };
    let item = |item: &MenuItem| {
        let (open, on, refocus) = (open.clone(), item.on.clone(), refocus.clone());
        let onclick = Callback::from(move |_: MouseEvent| {
            open.set(false);
            refocus();
            on.emit(());
        });
        html! {
            <li>
                <button type="button" class="menu-item" aria-pressed={item.chosen.map(truth)} {onclick}>
                    { (if item.chosen == Some(true) { Icon::Check } else { item.icon }).html() }
                    <span>{ &item.text }if !item.note.is_empty() { <small>{ &item.note }</small> }</span>
                </button>
            </li>
        }
    };
    html! {
        <div class="menu-of" {onkeydown} {onfocusout}>
            <button ref={button} type="button" class={props.class.clone()} aria-label={props.label.clone()}
                title={props.label.clone()} aria-expanded={truth(*open)} onclick={press(&on_toggle)}>
                { props.button.clone() }
            </button>
            if *open {
                <menu ref={list} class="menu" aria-label={props.label.clone()}>
                    { props.head.clone() }{ for props.items.iter().map(item) }
                </menu>
            }
        </div>
    }
}

/// The button of a menu with more actions, as in rows.
pub(crate) fn more() -> Html {
    Icon::More.html()
}

/// Moves the focus to the next or previous action, or to the first one.
fn step(list: &NodeRef, down: bool) {
    let here = focused().filter(|element| element.class_name().contains("menu-item"));
    let row = here.and_then(|element| element.parent_element());
    let next = match row {
        Some(row) if down => row.next_element_sibling(),
        Some(row) => row.previous_element_sibling(),
        None => list.cast::<Element>(),
    };
    if let Some(button) = next.and_then(|row| row.query_selector("button").ok().flatten()) {
        focus_element(&button);
    }
}

/// A length as a style writes it.
#[expect(clippy::cast_possible_truncation, reason = "pages are smaller than two thousand million pixels")]
fn pixels(length: f64) -> String {
    format!("{}px", length as i32)
}

/// Places the list under its button, or above it where there is no room.
fn place(button: &NodeRef, list: &NodeRef) {
    let page = document().document_element();
    let (Some(button), Some(list), Some(page)) = (button.cast::<Element>(), list.cast::<HtmlElement>(), page) else {
        return;
    };
    let (at, size) = (button.get_bounding_client_rect(), list.get_bounding_client_rect());
    let (width, height) = (f64::from(page.client_width()), f64::from(page.client_height()));
    let below = at.bottom() + GAP;
    let fits = below + size.height() + GAP <= height;
    let top = if fits { below } else { (at.top() - GAP - size.height()).max(GAP) };
    let left = (at.right() - size.width()).max(GAP).min(width - size.width() - GAP);
    let style = list.style();
    // Fails for names that no browser knows only.
    let _ = style.set_property("top", &pixels(top));
    let _ = style.set_property("left", &pixels(left));
}

/// Whether the focus moves to an element inside the listening one. Clicking something that cannot have the focus moves
/// it out.
fn stays_inside(event: &FocusEvent) -> bool {
    let inside = event.current_target().and_then(|target| target.dyn_into::<Node>().ok());
    let next = event.related_target().and_then(|target| target.dyn_into::<Node>().ok());
    match (inside, next) {
        (Some(inside), Some(next)) => inside.contains(Some(&next)),
        _ => false,
    }
}
