//! Questions about tasks, and small talk.

use jiff::civil::date;
use tandem_nl::{Action, DueRange, Filter, Reading, Response};
use tandem_protocol::enums::StatusFilter;

use crate::support::{actions, reading};

fn filter(message: &str) -> Filter {
    match &actions(message)[..] {
        [Action::List(filter)] => filter.clone(),
        other => panic!("{message:?} does {other:?}"),
    }
}

#[test]
fn the_status_is_understood() {
    assert_eq!(filter("Show me all my tasks").status, StatusFilter::All);
    for message in [
        "What's pending?",
        "show my tasks",
        "list my reminders",
        "what do I have left to do?",
        "what is on my to-do list",
    ] {
        assert_eq!(filter(message), Filter::default(), "{message}");
    }
    for message in
        ["What have I completed?", "show completed tasks", "what did I finish today", "what did I get done today?"]
    {
        assert_eq!(filter(message).status, StatusFilter::Done, "{message}");
    }
}

#[test]
fn days_are_understood() {
    let day = |d| Some(DueRange::Between(d, d));
    assert_eq!(filter("what do I have to do tomorrow?").due, day(date(2026, 11, 24)));
    assert_eq!(filter("show today's reminders").due, day(date(2026, 11, 23)));
    assert_eq!(filter("any tasks for friday?").due, day(date(2026, 11, 27)));
    assert_eq!(filter("show tasks due next week").due, Some(DueRange::Between(date(2026, 11, 30), date(2026, 12, 6))));
    for (message, first, last) in [
        ("what do I have between monday and wednesday", date(2026, 11, 23), date(2026, 11, 25)),
        ("show tasks between friday and tuesday", date(2026, 11, 27), date(2026, 12, 1)),
        ("show tasks due from today to friday", date(2026, 11, 23), date(2026, 11, 27)),
        ("what's due in december", date(2026, 12, 1), date(2026, 12, 31)),
        ("show my tasks for march", date(2027, 3, 1), date(2027, 3, 31)),
    ] {
        assert_eq!(filter(message).due, Some(DueRange::Between(first, last)), "{message}");
    }
    let done = filter("what did I get done today?");
    let today = date(2026, 11, 23);
    assert_eq!((done.status, done.due, done.completed), (StatusFilter::Done, None, Some((today, today))));
    assert_eq!(filter("what is overdue?").due, Some(DueRange::Overdue));
    assert_eq!(filter("show tasks without a date").due, Some(DueRange::None));
}

#[test]
fn lists_priorities_and_words_narrow_it_down() {
    assert_eq!(filter("what's on my shopping list?").list.as_deref(), Some("Shopping"));
    assert!(filter("show high priority tasks").priority.is_some());
    assert_eq!(filter("show my plumber reminders").query.as_deref(), Some("plumber"));
    assert_eq!(filter("show tasks labelled money").label.as_deref(), Some("money"));
}

#[test]
fn how_many_wants_a_number() {
    assert!(filter("how many tasks do I have?").count);
    assert!(!filter("show my tasks").count);
}

#[test]
fn overview_is_asked_for_in_many_words() {
    for message in [
        "what should I do next?",
        "plan my day",
        "what's next?",
        "give me an overview",
        "what am I supposed to be doing today",
    ] {
        assert_eq!(actions(message), [Action::Overview], "{message}");
    }
}

#[test]
fn small_talk_is_answered_and_does_nothing() {
    for (message, talk) in [
        ("hello", Response::Greeting),
        ("Hey there!", Response::Greeting),
        ("Good morning!", Response::Greeting),
        ("thanks a lot", Response::Thanks),
        ("help", Response::Help),
        ("what can you do?", Response::Help),
        ("are you a robot?", Response::WhoAmI),
        ("goodbye", Response::Goodbye),
    ] {
        assert_eq!(reading(message), Reading::Respond(talk), "{message}");
    }
}
