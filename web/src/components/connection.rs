//! Whether this device is in touch with the server: nothing to see when all is well, one line when not.

use crate::components::{
    button::TextButton,
    icon::{Icon, SvgIcon},
};
use yew::prelude::*;

/// What is said of the connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Link {
    /// All is well, or has been down for under a second.
    #[default]
    Connected,
    /// Down for 1 to 5 seconds.
    Reconnecting,
    Offline,
    /// Back, with more than 300 ms of changes to fetch.
    CatchingUp,
}

impl Link {
    /// The text of the status `Connection`.
    pub fn words(self) -> &'static str {
        match self {
            Self::Connected => "Connected",
            Self::Reconnecting => "Reconnecting",
            Self::Offline => "Offline: messages will be sent when you are back",
            Self::CatchingUp => "Catching up",
        }
    }
}

#[derive(Clone, PartialEq, Properties)]
pub struct ConnectionLineProps {
    pub link: Link,
    /// `Retry now` was pressed.
    pub on_retry: Callback<()>,
}

/// Status `Connection`; with the button `Retry now` when offline.
#[component]
pub fn ConnectionLine(props: &ConnectionLineProps) -> Html {
    let link = props.link;
    let sign = match link {
        Link::Connected => Html::default(),
        Link::Reconnecting | Link::CatchingUp => html! { <span class="spin" /> },
        Link::Offline => html! { <SvgIcon icon={Icon::Offline} /> },
    };
    let class = (link == Link::Offline).then_some("conn-warn");
    html! {
        <div class={classes!("conn", class)} data-state={(link == Link::Connected).then_some("connected")}>
            <p role="status" aria-label="Connection" class={(link == Link::Connected).then_some("sr")}>
                { sign }{ link.words() }
            </p>
            if link == Link::Offline { <TextButton text="Retry now" onclick={props.on_retry.clone()} /> }
        </div>
    }
}

#[derive(Clone, PartialEq, Properties)]
pub struct UpdateBarProps {
    pub on_reload: Callback<()>,
}

/// A newer client waits. It never reloads by itself.
#[component]
pub fn UpdateBar(props: &UpdateBarProps) -> Html {
    html! {
        <div class="conn conn-new">
            <p role="status" aria-label="Update">
                <SvgIcon icon={Icon::Info} />{ "A new version is ready. Your draft stays." }
            </p>
            <TextButton text="Reload" onclick={props.on_reload.clone()} />
        </div>
    }
}

#[derive(Clone, PartialEq, Properties)]
pub struct AssistantStatusProps {
    /// Start, still working, done, or an error; empty when there is nothing to say.
    pub text: AttrValue,
}

/// Status `Assistant status`: the one place where a screen reader hears how a reply goes.
#[component]
pub fn AssistantStatus(props: &AssistantStatusProps) -> Html {
    html! { <p class="sr" role="status" aria-label="Assistant status">{ props.text.clone() }</p> }
}
