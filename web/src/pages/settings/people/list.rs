//! A list of the server that is loaded page by page, and changes to what is in it.

use crate::{api::ApiError, hooks::use_engine, live::Engine, state::notice::Notice};
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

/// Receives the link of an answer, which is empty for none. Boxed, so that the request is compiled once.
pub(super) type OnEnd = Box<dyn FnOnce(Result<String, ApiError>)>;

/// What is loaded of a list.
#[derive(Clone, Default)]
struct Loaded {
    items: Rc<Vec<Value>>,
    /// The cursor of the next page.
    next: Option<String>,
    /// Whether it was loaded at all.
    complete: bool,
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
    use_effect_with(path, move |_| loading.load(None));
    list
}

impl List {
    pub(super) fn items(&self) -> &[Value] {
        &self.loaded.items
    }

    /// What stands in the place of items when there are none.
    pub(super) fn nothing(&self, words: &'static str) -> Html {
        if self.loaded.complete && self.items().is_empty() {
            html! { <li>{ words }</li> }
        } else {
            Html::default()
        }
    }

    /// Loads the next page, if there is one.
    pub(super) fn on_more(&self) -> Option<Callback<MouseEvent>> {
        let this = self.clone();
        self.loaded.next.is_some().then(|| Callback::from(move |_| this.load(Some((*this.loaded).clone()))))
    }

    /// Loads the page after what is given, or without it as much as is shown from the beginning.
    fn load(&self, before: Option<Loaded>) {
        let this = self.clone();
        let number = self.newest.get().wrapping_add(1);
        self.newest.set(number);
        spawn_local(async move {
            let wanted = before.as_ref().map_or(this.loaded.items.len(), |before| before.items.len() + 1);
            let mut loaded = before.unwrap_or_default();
            loop {
                let path = match &loaded.next {
                    Some(cursor) => format!("{}&cursor={cursor}", this.path),
                    None => this.path.clone(),
                };
                let page = match this.engine.api().managed(&path).await {
                    Ok(page) => page,
                    Err(error) => return this.engine.notify(Notice::failed(error.to_string())),
                };
                if this.newest.get() != number {
                    return;
                }
                if let Value::Array(more) = page.items {
                    Rc::make_mut(&mut loaded.items).extend(more);
                }
                loaded.next = page.next_cursor;
                if loaded.next.is_none() || loaded.items.len() >= wanted {
                    break;
                }
            }
            loaded.complete = true;
            this.loaded.set(loaded);
        });
    }

    /// Sends a change, then loads the list once more.
    pub(super) fn change(&self, method: &'static str, path: String, body: Option<String>, on_end: OnEnd) {
        let this = self.clone();
        spawn_local(async move {
            on_end(this.engine.api().manage(method, &path, body.as_deref()).await);
            this.load(None);
        });
    }

    /// Sends a change that has no form, in which an error could stand.
    pub(super) fn change_now(
        &self,
        method: &'static str,
        path: String,
        body: Option<String>,
        on_link: Callback<String>,
    ) {
        let engine = self.engine.clone();
        let on_end = move |ended| match ended {
            Ok(link) => on_link.emit(link),
            Err(error) => engine.notify(Notice::failed(ApiError::to_string(&error))),
        };
        self.change(method, path, body, Box::new(on_end));
    }
}
