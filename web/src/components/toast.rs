//! What the person just did, with a way back.

use crate::components::{
    button::{IconButton, TextButton},
    icon::{Icon, SvgIcon},
};
use yew::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toast {
    /// Names it for [`ToastAction`].
    pub id: u64,
    /// What is drawn, and in which colour.
    pub kind: ToastKind,
    /// The words before the thing: `Completed`.
    pub before: AttrValue,
    /// The thing, set off: `Water the plants`; may be empty.
    pub thing: AttrValue,
    /// The words after it: `, next on Thu 26 Nov`. Begins with its own space or comma.
    pub after: AttrValue,
    /// Whether it can be taken back; otherwise it can be dismissed.
    pub undo: bool,
    /// Whether it can be tried again.
    pub retry: bool,
}

/// What kind of thing a toast tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToastKind {
    Done,
    Deleted,
    /// Something did not work.
    Failed,
    Note,
}

/// What the person does with a toast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToastAction {
    Undo(u64),
    Retry(u64),
    Dismiss(u64),
}

#[derive(Clone, PartialEq, Properties)]
pub struct ToastsProps {
    /// Shown from oldest to newest.
    pub toasts: Vec<Toast>,
    /// What the person does.
    pub on: Callback<ToastAction>,
}

/// The toasts above the lower edge, read out politely.
#[component]
pub fn Toasts(props: &ToastsProps) -> Html {
    html! {
        <div class="toasts" role="region" aria-label="Notifications" aria-live="polite">
            { for props.toasts.iter().map(|toast| view(toast, &props.on)) }
        </div>
    }
}

fn view(toast: &Toast, on: &Callback<ToastAction>) -> Html {
    let (icon, class) = match toast.kind {
        ToastKind::Done => (Icon::Check, Some("ok")),
        ToastKind::Deleted => (Icon::Trash, None),
        ToastKind::Failed => (Icon::Bad, Some("bad")),
        ToastKind::Note => (Icon::Info, None),
    };
    let id = toast.id;
    html! {
        <div key={id} class="toast">
            <SvgIcon {icon} class={classes!(class)} />
            <span>
                { toast.before.clone() }
                if !toast.thing.is_empty() { { " " }<b>{ toast.thing.clone() }</b> }
                { toast.after.clone() }
            </span>
            if toast.retry {
                <TextButton text="Retry" accent=true onclick={on.reform(move |()| ToastAction::Retry(id))} />
            }
            if toast.undo {
                <TextButton text="Undo" accent=true onclick={on.reform(move |()| ToastAction::Undo(id))} />
            } else {
                <IconButton icon={Icon::Cross} label="Dismiss" onclick={on.reform(move |()| ToastAction::Dismiss(id))} />
            }
        </div>
    }
}
