//! What rules mean, what is refused, and thousands of random rules against the `rrule` crate.

use super::Rule;
use jiff::civil::{Date, date};
use proptest::prelude::*;

fn rule(text: &str) -> Rule {
    Rule::parse(text).unwrap_or_else(|refusal| panic!("{text}: {refusal}"))
}

/// The first dates after the start.
fn dates(text: &str, start: Date, count: usize) -> Vec<String> {
    let rule = rule(text);
    let next = std::iter::successors(Some(start), |last| rule.next_after(start, *last));
    next.skip(1).take(count).map(|date| date.to_string()).collect()
}

#[test]
fn the_examples_of_people() {
    let start = date(2026, 11, 23);
    assert_eq!(dates("FREQ=DAILY", start, 2), ["2026-11-24", "2026-11-25"]);
    assert_eq!(dates("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", date(2026, 11, 27), 1), ["2026-11-30"]);
    assert_eq!(dates("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", start, 2), ["2026-11-24", "2026-12-08"]);
    assert_eq!(dates("FREQ=MONTHLY;BYDAY=3FR", start, 2), ["2026-12-18", "2027-01-15"]);
    assert_eq!(dates("FREQ=MONTHLY;BYMONTHDAY=-1", start, 4).last().unwrap(), "2027-02-28");
    assert_eq!(dates("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", start, 2), ["2026-11-30", "2026-12-31"]);
    assert_eq!(dates("FREQ=MONTHLY", date(2027, 1, 31), 2), ["2027-03-31", "2027-05-31"]);
    assert_eq!(dates("FREQ=YEARLY", date(2028, 2, 29), 1), ["2032-02-29"]);
    assert_eq!(dates("FREQ=YEARLY;BYMONTH=11;BYDAY=4TH", start, 2), ["2026-11-26", "2027-11-25"]);
}

#[test]
fn positions_are_counted_in_the_whole_week_or_month_of_the_start() {
    let saturday = date(2020, 3, 21);
    assert_eq!(dates("FREQ=WEEKLY;BYDAY=WE,SU;BYSETPOS=1;WKST=WE", saturday, 2), ["2020-03-25", "2020-04-01"]);
    assert_eq!(dates("FREQ=WEEKLY;BYDAY=WE,SU;BYSETPOS=2;WKST=WE", saturday, 2), ["2020-03-22", "2020-03-29"]);
    assert_eq!(dates("FREQ=MONTHLY;BYDAY=WE,SU;BYSETPOS=1", saturday, 2), ["2020-04-01", "2020-05-03"]);
}

#[test]
fn the_start_counts_as_the_first_date() {
    let wednesday = date(2026, 11, 25);
    assert_eq!(dates("FREQ=WEEKLY;BYDAY=MO;COUNT=2", wednesday, 9), ["2026-11-30"]);
    assert_eq!(dates("FREQ=DAILY;COUNT=1", wednesday, 9), [""; 0]);
}

#[test]
fn the_last_day_of_until_is_included() {
    let start = date(2026, 11, 23);
    for until in ["20261125", "20261125T000000", "20261125T235959Z"] {
        assert_eq!(dates(&format!("FREQ=DAILY;UNTIL={until}"), start, 9), ["2026-11-24", "2026-11-25"]);
    }
}

#[test]
fn the_rest_of_a_counted_rule_is_without_the_dates_before() {
    let start = date(2026, 11, 20);
    let counted = rule("FREQ=DAILY;COUNT=5");
    let rest = counted.from_date(start, date(2026, 11, 23));
    assert_eq!(rest.to_string(), "FREQ=DAILY;COUNT=2");
    assert_eq!(rest.next_after(date(2026, 11, 23), date(2026, 11, 24)), None);
    assert_eq!(rule("FREQ=DAILY").from_date(start, date(2026, 11, 23)), rule("FREQ=DAILY"));
}

#[test]
fn the_text_is_brought_into_one_form() {
    for (given, canonical) in [
        ("freq=weekly;interval=1", "FREQ=WEEKLY"),
        (" RRULE:BYDAY=WE,MO,MO;FREQ=WEEKLY;WKST=MO ", "FREQ=WEEKLY;BYDAY=MO,WE"),
        ("FREQ=MONTHLY;BYDAY=1MO,MO,-1FR", "FREQ=MONTHLY;BYDAY=MO,-1FR"),
        ("FREQ=DAILY;UNTIL=20271231T235959Z;WKST=SU", "FREQ=DAILY;UNTIL=20271231;WKST=SU"),
    ] {
        assert_eq!(rule(given).to_string(), canonical);
    }
}

#[test]
fn what_is_unknown_or_contradicts_itself_is_refused_with_a_sentence() {
    for (text, word) in [
        ("", "FREQ"),
        ("every day", "FREQ"),
        ("FREQ=HOURLY;INTERVAL=2", "not by hours"),
        ("FREQ=MINUTELY", "not by hours"),
        ("FREQ=SECONDLY", "not by hours"),
        ("INTERVAL=2", "FREQ"),
        ("FREQ=DAILY;FREQ=DAILY", "twice"),
        ("FREQ=DAILY;", "parts"),
        ("FREQ=DAILY;BYHOUR=9", "BYHOUR"),
        ("FREQ=YEARLY;BYWEEKNO=20", "BYWEEKNO"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL"),
        ("FREQ=DAILY;INTERVAL=99999999999", "INTERVAL"),
        ("FREQ=DAILY;COUNT=-1", "COUNT"),
        ("FREQ=DAILY;COUNT=2;UNTIL=20271231", "COUNT and UNTIL"),
        ("FREQ=DAILY;UNTIL=20270230", "UNTIL"),
        ("FREQ=DAILY;UNTIL=20271231T250000Z", "UNTIL"),
        ("FREQ=DAILY;BYMONTH=13", "BYMONTH"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY"),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "BYMONTHDAY"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "BYMONTHDAY"),
        ("FREQ=WEEKLY;BYDAY=XX", "BYDAY"),
        ("FREQ=WEEKLY;BYDAY=1MO", "BYDAY"),
        ("FREQ=MONTHLY;BYDAY=6MO", "BYDAY"),
        ("FREQ=MONTHLY;BYDAY=ÄO", "BYDAY"),
        ("FREQ=MONTHLY;BYSETPOS=1", "BYSETPOS"),
        ("FREQ=WEEKLY;WKST=1", "WKST"),
        ("FREQ=DAILY;COUNT=0", "COUNT"),
    ] {
        let refusal = Rule::for_task(text).expect_err(text).to_string();
        assert!(refusal.contains(word), "{text}: {refusal}");
    }
    assert!(Rule::parse(&"FREQ=DAILY;".repeat(100)).is_err());
}

#[test]
fn the_first_start_counts_the_day_itself() {
    let first = |text: &str| rule(text).first_start(date(2026, 11, 23));
    assert_eq!(first("FREQ=WEEKLY;BYDAY=MO"), Some(date(2026, 11, 23)));
    assert_eq!(first("FREQ=MONTHLY;BYDAY=3FR"), Some(date(2026, 12, 18)));
    assert_eq!(first("FREQ=MONTHLY;BYMONTHDAY=-1"), Some(date(2026, 11, 30)));
    assert_eq!(first("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29"), Some(date(2028, 2, 29)));
    assert_eq!(first("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"), Some(date(2026, 11, 30)));
    assert_eq!(first("FREQ=WEEKLY;INTERVAL=2;WKST=SU"), Some(date(2026, 11, 23)));
}

#[test]
fn a_rule_that_has_ended_has_no_first_start() {
    for text in ["FREQ=DAILY;UNTIL=20261101", "FREQ=DAILY;COUNT=0", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO"] {
        assert_eq!(rule(text).first_start(date(2026, 11, 23)), None, "{text}");
    }
}

#[test]
fn a_rule_without_dates_ends_the_search() {
    let never = rule("FREQ=DAILY;INTERVAL=1000;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO;BYSETPOS=2");
    assert_eq!(never.next_after(date(2026, 1, 1), date(2026, 1, 1)), None);
    for edge in [Date::MAX, Date::MIN] {
        let _ = rule("FREQ=WEEKLY;BYDAY=SU;WKST=SU").next_after(edge, edge);
        let _ = rule("FREQ=YEARLY;COUNT=10000").next_after(edge, Date::MAX);
    }
}

/// Days of the month, weekdays and so on that a random rule is made of.
fn number_list(max: i16, most: usize) -> impl Strategy<Value = Vec<i16>> {
    prop::collection::vec((1..=max, any::<bool>()).prop_map(|(n, end)| if end { -n } else { n }), 0..=most)
}

prop_compose! {
    // Numbered or not, but not mixed, and no fifth day from the end: there the oracle leaves RFC 5545.
    fn weekday_list(nth: i16)(
        numbered in any::<bool>(),
        days in prop::collection::vec((0..7_usize, 1..=nth.max(2), any::<bool>()), 0..4),
    ) -> Vec<String> {
        let letters = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
        let numbered = numbered && nth > 0;
        let name = |(day, n, end): (usize, i16, bool)| match (numbered, end) {
            (false, _) => letters[day].to_owned(),
            (true, false) => format!("{n}{}", letters[day]),
            (true, true) => format!("{}{}", 1 - n.max(2), letters[day]),
        };
        days.into_iter().map(name).collect()
    }
}

fn part(name: &str, items: &[impl ToString]) -> String {
    if items.is_empty() {
        return String::new();
    }
    format!(";{name}={}", items.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
}

/// Rules without end, good and contradictory ones alike.
fn any_rule() -> impl Strategy<Value = String> {
    let frequency = prop_oneof![Just(("DAILY", 0)), Just(("WEEKLY", 0)), Just(("MONTHLY", 5)), Just(("YEARLY", 9))];
    let lists = (prop::collection::vec(1..=12_i16, 0..4), number_list(31, 3), number_list(6, 2));
    (frequency, 1..5_u32, lists, prop::sample::select(vec!["MO", "WE", "SU"])).prop_flat_map(
        |((frequency, nth), interval, (months, month_days, positions), week_start)| {
            weekday_list(nth).prop_map(move |days| {
                let parts = [
                    part("BYMONTH", &months),
                    part("BYMONTHDAY", &month_days),
                    part("BYDAY", &days),
                    part("BYSETPOS", &positions),
                ];
                format!("FREQ={frequency};INTERVAL={interval}{};WKST={week_start}", parts.concat())
            })
        },
    )
}

/// The rule's dates as the `rrule` crate finds them, the start put first as RFC 5545 wants it.
///
/// The crate counts the positions of a weekly rule's first week from the start on, those of a first month or year from
/// its first day. A position is one in the whole interval (RFC 5545, 3.3.10), so a weekly rule that names its days is
/// begun at the first day of the week.
fn oracle(rule: &Rule, start: Date, last: Date) -> Vec<Date> {
    let is_whole_weeks = rule.frequency == super::Frequency::Weekly && !rule.days.is_empty();
    let into_week = if is_whole_weeks { start.weekday().since(rule.week_start) } else { 0 };
    let text = format!(
        "DTSTART:{0}T000000Z\nRRULE:{rule};UNTIL={1}T000000Z",
        start.saturating_sub(jiff::Span::new().days(into_week)).strftime("%Y%m%d"),
        last.strftime("%Y%m%d")
    );
    let set: rrule::RRuleSet = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
    let found = set.all(2_000).dates.into_iter().map(|at| at.to_string()[..10].parse().unwrap());
    std::iter::once(start).chain(found.filter(|date| *date > start)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn random_rules_have_the_dates_that_the_oracle_finds(
        text in any_rule(),
        day in 0..12_000_i64,
        wait in 0..900_i64,
        count in 1..60_usize,
    ) {
        let Ok(rule) = Rule::parse(&text) else { return Ok(()) };
        let start = date(2000, 1, 1).saturating_add(jiff::Span::new().days(day));
        let after = start.saturating_add(jiff::Span::new().days(wait));
        let last = start.saturating_add(jiff::Span::new().years(4));
        let expected = oracle(&rule, start, last);
        let steps = |rule: &Rule, after| -> Vec<Date> {
            let next = std::iter::successors(rule.next_after(start, after), |last| rule.next_after(start, *last));
            next.take_while(|date| *date <= last).collect()
        };
        prop_assert_eq!(&steps(&rule, start), &expected[1..], "{} from {}", rule, start);
        let late: Vec<Date> = expected.iter().copied().filter(|date| *date > after).collect();
        prop_assert_eq!(steps(&rule, after), late, "{} from {} after {}", rule, start, after);

        let counted = Rule::parse(&format!("{rule};COUNT={count}")).unwrap();
        let of_count = &expected[1..expected.len().min(count)];
        prop_assert_eq!(&steps(&counted, start), of_count, "{} from {}", counted, start);
        if let Some(middle) = of_count.get(count / 2) {
            let rest = counted.from_date(start, *middle);
            prop_assert_eq!(rest.next_after(*middle, *middle), counted.next_after(start, *middle));
        }
    }

    #[test]
    fn no_text_panics_and_canonical_text_is_stable(text in "(FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY);)?([A-Z]{2,10}=[-0-9A-Z,]{0,8};?|\\PC{0,5}){0,4}") {
        if let Ok(rule) = Rule::parse(&text) {
            prop_assert_eq!(&Rule::parse(&rule.to_string()).unwrap(), &rule);
            let _ = rule.next_after(date(2026, 11, 23), date(2027, 11, 23));
        }
    }
}
