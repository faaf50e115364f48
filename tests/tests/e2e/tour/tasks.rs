//! The tasks, one of them, and reminders.

use super::{ESCAPE, Look, Tour};
use crate::support::from_now;
use serde_json::json;
use tandem_tests::{
    TestUser,
    browser::{Screen, named, starting},
    eventually,
};

impl<L: Look> Tour<'_, L> {
    pub(super) async fn tasks(&self, user: &TestUser) {
        let thread = self.browser.path().await;
        let trip = self.furnish(user).await;
        self.lists().await;
        self.selecting().await;
        self.one(trip).await;
        self.ringing(user).await;
        self.open(&thread).await;
        self.browser.replies_ended(1).await;
    }

    /// Makes tasks of every kind; returns the number of one with everything.
    async fn furnish(&self, user: &TestUser) -> i64 {
        let trip = user
            .add(json!({ "title": "Plan the trip to the hills", "description": "Take the **early** train.\n\n- Tent\n- Stove",
                "due": { "date": "2030-01-02", "time": "17:00" }, "priority": "high", "labels": ["home"], "list": "Trips",
                "recurrence": { "rule": "FREQ=WEEKLY" } }))
            .await;
        for (title, done) in [("Book the train", true), ("Ask Kim about the stove", false)] {
            let part = user.add(json!({ "title": title, "parent_id": trip.id })).await;
            if done {
                user.post(&format!("/tasks/{}/complete", part.id)).await.expect(200);
            }
        }
        let old = user.add(json!({ "title": "Sweep the stairs" })).await;
        user.post(&format!("/tasks/{}/complete", old.id)).await.expect(200);
        let today = user.user().created_at.to_string();
        let today = today.split('T').next().expect("a time starts with its day");
        for task in [
            json!({ "title": "Return the books", "due": { "date": "2030-01-03" } }),
            json!({ "title": "Renew the passport", "due": { "date": "2020-01-03" }, "priority": "urgent" }),
            json!({ "title": "Send the invoice", "due": { "date": today }, "labels": ["work"] }),
        ] {
            user.add(task).await;
        }
        trip.number
    }

    async fn lists(&self) {
        let browser = &self.browser;
        self.open("/tasks").await;
        for (tab, title) in
            [("Today", "Renew the passport"), ("Upcoming", "Return the books"), ("Done", "Sweep the stairs")]
        {
            browser.click(&named("tab", tab)).await;
            self.finds(named("checkbox", format!("Complete {title}"))).await;
            self.take(&format!("tasks-{}", tab.to_lowercase())).await;
            if tab == "Upcoming" && self.screen.width >= Screen::LAPTOP.width {
                browser.emulate(Screen { width: 1_600, height: 900, ..self.screen }).await;
                self.finds(named("group", "Calendar")).await;
                self.take("month").await;
                browser.emulate(self.screen).await;
            }
        }
        browser.click(&named("tab", "All")).await;
        self.finds(named("checkbox", "Complete Return the books")).await;
        self.take("tasks-all").await;
        browser.click(&named("button", "Filter tasks")).await;
        browser.write(&named("textbox", "Words in the task"), "nothing like it").await;
        self.finds(named("textbox", "Words in the task")).await;
        self.take("tasks-filter").await;
        browser.click(&named("button", "Filter tasks")).await;
        browser.write(&named("textbox", "Add a task"), "Dentist tomorrow 15:00 #health +Home !high").await;
        let chips = "return document.querySelectorAll('.parsed .chip').length > 2";
        eventually("the chips", async || (browser.run(chips, Vec::new()).await == true).then_some(())).await;
        self.take("quick-add").await;
        browser.overwrite(&named("textbox", "Add a task"), "\u{e017}").await;
    }

    async fn selecting(&self) {
        let browser = &self.browser;
        browser.run("document.querySelector('#task-pane .task').focus()", Vec::new()).await;
        browser.press("xjx").await;
        self.finds(named("toolbar", "Selected tasks")).await;
        self.take("tasks-selected").await;
        browser.click(&named("button", "Set date")).await;
        self.finds(starting("dialog", "Due date")).await;
        self.take("due-date").await;
        self.close(starting("dialog", "Due date")).await;
        browser.click(&named("button", "Clear selection")).await;
        self.press_at("[aria-label='Add subtask to Send the invoice']").await;
        self.finds(named("textbox", "Subtask of Send the invoice")).await;
        self.take("subtask").await;
        browser.press(ESCAPE).await;
        self.press_at("[aria-label='Delete Send the invoice']").await;
        browser.reads(&named("region", "Notices"), "Send the invoice").await;
        self.take("toast").await;
    }

    async fn one(&self, trip: i64) {
        let browser = &self.browser;
        self.open(&format!("/t/{trip}")).await;
        self.finds(named("heading", "Plan the trip to the hills")).await;
        self.take("task").await;
        browser.click(&named("button", "Edit task")).await;
        self.finds(named("textbox", "Reminders, with commas")).await;
        self.take("task-edit-detail").await;
        browser.press(ESCAPE).await;
        self.open("/t/9999").await;
        browser.reads(&named("region", "Task details"), "").await;
        self.take("task-not-here").await;
        self.open("/tasks").await;
        browser.click(&named("tab", "All")).await;
        self.press_at("[aria-label='Edit Plan the trip to the hills']").await;
        self.finds(named("textbox", "Reminders, with commas")).await;
        self.take("task-edit").await;
        browser.press(ESCAPE).await;
    }

    async fn ringing(&self, user: &TestUser) {
        let browser = &self.browser;
        for title in ["Call Ann", "Pay the rent before the office closes for the holidays"] {
            user.add(json!({ "title": title, "reminders": [{ "at": from_now(0) }] })).await;
        }
        browser.reads(&named("dialog", "Reminders"), "Pay the rent").await;
        self.take("reminders").await;
        self.press_at(".ring li:first-child .menu-of > button").await;
        self.take("reminders-snooze").await;
        browser.press(ESCAPE).await;
        for _ in 0..2 {
            self.press_at(".ring li:first-child .acts > :last-child").await;
        }
        browser.gone(&named("dialog", "Reminders")).await;
    }
}
