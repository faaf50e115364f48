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

#[test]
fn small_talk_is_recognised_by_its_words() {
    let talk = include_str!("corpus/talk.txt").lines().filter(|line| !line.starts_with('#'));
    let wrong: Vec<String> = talk
        .filter_map(|line| {
            let (sentence, want) = line.rsplit_once(" = ").expect("a sentence and its kind");
            let got = format!("{:?}", reading(sentence));
            (got != format!("Respond({want})")).then(|| format!("{sentence}: {got}, not {want}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{} came out wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_is_about_something_else_is_no_small_talk() {
    for message in [
        "what is the capital of France",
        "how far is the moon",
        "I am hungry",
        "how do I cook rice",
        "is it going to rain",
        "who won the game",
    ] {
        assert!(matches!(reading(message), Reading::Unknown { .. }), "{message}: {:?}", reading(message));
    }
}

#[test]
fn questions_about_a_day_need_no_word_for_a_task() {
    let wednesday = Some(DueRange::Between(date(2026, 11, 25), date(2026, 11, 25)));
    for message in [
        "what does wednesday look like",
        "is my wednesday free",
        "am I free on wednesday at noon",
        "do I have to be anywhere on wednesday",
        "what time is the parents' evening on wednesday",
        "am I doing anything on wednesday",
        "what do I have planned for wednesday",
        "read back my day for wednesday",
    ] {
        assert_eq!(filter(message).due, wednesday, "{message}");
    }
}

#[test]
fn questions_about_a_duty_look_for_it() {
    for (message, query) in [
        ("do I need to buy paper towels", "buy paper towels"),
        ("do I need butter", "butter"),
        ("am I supposed to paint the fence", "paint fence"),
        ("should I buy bread", "buy bread"),
        ("when is my haircut", "haircut"),
        ("remind me when my haircut is", "haircut"),
        ("do I have the oil change marked", "oil change"),
    ] {
        assert_eq!(filter(message).query.as_deref(), Some(query), "{message}");
    }
    for message in ["when is the next election", "what time is it in Tokyo", "is there a cure for colds"] {
        assert!(matches!(reading(message), Reading::Unknown { .. }), "{message}: {:?}", reading(message));
    }
}

#[test]
fn how_to_do_something_is_explained() {
    for message in ["how can I schedule a meeting", "how do I delete a task", "what is the process to add a reminder"] {
        assert_eq!(reading(message), Reading::Respond(Response::Help), "{message}");
    }
}
