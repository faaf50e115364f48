//! What lies over the page, and what is left of it without a conversation or a network.

use super::{ESCAPE, Look, Tour};
use tandem_tests::{
    TestUser,
    browser::{named, starting},
    eventually,
};

/// Empties what the page keeps for starts without a network.
const FORGET: &str = "
    return new Promise((done) => {
        const open = indexedDB.open('tandem', 1);
        open.onsuccess = () => {
            const cleared = open.result.transaction('kept', 'readwrite').objectStore('kept').clear();
            cleared.onsuccess = () => done(true);
        };
    });";

impl<L: Look> Tour<'_, L> {
    pub(super) async fn around(&self) {
        self.menus().await;
        self.composing().await;
        self.searching().await;
        let browser = &self.browser;
        browser.run("document.activeElement.blur()", Vec::new()).await;
        browser.press("?").await;
        self.finds(named("dialog", "Keyboard shortcuts")).await;
        self.take("shortcuts").await;
        self.close(named("dialog", "Keyboard shortcuts")).await;
        self.threads().await;
        browser.go("/c/01939c2e-7b1a-7c3e-9f00-2b6d1c0a4e55").await;
        browser.reads(&named("log", "Conversation"), "does not exist").await;
        self.take("not-here").await;
        browser.go("/no/such/page").await;
        self.finds(named("heading", "Page not found")).await;
        self.take("not-found").await;
    }

    async fn menus(&self) {
        let browser = &self.browser;
        for (button, state) in [
            (named("button", "Conversation menu"), "menu"),
            (starting("button", "Who answers"), "providers"),
            (named("button", "Account"), "account"),
        ] {
            browser.click(&button).await;
            self.take(state).await;
            browser.press(ESCAPE).await;
        }
        browser.click(&named("button", "Conversation menu")).await;
        browser.click(&named("button", "Rename")).await;
        self.take("renaming").await;
        browser.press(ESCAPE).await;
    }

    async fn composing(&self) {
        let browser = &self.browser;
        for (text, state) in [("/", "commands"), ("Ask @Re", "mention")] {
            browser.overwrite(&named("textbox", "Message"), text).await;
            let offered = "return document.querySelectorAll('.offer .menu-item').length > 0";
            eventually("suggestions", async || (browser.run(offered, Vec::new()).await == true).then_some(())).await;
            self.take(state).await;
            browser.press(ESCAPE).await;
        }
        browser.overwrite(&named("textbox", "Message"), "\u{e017}").await;
    }

    async fn searching(&self) {
        let browser = &self.browser;
        browser.press("\u{e009}k\u{e000}").await;
        self.finds(named("searchbox", "Search")).await;
        self.take("search-empty").await;
        for (words, state, found) in [("tent", "search", true), ("qqqq", "search-nothing", false)] {
            browser.overwrite(&named("searchbox", "Search"), words).await;
            let done = "return document.querySelectorAll('.hit').length > 0 === arguments[0] && \
                        !document.querySelector('.palette .spin') && \
                        (arguments[0] || !!document.querySelector('.palette .blank'))";
            let ended = async || (browser.run(done, vec![found.into()]).await == true).then_some(());
            eventually(format_args!("what is found of {words}"), ended).await;
            self.take(state).await;
        }
        self.close(named("searchbox", "Search")).await;
    }

    /// The list of conversations, with the menu of a row, a title that is edited, and one that was deleted.
    async fn threads(&self) {
        let browser = &self.browser;
        if self.narrow() {
            browser.click(&named("button", "Threads").within(named("navigation", "Views"))).await;
        }
        self.take("threads").await;
        self.press_at(".thread-row .thread-menu").await;
        self.take("thread-menu").await;
        browser.click(&named("button", "Rename")).await;
        self.take("thread-rename").await;
        browser.press(ESCAPE).await;
    }

    /// The network goes, and later the session.
    pub(super) async fn losing(&self, user: &TestUser) {
        let browser = &self.browser;
        self.open("/").await;
        // A reply shows that the socket is open; the status of the first second does not.
        browser.send_message("Note the hut").await;
        browser.replies_ended(1).await;
        self.proxy.go_down();
        browser.reads(&named("status", "Connection"), "Reconnecting").await;
        self.take("reconnecting").await;
        browser.reads(&named("status", "Connection"), "Offline").await;
        browser.send_message("Which stove?").await;
        browser.reads(&starting("article", "You"), "Waiting for the connection").await;
        self.take("offline").await;
        browser.go("/tasks").await;
        self.finds(named("textbox", "Add a task")).await;
        self.take("offline-tasks").await;
        // Without what the page has kept it is not known who is signed in.
        assert_eq!(browser.run(FORGET, Vec::new()).await, true);
        browser.go("/").await;
        self.finds(named("heading", "The server does not answer")).await;
        self.take("server-away").await;
        self.proxy.recover();
        self.connected("Connected").await;
        user.post("/sessions/revoke-others").await;
        self.finds(named("dialog", "Sign in again")).await;
        self.take("sign-in-again").await;
    }
}
