//! Recurring tasks: occurrences and their series, skipping, completing twice, and what was done.

use crate::support::Site;
use jiff::{
    ToSpan as _,
    civil::{Date, date},
};
use serde_json::{Value, json};
use tandem_protocol::{
    ErrorCode,
    enums::TaskStatus,
    model::{Completion, Task},
    rest::{Page, TaskWritten, Undone},
};
use tandem_tests::TestUser;

on_both!(
    a_series_and_its_occurrence_are_shown,
    a_moved_occurrence_leaves_the_series,
    a_moved_series_has_a_new_start,
    an_occurrence_is_skipped,
    what_does_not_repeat_cannot_be_skipped,
    an_occurrence_is_done_once,
    todays_occurrence_is_done_once_without_a_name,
    reopening_takes_the_last_completion_back,
    a_completion_that_is_undone_is_no_completion,
    what_was_done_is_listed_by_time_in_pages,
);

/// A Monday that is in the future.
const MONDAY: Date = date(2096, 11, 26);

async fn weekly(user: &TestUser, due: Date) -> Task {
    let recurrence = json!({ "rule": "FREQ=WEEKLY", "anchor": "due" });
    user.add(json!({ "title": "Water", "due": { "date": due.to_string() }, "recurrence": recurrence })).await
}

/// The due date, the occurrence and the start of the series.
fn dates(task: &Task) -> [Date; 3] {
    let start = task.recurrence.as_ref().unwrap().start;
    [task.due.as_ref().unwrap().date, task.occurrence.unwrap(), start.unwrap()]
}

fn later(days: i32) -> Date {
    MONDAY.saturating_add(days.days())
}

async fn write(user: &TestUser, action: &str, body: Value) -> TaskWritten {
    user.post(&format!("/tasks/1/{action}")).json(body).await.expect(200).read()
}

async fn patch(user: &TestUser, change: Value) -> Task {
    user.patch("/tasks/1").json(change).await.expect(200).read::<TaskWritten>().task
}

async fn done(user: &TestUser) -> Vec<Completion> {
    user.all_pages("/completions", "").await
}

async fn undo(user: &TestUser, token: Option<String>) -> Undone {
    user.post("/undo").json(json!({ "undo_token": token.expect("it can be undone") })).await.expect(200).read()
}

async fn a_series_and_its_occurrence_are_shown(site: &Site) {
    let user = TestUser::register(site).await;
    assert_eq!(dates(&weekly(&user, MONDAY).await), [MONDAY; 3]);
    let plain = user.add(json!({ "title": "Once", "due": { "date": MONDAY.to_string() } })).await;
    assert_eq!((plain.occurrence, plain.recurrence), (None, None));
    let recurrence = json!({ "rule": "FREQ=WEEKLY", "start": MONDAY.to_string() });
    let started = user.add(json!({ "title": "From a start", "recurrence": recurrence })).await;
    assert_eq!(dates(&started), [MONDAY; 3]);
    let wrong = json!({ "recurrence": { "rule": "FREQ=WEEKLY", "start": "2026-02-30" } });
    user.patch("/tasks/1").json(wrong).await.refused(ErrorCode::InvalidRequest);
    let ended = patch(&user, json!({ "recurrence": null })).await;
    assert_eq!((ended.occurrence, ended.recurrence), (None, None));
}

async fn a_moved_occurrence_leaves_the_series(site: &Site) {
    let user = TestUser::register(site).await;
    weekly(&user, MONDAY).await;
    let moved = patch(&user, json!({ "due": { "date": later(-3).to_string(), "time": "15:00" } })).await;
    assert_eq!(dates(&moved), [later(-3), MONDAY, MONDAY]);
    let next = write(&user, "complete", json!({})).await.task;
    assert_eq!(dates(&next), [later(7), later(7), MONDAY]);
}

async fn a_moved_series_has_a_new_start(site: &Site) {
    let user = TestUser::register(site).await;
    weekly(&user, MONDAY).await;
    let recurrence = json!({ "rule": "FREQ=WEEKLY", "start": later(3).to_string() });
    assert_eq!(dates(&patch(&user, json!({ "recurrence": recurrence })).await), [later(3); 3]);
    assert_eq!(dates(&write(&user, "complete", json!({})).await.task), [later(10), later(10), later(3)]);
    // The rule that it has, given again, is no new series.
    let same = patch(&user, json!({ "recurrence": { "rule": "FREQ=WEEKLY" }, "title": "Flowers" })).await;
    assert_eq!(dates(&same), [later(10), later(10), later(3)]);
}

async fn an_occurrence_is_skipped(site: &Site) {
    let user = TestUser::register(site).await;
    weekly(&user, MONDAY).await;
    let skipped = write(&user, "skip", json!({})).await;
    assert_eq!(dates(&skipped.task), [later(7), later(7), MONDAY]);
    assert_eq!(done(&user).await, []);
    undo(&user, skipped.undo_token).await;
    assert_eq!(dates(&user.tasks("").await[0]), [MONDAY; 3]);
}

async fn what_does_not_repeat_cannot_be_skipped(site: &Site) {
    let user = TestUser::register(site).await;
    user.add_task("Once").await;
    user.post("/tasks/1/skip").await.refused(ErrorCode::Conflict);
    user.post("/tasks/2/skip").await.refused(ErrorCode::NotFound);
    assert_eq!(user.tasks("").await.len(), 1);
}

async fn an_occurrence_is_done_once(site: &Site) {
    let user = TestUser::register(site).await;
    weekly(&user, MONDAY).await;
    let shown = json!({ "occurrence": MONDAY.to_string() });
    let first = write(&user, "complete", shown.clone()).await;
    let second = write(&user, "complete", shown).await;
    assert_eq!((second.task, second.seq, second.undo_token), (first.task, first.seq, None));
    assert_eq!(done(&user).await.len(), 1);
    // A moved occurrence is known by its due date, too.
    patch(&user, json!({ "due": { "date": later(9).to_string() } })).await;
    let third = write(&user, "complete", json!({ "occurrence": later(9).to_string() })).await;
    assert_eq!(dates(&third.task)[0], later(14));
    let wrong = user.post("/tasks/1/complete").json(json!({ "occurrence": "soon" })).await;
    wrong.refused(ErrorCode::InvalidRequest);
}

async fn todays_occurrence_is_done_once_without_a_name(site: &Site) {
    let user = TestUser::register(site).await;
    // In a zone where it is noon, so that the day does not end during the test.
    let now = user.user().created_at.to_jiff();
    let hours = now.in_tz("UTC").unwrap().hour();
    let zone = format!("Etc/GMT{:+}", i32::from(hours) - 12);
    user.patch("/me").json(json!({ "time_zone": zone })).await.expect(200);
    let today = now.in_tz(&zone).unwrap().date();
    weekly(&user, today).await;
    let first = write(&user, "complete", json!({})).await;
    assert_eq!(dates(&first.task)[0], today.saturating_add(7.days()));
    let second = write(&user, "complete", json!({})).await;
    assert_eq!((second.task, second.undo_token), (first.task, None));
    let named = write(&user, "complete", json!({ "occurrence": today.saturating_add(7.days()).to_string() })).await;
    assert_eq!(dates(&named.task)[0], today.saturating_add(14.days()));
}

async fn reopening_takes_the_last_completion_back(site: &Site) {
    let user = TestUser::register(site).await;
    weekly(&user, MONDAY).await;
    let moved = patch(&user, json!({ "due": { "date": later(2).to_string(), "time": "09:00" } })).await;
    write(&user, "complete", json!({})).await;
    write(&user, "complete", json!({})).await;
    write(&user, "reopen", json!({})).await;
    let back = write(&user, "reopen", json!({})).await;
    assert_eq!((back.task.due, back.task.occurrence), (moved.due, moved.occurrence));
    assert_eq!(done(&user).await, []);
    let nothing = write(&user, "reopen", json!({})).await;
    assert_eq!(nothing.undo_token, None);
    undo(&user, back.undo_token).await;
    assert_eq!(dates(&user.tasks("").await[0])[0], later(7));
    assert_eq!(done(&user).await.len(), 1, "to undo the reopening completes it again");
    user.add_task("Once").await;
    user.post("/tasks/2/complete").await.expect(200);
    assert_eq!(done(&user).await.len(), 2);
    user.post("/tasks/2/reopen").await.expect(200);
    assert_eq!(done(&user).await.len(), 1);
}

async fn a_completion_that_is_undone_is_no_completion(site: &Site) {
    let user = TestUser::register(site).await;
    weekly(&user, MONDAY).await;
    let first = write(&user, "complete", json!({})).await;
    let undone = undo(&user, first.undo_token).await;
    assert_eq!(undone.undone.len(), 1, "{undone:?}");
    assert_eq!((dates(&user.tasks("").await[0]), done(&user).await.len()), ([MONDAY; 3], 0));
    undo(&user, undone.undo_token).await;
    assert_eq!((dates(&user.tasks("").await[0])[0], done(&user).await.len()), (later(7), 1));
}

async fn what_was_done_is_listed_by_time_in_pages(site: &Site) {
    let user = TestUser::register(site).await;
    let task = weekly(&user, MONDAY).await;
    for _ in 0..3 {
        write(&user, "complete", json!({})).await;
    }
    user.add_task("Once").await;
    let once: TaskWritten = user.post("/tasks/2/complete").await.expect(200).read();
    assert_eq!(once.task.status, TaskStatus::Done);
    user.delete("/tasks/2").await.expect(200);
    let all = done(&user).await;
    let occurrences: Vec<_> = all.iter().map(|done| (done.title.as_str(), done.occurrence)).collect();
    let water = |days| ("Water", Some(later(days)));
    assert_eq!(occurrences, [("Once", None), water(14), water(7), water(0)], "newest first, also of a deleted task");
    assert!(all[1..].iter().all(|done| done.task_id == task.id));

    let page: Page<Completion> = user.get("/completions?limit=3").await.expect(200).read();
    assert_eq!(page.items, all[..3]);
    let next = format!("/completions?limit=3&cursor={}", page.next_cursor.unwrap());
    let page: Page<Completion> = user.get(&next).await.expect(200).read();
    assert_eq!((page.items, page.next_cursor), (all[3..].to_vec(), None));

    let (first, last) = (all[3].completed_at, all[0].completed_at);
    let count = async |query: String| user.all_pages::<Completion>("/completions", &query).await.len();
    assert_eq!(count(format!("since={first}")).await, 4);
    assert_eq!(count(format!("until={first}")).await, 0, "the end is not included");
    assert!(count(format!("since={last}&until=2096-01-01T00:00:00Z")).await > 0);
    assert_eq!(count("since=2096-01-01T00:00:00Z".to_owned()).await, 0);
    user.get("/completions?since=yesterday").await.refused(ErrorCode::InvalidRequest);
    let export: Value = user.get("/me/export").await.expect(200).read();
    assert_eq!(export["completions"].as_array().map(Vec::len), Some(4));
}
