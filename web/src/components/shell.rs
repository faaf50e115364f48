//! The layout of the workspace: which parts are visible at each width, and which one is the landmark `main`.

use crate::text::workspace as text;
use crate::{
    components::callbacks::press,
    platform::window::{focus_element, focused},
};
use web_sys::HtmlElement;
use yew::prelude::*;

/// The width class of the page. The style sheets use the same limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Layout {
    /// From 1100 px: the list of conversations, the conversation and the tasks side by side.
    #[default]
    Wide,
    /// From 700 to 1099 px: the tasks overlay the rest.
    Medium,
    /// Under 700 px: one view at a time.
    Narrow,
}

impl Layout {
    /// The media query of [`Layout::Wide`], in `em` of 16 px.
    pub(crate) const WIDE_FROM: &str = "(min-width: 68.75em)";
    /// The media query of pages that are not [`Layout::Narrow`].
    pub(crate) const MEDIUM_FROM: &str = "(min-width: 43.75em)";
}

/// The visible view of a narrow page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum View {
    #[default]
    Chat,
    Tasks,
    Threads,
}

impl View {
    /// The value of `data-view`.
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
    pub layout: Layout,
    /// The visible view of a narrow page.
    pub view: View,
    /// Whether the list of conversations is visible. It always is on wide pages.
    pub nav_open: bool,
    /// Whether the tasks are visible. Narrow pages use the view instead.
    pub tasks_open: bool,
    /// Called on Esc and on a click beside the tasks, when they overlay the page.
    pub on_close_tasks: Callback<()>,
    pub header: Html,
    pub nav: Html,
    /// The conversation: connection status, log and composer.
    pub children: Html,
    pub tasks: Html,
    /// The tab bar of narrow pages.
    #[prop_or_default]
    pub tab_bar: Html,
    /// Dialogs and toasts, over everything else.
    #[prop_or_default]
    pub over: Html,
}

/// The frame of the workspace. While the tasks overlay the page, the rest is inert; closing them returns the focus.
#[component]
pub(crate) fn Shell(props: &ShellProps) -> Html {
    let narrow = props.layout == Layout::Narrow;
    let overlay = props.layout == Layout::Medium && props.tasks_open;
    let panel = use_node_ref();
    use_overlay_focus(overlay, &panel);
    // A narrow page has one landmark `main`, the visible view.
    let main = |view: View| (narrow && props.view == view).then_some("main");
    let onkeydown = {
        let on_close = props.on_close_tasks.clone();
        Callback::from(move |event: KeyboardEvent| {
            // An editor inside the panel may have handled Esc.
            if overlay && event.key() == "Escape" && !event.default_prevented() {
                on_close.emit(());
            }
        })
    };
    // The style sheet positions the parts by the `data-` attributes; `hidden` also removes them for screen readers.
    let tasks_hidden = if narrow { props.view != View::Tasks } else { !props.tasks_open };
    let nav_hidden = !props.nav_open && props.layout != Layout::Wide;
    // A phone has enough to do with the conversation: what it has not shown yet is not drawn.
    let (draw_nav, draw_tasks) = (use_latch(!narrow || !nav_hidden), use_latch(!narrow || !tasks_hidden));
    html! {
        <div class="app" data-view={narrow.then(|| props.view.word())} data-tasks={shown(!tasks_hidden)}
            data-nav={shown(!nav_hidden)}>
            <a class="skip" href="#message" inert={overlay}>{ text::SKIP_TO_MESSAGE }</a>
            <div class="slot-head" inert={overlay}>{ props.header.clone() }</div>
            <div class="slot-nav" role={main(View::Threads)} inert={overlay} hidden={nav_hidden}>
                if draw_nav { { props.nav.clone() } }
            </div>
            <main class="main" inert={overlay} hidden={narrow && props.view != View::Chat}>
                { props.children.clone() }
            </main>
            if overlay { <div class="cover" onclick={press(&props.on_close_tasks)} /> }
            <div ref={panel} class="slot-tasks" role={main(View::Tasks)} hidden={tasks_hidden} {onkeydown}>
                if draw_tasks { { props.tasks.clone() } }
            </div>
            if narrow { { props.tab_bar.clone() } }
            { props.over.clone() }
        </div>
    }
}

/// Whether this was true at this or an earlier render.
#[hook]
fn use_latch(now: bool) -> bool {
    let was = use_mut_ref(|| false);
    let mut was = was.borrow_mut();
    *was |= now;
    *was
}

fn shown(shown: bool) -> &'static str {
    if shown { "open" } else { "closed" }
}

/// Moves the focus to the tasks while they overlay the page, and back afterwards.
#[hook]
fn use_overlay_focus(overlay: bool, panel: &NodeRef) {
    let panel = panel.clone();
    use_effect_with(overlay, move |&overlay| {
        let before = overlay.then(focused).flatten();
        if overlay
            && let Some(panel) = panel.cast::<HtmlElement>()
            && let Ok(Some(first)) = panel.query_selector("aside:not([hidden]) .quick input, .detail h2")
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
