//! The order of tasks: moving one behind another, on both databases.

use crate::support::Site;
use serde_json::json;
use tandem_protocol::{
    ErrorCode,
    model::Task,
    rest::{TaskWritten, Undone},
};
use tandem_tests::{TestUser, fresh};

on_both!(
    a_task_goes_behind_another_or_to_the_first_place,
    a_move_without_a_place_is_refused,
    a_move_that_changes_nothing_makes_no_event,
    where_there_is_no_room_the_tasks_around_make_some,
    tasks_with_the_same_position_can_be_separated,
    a_client_can_halve_a_gap_without_end,
);

/// The longest position that the server writes.
const LONGEST: usize = 40;

async fn titles(user: &TestUser) -> String {
    user.tasks("").await.into_iter().map(|task| task.title).collect()
}

async fn add_all(user: &TestUser, titles: &str) -> Vec<Task> {
    let mut tasks = Vec::new();
    for title in titles.chars() {
        tasks.push(user.add_task(&title.to_string()).await);
    }
    tasks
}

async fn change(user: &TestUser, number: usize, change: serde_json::Value) -> TaskWritten {
    user.patch(&format!("/tasks/{number}")).json(change).await.expect(200).read()
}

async fn undo(user: &TestUser, written: TaskWritten) -> Undone {
    user.post("/undo").json(json!({ "undo_token": written.undo_token })).await.expect(200).read()
}

async fn a_task_goes_behind_another_or_to_the_first_place(site: &Site) {
    let user = TestUser::register(site).await;
    let tasks = add_all(&user, "abcd").await;
    change(&user, 4, json!({ "after": 1 })).await;
    assert_eq!(titles(&user).await, "adbc");
    let moved = change(&user, 1, json!({ "after": tasks[2].id, "title": "A" })).await;
    assert_eq!(titles(&user).await, "dbcA");
    change(&user, 3, json!({ "after": null })).await;
    assert_eq!(titles(&user).await, "cdbA");
    undo(&user, moved).await;
    assert_eq!(titles(&user).await, "acdb", "it stands where it stood, among tasks that have moved since");
    user.add_task("e").await;
    assert_eq!(titles(&user).await, "acdbe", "a new task comes last");
    user.post("/tasks/4/complete").await.expect(200);
    change(&user, 2, json!({ "after": 4 })).await;
    assert_eq!(titles(&user).await, "acbe", "also a task that is done has a place");
}

async fn a_move_without_a_place_is_refused(site: &Site) {
    let user = TestUser::register(site).await;
    let before = add_all(&user, "ab").await;
    for after in [json!(1), json!(99), json!(fresh::id()), json!("first")] {
        user.patch("/tasks/1").json(json!({ "after": after })).await.refused(ErrorCode::InvalidRequest);
    }
    let both = json!({ "after": 2, "position": "a" });
    user.patch("/tasks/1").json(both).await.refused(ErrorCode::InvalidRequest);
    assert_eq!(user.tasks("").await, before);
}

async fn a_move_that_changes_nothing_makes_no_event(site: &Site) {
    let user = TestUser::register(site).await;
    let tasks = add_all(&user, "ab").await;
    for (number, after) in [(1, json!(null)), (2, json!(1))] {
        let written = change(&user, number, json!({ "after": after })).await;
        assert_eq!((&written.task, written.undo_token), (&tasks[number - 1], None));
    }
}

async fn where_there_is_no_room_the_tasks_around_make_some(site: &Site) {
    let user = TestUser::register(site).await;
    add_all(&user, "abcd").await;
    for (number, last) in [(1, '1'), (2, '2'), (3, '3')] {
        change(&user, number, json!({ "position": format!("{}{last}", "a".repeat(LONGEST - 1)) })).await;
    }
    let tight = user.tasks("").await;
    assert_eq!(titles(&user).await, "dabc");
    let moved = change(&user, 4, json!({ "after": 1, "title": "D" })).await;
    assert_eq!(titles(&user).await, "aDbc");
    let roomy = user.tasks("").await;
    assert!(roomy.iter().all(|task| task.position.len() < LONGEST / 2), "{roomy:?}");
    assert_eq!(user.get("/tasks/4").await.expect(200).read::<Task>(), moved.task, "the answer is what was written");
    assert_eq!(user.snapshot().await.tasks, roomy);
    undo(&user, moved).await;
    let plain = |tasks: Vec<Task>| tasks.into_iter().map(|task| (task.title, task.position)).collect::<Vec<_>>();
    assert_eq!(plain(user.tasks("").await), plain(tight), "one undo takes all of it back");
}

async fn tasks_with_the_same_position_can_be_separated(site: &Site) {
    let user = TestUser::register(site).await;
    add_all(&user, "abcd").await;
    for number in 1..=3 {
        change(&user, number, json!({ "position": "m" })).await;
    }
    assert_eq!(titles(&user).await, "dabc");
    change(&user, 4, json!({ "after": 2 })).await;
    assert_eq!(titles(&user).await, "abdc");
    user.add_task("e").await;
    change(&user, 1, json!({ "after": 5 })).await;
    assert_eq!(titles(&user).await, "bdcea");
}

async fn a_client_can_halve_a_gap_without_end(site: &Site) {
    let user = TestUser::register(site).await;
    add_all(&user, "abc").await;
    for _ in 0..80 {
        let tasks = user.tasks("").await;
        let (first, last) = (&tasks[0], &tasks[2]);
        let mut position = first.position.clone();
        position.pop();
        position.push_str("0V");
        assert!(position < first.position);
        let moved = user.patch(&format!("/tasks/{}", last.id)).json(json!({ "position": position })).await;
        moved.expect(200);
        let now = user.tasks("").await;
        assert_eq!(now.iter().map(|task| task.id).collect::<Vec<_>>(), [last.id, first.id, tasks[1].id]);
        assert!(now.iter().all(|task| task.position.len() <= LONGEST), "{now:?}");
    }
}
