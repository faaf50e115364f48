//! Fingers: nothing that is not shown takes a press.

use crate::support::{register, server};
use tandem_tests::{
    Browser,
    browser::{Screen, named, starting},
    eventually,
};

/// Everything that can be pressed, is not shown, and takes a press at its centre.
pub(crate) const UNSEEN: &str = "
    const seen = (element) => {
        for (let it = element; it; it = it.parentElement) if (Number(getComputedStyle(it).opacity) < .1) return false;
        return true;
    };
    const names = [];
    for (const it of document.querySelectorAll('button, a[href], input, select, textarea, [role=button]')) {
        const box = it.getBoundingClientRect();
        if (!it.checkVisibility({ visibilityProperty: true }) || !box.width || seen(it)) continue;
        const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
        if (hit && (it === hit || it.contains(hit))) names.push(it.ariaLabel || it.textContent);
    }
    return names;";

/// Everything that can be pressed and is smaller than a finger: less than 44 px wide or high. Links inside of text and what is
/// for screen readers alone are no targets.
pub(crate) const SMALL: &str = "
    const names = [];
    for (const it of document.querySelectorAll('button, a[href], input, select, textarea, summary, [role=option]')) {
        const target = it.matches('[type=checkbox], [type=radio]') && it.closest('label') || it;
        const box = target.getBoundingClientRect();
        if (!it.checkVisibility({ visibilityProperty: true }) || it.closest('.sr, [inert]') || box.bottom <= 0) continue;
        if (getComputedStyle(it).display === 'inline' && it.tagName === 'A') continue;
        if (box.width < 43.5 || box.height < 43.5) {
            names.push(`${it.ariaLabel || it.textContent.trim() || it.id} (${Math.round(box.width)} x ${Math.round(box.height)})`);
        }
    }
    return names;";

async fn phone() -> Browser {
    let phone = Browser::new(server().await, Screen::TOUCH_PHONE).await;
    register(&phone, "Ann").await;
    phone
}

async fn show(phone: &Browser, view: &str) {
    phone.click(&named("button", view).within(named("navigation", "Views"))).await;
}

/// A point in the first element that a selector finds, as parts of its width and height.
async fn point(phone: &Browser, selector: &str, across: f64, down: f64) -> (f64, f64) {
    let script = "const box = document.querySelector(arguments[0]).getBoundingClientRect();
        return [box.x + box.width * arguments[1], box.y + box.height * arguments[2]]";
    let place = phone.run(script, vec![selector.into(), across.into(), down.into()]).await;
    (place[0].as_f64().expect("a number"), place[1].as_f64().expect("a number"))
}

async fn shows(phone: &Browser, selector: &str) {
    let script = "return getComputedStyle(document.querySelector(arguments[0])).opacity === '1'";
    eventually(format_args!("{selector} to be shown"), async || {
        (phone.run(script, vec![selector.into()]).await == true).then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_first_tap_beside_a_task_shows_its_buttons_and_the_second_presses_one() {
    let phone = phone().await;
    show(&phone, "Tasks").await;
    for title in ["Buy bread", "Call Bob"] {
        phone.write(&named("textbox", "Add a task"), &format!("{title}\u{e007}")).await;
    }
    phone.lists_tasks(&["Buy bread", "Call Bob"]).await;
    assert_eq!(phone.run(UNSEEN, Vec::new()).await, serde_json::json!([]));
    let edge = point(&phone, ".task .task-acts button:last-child", 0.5, 0.5).await;
    phone.tap(edge).await;
    shows(&phone, ".task .task-acts").await;
    phone.lists_tasks(&["Buy bread", "Call Bob"]).await;
    phone.tap(edge).await;
    eventually("one task to be deleted", async || (phone.task_titles().await.len() == 1).then_some(())).await;
    phone.close().await;
}

#[tokio::test]
async fn a_tap_right_of_a_short_title_leads_to_the_task() {
    let phone = phone().await;
    show(&phone, "Tasks").await;
    phone.write(&named("textbox", "Add a task"), "Call Bob\u{e007}").await;
    phone.find(&named("link", "Call Bob").within(named("list", "Task list"))).await;
    phone.tap(point(&phone, ".task-n", 0.5, 0.5).await).await;
    eventually("the details", async || (phone.path().await == "/t/1").then_some(())).await;
    phone.close().await;
}

#[tokio::test]
async fn a_tap_on_the_time_of_a_thread_opens_it() {
    let phone = phone().await;
    phone.send_message("Hello there").await;
    phone.replies_ended(1).await;
    let path = phone.path().await;
    phone.go("/").await;
    phone.find(&named("textbox", "Message")).await;
    show(&phone, "Threads").await;
    phone.find(&starting("link", "Hello there")).await;
    assert_eq!(phone.run(UNSEEN, Vec::new()).await, serde_json::json!([]));
    phone.tap(point(&phone, ".thread time", 0.9, 0.5).await).await;
    eventually("the thread to be open", async || (phone.path().await == path).then_some(())).await;
    assert!(!phone.sees(&starting("dialog", "")).await);
    phone.close().await;
}

#[tokio::test]
async fn a_tap_below_an_own_message_does_not_edit_it() {
    let phone = phone().await;
    phone.send_message("Hello there").await;
    phone.replies_ended(1).await;
    assert_eq!(phone.run(UNSEEN, Vec::new()).await, serde_json::json!([]));
    let edit = point(&phone, ".msg-you .hush button:last-child", 0.5, 0.5).await;
    phone.tap(edit).await;
    assert!(!phone.sees(&named("textbox", "Edit message")).await);
    phone.tap(point(&phone, ".msg-you .bubble", 0.5, 0.5).await).await;
    shows(&phone, ".msg-you .hush").await;
    phone.tap(edit).await;
    phone.find(&named("textbox", "Edit message")).await;
    phone.close().await;
}
