//! The width class of the page, and whether it has a touch screen.

use crate::platform::events::on;
use crate::{
    components::shell::Layout,
    platform::window::{document, is_hidden, matches, window},
};
use gloo_events::EventListener;
use yew::prelude::*;

/// The layout for the current width of the page.
#[hook]
pub(crate) fn use_layout() -> Layout {
    let layout = use_state_eq(current);
    let setter = layout.setter();
    use_effect_with((), move |()| {
        // Media queries fire only when a limit is crossed, unlike `resize`.
        let listeners: Vec<EventListener> = [Layout::WIDE_FROM, Layout::MEDIUM_FROM]
            .into_iter()
            .filter_map(|query| window().match_media(query).ok().flatten())
            .map(|list| {
                let setter = setter.clone();
                on(&list, "change", move |_| setter.set(current()))
            })
            .collect();
        move || drop(listeners)
    });
    *layout
}

fn current() -> Layout {
    if matches(Layout::WIDE_FROM) {
        Layout::Wide
    } else if matches(Layout::MEDIUM_FROM) {
        Layout::Medium
    } else {
        Layout::Narrow
    }
}

/// Whether the page is hidden, for instance behind another tab.
#[hook]
pub(crate) fn use_hidden() -> bool {
    let hidden = use_state_eq(is_hidden);
    let setter = hidden.setter();
    use_effect_with((), move |()| {
        let listener = on(&document(), "visibilitychange", move |_| setter.set(is_hidden()));
        move || drop(listener)
    });
    *hidden
}

/// Whether the main pointer of the device is a finger.
#[hook]
pub(crate) fn use_touch() -> bool {
    *use_state(|| matches("(pointer: coarse)"))
}
