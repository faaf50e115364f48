//! The line of the task panel.

use crate::support::monday;
use tandem_nl::{DayOrder, quick_add, read_line};
use tandem_protocol::enums::Priority;
use tandem_protocol::reminder::ReminderInput;
use tandem_protocol::rest::NewTask;

fn read(line: &str) -> NewTask {
    quick_add(line, &monday())
}

fn title_and_due(line: &str) -> (String, Option<String>) {
    let read = read(line);
    (read.title, read.due.map(|due| due.to_iso()))
}

#[test]
fn everything_on_one_line_is_taken_apart() {
    let read = read("Send invoice to Ann tomorrow at 9am #work #money +Clients !high every month");
    assert_eq!(read.title, "Send invoice to Ann");
    assert_eq!(read.labels, Some(vec!["work".to_owned(), "money".to_owned()]));
    assert_eq!(read.list.as_deref(), Some("Clients"));
    assert_eq!(read.priority, Some(Priority::High));
    assert_eq!(read.recurrence.map(|r| r.rule).as_deref(), Some("FREQ=MONTHLY"));
    assert_eq!(read.due.map(|due| due.to_iso()).as_deref(), Some("2026-11-24T09:00"));
}

#[test]
fn the_end_of_a_range_stays_in_the_title() {
    let titled = |title: &str, due: &str| (title.to_owned(), Some(due.to_owned()));
    assert_eq!(title_and_due("retreat dec 7-9"), titled("retreat (until Wed 9 Dec)", "2026-12-07"));
    assert_eq!(title_and_due("piano 2-4pm tomorrow"), titled("piano (until 16:00)", "2026-11-24T14:00"));
    let kept = read_line(
        "piano 2-4pm tomorrow",
        monday().datetime(),
        DayOrder::MonthFirst,
        tandem_nl::MORNING,
        &["2-4pm tomorrow".to_owned()],
    );
    assert_eq!(kept.task.title, "piano 2-4pm tomorrow", "words that are kept are no range");
}

#[test]
fn priorities_are_words_after_a_mark_or_figures_after_p() {
    for (line, want) in [
        ("a b p1", Some(Priority::Urgent)),
        ("a b p4", Some(Priority::Low)),
        ("a b !medium", Some(Priority::Medium)),
        ("a b!", None),
        ("p5 paper", None),
        ("step1", None),
        ("the p1x part", None),
    ] {
        assert_eq!(read(line).priority, want, "{line}");
    }
}

#[test]
fn quotes_protect_what_they_hold() {
    assert_eq!(title_and_due("\"Call mom tonight\""), ("Call mom tonight".into(), None));
    assert_eq!(
        title_and_due("watch 'The Day After Tomorrow' on friday"),
        ("watch 'The Day After Tomorrow'".into(), Some("2026-11-27".into()))
    );
    assert_eq!(read("read \"p1 #nothing +here\"").labels, None);
}

#[test]
fn words_of_a_title_stay_words() {
    for line in [
        "read 1984",
        "buy May Day album",
        "book Friday Night Lights tickets",
        "fix bug #12",
        "C++ homework",
        "call +15550100",
        "get second opinion",
        "meet at 5 corners",
        "subscribe to the Sunday Times",
        "buy cream for the sun",
        "chapter 3 of Dune",
        "email march figures",
    ] {
        assert_eq!(title_and_due(line), (line.to_owned(), None));
    }
}

#[test]
fn small_words_before_a_date_go_with_it() {
    assert_eq!(title_and_due("pay rent by friday"), ("pay rent".into(), Some("2026-11-27".into())));
    assert_eq!(title_and_due("on Tuesday at 3 call Ann"), ("call Ann".into(), Some("2026-11-24T15:00".into())));
    assert_eq!(title_and_due("hand in essay due dec 1"), ("hand in essay".into(), Some("2026-12-01".into())));
    assert_eq!(title_and_due("log in"), ("log in".into(), None));
    assert_eq!(title_and_due("meet June on Tuesday"), ("meet June".into(), Some("2026-11-24".into())));
}

#[test]
fn a_line_that_is_only_a_date_has_no_title() {
    assert_eq!(title_and_due("tomorrow at 5pm"), (String::new(), Some("2026-11-24T17:00".into())));
}

#[test]
fn what_is_ambiguous_stays_text() {
    for line in [
        "gym mon wed fri 6pm",
        "swim monday and thursday",
        "take pills every day at 8am and 8pm",
        "June 10 - 31 trip",
        "parade at 14PM",
    ] {
        assert_eq!(title_and_due(line), (line.to_owned(), None), "{line}");
    }
    // The page has no clocks of other zones, so such a time stays where it can be seen.
    let on_the_page = read_line("call Sam at 9pm EST", monday(), DayOrder::MonthFirst, tandem_nl::MORNING, &[]).task;
    assert_eq!((on_the_page.title.as_str(), on_the_page.due), ("call Sam at 9pm EST", None));
    assert_eq!(title_and_due("dentist 5.12. 15:00"), ("dentist".into(), Some("2026-12-05T15:00".into())));
    assert_eq!(title_and_due("12/24 church"), ("church".into(), Some("2026-12-24".into())));
    assert_eq!(title_and_due("24.12. church"), ("church".into(), Some("2026-12-24".into())));
    assert_eq!(title_and_due("church 24.12."), ("church".into(), Some("2026-12-24".into())));
    assert_eq!(title_and_due("1/2 cup of flour"), ("1/2 cup of flour".into(), None));
    assert_eq!(title_and_due("3/16 drill bit"), ("3/16 drill bit".into(), None));
    assert_eq!(title_and_due("wash the car sat #home !high"), ("wash the car".into(), Some("2026-11-28".into())));
    assert_eq!(title_and_due("wash the car sat #home p2"), ("wash the car".into(), Some("2026-11-28".into())));
    assert_eq!(title_and_due("1:1 with Bob thu 14"), ("1:1 with Bob".into(), Some("2026-11-26T14:00".into())));
    assert_eq!(title_and_due("1:1 with Bob thu 26"), ("1:1 with Bob".into(), Some("2026-11-26".into())));
}

#[test]
fn the_words_of_a_command_are_no_title() {
    for line in
        ["remind me to call Ann tomorrow", "Remind me tomorrow to call Ann", "please remind me to call Ann tomorrow"]
    {
        assert_eq!(title_and_due(line), ("call Ann".into(), Some("2026-11-24".into())), "{line}");
    }
    assert_eq!(read("remind Ann of the rent").title, "remind Ann of the rent");
}

#[test]
fn a_part_that_is_kept_returns_to_the_title() {
    let line = "Pay the rent on friday #home +Flat !high";
    let parts = |kept: &[String]| read_line(line, monday(), DayOrder::MonthFirst, tandem_nl::MORNING, kept);
    let all = parts(&[]);
    let words: Vec<&str> = all.parts.iter().map(|part| part.words.as_str()).collect();
    assert_eq!((all.task.title.as_str(), words), ("Pay the rent", vec!["on friday", "#home", "+Flat", "!high"]));
    for (at, title) in ["Pay the rent on friday", "Pay the rent #home", "Pay the rent +Flat", "Pay the rent !high"]
        .into_iter()
        .enumerate()
    {
        let kept = parts(&[all.parts[at].words.clone()]);
        assert_eq!((kept.task.title.as_str(), kept.parts.len()), (title, 3));
    }
}

#[test]
fn the_order_of_day_and_month_is_that_of_the_locale() {
    let on = |tag: &str| {
        read_line("dinner on 3/4", monday(), DayOrder::of_locale(tag), tandem_nl::MORNING, &[])
            .task
            .due
            .map(|due| due.to_iso())
    };
    for tag in ["en-US", "en", "es-US", ""] {
        assert_eq!(on(tag).as_deref(), Some("2027-03-04"), "{tag}");
    }
    for tag in ["en-GB", "de", "de-AT", "fr-FR", "en-AU"] {
        assert_eq!(on(tag).as_deref(), Some("2027-04-03"), "{tag}");
    }
    let american = read_line("dinner 13/4", monday(), DayOrder::MonthFirst, tandem_nl::MORNING, &[]).task.due;
    assert_eq!(american.map(|due| due.to_iso()).as_deref(), Some("2027-04-13"));
}

#[test]
fn a_title_that_is_too_long_is_reported() {
    let line = |count: usize| {
        read_line(&format!("{} tomorrow", "a".repeat(count)), monday(), DayOrder::MonthFirst, tandem_nl::MORNING, &[])
    };
    assert!(!line(500).too_long);
    assert!(line(501).too_long);
}

#[test]
fn a_reminder_is_an_amount_or_a_time_after_its_mark() {
    let rules = |line: &str| {
        let task = read(line);
        let rule = |rule: &ReminderInput| match (&rule.before, &rule.at) {
            (Some(before), _) => before.to_string(),
            (None, Some(at)) => format!("{}T{}", at.date, at.time),
            (None, None) => "nothing".to_owned(),
        };
        let due = task.due.map(|due| due.to_iso()).unwrap_or_default();
        (task.title, due, task.reminders.iter().flatten().map(rule).collect::<Vec<_>>().join(" "))
    };
    for (line, title, due, reminders) in [
        ("pay !at 17", "pay", "", "2026-11-23T17:00"),
        ("pay !at 9am", "pay", "", "2026-11-24T09:00"),
        ("pay tomorrow 15:00 !at 9am", "pay", "2026-11-24T15:00", "2026-11-24T09:00"),
        ("pay !at noon tomorrow at 3pm", "pay", "2026-11-24T15:00", "2026-11-24T12:00"),
        ("pay friday !at tomorrow 9:00", "pay", "2026-11-27", "2026-11-24T09:00"),
        ("a tomorrow !30m", "a", "2026-11-24", "PT30M"),
        ("call Ann tomorrow 17:00 !30m !1d !1h30m", "call Ann", "2026-11-24T17:00", "PT30M P1D PT90M"),
        ("call Ann !45m", "call Ann", "", "2026-11-23T10:45"),
        ("bins every tuesday !at 7:00", "bins", "2026-11-24", "PT2H"),
        ("chess every tuesday 18:00 !at 7:00", "chess", "2026-11-24T18:00", "PT11H"),
        ("pay !at work !soon tomorrow", "pay !at work !soon", "2026-11-24", ""),
        ("say hi! at 9 tomorrow", "say hi!", "2026-11-24T09:00", ""),
    ] {
        assert_eq!(rules(line), (title.to_owned(), due.to_owned(), reminders.to_owned()), "{line}");
    }
}

#[test]
fn short_forms_with_a_figure_are_words() {
    for (line, title, due) in [
        ("optician 2mrw", "optician", Some("2026-11-24")),
        ("wash car 2moro #home", "wash car", Some("2026-11-24")),
        ("file taxes b4 friday", "file taxes", Some("2026-11-27")),
        ("talk at gate B4 friday", "talk at gate B4", Some("2026-11-27")),
        ("buy B4 envelopes", "buy B4 envelopes", None),
        ("order 2 mrw shirts", "order 2 mrw shirts", None),
    ] {
        assert_eq!(title_and_due(line), (title.to_owned(), due.map(str::to_owned)), "{line}");
    }
}
