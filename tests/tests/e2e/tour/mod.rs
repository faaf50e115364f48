//! A walk through every state of the page, as a person reaches it, at one width and in one colour scheme.
//!
//! What is done in each state is the [`Look`] of the test that walks: a picture for the contact sheet, or a check. Everywhere
//! nothing may be wider than the page.

mod around;
mod entering;
mod settings;
mod talking;
mod tasks;
mod world;

pub(crate) use world::World;

use crate::support::sign_in;
use serde_json::json;
use std::sync::Mutex;
use tandem_tests::{
    Browser, ChaosProxy, TestUser,
    browser::{Named, Screen},
    eventually,
};

pub(crate) const ENTER: &str = "\u{e007}";
pub(crate) const ESCAPE: &str = "\u{e00c}";

/// What makes the page wider than the window.
const WIDER: &str = "
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    const wide = [...document.querySelectorAll('body *')].filter((it) => it.getBoundingClientRect().right > width);
    return wide.slice(0, 9).map((it) => `${it.className} ${it.textContent.slice(0, 60)}`);";

/// What is done in each state. What is found is collected with the names of the state and of the screen.
pub(crate) trait Look {
    type Found;

    /// `whole`: whether the page is higher than the window, and all of it is to be seen.
    async fn look(&self, browser: &Browser, whole: bool) -> Self::Found;
}

/// What was found in a state: the names of the state and of the screen, and the finding.
pub(crate) type Seen<F> = (String, String, F);

/// A screen, as files and rows of tables name it.
pub(crate) fn suffix(screen: Screen) -> String {
    format!("{}-{}", screen.width, if screen.dark { "dark" } else { "light" })
}

/// A person on the way through the page.
pub(crate) struct Tour<'a, L: Look> {
    look: &'a L,
    seen: &'a Mutex<Vec<Seen<L::Found>>>,
    screen: Screen,
    proxy: &'a ChaosProxy,
    browser: Browser,
}

/// Walks through all states on this screen.
pub(crate) async fn walk<L: Look>(world: &World, screen: Screen, look: &L) -> Vec<Seen<L::Found>> {
    let seen = Mutex::new(Vec::new());
    let proxy = world.proxy(screen);
    let start = async || Tour { look, seen: &seen, screen, proxy, browser: Browser::through(proxy, screen).await };
    let visitor = start().await;
    visitor.entering().await;
    visitor.browser.close().await;
    let user = TestUser::register(&world.server).await;
    user.patch("/me").json(json!({ "name": "Ann" })).await.expect(200);
    let tour = start().await;
    sign_in(&tour.browser, user.email()).await;
    tour.talking(&user).await;
    tour.tasks(&user).await;
    tour.around().await;
    tour.settings().await;
    tour.losing(&user).await;
    tour.browser.close().await;
    let owner = start().await;
    sign_in(&owner.browser, world.owner.email()).await;
    owner.people().await;
    owner.browser.close().await;
    seen.into_inner().expect("no look has failed")
}

impl<L: Look> Tour<'_, L> {
    /// Looks at the page as it stands in the window.
    async fn take(&self, state: &str) {
        self.see(state, false).await;
    }

    /// Looks at the whole of a page that is higher than the window.
    async fn take_all(&self, state: &str) {
        self.see(state, true).await;
    }

    async fn see(&self, state: &str, whole: bool) {
        self.browser.settled().await;
        let screen = suffix(self.screen);
        assert_eq!(self.browser.run(WIDER, Vec::new()).await, json!([]), "wider than the page: {state} at {screen}");
        let found = self.look.look(&self.browser, whole).await;
        self.seen.lock().expect("no look has failed").push((state.to_owned(), screen, found));
    }

    async fn finds(&self, what: Named) {
        self.browser.find(&what).await;
    }

    /// Presses what is found by a selector, also where it shows under a mouse only.
    async fn press_at(&self, selector: &str) {
        let press = "const it = document.querySelector(arguments[0]); if (it) { it.focus(); it.click(); } return !!it";
        eventually(format_args!("{selector} to be pressed"), async || {
            (self.browser.run(press, vec![selector.into()]).await == true).then_some(())
        })
        .await;
    }

    /// Closes what lies over the page.
    async fn close(&self, what: Named) {
        self.browser.press(ESCAPE).await;
        self.browser.gone(&what).await;
    }

    fn narrow(&self) -> bool {
        self.screen.width < 700
    }

    /// Opens a page of the workspace and waits until it is connected. On a phone the status is beside the conversation alone.
    async fn open(&self, path: &str) {
        self.browser.go(path).await;
        self.connected("Connected").await;
    }

    async fn connected(&self, status: &str) {
        let read = "const it = document.querySelector(`[role='status'][aria-label='Connection']`); return it && it.textContent";
        eventually(format_args!("the status {status}"), async || {
            self.browser.run(read, Vec::new()).await.as_str().is_some_and(|text| text.contains(status)).then_some(())
        })
        .await;
    }
}
