//! Short-lived notices about what the person just did, with a way to take it back.

use crate::{
    components::{
        button::{IconButton, TextButton},
        icon::{Icon, SvgIcon},
    },
    state::notice::{NoticeKind, PostedNotice},
};
use yew::prelude::*;

/// What the person does with a toast, by the id of its notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ToastAction {
    Undo(u32),
    Retry(u32),
    Dismiss(u32),
}

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct ToastsProps {
    /// Shown from oldest to newest.
    pub notices: Vec<PostedNotice>,
    pub on: Callback<ToastAction>,
}

/// The toasts above the lower edge of the page. A screen reader announces them politely.
#[component]
pub(crate) fn Toasts(props: &ToastsProps) -> Html {
    html! {
        <div class="toasts" role="region" aria-label="Notifications" aria-live="polite">
            { for props.notices.iter().map(|posted| view(posted, &props.on)) }
        </div>
    }
}

fn view(posted: &PostedNotice, on: &Callback<ToastAction>) -> Html {
    let PostedNotice { id, notice } = posted;
    let id = *id;
    let (icon, class) = match notice.kind {
        NoticeKind::Done => (Icon::Check, Some("ok")),
        NoticeKind::Deleted => (Icon::Trash, None),
        NoticeKind::Failed => (Icon::Bad, Some("bad")),
    };
    let action = |action: ToastAction| on.reform(move |()| action);
    html! {
        <div key={id} class="toast">
            <SvgIcon {icon} class={classes!(class)} />
            <span>
                { notice.text.clone() }
                if let Some(object) = &notice.object { { " " }<b>{ object.clone() }</b> }
            </span>
            if notice.retry.is_some() {
                <TextButton text="Retry" accent=true onclick={action(ToastAction::Retry(id))} />
            }
            if notice.undo_token.is_some() {
                <TextButton text="Undo" accent=true onclick={action(ToastAction::Undo(id))} />
            } else {
                <IconButton icon={Icon::Cross} label="Dismiss" onclick={action(ToastAction::Dismiss(id))} />
            }
        </div>
    }
}
