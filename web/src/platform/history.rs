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

/// Opens a path, or the list of conversations over it, with a new history entry. The entry of a [`Layer`] is replaced: the
/// layer closes with it.
pub(crate) fn open(to: &str, threads: bool) {
    if LEAVING.get() {
        // An entry that is added now would be the one that the browser leaves.
        NEXT.set(Some((to.to_owned(), threads)));
        return;
    }
    let now = entry();
    change(to, &now.next(&path(), threads), now.layers == 0);
}

thread_local! {
    /// The layers that are open, the lowest first. Each number is greater than the one before.
    static LAYERS: RefCell<Vec<u32>> = const { RefCell::new(Vec::new()) };
    /// Whether entries of layers are being left, which the browser does later.
    static LEAVING: Cell<bool> = const { Cell::new(false) };
    /// What is opened after that.
    static NEXT: RefCell<Option<(String, bool)>> = const { RefCell::new(None) };
}

/// Opens a path by going back, where it is what was shown before.
pub(crate) fn open_or_return(to: &str, threads: bool) {
    let now = entry();
    if now.layers == 0 && now.from == place(to, threads) {
        go_back(1);
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

fn go_back(entries: usize) {
    if let (Ok(history), Ok(entries)) = (window().history(), i32::try_from(entries)) {
        // Refused only while the page is being left.
        let _ = history.go_with_delta(-entries);
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

/// Something that lies over the page and that the button Back closes, such as a dialog or a menu. Dropping it removes its entry
/// from the history, unless another layer follows at once, as where a menu opens a dialog: that takes the entry over.
pub(crate) struct Layer {
    number: u32,
    _listener: EventListener,
}

impl Layer {
    /// Calls `close` when the person goes back.
    pub(crate) fn new(close: impl Fn() + 'static) -> Self {
        let number = LAYERS.with_borrow_mut(|layers| {
            let number = layers.last().map_or(0, |last| last + 1);
            layers.push(number);
            number
        });
        settle();
        let listener = listen(move || {
            let below = LAYERS.with_borrow(|layers| layers.iter().take_while(|&&layer| layer < number).count());
            // While entries are being left, this one may have none yet.
            if !LEAVING.get() && entry().layers <= below {
                close();
            }
        });
        Self { number, _listener: listener }
    }
}

impl Drop for Layer {
    fn drop(&mut self) {
        LAYERS.with_borrow_mut(|layers| layers.retain(|&layer| layer != self.number));
        // Later, because what closes it may open another page or layer next.
        later(settle);
    }
}

/// Gives each open layer an entry in the history, and leaves the entries of those that were closed.
fn settle() {
    if LEAVING.get() {
        return;
    }
    let open_layers = LAYERS.with_borrow(Vec::len);
    let mut now = entry();
    // Nobody is notified: the place stays the same.
    while now.layers < open_layers {
        now = now.covered();
        write(&path(), &now, true);
    }
    if now.layers > open_layers {
        LEAVING.set(true);
        let left = |_: &Event| {
            LEAVING.set(false);
            if let Some((to, threads)) = NEXT.take() {
                open(&to, threads);
            }
            // For what was opened or closed in the meantime.
            settle();
        };
        EventListener::once(&window(), "popstate", left).forget();
        go_back(now.layers - open_layers);
    }
}
