//! The next dates of recurring tasks: what people expect, and thousands of random series against the `rrule` crate.

use super::*;
use crate::{task, testing::without_reminders};
use jiff::civil::{date, time};
use proptest::prelude::*;
use tandem_protocol::{
    TaskId,
    rest::{DueInput, NewTask, RecurrenceInput, TaskPatch},
};
use uuid::Uuid;

const UTC: &str = "UTC";
const MORNING: civil::Time = time(9, 0, 0, 0);

fn at(text: &str) -> Timestamp {
    text.parse::<jiff::Timestamp>().unwrap().into()
}

/// Half past nine of a day in UTC.
fn morning(day: Date) -> At<'static> {
    At { now: at(&format!("{day}T09:30:00Z")), time_zone: UTC, time_of_day: MORNING }
}

fn on(date: Date) -> DueInput {
    DueInput { time_zone: Some(UTC.into()), ..DueInput::on(date) }
}

fn series(rule: &str, anchor: Anchor, due: DueInput) -> Task {
    let recurrence = Some(RecurrenceInput { rule: rule.into(), anchor, start: None });
    let draft = NewTask { title: "Water plants".into(), due: Some(due), recurrence, ..NewTask::default() };
    task::create(draft, TaskId(Uuid::nil()), 1, without_reminders(at("2026-11-23T09:30:00Z"), UTC)).unwrap()
}

fn patched(task: &Task, patch: TaskPatch, at: At<'_>) -> Task {
    task::patch(task, patch, without_reminders(at.now, at.time_zone)).unwrap()
}

fn moved_to(task: &Task, date: Date) -> Task {
    let patch = TaskPatch { due: Some(Some(on(date))), ..TaskPatch::default() };
    patched(task, patch, morning(date))
}

fn due(task: &Task) -> Date {
    task.due.as_ref().unwrap().date
}

#[test]
fn a_moved_occurrence_leaves_the_grid() {
    let monday = series("FREQ=WEEKLY", Anchor::Due, on(date(2026, 11, 30)));
    for moved in [date(2026, 11, 27), date(2026, 12, 2), date(2026, 12, 9)] {
        let next = task::complete(&moved_to(&monday, moved), morning(date(2026, 11, 27)));
        assert_eq!((due(&next), next.occurrence), (date(2026, 12, 7), Some(date(2026, 12, 7))), "from {moved}");
    }
}

#[test]
fn dates_that_are_past_are_skipped_and_today_is_not_past() {
    let daily = series("FREQ=DAILY", Anchor::Due, on(date(2026, 11, 20)));
    let next = after_completion(&daily, morning(date(2026, 11, 24))).unwrap();
    assert_eq!(due(&next), date(2026, 11, 24));
    assert_eq!(due(&after_completion(&next, morning(date(2026, 11, 24))).unwrap()), date(2026, 11, 25));
}

#[test]
fn a_time_of_today_that_is_past_is_skipped() {
    let early = DueInput { time: Some(time(9, 0, 0, 0)), ..on(date(2026, 11, 20)) };
    let late = DueInput { time: Some(time(10, 0, 0, 0)), ..early.clone() };
    for (due_at, expected) in [(early, date(2026, 11, 25)), (late, date(2026, 11, 24))] {
        let next = after_completion(&series("FREQ=DAILY", Anchor::Due, due_at), morning(date(2026, 11, 24)));
        assert_eq!(due(&next.unwrap()), expected);
    }
}

#[test]
fn a_day_is_one_of_the_user_and_a_time_one_of_its_zone() {
    // Already the 25th in Tokyo.
    let tokyo = At { now: at("2026-11-24T16:00:00Z"), time_zone: "Asia/Tokyo", time_of_day: MORNING };
    let day = series("FREQ=DAILY", Anchor::Due, on(date(2026, 11, 20)));
    assert_eq!(due(&after_completion(&day, tokyo).unwrap()), date(2026, 11, 25));
    let evening = DueInput { time: Some(time(23, 0, 0, 0)), ..on(date(2026, 11, 20)) };
    let timed = series("FREQ=DAILY", Anchor::Due, evening);
    assert_eq!(due(&after_completion(&timed, tokyo).unwrap()), date(2026, 11, 24));
}

#[test]
fn after_completion_counts_from_the_day_it_was_done() {
    for (rule, done, expected) in [
        ("FREQ=DAILY;INTERVAL=3", date(2026, 11, 24), date(2026, 11, 27)),
        ("FREQ=MONTHLY;INTERVAL=3", date(2026, 11, 30), date(2027, 2, 28)),
        ("FREQ=YEARLY", date(2028, 2, 29), date(2029, 2, 28)),
        ("FREQ=MONTHLY;BYMONTHDAY=1", date(2026, 11, 24), date(2026, 12, 1)),
        ("FREQ=WEEKLY;BYDAY=MO", date(2026, 11, 24), date(2026, 11, 30)),
    ] {
        let task = series(rule, Anchor::Completion, on(date(2026, 11, 20)));
        let next = after_completion(&task, morning(done)).unwrap();
        assert_eq!((due(&next), next.occurrence), (expected, Some(expected)), "{rule}");
    }
    let twice = series("FREQ=DAILY;COUNT=2", Anchor::Completion, on(date(2026, 11, 20)));
    let second = after_completion(&twice, morning(date(2026, 11, 24))).unwrap();
    assert_eq!(after_completion(&second, morning(date(2026, 11, 25))), None);
}

#[test]
fn a_skipped_occurrence_counts_from_itself_when_it_is_ahead() {
    let task = series("FREQ=DAILY;INTERVAL=3", Anchor::Completion, on(date(2026, 11, 27)));
    assert_eq!(due(&after_skip(&task, morning(date(2026, 11, 24))).unwrap()), date(2026, 11, 30));
    let weekly = series("FREQ=WEEKLY", Anchor::Due, on(date(2026, 11, 30)));
    assert_eq!(due(&after_skip(&weekly, morning(date(2026, 11, 24))).unwrap()), date(2026, 12, 7));
}

#[test]
fn a_series_that_is_moved_has_another_grid() {
    for (rule, from, to, expected) in [
        ("FREQ=WEEKLY", date(2026, 11, 30), date(2026, 12, 3), "FREQ=WEEKLY"),
        ("FREQ=WEEKLY;BYDAY=MO", date(2026, 11, 30), date(2026, 12, 3), "FREQ=WEEKLY;BYDAY=TH"),
        ("FREQ=WEEKLY;BYDAY=MO,WE,FR", date(2026, 12, 2), date(2026, 12, 3), "FREQ=WEEKLY;BYDAY=MO,TH,FR"),
        ("FREQ=WEEKLY;BYDAY=MO,TH", date(2026, 11, 30), date(2026, 12, 3), "FREQ=WEEKLY;BYDAY=TH"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,15", date(2026, 12, 15), date(2026, 12, 20), "FREQ=MONTHLY;BYMONTHDAY=1,20"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", date(2026, 11, 30), date(2026, 12, 31), "FREQ=MONTHLY;BYMONTHDAY=-1"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", date(2026, 11, 30), date(2026, 11, 28), "FREQ=MONTHLY;BYMONTHDAY=28"),
        ("FREQ=MONTHLY;BYDAY=3FR", date(2026, 12, 18), date(2026, 12, 10), "FREQ=MONTHLY;BYDAY=2TH"),
        ("FREQ=MONTHLY;BYDAY=-1FR", date(2026, 12, 25), date(2026, 12, 17), "FREQ=MONTHLY;BYDAY=-3TH"),
        (
            "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=1",
            date(2026, 12, 1),
            date(2027, 1, 2),
            "FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=2",
        ),
        ("FREQ=DAILY;COUNT=5", date(2026, 11, 25), date(2026, 11, 26), "FREQ=DAILY;COUNT=3"),
    ] {
        let start = if rule.contains("COUNT") { date(2026, 11, 23) } else { from };
        let rule = Rule::parse(rule).unwrap();
        assert_eq!(moved(&rule, start, from, to).to_string(), expected, "{rule} from {from} to {to}");
    }
}

/// Due date and occurrence after a patch of the recurrence.
fn restarted(task: &Task, rule: &str, start: Date, due_date: Option<Date>, today: Date) -> (Date, Option<Date>) {
    let recurrence = RecurrenceInput { rule: rule.into(), anchor: Anchor::Due, start: Some(start) };
    let due_date = due_date.map(|date| Some(on(date)));
    let patch = TaskPatch { recurrence: Some(Some(recurrence)), due: due_date, ..TaskPatch::default() };
    let next = patched(task, patch, morning(today));
    (due(&next), next.occurrence)
}

#[test]
fn a_series_that_begins_anew_is_due_on_its_first_date_that_is_not_past() {
    let today = date(2026, 11, 24);
    let task = series("FREQ=WEEKLY", Anchor::Due, on(date(2026, 11, 30)));
    let of = |rule, start, due_date| restarted(&task, rule, start, due_date, today);
    let thursday = date(2026, 12, 3);
    assert_eq!(of("FREQ=WEEKLY", thursday, None), (thursday, Some(thursday)));
    assert_eq!(of("FREQ=WEEKLY", date(2026, 11, 1), None), (date(2026, 11, 29), Some(date(2026, 11, 29))));
    assert_eq!(of("FREQ=DAILY;UNTIL=20261102", date(2026, 11, 1), None).0, date(2026, 11, 1), "it is over");
    // With a due date: an occurrence that was moved.
    assert_eq!(of("FREQ=WEEKLY", date(2026, 11, 1), Some(thursday)), (thursday, Some(date(2026, 11, 29))));
    assert_eq!(of("FREQ=YEARLY", date(2016, 11, 1), Some(thursday)), (thursday, Some(date(2026, 11, 1))));
    assert_eq!(of("FREQ=WEEKLY", date(2026, 12, 6), Some(thursday)), (thursday, Some(date(2026, 12, 6))));
    // The start that it had: it stays where it is, or on the next date of the new rule.
    assert_eq!(of("FREQ=DAILY", date(2026, 11, 30), None), (date(2026, 11, 30), Some(date(2026, 11, 30))));
}

#[test]
fn a_clock_change_moves_no_date() {
    // Clocks in Berlin skip 02:30 on 28 March 2027, and have it twice on 25 October 2026.
    for (first, dates) in [(date(2027, 3, 27), [28, 29, 30]), (date(2026, 10, 24), [25, 26, 27])] {
        let night = DueInput { date: first, time: Some(time(2, 30, 0, 0)), time_zone: Some("Europe/Berlin".into()) };
        let mut task = series("FREQ=DAILY", Anchor::Due, night.clone());
        for day in dates {
            let now = zone::due_at(task.due.as_ref().unwrap());
            task = after_completion(&task, At { now, time_zone: UTC, time_of_day: MORNING }).unwrap();
            assert_eq!((due(&task).day(), task.due.as_ref().unwrap().time), (day, night.time));
        }
    }
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
    let end = prop_oneof![3 => Just(String::new()), 1 => (2..30_u8).prop_map(|count| format!(";COUNT={count}"))];
    (lists, 1..4_u8, end).prop_map(|(lists, interval, end)| format!("FREQ={lists};INTERVAL={interval}{end}"))
}

/// The dates of a rule as the `rrule` crate finds them.
fn grid(rule: &Rule, start: Date) -> Vec<Date> {
    let text = format!("DTSTART:{}T000000Z\nRRULE:{rule}", start.strftime("%Y%m%d"));
    let set: rrule::RRuleSet = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
    set.all(400).dates.into_iter().map(|at| at.to_string()[..10].parse().unwrap()).collect()
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Complete { days_late: i32 },
    Skip { days_late: i32 },
    Move { days: i32 },
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (-20..40_i32).prop_map(|days_late| Step::Complete { days_late }),
        (-20..40_i32).prop_map(|days_late| Step::Skip { days_late }),
        (-9..9_i32).prop_map(|days| Step::Move { days }),
    ]
}

/// Near changes of the clock, and where there are none.
const ZONES: [&str; 4] = ["UTC", "Europe/Berlin", "America/New_York", "Pacific/Apia"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn however_an_occurrence_is_moved_the_series_stays_on_the_grid_of_the_oracle(
        text in any_rule(),
        day in 0..4_000_i32,
        clock in prop::option::of((0..24_i8, 0..60_i8)),
        zone_name in prop::sample::select(ZONES.to_vec()),
        steps in prop::collection::vec(any_step(), 1..12),
    ) {
        let Ok(rule) = Rule::for_task(&text) else { return Ok(()) };
        let Some(start) = rule.first_start(date(2020, 1, 1).saturating_add(day.days())) else { return Ok(()) };
        let dates = grid(&rule, start);
        let clock = clock.map(|(hour, minute)| time(hour, minute, 0, 0));
        let first = DueInput { date: start, time: clock, time_zone: Some(zone_name.into()) };
        let mut task = series(&text, Anchor::Due, first);
        for step in steps {
            let before = task.occurrence.unwrap();
            let (Step::Complete { days_late: days } | Step::Skip { days_late: days } | Step::Move { days }) = step;
            let day = due(&task).saturating_add(days.days());
            let noon = day.at(12, 0, 0, 0).in_tz(zone_name).unwrap().timestamp().into();
            let moment = At { now: noon, time_zone: zone_name, time_of_day: MORNING };
            task = match step {
                Step::Move { .. } => {
                    let moved = DueInput { date: day, time: clock, time_zone: Some(zone_name.into()) };
                    let patch = TaskPatch { due: Some(Some(moved)), ..TaskPatch::default() };
                    let moved = patched(&task, patch, moment);
                    prop_assert_eq!((moved.occurrence, due(&moved)), (Some(before), day));
                    moved
                }
                Step::Complete { .. } | Step::Skip { .. } => {
                    let next = if matches!(step, Step::Skip { .. }) {
                        after_skip(&task, moment)
                    } else {
                        after_completion(&task, moment)
                    };
                    // At noon of a day, an earlier time of that day is past.
                    let day = if clock.is_some_and(|clock| clock <= time(12, 0, 0, 0)) { day.tomorrow().unwrap() } else { day };
                    let expected = dates.iter().copied().find(|date| *date > before && *date >= day);
                    prop_assert_eq!(next.as_ref().map(due), expected, "{} from {}", rule, start);
                    let Some(next) = next else { break };
                    prop_assert_eq!(next.occurrence, expected);
                    prop_assert_eq!(next.due.as_ref().unwrap().time, clock);
                    next
                }
            };
            prop_assert_eq!(&task.recurrence.as_ref().unwrap().start, &Some(start));
        }
    }

    #[test]
    fn a_completion_starts_the_series_anew(
        unit in 0..4_usize,
        interval in 1..40_u8,
        done in 0..4_000_i32,
        late in -20..40_i32,
    ) {
        let (name, span) = [
            ("DAILY", jiff::Span::new().days(interval)),
            ("WEEKLY", jiff::Span::new().weeks(interval)),
            ("MONTHLY", jiff::Span::new().months(interval)),
            ("YEARLY", jiff::Span::new().years(interval)),
        ][unit];
        let done = date(2020, 1, 1).saturating_add(done.days());
        let task = series(&format!("FREQ={name};INTERVAL={interval}"), Anchor::Completion, on(done.saturating_sub(late.days())));
        let next = after_completion(&task, morning(done)).unwrap();
        // jiff ends a month that is too short on its last day.
        prop_assert_eq!(due(&next), done.saturating_add(span));
        prop_assert_eq!(next.recurrence.unwrap().start, Some(done.saturating_add(span)));
    }
}
