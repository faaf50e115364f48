//! A real browser. Elements are found as users find them: by role and accessible name.

mod driver;
mod firefox;
mod look;
mod names;
mod pictures;
mod worker;

pub use firefox::Firefox;
pub use names::{Named, named, starting};
pub use pictures::{SmallPicture, contact_sheet};

use crate::{proxy::ChaosProxy, server::TestServer, user::Visitor};
use driver::{Driver, capabilities};
use fantoccini::{
    Client, ClientBuilder,
    elements::{Element, ElementRef},
    error::CmdError,
};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::Value;
use std::path::PathBuf;

/// The size of the viewport in CSS pixels, and the colour scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Screen {
    pub width: u32,
    pub height: u32,
    /// Whether it prefers dark colours.
    pub dark: bool,
    /// Whether it is touched, and has no mouse that could hover.
    pub touch: bool,
}

impl Screen {
    pub const LAPTOP: Self = Self { width: 1280, height: 800, dark: false, touch: false };
    pub const PHONE: Self = Self { width: 390, height: 844, dark: false, touch: false };
    /// The same phone under a finger. The others are phones in width only.
    pub const TOUCH_PHONE: Self = Self { touch: true, ..Self::PHONE };

    /// The same at night.
    #[must_use]
    pub fn dark(self) -> Self {
        Self { dark: true, ..self }
    }
}

/// A headless Chromium with a profile of its own.
#[derive(Debug)]
pub struct Browser {
    client: Client,
    origin: String,
    screen: Screen,
    profile: PathBuf,
}

/// The message of a test when the browser fails, which is not an error of the page.
const WORKS: &str = "the browser does what WebDriver asks";

impl Browser {
    /// A browser that has never been anywhere.
    pub async fn new(server: &TestServer, screen: Screen) -> Self {
        let page = Visitor::of(server).get("/").await;
        assert!(
            page.body.contains("<script"),
            "the server holds no web client: run `cargo xtask test`, which builds it"
        );
        let profile = Driver::shared().await.fresh_profile();
        Self::with_profile(server.url(""), screen, profile).await
    }

    /// A new browser that records what it does; see [`Browser::restyled`].
    pub async fn traced(server: &TestServer, screen: Screen) -> Self {
        let profile = Driver::shared().await.fresh_profile();
        Self::start(server.url(""), screen, profile, true).await
    }

    /// A new browser that reaches the server through a proxy.
    pub async fn through(proxy: &ChaosProxy, screen: Screen) -> Self {
        let profile = Driver::shared().await.fresh_profile();
        Self::with_profile(format!("http://{}", proxy.address()), screen, profile).await
    }

    /// Opens another tab with this page, and continues there.
    pub async fn open_tab(&self, path: &str) {
        let tab = self.client.new_window(true).await.expect(WORKS);
        self.client.switch_to_window(tab.handle).await.expect(WORKS);
        self.go(path).await;
    }

    /// Continues in the tab that was opened first.
    pub async fn first_tab(&self) {
        let tabs = self.client.windows().await.expect(WORKS);
        self.client.switch_to_window(tabs[0].clone()).await.expect(WORKS);
    }

    /// Continues in the tab that was opened last.
    pub async fn last_tab(&self) {
        let tabs = self.client.windows().await.expect(WORKS);
        self.client.switch_to_window(tabs[tabs.len() - 1].clone()).await.expect(WORKS);
    }

    /// Closes the browser and starts it again with the same profile, as after a reboot.
    pub async fn restart(self) -> Self {
        self.client.close().await.expect(WORKS);
        Self::with_profile(self.origin, self.screen, self.profile).await
    }

    async fn with_profile(origin: String, screen: Screen, profile: PathBuf) -> Self {
        Self::start(origin, screen, profile, false).await
    }

    async fn start(origin: String, screen: Screen, profile: PathBuf, traced: bool) -> Self {
        let driver = Driver::shared().await;
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities(screen, &profile, traced))
            .connect(&driver.url())
            .await
            .expect("Chromium starts (Debian: `apt-get install chromium chromium-driver`)");
        let browser = Self { client, origin, screen, profile };
        browser.emulate(screen).await;
        browser
    }

    pub async fn close(self) {
        self.client.close().await.expect(WORKS);
    }

    /// Goes to a page of the server.
    pub async fn go(&self, path: &str) {
        self.client.goto(&format!("{}{path}", self.origin)).await.expect(WORKS);
    }

    /// Leaves the server for an empty page.
    pub async fn leave(&self) {
        self.client.goto("about:blank").await.expect(WORKS);
    }

    /// Loads the page anew.
    pub async fn reload(&self) {
        self.client.refresh().await.expect(WORKS);
    }

    /// Presses Back.
    pub async fn back(&self) {
        self.client.back().await.expect(WORKS);
    }

    /// The path of the page that is open.
    pub async fn path(&self) -> String {
        self.client.current_url().await.expect(WORKS).path().to_owned()
    }

    /// The title of the document.
    pub async fn title(&self) -> String {
        self.client.title().await.expect(WORKS)
    }

    /// Waits until this is there, once and visible, and presses it.
    pub async fn click(&self, what: &Named) {
        // Between finding and pressing, the page may have drawn itself anew.
        self.patiently(format_args!("{what} to be pressed"), async || self.the(what).await?.click().await.ok()).await;
    }

    /// Waits for the field and types into it, key by key, after its present content.
    pub async fn write(&self, what: &Named, text: &str) {
        let field = self.find(what).await;
        field.send_keys(text).await.expect(WORKS);
    }

    /// Empties a field and writes into it.
    pub async fn overwrite(&self, what: &Named, text: &str) {
        let field = self.find(what).await;
        // Select everything first, as a user does: clearing a field by a script sends no input event to the page.
        field.send_keys("\u{e009}a\u{e000}").await.expect(WORKS);
        field.send_keys(text).await.expect(WORKS);
    }

    /// Presses keys where the focus is.
    pub async fn press(&self, keys: &str) {
        self.client.active_element().await.expect(WORKS).send_keys(keys).await.expect(WORKS);
    }

    /// Types and sends a message.
    pub async fn send_message(&self, text: &str) {
        self.write(&named("textbox", "Message"), text).await;
        self.click(&named("button", "Send")).await;
    }

    /// Runs a script in the page.
    pub async fn run(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.try_run(script, arguments).await.expect(WORKS)
    }

    async fn try_run(&self, script: &str, arguments: Vec<Value>) -> Result<Value, CmdError> {
        self.client.execute(script, arguments).await
    }

    fn element(&self, reference: &str) -> Element {
        Element::from_element_id(self.client.clone(), ElementRef::from(reference.to_owned()))
    }
}
