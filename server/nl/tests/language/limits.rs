//! What must hold for every text: no panic, no change by what is not understood, quotes and words stay, time is bounded.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use tandem_nl::{
    Action, PendingChange, PendingKind, Reading, describe_due, describe_rule, parse_due, parse_recurrence, quick_add,
    read_approval,
};
use tandem_protocol::enums::Anchor;
use tandem_protocol::rest::DueInput;
use tandem_protocol::settings::DateStyle;

use crate::support::{changes_nothing, ids, monday, read_with, reading};

#[test]
fn what_is_none_of_our_business_changes_nothing() {
    for message in [
        "what is the capital of Peru",
        "play some jazz",
        "set an alarm for 7am",
        "turn on the kitchen light",
        "how do I delete a file in Linux",
        "add my brother as an authorized user to my account",
        "create a playlist of love songs",
        "can you order me a pizza",
        "call me a taxi",
        "remind me what my goals are",
        "make a list of rivers in Spain",
        "delete my browser history",
        "cancel my gym contract",
        "translate hello to French",
        "is it going to rain tomorrow",
        "who won the match last night",
        "tell me a joke",
        "open the garage door",
        "I am tired",
        "move the cursor to the left",
    ] {
        assert!(changes_nothing(&reading(message)), "{message}: {:?}", reading(message));
    }
}

#[test]
fn an_endless_message_is_read_in_bounded_time() {
    let long = "remind me to call Ann and email Bob tomorrow at 5pm, ".repeat(2_000);
    let nested = "delete the milk and ".repeat(2_000);
    for text in [long, nested, "a".repeat(100_000), "'\"".repeat(20_000), "1/".repeat(20_000), "and ".repeat(20_000)] {
        let started = Instant::now();
        let _ = reading(&text);
        let _ = quick_add(&text, &monday());
        assert!(started.elapsed() < Duration::from_secs(20), "took {:?}", started.elapsed());
    }
}

/// Texts made of the words that rules look for, where they meet most often.
fn wordy() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "remind",
        "me",
        "to",
        "add",
        "delete",
        "task",
        "3",
        "tomorrow",
        "at",
        "5",
        "pm",
        "every",
        "other",
        "monday",
        "the",
        "15th",
        "of",
        "march",
        "2026-02-30",
        "list",
        "my",
        "shopping",
        "on",
        "off",
        "and",
        ",",
        "all",
        "mark",
        "as",
        "done",
        "change",
        "'x y'",
        "\"",
        "'s",
        "in",
        "two",
        "hours",
        "week",
        "next",
        "last",
        "12/31",
        "24:00",
        "half",
        "past",
        "until",
        "for",
        "times",
        "#home",
        "+work",
        "!high",
        "p1",
        "-",
        "/",
        ".",
        "it",
        "one",
        "second",
        "99999999999999999999",
        "0",
        "é",
        "日本",
    ]);
    prop::collection::vec(words, 0..14).prop_map(|words| words.join(" "))
}

/// Commands about tasks that there are.
const COMMANDS: &[&str] = &[
    "delete the oat milk",
    "remove oat milk from my shopping list",
    "complete the annual report",
    "mark the annual report as done",
    "cancel the reminder to call the plumber",
    "check off the plumber",
    "get rid of the oat milk",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_panics(text in "\\PC{0,80}") {
        let _ = reading(&text);
        let _ = quick_add(&text, &monday());
        let _ = parse_due(&text, &monday());
        let _ = parse_recurrence(&text, monday());
        let _ = describe_rule(&text, Anchor::Due);
    }

    #[test]
    fn no_mix_of_our_own_words_panics(text in wordy(), previous in wordy()) {
        let (now, shown) = (monday(), ids(&[2, 7]));
        if let Reading::Act(actions) = read_with(&text, &shown, &shown, Some(&previous)) {
            prop_assert!(!actions.is_empty());
            for action in actions {
                if let Action::Add(task) = action {
                    prop_assert!(!task.title.is_empty() && task.title.chars().count() <= 500);
                }
            }
        }
        let _ = quick_add(&text, &now);
        let _ = parse_due(&text, &now);
        let _ = parse_recurrence(&text, &now);
    }

    #[test]
    fn a_word_that_is_not_understood_stops_every_change(
        command in prop::sample::select(COMMANDS),
        joint in prop::sample::select(vec!["for the", "of the", "with", "near", "about the", ""]),
        stranger in "(zebra|quartz|volcano|xylem|trombone|hgfds|violet)",
    ) {
        let message = format!("{command} {joint} {stranger}");
        prop_assert!(changes_nothing(&reading(&message)), "{}: {:?}", message, reading(&message));
    }

    #[test]
    fn a_mood_that_asks_for_nothing_stops_every_change(
        command in prop::sample::select(COMMANDS),
        mood in prop::sample::select(vec![
            "don't", "do not", "never", "should I", "did I", "can I", "maybe", "if it rains,", "I will", "I might", "I forgot to",
            "I wish I could", "Bob wants to", "what if I", "I'm about to", "unless I",
        ]),
    ) {
        let message = format!("{mood} {command}");
        prop_assert!(changes_nothing(&reading(&message)), "{}: {:?}", message, reading(&message));
    }

    #[test]
    fn a_statement_changes_nothing_whatever_it_is_about(
        text in wordy(),
        mood in prop::sample::select(vec!["I didn't", "did Bob", "Bob said that he will"]),
    ) {
        // A mark or a request after it would begin another sentence, with a mood of its own.
        let joins = ["remind", "add", "and", "put", "you", "forget"];
        let text: Vec<&str> =
            text.split(' ').filter(|word| !joins.contains(word) && !matches!(*word, "." | "," | ";" | "?" | "!")).collect();
        let message = format!("{mood} {}", text.join(" "));
        prop_assert!(changes_nothing(&reading(&message)), "{}: {:?}", message, reading(&message));
    }

    #[test]
    fn an_answer_to_an_approval_has_no_strange_word(text in wordy(), stranger in "(zebra|quartz|volcano|tomorrow|if)", at in 0..3_usize) {
        let changes: Vec<PendingChange<'_>> = ["Milk", "Call the dentist"]
            .map(|title| PendingChange { number: Some(3), title, kind: PendingKind::Delete })
            .to_vec();
        let _ = read_approval(&text, &changes, &monday());
        let answer = ["yes", "all of them", "the second"][at];
        prop_assert_eq!(read_approval(&format!("{answer} {stranger}"), &changes, &monday()), None);
    }

    #[test]
    fn quoted_text_is_never_read(inner in "[a-z0-9 ]{1,30}") {
        prop_assume!(!inner.trim().is_empty());
        let read = quick_add(&format!("\"{inner}\""), &monday());
        prop_assert_eq!(read.title, inner.split_whitespace().collect::<Vec<_>>().join(" "));
        prop_assert!(read.due.is_none() && read.labels.is_none() && read.recurrence.is_none());
    }

    #[test]
    fn words_without_a_date_survive_in_their_order(words in prop::collection::vec("(oats|lamp|blue|river|paint|Zoe|garden|tiles)", 1..8)) {
        let line = words.join(" ");
        prop_assert_eq!(quick_add(&format!("{line} tomorrow at 5pm"), &monday()).title, line.clone());
        prop_assert_eq!(quick_add(&line, &monday()).title, line);
    }

    #[test]
    fn a_described_date_is_read_back(days in 0..4_000i32, minutes in prop::option::of(0..24 * 60i32)) {
        let now = monday();
        let date = now.date().checked_add(jiff::Span::new().days(days)).expect("within the calendar");
        let time = minutes.map(|m| jiff::civil::Time::midnight() + jiff::Span::new().minutes(m));
        let due = DueInput { time, ..DueInput::on(date) };
        prop_assert_eq!(parse_due(&due.to_iso(), &now), Some(due.clone()));
        for style in [false, true].into_iter().flat_map(|month_first| {
            [false, true].map(|twelve_hours| DateStyle { twelve_hours, month_first })
        }) {
            prop_assert_eq!(parse_due(&describe_due(date, time, &now, style), &now), Some(due.clone()));
        }
    }
}
