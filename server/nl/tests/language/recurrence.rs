//! Repetition in words, and in the form of RFC 5545.

use crate::support::monday;
use tandem_nl::{describe_rule, parse_recurrence, quick_add};
use tandem_protocol::enums::Anchor;

/// The rule and the first date of a phrase.
fn rule(text: &str) -> Option<(String, String)> {
    let (recurrence, first) = parse_recurrence(text, monday())?;
    Some((recurrence.rule, first.map_or(String::new(), |due| due.to_iso())))
}

#[test]
fn phrases_become_rules_with_their_first_date() {
    for (text, want, first) in [
        ("daily", "FREQ=DAILY", "2026-11-23"),
        ("every day at 8am", "FREQ=DAILY", "2026-11-24T08:00"),
        ("every weekday", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "2026-11-23"),
        ("monday to friday", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "2026-11-23"),
        ("every other Tuesday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "2026-11-24"),
        ("every Monday and Wednesday at 6pm", "FREQ=WEEKLY;BYDAY=MO,WE", "2026-11-23T18:00"),
        ("on fridays", "FREQ=WEEKLY;BYDAY=FR", "2026-11-27"),
        ("every 3rd Friday", "FREQ=MONTHLY;BYDAY=3FR", "2026-12-18"),
        ("last Friday of every month", "FREQ=MONTHLY;BYDAY=-1FR", "2026-11-27"),
        ("monthly on the 15th", "FREQ=MONTHLY;BYMONTHDAY=15", "2026-12-15"),
        ("the last day of every month", "FREQ=MONTHLY;BYMONTHDAY=-1", "2026-11-30"),
        ("every March 3rd", "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=3", "2027-03-03"),
        ("every 2 weeks starting Thursday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH", "2026-11-26"),
        ("quarterly", "FREQ=MONTHLY;INTERVAL=3", "2026-11-23"),
        ("once a week", "FREQ=WEEKLY", "2026-11-23"),
        ("every morning", "FREQ=DAILY", "2026-11-24T09:00"),
        ("every 2 hours", "FREQ=HOURLY;INTERVAL=2", "2026-11-23T12:00"),
        ("every day until December 1", "FREQ=DAILY;UNTIL=20261201", "2026-11-23"),
        ("monthly on the last day", "FREQ=MONTHLY;BYMONTHDAY=-1", "2026-11-30"),
        ("every month on the last friday", "FREQ=MONTHLY;BYDAY=-1FR", "2026-11-27"),
        ("the 1st and 15th of every month", "FREQ=MONTHLY;BYMONTHDAY=1,15", "2026-12-01"),
        ("every month on the 1st, 10th and 20th", "FREQ=MONTHLY;BYMONTHDAY=1,10,20", "2026-12-01"),
        ("daily except weekends", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "2026-11-23"),
        ("every day but sunday", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA", "2026-11-23"),
        ("every weekday except friday", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH", "2026-11-23"),
        ("every monday starting 2026-12-28 for 4 weeks", "FREQ=WEEKLY;UNTIL=20270124;BYDAY=MO", "2026-12-28"),
        ("every day for 10 days", "FREQ=DAILY;UNTIL=20261202", "2026-11-23"),
        ("every week for 5 times", "FREQ=WEEKLY;COUNT=5", "2026-11-23"),
        ("every Friday and Monday", "FREQ=WEEKLY;BYDAY=MO,FR", "2026-11-23"),
        ("every month for 6 months", "FREQ=MONTHLY;UNTIL=20270522", "2026-11-23"),
        ("every week for a year", "FREQ=WEEKLY;UNTIL=20271122", "2026-11-23"),
        ("every night for the next 30 days", "FREQ=DAILY;UNTIL=20261222", "2026-11-23T20:00"),
        ("daily for the rest of the year", "FREQ=DAILY;UNTIL=20261231", "2026-11-23"),
        ("weekly through december", "FREQ=WEEKLY;UNTIL=20261231", "2026-11-23"),
        ("every tuesday from 12 jan to 23 mar at 6pm", "FREQ=WEEKLY;UNTIL=20270323;BYDAY=TU", "2027-01-12T18:00"),
        ("daily between december 1 and december 10", "FREQ=DAILY;UNTIL=20261210", "2026-12-01"),
        ("every day from tomorrow until friday", "FREQ=DAILY;UNTIL=20261127", "2026-11-24"),
        ("every day from december 28 to january 3", "FREQ=DAILY;UNTIL=20270103", "2026-12-28"),
        ("every day from monday to friday", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "2026-11-23"),
        ("every day this week", "FREQ=DAILY;UNTIL=20261129", "2026-11-23"),
        ("every weekday in december", "FREQ=WEEKLY;UNTIL=20261231;BYDAY=MO,TU,WE,TH,FR", "2026-12-01"),
        ("every monday starting next month", "FREQ=WEEKLY;BYDAY=MO", "2026-12-07"),
        ("every sunday from 6 december on", "FREQ=WEEKLY;BYDAY=SU", "2026-12-06"),
        ("every 2nd and 4th tuesday", "FREQ=MONTHLY;BYDAY=2TU,4TU", "2026-11-24"),
        ("the first and third monday of the month", "FREQ=MONTHLY;BYDAY=1MO,3MO", "2026-12-07"),
        ("every weekday other than friday", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH", "2026-11-23"),
        ("every day, but not on weekends", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "2026-11-23"),
    ] {
        assert_eq!(rule(text), Some((want.to_owned(), first.to_owned())), "{text}");
    }
}

#[test]
fn an_exclamation_mark_or_a_word_for_completion_counts_from_completion() {
    for text in
        ["every! 3 days", "every 3 days after completion", "3 days after I finish", "every 3 days after it is done"]
    {
        let (recurrence, _) = parse_recurrence(text, monday()).expect("it repeats");
        assert_eq!(
            (recurrence.rule.as_str(), recurrence.anchor),
            ("FREQ=DAILY;INTERVAL=3", Anchor::Completion),
            "{text}"
        );
    }
}

#[test]
fn rule_text_is_taken_as_it_is() {
    assert_eq!(rule("FREQ=WEEKLY;BYDAY=MO"), Some(("FREQ=WEEKLY;BYDAY=MO".into(), "2026-11-23".into())));
    assert_eq!(rule("RRULE:FREQ=MONTHLY;BYMONTHDAY=1").map(|(rule, _)| rule), Some("FREQ=MONTHLY;BYMONTHDAY=1".into()));
    assert_eq!(rule("FREQ=SECONDLY"), None);
}

#[test]
fn a_date_alone_does_not_repeat() {
    for text in ["tomorrow", "friday at 5", "milk", "every", "every banana"] {
        assert_eq!(rule(text), None, "{text}");
    }
}

#[test]
fn rules_are_described_in_words() {
    for (rule, said) in [
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "Every weekday"),
        ("FREQ=MONTHLY", "Monthly"),
        ("FREQ=WEEKLY;BYDAY=FR", "Every Friday"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "Every other week on Tue"),
        ("FREQ=MONTHLY;BYDAY=3FR", "Monthly on the 3rd Fri"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "Monthly on the last day"),
        ("FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=3", "Yearly on Mar 3rd"),
        ("FREQ=DAILY;COUNT=5", "Daily, 5 times"),
        ("FREQ=DAILY;UNTIL=20261201", "Daily until 1 Dec 2026"),
        ("BYSETPOS=1", "BYSETPOS=1"),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1", "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1"),
        ("FREQ=MONTHLY;BYMONTHDAY=-2", "FREQ=MONTHLY;BYMONTHDAY=-2"),
        ("FREQ=WEEKLY;WKST=SU", "FREQ=WEEKLY;WKST=SU"),
    ] {
        assert_eq!(describe_rule(rule, Anchor::Due), said);
    }
    assert_eq!(describe_rule("FREQ=DAILY;INTERVAL=3", Anchor::Completion), "Every 3 days after completion");
}

#[test]
fn an_end_may_stand_apart_from_its_rule() {
    for line in [
        "for 2 weeks take the pills every day",
        "take the pills for 2 weeks every day",
        "every day take the pills for 2 weeks",
    ] {
        let task = quick_add(line, &monday());
        let rule = task.recurrence.map(|recurrence| recurrence.rule);
        assert_eq!(
            (task.title.as_str(), rule.as_deref()),
            ("take the pills", Some("FREQ=DAILY;UNTIL=20261206")),
            "{line}"
        );
    }
    let trip = quick_add("plan the trip for 2 weeks", &monday());
    assert_eq!((trip.title.as_str(), trip.recurrence), ("plan the trip for 2 weeks", None));
}

#[test]
fn what_one_rule_cannot_hold_stays_text() {
    for line in [
        "pills every morning and evening",
        "pills every day at 8am, 2pm and 8pm",
        "pills at 8am and 8pm every day",
        "pills twice a day",
    ] {
        let task = quick_add(line, &monday());
        assert_eq!((task.title.as_str(), task.due, task.recurrence), (line, None, None));
    }
    let task = quick_add("gym every monday except december 28", &monday());
    assert_eq!(task.title, "gym except december 28");
}
