//! The page without its server: what opens, what can be done, what goes out afterwards, and what a sign-out leaves.

use crate::support::{behind_proxy, open_thread, sign_in};
use tandem_protocol::ConversationId;
use tandem_tests::{
    Browser, TestServer, TestUser,
    browser::{Screen, named, starting},
    eventually, fresh,
    user::PASSWORD,
};

/// Waits until the browser has everything that it needs for a start without the server.
async fn kept(browser: &Browser, kind: &str, count: u64) {
    eventually(format_args!("{count} kept of {kind}"), async || (counted(browser, kind).await >= count).then_some(()))
        .await;
    let ready = "return navigator.serviceWorker.ready.then((known) => known.active.state === 'activated')";
    eventually("the service worker", async || browser.run(ready, vec![]).await.as_bool().filter(|ready| *ready)).await;
}

/// How many texts of a kind the browser keeps.
async fn counted(browser: &Browser, kind: &str) -> u64 {
    let count = "return new Promise((done) => {
        const opening = indexedDB.open('tandem', 1);
        opening.onerror = () => done(0);
        // Without this the page would find a database without its table.
        opening.onupgradeneeded = () => opening.transaction.abort();
        opening.onsuccess = () => {
            const found = opening.result.transaction('kept').objectStore('kept').getAllKeys();
            found.onsuccess = () => {
                opening.result.close();
                done(found.result.filter((key) => arguments[0] === '' || key[0] === arguments[0]).length);
            };
        };
    })";
    browser.run(count, vec![kind.into()]).await.as_u64().expect("a count")
}

/// A browser in which a new user has signed in.
async fn signed_in(server: &TestServer, screen: Screen) -> (Browser, TestUser) {
    let user = TestUser::register(server).await;
    let browser = Browser::new(server, screen).await;
    sign_in(&browser, user.email()).await;
    (browser, user)
}

#[tokio::test]
async fn the_page_opens_without_the_server_and_sends_once_what_was_done_then() {
    let server = TestServer::new().await;
    let (browser, user) = signed_in(&server, Screen::LAPTOP).await;
    browser.send_message("add a task Water the plants").await;
    browser.replies_ended(1).await;
    browser.click(&named("tab", "All")).await;
    browser.lists_tasks(&["Water the plants"]).await;
    kept(&browser, "snapshot", 1).await;
    kept(&browser, "event", 3).await;
    let thread = browser.path().await;

    server.kill();
    browser.reload().await;
    browser.reads(&named("status", "Connection"), "Offline").await;
    browser.find(&starting("article", "You")).await;
    assert_eq!(browser.path().await, thread);
    browser.click(&named("tab", "All")).await;
    browser.lists_tasks(&["Water the plants"]).await;
    browser.write(&named("textbox", "Add a task"), "Written in the tunnel\u{e007}").await;
    browser.lists_tasks(&["Water the plants", "Written in the tunnel"]).await;
    // What was done without the server survives another start without it, at another page.
    browser.go("/tasks").await;
    browser.click(&named("tab", "All")).await;
    browser.lists_tasks(&["Water the plants", "Written in the tunnel"]).await;

    server.start().await;
    browser.reads(&named("status", "Connection"), "Connected").await;
    eventually("both tasks", async || (user.tasks("").await.len() == 2).then_some(())).await;
    browser.reload().await;
    browser.click(&named("tab", "All")).await;
    browser.lists_tasks(&["Water the plants", "Written in the tunnel"]).await;
    assert_eq!(user.tasks("").await.len(), 2);
    browser.close().await;
}

#[tokio::test]
async fn threads_that_were_not_opened_are_there_without_the_server() {
    let server = TestServer::new().await;
    let user = TestUser::register(&server).await;
    for text in ["what can you do?", "what is due today?"] {
        user.send_message(ConversationId(fresh::id()), text).await;
    }
    let browser = Browser::new(&server, Screen::LAPTOP).await;
    sign_in(&browser, user.email()).await;
    kept(&browser, "thread", 2).await;
    server.kill();
    browser.reload().await;
    browser.reads(&named("status", "Connection"), "Offline").await;
    for text in ["what can you do?", "what is due today?"] {
        open_thread(&browser, &text[..8]).await;
        browser.reads(&named("main", ""), text).await;
    }
    browser.close().await;
}

#[tokio::test]
async fn a_sign_out_leaves_nothing_to_read() {
    let server = TestServer::new().await;
    let (browser, user) = signed_in(&server, Screen::LAPTOP).await;
    user.add_task("Nobody else reads this").await;
    browser.click(&named("tab", "All")).await;
    browser.lists_tasks(&["Nobody else reads this"]).await;
    kept(&browser, "event", 1).await;
    browser.click(&named("button", "Account")).await;
    browser.click(&named("button", "Sign out")).await;
    browser.find(&named("textbox", "Email")).await;
    eventually("nothing kept", async || (counted(&browser, "").await == 0).then_some(())).await;

    server.kill();
    browser.go("/").await;
    browser.find(&named("textbox", "Email")).await;
    server.start().await;
    let other = TestUser::register(&server).await;
    sign_in(&browser, other.email()).await;
    kept(&browser, "snapshot", 1).await;
    server.kill();
    browser.reload().await;
    browser.reads(&named("status", "Connection"), "Offline").await;
    browser.click(&named("tab", "All")).await;
    browser.lists_tasks(&[]).await;
    browser.close().await;
}

#[tokio::test]
async fn a_session_that_has_ended_meanwhile_asks_to_sign_in_and_loses_nothing() {
    let (server, proxy) = behind_proxy().await;
    let user = TestUser::register(&server).await;
    let browser = Browser::through(&proxy, Screen::LAPTOP).await;
    sign_in(&browser, user.email()).await;
    kept(&browser, "snapshot", 1).await;
    proxy.go_down();
    user.post("/sessions/revoke-others").await.expect(200);
    browser.reload().await;
    browser.reads(&named("status", "Connection"), "Offline").await;
    browser.write(&named("textbox", "Add a task"), "Typed before that\u{e007}").await;
    proxy.recover();
    let dialog = named("dialog", "Sign in again");
    browser.write(&named("password", "Password").within(dialog.clone()), PASSWORD).await;
    browser.click(&named("button", "Sign in").within(dialog.clone())).await;
    browser.gone(&dialog).await;
    eventually("the task", async || (user.tasks("").await.len() == 1).then_some(())).await;
    browser.close().await;
}

#[tokio::test]
async fn what_other_programs_share_becomes_a_line_of_the_quick_add() {
    let server = TestServer::new().await;
    let (browser, _user) = signed_in(&server, Screen::PHONE).await;
    browser.go("/tasks?title=Soup&text=A+good+one&url=https%3A%2F%2Fexample.org%2Fsoup").await;
    let line = named("textbox", "Add a task");
    eventually("the line", async || {
        (browser.value(&line).await == "Soup A good one https://example.org/soup").then_some(())
    })
    .await;
    assert_eq!(browser.path().await, "/tasks");
    let search = browser.run("return location.search", vec![]).await;
    assert_eq!(search, "", "a reload does not add it again");
    browser.close().await;
}
