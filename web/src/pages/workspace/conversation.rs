//! The middle of the workspace: connection status, messages, composer.

use super::{composer::ComposerPane, due_today, messages::Messages, reply_status::ReplyStatus, ui::UiChange, use_ui};
use crate::text::chat as text;
use crate::{
    components::{
        callout::callout,
        connection::{ConnectionLine, update_bar},
        empty_thread::{EmptyThread, empty_thread},
        icon::Icon,
        skeleton::{Skeleton, SkeletonOf},
    },
    hooks::{go, use_clock, use_connection, use_engine, use_providers, use_session, use_tasks, use_thread},
    platform::window,
    state::{
        connection::ConnectionStatus,
        model::{History, ThreadView},
        route::Route,
        session::SessionState,
    },
};
use tandem_protocol::{ConversationId, enums::TaskStatus};
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub(super) struct ConversationProps {
    pub(super) open: Option<ConversationId>,
}

/// The open conversation, or a new one.
#[component]
pub(super) fn ConversationPane(props: &ConversationProps) -> Html {
    let written = use_state_eq(|| false);
    let on_written = {
        let written = written.clone();
        use_callback((), move |is, ()| written.set(is))
    };
    let open = props.open;
    html! {
        <>
            <ConnectionBars />
            <ThreadBody {open} written={*written} />
            <ComposerPane {open} {on_written} />
            <ReplyStatus {open} />
        </>
    }
}

#[component]
fn ConnectionBars() -> Html {
    let (engine, connection, session) = (use_engine(), use_connection(), use_session());
    // The dialog over the page asks to sign in again: until then nothing is tried.
    let expired = matches!(session.session, SessionState::SignedIn { expired: true, .. });
    let status = if expired { ConnectionStatus::Interrupted } else { connection.status };
    let on_retry = use_callback(engine, |(), engine| engine.retry_now());
    html! {
        <>
            <ConnectionLine {status} {on_retry} />
            if connection.outdated { { update_bar(Callback::from(|()| window::reload())) } }
        </>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct ThreadBodyProps {
    open: Option<ConversationId>,
    written: bool,
}

/// The content between connection status and composer.
#[component]
fn ThreadBody(props: &ThreadBodyProps) -> Html {
    let thread = use_thread();
    let ThreadBodyProps { open, written } = *props;
    match content(&thread, open) {
        Content::Messages => html! { <Messages {written} /> },
        Content::Empty => html! { <NewThread {open} /> },
        Content::Loading => placeholder(true, html! { <Skeleton of={SkeletonOf::History} /> }),
        Content::Failed => placeholder(false, html! { <LoadFailed /> }),
        Content::Missing => placeholder(false, html! { <MissingThread {written} /> }),
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Content {
    Messages,
    Empty,
    Loading,
    Failed,
    Missing,
}

/// Selects the content. Known messages are shown in every state of the history.
fn content(thread: &ThreadView, open: Option<ConversationId>) -> Content {
    // For one render after a navigation the view still belongs to the previous conversation.
    if thread.id != open {
        return Content::Loading;
    }
    match thread.history {
        History::Missing => Content::Missing,
        _ if !thread.items.is_empty() => Content::Messages,
        History::Unknown | History::Loading | History::LoadingOlder(_) => Content::Loading,
        History::Failed => Content::Failed,
        History::Whole | History::Partial(_) => Content::Empty,
    }
}

/// Content in place of the log, with the same role.
fn placeholder(busy: bool, inside: Html) -> Html {
    html! {
        <div class="log-wrap">
            <div class="log" role="log" aria-label={text::CONVERSATION} aria-live="off" aria-busy={busy.then_some("true")}>
                <div class="column">{ inside }</div>
            </div>
        </div>
    }
}

#[component]
fn NewThread(props: &ConversationProps) -> Html {
    let (engine, ui, tasks, clock) = (use_engine(), use_ui(), use_tasks(), use_clock());
    let open = props.open;
    let due = due_today(&tasks, &clock);
    let builtin = use_providers(open).first() == "builtin";
    let on_due = {
        let ui = ui.clone();
        Callback::from(move |()| ui.change(UiChange::ShowTasks))
    };
    let on_prompt = Callback::from(move |prompt: String| {
        let conversation = engine.send_text(open, &prompt);
        ui.change(UiChange::Sent);
        if open.is_none() {
            engine.move_draft(conversation);
            go(Route::Conversation(conversation));
        }
    });
    let has_tasks = tasks.tasks.iter().any(|task| task.status == TaskStatus::Open);
    empty_thread(&EmptyThread { clock, due_today: due, loaded: tasks.loaded, has_tasks, builtin, on_prompt, on_due })
}

#[component]
fn LoadFailed() -> Html {
    let engine = use_engine();
    let onclick = Callback::from(move |_: MouseEvent| engine.reload_history());
    let again = html! { <button type="button" class="btn btn-s" {onclick}>{ text::TRY_AGAIN }</button> };
    callout(Some(Icon::Alert), text::THE_MESSAGES_COULD_NOT_BE, text::THE_SERVER_DID_NOT_ANSWER, again)
}

#[derive(Clone, PartialEq, Properties)]
struct MissingThreadProps {
    /// Whether the composer contains text.
    written: bool,
}

/// The conversation was deleted, or never existed.
#[component]
fn MissingThread(props: &MissingThreadProps) -> Html {
    let onclick = Callback::from(|_: MouseEvent| {
        go(Route::Home);
        window::focus("message");
    });
    let was_here = use_thread().deleted;
    let (title, reason) = if was_here {
        (text::THIS_CONVERSATION_IS_GONE, text::IT_WAS_DELETED_PERHAPS_ON)
    } else {
        (text::THIS_CONVERSATION_IS_NOT_HERE, text::IT_IS_NOT_YOURS_OR)
    };
    let (rest, button) = if props.written {
        (text::YOUR_DRAFT_WAS_KEPT_AND, text::OPEN_THE_DRAFT)
    } else {
        (text::YOUR_TASKS_ARE_STILL_THERE, text::BEGIN_A_NEW_ONE)
    };
    let next = html! { <button type="button" class="btn btn-s" {onclick}>{ button }</button> };
    callout(Some(Icon::Info), title, format!("{reason} {rest}"), next)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(history: History) -> ThreadView {
        ThreadView { history, ..ThreadView::default() }
    }

    #[test]
    fn a_new_conversation_is_empty_and_one_that_loads_is_not() {
        assert_eq!(content(&view(History::Whole), None), Content::Empty);
        assert_eq!(content(&view(History::Loading), None), Content::Loading);
        assert_eq!(content(&view(History::Failed), None), Content::Failed);
        assert_eq!(content(&view(History::Missing), None), Content::Missing);
    }

    #[test]
    fn what_belongs_to_another_conversation_is_not_shown() {
        let other = ConversationId(uuid::Uuid::nil());
        assert_eq!(content(&view(History::Whole), Some(other)), Content::Loading);
    }
}
