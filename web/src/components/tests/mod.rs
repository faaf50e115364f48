//! Roles and accessible names of components, rendered to text on the host.

mod refused;
mod tasks;

use crate::{
    components::{
        composer::{Composer, ComposerProps},
        connection::{ConnectionLine, ConnectionLineProps},
        form::{FormError, FormStatus, SignInFields, SignInFieldsProps},
        header::{Header, HeaderProps, StatusDot},
        message::{ReplyMessage, UserMessage},
        shared::{Shared, TaskIndex},
        shell::{Layout, Shell, ShellProps, View},
        tasks::{QuickAdd, QuickPreview, TaskFilter, TaskNotes, TaskPanel, TaskQuery, sections},
        thread_list::{ThreadList, ThreadListProps, ThreadRow},
    },
    hooks::Providers,
    state::{connection::ConnectionStatus, ptr_eq::PtrEq, thread::SendStatus},
    testing::{clock, id, question, reply, task, tool_call},
};
use serde_json::json;
use std::sync::Arc;
use tandem_protocol::{
    enums::{MessageState, ToolState},
    id::ConversationId,
    model::{Message, Part, Summary},
};
use yew::prelude::*;

type ReplyMessageProps = <ReplyMessage as BaseComponent>::Properties;
type UserMessageProps = <UserMessage as BaseComponent>::Properties;
type TaskPanelProps = <TaskPanel as BaseComponent>::Properties;

/// The HTML of a component's first render.
pub(crate) fn drawn<C>(props: C::Properties) -> String
where
    C: BaseComponent,
    C::Properties: Clone,
{
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let renderer = yew::LocalServerRenderer::<C>::with_props(props).hydratable(false);
    tokio::task::LocalSet::new().block_on(&runtime, renderer.render())
}

/// The number of occurrences of a text.
fn times(text: &str, part: &str) -> usize {
    text.matches(part).count()
}

fn panel(filter: TaskFilter) -> String {
    let tasks: TaskIndex = [task(1, "Buy milk"), task(2, "Call Ann")].into_iter().map(Arc::new).collect();
    drawn::<TaskPanel>(TaskPanelProps {
        sections: PtrEq::new(sections(&tasks, filter, &TaskQuery::default(), &clock(), &[])),
        tasks,
        filter,
        query: TaskQuery::default(),
        notes: TaskNotes::default(),
        quick: html! { <QuickAdd text="" preview={QuickPreview::default()} on={Callback::noop()} /> },
        loading: false,
        more_done: false,
        overlay: false,
        covered: false,
        editing: None,
        adding: None,
        held: PtrEq::default(),
        selected: PtrEq::default(),
        draft_of: Callback::from(|_| String::new()),
        target: None,
        clock: clock(),
        children: Html::default(),
        on: Callback::noop(),
    })
}

fn reply_html(message: Message) -> String {
    drawn::<ReplyMessage>(ReplyMessageProps {
        message: Shared(Arc::new(message)),
        clock: clock(),
        siblings: None,
        last: false,
        stop_here: true,
        providers: Vec::new().into(),
        tasks: TaskIndex::default(),
        on: Callback::noop(),
    })
}

#[test]
fn the_task_panel_has_one_list_of_tasks_with_a_box_and_two_buttons_each() {
    let html = panel(TaskFilter::All);
    assert!(html.contains(r#"<aside id="tasks" aria-label="Tasks""#));
    assert!(html.contains(r#"aria-label="Add a task""#));
    assert_eq!(times(&html, r#"<ul aria-label="Task list">"#), 1);
    for name in ["Complete Buy milk", "Edit Buy milk", "Delete Buy milk", "Complete Call Ann"] {
        assert_eq!(times(&html, &format!(r#"aria-label="{name}""#)), 1, "{name}");
    }
    assert!(html.contains(r#"role="tablist" aria-label="Task filter""#));
    for tab in ["Today", "Upcoming", "All", "Done"] {
        assert!(html.contains(&format!(">{tab}<")), "{tab}");
    }
}

#[test]
fn a_message_is_an_article_named_by_author_and_time() {
    let html = drawn::<UserMessage>(UserMessageProps {
        message: Shared(Arc::new(question("Hello <b>you</b>"))),
        status: SendStatus::Stored,
        clock: clock(),
        siblings: None,
        last: false,
        editing: false,
        draft: AttrValue::default(),
        on: Callback::noop(),
    });
    assert!(html.contains(r#"aria-label="You, 09:31""#));
    assert!(html.contains("Hello &lt;b&gt;you&lt;/b&gt;"), "{html}");
    for button in ["Copy", "Edit"] {
        assert_eq!(times(&html, &format!(r#"<button type="button" aria-label="{button}""#)), 1);
    }
}

#[test]
fn a_reply_is_busy_while_it_runs_and_not_after() {
    let mut message = reply("Half **of");
    message.state = MessageState::Streaming;
    let running = reply_html(message);
    assert!(running.contains(r#"aria-label="Assistant, 09:31" aria-busy="true""#), "{running}");
    assert_eq!(times(&running, "Stop</button>"), 1);
    assert!(running.contains("<strong>of</strong>"));
    let done = reply_html(reply("All of it"));
    assert!(!done.contains("aria-busy"));
    assert!(!done.contains("Stop</button>"));
    for button in ["Copy", "Retry"] {
        assert_eq!(times(&done, &format!(r#"aria-label="{button}""#)), 1, "{button}");
    }
}

#[test]
fn a_reply_that_waits_its_turn_is_not_there_yet() {
    let mut message = reply("");
    message.state = MessageState::Queued;
    assert!(!reply_html(message).contains("article"));
}

#[test]
fn a_reply_that_was_stopped_or_interrupted_can_be_continued() {
    for state in [MessageState::Cancelled, MessageState::Interrupted] {
        let mut message = reply("Half");
        message.state = state;
        assert_eq!(times(&reply_html(message), "Continue</button>"), 1, "{state}");
    }
}

#[test]
fn a_thought_is_a_closed_button_whose_text_is_no_text_of_the_reply() {
    let mut message = reply("Four.");
    let thought = Part::Reasoning { text: "2 and 2".into(), duration_ms: 12_400 };
    message.parts.insert(0, thought);
    let html = reply_html(message.clone());
    assert!(html.contains(r#"aria-expanded="false""#) && html.contains("Thought for 12 s</button>"), "{html}");
    assert!(!html.contains("2 and 2") && html.contains("Four."));
    message.parts.pop();
    message.state = MessageState::Streaming;
    let html = reply_html(message);
    assert!(html.contains(r#"Thinking…<span aria-hidden="true" class="num">12 s</span></button>"#), "{html}");
    assert_eq!(times(&html, "Thinking"), 1);
}

#[test]
fn a_summary_is_a_closed_divider_after_its_message() {
    let mut message = reply("Four.");
    message.summary = Some(Summary { text: "Sums were done.".into(), created_at: message.created_at });
    let html = reply_html(message);
    let divider = html.split("</article>").nth(1).expect("it is outside of the message");
    assert!(divider.contains("Earlier messages were summarised</button>"), "{html}");
    assert!(!html.contains("Sums were done."));
}

#[test]
fn a_tool_card_is_a_group_that_begins_with_its_verb() {
    let mut call = tool_call("add_task");
    call.arguments = json!({"title": "Buy milk"});
    call.undo_token = Some("u".into());
    let mut message = reply("Done.");
    message.parts.push(Part::ToolCall(call.clone()));
    let html = reply_html(message.clone());
    assert!(html.contains(r#"role="group" aria-label="Created Buy milk""#), "{html}");
    assert!(html.contains("Undo</button>"));
    call.state = ToolState::AwaitingApproval;
    call.name = "delete_task".into();
    message.parts[1] = Part::ToolCall(call);
    let html = reply_html(message);
    assert!(html.contains(r#"role="group" aria-label="Delete Buy milk""#), "{html}");
    for button in ["Approve", "Deny"] {
        assert_eq!(times(&html, &format!(">{button}</button>")), 1);
    }
}

#[test]
fn hostile_text_of_a_reply_stays_text() {
    let hostile =
        "<script>alert(1)</script> <img src=x onerror=alert(1)> [x](javascript:alert(1)) ![y](https://a.b/c.png)";
    let html = reply_html(reply(hostile));
    assert!(!html.contains("<script") && !html.contains("<img") && !html.contains("href=\"javascript"), "{html}");
    assert!(html.contains(r#"href="https://a.b/c.png" target="_blank" rel="noopener noreferrer nofollow""#), "{html}");
}

#[test]
fn the_composer_has_one_button_named_after_what_it_does() {
    for (text, running, name) in
        [("", false, "Send"), ("words", false, "Send"), ("", true, "Stop"), ("words", true, "Queue")]
    {
        let html = drawn::<Composer>(ComposerProps {
            text: text.into(),
            running,
            asks: false,
            touch: false,
            tasks: TaskIndex::default(),
            field: NodeRef::default(),
            on: Callback::noop(),
        });
        assert!(html.contains(r#"id="message" aria-label="Message""#));
        assert!(html.contains(&format!("{name}</button>")), "{name}");
    }
}

#[test]
fn the_connection_status_has_the_documented_texts() {
    for (status, words) in [
        (ConnectionStatus::Connected, "Connected"),
        (ConnectionStatus::Interrupted, "Connected"),
        (ConnectionStatus::Reconnecting, "Reconnecting"),
        (ConnectionStatus::Offline, "Offline: messages will be sent when you are back"),
        (ConnectionStatus::CatchingUp, "Catching up"),
    ] {
        let html = drawn::<ConnectionLine>(ConnectionLineProps { status, on_retry: Callback::noop() });
        assert!(html.contains(r#"role="status" aria-label="Connection""#));
        assert!(html.contains(&format!("{words}</p>")), "{html}");
        assert_eq!(html.contains("Retry now</button>"), status == ConnectionStatus::Offline);
    }
}

#[test]
fn a_refused_form_shows_an_alert_and_marks_the_wrong_field() {
    let error = FormError {
        title: "Email and password do not match".into(),
        text: AttrValue::default(),
        fields: vec![("password".into(), "Type it again".into())],
    };
    let html = drawn::<SignInFields>(SignInFieldsProps {
        label: "Sign in".into(),
        id: "in".into(),
        email: "ann@example.org".into(),
        status: FormStatus { busy: false, error: Some(error) },
        on_submit: Callback::noop(),
    });
    assert!(html.contains(r#"role="alert""#));
    assert_eq!(times(&html, r#"aria-invalid="true""#), 1);
    assert!(html.contains(r#"<label for="in-password">Password</label>"#) && html.contains(r#"type="password""#));
    assert!(html.contains(r#"<label for="in-email">Email</label>"#));
    assert!(html.contains("Sign in</button>"));
}

#[test]
fn the_open_conversation_is_marked_and_its_link_begins_with_its_title() {
    let conversation = ConversationId(id(7));
    let thread = ThreadRow {
        id: conversation,
        title: "Moving flat".into(),
        at: clock().now(),
        unread: 0,
        running: true,
        pinned: false,
        archived: false,
    };
    let html = drawn::<ThreadList>(ThreadListProps {
        threads: vec![thread],
        current: Some(conversation),
        has_more: false,
        loaded: true,
        renaming: None,
        clock: clock(),
        on: Callback::noop(),
    });
    assert!(html.contains(r#"aria-label="Conversations""#));
    assert!(html.contains("New conversation</button>"));
    assert!(
        html.contains(r#"aria-current="page" class="thread"><span dir="auto""#) && html.contains(">Moving flat</span>"),
        "{html}"
    );
}

#[test]
fn nothing_is_called_empty_before_it_is_known() {
    let list = |loaded| {
        drawn::<ThreadList>(ThreadListProps {
            threads: Vec::new(),
            current: None,
            has_more: false,
            loaded,
            renaming: None,
            clock: clock(),
            on: Callback::noop(),
        })
    };
    assert!(list(true).contains("No conversations yet"));
    assert!(!list(false).contains("No conversations yet"));
}

#[test]
fn the_header_has_a_menu_only_where_the_list_can_be_hidden() {
    for (layout, menu) in [(Layout::Wide, 0), (Layout::Medium, 1), (Layout::Narrow, 1)] {
        let html = drawn::<Header>(HeaderProps {
            title: "Moving flat".into(),
            thread: Some(ConversationId(id(7))),
            pinned: false,
            archived: false,
            editing: false,
            title_draft: AttrValue::default(),
            providers: Providers { all: Vec::new().into(), chosen: None },
            dot: StatusDot::BuiltIn,
            devices: 2,
            layout,
            nav_open: true,
            tasks_open: true,
            name: "Ann".into(),
            email: "ann@example.org".into(),
            dark: false,
            on: Callback::noop(),
        });
        assert_eq!(times(&html, r#"aria-label="Menu""#), menu, "{layout:?}");
        assert_eq!(times(&html, r#"aria-label="Account""#), 1);
        assert!(html.contains("Moving flat</h1>") && html.contains("2 devices"));
    }
}

#[test]
fn a_page_has_one_main_at_every_width_and_skips_to_the_composer_first() {
    let shell = |layout, view, tasks_open| {
        drawn::<Shell>(ShellProps {
            layout,
            view,
            nav_open: layout != Layout::Narrow || view == View::Threads,
            tasks_open,
            on_close_tasks: Callback::noop(),
            header: Html::default(),
            nav: Html::default(),
            children: Html::default(),
            tasks: Html::default(),
            tab_bar: Html::default(),
            over: Html::default(),
        })
    };
    for view in [View::Chat, View::Tasks, View::Threads] {
        let html = shell(Layout::Narrow, view, false);
        let hidden_main = html.contains(r"<main hidden");
        assert_eq!(times(&html, r#"role="main""#), usize::from(hidden_main), "{html}");
        assert_eq!(hidden_main, view != View::Chat);
    }
    let wide = shell(Layout::Wide, View::Tasks, true);
    assert!(!wide.contains(r#"role="main""#) && !wide.contains("inert"));
    assert!(wide.find("Skip to message") < wide.find("slot-head"));
    let overlay = shell(Layout::Medium, View::Chat, true);
    assert_eq!(times(&overlay, " inert"), 4, "skip link, header, list and conversation: {overlay}");
}
