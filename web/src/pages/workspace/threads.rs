//! Connects the list of conversations to the state.

use super::{
    UiHandle, export,
    ui::{Overlay, UiChange},
    use_ui,
};
use crate::{
    components::thread_list::{ThreadAction, ThreadList, ThreadRow},
    hooks::{go, use_clock, use_engine, use_threads},
    live::Engine,
    platform::window,
    state::{drafts::DraftKey, route::Route},
};
use tandem_protocol::{ConversationId, live::command::ConversationUpdate};
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub(super) struct ThreadsProps {
    pub(super) open: Option<ConversationId>,
}

#[component]
pub(super) fn Threads(props: &ThreadsProps) -> Html {
    let (engine, ui) = (use_engine(), use_ui());
    let (list, clock) = (use_threads(), use_clock());
    let threads: Vec<ThreadRow> =
        list.entries.iter().map(|entry| ThreadRow::new(&entry.conversation, entry.running)).collect();
    let renaming = ui.ui.renaming.map(|id| (id, AttrValue::from(engine.draft(DraftKey::Title(id)))));
    let open = props.open;
    let on = Callback::from(move |action| act(&engine, &ui, open, action));
    html! { <ThreadList {threads} current={props.open} has_more={list.has_more} loaded={list.loaded} {renaming} {clock} {on} /> }
}

/// Carries out an action of the list, or of the menu in the header.
pub(super) fn act(engine: &Engine, ui: &UiHandle, open: Option<ConversationId>, action: ThreadAction) {
    match action {
        ThreadAction::New => begin(ui),
        ThreadAction::Search => ui.change(UiChange::Open(Overlay::Search)),
        ThreadAction::Open(id) => {
            go(Route::Conversation(id));
            ui.change(UiChange::Moved);
        }
        ThreadAction::Rename(id) => ui.change(UiChange::Rename(Some(id))),
        ThreadAction::Renamed(id, title) => {
            ui.change(UiChange::Rename(None));
            if let Some(title) = title {
                engine.rename(id, title);
            }
            // The title is in the outbox now, or not wanted.
            engine.write_draft(DraftKey::Title(id), String::new());
            // The field had the focus.
            window::focus_first(&format!(".thread[href$='{id}']"));
        }
        ThreadAction::TitleDraft(id, text) => engine.write_draft(DraftKey::Title(id), text),
        ThreadAction::Pin(id, pinned) => {
            engine.change_conversation(ConversationUpdate { pinned: Some(pinned), ..ConversationUpdate::of(id) });
        }
        ThreadAction::Archive(id, archived) => {
            engine.change_conversation(ConversationUpdate { archived: Some(archived), ..ConversationUpdate::of(id) });
        }
        ThreadAction::Export(id) => export::download(engine, id),
        ThreadAction::Print => engine.print(),
        ThreadAction::Delete(id) => {
            engine.delete_conversation(id);
            // The page of the deleted conversation would show that it is gone.
            if open == Some(id) {
                go(Route::Home);
            }
        }
        ThreadAction::More => engine.load_more_conversations(),
    }
}

/// Opens a new conversation and focuses the composer.
pub(super) fn begin(ui: &UiHandle) {
    go(Route::Home);
    ui.change(UiChange::Moved);
    window::focus("message");
}
