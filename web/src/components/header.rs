//! The bar above the conversation: menu, title, provider, devices, tasks, account.

use crate::components::{
    account_menu::{AccountAction, account_menu},
    button::IconButton,
    callbacks::press,
    editor::LineEditor,
    format,
    icon::Icon,
    menu::{Menu, MenuItem, more},
    shell::Layout,
    thread_list::{ThreadAction, thread_items},
};
use crate::hooks::Providers;
use crate::platform::window::{focus_element, focus_is_lost};
use crate::text::words;
use crate::text::workspace as text;
use tandem_protocol::{ConversationId, enums::ProviderState, rest::ProviderInfo};
use yew::prelude::*;

/// The colour of the dot beside the name of the provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum StatusDot {
    /// Green: a provider that was configured with a key.
    Live,
    /// Grey: the built-in assistant, or no reply yet.
    #[default]
    BuiltIn,
    /// Amber: the connection is interrupted.
    Trouble,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum HeaderAction {
    Menu,
    Tasks,
    Devices,
    Rename(String),
    /// The text of a new title has changed; empty when nothing is to be kept.
    TitleDraft(String),
    /// Begin to edit the title, or end it without a change.
    EditTitle(bool),
    Thread(ThreadAction),
    /// Choose who answers; `None` for the order of the server.
    Choose(Option<String>),
    /// The menu of providers was opened.
    Providers,
    Account(AccountAction),
}

#[derive(Clone, PartialEq, Properties)]
#[expect(clippy::struct_excessive_bools, reason = "four things that are shown or not, each by itself")]
pub(crate) struct HeaderProps {
    pub title: AttrValue,
    /// The conversation, if it exists on the server and can be changed.
    #[prop_or_default]
    pub thread: Option<ConversationId>,
    #[prop_or_default]
    pub pinned: bool,
    #[prop_or_default]
    pub archived: bool,
    /// Whether the title is being edited.
    #[prop_or_default]
    pub editing: bool,
    /// A new title that was being written; empty if none was.
    #[prop_or_default]
    pub title_draft: AttrValue,
    pub providers: Providers,
    #[prop_or_default]
    pub dot: StatusDot,
    /// The number of connected devices; shown from 2 on.
    #[prop_or_default]
    pub devices: usize,
    pub layout: Layout,
    pub nav_open: bool,
    pub tasks_open: bool,
    /// The name of the person, or their address when they have none.
    pub name: AttrValue,
    pub email: AttrValue,
    #[prop_or_default]
    pub dark: bool,
    pub on: Callback<HeaderAction>,
}

/// The element with the role `banner`.
#[component]
pub(crate) fn Header(props: &HeaderProps) -> Html {
    let emit = |action: HeaderAction| props.on.reform(move |()| action.clone());
    let devices = words::devices(props.devices);
    html! {
        <header class="app-head">
            if props.layout != Layout::Wide {
                { IconButton::new(Icon::Menu, text::MENU, emit(HeaderAction::Menu)).expanded(props.nav_open).controls("conversations").html() }
            }
            <Title ..props.clone() />
            { who_answers(props) }
            if props.devices > 1 {
                <button type="button" class="chip-status hide-narrow" onclick={press(&emit(HeaderAction::Devices))}>
                    { Icon::Laptop.html() }{ devices }
                </button>
            }
            if props.layout != Layout::Narrow {
                { IconButton::new(Icon::Panel, text::TASKS, emit(HeaderAction::Tasks)).expanded(props.tasks_open).controls("tasks").html() }
            }
            { account_menu(&props.name, &props.email, props.dark, &props.on.reform(HeaderAction::Account)) }
        </header>
    }
}

/// The title, with a button that makes it editable.
#[component]
fn Title(props: &HeaderProps) -> Html {
    let editing = props.editing;
    let rename = use_node_ref();
    let was_editing = use_mut_ref(|| false);
    {
        let rename = rename.clone();
        use_effect_with(editing, move |editing| {
            // The field had the focus, unless the person has gone elsewhere.
            if was_editing.replace(*editing)
                && focus_is_lost()
                && let Some(button) = rename.cast::<web_sys::Element>()
            {
                focus_element(&button);
            }
        });
    }
    let edit = props.on.reform(|()| HeaderAction::EditTitle(true));
    let end = {
        let on = props.on.clone();
        Callback::from(move |title: Option<String>| {
            on.emit(HeaderAction::EditTitle(false));
            on.emit(title.map_or(HeaderAction::TitleDraft(String::new()), HeaderAction::Rename));
        })
    };
    let onclick = props.thread.map(|_| press(&edit));
    html! {
        <div class="title">
            <h1 dir="auto" class={editing.then_some("sr")} title={props.title.clone()} {onclick}>{ props.title.clone() }</h1>
            if editing {
                <LineEditor label={text::TITLE_OF_THE_CONVERSATION} text={props.title.clone()} draft={props.title_draft.clone()}
                    on_draft={props.on.reform(HeaderAction::TitleDraft)} on_save={end.reform(Some)}
                    on_cancel={end.reform(|()| None)} />
            } else if let Some(id) = props.thread {
                { IconButton::new(Icon::Pencil, text::RENAME_CONVERSATION, edit).small().class("hide-narrow title-edit").node_ref(rename).html() }
                <Menu label={text::CONVERSATION_MENU} button={more()} items={header_items(props, id)} />
            }
        </div>
    }
}

/// The actions of the open conversation.
fn header_items(props: &HeaderProps, id: ConversationId) -> Vec<MenuItem> {
    let on = props.on.reform(HeaderAction::Thread);
    let mut items = thread_items(id, props.pinned, props.archived, &on);
    // Before the last one, which deletes.
    let print = MenuItem::new(Icon::List, text::PRINT, on.reform(|()| ThreadAction::Print));
    items.insert(items.len() - 1, print);
    items
}

/// The name of who answers next, which opens the list of those who could.
fn who_answers(props: &HeaderProps) -> Html {
    let name = props.providers.first();
    let chip = html! {
        <>
            <span class={classes!("dot", dot_class(props.dot))} />
            <span class="hide-narrow">{ format::provider(name).to_owned() }</span>
            <span class="only-narrow">{ short_provider(name).to_owned() }</span>
        </>
    };
    // Not known yet, or there is no choice to make and nothing to add.
    if props.providers.all.is_empty() {
        return html! { <span class="chip-status">{ chip }</span> };
    }
    let choose = |name: Option<String>| props.on.reform(move |()| HeaderAction::Choose(name.clone()));
    let mut items: Vec<MenuItem> = props
        .providers
        .all
        .iter()
        .map(|provider| {
            let item = MenuItem::new(
                Icon::Chat,
                format::provider(&provider.name).to_owned(),
                choose(Some(provider.name.clone())),
            );
            MenuItem { note: provider_note(provider).into(), chosen: Some(provider.name == name), ..item }
        })
        .collect();
    if props.providers.chosen.is_some() && props.providers.all.len() > 1 {
        items.push(MenuItem::new(Icon::Undo, text::BACK_TO_THE_USUAL_ORDER, choose(None)));
    }
    html! {
        <Menu class="chip-status" label={text::who_answers(format::provider(name))} button={chip} {items}
            on_open={props.on.reform(|()| HeaderAction::Providers)} />
    }
}

/// The model of a provider and what is worth knowing before it is chosen.
pub(crate) fn provider_note(provider: &ProviderInfo) -> String {
    let model = if provider.local { text::NOTHING_LEAVES_THIS_SERVER } else { provider.model.as_str() };
    match provider.state {
        ProviderState::Ready => model.to_owned(),
        ProviderState::Unavailable => text::not_available_now(model),
    }
}

fn dot_class(dot: StatusDot) -> Option<&'static str> {
    match dot {
        StatusDot::Live => Some("dot-live"),
        StatusDot::BuiltIn => None,
        StatusDot::Trouble => Some("dot-amber"),
    }
}

fn short_provider(name: &str) -> &str {
    if name == "builtin" { text::BUILT_IN } else { format::provider(name) }
}

/// The bar of a page that is not the workspace. `back`: the link to where one came from.
pub(crate) fn page_head(back: Html, end: Html) -> Html {
    html! { <header class="page-head">{ back }<span class="end" />{ end }</header> }
}
