//! The page without its server: what opens, what can be done, what goes out afterwards, and what a sign-out leaves.

use crate::support::{behind_proxy, open_thread, sign_in};
use tandem_protocol::{ConversationId, model::Session};
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

/// Where this browser keeps any of these texts: in each entry of every storage that a page has.
async fn places(browser: &Browser, texts: &[&str]) -> Vec<String> {
    let find = "const texts = arguments[0];
        return (async () => {
            const places = [];
            const look = (place, value) => {
                if (texts.some((text) => `${place} ${JSON.stringify(value)}`.includes(text))) places.push(place);
            };
            for (const [name, storage] of Object.entries({ localStorage, sessionStorage })) {
                for (const key of Object.keys(storage)) look(`${name} ${key}`, storage.getItem(key));
            }
            look('history', history.state);
            look('cookies', document.cookie);
            const ended = (request) => new Promise((done, fail) => {
                request.onsuccess = () => done(request.result);
                request.onerror = () => fail(request.error);
            });
            for (const { name } of await indexedDB.databases()) {
                const database = await ended(indexedDB.open(name));
                for (const table of database.objectStoreNames) {
                    const store = database.transaction(table).objectStore(table);
                    const [keys, values] = await Promise.all([ended(store.getAllKeys()), ended(store.getAll())]);
                    keys.forEach((key, at) => look(`${name} ${table} ${JSON.stringify(key)}`, values[at]));
                }
                database.close();
            }
            for (const name of await caches.keys()) {
                const cache = await caches.open(name);
                for (const request of await cache.keys()) {
                    look(`${name} ${request.url}`, await (await cache.match(request)).text());
                }
            }
            const worker = await navigator.serviceWorker.getRegistration();
            for (const shown of await worker?.getNotifications() ?? []) look('notification', [shown.title, shown.body]);
            return places;
        })()";
    let found = browser.run(find, vec![serde_json::json!(texts)]).await;
    serde_json::from_value(found).expect("places")
}

async fn sign_out(browser: &Browser) {
    browser.click(&named("button", "Account")).await;
    browser.click(&named("button", "Sign out")).await;
}

#[tokio::test]
async fn a_sign_out_leaves_nothing_to_read() {
    let server = TestServer::new().await;
    let (browser, user) = signed_in(&server, Screen::LAPTOP).await;
    // A task that the snapshot already knows comes without an event.
    kept(&browser, "snapshot", 1).await;
    user.add_task("Nobody else reads this").await;
    browser.click(&named("tab", "All")).await;
    browser.lists_tasks(&["Nobody else reads this"]).await;
    browser.write(&named("textbox", "Message"), "A draft that nobody else reads").await;
    kept(&browser, "event", 1).await;
    let me = user.get("/me").await.expect(200).value();
    let id = me["id"].as_str().expect("an id").to_owned();
    let texts = [id.as_str(), user.email(), "nobody else reads", "Nobody else reads"];
    for text in texts {
        eventually(format_args!("{text:?} to be kept"), async || {
            (!places(&browser, &[text]).await.is_empty()).then_some(())
        })
        .await;
    }
    sign_out(&browser).await;
    browser.find(&named("textbox", "Email")).await;
    eventually("nothing kept", async || {
        let left = places(&browser, &texts).await;
        left.is_empty().then_some(())
    })
    .await;

    server.kill();
    browser.go("/").await;
    browser.find(&named("textbox", "Email")).await;
    assert_eq!(places(&browser, &texts).await, Vec::<String>::new());
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
async fn a_sign_out_without_the_server_asks_first_and_ends_the_session_when_it_is_back() {
    let (server, proxy) = behind_proxy().await;
    let user = TestUser::register(&server).await;
    let browser = Browser::through(&proxy, Screen::LAPTOP).await;
    sign_in(&browser, user.email()).await;
    kept(&browser, "snapshot", 1).await;
    let sessions = async || user.all_pages::<Session>("/sessions", "").await.len();
    assert_eq!(sessions().await, 2);
    proxy.go_down();
    browser.reads(&named("status", "Connection"), "Offline").await;
    for title in ["Never sent", "Never sent either"] {
        browser.write(&named("textbox", "Add a task"), &format!("{title}\u{e007}")).await;
    }
    sign_out(&browser).await;
    let dialog = named("dialog", "2 changes have not been sent");
    browser.click(&named("button", "Stay").within(dialog.clone())).await;
    browser.gone(&dialog).await;
    browser.click(&named("tab", "All")).await;
    browser.lists_tasks(&["Never sent", "Never sent either"]).await;
    sign_out(&browser).await;
    browser.click(&named("button", "Sign out anyway").within(dialog.clone())).await;
    browser.find(&named("textbox", "Email")).await;
    let texts = ["Never sent", user.email()];
    eventually("nothing kept", async || places(&browser, &texts).await.is_empty().then_some(())).await;
    // The page is closed before the network is back: the next start ends the session, and shows nobody's page.
    browser.leave().await;
    assert_eq!(sessions().await, 2, "only the server can end it");
    browser.go("/").await;
    browser.find(&named("textbox", "Email")).await;
    proxy.recover();
    eventually("the end of the session", async || (sessions().await == 1).then_some(())).await;
    browser.find(&named("textbox", "Email")).await;
    sign_in(&browser, user.email()).await;
    browser.reads(&named("status", "Connection"), "Connected").await;
    browser.click(&named("tab", "All")).await;
    browser.lists_tasks(&[]).await;
    assert!(user.tasks("").await.is_empty());
    browser.close().await;
}

/// Before the socket come the answer that the page has not changed, and new tokens.
const SECOND_VISIT_BYTES: u64 = 2 * 1024;

#[tokio::test]
async fn a_second_visit_needs_two_kilobytes_before_the_socket() {
    let (server, proxy) = behind_proxy().await;
    let user = TestUser::register(&server).await;
    let browser = Browser::through(&proxy, Screen::LAPTOP).await;
    sign_in(&browser, user.email()).await;
    kept(&browser, "snapshot", 1).await;
    browser.leave().await;
    proxy.count_anew();
    browser.go("/").await;
    let sent = eventually("a socket", async || proxy.sent_before_socket()).await;
    println!("bytes of a second visit before the socket: {sent}");
    assert!((1..=SECOND_VISIT_BYTES).contains(&sent), "{sent} for {:#?}", proxy.asked());
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
