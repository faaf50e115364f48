//! The tabs of narrow pages.

use crate::components::{icon::Icon, shell::View};
use crate::text::workspace as text;
use yew::prelude::*;

/// The navigation `Views` with `Chat`, `Tasks` and `Threads`.
pub(crate) fn tab_bar(shown: View, overdue: bool, unread: bool, on_view: &Callback<View>) -> Html {
    let tab = |view: View, icon: Icon, name: &'static str, dot: Option<(&'static str, &'static str)>| {
        let onclick = on_view.reform(move |_: MouseEvent| view);
        html! {
            <button type="button" class="tab" aria-current={(shown == view).then_some("page")} {onclick}>
                { icon.large() }{ name }
                if let Some((class, words)) = dot {
                    <span class={classes!("tick", "dot", class)} title={words} />
                }
            </button>
        }
    };
    html! {
        <nav class="tabbar" aria-label={text::VIEWS}>
            { tab(View::Chat, Icon::Chat, text::CHAT, None) }
            { tab(View::Tasks, Icon::Tasks, text::TASKS, overdue.then_some(("dot-danger", text::SOMETHING_IS_OVERDUE))) }
            { tab(View::Threads, Icon::List, text::THREADS, unread.then_some(("dot-accent", text::SOMETHING_IS_UNREAD))) }
        </nav>
    }
}
