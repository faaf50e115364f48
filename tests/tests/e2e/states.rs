//! A picture of every state of the page, at three widths, light and dark, on one sheet: `docs/pictures/states.html`.
//!
//! Each state is reached as a person reaches it, and checked on the way: nothing is wider than the page, and the browser
//! logs nothing. With `TANDEM_SHOTS=docs` the sheet and its pictures are written into `docs/pictures`; the pictures are
//! not kept in git.

use crate::support::{from_now, register, scripted, sign_in};
use serde_json::json;
use tandem_tests::{
    Browser, Reply, ScriptedProvider, TestServer, TestUser,
    browser::{Screen, contact_sheet, named, starting},
    eventually,
};

/// The states in the order of the sheet.
const STATES: [&str; 20] = [
    "sign-in",
    "sign-in-missing",
    "register-missing",
    "empty",
    "reading",
    "streaming",
    "stopped",
    "approval",
    "tools",
    "tasks",
    "upcoming",
    "task",
    "task-edit",
    "reminders",
    "menu",
    "providers",
    "search",
    "shortcuts",
    "settings",
    "not-here",
];

const TEXT: &str = "# Two days in the hills\n\nTake the **early** train, then walk.[^1]\n\n1. Saturday: up to the hut.\n2. Sunday: \
    over the ridge.\n\n> [!TIP]\n> Book the hut first.\n\n| what | who |\n|---|--:|\n| Tent | Kim |\n| Food<br>and water | you |\n\n\
    ```diff\n- bus\n+ train\n```\n\nThe climb is $h = \\frac{v^2}{2g}$ high.\n\n[^1]: It leaves at seven.\n";

const SCREENS: [Screen; 3] =
    [Screen::LAPTOP, Screen { width: 820, height: 1_180, dark: false, touch: false }, Screen::PHONE];

struct Tour {
    browser: Browser,
    suffix: String,
}

impl Tour {
    async fn new(server: &TestServer, screen: Screen) -> Self {
        let theme = if screen.dark { "dark" } else { "light" };
        Self { browser: Browser::new(server, screen).await, suffix: format!("{}-{theme}", screen.width) }
    }

    async fn take(&self, state: &str) {
        self.browser.settled().await;
        self.browser.document_picture(&format!("states/{state}-{}", self.suffix)).await;
        let wider = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
        assert_eq!(self.browser.run(wider, Vec::new()).await, json!(0), "{state} at {}", self.suffix);
    }

    /// The pages of a visitor, and a new account.
    async fn entering(&self) {
        let browser = &self.browser;
        browser.go("/sign-in").await;
        browser.find(&named("button", "Sign in")).await;
        self.take("sign-in").await;
        browser.click(&named("button", "Sign in")).await;
        browser.find(&starting("alert", "")).await;
        self.take("sign-in-missing").await;
        browser.go("/register").await;
        browser.click(&named("button", "Create account")).await;
        browser.find(&starting("alert", "")).await;
        self.take("register-missing").await;
        register(browser, "Ann").await;
        browser.reads(&named("status", "Connection"), "Connected").await;
        self.take("empty").await;
    }

    async fn talking(&self, provider: &ScriptedProvider, user: &TestUser) {
        let browser = &self.browser;
        browser.send_message(&format!("Read {}", self.suffix)).await;
        browser.replies_ended(1).await;
        self.take("reading").await;
        provider.answer("Stream", [Reply::text("One moment, I am").hold()]);
        browser.send_message("Stream").await;
        browser.reads(&starting("article", "Assistant"), "One moment").await;
        self.take("streaming").await;
        browser.click(&named("button", "Stop")).await;
        browser.replies_ended(2).await;
        self.take("stopped").await;
        let mut calls = Vec::new();
        for title in ["Pay the rent", "Call Kim about the tent", "Water the plants"] {
            calls.push(("delete_task", json!({ "task_id": user.add_task(title).await.number })));
        }
        let word = format!("Clear {}", self.suffix);
        provider.answer(&word, [Reply::calls(calls), Reply::text("Two are gone.")]);
        browser.send_message(&word).await;
        browser.find(&named("group", "Delete 3 tasks")).await;
        browser.click(&starting("checkbox", "#2")).await;
        self.take("approval").await;
        browser.click(&named("button", "Approve 2")).await;
        browser.replies_ended(3).await;
        self.take("tools").await;
    }

    /// The tasks, one of them, and the reminder of another.
    async fn tasks(&self, user: &TestUser) {
        let browser = &self.browser;
        let thread = browser.path().await;
        let trip = user
            .add(json!({ "title": "Plan the trip to the hills", "description": "Take the **early** train.\n\n- Tent\n- Stove",
                "due": { "date": "2030-01-02", "time": "17:00" }, "priority": "high", "labels": ["home"], "list": "Trips",
                "recurrence": { "rule": "FREQ=WEEKLY" } }))
            .await;
        for (title, status) in [("Book the hut", "done"), ("Ask Kim about the stove", "open")] {
            let part = user.add(json!({ "title": title, "parent_id": trip.id })).await;
            if status == "done" {
                user.post(&format!("/tasks/{}/complete", part.id)).await.expect(200);
            }
        }
        user.add(json!({ "title": "Return the books", "due": { "date": "2030-01-03" } })).await;
        browser.go("/tasks").await;
        browser.click(&named("tab", "All")).await;
        browser.find(&named("checkbox", "Complete Return the books")).await;
        self.take("tasks").await;
        browser.click(&named("tab", "Upcoming")).await;
        browser.find(&named("checkbox", "Complete Return the books")).await;
        self.take("upcoming").await;
        browser.go(&format!("/t/{}", trip.number)).await;
        browser.find(&named("heading", "Plan the trip to the hills")).await;
        self.take("task").await;
        browser.go("/tasks").await;
        browser.click(&named("tab", "All")).await;
        browser
            .run("document.querySelector(`[aria-label='Edit Plan the trip to the hills']`).click()", Vec::new())
            .await;
        browser.find(&named("textbox", "Reminders, with commas")).await;
        self.take("task-edit").await;
        browser.press("\u{e00c}").await;
        for title in ["Call Ann", "Pay the rent before the office closes for the holidays"] {
            user.add(json!({ "title": title, "reminders": [{ "at": from_now(0) }] })).await;
        }
        browser.reads(&named("dialog", "Reminders"), "Pay the rent").await;
        self.take("reminders").await;
        for _ in 0..2 {
            browser.run("document.querySelector('.ring li:first-child .acts > :last-child').click()", Vec::new()).await;
        }
        browser.gone(&named("dialog", "Reminders")).await;
        browser.go(&thread).await;
        browser.replies_ended(3).await;
    }

    /// What lies over the page, and the pages beside it.
    async fn around(&self) {
        let browser = &self.browser;
        browser.click(&named("button", "Conversation menu")).await;
        self.take("menu").await;
        browser.press("\u{e00c}").await;
        browser.click(&starting("button", "Who answers")).await;
        self.take("providers").await;
        browser.press("\u{e00c}").await;
        browser.press("\u{e009}k\u{e000}").await;
        browser.write(&named("searchbox", "Search"), "tent").await;
        let found = "return document.querySelectorAll('.hit').length > 0 && !document.querySelector('.palette .spin')";
        eventually("hits", async || (browser.run(found, Vec::new()).await == true).then_some(())).await;
        self.take("search").await;
        browser.press("\u{e00c}").await;
        browser.gone(&named("searchbox", "Search")).await;
        browser.run("document.activeElement.blur()", Vec::new()).await;
        browser.press("?").await;
        browser.find(&named("dialog", "Keyboard shortcuts")).await;
        self.take("shortcuts").await;
        browser.go("/settings").await;
        browser.find(&named("button", "Delete account")).await;
        self.take("settings").await;
        browser.go("/c/01939c2e-7b1a-7c3e-9f00-2b6d1c0a4e55").await;
        browser.reads(&named("log", "Conversation"), "does not exist").await;
        self.take("not-here").await;
    }
}

#[tokio::test]
async fn every_state_is_reached_and_tidy_at_every_width() {
    let (server, provider) = scripted().await;
    provider.answer("Read", (0..6).map(|_| Reply::text(TEXT)));
    let mut suffixes = Vec::new();
    for screen in SCREENS.into_iter().flat_map(|screen| [screen, screen.dark()]) {
        let visitor = Tour::new(&server, screen).await;
        visitor.entering().await;
        visitor.browser.close().await;
        let user = TestUser::register(&server).await;
        let tour = Tour::new(&server, screen).await;
        sign_in(&tour.browser, user.email()).await;
        tour.talking(&provider, &user).await;
        tour.tasks(&user).await;
        tour.around().await;
        suffixes.push(tour.suffix);
        tour.browser.close().await;
    }
    contact_sheet(&STATES, &suffixes);
}
