//! Pages of every list, with every filter: together they are the list, each item once.

use crate::support::Site;
use serde_json::{Value, json};
use std::time::Duration;
use tandem_protocol::enums::Scope;
use tandem_tests::{
    TestUser, fresh,
    user::{PASSWORD, Visitor},
};

on_both!(
    pages_of_tasks_go_on_with_each_filter,
    pages_of_a_search_go_on_with_each_filter,
    pages_of_what_was_done_go_on_with_each_filter,
    pages_of_accounts_and_their_record_go_on,
    pages_of_other_lists_go_on,
);

/// Compares pages of two with the whole list, which has `count` items.
async fn assert_pages(user: &TestUser, path: &str, query: &str, count: usize) {
    let query = if query.is_empty() { String::new() } else { format!("{query}&") };
    let whole: Value = user.get(&format!("{path}?{query}limit=200")).await.expect(200).read();
    assert!(whole["next_cursor"].is_null(), "{path}?{query} has one page");
    let pages: Vec<Vec<Value>> = user.pages(path, &format!("{query}limit=2")).await;
    assert!(pages.iter().all(|page| page.len() <= 2), "{path}?{query}: {pages:?}");
    let paged: Vec<Value> = pages.into_iter().flatten().collect();
    assert_eq!(paged.len(), count, "{path}?{query}: {paged:?}");
    let ids = |items: &[Value]| items.iter().map(|item| item["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&paged), ids(whole["items"].as_array().unwrap()), "{path}?{query}");
}

/// A user with five open tasks and five that are done, each of which passes all filters of tasks but that of the status.
async fn with_tasks(site: &Site) -> TestUser {
    let user = TestUser::register(site).await;
    let (open, done) = (user.add_task("Open parent").await, user.add_task("Done parent").await);
    for (parent, is_done) in [(&open, false), (&done, true)] {
        for number in 0..5 {
            let task = user
                .add(json!({
                    "title": format!("Heron {number}"),
                    "due": { "date": "2020-01-01" },
                    "priority": "high",
                    "list": "Garden",
                    "labels": ["birds"],
                    "parent_id": parent.id,
                }))
                .await;
            if is_done {
                user.post(&format!("/tasks/{}/complete", task.id)).await.expect(200);
            }
        }
    }
    user.post(&format!("/tasks/{}/complete", done.id)).await.expect(200);
    user
}

async fn pages_of_tasks_go_on_with_each_filter(site: &Site) {
    let user = with_tasks(site).await;
    for (query, count) in [
        ("", 6),
        ("status=done", 6),
        ("status=all", 12),
        ("due=overdue", 5),
        ("list=Garden", 5),
        ("label=birds&status=all", 10),
        ("priority=high", 5),
        ("parent=open", 5),
        ("parent=done&status=done", 5),
        ("q=heron", 5),
        ("q=heron&list=Garden&label=birds&priority=high&due=overdue&parent=open", 5),
    ] {
        assert_pages(&user, "/tasks", query, count).await;
    }
}

async fn pages_of_a_search_go_on_with_each_filter(site: &Site) {
    let user = with_tasks(site).await;
    let talk = user.start_conversation("Herons abroad").await.id;
    for number in 0..5 {
        user.send_message(talk, &format!("Where do herons winter, {number}?")).await;
    }
    user.settled(Duration::from_mins(1)).await;
    for (filters, alone, with_a_word) in [
        ("is:open", 6, 5),
        ("is:done", 6, 5),
        ("list:garden", 10, 10),
        ("label:birds", 10, 10),
        ("list:Garden%20label:birds%20is:done", 5, 5),
        ("list:Garden%20after:2020-01-01", 10, 10),
        ("list:Garden%20before:2020-01-01", 0, 0),
        ("list:Garden%20in:tasks", 10, 10),
        ("list:Garden%20in:messages", 0, 0),
        ("list:Garden%20in:abroad", 0, 0),
        ("in:tasks", 0, 10),
    ] {
        assert_pages(&user, "/search", &format!("q={filters}"), alone).await;
        assert_pages(&user, "/search", &format!("q=heron%20{filters}"), with_a_word).await;
    }
    for (query, least) in
        [("heron", 15), ("heron%20in:abroad", 5), ("heron%20in:messages", 5), ("heron%20after:2020", 15)]
    {
        let all = user.get(&format!("/search?q={query}&limit=200")).await.value()["items"].as_array().unwrap().len();
        assert!(all >= least, "{query}: {all}");
        assert_pages(&user, "/search", &format!("q={query}"), all).await;
    }
}

async fn pages_of_what_was_done_go_on_with_each_filter(site: &Site) {
    let user = with_tasks(site).await;
    for (query, count) in [
        ("", 6),
        ("since=2020-01-01T00:00:00Z", 6),
        ("until=2096-01-01T00:00:00Z", 6),
        ("since=2020-01-01T00:00:00Z&until=2096-01-01T00:00:00Z", 6),
        ("until=2020-01-01T00:00:00Z", 0),
    ] {
        assert_pages(&user, "/completions", query, count).await;
    }
}

async fn pages_of_accounts_and_their_record_go_on(site: &Site) {
    let word = fresh::word("heron");
    let mut users = Vec::new();
    for _ in 0..5 {
        let user = TestUser::register(site).await;
        user.patch("/me").json(json!({ "name": format!("Ann {word}") })).await.expect(200);
        users.push(user);
    }
    assert_pages(site.owner(), "/admin/users", &format!("q={word}"), 5).await;
    let user = &users[0];
    let record = format!("user={}", user.user().id);
    let entries = site.owner().get(&format!("/admin/audit?{record}&limit=200")).await.value();
    let before = entries["items"].as_array().unwrap().len();
    for _ in 0..4 {
        Visitor::of(site).log_in(user.email(), PASSWORD).await.expect(200);
    }
    assert_pages(site.owner(), "/admin/audit", &record, before + 4).await;
    assert_pages(site.owner(), &format!("/admin/users/{}/sessions", user.user().id), "", 5).await;
    assert_pages(user, "/sessions", "", 5).await;
}

async fn pages_of_other_lists_go_on(site: &Site) {
    let user = TestUser::register(site).await;
    for number in 0..5 {
        user.start_conversation(&format!("Talk {number}")).await;
        user.personal_token(&[Scope::Read]).await;
        user.post("/feeds").json(json!({ "name": format!("Feed {number}") })).await.expect(201);
    }
    for path in ["/conversations", "/tokens", "/feeds"] {
        assert_pages(&user, path, "", 5).await;
    }
}
