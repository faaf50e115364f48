//! The main path in another browser.

use crate::support::server;
use tandem_tests::{
    browser::{Firefox, named, starting},
    fresh,
    user::PASSWORD,
};

const ENTER: &str = "\u{e007}";

#[tokio::test]
async fn an_account_a_conversation_and_a_task_in_firefox() {
    let firefox = Firefox::new(server().await).await;
    firefox.go("/register").await;
    firefox.write(&named("textbox", "Name"), "Ann").await;
    firefox.write(&named("textbox", "Email"), &fresh::email()).await;
    firefox.write(&named("password", "Password"), &format!("{PASSWORD}{ENTER}")).await;
    let message = named("textbox", "Message");
    firefox.write(&message, &format!("Add a task to buy milk tomorrow{ENTER}")).await;
    firefox.reads(&starting("group", "Created"), "buy milk").await;
    firefox.click(&named("tab", "All")).await;
    let list = named("list", "Task list");
    firefox.reads(&list, "buy milk").await;
    firefox.write(&named("textbox", "Add a task"), &format!("Call Bob friday 5pm{ENTER}")).await;
    firefox.reads(&list, "Call Bob").await;
    let milk = named("checkbox", "Complete buy milk");
    firefox.click(&milk).await;
    firefox.gone(&milk).await;
    firefox.click(&named("button", "Delete Call Bob")).await;
    firefox.gone(&named("checkbox", "Complete Call Bob")).await;
    firefox.reload().await;
    firefox.reads(&named("log", "Conversation"), "buy milk").await;
    firefox.reads(&named("status", "Connection"), "Connected").await;
}
