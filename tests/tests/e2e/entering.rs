//! Signing in and registering: what is missing is marked before the server is asked.

use crate::support::{register, server};
use tandem_tests::{
    Browser,
    browser::{Screen, named, starting},
    eventually,
};

/// The labels of the fields that are marked as wrong.
async fn marked(browser: &Browser) -> String {
    let script =
        "return [...document.querySelectorAll('[aria-invalid=true]')].map((it) => it.labels[0].innerText).join(', ')";
    browser.run(script, Vec::new()).await.as_str().unwrap_or_default().to_owned()
}

async fn is_focused(browser: &Browser, id: &str) {
    eventually(format_args!("the focus on {id}"), async || {
        (browser.run("return document.activeElement.id", Vec::new()).await == id).then_some(())
    })
    .await;
}

#[tokio::test]
async fn empty_fields_are_marked_and_named_before_the_request() {
    let browser = Browser::new(server().await, Screen::LAPTOP).await;
    browser.go("/register").await;
    browser.click(&named("button", "Create account")).await;
    browser.find(&named("alert", "")).await;
    assert_eq!(marked(&browser).await, "Email, Password");
    is_focused(&browser, "register-email").await;
    browser.write(&named("textbox", "Email"), "someone").await;
    browser.write(&named("password", "Password"), "short").await;
    browser.click(&named("button", "Create account")).await;
    eventually("what is wrong", async || (marked(&browser).await == "Email, Password").then_some(())).await;
    is_focused(&browser, "register-email").await;
    browser.write(&named("textbox", "Email"), "@example.org").await;
    browser.click(&named("button", "Create account")).await;
    eventually("one to be right", async || (marked(&browser).await == "Password").then_some(())).await;
    is_focused(&browser, "register-password").await;
    browser.go("/sign-in").await;
    browser.click(&named("button", "Sign in")).await;
    assert_eq!(marked(&browser).await, "Email, Password");
    is_focused(&browser, "sign-in-email").await;
    browser.write(&named("textbox", "Email"), "nobody@example.org").await;
    browser.write(&named("password", "Password"), "wrong password").await;
    browser.click(&named("button", "Sign in")).await;
    browser.reads(&named("alert", ""), "do not match").await;
    is_focused(&browser, "sign-in-email").await;
    browser.close().await;
}

#[tokio::test]
async fn a_foreign_or_unknown_conversation_is_not_called_deleted() {
    let browser = Browser::new(server().await, Screen::LAPTOP).await;
    register(&browser, "Ann").await;
    browser.go("/c/01939c2e-7b1a-7c3e-9f00-2b6d1c0a4e55").await;
    browser.reads(&named("log", "Conversation"), "not yours, or it does not exist").await;
    browser.close().await;
}

#[tokio::test]
async fn dates_and_times_follow_the_choice_of_the_person() {
    let browser = Browser::new(server().await, Screen::LAPTOP).await;
    register(&browser, "Ann").await;
    let time = "return [...document.querySelectorAll('article time')].map((it) => it.innerText)[0] || ''";
    let shown = async |value: &str| {
        browser.go("/settings").await;
        browser.find(&named("button", "Export")).await;
        let choose = format!(
            "const select = document.getElementById('choice-Clock'); select.value = '{value}';
             select.dispatchEvent(new Event('change', {{ bubbles: true }}));"
        );
        browser.run(&choose, Vec::new()).await;
        browser.go("/").await;
        browser.send_message("Hello").await;
        browser.replies_ended(1).await;
        browser.run(time, Vec::new()).await.as_str().unwrap_or_default().to_owned()
    };
    let (twelve, twenty_four) = (shown("12").await, shown("24").await);
    assert!(twelve.ends_with("AM") || twelve.ends_with("PM"), "{twelve}");
    assert!(twenty_four.len() == 5, "{twenty_four}");
    browser.close().await;
}

#[tokio::test]
async fn prompts_and_help_work_on_a_new_account() {
    let browser = Browser::new(server().await, Screen::LAPTOP).await;
    register(&browser, "Ann").await;
    let understood = async |from: &str| {
        browser.replies_ended(1).await;
        let reply = browser.last_reply().await;
        assert!(!reply.contains("did not understand") && !reply.contains("I found no task"), "{from}: {reply}");
        reply
    };
    for number in 0..4 {
        browser.go("/").await;
        browser.find(&starting("button", "Plan my day")).await;
        let press = format!(
            "const button = document.querySelectorAll('.prompt')[{number}]; button.click(); return button.innerText"
        );
        let prompt = browser.run(&press, Vec::new()).await;
        understood(prompt.as_str().unwrap_or_default()).await;
    }
    browser.go("/").await;
    browser.write(&named("textbox", "Message"), "/help").await;
    // Each Enter is for what is seen: the first takes the suggestion, the second sends it.
    let offered = async |count: u64| {
        let offer = "return document.querySelectorAll('#offer').length";
        eventually("the suggestions", async || (browser.run(offer, vec![]).await == count).then_some(())).await;
    };
    offered(1).await;
    browser.press("\u{e007}").await;
    offered(0).await;
    browser.press("\u{e007}").await;
    let help = understood("/help").await;
    assert!(help.contains("Try, for example"), "{help}");
    let examples = "return [...document.querySelectorAll('article li')].map((it) => it.innerText)";
    let examples = browser.run(examples, Vec::new()).await;
    let examples: Vec<&str> =
        examples.as_array().expect("a list").iter().filter_map(serde_json::Value::as_str).collect();
    assert!(examples.len() > 3, "{examples:?}");
    browser.close().await;
}

#[tokio::test]
async fn a_text_that_is_too_long_is_sent_as_several_messages() {
    let browser = Browser::new(server().await, Screen::LAPTOP).await;
    register(&browser, "Ann").await;
    let paste = "
        const field = document.getElementById('message');
        field.value = 'All of these words. '.repeat(2000);
        field.dispatchEvent(new InputEvent('input', { bubbles: true }));";
    browser.run(paste, Vec::new()).await;
    browser.click(&named("button", "Send as 2 messages")).await;
    browser.replies_ended(2).await;
    assert_eq!(browser.all(&starting("article", "You")).await.len(), 2);
    assert_eq!(browser.value(&named("textbox", "Message")).await, "");
    browser.close().await;
}

#[tokio::test]
async fn home_and_end_lead_to_the_first_and_last_tab() {
    let browser = Browser::new(server().await, Screen::LAPTOP).await;
    register(&browser, "Ann").await;
    browser.click(&named("tab", "All")).await;
    for (key, tab) in [("\u{e010}", "Done"), ("\u{e011}", "Today")] {
        browser.press(key).await;
        eventually(format_args!("the tab {tab}"), async || {
            (browser.attribute(&named("tab", tab), "aria-selected").await.as_deref() == Some("true")).then_some(())
        })
        .await;
    }
    browser.close().await;
}
