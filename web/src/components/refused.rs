//! What is shown when the server has no room: nothing that was written or found is gone, and there is a way on.

use crate::components::{
    clock::Clock,
    dialog::{SearchDialog, SearchDialogProps},
    fixture::{clock, id, question},
    message::{Delivery, UserMessage, UserMessageProps},
    names::drawn,
    shared::Shared,
    toast::{Toast, ToastKind, Toasts, ToastsProps},
};
use std::sync::Arc;
use tandem_protocol::{enums::ObjectKind, rest::SearchHit};
use yew::prelude::*;

fn said(delivery: Delivery) -> String {
    let clock: Clock = clock();
    drawn::<UserMessage>(UserMessageProps {
        message: Shared(Arc::new(question("precious"))),
        delivery,
        clock,
        siblings: None,
        last: true,
        editing: false,
        on: Callback::noop(),
    })
}

#[test]
fn a_message_that_was_refused_stands_there_with_the_servers_sentence_and_retry() {
    let html = said(Delivery::Failed("Too many of your messages wait. Try again in 5 s.".into()));
    for part in ["precious", "Not sent", "Too many of your messages wait. Try again in 5 s.", "Retry"] {
        assert!(html.contains(part), "{part}: {html}");
    }
}

#[test]
fn a_message_whose_reply_waits_for_other_conversations_says_so_and_can_be_stopped() {
    let html = said(Delivery::WaitsElsewhere);
    assert!(html.contains("Waiting for your other replies") && html.contains("Stop"), "{html}");
    assert!(!html.contains("goes out after this reply"));
}

fn told(retry: bool) -> String {
    let toast = Toast {
        id: 1,
        kind: ToastKind::Failed,
        before: "Could not add the task \u{201c}Buy milk\u{201d}: Your storage is full.".into(),
        thing: AttrValue::default(),
        after: AttrValue::default(),
        undo: false,
        retry,
    };
    drawn::<Toasts>(ToastsProps { toasts: vec![toast], on: Callback::noop() })
}

#[test]
fn a_change_that_was_refused_for_lack_of_room_can_be_tried_again_or_put_away() {
    assert!(told(true).contains("Retry") && told(true).contains("Dismiss"));
    assert!(!told(false).contains("Retry"));
}

#[test]
fn a_search_that_was_refused_keeps_what_was_found_before() {
    let hit = SearchHit {
        kind: ObjectKind::Task,
        id: id(1).to_string(),
        conversation_id: None,
        title: "Buy milk".into(),
        snippet: Vec::new(),
    };
    let html = drawn::<SearchDialog>(SearchDialogProps {
        query: "milk".into(),
        hits: vec![hit],
        busy: false,
        problem: "Too many searches at once. Try again in 1 s.".into(),
        on_query: Callback::noop(),
        on_open: Callback::noop(),
        on_close: Callback::noop(),
    });
    assert!(html.contains("Buy milk") && html.contains("Too many searches at once"), "{html}");
    assert!(!html.contains("Nothing found"));
}
