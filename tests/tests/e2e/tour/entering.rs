//! The pages of a visitor, and a new account.

use super::{ENTER, Look, Tour};
use crate::support::register;
use tandem_tests::browser::{named, starting};

impl<L: Look> Tour<'_, L> {
    pub(super) async fn entering(&self) {
        let browser = &self.browser;
        browser.go("/sign-in").await;
        self.finds(named("button", "Sign in")).await;
        self.take("sign-in").await;
        browser.click(&named("button", "Sign in")).await;
        self.finds(starting("alert", "")).await;
        self.take("sign-in-missing").await;
        browser.write(&named("textbox", "Email"), "nobody@example.test").await;
        browser.write(&named("password", "Password"), &format!("not the password{ENTER}")).await;
        browser.reads(&starting("alert", ""), "password").await;
        self.take("sign-in-refused").await;
        browser.go("/reset#secret=made-up").await;
        self.finds(named("button", "Set password")).await;
        self.take("reset").await;
        browser.go("/register").await;
        self.finds(named("button", "Create account")).await;
        self.take("register").await;
        browser.click(&named("button", "Create account")).await;
        self.finds(starting("alert", "")).await;
        self.take("register-missing").await;
        register(browser, "Ann").await;
        browser.reads(&named("status", "Connection"), "Connected").await;
        self.take("empty").await;
        if self.narrow() {
            browser.click(&named("button", "Threads").within(named("navigation", "Views"))).await;
            self.take("empty-threads").await;
        }
        for tab in ["Today", "Upcoming", "All", "Done"] {
            self.open("/tasks").await;
            browser.click(&named("tab", tab)).await;
            self.take(&format!("empty-{}", tab.to_lowercase())).await;
        }
    }
}
