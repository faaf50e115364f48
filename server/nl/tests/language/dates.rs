//! Dates and times in words, each rule by an example.

use crate::support::{at, due, monday};
use tandem_nl::{contradicting_days, describe_due, parse_due, quick_add};
use tandem_protocol::settings::DateStyle;

fn assert_read(cases: &[(&str, &str)]) {
    for (text, want) in cases {
        assert_eq!(due(text).as_deref(), Some(*want), "{text}");
    }
}

#[test]
fn quarters_and_weeks_on_a_day_are_counted() {
    for (text, want) in [
        ("in a quarter of an hour", "2026-11-23T10:15"),
        ("in three quarters of an hour", "2026-11-23T10:45"),
        ("a week on thursday", "2026-12-03"),
        ("a fortnight on friday", "2026-12-11"),
        ("two weeks on monday", "2026-12-14"),
    ] {
        assert_eq!(due(text).as_deref(), Some(want), "{text}");
    }
}

#[test]
fn days_are_counted_from_today() {
    assert_read(&[
        ("today", "2026-11-23"),
        ("tomorrow", "2026-11-24"),
        ("the day after tomorrow", "2026-11-25"),
        ("yesterday", "2026-11-22"),
        ("in 3 days", "2026-11-26"),
        ("two weeks from now", "2026-12-07"),
        ("a week from Friday", "2026-12-04"),
        ("3 days after tomorrow", "2026-11-27"),
        ("in four business days", "2026-11-27"),
        ("a fortnight ago", "2026-11-09"),
        ("in three days' time", "2026-11-26"),
        ("the day before Christmas", "2026-12-24"),
    ]);
}

#[test]
fn minutes_and_hours_are_counted_from_now() {
    assert_read(&[
        ("in 20 minutes", "2026-11-23T10:20"),
        ("in an hour and a half", "2026-11-23T11:30"),
        ("in 2.5 hours", "2026-11-23T12:30"),
        ("in half an hour", "2026-11-23T10:30"),
        ("1 hour, 15 minutes from now", "2026-11-23T11:15"),
        ("in a couple of hours", "2026-11-23T12:00"),
    ]);
}

#[test]
fn weekdays_are_those_to_come() {
    assert_read(&[
        ("Friday", "2026-11-27"),
        ("monday", "2026-11-30"),
        ("this Friday", "2026-11-27"),
        ("next Friday", "2026-12-04"),
        ("last Friday", "2026-11-20"),
        ("Wednesday of next week", "2026-12-02"),
        ("next week on Thursday", "2026-12-03"),
        ("three Fridays from now", "2026-12-11"),
        ("tues at 3", "2026-11-24T15:00"),
    ]);
}

#[test]
fn calendar_dates_come_in_every_order() {
    assert_read(&[
        ("2026-12-01", "2026-12-01"),
        ("2026-12-01T09:00", "2026-12-01T09:00"),
        ("12/1/2026", "2026-12-01"),
        ("25/12/2026", "2026-12-25"),
        ("1.12.2026", "2026-12-01"),
        ("31/Oct/2027", "2027-10-31"),
        ("December 5", "2026-12-05"),
        ("5th of December", "2026-12-05"),
        ("Dec 5th, 2027", "2027-12-05"),
        ("march 3", "2027-03-03"),
        ("the 15th", "2026-12-15"),
        ("the 3rd of next month", "2026-12-03"),
        ("Friday the 25th", "2026-12-25"),
        ("first Tuesday in January", "2027-01-05"),
        ("last Monday of March 2027", "2027-03-29"),
    ]);
}

#[test]
fn periods_begin_and_end_on_a_day() {
    assert_read(&[
        ("next week", "2026-11-30"),
        ("next month", "2026-12-01"),
        ("this weekend", "2026-11-28"),
        ("end of the month", "2026-11-30"),
        ("end of March", "2027-03-31"),
        ("beginning of next week", "2026-11-30"),
        ("by the end of the week", "2026-11-27"),
        ("eod", "2026-11-23T17:00"),
        ("Christmas Eve", "2026-12-24"),
        ("easter 2027", "2027-03-28"),
    ]);
}

#[test]
fn times_of_day_are_read_in_every_form() {
    assert_read(&[
        ("5pm", "2026-11-23T17:00"),
        ("at 5 : 30 p.m.", "2026-11-23T17:30"),
        ("17:45", "2026-11-23T17:45"),
        ("15h30", "2026-11-23T15:30"),
        ("half past six", "2026-11-23T18:30"),
        ("quarter to 3 pm", "2026-11-23T14:45"),
        ("noon", "2026-11-23T12:00"),
        ("midnight", "2026-11-24T00:00"),
        ("eight tonight", "2026-11-23T20:00"),
        ("tomorrow at 730 in the evening", "2026-11-24T19:30"),
        ("tomorrow morning", "2026-11-24T09:00"),
        ("tomorrow morning at 7", "2026-11-24T07:00"),
        ("3 in the morning", "2026-11-24T03:00"),
    ]);
}

#[test]
fn an_hour_without_its_half_is_the_next_one_to_come_today_and_the_likely_one_later() {
    assert_read(&[
        ("at 9", "2026-11-23T21:00"),
        ("at 11", "2026-11-23T11:00"),
        ("tomorrow at 9", "2026-11-24T09:00"),
        ("tomorrow at 4", "2026-11-24T16:00"),
    ]);
}

#[test]
fn a_range_is_due_at_its_beginning() {
    assert_read(&[
        ("3-4pm", "2026-11-23T15:00"),
        ("from 9:30 to 11:00 on Thursday", "2026-11-26T09:30"),
        ("December 13-15", "2026-12-13"),
        ("from 13 to 15 December", "2026-12-13"),
    ]);
}

#[test]
fn an_instant_is_put_on_the_users_clock() {
    assert_read(&[("2026-12-01T23:30:00Z", "2026-12-02T00:30"), ("2026-12-01T09:00:00+01:00", "2026-12-01T09:00")]);
}

#[test]
fn dates_are_written_as_the_user_has_chosen() {
    let now = monday();
    for (due, twelve_hours, month_first, said) in [
        ("2026-11-27T17:00", false, false, "Fri 27 Nov, 17:00"),
        ("2026-11-27T17:05", true, false, "Fri 27 Nov, 5:05 PM"),
        ("2026-11-27T00:30", true, true, "Fri Nov 27, 12:30 AM"),
        ("2027-01-01T12:00", true, true, "Fri Jan 1 2027, 12:00 PM"),
        ("2027-01-01", false, true, "Fri Jan 1 2027"),
    ] {
        let due = parse_due(due, &now).expect("an ISO date is a date");
        let style = DateStyle { twelve_hours, month_first };
        assert_eq!(describe_due(due.date, due.time, &now, style), said);
    }
}

#[test]
fn a_weekday_and_a_date_that_are_two_days_are_none() {
    for (text, named, date) in [
        ("monday the 8th", "2026-12-07", "2026-12-08"),
        ("friday, December 3 at 5pm", "2026-12-04", "2026-12-03"),
        ("thu 12/25/2026", "2026-12-24", "2026-12-25"),
    ] {
        assert_eq!(due(text), None, "{text}");
        let days = contradicting_days(text, &monday()).map(|(named, date)| (named.to_string(), date.to_string()));
        assert_eq!(days, Some((named.to_owned(), date.to_owned())), "{text}");
    }
    for text in ["tuesday the 8th", "the 8th", "monday", "Friday, 4 December"] {
        assert!(due(text).is_some() && contradicting_days(text, &monday()).is_none(), "{text}");
    }
}

#[test]
fn dates_that_do_not_exist_are_none() {
    for text in ["February 30", "2026-13-01", "31 April", "29 February 2027", "25:00", "99/99/2026"] {
        assert_eq!(due(text), None, "{text}");
    }
}

#[test]
fn figures_and_words_that_are_no_dates_are_left_alone() {
    for text in [
        "1984",
        "3",
        "1/2 cup of flour",
        "version 1.2.3",
        "12.5 %",
        "24/7 hotline",
        "room 7",
        "a second opinion",
        "may contain nuts",
        "march of the penguins",
        "the sun",
        "two eggs",
        "open at eleven shops",
        "7-11",
        "tell them later",
        "a few hour",
    ] {
        let found = quick_add(text, &monday());
        assert_eq!((found.title.as_str(), found.due), (text, None));
    }
}

#[test]
fn a_date_is_described_with_its_weekday_and_without_this_year() {
    let now = monday();
    for (text, said) in
        [("2026-11-27T17:00", "Fri 27 Nov, 17:00"), ("2026-12-01", "Tue 1 Dec"), ("2027-01-04", "Mon 4 Jan 2027")]
    {
        let due = parse_due(text, &now).expect("an ISO date is a date");
        assert_eq!(describe_due(due.date, due.time, &now, DateStyle::default()), said);
    }
}

#[test]
fn the_last_day_of_time_does_not_overflow() {
    let end = at(jiff::civil::datetime(9999, 12, 30, 23, 0, 0, 0));
    for text in ["tomorrow", "next week", "in 9999 years", "every year", "next friday", "end of year"] {
        let _ = parse_due(text, &end);
    }
    let _ = describe_due(end.date(), None, &end, DateStyle::default());
}

#[test]
fn more_ways_to_name_a_moment() {
    for (text, want) in [
        ("end of tomorrow", "2026-11-24"),
        ("by the end of friday", "2026-11-27"),
        ("close of business friday", "2026-11-27T17:00"),
        ("first thing tomorrow", "2026-11-24T09:00"),
        ("the friday after next", "2026-12-11"),
        ("friday coming", "2026-11-27"),
        ("in 3 weeks time", "2026-12-14"),
        ("half eight tonight", "2026-11-23T20:30"),
        ("quarter of five", "2026-11-23T16:45"),
        ("at 9.am.", "2026-11-24T09:00"),
        ("24.12.", "2026-12-24"),
    ] {
        assert_eq!(due(text).as_deref(), Some(want), "{text}");
    }
    assert_eq!(due("friday 5pm GMT").as_deref(), Some("2026-11-27T18:00"), "Berlin is an hour ahead");
    for text in ["14pm", "10 - 20", "between 10 and 20", "June 10 - 31, 2022", "13 o'clock pm"] {
        assert_eq!(due(text), None, "{text}");
    }
}

#[test]
fn days_are_counted_from_other_days() {
    assert_read(&[
        ("third tuesday after christmas", "2027-01-12"),
        ("the monday before christmas", "2026-12-21"),
        ("a week tomorrow", "2026-12-01"),
        ("two weeks today", "2026-12-07"),
        ("tomorrow week", "2026-12-01"),
        ("friday in two weeks", "2026-12-11"),
        ("the week of december 14", "2026-12-14"),
        ("next month on the 5th", "2026-12-05"),
        ("last 2 weeks", "2026-11-09"),
        ("in Q1", "2027-01-01"),
        ("late january", "2027-01-25"),
        ("20261210", "2026-12-10"),
        ("no later than friday", "2026-11-27"),
        ("st. patrick's day", "2027-03-17"),
        ("saint patrick 2028", "2028-03-17"),
        ("cyber monday", "2026-11-30"),
    ]);
}

#[test]
fn times_are_read_from_what_stands_around() {
    assert_read(&[
        ("this time tomorrow", "2026-11-24T10:00"),
        ("same time on friday", "2026-11-27T10:00"),
        ("first thing tomorrow morning", "2026-11-24T09:00"),
        ("lunchtime tomorrow", "2026-11-24T12:00"),
        ("between 3 and 4 tomorrow", "2026-11-24T15:00"),
        ("05/31/2027:14:15", "2027-05-31T14:15"),
    ]);
    let read = |line: &str| {
        let found = quick_add(line, &monday());
        (found.title, found.due.map(|due| due.to_iso()))
    };
    for (line, title, want) in [
        ("dinner with Bob on saturday at 7", "dinner with Bob", "2026-11-28T19:00"),
        ("breakfast with Ann at 8 tomorrow", "breakfast with Ann", "2026-11-24T08:00"),
        ("the plumber comes on tuesday between 8 and 12", "the plumber comes (until 12:00)", "2026-11-24T08:00"),
        ("book a table for four on friday at eight", "book a table for four", "2026-11-27T20:00"),
        ("visit grandma over the weekend", "visit grandma", "2026-11-28"),
        ("meet next week, perhaps on wednesday", "meet perhaps", "2026-12-02"),
        ("I am blocked for the day", "I am blocked", "2026-11-23"),
    ] {
        assert_eq!(read(line), (title.to_owned(), Some(want.to_owned())), "{line}");
    }
    assert_eq!(read("ask Patrick about the keys").1, None);
}

#[test]
fn a_time_of_another_zone_is_put_on_the_clock_of_the_user() {
    assert_read(&[
        ("3pm EST tomorrow", "2026-11-24T21:00"),
        ("friday 9:30 am PST", "2026-11-27T18:30"),
        // "9" is the next nine over there, not here.
        ("9:00 PST", "2026-11-23T18:00"),
        ("2pm eastern time on 4 july 2027", "2027-07-04T19:00"),
        ("11:00 CET on friday", "2026-11-27T11:00"),
        ("friday at 5 pm GMT+3", "2026-11-27T15:00"),
        ("friday 17:30 utc-02:30", "2026-11-27T21:00"),
        ("2026-12-03 08:00:00 +0200", "2026-12-03T07:00"),
        ("Fri Dec 4 11:00:09 EST 2026", "2026-12-04T17:00"),
        ("Fri Dec 04 2026 11:00:00 GMT+0100 (CET)", "2026-12-04T11:00"),
    ]);
    let read = |line: &str| {
        let found = quick_add(line, &monday());
        (found.title, found.due.map(|due| due.to_iso()))
    };
    for (line, title, want) in [
        ("ring Jo at 3pm EST tomorrow", "ring Jo", "2026-11-24T21:00"),
        ("ring Jo tomorrow at 9am JST about the flat", "ring Jo about the flat", "2026-11-24T01:00"),
        ("meet at 5pm central station", "meet central station", "2026-11-23T17:00"),
    ] {
        assert_eq!(read(line), (title.to_owned(), Some(want.to_owned())), "{line}");
    }
    // Tuesday in Berlin: such a rule cannot be kept.
    assert_eq!(quick_add("ring Jo every monday at 9pm PST", &monday()).recurrence, None);
}

#[test]
fn a_date_as_programs_and_forms_write_it() {
    assert_read(&[
        ("04/30/2027.14:15", "2027-04-30T14:15"),
        ("Wed Dec 9 11:00:09 2026", "2026-12-09T11:00"),
        ("Wed Dec 9 - 11, 11:00:09 2026", "2026-12-09T11:00"),
        ("Wed Dec 9, 10:00 - 11:30 2026", "2026-12-09T10:00"),
        ("Sat, 28 Nov 2026", "2026-11-28"),
        ("9 May 2570 BE", "2027-05-09"),
        ("May 9, 2027 AD", "2027-05-09"),
        ("9 May 2027 C.E.", "2027-05-09"),
        ("2027 May 9", "2027-05-09"),
        ("04/2027", "2027-04-01"),
        ("2027/04", "2027-04-01"),
        ("Apr-2027", "2027-04-01"),
        ("Apr. 2027", "2027-04-01"),
        ("Apr/30/2027", "2027-04-30"),
        ("20270430T1230", "2027-04-30T12:30"),
        ("Q2 2027", "2027-04-01"),
        ("the second quarter of 2027", "2027-04-01"),
    ]);
    let in_zone = |zone: &str| format!("2026-11-23T10:00:00[{zone}]").parse().expect("a zone");
    let read = |zone: &str| parse_due("8/10/2027", &in_zone(zone)).map(|due| due.to_iso());
    assert_eq!(read("Europe/London").as_deref(), Some("2027-10-08"));
    assert_eq!(read("America/Chicago").as_deref(), Some("2027-08-10"));
}

#[test]
fn amounts_of_several_units_and_parts_of_periods() {
    assert_read(&[
        ("in 2d3hr5min", "2026-11-25T13:05"),
        ("a day and two hours from now", "2026-11-24T12:00"),
        ("in 2 yrs 3 mos", "2029-02-23"),
        ("next three weeks", "2026-12-14"),
        ("next two quarter", "2027-05-23"),
        ("in the coming 10 days", "2026-12-03"),
        ("in about ~2 hours", "2026-11-23T12:00"),
        ("in a month or so", "2026-12-23"),
        ("next working day", "2026-11-24"),
        ("the month after next", "2027-01-01"),
        ("friday fortnight", "2026-12-11"),
        ("the 2nd of the month", "2026-12-02"),
        ("the 28th of the month", "2026-11-28"),
        ("mid next week", "2026-12-02"),
        ("the middle of next month", "2026-12-15"),
        ("the first week of february", "2027-02-01"),
        ("last week in january", "2027-01-25"),
        ("the second last week of 2027", "2027-12-13"),
        ("an hour before 8pm", "2026-11-23T19:00"),
        ("20 minutes after midnight", "2026-11-24T00:20"),
        ("half an hour before noon tomorrow", "2026-11-24T11:30"),
        ("day after christmas", "2026-12-26"),
        ("early tomorrow morning", "2026-11-24T09:00"),
        ("late on friday", "2026-11-27"),
    ]);
    for text in ["jog 1h30m", "plan the next two weeks", "plan for the day after", "read issue 04/2027 again"] {
        let found = quick_add(text, &monday());
        assert_eq!((found.title.as_str(), found.due), (text, None));
    }
}
