//! Every field in which somebody writes, in everything that may happen meanwhile: the text is in the field afterwards, or
//! in the one to which it was moved, and never lost.

use crate::support::{behind_proxy, open_thread, sign_in};
use serde_json::json;
use tandem_protocol::ConversationId;
use tandem_tests::{
    Browser, ChaosProxy, TestUser,
    browser::{Screen, named, starting},
    eventually,
    user::PASSWORD,
};

/// A field of the workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    NewMessage,
    Message,
    MessageEdit,
    Title,
    TitleInList,
    QuickAdd,
    TaskTitle,
    TaskNotes,
    Subtask,
    SubtaskOfDetails,
}

impl Field {
    const ALL: [Self; 10] = [
        Self::NewMessage,
        Self::Message,
        Self::MessageEdit,
        Self::Title,
        Self::TitleInList,
        Self::QuickAdd,
        Self::TaskTitle,
        Self::TaskNotes,
        Self::Subtask,
        Self::SubtaskOfDetails,
    ];

    /// Writes a text into the field, and does not send it.
    async fn write(self, browser: &Browser, text: &str) {
        if self == Self::NewMessage {
            browser.go("/").await;
            browser.find(&named("textbox", "Message")).await;
        }
        match self {
            Self::NewMessage | Self::Message => browser.write(&named("textbox", "Message"), text).await,
            Self::MessageEdit => {
                browser.click(&named("button", "Edit").within(starting("article", "You"))).await;
                browser.overwrite(&named("textbox", "Edit message"), text).await;
            }
            Self::Title => {
                browser.click(&named("button", "Rename conversation")).await;
                browser.overwrite(&named("textbox", "Title of the conversation"), text).await;
            }
            Self::TitleInList => {
                let list = named("navigation", "Conversations");
                browser.click(&starting("button", "Menu of Talk").within(list.clone())).await;
                browser.click(&named("button", "Rename").within(list)).await;
                browser.overwrite(&starting("textbox", "Title of Talk"), text).await;
            }
            Self::QuickAdd => browser.write(&named("textbox", "Add a task"), text).await,
            Self::TaskTitle => {
                browser.click(&named("button", "Edit Pay rent")).await;
                browser.overwrite(&named("textbox", "Title").within(named("form", "Details of Pay rent")), text).await;
            }
            Self::Subtask => {
                browser.click(&named("button", "Add subtask to Pay rent")).await;
                browser.write(&named("textbox", "Subtask of Pay rent"), text).await;
            }
            Self::SubtaskOfDetails => {
                browser.click(&named("link", "Pay rent").within(named("list", "Task list"))).await;
                browser.write(&named("textbox", "Add a subtask"), text).await;
            }
            Self::TaskNotes => {
                browser.click(&named("button", "Edit Pay rent")).await;
                browser.write(&named("textbox", "Notes").within(named("form", "Details of Pay rent")), text).await;
            }
        }
    }
}

/// Something that happens while somebody writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    OtherDevice,
    Deletion,
    OtherTab,
    Network,
    Expiry,
    Reload,
}

impl Event {
    async fn happen(self, browser: &Browser, user: &TestUser, talk: &Talk, proxy: &ChaosProxy) {
        match self {
            Self::OtherDevice => {
                let title = json!({ "title": "Talk, renamed elsewhere" });
                user.patch(&format!("/conversations/{}", talk.conversation)).json(title).await.expect(200);
                user.patch(&format!("/tasks/{}", talk.task)).json(json!({ "priority": "high" })).await.expect(200);
                user.send_message(talk.conversation, "Hello from elsewhere").await;
            }
            Self::Deletion => {
                user.delete(&format!("/conversations/{}", talk.conversation)).await.expect(200);
                user.delete(&format!("/tasks/{}", talk.task)).await.expect(200);
            }
            Self::OtherTab => {
                let path = browser.path().await;
                browser.open_tab(&path).await;
                browser.find(&named("textbox", "Message")).await;
                browser.reads(&named("status", "Connection"), "Connected").await;
                browser.first_tab().await;
            }
            Self::Network => {
                proxy.go_down();
                browser.reads(&named("status", "Connection"), "Reconnecting").await;
                proxy.recover();
                browser.reads(&named("status", "Connection"), "Connected").await;
            }
            Self::Expiry => {
                user.post("/sessions/revoke-others").await;
                let dialog = named("dialog", "Sign in again");
                browser.find(&dialog).await;
                let focused = browser.run("return document.activeElement.type", Vec::new()).await;
                assert_eq!(focused, "password", "the address is filled in, so the password is next");
                browser.write(&named("password", "Password").within(dialog.clone()), PASSWORD).await;
                browser.click(&named("button", "Sign in").within(dialog.clone())).await;
                browser.gone(&dialog).await;
            }
            Self::Reload => browser.reload().await,
        }
    }
}

/// What the fields are about.
struct Talk {
    conversation: ConversationId,
    task: i64,
}

/// Whether a text is in a field of the page, or on the page.
const SHOWN: &str = "
    const fields = [...document.querySelectorAll('input, textarea')];
    return fields.some((it) => it.value.includes(arguments[0])) || document.body.innerText.includes(arguments[0]);";

/// Whether a text is stored for a field.
const STORED: &str = "return JSON.stringify({ ...localStorage }).includes(arguments[0]);";

async fn every_field_in(event: Event) {
    let (server, proxy) = behind_proxy().await;
    let browser = Browser::through(&proxy, Screen::LAPTOP).await;
    for field in Field::ALL {
        // A title of what is gone is of no use to anybody.
        if event == Event::Deletion && matches!(field, Field::Title | Field::TitleInList) {
            continue;
        }
        let user = TestUser::register(&server).await;
        let conversation = user.start_conversation("Talk").await.id;
        user.send_message(conversation, "Hello there").await;
        user.settled(std::time::Duration::from_secs(20)).await;
        let talk = Talk { conversation, task: user.add_task("Pay rent").await.number };
        sign_in(&browser, user.email()).await;
        open_thread(&browser, "Talk").await;
        browser.click(&named("tab", "All")).await;
        browser.lists_tasks(&["Pay rent"]).await;
        let text = format!("words for {field:?}");
        field.write(&browser, &text).await;
        event.happen(&browser, &user, &talk, &proxy).await;
        // Longer than a draft waits to be stored, and than an event takes to arrive.
        let is = async |script: &str| (browser.run(script, vec![json!(text)]).await == true).then_some(());
        eventually(format_args!("{text:?} to be shown in {event:?}"), async || is(SHOWN).await).await;
        // A title that was saved comes from the server.
        if !matches!(field, Field::Title | Field::TitleInList) {
            eventually(format_args!("{text:?} to be stored in {event:?}"), async || is(STORED).await).await;
        }
        browser.reload().await;
        browser.find(&named("textbox", "Message")).await;
        eventually(format_args!("{text:?} to be there after {event:?} and a reload"), async || is(SHOWN).await).await;
        browser.click(&named("button", "Account")).await;
        browser.click(&named("button", "Sign out")).await;
        browser.find(&named("button", "Sign in")).await;
    }
    browser.close().await;
}

#[tokio::test]
async fn no_field_loses_its_text_to_another_device() {
    every_field_in(Event::OtherDevice).await;
}

#[tokio::test]
async fn no_field_loses_its_text_to_a_deletion() {
    every_field_in(Event::Deletion).await;
}

#[tokio::test]
async fn no_field_loses_its_text_to_another_tab() {
    every_field_in(Event::OtherTab).await;
}

#[tokio::test]
async fn no_field_loses_its_text_to_the_network() {
    every_field_in(Event::Network).await;
}

#[tokio::test]
async fn no_field_loses_its_text_to_the_end_of_the_session() {
    every_field_in(Event::Expiry).await;
}

#[tokio::test]
async fn no_field_loses_its_text_to_a_reload() {
    every_field_in(Event::Reload).await;
}
