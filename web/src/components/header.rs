//! The bar above the conversation: menu, title, provider, devices, tasks, account.

use crate::components::{
    account_menu::{AccountAction, AccountMenu},
    button::IconButton,
    callbacks::{press, set_to},
    editor::LineEditor,
    format,
    icon::{Icon, SvgIcon},
    shell::Layout,
};
use crate::platform::window::{focus_element, focus_is_lost};
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
    Account(AccountAction),
}

#[derive(Clone, PartialEq, Properties)]
#[expect(clippy::struct_excessive_bools, reason = "four things that are shown or not, each by itself")]
pub(crate) struct HeaderProps {
    pub title: AttrValue,
    /// Whether the conversation exists on the server and can be renamed.
    #[prop_or_default]
    pub renameable: bool,
    /// A new title that was being written; empty if none was.
    #[prop_or_default]
    pub title_draft: AttrValue,
    /// The provider as the server names it (`openai`, `gemini`, `builtin`); empty when not known.
    pub provider: AttrValue,
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
    let devices = format::count(props.devices, "device");
    html! {
        <header class="app-head">
            if props.layout != Layout::Wide {
                <IconButton icon={Icon::Menu} label="Menu" expanded={props.nav_open} controls="conversations"
                    onclick={emit(HeaderAction::Menu)} />
            }
            <Title ..props.clone() />
            <span class="chip-status">
                <span class={classes!("dot", dot_class(props.dot))} />
                <span class="hide-narrow">{ format::provider(&props.provider).to_owned() }</span>
                <span class="only-narrow">{ short_provider(&props.provider).to_owned() }</span>
            </span>
            if props.devices > 1 {
                <button type="button" class="chip-status hide-narrow" onclick={press(&emit(HeaderAction::Devices))}>
                    <SvgIcon icon={Icon::Laptop} />{ devices }
                </button>
            }
            if props.layout != Layout::Narrow {
                <IconButton icon={Icon::Panel} label="Tasks" expanded={props.tasks_open} controls="tasks"
                    onclick={emit(HeaderAction::Tasks)} />
            }
            <AccountMenu name={props.name.clone()} email={props.email.clone()} dark={props.dark}
                on={props.on.reform(HeaderAction::Account)} />
        </header>
    }
}

/// The title, with a button that makes it editable.
#[component]
fn Title(props: &HeaderProps) -> Html {
    let editing = use_state_eq(|| false);
    let rename = use_node_ref();
    let was_editing = use_mut_ref(|| false);
    {
        let rename = rename.clone();
        use_effect_with(*editing, move |editing| {
            // The field had the focus, unless the person has gone elsewhere.
            if was_editing.replace(*editing)
                && focus_is_lost()
                && let Some(button) = rename.cast::<web_sys::Element>()
            {
                focus_element(&button);
            }
        });
    }
    let on_edit = set_to(&editing, true);
    let end = {
        let (on, editing) = (props.on.clone(), editing.clone());
        Callback::from(move |title: Option<String>| {
            editing.set(false);
            on.emit(title.map_or(HeaderAction::TitleDraft(String::new()), HeaderAction::Rename));
        })
    };
    html! {
        <div class="title">
            <h1 dir="auto" class={editing.then_some("sr")}>{ props.title.clone() }</h1>
            if *editing {
                <LineEditor label="Title of the conversation" text={props.title.clone()} draft={props.title_draft.clone()}
                    on_draft={props.on.reform(HeaderAction::TitleDraft)} on_save={end.reform(Some)}
                    on_cancel={end.reform(|()| None)} />
            } else if props.renameable {
                <IconButton icon={Icon::Pencil} label="Rename conversation" small=true class="hide-narrow"
                    node_ref={rename} onclick={on_edit} />
            }
        </div>
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
    if name == "builtin" { "Built-in" } else { format::provider(name) }
}

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct PageHeadProps {
    /// The link back to the conversations.
    pub back: Html,
    #[prop_or_default]
    pub children: Children,
}

/// The bar of a page that is not the workspace.
#[component]
pub(crate) fn PageHead(props: &PageHeadProps) -> Html {
    html! {
        <header class="page-head">{ props.back.clone() }<span class="end" />{ props.children.clone() }</header>
    }
}
