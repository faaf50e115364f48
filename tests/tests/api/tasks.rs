//! Tasks: every field, and what completing does.

use crate::support::Site;
use jiff::civil::date;
use serde_json::json;
use tandem_protocol::{
    ErrorCode,
    enums::{Anchor, Priority, TaskStatus},
    model::{Part, Task},
    rest::{Deleted, TaskWritten},
};
use tandem_tests::{TestUser, fresh};

on_both!(
    a_task_starts_with_defaults,
    every_field_is_returned_as_it_was_sent,
    a_patch_changes_what_it_names_and_null_empties,
    a_due_date_without_a_zone_is_in_the_zone_of_the_user,
    a_task_is_named_by_its_number_too,
    numbers_count_per_user_and_are_never_used_again,
    completing_and_reopening,
    tasks_are_parts_of_each_other_to_a_depth_and_not_deeper,
    a_recurring_task_moves_on,
    a_patch_on_an_old_revision_shows_the_current_task,
    a_patch_that_changes_nothing_makes_no_event,
    a_task_can_be_part_of_another,
    refused_fields_change_nothing,
    texts_are_stored_in_one_form,
    a_client_id_cannot_be_used_twice,
);

async fn a_task_starts_with_defaults(site: &Site) {
    let user = TestUser::register(site).await;
    let task = user.add_task("  Trim me  ").await;
    assert_eq!((task.title.as_str(), task.number, task.rev), ("Trim me", 1, 1));
    assert_eq!((task.status, task.priority), (TaskStatus::Open, Priority::None));
    assert_eq!((&task.due, &task.recurrence, &task.list, task.parent_id), (&None, &None, &None, None));
    assert!(task.labels.is_empty() && task.description.is_empty() && task.completed_at.is_none());
    assert_eq!(user.get(&format!("/tasks/{}", task.id)).await.expect(200).read::<Task>(), task);
}

async fn every_field_is_returned_as_it_was_sent(site: &Site) {
    let user = TestUser::register(site).await;
    let id = fresh::id();
    let fields = json!({
        "id": id, "title": "T".repeat(500), "description": "d".repeat(10_000), "priority": "urgent",
        "labels": ["home", "x y"], "list": "Errands", "position": "a5",
        "due": { "date": "2027-03-01", "time": "17:30", "time_zone": "Europe/Berlin" },
        "recurrence": { "rule": "FREQ=WEEKLY", "anchor": "completion" },
    });
    let task = user.add(fields).await;
    assert_eq!((task.id.0, task.title.len(), task.description.len()), (id, 500, 10_000));
    assert_eq!((task.priority, task.list.as_deref()), (Priority::Urgent, Some("Errands")));
    assert_eq!(
        (task.labels.as_slice(), task.position.as_str()),
        (["home".to_owned(), "x y".to_owned()].as_slice(), "a5")
    );
    let due = task.due.as_ref().unwrap();
    assert_eq!((due.date, due.time_zone.as_str()), (date(2027, 3, 1), "Europe/Berlin"));
    assert_eq!(due.time, Some(jiff::civil::time(17, 30, 0, 0)));
    let recurrence = task.recurrence.as_ref().unwrap();
    assert!(recurrence.rule.contains("FREQ=WEEKLY"), "{recurrence:?}");
    assert_eq!(recurrence.anchor, Anchor::Completion);
    assert_eq!(user.tasks("").await, [task]);
}

async fn a_patch_changes_what_it_names_and_null_empties(site: &Site) {
    let user = TestUser::register(site).await;
    let due = json!({ "date": "2027-03-01", "time": null, "time_zone": "UTC" });
    let task =
        user.add(json!({ "title": "Old", "priority": "high", "labels": ["a"], "list": "Home", "due": due })).await;
    let change = json!({ "title": "New", "due": null, "labels": [], "list": null });
    let patched: TaskWritten = user.patch(&format!("/tasks/{}", task.id)).json(change).await.expect(200).read();
    let now = patched.task;
    assert_eq!((now.title.as_str(), &now.due, &now.list, now.labels.len()), ("New", &None, &None, 0));
    assert_eq!((now.priority, now.rev), (Priority::High, task.rev + 1));
    assert!(patched.undo_token.is_some());
}

async fn a_due_date_without_a_zone_is_in_the_zone_of_the_user(site: &Site) {
    let user = TestUser::register(site).await;
    user.patch("/me").json(json!({ "time_zone": "America/New_York" })).await.expect(200);
    let task = user.add(json!({ "title": "Call", "due": { "date": "2027-03-01" } })).await;
    assert_eq!(task.due.unwrap().time_zone, "America/New_York");
}

async fn a_task_is_named_by_its_number_too(site: &Site) {
    let user = TestUser::register(site).await;
    let task = user.add_task("One").await;
    assert_eq!(user.get("/tasks/1").await.expect(200).read::<Task>(), task);
    let part = user.add(json!({ "title": "Part", "parent_id": 1 })).await;
    assert_eq!(part.parent_id, Some(task.id));
    let part = user.add(json!({ "title": "Part", "parent_id": "1" })).await;
    assert_eq!(part.parent_id, Some(task.id));
    user.get("/tasks/999999").await.refused(ErrorCode::NotFound);
}

async fn numbers_count_per_user_and_are_never_used_again(site: &Site) {
    let user = TestUser::register(site).await;
    for number in 1..=3 {
        assert_eq!(user.add_task("counted").await.number, number);
    }
    user.delete("/tasks/3").await.expect(200);
    assert_eq!(user.add_task("after a deletion").await.number, 4);
}

async fn tasks_are_parts_of_each_other_to_a_depth_and_not_deeper(site: &Site) {
    let user = TestUser::register(site).await;
    let mut above = user.add_task("level 1").await;
    for level in 2..=32 {
        above = user.add(json!({ "title": format!("level {level}"), "parent_id": above.id })).await;
    }
    let deeper = json!({ "title": "too deep", "parent_id": above.id });
    user.post("/tasks").json(deeper).await.refused(ErrorCode::InvalidRequest);
    let circle = json!({ "parent_id": above.id });
    user.patch("/tasks/1").json(circle).await.refused(ErrorCode::InvalidRequest);
    user.patch(&format!("/tasks/{}", above.id)).json(json!({ "title": "still changed" })).await.expect(200);
}

async fn completing_and_reopening(site: &Site) {
    let user = TestUser::register(site).await;
    user.add_task("Done soon").await;
    let done: TaskWritten = user.post("/tasks/1/complete").await.expect(200).read();
    assert_eq!(done.task.status, TaskStatus::Done);
    assert!(done.task.completed_at.is_some() && done.undo_token.is_some());
    let again: TaskWritten = user.post("/tasks/1/complete").await.expect(200).read();
    assert_eq!((again.task, again.undo_token), (done.task, None), "done twice is done once");
    let open: TaskWritten = user.post("/tasks/1/reopen").await.expect(200).read();
    assert_eq!((open.task.status, open.task.completed_at), (TaskStatus::Open, None));
}

async fn a_recurring_task_moves_on(site: &Site) {
    let user = TestUser::register(site).await;
    let weekly = json!({
        "title": "Water the plants", "due": { "date": "2027-03-01", "time_zone": "UTC" },
        "recurrence": { "rule": "FREQ=WEEKLY", "anchor": "due" },
    });
    let task = user.add(weekly).await;
    user.post(&format!("/tasks/{}/complete", task.id)).await.expect(200);
    let open = user.tasks("").await;
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].due.as_ref().unwrap().date, date(2027, 3, 8));
}

async fn a_patch_on_an_old_revision_shows_the_current_task(site: &Site) {
    let user = TestUser::register(site).await;
    let task = user.add_task("First").await;
    let change = |title: &str| json!({ "title": title, "if_rev": task.rev });
    let second: TaskWritten = user.patch("/tasks/1").json(change("Second")).await.expect(200).read();
    let problem = user.patch("/tasks/1").json(change("Third")).await.refused(ErrorCode::Conflict);
    assert_eq!(problem.task, Some(second.task.clone()));
    assert_eq!(user.tasks("").await, [second.task]);
}

async fn a_patch_that_changes_nothing_makes_no_event(site: &Site) {
    let user = TestUser::register(site).await;
    let task = user.add_task("Same").await;
    let seq = user.snapshot().await.seq;
    let same: TaskWritten = user.patch("/tasks/1").json(json!({ "title": "Same" })).await.expect(200).read();
    assert_eq!((same.task, same.seq, same.undo_token), (task, seq, None));
}

async fn a_task_can_be_part_of_another(site: &Site) {
    let user = TestUser::register(site).await;
    let whole = user.add_task("Whole").await;
    let part = user.add(json!({ "title": "Part", "parent_id": whole.id })).await;
    let itself = json!({ "parent_id": whole.id });
    let refused = user.patch(&format!("/tasks/{}", whole.id)).json(itself).await;
    assert!(matches!(refused.status, 400 | 409), "a task is no part of itself: {refused:?}");
    let circle = user.patch(&format!("/tasks/{}", whole.id)).json(json!({ "parent_id": part.id })).await;
    assert!(matches!(circle.status, 400 | 409), "nor of its own part: {circle:?}");
    let loose: TaskWritten = user.patch(&format!("/tasks/{}", part.id)).json(json!({ "parent_id": null })).await.read();
    assert_eq!(loose.task.parent_id, None);
    let nobody = json!({ "title": "Orphan", "parent_id": fresh::id() });
    let refused = user.post("/tasks").json(nobody).await;
    assert!(matches!(refused.status, 400 | 404), "{refused:?}");
}

async fn refused_fields_change_nothing(site: &Site) {
    let user = TestUser::register(site).await;
    let task = user.add_task("Stays").await;
    let wrong = [
        json!({ "title": "  " }),
        json!({ "title": "x".repeat(501) }),
        json!({ "title": 5 }),
        json!({ "description": "x".repeat(10_001) }),
        json!({ "priority": "huge" }),
        json!({ "due": { "date": "2026-02-30" } }),
        json!({ "due": { "date": "2026-02-20", "time_zone": "Mars/Base" } }),
        json!({ "due": { "date": "2026-02-20", "time": "25:00" } }),
        json!({ "recurrence": { "rule": "FREQ=SOMETIMES" } }),
        json!({ "labels": [""] }),
        json!({ "labels": "home" }),
        json!({ "title": "\u{200b}\u{feff}\u{ad}" }),
        json!({ "title": "pay \u{202e}002" }),
        json!({ "labels": ["a\u{2066}"] }),
        json!({ "list": "a\u{202a}" }),
        json!({ "colour": "red" }),
        json!({ "user_id": "me" }),
        json!({ "number": 7 }),
        json!([]),
    ];
    for change in wrong {
        user.patch("/tasks/1").json(change.clone()).await.refused(ErrorCode::InvalidRequest);
    }
    let id = json!({ "title": "x", "id": "7" });
    user.post("/tasks").json(id).await.refused(ErrorCode::InvalidRequest);
    assert_eq!(user.tasks("status=all").await, [task]);
    let deleted: Deleted = user.delete("/tasks/1").await.expect(200).read();
    assert!(deleted.undo_token.is_some());
    user.patch("/tasks/1").json(json!({ "title": "x" })).await.refused(ErrorCode::NotFound);
}

async fn texts_are_stored_in_one_form(site: &Site) {
    let user = TestUser::register(site).await;
    let task = user
        .add(json!({
            "title": "Buy\r\ncafe\u{301}\u{200d}", "description": "e\u{301}\n", "labels": ["é", "e\u{301}"], "list": "o\u{308}",
        }))
        .await;
    assert_eq!((task.title.as_str(), task.description.as_str()), ("Buy café\u{200d}", "é\n"));
    assert_eq!((task.labels.as_slice(), task.list.as_deref()), (["é".to_owned()].as_slice(), Some("ö")));
    assert_eq!(user.tasks("label=e%CC%81&list=o%CC%88").await, [task], "filters are read in the same form");
    let conversation = user.start_conversation("Plans\nfor cafe\u{301}").await;
    assert_eq!(conversation.title.as_deref(), Some("Plans for café"));
    let sent = user.send_message(conversation.id, "e\u{301}\u{202e}").await;
    assert_eq!(sent.user_message.parts, [Part::text("é\u{202e}")], "a message may hold anything");
}

async fn a_client_id_cannot_be_used_twice(site: &Site) {
    let (one, other) = (TestUser::register(site).await, TestUser::register(site).await);
    let task = one.add_task("Mine").await;
    let again = json!({ "id": task.id, "title": "Again" });
    one.post("/tasks").json(again.clone()).await.refused(ErrorCode::Conflict);
    assert_eq!(other.add(again).await.title, "Again");
    assert_eq!(one.tasks("").await, [task]);
}
