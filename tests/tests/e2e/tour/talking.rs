//! A conversation: what runs, what has ended, and what is asked.

use super::{ESCAPE, Look, Tour};
use tandem_tests::{
    TestUser,
    browser::{named, starting},
};

impl<L: Look> Tour<'_, L> {
    pub(super) async fn talking(&self, user: &TestUser) {
        let browser = &self.browser;
        browser.send_message("Where to go this weekend?").await;
        browser.replies_ended(1).await;
        self.take("reading").await;
        browser.click(&starting("button", "Thought for")).await;
        self.take("thought").await;
        browser.click(&starting("button", "Thought for")).await;
        self.running().await;
        self.asking(user).await;
        self.versions().await;
    }

    async fn running(&self) {
        let browser = &self.browser;
        browser.send_message("Have patience").await;
        browser.reads(&starting("article", "Assistant"), "Thinking").await;
        self.take("waiting").await;
        browser.replies_ended(2).await;
        browser.send_message("Which stove?").await;
        browser.reads(&starting("article", "Assistant"), "One moment").await;
        self.take("streaming").await;
        browser.write(&named("textbox", "Message"), "Note the hut").await;
        self.take("queue").await;
        browser.click(&named("button", "Queue")).await;
        browser.reads(&starting("article", "You"), "Queued").await;
        self.take("queued").await;
        browser.click(&named("button", "Stop")).await;
        browser.replies_ended(4).await;
        self.take("stopped").await;
        browser.send_message("This one is broken").await;
        browser.replies_ended(5).await;
        self.take("failed").await;
    }

    async fn asking(&self, user: &TestUser) {
        let browser = &self.browser;
        for title in ["Call Kim about the tent", "Water the plants"] {
            user.add_task(title).await;
        }
        browser.send_message("Clear the list").await;
        self.finds(named("group", "Delete 3 tasks")).await;
        self.take("approval").await;
        browser.click(&starting("checkbox", "#2")).await;
        browser.click(&named("button", "Approve 2")).await;
        browser.replies_ended(6).await;
        self.take("tools").await;
        self.press_at(".msg-last .chev, .msg:last-of-type .chev").await;
        self.take("tools-open").await;
    }

    /// Editing a message, and its versions.
    async fn versions(&self) {
        let browser = &self.browser;
        self.press_at(".msg-you:nth-last-of-type(2) [aria-label='Edit']").await;
        self.finds(named("textbox", "Edit message")).await;
        self.take("message-edit").await;
        browser.press(ESCAPE).await;
        browser.gone(&named("textbox", "Edit message")).await;
        self.press_at(".msg-last [aria-label='Retry']").await;
        browser.reads(&starting("article", "Assistant"), "2/2").await;
        browser.replies_ended(6).await;
        self.press_at(".msg-last [aria-label='Details']").await;
        self.take("versions").await;
    }
}
