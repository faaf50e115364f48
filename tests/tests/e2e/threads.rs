//! The menu of a conversation, in its row and in the header, and who answers in it.

use crate::support::{open_thread, scripted, server, sign_in, two_browsers};
use tandem_protocol::model::Conversation;
use tandem_tests::{
    Browser, Reply, TestUser,
    browser::{Named, Screen, named, starting},
    eventually,
};

fn threads() -> Named {
    named("navigation", "Conversations")
}

fn thread(title: &str) -> Named {
    starting("link", title).within(threads())
}

/// The groups of the list with the titles in them.
async fn groups(browser: &Browser) -> String {
    let script = "
        return [...document.querySelectorAll('.nav-list > section, .nav-list > details')].map((it) =>
            it.querySelector('.group-h').innerText + ': ' +
            [...it.querySelectorAll('.thread-t')].map((title) => title.textContent).join(', ')).join('; ')";
    browser.run(script, Vec::new()).await.as_str().unwrap_or_default().to_owned()
}

async fn shows(browser: &Browser, text: &str) {
    eventually(format_args!("the list to be {text:?}"), async || (groups(browser).await == text).then_some(())).await;
}

async fn choose(browser: &Browser, title: &str, action: &str) {
    let menu = format!("Menu of {title}");
    browser.click(&named("button", menu.clone()).within(threads())).await;
    browser.click(&starting("button", action).within(named("list", menu))).await;
}

async fn with_two_threads(screens: [Screen; 2]) -> (Browser, Browser, TestUser) {
    let (one, two, user) = two_browsers(server().await, screens).await;
    for title in ["Garden", "Holidays"] {
        user.start_conversation(title).await;
    }
    one.find(&thread("Holidays")).await;
    (one, two, user)
}

#[tokio::test]
async fn a_thread_is_pinned_archived_and_renamed_on_every_device() {
    let (laptop, phone, user) = with_two_threads([Screen::LAPTOP, Screen::TOUCH_PHONE]).await;
    phone.click(&starting("button", "Threads").within(named("navigation", "Views"))).await;
    shows(&phone, "Today: Holidays, Garden").await;
    choose(&laptop, "Garden", "Pin").await;
    for browser in [&laptop, &phone] {
        shows(browser, "Pinned: Garden; Today: Holidays").await;
    }
    choose(&phone, "Holidays", "Archive").await;
    for browser in [&laptop, &phone] {
        shows(browser, "Pinned: Garden; Archived (1): Holidays").await;
    }
    choose(&phone, "Garden", "Rename").await;
    phone.overwrite(&named("textbox", "Title of Garden"), "Roses").await;
    phone.press("\u{e007}").await;
    shows(&laptop, "Pinned: Roses; Archived (1): Holidays").await;
    let kept: Vec<Conversation> = user.all_pages("/conversations", "").await;
    assert!(kept.iter().any(|known| known.pinned && known.title.as_deref() == Some("Roses")));
    tokio::join!(laptop.close(), phone.close());
}

#[tokio::test]
async fn a_deleted_thread_is_named_and_comes_back_by_undo() {
    let (laptop, other, user) = with_two_threads([Screen::LAPTOP; 2]).await;
    laptop.click(&thread("Garden")).await;
    laptop.click(&named("button", "Conversation menu")).await;
    laptop.click(&named("button", "Delete").within(named("list", "Conversation menu"))).await;
    shows(&laptop, "Today: Holidays").await;
    let toast = "return [...document.querySelectorAll('.toast')].map((it) => it.innerText).join(' ')";
    let said = laptop.run(toast, Vec::new()).await.to_string();
    assert!(said.contains("Garden"), "the notice names what is deleted: {said}");
    // Nothing is deleted while it can be taken back.
    shows(&other, "Today: Holidays, Garden").await;
    laptop.click(&named("button", "Undo")).await;
    shows(&laptop, "Today: Holidays, Garden").await;

    choose(&laptop, "Garden", "Delete").await;
    shows(&laptop, "Today: Holidays").await;
    // The page is left: the deletion goes on when it is opened again.
    laptop.reload().await;
    shows(&other, "Today: Holidays").await;
    assert_eq!(user.all_pages::<Conversation>("/conversations", "").await.len(), 1);
    tokio::join!(laptop.close(), other.close());
}

#[tokio::test]
async fn the_provider_is_chosen_for_a_thread_and_kept() {
    let (server, provider) = scripted().await;
    provider.answer("milk", [Reply::text("From afar.")]);
    let user = TestUser::register(&server).await;
    let laptop = Browser::new(&server, Screen::LAPTOP).await;
    sign_in(&laptop, user.email()).await;
    // Before the first reply it is known who answers.
    laptop.click(&named("button", "Who answers: OpenAI")).await;
    laptop.click(&starting("button", "Built-in assistant").within(named("list", "Who answers: OpenAI"))).await;
    laptop.find(&named("button", "Who answers: Built-in assistant")).await;
    laptop.send_message("Add a task to buy milk").await;
    laptop.replies_ended(1).await;
    assert_eq!(user.tasks("").await.len(), 1, "the built-in assistant has answered");
    assert!(provider.requests("milk").is_empty(), "nothing has left the server");
    laptop.reload().await;
    laptop.find(&named("button", "Who answers: Built-in assistant")).await;

    // The same again, by the other one, which then answers here.
    laptop.click(&starting("button", "Retry with another")).await;
    laptop.click(&starting("button", "Retry with OpenAI")).await;
    laptop.find(&named("button", "Who answers: OpenAI")).await;
    laptop.reads(&starting("article", "Assistant"), "From afar.").await;
    assert_eq!(provider.requests("milk").len(), 1);
    laptop.close().await;
}

#[tokio::test]
async fn a_chosen_version_is_shown_after_a_reload_too() {
    let browser = Browser::new(server().await, Screen::LAPTOP).await;
    let user = TestUser::register(server().await).await;
    sign_in(&browser, user.email()).await;
    browser.send_message("Hello there").await;
    browser.replies_ended(1).await;
    browser.click(&named("button", "Retry").within(starting("article", "Assistant"))).await;
    let shown = "return [...document.querySelectorAll('.siblings > span')].map((it) => it.innerText).join(' ')";
    let is = async |text: &str| {
        eventually(format_args!("version {text}"), async || {
            (browser.run(shown, Vec::new()).await == text).then_some(())
        })
        .await;
    };
    is("2/2").await;
    browser.replies_ended(1).await;
    browser.click(&named("button", "Previous version")).await;
    is("1/2").await;
    browser.reload().await;
    open_thread(&browser, "Hello there").await;
    is("1/2").await;
    browser.close().await;
}
