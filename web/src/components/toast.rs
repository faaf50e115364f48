//! Short-lived notices about what the person just did, with a way to take it back.

use crate::text::workspace as text;
use crate::{
    components::{
        button::{IconButton, TextButton},
        format,
        icon::Icon,
    },
    state::notice::{NoticeKind, PostedNotice},
};
use jiff::civil::Date;
use yew::prelude::*;

/// What the person does with a toast, by the id of its notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ToastAction {
    Undo(u32),
    Retry(u32),
    Dismiss(u32),
    /// Whether the pointer or the focus is on the toasts: none disappears by itself meanwhile.
    Hold(bool),
}

/// The largest number of toasts that are shown. Older ones are shown when newer ones have gone.
const MAX_SHOWN: usize = 2;

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct ToastsProps {
    /// Shown from oldest to newest.
    pub notices: Vec<PostedNotice>,
    pub today: Date,
    pub on: Callback<ToastAction>,
}

/// The toasts, over messages and never over controls: the style sheet has a place for each layout. A screen reader
/// announces them politely.
#[component]
pub(crate) fn Toasts(props: &ToastsProps) -> Html {
    let shown = props.notices.iter().skip(props.notices.len().saturating_sub(MAX_SHOWN));
    let hold = |held: bool| ToastAction::Hold(held);
    html! {
        <section aria-label={text::NOTICES} aria-live="polite"
            onmouseenter={props.on.reform(move |_: MouseEvent| hold(true))}
            onmouseleave={props.on.reform(move |_: MouseEvent| hold(false))}
            onfocusin={props.on.reform(move |_: FocusEvent| hold(true))}
            onfocusout={props.on.reform(move |_: FocusEvent| hold(false))}>
            <ul>{ for shown.map(|posted| view(posted, props.today, &props.on)) }</ul>
        </section>
    }
}

fn view(posted: &PostedNotice, today: Date, on: &Callback<ToastAction>) -> Html {
    let PostedNotice { id, notice } = posted;
    let id = *id;
    let icon = match notice.kind {
        NoticeKind::Done | NoticeKind::Copied => Icon::Check.classed("ok"),
        NoticeKind::Deleted => Icon::Trash.html(),
        NoticeKind::Failed => Icon::Bad.classed("bad"),
    };
    let action = |action: ToastAction| on.reform(move |()| action);
    html! {
        <li key={id} class="toast">
            { icon }
            <span>
                { notice.text.clone() }
                if let Some(object) = &notice.object { { " " }<b>{ object.clone() }</b> }
                if let Some(to) = &notice.to { { " " }{ to.clone() } }
                if let Some(next) = &notice.next { { text::next_on(format::day(next.date, today)) } }
            </span>
            if notice.retry.is_some() {
                { TextButton::new(text::RETRY, action(ToastAction::Retry(id))).accent().html() }
            }
            if notice.undo_token.is_some() || notice.take_back.is_some() || !notice.commands.is_empty() {
                { TextButton::new(text::UNDO, action(ToastAction::Undo(id))).accent().html() }
            }
            { IconButton::new(Icon::Cross, text::DISMISS, action(ToastAction::Dismiss(id))).html() }
        </li>
    }
}
