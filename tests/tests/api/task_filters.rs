//! Finding tasks: filters, literal text, pages, order.

use crate::support::Site;
use jiff::{ToSpan as _, tz::TimeZone};
use serde_json::{Value, json};
use tandem_protocol::{ErrorCode, Timestamp};
use tandem_tests::TestUser;

on_both!(
    tasks_are_found_by_status_date_list_label_and_priority,
    text_is_searched_literally,
    pages_hold_every_task_once,
    a_day_is_one_in_the_present_zone_of_its_user,
    refused_queries,
);

/// A day in UTC, counted from the day on which the user registered: today.
fn day(user: &TestUser, days: i64) -> Value {
    let registered: Timestamp = user.user().created_at;
    let today = registered.to_jiff().to_zoned(TimeZone::UTC).date();
    json!({ "date": today.checked_add(days.days()).unwrap().to_string(), "time_zone": "UTC" })
}

async fn titles(user: &TestUser, query: &str) -> Vec<String> {
    let mut titles: Vec<String> = user.tasks(query).await.into_iter().map(|task| task.title).collect();
    titles.sort();
    titles
}

async fn tasks_are_found_by_status_date_list_label_and_priority(site: &Site) {
    let user = TestUser::register(site).await;
    user.add(json!({ "title": "late report", "due": day(&user, -3) })).await;
    user.add(json!({ "title": "today call", "due": day(&user, 0), "priority": "high", "labels": ["phone"] })).await;
    user.add(json!({ "title": "soon", "due": day(&user, 6) })).await;
    user.add(json!({ "title": "far trip", "due": day(&user, 60), "list": "Travel" })).await;
    user.add_task("someday").await;
    let done = user.add_task("old thing").await;
    user.post(&format!("/tasks/{}/complete", done.id)).await.expect(200);
    let found = [
        ("", vec!["far trip", "late report", "someday", "soon", "today call"]),
        ("status=open", vec!["far trip", "late report", "someday", "soon", "today call"]),
        ("status=done", vec!["old thing"]),
        ("status=all", vec!["far trip", "late report", "old thing", "someday", "soon", "today call"]),
        ("due=overdue", vec!["late report"]),
        ("due=today", vec!["today call"]),
        ("due=week", vec!["soon", "today call"]),
        ("due=none", vec!["someday"]),
        ("priority=high", vec!["today call"]),
        ("label=phone", vec!["today call"]),
        ("list=Travel", vec!["far trip"]),
        ("q=TRIP", vec!["far trip"]),
        ("q=o&due=week", vec!["soon", "today call"]),
        ("list=Nowhere", vec![]),
    ];
    for (query, expected) in found {
        assert_eq!(titles(&user, query).await, expected, "{query}");
    }
}

async fn a_day_is_one_in_the_present_zone_of_its_user(site: &Site) {
    let user = TestUser::register(site).await;
    let zone = |zone: &str| json!({ "time_zone": zone });
    user.patch("/me").json(zone("Etc/GMT+12")).await.expect(200);
    let today = user.user().created_at.to_jiff().to_zoned(TimeZone::get("Etc/GMT+12").unwrap()).date();
    user.add(json!({ "title": "all day", "due": { "date": today.to_string() } })).await;
    assert_eq!(titles(&user, "due=today").await, ["all day"]);
    assert!(titles(&user, "due=overdue").await.is_empty());
    // There it is the next day at any time.
    user.patch("/me").json(zone("Etc/GMT-14")).await.expect(200);
    assert_eq!(titles(&user, "due=overdue").await, ["all day"]);
    assert!(titles(&user, "due=today").await.is_empty());
}

async fn text_is_searched_literally(site: &Site) {
    let user = TestUser::register(site).await;
    user.add_task("plain").await;
    user.add_task("100% of a_b \\ 'quoted' \"twice\" *").await;
    for text in ["%25", "_", "%5C", "'", "%22", "*", "a_b", "100%25"] {
        assert_eq!(titles(&user, &format!("q={text}")).await.len(), 1, "{text}");
    }
    for text in ["'%20or%201=1%20--", "NEAR(", "a%25b", "p_ain"] {
        assert_eq!(titles(&user, &format!("q={text}")).await, [""; 0], "{text}");
    }
}

async fn pages_hold_every_task_once(site: &Site) {
    let user = TestUser::register(site).await;
    for number in 0..7 {
        user.add_task(&format!("task {number}")).await;
    }
    let pages: Vec<Vec<Value>> = user.pages("/tasks", "limit=3").await;
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3, 1]);
    let numbers: Vec<i64> = pages.iter().flatten().map(|task| task["number"].as_i64().unwrap()).collect();
    assert_eq!(numbers, (1..=7).collect::<Vec<_>>(), "new tasks are at the end");
}

async fn refused_queries(site: &Site) {
    let user = TestUser::register(site).await;
    let wrong = [
        "limit=0",
        "limit=201",
        "limit=ten",
        "limit=-1",
        "cursor=bogus",
        "cursor=%00",
        "status=maybe",
        "due=never",
        "priority=huge",
        "colour=red",
    ];
    for query in wrong {
        user.get(&format!("/tasks?{query}")).await.refused(ErrorCode::InvalidRequest);
    }
}
