//! chromedriver: one process for all tests, found on the PATH.

use super::{Browser, Screen, WORKS};
use crate::{
    eventually::eventually,
    fresh, plain,
    process_guard::{ProcessGuard, lead_group},
    server::free_address,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use fantoccini::{error::CmdError, wd::Capabilities, wd::WebDriverCompatibleCommand};
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};
use tempfile::TempDir;
use tokio::sync::OnceCell;

/// The message of a test on a machine without a browser.
const MISSING: &str = "the tests of the web client need Chromium and its driver: install them \
                       (Debian: `apt-get install chromium chromium-driver`) or put `chromedriver` on the PATH";

/// Enough for a container, and nothing that phones anywhere.
const FLAGS: [&str; 14] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--disable-breakpad",
    "--disable-crash-reporter",
    "--hide-scrollbars",
    "--lang=en-GB",
];

/// A running chromedriver. It and its browsers end with this process.
#[derive(Debug)]
pub(super) struct Driver {
    address: SocketAddr,
    /// The profiles of all browsers. A browser writes until it has ended, so they are removed last.
    profiles: PathBuf,
    _guard: ProcessGuard,
}

impl Driver {
    pub(super) async fn shared() -> &'static Self {
        static DRIVER: OnceCell<Driver> = OnceCell::const_new();
        DRIVER.get_or_init(Self::start).await
    }

    /// A folder for a browser that has never been anywhere.
    pub(super) fn fresh_profile(&self) -> PathBuf {
        self.profiles.join(fresh::word("profile-"))
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    async fn start() -> Self {
        let address = free_address();
        let mut command = Command::new("chromedriver");
        command.arg(format!("--port={}", address.port())).stdout(Stdio::null()).stderr(Stdio::null());
        #[expect(
            clippy::zombie_processes,
            reason = "it runs until this process ends, and then the process_guard ends it"
        )]
        let child = lead_group(&mut command).spawn().expect(MISSING);
        let profiles = TempDir::with_prefix("tandem-browsers-").expect("there is room for profiles").keep();
        let process_guard = ProcessGuard::watch(&child, &profiles);
        let driver = Self { address, profiles, _guard: process_guard };
        let status = format!("{}/status", driver.url());
        let client = plain::client();
        eventually("chromedriver to answer", async || client.get(&status).send().await.ok()).await;
        driver
    }
}

/// `traced`: whether the browser records what it does to lay out and style the page.
pub(super) fn capabilities(screen: Screen, profile: &Path, traced: bool) -> Capabilities {
    let mut arguments: Vec<String> = FLAGS.iter().map(ToString::to_string).collect();
    arguments.push(format!("--user-data-dir={}", profile.display()));
    arguments.push(format!("--window-size={},{}", screen.width, screen.height));
    let mut options = json!({ "args": arguments });
    let mut logs = json!({ "browser": "ALL" });
    if traced {
        options["perfLoggingPrefs"] = json!({ "traceCategories": "devtools.timeline", "enableNetwork": false });
        logs["performance"] = json!("ALL");
    }
    Capabilities::from_iter([
        ("browserName".to_owned(), json!("chrome")),
        ("goog:chromeOptions".to_owned(), options),
        // What the page logs, for tests that want it silent.
        ("goog:loggingPrefs".to_owned(), logs),
    ])
}

impl Browser {
    /// Emulates the size and colour scheme of a screen: a window cannot be as narrow as a phone.
    pub async fn emulate(&self, screen: Screen) {
        let metrics =
            json!({ "width": screen.width, "height": screen.height, "deviceScaleFactor": 1, "mobile": screen.touch });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
        let touch = json!({ "enabled": screen.touch, "maxTouchPoints": 1 });
        self.devtools("Emulation.setTouchEmulationEnabled", touch).await;
        self.prefer(&[("prefers-color-scheme", if screen.dark { "dark" } else { "light" })]).await;
    }

    /// Emulates what the person has set on the device, in place of what was emulated before: features of media queries and
    /// their values, such as `forced-colors` and `active`.
    pub async fn prefer(&self, features: &[(&str, &str)]) {
        let features: Vec<Value> =
            features.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
        self.devtools("Emulation.setEmulatedMedia", json!({ "features": features })).await;
    }

    /// Gives the device another time zone.
    pub async fn travel_to(&self, time_zone: &str) {
        self.devtools("Emulation.setTimezoneOverride", json!({ "timezoneId": time_zone })).await;
    }

    /// Loads at most so many bytes in a second; without a limit when there are none.
    pub async fn load_slowly(&self, bytes: Option<u32>) {
        self.devtools("Network.enable", json!({})).await;
        let speed = bytes.map_or(json!(-1), |bytes| json!(bytes));
        let network = json!({ "offline": false, "latency": 0, "downloadThroughput": speed, "uploadThroughput": -1 });
        self.devtools("Network.emulateNetworkConditions", network).await;
    }

    /// The numbers of elements whose styles were looked up, for each time that some were. Of a [`Browser::traced`], and once.
    pub async fn restyled(&self) -> Vec<u64> {
        let entries = self.issue("log", json!({ "type": "performance" })).await.expect(WORKS);
        let entries = entries.as_array().into_iter().flatten().filter_map(|entry| entry["message"].as_str());
        let events = entries.filter_map(|entry| Some(serde_json::from_str::<Value>(entry).ok()?["message"].take()));
        let restyled = events.filter(|event| event["params"]["name"] == "UpdateLayoutTree");
        restyled.filter_map(|event| event["params"]["args"]["elementCount"].as_u64()).collect()
    }

    /// Whether the page is laid out for paper.
    pub async fn lay_out_for_paper(&self, paper: bool) {
        let media = if paper { "print" } else { "" };
        self.devtools("Emulation.setEmulatedMedia", json!({ "media": media })).await;
    }

    /// The number of pages on which the page is printed.
    pub async fn printed_pages(&self) -> usize {
        let printed = self.devtools("Page.printToPDF", json!({})).await;
        let pdf = STANDARD.decode(printed["data"].as_str().unwrap_or_default()).expect("a PDF in base64");
        // Each page is an object of the type `/Page`; their list is one of the type `/Pages`.
        String::from_utf8_lossy(&pdf).matches("/Type /Page").count() - 1
    }

    /// Taps a point of the viewport with a finger.
    pub async fn tap(&self, (x, y): (f64, f64)) {
        let down = json!({ "type": "touchStart", "touchPoints": [{ "x": x, "y": y }] });
        self.devtools("Input.dispatchTouchEvent", down).await;
        self.devtools("Input.dispatchTouchEvent", json!({ "type": "touchEnd", "touchPoints": [] })).await;
    }

    /// Moves a finger from one point of the viewport to another, in steps as a screen reports them.
    pub async fn swipe(&self, (x, y): (f64, f64), (to_x, to_y): (f64, f64)) {
        let point = |part: f64| json!([{ "x": x + (to_x - x) * part, "y": y + (to_y - y) * part }]);
        self.devtools("Input.dispatchTouchEvent", json!({ "type": "touchStart", "touchPoints": point(0.0) })).await;
        for part in [0.1, 0.25, 0.5, 0.75, 1.0] {
            self.devtools("Input.dispatchTouchEvent", json!({ "type": "touchMove", "touchPoints": point(part) })).await;
        }
        self.devtools("Input.dispatchTouchEvent", json!({ "type": "touchEnd", "touchPoints": [] })).await;
    }

    /// Errors and warnings that the page has logged since the last call.
    pub async fn console(&self) -> Vec<String> {
        let entries = self.issue("log", json!({ "type": "browser" })).await.unwrap_or_default();
        let entries = entries.as_array().cloned().unwrap_or_default();
        let bad = entries.into_iter().filter(|entry| entry["level"] == "SEVERE" || entry["level"] == "WARNING");
        bad.filter_map(|entry| entry["message"].as_str().map(ToOwned::to_owned)).collect()
    }

    /// The role and the name of an element in the accessibility tree of the browser.
    pub async fn computed_name(&self, element: &fantoccini::elements::Element) -> (String, String) {
        let id = element.element_id();
        let role = self.get(&format!("element/{}/computedrole", &*id)).await;
        let label = self.get(&format!("element/{}/computedlabel", &*id)).await;
        (role, label)
    }

    async fn get(&self, path: &str) -> String {
        let said = self.client.issue_cmd(Extension { path: path.to_owned(), body: None }).await.expect(WORKS);
        said.as_str().unwrap_or_default().to_owned()
    }

    /// Lets the site show notifications, as if the person had said so.
    pub async fn allow_notifications(&self) {
        let body = json!({ "permissions": ["notifications"], "origin": self.origin });
        self.devtools("Browser.grantPermissions", body).await;
    }

    /// The notifications that the site shows, each as its title, its text and the names of its answers.
    pub async fn notifications(&self) -> Vec<String> {
        let read = "return navigator.serviceWorker.ready
            .then((registration) => registration.getNotifications())
            .then((all) => all.map((it) => it.title + ': ' + it.body + ' ' + it.actions.map((one) => one.title).join(',')))";
        let shown = self.run(read, vec![]).await;
        shown.as_array().into_iter().flatten().filter_map(Value::as_str).map(ToOwned::to_owned).collect()
    }

    /// Delivers a push to the service worker of the site, as the push service would through the browser.
    pub async fn receive_push(&self, text: &str) {
        self.devtools("ServiceWorker.enable", json!({})).await;
        // Chromium numbers registrations. A page that was left while it registered has used up a number, and a push to a
        // number that is not there does nothing.
        for number in 0..4 {
            let push = json!({ "origin": self.origin, "registrationId": number.to_string(), "data": text });
            self.devtools("ServiceWorker.deliverPushMessage", push).await;
        }
    }

    pub(super) async fn devtools(&self, command: &str, parameters: Value) -> Value {
        let body = json!({ "cmd": command, "params": parameters });
        self.issue("goog/cdp/execute", body).await.expect(WORKS)
    }

    async fn issue(&self, path: &str, body: Value) -> Result<Value, CmdError> {
        let path = if path == "log" { "se/log".to_owned() } else { path.to_owned() };
        self.client.issue_cmd(Extension { path, body: Some(body) }).await
    }
}

/// A command that WebDriver clients do not know by name.
#[derive(Debug)]
struct Extension {
    path: String,
    body: Option<Value>,
}

impl WebDriverCompatibleCommand for Extension {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        match &self.body {
            Some(body) => (http::Method::POST, Some(body.to_string())),
            None => (http::Method::GET, None),
        }
    }
}
