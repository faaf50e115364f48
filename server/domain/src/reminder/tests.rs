//! When reminders fire, and what changes of their task do to them.

use super::*;
use crate::{
    clock::SystemIds,
    series,
    task::{self, TaskContext},
};
use jiff::civil::{Date, date, time};
use proptest::prelude::*;
use tandem_protocol::{
    TaskId,
    enums::{Anchor, ReminderState::*},
    rest::{DueInput, NewTask, RecurrenceInput, TaskPatch},
};

const BERLIN: &str = "Europe/Berlin";
const DAY: Date = date(2026, 11, 24);
const TIME_OF_DAY: civil::Time = time(9, 0, 0, 0);
static DEFAULTS: std::sync::LazyLock<ReminderDefaults> = std::sync::LazyLock::new(ReminderDefaults::default);

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

/// Half past nine in Berlin, on the day before [`DAY`].
fn now() -> Timestamp {
    at("2026-11-23T08:30:00Z")
}

fn around(now: Timestamp) -> TaskContext<'static> {
    TaskContext { now, time_zone: BERLIN, parent: None, defaults: &DEFAULTS, ids: &SystemIds }
}

fn moment(now: Timestamp) -> series::At<'static> {
    series::At { now, time_zone: BERLIN, time_of_day: TIME_OF_DAY }
}

fn draft(due: Option<DueInput>) -> NewTask {
    NewTask { title: "Call Ann".into(), due, ..NewTask::default() }
}

fn create(draft: NewTask, now: Timestamp) -> Task {
    task::create(draft, TaskId(uuid::Uuid::nil()), 1, around(now)).unwrap()
}

/// A task due at five on [`DAY`], with these reminders.
fn reminded(reminders: &[ReminderInput]) -> Task {
    let due = Some(DueInput::at(DAY, time(17, 0, 0, 0)));
    create(NewTask { reminders: Some(reminders.to_vec()), ..draft(due) }, now())
}

fn before(text: &str) -> ReminderInput {
    ReminderInput::before(text.parse().unwrap())
}

fn by_itself(date: Date, hour: i8) -> ReminderInput {
    let time = ClockTime(time(hour, 0, 0, 0));
    ReminderInput::at(ReminderTimeInput { date, time, time_zone: None })
}

fn patch(task: &Task, patch: TaskPatch, now: Timestamp) -> Task {
    task::patch(task, patch, around(now)).unwrap()
}

fn due_patch(due: Option<DueInput>) -> TaskPatch {
    TaskPatch { due: Some(due), ..TaskPatch::default() }
}

/// State and time of each reminder.
fn shown(task: &Task) -> Vec<(ReminderState, String)> {
    task.reminders.iter().map(|reminder| (reminder.state, reminder.fires_at.to_string())).collect()
}

fn one(state: ReminderState, fires_at: &str) -> Vec<(ReminderState, String)> {
    vec![(state, at(fires_at).to_string())]
}

#[test]
fn a_due_date_gets_the_reminder_of_the_settings() {
    let timed = create(draft(Some(DueInput::at(DAY, time(17, 0, 0, 0)))), now());
    assert_eq!(shown(&timed), one(Pending, "2026-11-24T16:00:00Z"));
    let all_day = create(draft(Some(DueInput::on(DAY))), now());
    assert_eq!(shown(&all_day), one(Pending, "2026-11-24T08:00:00Z"));
    assert_eq!(shown(&create(draft(None), now())), []);
    let none = NewTask { reminders: Some(Vec::new()), ..draft(Some(DueInput::on(DAY))) };
    assert_eq!(shown(&create(none, now())), []);
    let later = patch(&create(draft(None), now()), due_patch(Some(DueInput::on(DAY))), now());
    assert_eq!(shown(&later), one(Pending, "2026-11-24T08:00:00Z"));
    let without = patch(&timed, TaskPatch { reminders: Some(Vec::new()), ..TaskPatch::default() }, now());
    let moved = patch(&without, due_patch(Some(DueInput::on(DAY))), now());
    assert_eq!(shown(&moved), [], "they were taken away on purpose");
}

#[test]
fn durations_count_on_the_wall_clock() {
    for (due, zone, duration, fires) in [
        ("2027-03-28T09:00", BERLIN, "P1D", "2027-03-27T08:00:00Z"),
        ("2027-03-28T09:00", BERLIN, "PT24H", "2027-03-27T08:00:00Z"),
        ("2026-10-25T09:00", BERLIN, "P1D", "2026-10-24T07:00:00Z"),
        ("2026-10-25T09:00", BERLIN, "PT8H", "2026-10-24T23:00:00Z"),
        // Skipped by the change of the clocks, and there twice.
        ("2027-03-29T02:30", BERLIN, "P1D", "2027-03-28T01:30:00Z"),
        ("2026-10-26T02:30", BERLIN, "P1D", "2026-10-25T00:30:00Z"),
        ("2027-03-28T03:30", BERLIN, "PT1H", "2027-03-28T00:30:00Z"),
        ("2026-10-25T03:30", BERLIN, "PT1H", "2026-10-25T01:30:00Z"),
        ("2026-11-24T00:10", "Asia/Kolkata", "PT30M", "2026-11-23T18:10:00Z"),
        ("2026-03-01T09:00", "UTC", "P1W", "2026-02-22T09:00:00Z"),
    ] {
        let (day, clock) = due.split_once('T').unwrap();
        let due = Due { date: day.parse().unwrap(), time: Some(clock.parse().unwrap()), time_zone: zone.into() };
        let fires_at = time_of(Some(&duration.parse().unwrap()), None, Some(&due), TIME_OF_DAY);
        assert_eq!(fires_at, Some(at(fires)), "{duration} before {due:?}");
    }
}

#[test]
fn hours_before_a_change_of_the_clocks_are_never_fewer() {
    let fires = |due: Date, clock: civil::Time, duration: &str| {
        let due = Some(DueInput::at(due, clock));
        let task = create(NewTask { reminders: Some(vec![before(duration)]), ..draft(due) }, now());
        task.reminders[0].fires_at
    };
    // At two o'clock it is three.
    let spring = date(2027, 3, 28);
    assert_eq!(fires(spring, time(3, 10, 0, 0), "PT15M"), at("2027-03-28T00:55:00Z"));
    assert_eq!(fires(spring, time(4, 0, 0, 0), "PT75M"), at("2027-03-28T00:45:00Z"));
    assert_eq!(fires(spring, time(2, 30, 0, 0), "PT0S"), at("2027-03-28T01:30:00Z"));
    // At three o'clock it is two again.
    let autumn = date(2027, 10, 31);
    assert_eq!(fires(autumn, time(3, 5, 0, 0), "PT15M"), at("2027-10-31T01:50:00Z"));
    assert_eq!(fires(autumn, time(2, 30, 0, 0), "PT15M"), at("2027-10-31T00:15:00Z"));
    // On the clock, half a day before nine is nine.
    assert_eq!(fires(spring, time(9, 0, 0, 0), "PT12H"), at("2027-03-27T20:00:00Z"));
}

#[test]
fn a_moved_due_date_moves_what_counts_from_it() {
    let task = reminded(&[before("PT30M"), by_itself(DAY, 12)]);
    let ids: Vec<_> = task.reminders.iter().map(|reminder| reminder.id).collect();
    let (fired, _) = fire(&task, at("2026-11-24T15:30:00Z"));
    assert_eq!(fired.next_reminder(), None);
    let moved = patch(&fired, due_patch(Some(DueInput::at(DAY, time(19, 0, 0, 0)))), at("2026-11-24T15:31:00Z"));
    let expected = [one(Pending, "2026-11-24T17:30:00Z"), one(Fired, "2026-11-24T11:00:00Z")].concat();
    assert_eq!(shown(&moved), expected);
    assert_eq!(moved.reminders.iter().map(|reminder| reminder.id).collect::<Vec<_>>(), ids);
    let past = patch(&moved, due_patch(Some(DueInput::at(DAY, time(8, 0, 0, 0)))), at("2026-11-24T15:31:00Z"));
    assert_eq!(past.reminders[0].state, Done, "what is past does not fire");
    let undated = patch(&moved, due_patch(None), now());
    assert_eq!(shown(&undated), one(Fired, "2026-11-24T11:00:00Z"), "nothing is left to count from");
}

#[test]
fn a_time_in_the_minute_of_the_due_date_moves_with_it() {
    let to_the_second = |second| {
        ReminderInput::at(ReminderTimeInput { date: DAY, time: ClockTime(time(15, 0, second, 0)), time_zone: None })
    };
    let reminders = Some(vec![to_the_second(42), by_itself(DAY, 12)]);
    let task = create(NewTask { reminders, ..draft(Some(DueInput::at(DAY, time(15, 0, 0, 0)))) }, now());
    assert_eq!(task.reminders[0].fires_at, at("2026-11-24T14:00:42Z"));
    let moved = patch(&task, due_patch(Some(DueInput::at(DAY, time(18, 30, 0, 0)))), now());
    assert_eq!(shown(&moved), [one(Pending, "2026-11-24T17:30:00Z"), one(Pending, "2026-11-24T11:00:00Z")].concat());
}

#[test]
fn a_rule_that_is_named_again_stays_the_same_reminder() {
    let task = reminded(&[before("PT30M"), before("P1D")]);
    let (fired, _) = fire(&task, at("2026-11-23T16:00:00Z"));
    let named = Some(vec![before("P1D"), before("PT1H"), before("P1D")]);
    let next = patch(&fired, TaskPatch { reminders: named, ..TaskPatch::default() }, at("2026-11-23T17:00:00Z"));
    assert_eq!(next.reminders.len(), 2);
    assert_eq!(next.reminders[0], fired.reminders[1]);
    assert_eq!(next.reminders[1].state, Pending);
    let renamed = TaskPatch { title: Some("Call Bob".into()), ..TaskPatch::default() };
    assert_eq!(patch(&next, renamed, at("2026-11-25T00:00:00Z")).reminders, next.reminders);
}

#[test]
fn what_makes_no_reminder_is_refused() {
    let both = ReminderInput { before: Some("PT1M".parse().unwrap()), ..by_itself(DAY, 9) };
    let mars = ReminderInput::at(ReminderTimeInput {
        date: DAY,
        time: ClockTime(TIME_OF_DAY),
        time_zone: Some("Mars/Base".into()),
    });
    let many: Vec<_> = (0..11).map(|hours| before(&format!("PT{hours}H"))).collect();
    for (due, reminders) in [
        (None, vec![before("PT30M")]),
        (Some(DueInput::on(DAY)), vec![both]),
        (Some(DueInput::on(DAY)), vec![ReminderInput::default()]),
        (None, vec![mars]),
        (Some(DueInput::on(DAY)), many),
    ] {
        let draft = NewTask { reminders: Some(reminders.clone()), ..draft(due) };
        let refused = task::create(draft, TaskId(uuid::Uuid::nil()), 1, around(now()));
        assert!(refused.is_err_and(|invalid| invalid.field.starts_with("reminders")), "{reminders:?}");
    }
}

#[test]
fn what_is_past_when_it_is_set_fires_only_if_it_was_named() {
    let late_today = at("2026-11-24T15:00:00Z");
    let by_default = create(draft(Some(DueInput::on(DAY))), late_today);
    assert_eq!(shown(&by_default), one(Done, "2026-11-24T08:00:00Z"));
    let this_minute = create(draft(Some(DueInput::at(DAY, time(16, 0, 0, 0)))), at("2026-11-24T15:00:59Z"));
    assert_eq!(shown(&this_minute), one(Pending, "2026-11-24T15:00:00Z"));
    for (day, state) in [(DAY, Pending), (date(2026, 11, 23), Done)] {
        let named = NewTask { reminders: Some(vec![by_itself(day, 9)]), ..draft(None) };
        assert_eq!(create(named, late_today).reminders[0].state, state, "{day}");
    }
}

#[test]
fn a_recurring_task_starts_them_anew() {
    let recurrence = Some(RecurrenceInput { rule: "FREQ=DAILY".into(), anchor: Anchor::Due, start: None });
    let reminders = Some(vec![before("PT30M"), by_itself(DAY, 12)]);
    let daily = NewTask { recurrence, reminders, ..draft(Some(DueInput::at(DAY, time(17, 0, 0, 0)))) };
    let (fired, _) = fire(&create(daily, now()), at("2026-11-24T15:30:00Z"));
    let snoozed = snooze(&fired, fired.reminders[0].id, at("2026-11-24T20:00:00Z"), now()).unwrap();
    let expected = [one(Pending, "2026-11-25T15:30:00Z"), one(Pending, "2026-11-25T11:00:00Z")].concat();
    let moment = moment(at("2026-11-24T16:00:00Z"));
    let done = task::complete(&snoozed, moment);
    for next in [&done, &task::skip(&snoozed, moment).unwrap()] {
        assert_eq!(shown(next), expected);
        assert_eq!(next.next_reminder(), Some(at("2026-11-25T11:00:00Z")));
    }
    let before = series::SeriesState::of(&snoozed);
    let back = task::reopen(&done, before.as_ref(), moment);
    let expected = [one(Done, "2026-11-24T15:30:00Z"), one(Done, "2026-11-24T11:00:00Z")].concat();
    assert_eq!(shown(&back), expected, "they have fired before");
}

/// A series that is due all day, with these reminders.
fn all_day(rule: &str, reminders: Vec<ReminderInput>) -> Task {
    let recurrence = Some(RecurrenceInput { rule: rule.into(), anchor: Anchor::Due, start: None });
    create(NewTask { recurrence, reminders: Some(reminders), ..draft(Some(DueInput::on(DAY))) }, now())
}

#[test]
fn each_reminder_of_the_day_fires_at_each_occurrence() {
    // Earlier than the time from which reminders of a day count, at it, and later.
    let named = vec![by_itself(DAY, 8), by_itself(DAY, 9), by_itself(DAY, 18), before("PT0S"), before("PT15H")];
    let mut task = all_day("FREQ=WEEKLY", named);
    for occurrence in 0..4 {
        let day = DAY.saturating_add(jiff::Span::new().weeks(occurrence));
        let on = |day: Date, hour| zone::instant(day.at(hour, 0, 0, 0), BERLIN).unwrap();
        let expected = [on(day, 8), on(day, 9), on(day, 18), on(day, 9), on(day.yesterday().unwrap(), 18)];
        let mut fired: Vec<Timestamp> = Vec::new();
        while let Some(at) = task.next_reminder() {
            let (next, firings) = fire(&task, at);
            fired.extend(firings.iter().map(|firing| firing.at));
            task = next;
        }
        let mut sorted = expected;
        sorted.sort_unstable();
        assert_eq!(fired, sorted, "on {day}");
        task = match occurrence {
            1 => task::skip(&task, moment(on(day, 19))).unwrap(),
            _ => task::complete(&task, moment(on(day, 19))),
        };
    }
}

#[test]
fn a_time_of_the_day_goes_along_when_the_occurrence_was_moved() {
    let task = all_day("FREQ=WEEKLY", vec![by_itself(DAY, 18)]);
    let id = task.reminders[0].id;
    // Put off until Thursday; the reminder stays on Tuesday, and with the series.
    let moved = patch(&task, due_patch(Some(DueInput::on(date(2026, 11, 26)))), now());
    let next = task::complete(&moved, moment(at("2026-11-26T18:00:00Z")));
    assert_eq!((shown(&next), next.reminders[0].id), (one(Pending, "2026-12-01T17:00:00Z"), id));
    let back = task::reopen(&next, series::SeriesState::of(&moved).as_ref(), moment(at("2026-11-26T18:01:00Z")));
    assert_eq!(shown(&back), one(Done, "2026-11-26T17:00:00Z"));
}

#[test]
fn a_time_of_another_day_fires_once() {
    let recurrence = RecurrenceInput { rule: "FREQ=DAILY".into(), anchor: Anchor::Due, start: None };
    let due = Some(DueInput::at(DAY, time(17, 0, 0, 0)));
    let named = vec![by_itself(date(2026, 11, 23), 20), by_itself(DAY, 8), by_itself(date(2026, 11, 26), 8)];
    let task = create(NewTask { reminders: Some(named), recurrence: Some(recurrence), ..draft(due) }, now());
    let states = |task: &Task| task.reminders.iter().map(|reminder| reminder.state).collect::<Vec<_>>();
    let skipped = task::skip(&task, moment(now())).unwrap();
    assert_eq!(states(&skipped), [Done, Pending, Pending]);
    let completed = task::complete(&task, moment(now()));
    assert_eq!(states(&completed), [Done, Pending, Pending]);
    let reopened = task::reopen(&completed, series::SeriesState::of(&task).as_ref(), moment(now()));
    assert_eq!(states(&reopened), [Pending; 3]);
}

#[test]
fn a_task_that_is_done_has_none_that_fires() {
    let task = reminded(&[before("PT30M"), before("PT0S")]);
    let (fired, _) = fire(&task, at("2026-11-24T15:30:00Z"));
    let done = task::complete(&fired, moment(at("2026-11-24T15:40:00Z")));
    assert_eq!((done.reminders[0].state, done.next_reminder()), (Done, None));
    assert_eq!(fire(&done, at("2026-11-24T16:00:00Z")), (done.clone(), Vec::new()));
    let soon = task::reopen(&done, None, moment(at("2026-11-24T15:50:00Z")));
    assert_eq!(soon.next_reminder(), Some(at("2026-11-24T16:00:00Z")));
    let later = task::reopen(&done, None, moment(at("2026-11-24T18:00:00Z")));
    assert_eq!(later.next_reminder(), None);
}

#[test]
fn each_fires_once_and_late_after_a_minute() {
    let task = reminded(&[before("PT0S"), before("PT30M"), before("PT2M")]);
    let (fired, firings) = fire(&task, at("2026-11-24T16:00:00Z"));
    let order: Vec<_> = firings.iter().map(|firing| (firing.reminder, firing.late)).collect();
    let id = |at: usize| task.reminders[at].id;
    assert_eq!(order, [(id(1), true), (id(2), true), (id(0), false)]);
    assert_eq!(fired.rev, task.rev + 1);
    assert_eq!(fire(&fired, at("2026-11-24T16:00:01Z")), (fired.clone(), Vec::new()));
}

#[test]
fn a_reminder_is_answered_or_fires_again() {
    let (fired, _) = fire(&reminded(&[before("PT0S")]), at("2026-11-24T16:00:00Z"));
    let id = fired.reminders[0].id;
    assert_eq!(fired.ringing().count(), 1);
    let until = at("2026-11-24T16:10:00Z");
    let snoozed = snooze(&fired, id, until, at("2026-11-24T16:00:05Z")).unwrap();
    assert_eq!((snoozed.next_reminder(), snoozed.ringing().count()), (Some(until), 0));
    let (again, firings) = fire(&snoozed, until);
    assert_eq!((firings[0].at, again.reminders[0].snoozed_until), (until, None));
    let answered = ack(&again, id, until).unwrap();
    assert_eq!((answered.ringing().count(), answered.next_reminder()), (0, None));
    assert_eq!(ack(&answered, id, until).as_ref(), Some(&answered));
    assert_eq!(ack(&answered, ReminderId(uuid::Uuid::max()), until), None);
}

#[test]
fn a_snooze_ends_in_the_future() {
    let now = now();
    let snooze = |text: &str| snoozed_until(serde_json::from_str(text).unwrap(), BERLIN, now);
    assert_eq!(snooze(r#"{"for":"PT10M"}"#), Ok(now.plus_millis(600_000)));
    assert_eq!(snooze(r#"{"until":{"date":"2026-11-23","time":"18:00"}}"#), Ok(at("2026-11-23T17:00:00Z")));
    for refused in [
        "{}",
        r#"{"for":"PT0S"}"#,
        r#"{"until":{"date":"2026-11-23","time":"09:30"}}"#,
        r#"{"until":{"date":"2026-11-24","time":"09:30","time_zone":"Mars/Base"}}"#,
        r#"{"for":"PT1H","until":{"date":"2026-11-24","time":"09:30"}}"#,
    ] {
        assert!(snooze(refused).is_err(), "{refused}");
    }
}

proptest! {
    #[test]
    fn a_duration_is_what_jiff_subtracts(
        day in -700_i64..700, minute in 0_i64..1440, seconds in 0_i64..40_000_000,
    ) {
        let base = calendar::minutes(calendar::days(DAY, day).unwrap().at(0, 0, 0, 0), minute).unwrap();
        let expected = base.checked_sub(jiff::Span::new().seconds(seconds)).unwrap();
        prop_assert_eq!(earlier(base, seconds), Some(expected));
    }
}
