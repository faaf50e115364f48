//! The line above the conversation: menu, title, who answers, devices, tasks, account.

use crate::components::{
    account_menu::{AccountAction, AccountMenu},
    button::IconButton,
    callbacks::press,
    editor::LineEditor,
    format,
    icon::{Icon, SvgIcon},
    shell::Layout,
};
use yew::prelude::*;

/// The dot beside the name of who answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum StatusDot {
    /// A provider with a key: green.
    Live,
    /// The built-in assistant, or nobody yet: grey.
    #[default]
    BuiltIn,
    /// The connection is in trouble: amber.
    Trouble,
}

/// What a person does in the header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum HeaderAction {
    /// Show or hide the list of conversations.
    Menu,
    /// Show or hide the tasks.
    Tasks,
    Devices,
    /// Call the conversation this.
    Rename(String),
    /// Something of the account's menu.
    Account(AccountAction),
}

#[derive(Clone, PartialEq, Properties)]
#[expect(clippy::struct_excessive_bools, reason = "four things that are shown or not, each by itself")]
pub(crate) struct HeaderProps {
    /// Title of the open conversation.
    pub title: AttrValue,
    /// Whether it can be renamed: not before it exists.
    #[prop_or_default]
    pub renameable: bool,
    /// Name of the provider that answers, as the server calls it (`openai`, `gemini`, `builtin`); empty when not known.
    pub provider: AttrValue,
    #[prop_or_default]
    pub dot: StatusDot,
    /// How many devices are connected; said from 2 on.
    #[prop_or_default]
    pub devices: usize,
    /// How wide the page is.
    pub layout: Layout,
    /// Whether the list of conversations is visible.
    pub nav_open: bool,
    /// Whether the tasks are visible.
    pub tasks_open: bool,
    /// The person's name; the address when there is none.
    pub name: AttrValue,
    pub email: AttrValue,
    /// Whether dark colours are in use now.
    #[prop_or_default]
    pub dark: bool,
    /// What the person does.
    pub on: Callback<HeaderAction>,
}

/// The header, role `banner`.
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

/// The title, which a click on the pencil makes a field.
#[component]
fn Title(props: &HeaderProps) -> Html {
    let editing = use_state(|| false);
    let set = |value: bool| {
        let editing = editing.clone();
        Callback::from(move |()| editing.set(value))
    };
    let on_save = {
        let (on, editing) = (props.on.clone(), editing.clone());
        Callback::from(move |title| {
            editing.set(false);
            on.emit(HeaderAction::Rename(title));
        })
    };
    html! {
        <div class="title">
            <h1 class={editing.then_some("sr")}>{ props.title.clone() }</h1>
            if *editing {
                <LineEditor label="Title of the conversation" text={props.title.clone()} {on_save} on_cancel={set(false)} />
            } else if props.renameable {
                <IconButton icon={Icon::Pencil} label="Rename conversation" small=true class="hide-narrow"
                    onclick={set(true)} />
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
    /// The way back to the conversations, as a link of the router's.
    pub back: Html,
    /// What stands at the end of the line.
    #[prop_or_default]
    pub children: Children,
}

/// The header of a page that is not the workspace.
#[component]
pub(crate) fn PageHead(props: &PageHeadProps) -> Html {
    html! {
        <header class="page-head">{ props.back.clone() }<span class="end" />{ props.children.clone() }</header>
    }
}
