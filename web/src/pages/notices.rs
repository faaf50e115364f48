//! The toasts, over every page.

use crate::{
    components::toast::{ToastAction, Toasts},
    hooks::{use_clock, use_engine, use_notices},
};
use yew::prelude::*;

/// Draws the notices of the engine.
#[component]
pub(crate) fn Notices() -> Html {
    let (engine, posted) = (use_engine(), use_notices());
    let (notices, today) = (posted.to_vec(), use_clock().today());
    let on = Callback::from(move |action| {
        let notice = |id| posted.iter().find(|posted| posted.id == id).map(|posted| &posted.notice);
        match action {
            ToastAction::Undo(id) => {
                let Some(notice) = notice(id) else { return };
                match (notice.undo_token.clone(), notice.take_back) {
                    (Some(token), _) => engine.undo(token),
                    (None, Some(command)) => engine.take_back(command),
                    (None, None) => engine.undo_change(&notice.commands),
                }
                engine.dismiss(id);
            }
            ToastAction::Retry(id) => {
                if let Some(command) = notice(id).and_then(|notice| notice.retry.clone()) {
                    engine.submit(*command);
                    engine.dismiss(id);
                }
            }
            ToastAction::Dismiss(id) => engine.dismiss(id),
            ToastAction::Hold(held) => engine.hold_notices(held),
        }
    });
    html! { <Toasts {notices} {today} {on} /> }
}
