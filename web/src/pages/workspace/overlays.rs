//! What lies over the workspace: search, shortcuts.

use super::{
    ui::{Overlay, UiChange},
    use_ui,
};
use crate::{
    components::dialog::{SearchDialog, ShortcutsDialog},
    hooks::{go, use_engine},
    state::route::Route,
};
use gloo_timers::future::TimeoutFuture;
use std::{cell::Cell, rc::Rc};
use tandem_protocol::{rest::SearchHit, vocab::ThingKind};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// Pause after the last key before the server is asked.
const SEARCH_PAUSE_MS: u32 = 120;

/// The dialog that is open, if one is.
#[component]
pub(super) fn Overlays() -> Html {
    let ui = use_ui();
    let on_close = {
        let ui = ui.clone();
        Callback::from(move |()| ui.change(UiChange::Close))
    };
    match ui.ui.overlay {
        Some(Overlay::Search) => html! { <Search {on_close} /> },
        Some(Overlay::Shortcuts) => html! { <ShortcutsDialog {on_close} /> },
        None => Html::default(),
    }
}

#[derive(Clone, PartialEq, Properties)]
struct SearchProps {
    on_close: Callback<()>,
}

/// Search over everything.
#[component]
fn Search(props: &SearchProps) -> Html {
    let (engine, ui) = (use_engine(), use_ui());
    let query = use_state_eq(String::new);
    let hits = use_state_eq(Vec::<SearchHit>::new);
    let busy = use_state_eq(|| false);
    // Counts questions: an answer to an older one is not shown.
    let asked = use_memo((), |()| Cell::new(0_u32));
    let on_query = {
        let (query, hits, busy, asked) = (query.clone(), hits.clone(), busy.clone(), Rc::clone(&asked));
        Callback::from(move |words: String| {
            query.set(words.clone());
            asked.set(asked.get() + 1);
            if words.trim().is_empty() {
                hits.set(Vec::new());
                busy.set(false);
                return;
            }
            busy.set(true);
            let (engine, hits, busy, asked) = (engine.clone(), hits.clone(), busy.clone(), Rc::clone(&asked));
            spawn_local(async move {
                let question = asked.get();
                TimeoutFuture::new(SEARCH_PAUSE_MS).await;
                if question != asked.get() {
                    return;
                }
                let found = engine.api().search(words.trim()).await;
                if question == asked.get() {
                    hits.set(found.map(|page| page.items).unwrap_or_default());
                    busy.set(false);
                }
            });
        })
    };
    let on_open = Callback::from(move |hit: SearchHit| {
        ui.change(UiChange::Close);
        match (hit.kind, hit.conversation_id) {
            (ThingKind::Task, _) => ui.change(UiChange::ShowTasks),
            (_, Some(id)) => go(Route::Conversation(id)),
            (_, None) => {
                if let Ok(id) = hit.id.parse() {
                    go(Route::Conversation(id));
                }
            }
        }
    });
    html! {
        <SearchDialog query={(*query).clone()} hits={(*hits).clone()} busy={*busy} {on_query} {on_open}
            on_close={props.on_close.clone()} />
    }
}
