//! The address of the page and the history of the browser: reads them, changes them, listens to changes.

use super::window::window;
use crate::platform::events::{later, on};
use crate::state::{
    history_entry::{HistoryEntry, place},
    shared::line_of,
};
use gloo_events::EventListener;
use std::cell::{Cell, RefCell};
use wasm_bindgen::JsValue;
use web_sys::Event;

pub(crate) fn path() -> String {
    window().location().pathname().unwrap_or_else(|_| "/".to_owned())
}

/// The entry of the history that is shown.
pub(crate) fn entry() -> HistoryEntry {
    let state = window().history().and_then(|history| history.state());
    state
        .ok()
        .and_then(|state| state.as_string())
        .map_or_else(HistoryEntry::default, |state| HistoryEntry::parse(&state))
}

/// Opens a path, with a new history entry.
pub(crate) fn push(path: &str) {
    open(path, false);
}

/// Opens a path, or the list of conversations over it, with a new history entry. The entry of a dialog is replaced: the
/// dialog closes with it.
pub(crate) fn open(to: &str, threads: bool) {
    if LEAVING.get() {
        // An entry that is added now would be the one that the browser leaves.
        NEXT.set(Some((to.to_owned(), threads)));
        return;
    }
    let now = entry();
    if now.layers > 0 {
        let next = HistoryEntry { threads, layers: 0, ..now };
        return change(to, &next, false);
    }
    change(to, &now.next(&path(), threads), true);
}

thread_local! {
    /// Whether the entry of a [`Layer`] is being left, which the browser does later.
    static LEAVING: Cell<bool> = const { Cell::new(false) };
    /// What is opened after that.
    static NEXT: RefCell<Option<(String, bool)>> = const { RefCell::new(None) };
}

/// Opens a path by going back, where it is what was shown before.
pub(crate) fn open_or_return(to: &str, threads: bool) {
    let now = entry();
    if now.layers == 0 && now.from == place(to, threads) {
        back();
    } else {
        open(to, threads);
    }
}

/// Replaces the path of the current history entry.
pub(crate) fn replace(path: &str) {
    change(path, &HistoryEntry { layers: 0, threads: false, ..entry() }, false);
}

/// Takes what is behind `#` out of the address, so that a secret stays neither there nor in the history.
pub(crate) fn take_fragment() -> String {
    let fragment = window().location().hash().unwrap_or_default();
    if !fragment.is_empty() {
        // The path stays the same, so nobody is notified; a listener that calls this would call itself.
        write(&path(), &entry(), false);
    }
    fragment.trim_start_matches('#').to_owned()
}

/// Takes what another program shares out of the address: a line for the quick add.
pub(crate) fn take_shared() -> Option<String> {
    let query = window().location().search().unwrap_or_default();
    let decode = |part: &str| js_sys::decode_uri_component(part).map_or_else(|_| part.to_owned(), String::from);
    let line = line_of(query.strip_prefix('?')?, decode);
    if line.is_some() {
        write(&path(), &entry(), false);
    }
    line
}

fn back() {
    if let Ok(history) = window().history() {
        // Refused only while the page is being left.
        let _ = history.back();
    }
}

fn change(path: &str, entry: &HistoryEntry, is_new: bool) {
    // Browsers refuse only pages that change their address hundreds of times a minute. The old page then stays.
    if write(path, entry, is_new) {
        announce();
    }
}

fn write(path: &str, entry: &HistoryEntry, is_new: bool) -> bool {
    let Ok(history) = window().history() else { return false };
    let state = JsValue::from_str(&entry.to_string());
    let changed = if is_new {
        history.push_state_with_url(&state, "", Some(path))
    } else {
        history.replace_state_with_url(&state, "", Some(path))
    };
    changed.is_ok()
}

/// Notifies the listeners of this page. Browsers fire `popstate` for back and forward only.
fn announce() {
    if let Ok(event) = Event::new("popstate") {
        // Fails only for an event that is already being dispatched.
        let _ = window().dispatch_event(&event);
    }
}

/// Calls `changed` after every change of the path, until the listener is dropped.
pub(crate) fn listen(mut changed: impl FnMut() + 'static) -> EventListener {
    on(&window(), "popstate", move |_| changed())
}

/// Something that lies over the page and that the button Back closes. Dropping it removes its entry from the history.
pub(crate) struct Layer {
    layers: u32,
    _listener: EventListener,
}

impl Layer {
    /// Calls `close` when the person goes back.
    pub(crate) fn new(close: impl Fn() + 'static) -> Self {
        let covered = entry().covered();
        let layers = covered.layers;
        change(&path(), &covered, true);
        let listener = listen(move || {
            if entry().layers < layers {
                close();
            }
        });
        Self { layers, _listener: listener }
    }
}

impl Drop for Layer {
    fn drop(&mut self) {
        let layers = self.layers;
        // Later, because what closes it may open another page next, which then replaces this entry.
        let leave = move || {
            if entry().layers >= layers && !LEAVING.replace(true) {
                let left = |_: &Event| {
                    LEAVING.set(false);
                    if let Some((to, threads)) = NEXT.take() {
                        open(&to, threads);
                    }
                };
                EventListener::once(&window(), "popstate", left).forget();
                back();
            }
        };
        later(leave);
    }
}
