//! The frame of the workspace: what stands where at each width, and which part is the page's `main`.

use crate::{
    components::callbacks::press,
    platform::window::{focus_element, focused},
};
use web_sys::HtmlElement;
use yew::prelude::*;

/// How wide the page is; see `styles/` for the same limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Layout {
    /// From 1100 px: conversations, conversation and tasks side by side.
    #[default]
    Wide,
    /// 700 to 1099 px: the tasks lie over the rest.
    Medium,
    /// Under 700 px: one view at a time.
    Narrow,
}

impl Layout {
    /// The narrowest page that is wide, in `em` of 16 px.
    pub(crate) const WIDE_FROM: &str = "(min-width: 68.75em)";
    /// The narrowest page that is not narrow.
    pub(crate) const MEDIUM_FROM: &str = "(min-width: 43.75em)";
}

/// What a narrow page shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum View {
    #[default]
    Chat,
    Tasks,
    /// The list of conversations.
    Threads,
}

impl View {
    /// The word in `data-view`.
    fn word(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Tasks => "tasks",
            Self::Threads => "threads",
        }
    }
}

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct ShellProps {
    /// How wide the page is.
    pub layout: Layout,
    /// What a narrow page shows.
    pub view: View,
    /// Whether the list of conversations is visible; a narrow page goes by its view.
    pub nav_open: bool,
    /// Whether the tasks are visible; a narrow page goes by its view.
    pub tasks_open: bool,
    /// Told that the tasks over the page are to be closed: a press beside them, or Esc.
    pub on_close_tasks: Callback<()>,
    pub header: Html,
    pub nav: Html,
    /// The conversation: connection, log and composer.
    pub children: Children,
    pub tasks: Html,
    /// A [`TabBar`](super::tab_bar::TabBar), on narrow pages.
    #[prop_or_default]
    pub tab_bar: Html,
    /// Dialogs and toasts, which lie over everything.
    #[prop_or_default]
    pub over: Html,
}

/// The workspace. While the tasks lie over the page the rest is inert, and the focus goes back when they close.
#[component]
pub(crate) fn Shell(props: &ShellProps) -> Html {
    let narrow = props.layout == Layout::Narrow;
    let overlay = props.layout == Layout::Medium && props.tasks_open;
    let panel = use_node_ref();
    use_overlay_focus(overlay, &panel);
    // On a narrow page the landmark `main` is whatever is shown.
    let main = |view: View| (narrow && props.view == view).then_some("main");
    let onkeydown = {
        let on_close = props.on_close_tasks.clone();
        Callback::from(move |event: KeyboardEvent| {
            if overlay && event.key() == "Escape" && !event.default_prevented() {
                on_close.emit(());
            }
        })
    };
    let tasks_hidden = if narrow { props.view != View::Tasks } else { !props.tasks_open };
    let nav_hidden = if narrow { props.view != View::Threads } else { !props.nav_open && props.layout != Layout::Wide };
    html! {
        <div class="app" data-view={narrow.then(|| props.view.word())} data-tasks={shown(!tasks_hidden)}
            data-nav={shown(!nav_hidden)}>
            <a class="skip" href="#message" inert={overlay}>{ "Skip to message" }</a>
            <div class="slot-head" inert={overlay}>{ props.header.clone() }</div>
            <div class="slot-nav" role={main(View::Threads)} inert={overlay} hidden={nav_hidden}>
                { props.nav.clone() }
            </div>
            <main class="main" inert={overlay} hidden={narrow && props.view != View::Chat}>
                { props.children.clone() }
            </main>
            if overlay { <div class="cover" onclick={press(&props.on_close_tasks)} /> }
            <div ref={panel} class="slot-tasks" role={main(View::Tasks)} hidden={tasks_hidden} {onkeydown}>
                { props.tasks.clone() }
            </div>
            if narrow { { props.tab_bar.clone() } }
            { props.over.clone() }
        </div>
    }
}

fn shown(shown: bool) -> &'static str {
    if shown { "open" } else { "closed" }
}

/// Gives the focus to the tasks when they come over the page, and back when they leave.
#[hook]
fn use_overlay_focus(overlay: bool, panel: &NodeRef) {
    let panel = panel.clone();
    use_effect_with(overlay, move |&overlay| {
        let before = overlay.then(focused).flatten();
        if overlay
            && let Some(panel) = panel.cast::<HtmlElement>()
            && let Ok(Some(first)) = panel.query_selector("input, button")
        {
            focus_element(&first);
        }
        move || {
            if let Some(before) = before {
                focus_element(&before);
            }
        }
    });
}
