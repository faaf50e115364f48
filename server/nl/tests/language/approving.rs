//! Answers to a request for approval.

use tandem_nl::{PendingChange, PendingKind, read_approval};

const TITLES: [&str; 4] = ["Buy milk", "Call the dentist", "Quarterly report", "Renew passport"];

/// The decisions on deleting the four tasks: `y` approved, `n` refused, `?` still waiting; empty when it is no answer.
fn decided(message: &str) -> String {
    let numbered = [12, 3, 2, 40];
    let changes: Vec<PendingChange<'_>> = TITLES
        .iter()
        .zip(numbered)
        .map(|(title, number)| PendingChange { number: Some(number), title, kind: PendingKind::Delete })
        .collect();
    words(read_approval(message, &changes, &crate::support::monday()))
}

fn words(decisions: Option<Vec<Option<bool>>>) -> String {
    let letter = |decision: Option<bool>| match decision {
        Some(true) => 'y',
        Some(false) => 'n',
        None => '?',
    };
    decisions.unwrap_or_default().into_iter().map(letter).collect()
}

#[track_caller]
fn all(want: &str, messages: &[&str]) {
    for message in messages {
        assert_eq!(decided(message), want, "{message}");
    }
}

#[test]
fn a_yes_approves_all_and_a_no_none() {
    all(
        "yyyy",
        &[
            "yes",
            "Yes!",
            "yes please",
            "yep, go ahead",
            "ok do it",
            "sure, delete them all",
            "delete all of them",
            "all of them",
            "everything",
            "please go ahead",
            "approve all",
            "yes to all",
            "all four",
            "remove them",
            "I'm sure",
            "yes, everything",
            "\u{1f44d}",
            "\u{1f44d}\u{1f3fd}",
            "go on then",
            "sure, why not",
            "I said yes",
        ],
    );
    all(
        "nnnn",
        &[
            "no",
            "not yet",
            "hmm no",
            "no thanks",
            "\u{1f44e}",
            "No.",
            "nope",
            "no thanks",
            "don't",
            "please don't",
            "don't delete them",
            "do not delete anything",
            "cancel",
            "stop",
            "never mind",
            "no, leave them alone",
            "keep them",
            "keep everything",
            "none of them",
            "no, don't do it",
            "I changed my mind",
            "no to all",
            "leave them",
        ],
    );
}

#[test]
fn some_are_named_by_place_number_or_title() {
    all(
        "nynn",
        &["the second", "2", "only the second one", "just the dentist", "yes, only the second", "no, only the dentist"],
    );
    all("ynyn", &["1 and 3", "only 1 and 3", "the first and the third", "just the milk and the report"]);
    all("yynn", &["the first two", "1-2"]);
    all("nnny", &["the last one", "#40", "only the passport"]);
}

#[test]
fn exceptions_keep_what_they_name() {
    all(
        "nyyy",
        &[
            "yes, all but milk",
            "all but the milk",
            "everything except the first",
            "yes, but not the milk",
            "yes except the milk",
            "yes, apart from the milk",
            "yes, but keep the milk",
            "delete all except milk",
            "delete them all but the first one",
        ],
    );
    all(
        "nyyn",
        &["everything but the milk and the passport", "all but 1 and 4", "yes, but keep the milk and the passport"],
    );
}

#[test]
fn several_statements_make_one_answer() {
    all("n??y", &["keep the milk, delete the passport", "yes to the passport and no to milk"]);
    all("nyyy", &["keep the milk and delete the rest", "not the milk, the others yes"]);
    all("n???", &["not the milk", "keep the milk", "no to the milk", "don't delete the milk", "the first no"]);
    all("??y?", &["yes to the report", "approve the third", "delete the report"]);
}

#[test]
fn anything_else_is_no_answer() {
    all(
        "",
        &[
            "yes?",
            "should I?",
            "can I delete them?",
            "yes, when I am home",
            "yes if they are old",
            "maybe",
            "no, tomorrow",
            "add bread",
            "what will be deleted",
            "all but",
            "only the bread",
            "the seventh",
            "yes and no",
            "no, go ahead",
            "keep all but milk",
            "cancel the milk",
            "wait",
            "yesterday",
            "yes, and add bread",
            "yes, all but the bread",
            "delete the milk, keep the milk",
            "add them",
            "",
            "?",
        ],
    );
}

#[test]
fn verbs_approve_what_they_name() {
    let add = [PendingChange { number: None, title: "Milk", kind: PendingKind::Add }];
    let read = |message: &str| words(read_approval(message, &add, &crate::support::monday()));
    assert_eq!([read("add it"), read("delete it"), read("don't add it")], ["y", "", "n"]);
}
