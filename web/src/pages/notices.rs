//! What is told in passing, over whatever page is shown.

use crate::{
    components::toast::{Toast, ToastAction, ToastKind, Toasts},
    hooks::{use_engine, use_notices},
    live::published::Posted,
    state::notice::NoticeKind,
};
use yew::prelude::*;

/// What is told in passing.
#[component]
pub fn Notices() -> Html {
    let (engine, notices) = (use_engine(), use_notices());
    let toasts: Vec<Toast> = notices.iter().map(toast).collect();
    let on = Callback::from(move |action| match action {
        ToastAction::Undo(id) => {
            let posted = notices.iter().find(|posted| u64::from(posted.id) == id);
            if let Some((id, token)) = posted.and_then(|posted| Some((posted.id, posted.notice.undo_token.clone()?))) {
                engine.undo(token);
                engine.dismiss(id);
            }
        }
        ToastAction::Retry(id) => {
            let posted = notices.iter().find(|posted| u64::from(posted.id) == id);
            if let Some((id, command)) = posted.and_then(|posted| Some((posted.id, posted.notice.retry.clone()?))) {
                engine.submit(*command);
                engine.dismiss(id);
            }
        }
        ToastAction::Dismiss(id) => engine.dismiss(u32::try_from(id).unwrap_or_default()),
    });
    html! { <Toasts {toasts} {on} /> }
}

fn toast(posted: &Posted) -> Toast {
    let notice = &posted.notice;
    Toast {
        id: posted.id.into(),
        kind: match notice.kind {
            NoticeKind::Done => ToastKind::Done,
            NoticeKind::Deleted => ToastKind::Deleted,
            NoticeKind::Failed => ToastKind::Failed,
        },
        before: notice.text.clone().into(),
        thing: notice.object.clone().unwrap_or_default().into(),
        after: AttrValue::Static(""),
        undo: notice.undo_token.is_some(),
        retry: notice.retry.is_some(),
    }
}
