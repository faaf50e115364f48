//! The accessible names of the client, as in the accessibility tree of the browser.

use crate::support::{register, server};
use tandem_tests::{
    Browser,
    browser::{Named, Screen, named, starting},
};

/// This is on the page, once, and a screen reader calls it so.
async fn promised(browser: &Browser, what: &Named, role: &str, name: &str) {
    let element = browser.find(what).await;
    let (said_role, said_name) = browser.computed_name(&element).await;
    assert_eq!((said_role.as_str(), said_name.as_str()), (role, name), "{what}");
}

async fn all_promised(browser: &Browser, names: &[(&'static str, &str)]) {
    for (role, name) in names {
        let said = match *role {
            "password" => "textbox",
            other => other,
        };
        promised(browser, &named(role, *name), said, name).await;
    }
}

#[tokio::test]
async fn the_pages_for_visitors_have_their_names() {
    let browser = Browser::new(server().await, Screen::LAPTOP).await;
    browser.go("/sign-in").await;
    let sign_in =
        [("textbox", "Email"), ("password", "Password"), ("button", "Sign in"), ("link", "Create an account")];
    all_promised(&browser, &sign_in).await;
    assert!(browser.title().await.contains("Sign in"));
    browser.go("/register").await;
    let register = [
        ("textbox", "Name"),
        ("textbox", "Email"),
        ("password", "Password"),
        ("button", "Create account"),
        ("link", "Sign in"),
    ];
    all_promised(&browser, &register).await;
    assert!(browser.title().await.contains("Create an account"));
    browser.close().await;
}

#[tokio::test]
async fn the_workspace_has_its_names() {
    let browser = Browser::new(server().await, Screen::LAPTOP).await;
    register(&browser, "Ann").await;
    browser.send_message("Add a task to buy milk").await;
    browser.replies_ended(1).await;
    let names = [
        ("link", "Skip to message"),
        ("navigation", "Conversations"),
        ("button", "New conversation"),
        ("log", "Conversation"),
        ("textbox", "Message"),
        ("button", "Send"),
        ("complementary", "Tasks"),
        ("textbox", "Add a task"),
        ("list", "Task list"),
        ("checkbox", "Complete buy milk"),
        ("button", "Edit buy milk"),
        ("button", "Delete buy milk"),
        ("tab", "Today"),
        ("tab", "Upcoming"),
        ("tab", "All"),
        ("tab", "Done"),
        ("status", "Connection"),
        ("status", "Assistant status"),
        ("button", "Account"),
    ];
    all_promised(&browser, &names).await;
    assert_eq!(browser.all(&starting("main", "")).await.len(), 1);
    assert_eq!(browser.all(&starting("banner", "")).await.len(), 1);
    let log = named("log", "Conversation");
    assert_eq!(browser.attribute(&log, "aria-live").await.as_deref(), Some("off"));
    browser.find(&starting("article", "You")).await;
    let reply = starting("article", "Assistant");
    assert_eq!(browser.attribute(&reply, "aria-busy").await, None, "a reply that has ended is not busy");
    let open = starting("link", "Add a task to buy milk").within(named("navigation", "Conversations"));
    assert_eq!(browser.attribute(&open, "aria-current").await.as_deref(), Some("page"));
    browser.find(&starting("group", "Created").within(reply.clone())).await;
    for button in ["Copy", "Retry"] {
        browser.find(&named("button", button).within(reply.clone())).await;
    }
    browser.find(&named("button", "Edit").within(starting("article", "You"))).await;
    browser.close().await;
}

#[tokio::test]
async fn the_keyboard_reaches_search_help_and_the_composer() {
    let browser = Browser::new(server().await, Screen::LAPTOP).await;
    register(&browser, "Ann").await;
    browser.reads(&named("status", "Connection"), "Connected").await;
    browser.run("document.activeElement.blur()", Vec::new()).await;
    browser.press("?").await;
    let help = named("dialog", "Keyboard shortcuts");
    browser.find(&help).await;
    browser.press("\u{e00c}").await;
    browser.gone(&help).await;
    browser.press("\u{e009}k\u{e000}").await;
    let search = named("searchbox", "Search");
    browser.find(&search).await;
    browser.press("\u{e00c}").await;
    browser.gone(&search).await;
    browser.close().await;
}

#[tokio::test]
async fn a_phone_has_three_views_and_one_main() {
    let browser = Browser::new(server().await, Screen::PHONE).await;
    register(&browser, "Ann").await;
    let main = starting("main", "");
    let view = |name: &'static str| starting("button", name).within(named("navigation", "Views"));
    for name in ["Chat", "Tasks", "Threads"] {
        browser.click(&view(name)).await;
        assert_eq!(browser.all(&main).await.len(), 1, "{name}");
        let inside = match name {
            "Chat" => named("textbox", "Message"),
            "Tasks" => named("list", "Task list"),
            _ => named("button", "New conversation"),
        };
        browser.find(&inside.within(main.clone())).await;
    }
    browser.click(&view("Chat")).await;
    assert!(!browser.sees(&named("list", "Task list")).await, "what is hidden is not there for a screen reader either");
    browser.close().await;
}

#[tokio::test]
async fn settings_have_their_names() {
    let browser = Browser::new(server().await, Screen::LAPTOP).await;
    register(&browser, "Ann").await;
    browser.go("/settings").await;
    let names = [
        ("region", "Devices"),
        ("region", "Tokens"),
        ("group", "Theme"),
        ("radio", "System"),
        ("radio", "Light"),
        ("radio", "Dark"),
        ("textbox", "Name"),
        ("button", "Export"),
        ("button", "Delete account"),
    ];
    all_promised(&browser, &names).await;
    browser.close().await;
}
