//! A list of the server that is loaded page by page, and changes to what is in it.

use crate::{hooks::use_engine, live::Engine, state::notice::Notice};
use serde_json::Value;
use std::{cell::Cell, rc::Rc};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// An item of a list: what stands first, its name, facts, and what can be done with it.
pub(super) fn item(key: &str, first: Html, name: Html, facts: String, action: Html) -> Html {
    html! {
        <li key={key.to_owned()}>
            { first }
            <div class="t">{ name }<span class="num">{ facts }</span></div>
            { action }
        </li>
    }
}

/// What is loaded of a list.
#[derive(Clone, Default)]
struct Loaded {
    items: Rc<Vec<Value>>,
    /// The cursor of the next page.
    next: Option<String>,
}

/// A list at a path below `/api/v1/admin/`.
#[derive(Clone)]
pub(super) struct List {
    path: String,
    loaded: UseStateHandle<Loaded>,
    pub(super) engine: Engine,
    /// The number of the newest load: the answer to an earlier one is dropped.
    newest: Rc<Cell<u32>>,
}

#[hook]
pub(super) fn use_list(path: String) -> List {
    let newest = use_memo((), |()| Rc::new(Cell::new(0)));
    let list = List {
        path: path.clone(),
        loaded: use_state(Loaded::default),
        engine: use_engine(),
        newest: (*newest).clone(),
    };
    let loading = list.clone();
    use_effect_with(path, move |_| loading.load(false));
    list
}

impl List {
    pub(super) fn items(&self) -> &[Value] {
        &self.loaded.items
    }

    /// Loads the next page, if there is one.
    pub(super) fn on_more(&self) -> Option<Callback<MouseEvent>> {
        let this = self.clone();
        self.loaded.next.is_some().then(|| Callback::from(move |_| this.load(true)))
    }

    fn load(&self, more: bool) {
        let this = self.clone();
        let number = self.newest.get().wrapping_add(1);
        self.newest.set(number);
        spawn_local(async move {
            let before = if more { (*this.loaded).clone() } else { Loaded::default() };
            let path = match &before.next {
                Some(cursor) => format!("{}&cursor={cursor}", this.path),
                None => this.path.clone(),
            };
            match this.engine.api().managed(&path).await {
                Ok(page) if this.newest.get() == number => {
                    let mut items = (*before.items).clone();
                    if let Value::Array(more) = page.items {
                        items.extend(more);
                    }
                    this.loaded.set(Loaded { items: Rc::new(items), next: page.next_cursor });
                }
                Ok(_) => {}
                Err(error) => this.engine.notify(Notice::failed(error.to_string())),
            }
        });
    }

    /// Sends a change, then loads the list once more. `on_link` receives the link of the answer; empty for none.
    pub(super) fn change(&self, method: &'static str, path: String, body: Option<String>, on_link: Callback<String>) {
        let this = self.clone();
        spawn_local(async move {
            match this.engine.api().manage(method, &path, body.as_deref()).await {
                Ok(link) => on_link.emit(link),
                Err(error) => this.engine.notify(Notice::failed(error.to_string())),
            }
            this.load(false);
        });
    }
}
