//! Helpers for the tests of the web client.

use serde_json::{Value, json};
use std::{net::SocketAddr, time::Duration};
use tandem_domain::clock::{Clock as _, SystemClock};
use tandem_tests::{
    Browser, ChaosProxy, ScriptedProvider, TestServer, TestUser,
    browser::{Screen, named, starting},
    eventually, fresh,
    scripted_server::ScriptedServer,
    user::PASSWORD,
};
use tokio::sync::OnceCell;

/// Interval of the words of a reply that is observed.
pub(crate) const PACE: Duration = Duration::from_millis(20);

/// The server that the tests share, with default settings, so that the built-in assistant answers.
pub(crate) async fn server() -> &'static TestServer {
    static SERVER: OnceCell<TestServer> = OnceCell::const_new();
    let start = async || {
        let server = TestServer::new().await;
        // The first account is the owner's, who may not do everything that a member may: which test has it would be chance.
        TestUser::register(&server).await;
        server
    };
    SERVER.get_or_init(start).await
}

/// A server with a scripted provider.
pub(crate) async fn scripted() -> (TestServer, ScriptedProvider) {
    let ScriptedServer { server, provider } = ScriptedServer::start(TestServer::setup()).await;
    (server, provider)
}

/// A server, and a proxy through which a browser reaches it.
pub(crate) async fn behind_proxy() -> (TestServer, ChaosProxy) {
    // The server has to know the address of the proxy, and only then has one itself.
    let proxy = ChaosProxy::start(SocketAddr::from(([127, 0, 0, 1], 9))).await;
    let origin = format!("http://{}", proxy.address());
    let server = TestServer::setup().env("TANDEM_ALLOWED_ORIGINS", origin).start().await;
    proxy.set_server(server.listen());
    (server, proxy)
}

/// Registers a user through the page, and returns the email address.
pub(crate) async fn register(browser: &Browser, name: &str) -> String {
    let email = fresh::email();
    browser.go("/register").await;
    browser.write(&named("textbox", "Name"), name).await;
    browser.write(&named("textbox", "Email"), &email).await;
    browser.write(&named("password", "Password"), PASSWORD).await;
    browser.click(&named("button", "Create account")).await;
    browser.find(&named("textbox", "Message")).await;
    email
}

/// Signs a user in through the page.
pub(crate) async fn sign_in(browser: &Browser, email: &str) {
    browser.go("/sign-in").await;
    browser.write(&named("textbox", "Email"), email).await;
    browser.write(&named("password", "Password"), PASSWORD).await;
    browser.click(&named("button", "Sign in")).await;
    browser.find(&named("textbox", "Message")).await;
    browser.reads(&named("status", "Connection"), "Connected").await;
}

/// Two browsers with the same new user.
pub(crate) async fn two_browsers(server: &TestServer, screens: [Screen; 2]) -> (Browser, Browser, TestUser) {
    let (one, two) = tokio::join!(Browser::new(server, screens[0]), Browser::new(server, screens[1]));
    let user = TestUser::register(server).await;
    tokio::join!(sign_in(&one, user.email()), sign_in(&two, user.email()));
    (one, two, user)
}

/// Opens the conversation of this title from the list.
pub(crate) async fn open_thread(browser: &Browser, title: &str) {
    browser.click(&starting("link", title).within(named("navigation", "Conversations"))).await;
    browser.find(&starting("article", "You")).await;
}

/// Begins to note how long the newest reply is, each time that the page changes while it runs.
pub(crate) async fn watch_growth(browser: &Browser) {
    let script = "
        window.grown = [];
        new MutationObserver(() => {
            const replies = [...document.querySelectorAll('article')].filter((it) => (it.ariaLabel || '').startsWith('Assistant'));
            const reply = replies.at(-1);
            if (!reply || reply.getAttribute('aria-busy') !== 'true') return;
            // The paragraphs alone: a clock that ticks in the article is no growth.
            const length = [...reply.querySelectorAll('p')].map((it) => it.textContent).join('').length;
            if (length > 0 && window.grown.at(-1) !== length) window.grown.push(length);
        }).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });";
    browser.run(script, Vec::new()).await;
}

/// The lengths that were noted since then.
pub(crate) async fn growth(browser: &Browser) -> Vec<u64> {
    let lengths = browser.run("return window.grown || [];", Vec::new()).await;
    lengths.as_array().into_iter().flatten().filter_map(Value::as_u64).collect()
}

/// Text was seen growing: at least `steps` lengths, each longer than the one before.
pub(crate) fn assert_grew(lengths: &[u64], steps: usize) {
    assert!(lengths.len() >= steps, "the text did not grow before the eyes: {lengths:?}");
    assert!(lengths.is_sorted(), "text that was shown went away: {lengths:?}");
}

/// A time of a reminder, so many seconds from now.
pub(crate) fn from_now(seconds: i64) -> Value {
    let at = jiff::tz::Offset::UTC.to_datetime(SystemClock.now().plus_millis(seconds * 1_000).to_jiff());
    json!({ "date": at.date().to_string(), "time": at.strftime("%H:%M:%S").to_string(), "time_zone": "UTC" })
}

/// Waits until the newest reply shows this text.
pub(crate) async fn reply_shows(browser: &Browser, text: &str) {
    eventually(format_args!("the reply to show {text:?}"), async || {
        browser.last_reply().await.contains(text).then_some(())
    })
    .await;
}
