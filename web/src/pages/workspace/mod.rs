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
mod quick_add;
mod quick_line;
mod reply_status;
mod search;
mod task_changes;
mod task_detail;
mod task_keys;
mod task_notes;
mod task_panel;
mod task_ui;
mod threads;
mod ui;

use crate::{
    components::{
        clock::Clock,
        shell::{Layout, Shell, View},
        tab_bar::tab_bar,
        tasks::counts,
        thread_list::UNTITLED,
    },
    hooks::{
        go_or_return, use_clock, use_engine, use_hidden, use_layout, use_task_index, use_tasks, use_thread,
        use_threads, use_threads_shown, use_title,
    },
    pages::reminders::use_ringing,
    platform::window,
    state::{drafts::DraftKey, model::TaskView, route::Route},
};
use conversation::ConversationPane;
use header::WorkspaceHeader;
use overlays::Overlays;
use reply_status::use_request;
use std::{cell::Cell, rc::Rc};
use tandem_protocol::{ConversationId, id::TaskRef};
use task_panel::Tasks;
use threads::Threads;
use ui::{Ui, UiChange};
use yew::{prelude::*, provide};

/// The state of the workspace, and the function that changes it.
#[derive(Clone, PartialEq)]
pub(super) struct UiHandle {
    ui: Rc<Ui>,
    dispatch: UseReducerDispatcher<Ui>,
    /// The page of the conversation, which the tasks cover on a narrow page.
    conversation: Route,
}

impl UiHandle {
    fn change(&self, change: UiChange) {
        match self.ui.destination(change) {
            Some(View::Tasks) => go_or_return(Route::Tasks, false),
            Some(view) => go_or_return(self.conversation, view == View::Threads),
            None => {}
        }
        self.dispatch.dispatch(change);
    }
}

#[hook]
fn use_ui() -> UiHandle {
    use_provided()
}

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct WorkspacePageProps {
    pub route: Route,
}

/// The page at `/`, `/c/{id}`, `/tasks` and `/t/{number}`.
#[component]
pub(crate) fn WorkspacePage(props: &WorkspacePageProps) -> Html {
    let engine = use_engine();
    let layout = use_layout();
    let ui = use_reducer_eq(move || Ui::new(layout));
    let threads = use_threads_shown();
    let conversation = use_conversation(props.route);
    // A new `Rc` per render; contexts compare the content.
    let handle = UiHandle { ui: Rc::new(ui.at(props.route, threads)), dispatch: ui.dispatcher(), conversation };
    let open = if let Route::Conversation(id) = conversation { Some(id) } else { None };
    {
        let (engine, handle) = (engine.clone(), handle.clone());
        use_effect_with(open, move |open| {
            engine.open(*open);
            handle.change(UiChange::Moved);
            // A title that was being written is not only stored.
            if open.is_some_and(|id| !engine.draft(DraftKey::Title(id)).is_empty()) {
                handle.change(UiChange::EditTitle(true));
            }
        });
    }
    {
        let handle = handle.clone();
        use_effect_with(layout, move |layout| handle.change(UiChange::Layout(*layout)));
    }
    use_effect_with((), move |()| engine.adopt_locale());
    // Focus the composer after every navigation, so that the person can write at once.
    use_effect_with(open, move |_| {
        // On a phone the keyboard would cover the messages.
        if layout != Layout::Narrow {
            window::focus("message");
        }
    });
    provide(handle, html! { <><keys::Shortcuts {open} /><Frame {open} /></> })
}

/// The page of the conversation, which stays open beside the tasks.
#[hook]
fn use_conversation(route: Route) -> Route {
    let last = use_memo((), |()| Cell::new(Route::Home));
    if matches!(route, Route::Home | Route::Conversation(_)) {
        last.set(route);
    }
    last.get()
}

#[derive(Clone, PartialEq, Properties)]
struct FrameProps {
    open: Option<ConversationId>,
}

#[component]
fn Frame(props: &FrameProps) -> Html {
    let handle = use_ui();
    let (open, ui) = (props.open, Rc::clone(&handle.ui));
    use_page_title(open, &ui);
    let on_close_tasks = Callback::from(move |()| handle.change(UiChange::CloseTasks));
    html! {
        <Shell layout={ui.layout} view={ui.view} nav_open={ui.nav_open} tasks_open={ui.tasks_open} {on_close_tasks}
            header={html! { <WorkspaceHeader {open} /> }} nav={html! { <Threads {open} /> }} tasks={html! { <Tasks /> }}
            tab_bar={html! { <Tabs /> }} over={html! { <Overlays /> }}>
            <ConversationPane {open} />
        </Shell>
    }
}

/// Sets the title of the browser tab to that of the conversation or the task, after the number of questions that
/// wait, of reminders that ring and, behind another tab, of new replies. The icon has a dot then.
#[hook]
fn use_page_title(open: Option<ConversationId>, ui: &Ui) {
    let (thread, threads, hidden, tasks) = (use_thread(), use_threads(), use_hidden(), use_task_index());
    let task = ui.task.and_then(|number| tasks.find(TaskRef::Number(number))).map(|task| task.title.clone());
    let named = thread.conversation.as_ref().filter(|conversation| Some(conversation.id) == open);
    let title = named.and_then(|conversation| conversation.title.clone());
    let title = task.or(title).unwrap_or_else(|| UNTITLED.to_owned());
    let unread = threads.entries.iter().map(|entry| usize::try_from(entry.conversation.unread).unwrap_or(0));
    let unread: usize = if hidden { unread.sum() } else { 0 };
    let count = usize::from(use_request(open).is_some()) + unread + use_ringing().len();
    use_title(&if count > 0 { format!("({count}) {title}") } else { title });
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
    tab_bar(view, counts(tasks.tasks.iter(), &clock).overdue > 0, unread, &on_view)
}

/// The number of open tasks that are due today.
fn due_today(tasks: &TaskView, clock: &Clock) -> usize {
    counts(tasks.tasks.iter(), clock).this_day
}
