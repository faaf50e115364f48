//! The dialogs of the workspace.

use super::{
    search::Search,
    ui::{Overlay, UiChange},
    use_ui,
};
use crate::components::dialog::shortcuts_dialog;
use yew::prelude::*;

#[component]
pub(super) fn Overlays() -> Html {
    let ui = use_ui();
    let on_close = {
        let ui = ui.clone();
        Callback::from(move |()| ui.change(UiChange::Close))
    };
    match ui.ui.overlay {
        Some(Overlay::Search) => html! { <Search {on_close} /> },
        Some(Overlay::Shortcuts) => shortcuts_dialog(on_close),
        None => Html::default(),
    }
}
