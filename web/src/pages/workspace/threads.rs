//! The list of conversations, told what the state says.

use super::{
    ui::{Overlay, UiChange},
    use_ui,
};
use crate::{
    components::thread_list::{Thread, ThreadAction, ThreadList},
    hooks::{go, use_clock, use_engine, use_threads},
    platform::window,
    state::route::Route,
};
use tandem_protocol::ConversationId;
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub(super) struct ThreadsProps {
    pub(super) open: Option<ConversationId>,
}

/// Navigation `Conversations`.
#[component]
pub(super) fn Threads(props: &ThreadsProps) -> Html {
    let (engine, ui) = (use_engine(), use_ui());
    let (list, clock) = (use_threads(), use_clock());
    let threads: Vec<Thread> =
        list.entries.iter().map(|entry| Thread::new(&entry.conversation, entry.running)).collect();
    let on = Callback::from(move |action| match action {
        ThreadAction::New => begin(&ui),
        ThreadAction::Search => ui.change(UiChange::Open(Overlay::Search)),
        ThreadAction::Open(id) => {
            go(Route::Conversation(id));
            ui.change(UiChange::Moved);
        }
        ThreadAction::More => engine.load_more_conversations(),
    });
    html! { <ThreadList {threads} current={props.open} has_more={list.has_more} {clock} {on} /> }
}

/// Shows the beginning of a new conversation, ready to be written in.
pub(super) fn begin(ui: &super::UiHandle) {
    go(Route::Home);
    ui.change(UiChange::Moved);
    window::focus("message");
}
