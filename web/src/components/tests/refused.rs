//! What is shown when the server refuses: nothing that was written or found is lost, and the person can continue.

use super::{UserMessageProps, drawn};
use crate::{
    components::{
        dialog::SearchDialog,
        message::UserMessage,
        shared::Shared,
        toast::{Toasts, ToastsProps},
    },
    state::{
        notice::{Notice, PostedNotice},
        thread::SendStatus,
    },
    testing::{clock, id, question},
};
use std::sync::Arc;
use tandem_protocol::{
    MessageId,
    enums::ObjectKind,
    live::Command,
    rest::{NewTask, SearchHit},
};
use yew::prelude::*;

type SearchDialogProps = <SearchDialog as BaseComponent>::Properties;

fn message(status: SendStatus) -> String {
    drawn::<UserMessage>(UserMessageProps {
        message: Shared(Arc::new(question("precious"))),
        status,
        clock: clock(),
        siblings: None,
        last: true,
        editing: false,
        draft: AttrValue::default(),
        on: Callback::noop(),
    })
}

#[test]
fn a_refused_message_stays_with_the_reason_and_a_retry() {
    let html = message(SendStatus::Failed("Too many of your messages wait. Try again in 5 s.".into()));
    for part in ["precious", "Not sent", "Too many of your messages wait. Try again in 5 s.", "Retry"] {
        assert!(html.contains(part), "{part}: {html}");
    }
}

#[test]
fn a_message_shows_that_its_reply_waits_for_other_conversations_and_can_be_stopped() {
    let html = message(SendStatus::Queued { reply: MessageId(id(1)), elsewhere: true });
    assert!(html.contains("Waiting for your other replies") && html.contains("Stop"), "{html}");
    assert!(!html.contains("goes out after this reply"));
}

fn toast(retry: bool) -> String {
    let notice = Notice {
        retry: retry.then(|| Box::new(Command::TaskCreate(NewTask::default()))),
        ..Notice::failed("Could not add the task \u{201c}Buy milk\u{201d}: Your storage is full.")
    };
    drawn::<Toasts>(ToastsProps {
        notices: vec![PostedNotice { id: 1, notice }],
        today: clock().today(),
        on: Callback::noop(),
    })
}

#[test]
fn a_change_refused_for_lack_of_storage_can_be_retried_or_dismissed() {
    assert!(toast(true).contains("Retry") && toast(true).contains("Dismiss"));
    assert!(!toast(false).contains("Retry"));
}

#[test]
fn a_search_that_was_refused_keeps_what_was_found_before() {
    let hit = SearchHit {
        kind: ObjectKind::Task,
        id: id(1).to_string(),
        conversation_id: None,
        title: "Buy milk".into(),
        snippet: Vec::new(),
        at: None,
    };
    let html = drawn::<SearchDialog>(SearchDialogProps {
        query: "milk".into(),
        hits: vec![hit],
        busy: false,
        problem: "Too many searches at once. Try again in 1 s.".into(),
        on_query: Callback::noop(),
        on_open: Callback::noop(),
        commands: Vec::new(),
        on_command: Callback::noop(),
        clock: clock(),
        on_close: Callback::noop(),
    });
    assert!(html.contains("Buy milk") && html.contains("Too many searches at once"), "{html}");
    assert!(!html.contains("Nothing found"));
}

#[test]
fn at_most_two_toasts_are_shown_and_each_can_be_dismissed() {
    let posted = |id: u32| PostedNotice {
        id,
        notice: Notice { undo_token: Some("back".into()), ..Notice::done(format!("Notice {id}")) },
    };
    let html = drawn::<Toasts>(ToastsProps {
        notices: (1..=4).map(posted).collect(),
        today: clock().today(),
        on: Callback::noop(),
    });
    assert!(!html.contains("Notice 2") && html.contains("Notice 3") && html.contains("Notice 4"), "{html}");
    assert_eq!(html.matches(r#"aria-label="Dismiss""#).count(), 2);
    assert_eq!(html.matches("Undo</button>").count(), 2);
}
