//! Sign-in, persistence and the end of a session.

use crate::support::{open_thread, register, server};
use tandem_tests::{
    Browser,
    browser::{Screen, named, starting},
    eventually,
    user::{PASSWORD, Visitor},
};

#[tokio::test]
async fn a_person_stays_signed_in_over_a_reload_and_a_restart_of_the_browser() {
    let browser = Browser::new(server().await, Screen::LAPTOP).await;
    register(&browser, "Ann").await;
    browser.send_message("Add a task to stay").await;
    browser.lists_tasks(&["stay"]).await;
    let path = browser.path().await;

    browser.reload().await;
    browser.lists_tasks(&["stay"]).await;
    assert_eq!(browser.path().await, path);

    let browser = browser.restart().await;
    browser.go(&path).await;
    browser.find(&named("textbox", "Message")).await;
    browser.lists_tasks(&["stay"]).await;
    browser.replies_ended(1).await;
    browser.close().await;
}

#[tokio::test]
async fn a_wrong_password_is_shown_in_the_form() {
    let browser = Browser::new(server().await, Screen::LAPTOP).await;
    browser.go("/").await;
    browser.find(&named("heading", "Sign in")).await;
    browser.write(&named("textbox", "Email"), "nobody@example.test").await;
    browser.write(&named("password", "Password"), "not the password").await;
    browser.click(&named("button", "Sign in")).await;
    browser.find(&starting("alert", "")).await;
    let password = named("password", "Password");
    assert_eq!(browser.attribute(&password, "aria-invalid").await.as_deref(), Some("true"));
    assert_eq!(browser.value(&named("textbox", "Email")).await, "nobody@example.test", "what was typed stays");
    browser.click(&named("link", "Create an account")).await;
    browser.find(&named("button", "Create account")).await;
    browser.close().await;
}

#[tokio::test]
async fn a_new_visitor_sends_no_session_request() {
    let browser = Browser::new(server().await, Screen::LAPTOP).await;
    browser.go("/").await;
    browser.find(&named("button", "Sign in")).await;
    let script = "return performance.getEntriesByType('resource').map((it) => it.name)";
    let loaded = browser.run(script, Vec::new()).await.to_string();
    assert!(loaded.contains(".wasm") && !loaded.contains("/auth/"), "an error in the browser's console: {loaded}");
    browser.close().await;
}

#[tokio::test]
async fn signing_out_ends_it_here_and_nothing_is_left_to_see() {
    let browser = Browser::new(server().await, Screen::LAPTOP).await;
    register(&browser, "Ann").await;
    browser.send_message("A secret of mine").await;
    browser.replies_ended(1).await;
    browser.click(&named("button", "Account")).await;
    browser.click(&named("button", "Sign out")).await;
    browser.find(&named("button", "Sign in")).await;
    browser.reload().await;
    browser.find(&named("button", "Sign in")).await;
    let stored = browser.run("return JSON.stringify([{...localStorage}, {...sessionStorage}])", Vec::new()).await;
    assert!(!stored.to_string().contains("secret of mine"), "{stored}");
    browser.close().await;
}

#[tokio::test]
async fn signing_out_in_one_tab_clears_the_others() {
    let browser = Browser::new(server().await, Screen::LAPTOP).await;
    register(&browser, "Ann").await;
    browser.send_message("A secret of mine").await;
    browser.replies_ended(1).await;
    let path = browser.path().await;
    browser.open_tab(&path).await;
    browser.reads(&starting("article", "You"), "A secret of mine").await;
    browser.write(&named("textbox", "Message"), "another secret").await;
    browser.first_tab().await;
    browser.click(&named("button", "Account")).await;
    browser.click(&named("button", "Sign out")).await;
    browser.find(&named("button", "Sign in")).await;
    browser.last_tab().await;
    browser.find(&named("button", "Sign in")).await;
    let left = browser.run("return document.body.innerText + JSON.stringify({...localStorage})", Vec::new()).await;
    assert!(!left.to_string().contains("secret"), "{left}");
    browser.close().await;
}

#[tokio::test]
async fn a_session_that_ends_while_typing_shows_the_log_in_form_and_keeps_the_draft() {
    let browser = Browser::new(server().await, Screen::LAPTOP).await;
    let email = register(&browser, "Ann").await;
    browser.send_message("Hello there").await;
    browser.replies_ended(1).await;
    let message = named("textbox", "Message");
    browser.write(&message, "half a sent").await;

    let script = Visitor::of(server().await).sign_in(&email, "script").await;
    script.post("/sessions/revoke-others").await;
    let dialog = named("dialog", "Sign in again");
    browser.find(&dialog).await;
    let address = named("textbox", "Email").within(dialog.clone());
    assert_eq!(browser.value(&address).await, email, "the address is filled in");
    browser.write(&named("password", "Password").within(dialog.clone()), PASSWORD).await;
    browser.click(&named("button", "Sign in").within(dialog.clone())).await;
    browser.gone(&dialog).await;
    assert_eq!(browser.value(&message).await, "half a sent");
    browser.write(&message, "ence").await;
    eventually("the rest of the sentence", async || (browser.value(&message).await == "half a sentence").then_some(()))
        .await;
    browser.click(&named("button", "Send")).await;
    browser.replies_ended(2).await;
    browser.reads(&starting("article", "You"), "half a sentence").await;
    browser.close().await;
}

#[tokio::test]
async fn drafts_are_kept_per_thread_and_over_a_reload() {
    let browser = Browser::new(server().await, Screen::LAPTOP).await;
    register(&browser, "Ann").await;
    let message = named("textbox", "Message");
    browser.send_message("First thread").await;
    browser.replies_ended(1).await;
    browser.write(&message, "for the first").await;
    browser.click(&named("button", "New conversation")).await;
    eventually("an empty composer", async || browser.value(&message).await.is_empty().then_some(())).await;
    browser.write(&message, "for a new one").await;
    open_thread(&browser, "First thread").await;
    assert_eq!(browser.value(&message).await, "for the first");
    // Drafts are saved within 300 ms; wait for the saved text.
    eventually("the draft to be kept", async || {
        let kept = browser.run("return JSON.stringify({...localStorage})", Vec::new()).await.to_string();
        (kept.contains("for the first") && kept.contains("for a new one")).then_some(())
    })
    .await;
    browser.reload().await;
    browser.find(&message).await;
    assert_eq!(browser.value(&message).await, "for the first");
    browser.close().await;
}
