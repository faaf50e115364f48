//! The keyboard shortcuts of the workspace.

use super::{
    UiHandle,
    threads::begin,
    ui::{Overlay, UiChange},
    use_ui,
};
use crate::{
    hooks::{go, use_threads},
    platform::window,
    state::{model::ThreadListView, route::Route},
};
use gloo_events::{EventListener, EventListenerOptions};
use tandem_protocol::ConversationId;
use wasm_bindgen::JsCast;
use web_sys::KeyboardEvent;
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub(super) struct ShortcutsProps {
    pub(super) open: Option<ConversationId>,
}

/// Listens to key presses; draws nothing.
#[component]
pub(super) fn Shortcuts(props: &ShortcutsProps) -> Html {
    let (ui, threads) = (use_ui(), use_threads());
    // The listener is registered once; it reads the current values here.
    let newest = use_mut_ref(|| (ui.clone(), threads.clone(), props.open));
    *newest.borrow_mut() = (ui, threads, props.open);
    use_effect_with((), move |()| {
        let options = EventListenerOptions::enable_prevent_default();
        let listener = EventListener::new_with_options(&window::document(), "keydown", options, move |event| {
            let Some(key) = event.dyn_ref::<KeyboardEvent>() else { return };
            let (ui, threads, open) = newest.borrow().clone();
            if let Some(shortcut) = shortcut_of(key)
                && act(shortcut, &ui, &threads, open)
            {
                event.prevent_default();
            }
        });
        move || drop(listener)
    });
    Html::default()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shortcut {
    Search,
    New,
    Neighbour(i32),
    Help,
}

fn shortcut_of(event: &KeyboardEvent) -> Option<Shortcut> {
    // An input method is composing, or a component has handled the key.
    if event.is_composing() || event.default_prevented() {
        return None;
    }
    let command = event.ctrl_key() || event.meta_key();
    match (event.key().as_str(), command, event.shift_key(), event.alt_key()) {
        ("k" | "K", true, false, false) => Some(Shortcut::Search),
        ("o" | "O", true, true, false) => Some(Shortcut::New),
        ("ArrowUp", false, false, true) => Some(Shortcut::Neighbour(-1)),
        ("ArrowDown", false, false, true) => Some(Shortcut::Neighbour(1)),
        ("?", false, _, false) if !window::is_typing() => Some(Shortcut::Help),
        _ => None,
    }
}

/// Carries out a shortcut. Returns false if it has no effect, so that the browser handles the key.
fn act(shortcut: Shortcut, ui: &UiHandle, threads: &ThreadListView, open: Option<ConversationId>) -> bool {
    match shortcut {
        Shortcut::Search => ui.change(UiChange::Open(Overlay::Search)),
        Shortcut::New => begin(ui),
        Shortcut::Help => ui.change(UiChange::Open(Overlay::Shortcuts)),
        Shortcut::Neighbour(step) => match neighbour(threads, open, step) {
            Some(id) => go(Route::Conversation(id)),
            None => return false,
        },
    }
    true
}

/// The previous (-1) or next (1) conversation in the list.
fn neighbour(threads: &ThreadListView, open: Option<ConversationId>, step: i32) -> Option<ConversationId> {
    let ids: Vec<ConversationId> = threads.entries.iter().map(|entry| entry.conversation.id).collect();
    // A new conversation is treated as the row above the first one.
    let here = open
        .and_then(|open| ids.iter().position(|id| *id == open))
        .map_or(-1, |index| i32::try_from(index).unwrap_or(-1));
    usize::try_from(here + step).ok().and_then(|index| ids.get(index)).copied()
}

#[cfg(test)]
mod tests {
    use super::neighbour;
    use crate::state::model::{ThreadListView, views::ThreadEntry};
    use std::sync::Arc;
    use tandem_protocol::{ConversationId, Timestamp, model::Conversation};
    use uuid::Uuid;

    fn id(number: u128) -> ConversationId {
        ConversationId(Uuid::from_u128(number))
    }

    fn list() -> ThreadListView {
        let entry = |number| ThreadEntry {
            conversation: Arc::new(Conversation::empty(id(number), Timestamp::from_millis(0))),
            running: false,
        };
        ThreadListView { entries: [1, 2, 3].map(entry).into(), has_more: false, loaded: true }
    }

    #[test]
    fn arrows_go_from_one_conversation_to_the_next_and_stop_at_the_ends() {
        assert_eq!(neighbour(&list(), Some(id(2)), -1), Some(id(1)));
        assert_eq!(neighbour(&list(), Some(id(2)), 1), Some(id(3)));
        assert_eq!(neighbour(&list(), Some(id(1)), -1), None);
        assert_eq!(neighbour(&list(), Some(id(3)), 1), None);
        assert_eq!(neighbour(&list(), None, 1), Some(id(1)));
    }
}
