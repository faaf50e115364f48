//! Connects the header of the workspace to the state.

use super::{
    threads,
    ui::{Overlay, UiChange},
    use_ui,
};
use crate::{
    components::{
        account_menu::AccountAction,
        header::{Header, HeaderAction, StatusDot},
        thread_list::{ThreadAction, UNTITLED},
    },
    hooks::{go, use_connection, use_engine, use_providers, use_session, use_thread, use_user},
    platform::theme::Theme,
    state::{connection::ConnectionStatus, drafts::DraftKey, route::Route},
};
use tandem_protocol::{ConversationId, live::command::ConversationUpdate};
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub(super) struct WorkspaceHeaderProps {
    pub(super) open: Option<ConversationId>,
}

#[component]
pub(super) fn WorkspaceHeader(props: &WorkspaceHeaderProps) -> Html {
    let (engine, session, ui) = (use_engine(), use_session(), use_ui());
    let (thread, user, connection) = (use_thread(), use_user(), use_connection());
    let theme = use_state_eq(Theme::chosen);
    let open = props.open;
    let conversation = thread.conversation.as_ref().filter(|conversation| Some(conversation.id) == open);
    let title = conversation.and_then(|conversation| conversation.title.clone());
    let providers = use_providers(open);
    let dot = match connection.status {
        ConnectionStatus::Connected if matches!(providers.first(), "" | "builtin") => StatusDot::BuiltIn,
        ConnectionStatus::Connected => StatusDot::Live,
        ConnectionStatus::Interrupted
        | ConnectionStatus::Connecting
        | ConnectionStatus::Reconnecting
        | ConnectionStatus::Offline
        | ConnectionStatus::CatchingUp => StatusDot::Trouble,
    };
    let dark = theme.is_dark();
    let on = {
        let (engine, ui, theme) = (engine.clone(), ui.clone(), theme.clone());
        Callback::from(move |action| match action {
            HeaderAction::Menu => ui.change(UiChange::ToggleNav),
            HeaderAction::Tasks => ui.change(UiChange::ToggleTasks),
            HeaderAction::Devices | HeaderAction::Account(AccountAction::Settings) => go(Route::Settings),
            HeaderAction::Rename(title) => {
                if let Some(id) = open {
                    engine.rename(id, title);
                    // The title is in the outbox now.
                    engine.write_draft(DraftKey::Title(id), String::new());
                }
            }
            HeaderAction::TitleDraft(text) => {
                if let Some(id) = open {
                    engine.write_draft(DraftKey::Title(id), text);
                }
            }
            HeaderAction::EditTitle(editing) => ui.change(UiChange::EditTitle(editing)),
            HeaderAction::Thread(ThreadAction::Rename(_)) => ui.change(UiChange::EditTitle(true)),
            HeaderAction::Thread(action) => threads::act(&engine, &ui, open, action),
            HeaderAction::Providers => engine.load_providers(),
            HeaderAction::Choose(provider) => match open {
                Some(id) => {
                    let provider = Some(provider);
                    engine.change_conversation(ConversationUpdate { provider, ..ConversationUpdate::of(id) });
                }
                None => {
                    engine.choose_for_new(provider);
                }
            },
            HeaderAction::Account(AccountAction::SwitchTheme) => {
                let next = if theme.is_dark() { Theme::Light } else { Theme::Dark };
                next.choose();
                theme.set(next);
            }
            HeaderAction::Account(AccountAction::Shortcuts) => ui.change(UiChange::Open(Overlay::Shortcuts)),
            HeaderAction::Account(AccountAction::SignOut) => session.sign_out(),
        })
    };
    let title_draft = open.map(|id| engine.draft(DraftKey::Title(id))).unwrap_or_default();
    let name = if user.name.is_empty() { user.email.clone() } else { user.name.clone() };
    html! {
        <Header title={title.unwrap_or_else(|| UNTITLED.to_owned())} thread={conversation.map(|known| known.id)}
            pinned={conversation.is_some_and(|known| known.pinned)}
            archived={conversation.is_some_and(|known| known.archived)} editing={ui.ui.editing_title} {title_draft}
            {providers} {dot} devices={connection.devices.len()} layout={ui.ui.layout} nav_open={ui.ui.nav_open}
            tasks_open={ui.ui.tasks_open} {name} email={user.email.clone()} {dark} {on} />
    }
}
