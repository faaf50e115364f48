//! How wide the page is, and whether fingers use it.

use crate::{
    components::shell::Layout,
    platform::window::{matches, window},
};
use gloo_events::EventListener;
use yew::prelude::*;

/// The layout for the width of the page, drawn again when that is another one.
#[hook]
pub(crate) fn use_layout() -> Layout {
    let layout = use_state_eq(current);
    let setter = layout.setter();
    use_effect_with((), move |()| {
        let listeners: Vec<EventListener> = [Layout::WIDE_FROM, Layout::MEDIUM_FROM]
            .into_iter()
            .filter_map(|query| window().match_media(query).ok().flatten())
            .map(|list| {
                let setter = setter.clone();
                EventListener::new(&list, "change", move |_| setter.set(current()))
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

/// Whether the page is used by fingers: Enter then breaks the line, and the button sends.
#[hook]
pub(crate) fn use_touch() -> bool {
    *use_state(|| matches("(pointer: coarse)"))
}
