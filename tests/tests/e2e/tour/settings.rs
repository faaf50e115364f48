//! The settings, and the people of the server.

use super::{Look, Tour};
use tandem_tests::{
    browser::{named, starting},
    user::PASSWORD,
};

impl<L: Look> Tour<'_, L> {
    pub(super) async fn settings(&self) {
        let browser = &self.browser;
        browser.go("/settings").await;
        self.finds(named("button", "Delete account")).await;
        browser.reads(&named("region", "Your data"), "used").await;
        browser.reads(&named("region", "Devices"), "This device").await;
        self.take_all("settings").await;
        browser.click(&named("button", "New token")).await;
        self.finds(starting("dialog", "")).await;
        self.take("token").await;
        browser.write(&named("textbox", "Name of the token"), "Script").await;
        browser.press("\u{e007}").await;
        browser.reads(&starting("dialog", ""), "tnd_").await;
        self.take("token-created").await;
        self.close(starting("dialog", "")).await;
        browser.click(&named("button", "New feed")).await;
        browser.write(&named("textbox", "Name of the feed"), "Ours").await;
        self.take("feed").await;
        browser.click(&named("button", "Create feed")).await;
        browser.reads(&named("dialog", "Your new feed"), "/calendar/").await;
        self.take("feed-created").await;
        self.close(named("dialog", "Your new feed")).await;
        browser.click(&named("button", "Remove")).await;
        self.finds(named("dialog", "Remove Ours?")).await;
        self.take("feed-removed").await;
        browser.click(&named("button", "Remove").within(named("dialog", "Remove Ours?"))).await;
        browser.click(&named("button", "Delete account")).await;
        self.finds(named("dialog", "Delete account?")).await;
        self.take("delete-account").await;
        self.close(named("dialog", "Delete account?")).await;
        browser.write(&named("password", "Current password"), "wrong").await;
        browser.write(&named("password", "New password"), &format!("{PASSWORD}\u{e007}")).await;
        self.finds(starting("alert", "")).await;
        self.take("password-refused").await;
    }

    pub(super) async fn people(&self) {
        let browser = &self.browser;
        browser.go("/settings/people").await;
        self.finds(named("list", "Accounts")).await;
        browser.reads(&named("list", "Accounts"), "Olga").await;
        self.take_all("people").await;
        self.press_at("[aria-label^='Menu of']").await;
        self.take("person-menu").await;
        browser.press(super::ESCAPE).await;
        browser.click(&named("button", "Invite someone")).await;
        self.finds(named("dialog", "Invite someone")).await;
        self.take("invite").await;
        browser.click(&named("button", "Create link")).await;
        browser.reads(&starting("dialog", ""), "http").await;
        self.take("invitation").await;
        browser.click(&named("button", "Done")).await;
    }
}
