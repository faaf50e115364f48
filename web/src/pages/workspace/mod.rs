//! The workspace: conversations, one conversation, and tasks.
//!
//! Each part is a component of its own with its own contexts, so that a change renders only the parts that it concerns.
//! [`ui`] is the state that they share and that the server does not know.

mod composer;
mod conversation;
mod export;
mod header;
mod keys;
mod messages;
mod overlays;
mod pager;
mod quick_line;
mod reply_status;
mod search;
mod task_panel;
mod threads;
mod ui;

use crate::{
    components::{
        clock::Clock,
        shell::{Layout, Shell, View},
        tab_bar::TabBar,
        thread_list::UNTITLED,
    },
    hooks::{use_clock, use_engine, use_hidden, use_layout, use_tasks, use_thread, use_threads, use_title},
    platform::window,
    state::model::TaskView,
};
use conversation::ConversationPane;
use header::WorkspaceHeader;
use overlays::Overlays;
use reply_status::use_request;
use std::rc::Rc;
use tandem_protocol::{ConversationId, enums::TaskStatus};
use task_panel::Tasks;
use threads::Threads;
use ui::{Ui, UiChange};
use yew::prelude::*;

/// The state of the workspace, and the function that changes it.
#[derive(Clone, PartialEq)]
pub(super) struct UiHandle {
    ui: Rc<Ui>,
    dispatch: UseReducerDispatcher<Ui>,
}

impl UiHandle {
    fn change(&self, change: UiChange) {
        self.dispatch.dispatch(change);
    }
}

#[hook]
fn use_ui() -> UiHandle {
    crate::hooks::provided(use_context())
}

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct WorkspacePageProps {
    /// The open conversation; `None` before the first message of a new one.
    #[prop_or_default]
    pub conversation: Option<ConversationId>,
}

/// The page at `/` and `/c/{id}`.
#[component]
pub(crate) fn WorkspacePage(props: &WorkspacePageProps) -> Html {
    let engine = use_engine();
    let layout = use_layout();
    let ui = use_reducer_eq(move || Ui::new(layout));
    // A new `Rc` per render; contexts compare the content.
    let handle = UiHandle { ui: Rc::new((*ui).clone()), dispatch: ui.dispatcher() };
    let open = props.conversation;
    {
        let (engine, handle) = (engine.clone(), handle.clone());
        use_effect_with(open, move |open| {
            engine.open(*open);
            handle.change(UiChange::Moved);
        });
    }
    {
        let handle = handle.clone();
        use_effect_with(layout, move |layout| handle.change(UiChange::Layout(*layout)));
    }
    use_effect_with((), move |()| engine.adopt_time_zone());
    // Focus the composer after every navigation, so that the person can write at once.
    use_effect_with(open, move |_| {
        // On a phone the keyboard would cover the messages.
        if layout != Layout::Narrow {
            window::focus("message");
        }
    });
    html! {
        <ContextProvider<UiHandle> context={handle}>
            <keys::Shortcuts {open} />
            <Frame {open} />
        </ContextProvider<UiHandle>>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct FrameProps {
    open: Option<ConversationId>,
}

#[component]
fn Frame(props: &FrameProps) -> Html {
    let UiHandle { ui, dispatch } = use_ui();
    let open = props.open;
    use_thread_title(open);
    let on_close_tasks = {
        let dispatch = dispatch.clone();
        Callback::from(move |()| dispatch.dispatch(UiChange::CloseTasks))
    };
    html! {
        <Shell layout={ui.layout} view={ui.view} nav_open={ui.nav_open} tasks_open={ui.tasks_open} {on_close_tasks}
            header={html! { <WorkspaceHeader {open} /> }} nav={html! { <Threads {open} /> }} tasks={html! { <Tasks /> }}
            tab_bar={html! { <Tabs /> }} over={html! { <Overlays /> }}>
            <ConversationPane {open} />
        </Shell>
    }
}

/// Sets the title of the browser tab to that of the conversation, after the number of answers that a reply waits for and,
/// behind another tab, of new replies. The icon has a dot then.
#[hook]
fn use_thread_title(open: Option<ConversationId>) {
    let (thread, threads, hidden) = (use_thread(), use_threads(), use_hidden());
    let named = thread.conversation.as_ref().filter(|conversation| Some(conversation.id) == open);
    let title = named.and_then(|conversation| conversation.title.clone());
    let title = title.as_deref().unwrap_or(UNTITLED);
    let unread = threads.entries.iter().map(|entry| usize::try_from(entry.conversation.unread).unwrap_or(0));
    let unread: usize = if hidden { unread.sum() } else { 0 };
    let count = use_request(open).map_or(0, |(_, count)| count) + unread;
    use_title(&if count > 0 { format!("({count}) {title}") } else { title.to_owned() });
    use_effect_with(count > 0, |waiting| {
        window::set_icon(if *waiting { "/favicon-dot.svg" } else { "/favicon.svg" });
        || window::set_icon("/favicon.svg")
    });
}

#[component]
fn Tabs() -> Html {
    let ui = use_ui();
    let threads = use_threads();
    let tasks = use_tasks();
    let clock = use_clock();
    let unread = threads.entries.iter().any(|entry| entry.conversation.unread > 0);
    let view = ui.ui.view;
    let on_view = Callback::from(move |view: View| ui.change(UiChange::Show(view)));
    html! { <TabBar {view} overdue={has_overdue(&tasks, &clock)} {unread} {on_view} /> }
}

fn has_overdue(tasks: &TaskView, clock: &Clock) -> bool {
    let today = clock.today();
    let open = tasks.tasks.iter().filter(|task| task.status == TaskStatus::Open);
    open.filter_map(|task| task.due.as_ref()).any(|due| due.date < today)
}

/// The number of open tasks that are due today.
fn due_today(tasks: &TaskView, clock: &Clock) -> usize {
    let today = clock.today();
    let open = tasks.tasks.iter().filter(|task| task.status == TaskStatus::Open);
    open.filter(|task| task.due.as_ref().is_some_and(|due| due.date == today)).count()
}
