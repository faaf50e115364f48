//! Editing a message adds a version beside the first one.

use crate::support::{register, server};
use tandem_tests::{
    Browser,
    browser::{Screen, named, starting},
    eventually,
};

#[tokio::test]
async fn the_first_message_of_a_conversation_is_edited_and_sent_again() {
    let browser = Browser::new(server().await, Screen::LAPTOP).await;
    register(&browser, "Ann").await;
    browser.send_message("Add a task alpha").await;
    browser.replies_ended(1).await;
    let question = starting("article", "You");
    browser.click(&named("button", "Edit").within(question.clone())).await;
    browser.overwrite(&named("textbox", "Edit message"), "Add a task beta").await;
    browser.click(&named("button", "Send").within(question.clone())).await;

    browser.reads(&question, "Add a task beta").await;
    browser.lists_tasks(&["alpha", "beta"]).await;
    browser.replies_ended(1).await;
    // A version takes the place of the first one, with its own answer, rather than following it.
    eventually("one question and one answer", async || {
        let said = browser.texts(&starting("article", "")).await;
        (said.len() == 2 && said[1].contains("beta")).then_some(())
    })
    .await;
    browser.reload().await;
    browser.reads(&question, "Add a task beta").await;
    assert_eq!(browser.texts(&question).await.len(), 1, "the versions are separate after a reload, too");
    browser.close().await;
}
