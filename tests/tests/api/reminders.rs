//! Reminders: how they are set and follow their task, that each fires once on every device, and how they are answered.

use crate::support::Site;
use serde_json::{Value, json};
use std::time::Duration;
use tandem_domain::clock::{Clock as _, SystemClock};
use tandem_protocol::{
    CommandId, ErrorCode, ReminderId, TaskId, Timestamp,
    enums::ReminderState,
    live::{
        Command, Event, EventBody,
        command::{ReminderAck, ReminderSnooze},
    },
    model::Task,
    reminder::{ReminderTime, ReminderTimeInput},
    rest::{Export, TaskWritten, Undone},
    settings::ReminderDefaults,
    time::ClockTime,
};
use tandem_tests::{Device, TestUser, device::assert_equal, fresh};

on_both!(
    a_due_date_has_the_reminder_of_the_settings,
    reminders_follow_their_task,
    what_is_no_reminder_is_refused,
    a_reminder_fires_once_on_every_device,
    an_answer_on_one_device_clears_the_others,
    a_snoozed_reminder_fires_again,
    a_repeated_answer_acts_once,
    what_is_done_or_deleted_does_not_fire,
    a_task_that_another_version_has_done_does_not_fire,
    an_undo_looks_past_what_has_fired,
    reminders_are_exported_and_in_the_snapshot,
);

/// How soon an answer on one device shows on the others, with a margin for a busy machine.
const CLEARED: Duration = Duration::from_secs(2);

/// The day and clock time in UTC that is so many seconds from now.
fn at(seconds: i64) -> Value {
    json!(moment(seconds))
}

fn moment(seconds: i64) -> ReminderTime {
    let at = jiff::tz::Offset::UTC.to_datetime(SystemClock.now().plus_millis(seconds * 1_000).to_jiff());
    let time = at.time().with().subsec_nanosecond(0).build().unwrap();
    ReminderTime { date: at.date(), time: ClockTime(time), time_zone: "UTC".to_owned() }
}

async fn add(user: &TestUser, reminders: Value) -> Task {
    user.add(json!({ "title": "Call Ann", "reminders": reminders })).await
}

async fn patch(user: &TestUser, task: TaskId, change: Value) -> TaskWritten {
    user.patch(&format!("/tasks/{task}")).json(change).await.expect(200).read()
}

async fn task(user: &TestUser, id: TaskId) -> Task {
    user.get(&format!("/tasks/{id}")).await.expect(200).read()
}

/// State and time of each reminder.
fn shown(task: &Task) -> Vec<(ReminderState, String)> {
    task.reminders.iter().map(|reminder| (reminder.state, reminder.fires_at.to_string())).collect()
}

fn pending(times: &[&str]) -> Vec<(ReminderState, String)> {
    times.iter().map(|at| (ReminderState::Pending, (*at).to_owned())).collect()
}

/// Waits until a reminder of a task has fired on a device; returns its event.
async fn fired(device: &Device, task: TaskId) -> Event {
    device.wait(format!("a reminder of {task}"), |seen| due_events(seen.events(), task).into_iter().next()).await
}

fn due_events<'a>(events: impl Iterator<Item = &'a Event>, task: TaskId) -> Vec<Event> {
    let of_task =
        |event: &&Event| matches!(event.body(), Ok(Some(EventBody::ReminderDue { task_id, .. })) if task_id == task);
    events.filter(of_task).cloned().collect()
}

async fn a_due_date_has_the_reminder_of_the_settings(site: &Site) {
    let user = TestUser::register(site).await;
    assert_eq!(user.user().settings.reminders, ReminderDefaults::default());
    user.patch("/me").json(json!({ "time_zone": "Europe/Berlin" })).await.expect(200);
    let timed = json!({ "title": "Meet", "due": { "date": "2096-11-26", "time": "17:00" } });
    assert_eq!(shown(&user.add(timed.clone()).await), pending(&["2096-11-26T16:00:00.000Z"]));
    let all_day = json!({ "title": "Pay", "due": { "date": "2096-11-26" } });
    assert_eq!(shown(&user.add(all_day.clone()).await), pending(&["2096-11-26T08:00:00.000Z"]));
    assert_eq!(shown(&user.add(json!({ "title": "Some day" })).await), []);

    let settings = json!({ "settings": { "reminders": { "timed": "PT30M", "all_day": "07:30" } } });
    let changed = user.patch("/me").json(settings).await.expect(200).value();
    assert_eq!(changed["settings"]["reminders"], json!({ "timed": "PT30M", "all_day": "07:30" }));
    assert_eq!(shown(&user.add(timed.clone()).await), pending(&["2096-11-26T15:30:00.000Z"]));
    assert_eq!(shown(&user.add(all_day.clone()).await), pending(&["2096-11-26T06:30:00.000Z"]));
    let off = json!({ "settings": { "reminders": { "timed": null } } });
    let changed = user.patch("/me").json(off).await.expect(200).value();
    assert_eq!(changed["settings"]["reminders"], json!({ "timed": null, "all_day": "07:30" }));
    assert_eq!(shown(&user.add(timed).await), []);
    assert_eq!(user.get("/me").await.expect(200).value(), changed);
    let wrong = json!({ "settings": { "reminders": { "timed": "soon" } } });
    user.patch("/me").json(wrong).await.refused(ErrorCode::InvalidRequest);
}

async fn reminders_follow_their_task(site: &Site) {
    let user = TestUser::register(site).await;
    let alone = json!({ "date": "2096-11-20", "time": "09:00:30" });
    let task = user
        .add(json!({
            "title": "Meet",
            "due": { "date": "2096-11-26", "time": "17:00", "time_zone": "Asia/Tokyo" },
            "reminders": [{ "before": "PT30M" }, { "before": "P1D" }, { "at": alone }],
        }))
        .await;
    let expected = pending(&["2096-11-26T07:30:00.000Z", "2096-11-25T08:00:00.000Z", "2096-11-20T09:00:30.000Z"]);
    assert_eq!(shown(&task), expected);
    let at = task.reminders[2].at.clone().unwrap();
    assert_eq!((at.time.to_string().as_str(), at.time_zone.as_str()), ("09:00:30", "UTC"));

    let due = json!({ "due": { "date": "2096-11-27", "time": "17:00", "time_zone": "Asia/Tokyo" } });
    let moved = patch(&user, task.id, due).await.task;
    let expected = pending(&["2096-11-27T07:30:00.000Z", "2096-11-26T08:00:00.000Z", "2096-11-20T09:00:30.000Z"]);
    assert_eq!(shown(&moved), expected);
    let ids = |task: &Task| task.reminders.iter().map(|reminder| reminder.id).collect::<Vec<_>>();
    assert_eq!(ids(&moved), ids(&task));
    user.patch("/me").json(json!({ "time_zone": "America/New_York" })).await.expect(200);
    let reminders = json!({ "reminders": [{ "before": "P1D" }, { "before": "PT1H" }] });
    let named = patch(&user, task.id, reminders).await.task;
    assert_eq!((ids(&named)[0], named.reminders.len()), (ids(&task)[1], 2));
    assert_eq!(shown(&named), pending(&["2096-11-26T08:00:00.000Z", "2096-11-27T07:00:00.000Z"]));
    assert_eq!(shown(&patch(&user, task.id, json!({ "due": null })).await.task), []);
}

async fn what_is_no_reminder_is_refused(site: &Site) {
    let user = TestUser::register(site).await;
    let eleven: Vec<_> = (0..11).map(|hours| json!({ "before": format!("PT{hours}H") })).collect();
    let task = user.add(json!({ "title": "Meet", "due": { "date": "2096-11-26" } })).await;
    for reminders in [
        json!([{}]),
        json!([{ "before": "P1M" }]),
        json!([{ "before": "PT5M", "at": at(60) }]),
        json!([{ "at": { "date": "2096-11-26", "time": "09:00", "time_zone": "Mars/Base" } }]),
        json!([{ "at": { "date": "2096-11-26" } }]),
        json!([{ "before": "PT5M", "id": fresh::id() }]),
        json!(eleven),
    ] {
        let change = json!({ "reminders": reminders });
        user.patch(&format!("/tasks/{}", task.id)).json(change).await.refused(ErrorCode::InvalidRequest);
    }
    let undated = json!({ "title": "Some day", "reminders": [{ "before": "PT5M" }] });
    user.post("/tasks").json(undated).await.refused(ErrorCode::InvalidRequest);
    let (nothing, reminder) = (fresh::id(), task.reminders[0].id);
    for path in [
        format!("/tasks/{}/reminders/{nothing}/ack", task.id),
        format!("/tasks/{}/reminders/nonsense/ack", task.id),
        format!("/tasks/{nothing}/reminders/{reminder}/ack"),
    ] {
        user.post(&path).await.refused(ErrorCode::NotFound);
    }
    let snooze = format!("/tasks/{}/reminders/{reminder}/snooze", task.id);
    for body in
        [json!({}), json!({ "for": "PT0S" }), json!({ "until": at(-60) }), json!({ "for": "PT1H", "until": at(60) })]
    {
        user.post(&snooze).json(body).await.refused(ErrorCode::InvalidRequest);
    }
    user.post(&format!("/tasks/{}/complete", task.id)).await.expect(200);
    user.post(&snooze).json(json!({ "for": "PT1H" })).await.refused(ErrorCode::Conflict);
}

async fn a_reminder_fires_once_on_every_device(site: &Site) {
    let user = TestUser::register(site).await;
    let (laptop, phone) = (Device::connected(&user, "laptop").await, Device::connected(&user, "phone").await);
    let soon = add(&user, json!([{ "at": at(2) }, { "at": at(-120) }])).await;
    let reminder = |index: usize| soon.reminders[index].id;
    let late = fired(&laptop, soon.id).await;
    assert_eq!(due(&late), (reminder(1), soon.reminders[1].fires_at, true));
    let on_time = laptop.wait("the second", |seen| due_events(seen.events(), soon.id).into_iter().nth(1)).await;
    assert_eq!(due(&on_time), (reminder(0), soon.reminders[0].fires_at, false));
    let delay = on_time.at.millis_since(soon.reminders[0].fires_at);
    assert!((0..5_000).contains(&delay), "{delay} ms late");
    let states = |task: &Task| task.reminders.iter().map(|reminder| reminder.state).collect::<Vec<_>>();
    assert_eq!(states(&task(&user, soon.id).await), [ReminderState::Fired; 2]);
    // What comes after it has an event with a later seq, so a second firing would be seen.
    let marker = add(&user, json!([{ "at": at(2) }])).await;
    let end = fired(&phone, marker.id).await;
    laptop.reach(end.seq).await;
    for device in [&laptop, &phone] {
        assert_eq!(device.look(|seen| due_events(seen.events(), soon.id)).len(), 2);
    }
    assert_equal(&laptop, &phone).await;
}

fn due(event: &Event) -> (ReminderId, Timestamp, bool) {
    match event.body() {
        Ok(Some(EventBody::ReminderDue { reminder_id, at, late, .. })) => (reminder_id, at, late),
        other => panic!("{other:?}"),
    }
}

async fn an_answer_on_one_device_clears_the_others(site: &Site) {
    let user = TestUser::register(site).await;
    let (laptop, phone) = (Device::connected(&user, "laptop").await, Device::connected(&user, "phone").await);
    let one = add(&user, json!([{ "at": at(0) }])).await;
    fired(&laptop, one.id).await;
    fired(&phone, one.id).await;
    let ack = ReminderAck { task_id: one.id.into(), reminder_id: one.reminders[0].id };
    laptop.command(&Command::ReminderAck(ack)).await.unwrap();
    let quiet = |seen: &tandem_tests::device::Seen| {
        (seen.replica.task(one.id)?.reminders[0].state == ReminderState::Done).then_some(())
    };
    phone.wait_within(CLEARED, "the answer", quiet).await;
    let path = format!("/tasks/{}/reminders/{}/ack", one.number, one.reminders[0].id);
    let again: TaskWritten = user.post(&path).await.expect(200).read();
    assert_eq!(again.undo_token, None, "it was answered");
    assert_equal(&laptop, &phone).await;
}

async fn a_snoozed_reminder_fires_again(site: &Site) {
    let user = TestUser::register(site).await;
    let laptop = Device::connected(&user, "laptop").await;
    let one = add(&user, json!([{ "at": at(0) }])).await;
    let first = fired(&laptop, one.id).await;
    let until = moment(2);
    let snooze = ReminderSnooze {
        task_id: one.id.into(),
        reminder_id: one.reminders[0].id,
        duration: None,
        until: Some(ReminderTimeInput::from(until)),
    };
    let ack = laptop.command(&Command::ReminderSnooze(snooze)).await.unwrap();
    let snoozed: TaskWritten = serde_json::from_str(ack.result.get()).unwrap();
    let reminder = &snoozed.task.reminders[0];
    assert_eq!((reminder.state, reminder.fires_at), (ReminderState::Snoozed, one.reminders[0].fires_at));
    let second = laptop.wait("the second time", |seen| due_events(seen.events(), one.id).into_iter().nth(1)).await;
    assert_eq!(due(&second), (reminder.id, reminder.snoozed_until.unwrap(), false));
    assert!(second.seq > first.seq);
    let body = json!({ "for": "PT10M" });
    let path = format!("/tasks/{}/reminders/{}/snooze", one.id, reminder.id);
    let later: TaskWritten = user.post(&path).json(body).await.expect(200).read();
    let wait = later.task.reminders[0].snoozed_until.unwrap().millis_since(second.at);
    assert!((600_000..660_000).contains(&wait), "{wait}");
}

async fn a_repeated_answer_acts_once(site: &Site) {
    let user = TestUser::register(site).await;
    let one = user.add(json!({ "title": "Meet", "due": { "date": "2096-11-26" } })).await;
    let path = format!("/tasks/{}/reminders/{}", one.id, one.reminders[0].id);
    let key = CommandId(fresh::id());
    let snooze = async || user.post(&format!("{path}/snooze")).key(key).json(json!({ "for": "PT1H" })).await;
    let first = snooze().await.expect(200).body.clone();
    user.post(&format!("{path}/ack")).await.expect(200);
    assert_eq!(snooze().await.expect(200).body, first);
    assert_eq!(task(&user, one.id).await.reminders[0].state, ReminderState::Done, "the retry changed nothing");
}

async fn what_is_done_or_deleted_does_not_fire(site: &Site) {
    let user = TestUser::register(site).await;
    let laptop = Device::connected(&user, "laptop").await;
    let (done, gone) = (add(&user, json!([{ "at": at(3) }])).await, add(&user, json!([{ "at": at(3) }])).await);
    user.post(&format!("/tasks/{}/complete", done.id)).await.expect(200);
    user.delete(&format!("/tasks/{}", gone.id)).await.expect(200);
    let marker = add(&user, json!([{ "at": at(4) }])).await;
    fired(&laptop, marker.id).await;
    for task in [&done, &gone] {
        assert_eq!(laptop.look(|seen| due_events(seen.events(), task.id)), []);
    }
    laptop.assert_faultless();
}

/// A node of the version before completes a task and leaves the index of reminders alone.
async fn a_task_that_another_version_has_done_does_not_fire(site: &Site) {
    let user = TestUser::register(site).await;
    let laptop = Device::connected(&user, "laptop").await;
    let done = add(&user, json!([{ "at": at(2) }])).await;
    let number = done.number;
    let of_task = format!("where user_id = '{}' and number = {number}", user.user().id);
    site.database().await.execute(&format!("update tasks set status = 'done' {of_task}")).await;
    let marker = add(&user, json!([{ "at": at(3) }])).await;
    fired(&laptop, marker.id).await;
    assert_eq!(laptop.look(|seen| due_events(seen.events(), done.id)), []);
    let left = format!("select cast(count(*) as text) from tasks {of_task} and reminder_at is not null");
    assert_eq!(site.database().await.lines(&left).await, ["0"], "it is not found again each second");
}

async fn an_undo_looks_past_what_has_fired(site: &Site) {
    let user = TestUser::register(site).await;
    let laptop = Device::connected(&user, "laptop").await;
    let new = json!({ "title": "Call Ann", "reminders": [{ "at": at(0) }] });
    let written: TaskWritten = user.post("/tasks").json(new).await.expect(201).read();
    fired(&laptop, written.task.id).await;
    let undone: Undone = user.post("/undo").json(json!({ "undo_token": written.undo_token })).await.expect(200).read();
    assert_eq!(undone.undone.len(), 1);
    assert!(user.tasks("status=all").await.is_empty());
}

async fn reminders_are_exported_and_in_the_snapshot(site: &Site) {
    let user = TestUser::register(site).await;
    let one = user.add(json!({ "title": "Meet", "due": { "date": "2096-11-26" } })).await;
    assert_eq!(user.snapshot().await.tasks[0].reminders, one.reminders);
    let export: Export = user.get("/me/export").await.expect(200).read();
    assert_eq!(export.tasks[0].reminders, one.reminders);
    assert_eq!(export.user.settings, user.user().settings);
}
