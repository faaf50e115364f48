//! Connects the list of conversations to the state.

use super::{
    ui::{Overlay, UiChange},
    use_ui,
};
use crate::{
    components::{
        dialog::ConfirmDialog,
        thread_list::{ThreadAction, ThreadList, ThreadRow},
    },
    hooks::{go, use_clock, use_engine, use_threads},
    live::Engine,
    platform::window,
    state::route::Route,
};
use tandem_protocol::ConversationId;
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
    let deleting = use_state_eq(|| None::<ConversationId>);
    let dialog = confirmation(&engine, &deleting, props.open);
    let on = Callback::from(move |action| match action {
        ThreadAction::New => begin(&ui),
        ThreadAction::Search => ui.change(UiChange::Open(Overlay::Search)),
        ThreadAction::Open(id) => {
            go(Route::Conversation(id));
            ui.change(UiChange::Moved);
        }
        ThreadAction::Delete(id) => deleting.set(Some(id)),
        ThreadAction::More => engine.load_more_conversations(),
    });
    html! {
        <>
            <ThreadList {threads} current={props.open} has_more={list.has_more} {clock} {on} />
            { dialog }
        </>
    }
}

/// The dialog that confirms the deletion of a conversation with its messages.
fn confirmation(
    engine: &Engine,
    deleting: &UseStateHandle<Option<ConversationId>>,
    open: Option<ConversationId>,
) -> Html {
    let Some(id) = **deleting else { return Html::default() };
    let on_close = {
        let deleting = deleting.clone();
        Callback::from(move |()| deleting.set(None))
    };
    let on_confirm = {
        let (engine, deleting) = (engine.clone(), deleting.clone());
        Callback::from(move |()| {
            deleting.set(None);
            engine.delete_conversation(id);
            // The page of the deleted conversation would show that it is gone.
            if open == Some(id) {
                go(Route::Home);
            }
        })
    };
    html! {
        <ConfirmDialog question="Delete this conversation?" confirm="Delete"
            text="It is deleted with all of its messages, on every device. Your tasks stay." {on_confirm} {on_close} />
    }
}

/// Opens a new conversation and focuses the composer.
pub(super) fn begin(ui: &super::UiHandle) {
    go(Route::Home);
    ui.change(UiChange::Moved);
    window::focus("message");
}
