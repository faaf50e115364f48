//! Calendars as another program reads them.

use super::*;
use jiff::civil::{date, time};
use proptest::prelude::*;
use tandem_protocol::{ReminderId, TaskId, enums::Anchor, model::Recurrence, reminder::ReminderTime};

const NINE: ClockTime = ClockTime(time(9, 0, 0, 0));

fn options(kind: FeedKind) -> Options<'static> {
    Options { name: "Ours; all", kind, include_done: false, time_of_day: NINE }
}

#[expect(clippy::unnecessary_wraps, reason = "the type of the field")]
fn due(date: Date, hour: Option<i8>, zone: &str) -> Option<Due> {
    Some(Due { date, time: hour.map(|hour| time(hour, 30, 0, 0)), time_zone: zone.into() })
}

fn task(title: &str, due: Option<Due>) -> Task {
    let task = Task::empty(TaskId(uuid::Uuid::from_u128(7)), Timestamp::parse("2026-11-20T08:00:00Z").unwrap());
    Task { title: title.into(), due, rev: 3, ..task }
}

fn repeating(rule: &str, start: Date, due: Option<Due>) -> Task {
    let recurrence = Some(Recurrence { rule: rule.into(), anchor: Anchor::Due, start: Some(start) });
    let mut task = Task { recurrence, ..task("Water", due) };
    task.complete_series();
    task
}

/// The lines of a calendar, unfolded.
fn lines(tasks: &[Task], options: Options<'_>) -> Vec<String> {
    calendar(tasks, options).replace("\r\n ", "").split_terminator("\r\n").map(str::to_owned).collect()
}

fn has(lines: &[String], expected: &[&str]) {
    for line in expected {
        assert!(lines.iter().any(|known| known == line), "{line} is not in {lines:#?}");
    }
}

#[test]
fn an_event_has_its_text_time_and_zone() {
    let call = Task {
        description: "Ask:\n1, 2; 3".into(),
        labels: vec!["home".into(), "a,b".into()],
        priority: Priority::Urgent,
        ..task("Call Ann; Bob", due(date(2026, 11, 24), Some(17), "Europe/Berlin"))
    };
    let shown = lines(&[call], options(FeedKind::Events));
    has(
        &shown,
        &[
            "NAME:Ours\\; all",
            "REFRESH-INTERVAL;VALUE=DURATION:PT15M",
            "UID:00000000-0000-0000-0000-000000000007@tandem",
            "DTSTAMP:20261120T080000Z",
            "SEQUENCE:3",
            "SUMMARY:Call Ann\\; Bob",
            "DESCRIPTION:Ask:\\n1\\, 2\\; 3",
            "CATEGORIES:home,a\\,b",
            "PRIORITY:1",
            "DTSTART;TZID=Europe/Berlin:20261124T173000",
            "TZID:Europe/Berlin",
        ],
    );
    let zone = shown.iter().position(|line| line == "BEGIN:DAYLIGHT").unwrap();
    assert_eq!(
        shown[zone..zone + 7].join(" "),
        "BEGIN:DAYLIGHT DTSTART:20260329T020000 RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU TZOFFSETFROM:+0100 \
        TZOFFSETTO:+0200 TZNAME:CEST END:DAYLIGHT"
    );
}

#[test]
fn days_and_universal_times_have_no_zone() {
    let tasks = [
        task("Pay", due(date(2026, 11, 24), None, "Europe/Berlin")),
        task("Meet", due(date(2026, 11, 25), Some(8), "UTC")),
        task("Some day", None),
    ];
    let shown = lines(&tasks, options(FeedKind::Events));
    has(&shown, &["DTSTART;VALUE=DATE:20261124", "DTSTART:20261125T083000Z"]);
    assert!(!shown.iter().any(|line| line.contains("VTIMEZONE") || line.contains("Some day")));
    has(&lines(&tasks, options(FeedKind::Tasks)), &["DUE;VALUE=DATE:20261124", "SUMMARY:Some day"]);
}

#[test]
fn done_tasks_are_shown_when_they_are_asked_for() {
    let at = Timestamp::parse("2026-11-23T09:00:00Z").unwrap();
    let done = Task { status: TaskStatus::Done, completed_at: Some(at), ..task("Pay", None) };
    assert!(!calendar(std::slice::from_ref(&done), options(FeedKind::Tasks)).contains("Pay"));
    let all = Options { include_done: true, ..options(FeedKind::Tasks) };
    has(&lines(&[done], all), &["STATUS:COMPLETED", "COMPLETED:20261123T090000Z"]);
}

#[test]
fn a_series_goes_on_from_its_occurrence() {
    let monday = date(2026, 11, 23);
    let mut weekly = repeating("FREQ=WEEKLY;COUNT=10", monday, due(date(2026, 12, 7), Some(8), "UTC"));
    weekly.occurrence = Some(date(2026, 12, 7));
    let shown = lines(&[weekly.clone()], options(FeedKind::Events));
    has(&shown, &["DTSTART:20261207T083000Z", "RRULE:FREQ=WEEKLY;COUNT=8"]);
    let all = Options { include_done: true, ..options(FeedKind::Events) };
    has(&lines(&[weekly.clone()], all), &["DTSTART:20261123T083000Z", "RRULE:FREQ=WEEKLY;COUNT=10"]);
    // A task of a calendar is done or not, so it stands for one occurrence.
    has(&lines(&[weekly.clone()], Options { kind: FeedKind::Tasks, ..all }), &["DTSTART:20261207T083000Z"]);
    weekly.due = due(date(2026, 12, 9), Some(8), "UTC");
    let moved = lines(&[weekly], options(FeedKind::Events));
    has(&moved, &["RECURRENCE-ID:20261207T083000Z", "DTSTART:20261209T083000Z"]);
    assert_eq!(moved.iter().filter(|line| line.starts_with("UID:")).count(), 2);
}

#[test]
fn reminders_are_alarms() {
    let fires_at = Timestamp::parse("2026-11-24T17:00:00Z").unwrap();
    let reminder = |before: Option<&str>, state| Reminder {
        id: ReminderId(uuid::Uuid::nil()),
        before: before.map(|text| text.parse().unwrap()),
        at: None,
        state,
        fires_at,
        snoozed_until: None,
    };
    let over = |before| Reminder { state: ReminderState::Done, ..reminder(before, ReminderState::Pending) };
    let later = Reminder {
        snoozed_until: Some(fires_at.plus_millis(60_000)),
        ..reminder(Some("PT30M"), ReminderState::Snoozed)
    };
    let reminders = vec![
        reminder(Some("PT30M"), ReminderState::Pending),
        reminder(None, ReminderState::Pending),
        over(None),
        over(Some("PT1H")),
        later,
    ];
    let timed = Task { reminders, ..task("Call", due(date(2026, 11, 24), Some(17), "UTC")) };
    let alarms = |task: &Task, kind| -> Vec<String> {
        let shown = lines(std::slice::from_ref(task), options(kind));
        shown.into_iter().filter(|line| line.starts_with("TRIGGER")).collect()
    };
    let at = "TRIGGER;VALUE=DATE-TIME:20261124T170000Z";
    let snoozed = "TRIGGER;VALUE=DATE-TIME:20261124T170100Z";
    assert_eq!(alarms(&timed, FeedKind::Events), ["TRIGGER:-PT1800S", at, snoozed]);
    assert_eq!(alarms(&timed, FeedKind::Tasks), ["TRIGGER;RELATED=END:-PT1800S", at, snoozed]);
    let day = |before, zone| {
        let due = due(date(2027, 3, 28), None, zone);
        let fires_at = Timestamp::parse("2027-03-28T07:00:00Z").unwrap();
        let reminders = vec![Reminder { fires_at, ..reminder(Some(before), ReminderState::Pending) }];
        alarms(&Task { reminders, ..task("Pay", due) }, FeedKind::Events)
    };
    // Eight hours after midnight it is nine o'clock on that day.
    assert_eq!(day("PT0S", "Europe/Berlin"), ["TRIGGER;VALUE=DATE-TIME:20270328T070000Z"]);
    assert_eq!(day("PT2H", "UTC"), ["TRIGGER:PT25200S"]);
    let mut weekly = repeating("FREQ=WEEKLY", date(2026, 11, 24), due(date(2026, 11, 24), Some(17), "UTC"));
    let by_itself = |day: Date, hour: i8| Reminder {
        at: Some(ReminderTime { date: day, time: ClockTime(time(hour, 0, 0, 0)), time_zone: "UTC".into() }),
        ..over(None)
    };
    weekly.reminders =
        vec![over(Some("P2DT15H")), by_itself(date(2026, 11, 24), 18), by_itself(date(2026, 11, 23), 18)];
    let of_each = ["TRIGGER:-P2DT54000S", "TRIGGER:PT1800S"];
    assert_eq!(alarms(&weekly, FeedKind::Events), of_each, "the next occurrences have them, too");
}

#[test]
fn the_last_day_of_a_series_has_the_type_of_its_start() {
    let rule = |hour, zone| {
        let monday = date(2027, 1, 4);
        let weekly = repeating("FREQ=WEEKLY;UNTIL=20270201", monday, due(monday, hour, zone));
        lines(&[weekly], options(FeedKind::Events))
            .into_iter()
            .find(|line| line.starts_with("RRULE:FREQ=WEEKLY"))
            .unwrap()
    };
    assert_eq!(rule(None, "Europe/Berlin"), "RRULE:FREQ=WEEKLY;UNTIL=20270201");
    assert_eq!(rule(Some(9), "Europe/Berlin"), "RRULE:FREQ=WEEKLY;UNTIL=20270201T083000Z");
    assert_eq!(rule(Some(9), "UTC"), "RRULE:FREQ=WEEKLY;UNTIL=20270201T093000Z");
}

/// The offset of a clock time in seconds, as a reader of the definition alone finds it: that of the last part which has begun,
/// by the rules as the `rrule` crate reads them.
fn offset_by_definition(definition: &[String], at: DateTime) -> i64 {
    let mut parts: Vec<(DateTime, i64)> = Vec::new();
    let rest: Vec<&String> = definition.iter().collect();
    for part in rest.split(|line| line.starts_with("END:")) {
        let property = |name: &str| part.iter().find_map(|line| line.strip_prefix(name));
        let (Some(start), Some(to)) = (property("DTSTART:"), property("TZOFFSETTO:")) else { continue };
        let (hours, minutes): (i64, i64) = (to[..3].parse().unwrap(), to[3..5].parse().unwrap());
        let offset = hours * 3_600 + if hours < 0 || to.starts_with('-') { -minutes } else { minutes } * 60;
        let begins = match property("RRULE:") {
            None => vec![DateTime::strptime("%Y%m%dT%H%M%S", start).unwrap()],
            Some(rule) => {
                let read: rrule::RRuleSet = format!("DTSTART:{start}Z\nRRULE:{rule}").parse().unwrap();
                let local = |seconds| jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::from_second(seconds).unwrap());
                read.all(60).dates.iter().map(|at| local(at.timestamp())).collect()
            }
        };
        parts.extend(begins.into_iter().filter(|begin| *begin <= at).map(|begin| (begin, offset)));
    }
    parts.into_iter().max_by_key(|(begin, _)| *begin).unwrap().1
}

#[test]
fn a_zone_is_defined_for_all_years_to_come() {
    let mut rules = 0;
    for name in [
        "Europe/Berlin",
        "Europe/Dublin",
        "America/New_York",
        "America/Santiago",
        "America/Nuuk",
        "America/Havana",
        "Asia/Jerusalem",
        "Asia/Beirut",
        "Asia/Kolkata",
        "Africa/Cairo",
        "Africa/Casablanca",
        "Australia/Lord_Howe",
        "Pacific/Chatham",
        "Pacific/Apia",
        "Asia/Gaza",
    ] {
        let shown = lines(&[task("Call", due(date(2020, 5, 1), Some(9), name))], options(FeedKind::Events));
        let end = shown.iter().position(|line| line == "END:VTIMEZONE").unwrap();
        rules += shown[..end].iter().filter(|line| line.starts_with("RRULE")).count();
        for year in [2020, 2027, 2035, 2038, 2059, 2060, 2061] {
            for day in (0..365).step_by(3) {
                let at = date(year, 1, 1).saturating_add(jiff::Span::new().days(day)).at(12, 0, 0, 0);
                let own = zone::stored_zone(name).to_ambiguous_zoned(at).compatible().unwrap().offset();
                assert_eq!(offset_by_definition(&shown[..end], at), i64::from(own.seconds()), "{name} at {at}");
            }
        }
    }
    assert!(rules >= 20, "the definitions have rules");
}

fn any_rule() -> impl Strategy<Value = String> {
    let day = prop::sample::select(vec!["MO", "TU", "WE", "TH", "FR", "SA", "SU"]);
    let lists = prop_oneof![
        Just("DAILY".to_owned()),
        Just("WEEKLY".to_owned()),
        Just("MONTHLY".to_owned()),
        Just("YEARLY".to_owned()),
        prop::collection::vec(day.clone(), 1..4).prop_map(|days| format!("WEEKLY;BYDAY={}", days.join(","))),
        (-31..=31_i8).prop_filter_map("a day", |n| (n != 0).then(|| format!("MONTHLY;BYMONTHDAY={n}"))),
        (prop::sample::select(vec![1, 2, 3, 4, -1, -2]), day).prop_map(|(n, day)| format!("MONTHLY;BYDAY={n}{day}")),
    ];
    let end = prop_oneof![
        2 => Just(String::new()),
        1 => (2..30_u8).prop_map(|count| format!(";COUNT={count}")),
        1 => (2021..2036_i16, 1..13_i8, 1..29_i8).prop_map(|(year, month, day)| format!(";UNTIL={year}{month:02}{day:02}")),
    ];
    (lists, 1..4_u8, end).prop_map(|(lists, interval, end)| format!("FREQ={lists};INTERVAL={interval}{end}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// The `rrule` crate reads the start and the rule of the calendar, and has the instants of our own series.
    #[test]
    fn another_reader_finds_the_same_instants(
        text in any_rule(),
        day in 0..3_000_i32,
        place in 0..5_usize,
        whole in any::<bool>(),
        hour in 4_i8..24,
        zone in prop::sample::select(vec!["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"]),
    ) {
        let Ok(rule) = Rule::for_task(&text) else { return Ok(()) };
        // A start that the rule does not name is an occurrence of ours; RFC 5545 leaves to readers whether it is one.
        let Some(start) = rule.first_start(date(2020, 1, 1).saturating_add(jiff::Span::new().days(day))) else {
            return Ok(());
        };
        let dates: Vec<Date> =
            std::iter::successors(rule.next_after(start, start.yesterday().unwrap()), |last| rule.next_after(start, *last))
                // The zones of the other library have no summer times in later years.
                .take_while(|date| date.year() < 2037)
                .take(40)
                .collect();
        let Some(occurrence) = dates.get(place).copied() else { return Ok(()) };
        let mut series = repeating(&rule.to_string(), start, due(occurrence, Some(hour), zone));
        series.occurrence = Some(occurrence);
        let shown = lines(&[series], Options { include_done: whole, ..options(FeedKind::Events) });
        let event = shown.iter().position(|line| line == "BEGIN:VEVENT").unwrap();
        let property = |name: &str| shown[event..].iter().find(|line| line.starts_with(name)).unwrap();
        let read: rrule::RRuleSet = format!("{}\n{}", property("DTSTART"), property("RRULE")).parse().unwrap();
        let expected = if whole { &dates[..] } else { &dates[place..] };
        let found: Vec<i64> =
            read.all(u16::try_from(expected.len()).unwrap()).dates.iter().map(|at| at.timestamp() * 1_000).collect();
        let own: Vec<i64> = expected
            .iter()
            .map(|day| zone::instant(day.at(hour, 30, 0, 0), zone).unwrap().as_millis())
            .collect();
        prop_assert_eq!(found, own, "{:?}", property("RRULE"));
    }
}
