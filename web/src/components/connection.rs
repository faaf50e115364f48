//! The bar that shows an interrupted connection, and the live regions for screen readers.

use crate::text::workspace as text;
use crate::{
    components::{button::TextButton, icon::Icon},
    state::connection::ConnectionStatus,
};
use yew::prelude::*;

/// The text of the status `Connection`. An interruption of under a second is treated as none.
fn text(status: ConnectionStatus) -> &'static str {
    match status {
        ConnectionStatus::Connected | ConnectionStatus::Interrupted => text::CONNECTED,
        ConnectionStatus::Connecting => text::CONNECTING,
        ConnectionStatus::Reconnecting => text::RECONNECTING,
        ConnectionStatus::Offline => text::OFFLINE,
        ConnectionStatus::CatchingUp => text::CATCHING_UP,
    }
}

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct ConnectionLineProps {
    pub status: ConnectionStatus,
    pub on_retry: Callback<()>,
}

/// The status `Connection`, invisible while connected. Offline it has the button `Retry now`.
#[component]
pub(crate) fn ConnectionLine(props: &ConnectionLineProps) -> Html {
    let status = props.status;
    let sign = match status {
        ConnectionStatus::Connected | ConnectionStatus::Interrupted => Html::default(),
        ConnectionStatus::Connecting | ConnectionStatus::Reconnecting | ConnectionStatus::CatchingUp => {
            html! { <span class="spin" /> }
        }
        ConnectionStatus::Offline => Icon::Offline.html(),
    };
    let (hidden, offline) = (text(status) == text::CONNECTED, status == ConnectionStatus::Offline);
    html! {
        <div class={classes!("conn", offline.then_some("conn-warn"))} data-state={hidden.then_some("connected")}>
            <p role="status" aria-label={text::CONNECTION} class={hidden.then_some("sr")}>
                { sign }{ text(status) }
            </p>
            if offline { { TextButton::new(text::RETRY_NOW, props.on_retry.clone()).html() } }
        </div>
    }
}

/// Offers to load a newer client. The page never reloads by itself, because the person may be writing.
pub(crate) fn update_bar(on_reload: Callback<()>) -> Html {
    html! {
        <div class="conn conn-new">
            <p role="status" aria-label={text::UPDATE}>
                { Icon::Info.html() }{ text::NEW_VERSION }
            </p>
            { TextButton::new(text::RELOAD, on_reload).html() }
        </div>
    }
}

/// The status `Assistant status`, the live region through which a screen reader announces replies. The log itself is
/// silent: announcing each piece of text would interrupt the reader all the time.
///
/// `text`: start, progress, end or failure of the reply; may be empty.
pub(crate) fn assistant_status(text: &str) -> Html {
    html! { <p class="sr" role="status" aria-label={text::ASSISTANT_STATUS}>{ text }</p> }
}
