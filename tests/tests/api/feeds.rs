//! Calendar feeds: created once, read without a sign-in, dead at once when they are removed.

use crate::support::Site;
use serde_json::{Value, json};
use tandem_protocol::{
    ErrorCode,
    enums::Scope,
    rest::{Feed, FeedCreated, Page},
};
use tandem_tests::{
    TestPushService, TestUser, fresh,
    plain::client,
    user::{Answer, Visitor},
};

on_both!(
    a_calendar_has_the_tasks_of_its_user,
    a_feed_shows_what_it_was_made_for,
    a_calendar_that_has_not_changed_is_not_sent_again,
    a_removed_feed_is_dead_at_once,
    what_is_no_feed_is_refused,
    the_address_of_a_calendar_is_not_logged,
    short_lists_have_pages_like_others,
);

async fn create(user: &TestUser, body: Value) -> FeedCreated {
    user.post("/feeds").json(body).await.expect(201).read()
}

/// The calendar at an address, by anybody.
async fn read(site: &Site, url: &str, etag: Option<&str>) -> reqwest::Response {
    let request = client().get(site.url(url));
    let request = if let Some(etag) = etag { request.header("If-None-Match", etag) } else { request };
    request.send().await.unwrap()
}

async fn text(site: &Site, url: &str) -> String {
    let answer = read(site, url, None).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "text/calendar; charset=utf-8");
    answer.text().await.unwrap().replace("\r\n ", "")
}

async fn a_calendar_has_the_tasks_of_its_user(site: &Site) {
    let (ann, bob) = (TestUser::register(site).await, TestUser::register(site).await);
    bob.add(json!({ "title": "Of Bob", "due": { "date": "2096-11-26" } })).await;
    let due = json!({ "date": "2096-11-26", "time": "17:00", "time_zone": "Europe/Berlin" });
    let rule = json!({ "rule": "FREQ=WEEKLY;BYDAY=MO" });
    let call = ann.add(json!({ "title": "Call; Bob, now", "due": due, "recurrence": rule })).await;
    let feed = create(&ann, json!({ "name": "Ours" })).await;
    assert!(feed.url.starts_with("/calendar/") && feed.url.len() == "/calendar/.ics".len() + 43, "{}", feed.url);
    let calendar = text(site, &feed.url).await;
    for line in [
        "BEGIN:VCALENDAR",
        "NAME:Ours",
        "SUMMARY:Call\\; Bob\\, now",
        "DTSTART;TZID=Europe/Berlin:20961126T170000",
        "RRULE:FREQ=WEEKLY;BYDAY=MO",
        "TRIGGER:PT0S",
        "END:VCALENDAR",
    ] {
        assert!(calendar.lines().any(|known| known == line), "{line} is not in {calendar}");
    }
    assert!(calendar.contains(&call.id.to_string()) && !calendar.contains("Of Bob"));
    let listed: Page<Feed> = ann.get("/feeds").await.expect(200).read();
    assert_eq!(listed.items, [feed.feed]);
    assert!(!ann.get("/feeds").await.body.contains("calendar/"), "the address is shown once");
}

async fn a_feed_shows_what_it_was_made_for(site: &Site) {
    let user = TestUser::register(site).await;
    let done = user.add(json!({ "title": "Done", "list": "Home", "due": { "date": "2026-11-26" } })).await;
    user.post(&format!("/tasks/{}/complete", done.id)).await.expect(200);
    user.add(json!({ "title": "Undated", "list": "Home" })).await;
    user.add(json!({ "title": "Elsewhere", "list": "Work", "due": { "date": "2096-11-26" } })).await;
    let home = json!({ "name": "Home", "lists": ["Home"], "kind": "tasks", "include_done": true });
    let calendar = text(site, &create(&user, home).await.url).await;
    assert!(calendar.contains("SUMMARY:Done") && calendar.contains("STATUS:COMPLETED"), "{calendar}");
    assert!(calendar.contains("SUMMARY:Undated") && !calendar.contains("Elsewhere"));
    let events = text(site, &create(&user, json!({ "name": "All" })).await.url).await;
    assert!(events.contains("SUMMARY:Elsewhere") && !events.contains("Undated") && !events.contains("SUMMARY:Done"));
}

async fn a_calendar_that_has_not_changed_is_not_sent_again(site: &Site) {
    let user = TestUser::register(site).await;
    user.add(json!({ "title": "Pay", "due": { "date": "2096-11-26" } })).await;
    let feed = create(&user, json!({ "name": "Ours" })).await;
    let first = read(site, &feed.url, None).await;
    let etag = first.headers()["etag"].to_str().unwrap().to_owned();
    let again = read(site, &feed.url, Some(&etag)).await;
    assert_eq!((again.status().as_u16(), again.headers()["etag"].to_str().unwrap()), (304, etag.as_str()));
    assert_eq!(again.text().await.unwrap(), "");
    user.add(json!({ "title": "Call", "due": { "date": "2096-11-27" } })).await;
    let changed = read(site, &feed.url, Some(&etag)).await;
    assert_eq!(changed.status(), 200);
    assert!(changed.text().await.unwrap().contains("SUMMARY:Call"));
}

async fn a_removed_feed_is_dead_at_once(site: &Site) {
    let (ann, bob) = (TestUser::register(site).await, TestUser::register(site).await);
    let feed = create(&ann, json!({ "name": "Ours" })).await;
    let path = format!("/feeds/{}", feed.feed.id);
    bob.delete(&path).await.refused(ErrorCode::NotFound);
    assert_eq!(read(site, &feed.url, None).await.status(), 200);
    ann.delete(&path).await.expect(200);
    assert_eq!(read(site, &feed.url, None).await.status(), 404);
    ann.delete(&path).await.refused(ErrorCode::NotFound);
    let other = create(&bob, json!({ "name": "Ours" })).await;
    let body = json!({ "password": tandem_tests::user::PASSWORD });
    bob.delete("/me").json(body).await.expect(204);
    assert_eq!(read(site, &other.url, None).await.status(), 404);
}

async fn what_is_no_feed_is_refused(site: &Site) {
    let user = TestUser::register(site).await;
    for body in [
        json!({}),
        json!({ "name": " " }),
        json!({ "name": "Ours", "kind": "cards" }),
        json!({ "name": "Ours", "lists": [""] }),
        json!({ "name": "Ours", "user_id": "x" }),
    ] {
        user.post("/feeds").json(body).await.refused(ErrorCode::InvalidRequest);
    }
    for url in ["/calendar/nonsense.ics", "/calendar/.ics", "/calendar/nonsense"] {
        assert_eq!(read(site, url, None).await.status(), 404, "{url}");
    }
    for number in 0..20 {
        create(&user, json!({ "name": format!("Feed {number}") })).await;
    }
    user.post("/feeds").json(json!({ "name": "One more" })).await.refused(ErrorCode::Limit);
    let anonymous: Answer = user.get("/feeds").anonymous().await;
    anonymous.refused(ErrorCode::Unauthenticated);
}

async fn the_address_of_a_calendar_is_not_logged(site: &Site) {
    let user = TestUser::register(site).await;
    let feed = create(&user, json!({ "name": fresh::word("ours") })).await;
    text(site, &feed.url).await;
    let secret = feed.url.trim_start_matches("/calendar/").trim_end_matches(".ics");
    assert!(!site.log().contains(secret));
}

async fn short_lists_have_pages_like_others(site: &Site) {
    let (user, service) = (TestUser::register(site).await, TestPushService::start().await);
    for number in 0..3 {
        create(&user, json!({ "name": format!("Feed {number}") })).await;
        user.personal_token(&[Scope::Read]).await;
        Visitor::of(site).sign_in(user.email(), "Another").await;
        let device = format!("device-{number}");
        let subscription = service.browser(&fresh::word("browser")).subscription(&device);
        user.post("/push/subscriptions").json(subscription).await.expect(201);
    }
    for path in ["/feeds", "/tokens", "/sessions", "/push/subscriptions"] {
        let whole: Page<Value> = user.get(path).await.expect(200).read();
        assert!(whole.items.len() >= 3 && whole.next_cursor.is_none(), "{path}");
        let pages: Vec<Vec<Value>> = user.pages(path, "limit=2").await;
        assert!(pages.iter().all(|page| page.len() <= 2), "{path}");
        assert_eq!(pages.concat(), whole.items, "{path}");
        for query in ["limit=0", "limit=201", "limit=x", "cursor=bogus", "page=2"] {
            user.get(&format!("{path}?{query}")).await.refused(ErrorCode::InvalidRequest);
        }
    }
}
